//! The relay without its sockets: datagrams, commands and time in; datagrams and events out. The worker drives it; so
//! does a test with a simulated network.

mod bulkhead;
mod catch_up;
mod codec;
mod counters;
mod downlink;
mod fanout;
mod feedback;
mod ingress;
mod membership;
mod peer;
mod publication;
mod publishing;
mod replies;
mod sampling;
mod tables;
mod timers;

pub use counters::{Counters, Undelivered};
pub use tables::Tables;

use crate::allocation::lowest::Lowest;
use crate::dtls::Identity;
use crate::forward::outbox::Run;
use crate::ice::{Candidate, TransportAddress};
use crate::limits::ROOM_STEP;
use crate::rtp::Header;
use crate::{Command, Event, JoinError, PeerId, RoomId};
use peer::Peer;
use rand::SeedableRng;
use rand::rngs::StdRng;
use replies::Replies;
use rustc_hash::FxHashMap;
use std::collections::VecDeque;
use std::time::{Duration, Instant};
use timers::Timers;

/// How often a peer is looked at that takes part: lost packets, key frames, feedback, shares of its line.
const TICK: Duration = Duration::from_millis(20);
/// The same while a receiver's line is probed, or pictures wait for it: both are to be an even stream. Looks are multiples of
/// it apart, so that those of many peers fall together and wake the worker once.
const QUICK_TICK: Duration = Duration::from_millis(5);
/// A peer takes part as long as media came from it or went to it in this time; afterwards it is looked at when something
/// of its own is due. Longer than a layer counts as active after its last packet.
const RESTLESS: Duration = Duration::from_secs(2);
/// Sampling period.
const SECOND: Duration = Duration::from_secs(1);

/// What a relay is made with.
pub struct RelayConfig {
    /// Its DTLS certificate.
    pub identity: Identity,
    /// Where peers reach it, best first.
    pub candidates: Vec<Candidate>,
    /// Which worker it is on, from 0; its ufrags tell (see [`crate::ice::worker_of`]).
    pub number: u8,
    /// Whether pictures may be H.264 while everybody in a room decodes it.
    pub h264: bool,
    /// Seeds sequence numbers and SSRCs, which need not be secret (keys and ICE passwords come from the system).
    pub seed: u64,
}

/// All rooms of one worker.
pub struct Relay {
    config: RelayConfig,
    random: StdRng,
    peers: Vec<Option<Box<Peer>>>,
    by_id: FxHashMap<PeerId, PeerIndex>,
    by_ufrag: FxHashMap<String, PeerIndex>,
    by_address: FxHashMap<TransportAddress, PeerIndex>,
    rooms: FxHashMap<RoomId, Room>,
    refuses_rooms: bool,
    events: VecDeque<Event>,
    /// Peers whose outbox is not empty, each once.
    sending: Vec<PeerIndex>,
    /// Answers to STUN checks, and last words.
    replies: Replies,
    /// Scratch for RTCP being written, and for the packets it asks for.
    rtcp: Vec<u8>,
    lost: Vec<u16>,
    timers: Timers,
    /// From where the beat of [`QUICK_TICK`] is counted.
    first_beat: Option<Instant>,
    next_sample: Option<Instant>,
    next_room_step: Option<Instant>,
    counters: Counters,
}

/// A place in `Relay::peers`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct PeerIndex(usize);

/// The peers of one room.
#[derive(Debug, Default)]
struct Room {
    members: Vec<PeerIndex>,
    programme: Option<PeerId>,
    lowest: Lowest,
    codec: codec::Choice,
}

impl Relay {
    /// An empty relay.
    #[must_use]
    pub fn new(config: RelayConfig) -> Self {
        Self {
            random: StdRng::seed_from_u64(config.seed),
            config,
            peers: Vec::new(),
            by_id: FxHashMap::default(),
            by_ufrag: FxHashMap::default(),
            by_address: FxHashMap::default(),
            rooms: FxHashMap::default(),
            refuses_rooms: false,
            events: VecDeque::new(),
            sending: Vec::new(),
            replies: Replies::default(),
            rtcp: Vec::new(),
            lost: Vec::new(),
            timers: Timers::default(),
            first_beat: None,
            next_sample: None,
            next_room_step: None,
            counters: Counters::default(),
        }
    }

    /// Carries out an order of the control plane. Every offer is answered, also one that makes its room fail.
    pub fn handle_command(&mut self, now: Instant, command: Command) {
        let Some(room) = self.room_of(&command) else {
            return reject(command);
        };
        match command {
            Command::Join {
                room,
                peer,
                offer,
                audience,
                reception,
                reply,
            } => {
                let answer = self.within(room, |relay| relay.join(now, room, peer, &offer, audience, reception));
                self.within(room, |_| reply(answer.unwrap_or(Err(JoinError::RoomFailed))));
            }
            Command::Renegotiate { peer, offer, reply } => {
                let answer = self.within(room, |relay| relay.renegotiate(now, peer, &offer));
                self.within(room, |_| reply(answer.unwrap_or(Err(JoinError::RoomFailed))));
            }
            Command::SetAudience { peer, audience } => {
                self.within(room, |relay| relay.set_audience(now, peer, audience));
            }
            Command::SelectLayer {
                receiver,
                source,
                layer,
                priority,
            } => {
                self.within(room, |relay| {
                    relay.select_layer(now, receiver, source, (layer, priority));
                });
            }
            Command::SetProgramme { source, .. } => {
                self.within(room, |relay| relay.set_programme(now, room, source));
            }
            Command::Leave { peer } => {
                self.within(room, |relay| relay.leave(now, peer));
            }
            Command::CloseRoom { .. } => {
                self.within(room, |relay| relay.close_room(now, room));
            }
        }
    }

    /// The room an order is about; `None`: its peer is not here.
    fn room_of(&self, command: &Command) -> Option<RoomId> {
        let peer = match command {
            Command::Join { room, .. } | Command::SetProgramme { room, .. } | Command::CloseRoom { room } => {
                return Some(*room);
            }
            Command::Renegotiate { peer, .. }
            | Command::SetAudience { peer, .. }
            | Command::SelectLayer { receiver: peer, .. }
            | Command::Leave { peer } => peer,
        };
        let index = self.by_id.get(peer)?;
        Some(self.peers.get(index.0)?.as_ref()?.room)
    }

    /// Takes a datagram, which is decrypted in place.
    pub fn handle_datagram(&mut self, now: Instant, from: impl Into<TransportAddress>, datagram: &mut [u8]) {
        self.receive(now, from.into(), datagram);
    }

    /// Whether an authentic check of a peer that is here came from this address.
    #[must_use]
    pub fn knows(&self, address: TransportAddress) -> bool {
        self.by_address.contains_key(&address)
    }

    /// Whether a datagram that waits for this address is picture, which can be missed before sound can.
    #[must_use]
    pub fn is_picture(&self, to: TransportAddress, datagram: &[u8]) -> bool {
        let is_rtcp = datagram.get(1).is_some_and(|second| (192..=223).contains(second));
        if is_rtcp {
            return false;
        }
        let receiver = self
            .by_address
            .get(&to)
            .and_then(|index| self.peers.get(index.0)?.as_ref());
        let Some((receiver, header)) = receiver.zip(Header::parse(datagram).ok()) else {
            return false;
        };
        let slot = receiver
            .ssrcs
            .slot_of(header.ssrc)
            .and_then(|slot| receiver.slots.get(slot));
        slot.is_some_and(|slot| slot.sources.sound != header.ssrc)
    }

    /// When [`Relay::handle_timeout`] wants to be called; `None` while nobody is here.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        let deadlines = [self.timers.next(), self.next_room_step, self.next_sample];
        deadlines.into_iter().flatten().min()
    }

    /// Does what time demands.
    pub fn handle_timeout(&mut self, now: Instant) {
        if self.by_id.is_empty() {
            (self.next_room_step, self.next_sample) = (None, None);
            return;
        }
        while let Some(index) = self.timers.pop_due(now) {
            self.within_room_of(index, |relay| relay.look_at(now, index));
        }
        if self.next_room_step.is_none_or(|at| now >= at) {
            self.next_room_step = Some(now + ROOM_STEP);
            self.step_rooms(now);
        }
        if self.next_sample.is_none_or(|at| now >= at) {
            // From the planned time, not from now: samples must not drift. After a long stop, start anew.
            let planned = self.next_sample.unwrap_or(now) + SECOND;
            self.next_sample = Some(if planned > now { planned } else { now + SECOND });
            self.sample(now);
        }
    }

    /// The next thing the control plane should know.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// Everything that waits to be sent, run by run; call [`Relay::sent`] afterwards.
    pub fn outgoing(&self) -> impl Iterator<Item = (TransportAddress, Run<'_>)> {
        let outboxes = self.sending.iter().filter_map(|index| {
            let peer = self.peers.get(index.0)?.as_ref()?;
            let path = peer.ice.path()?;
            Some(peer.outbox.runs().map(move |run| (path, run)))
        });
        self.replies.iter().chain(outboxes.flatten())
    }

    /// Forgets what [`Relay::outgoing`] gave.
    pub fn sent(&mut self) {
        self.counters.sent += self.replies.len() as u64;
        self.counters.sent_bytes += self.replies.bytes() as u64;
        self.replies.clear();
        for index in self.sending.drain(..) {
            let Some(peer) = self.peers.get_mut(index.0).and_then(Option::as_mut) else {
                continue;
            };
            peer.sending = false;
            let datagrams = peer.outbox.len() as u64;
            if peer.ice.path().is_some() {
                self.counters.sent += datagrams;
                self.counters.sent_bytes += peer.outbox.bytes() as u64;
            } else {
                self.counters.pathless += datagrams;
            }
            peer.outbox.clear();
        }
    }

    /// Takes into the totals what of [`Relay::outgoing`] never left the machine.
    pub const fn not_delivered(&mut self, undelivered: Undelivered) {
        self.counters.not_delivered(undelivered);
    }

    /// The rooms that have peers.
    pub fn rooms(&self) -> impl Iterator<Item = RoomId> {
        self.rooms.keys().copied()
    }

    /// How many peers are here.
    #[must_use]
    pub fn peers(&self) -> usize {
        self.by_id.len()
    }

    /// Whether a first peer of a room is refused with [`JoinError::Overloaded`]; rooms that run still take theirs.
    pub const fn refuse_new_rooms(&mut self, refuse: bool) {
        self.refuses_rooms = refuse;
    }

    /// Totals since the start.
    #[must_use]
    pub const fn counters(&self) -> &Counters {
        &self.counters
    }

    fn peer(&mut self, index: PeerIndex) -> Option<&mut Peer> {
        self.peers.get_mut(index.0).and_then(Option::as_deref_mut)
    }

    /// The peer named `id`, unless it has left.
    fn named(&mut self, id: PeerId) -> Option<(PeerIndex, &mut Peer)> {
        let index = *self.by_id.get(&id)?;
        Some((index, self.peer(index)?))
    }

    /// Media came from a peer or goes to it: if it rested, it is looked at soon.
    fn stir(&mut self, now: Instant, index: PeerIndex) {
        let Some(peer) = self.peer(index) else { return };
        let rested = peer.rests(now);
        peer.stirred = now;
        if rested {
            self.timers.set(index, self.beat(now + TICK));
        }
    }

    /// The last beat up to `at`.
    fn beat(&self, at: Instant) -> Instant {
        let since_first = self
            .first_beat
            .map_or(Duration::ZERO, |first| at.saturating_duration_since(first));
        let after = since_first.as_nanos() % QUICK_TICK.as_nanos();
        at - Duration::from_nanos(after as u64)
    }

    /// To be called after something may have been put into the peer's outbox.
    fn mark_sending(&mut self, index: PeerIndex) {
        let Some(peer) = self.peers.get_mut(index.0).and_then(Option::as_mut) else {
            return;
        };
        if !peer.outbox.is_empty() && !peer.sending {
            peer.sending = true;
            self.sending.push(index);
        }
    }
}

/// An order about a peer that is not here: ignored, but whoever waits for an answer gets one.
fn reject(command: Command) {
    if let Command::Renegotiate { peer, reply, .. } = command {
        reply(Err(JoinError::NoSuchPeer(peer)));
    }
}
