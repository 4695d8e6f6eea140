//! Who is in which room, who receives whom, and in which slot.

use super::catch_up::CatchUp;
use super::downlink::Downlink;
use super::peer::{Peer, Ssrcs, Subscriber};
use super::publication::Publication;
use super::{PeerIndex, RESTLESS, Relay};
use crate::allocation::publishing::Asked;
use crate::dtls::Association;
use crate::feedback::ArrivalTimes;
use crate::forward::Outbox;
use crate::forward::slot::{Negotiated, Slot};
use crate::ice::{Agent, Credentials};
use crate::limits::{MAX_PEERS, MAX_PEERS_PER_ROOM, MAX_SLOTS};
use crate::sdp::answer::SlotCounter;
use crate::sdp::{Codecs, Local, Offer, answer};
use crate::{Answer, Audience, Disconnection, Event, JoinError, Layer, PeerId, Priority, Reception, RoomId, SlotIndex};
use rand::RngExt;
use rustc_hash::FxHashMap;
use std::time::Instant;

impl Relay {
    pub(super) fn join(
        &mut self,
        now: Instant,
        room: RoomId,
        id: PeerId,
        offer: &str,
        audience: Audience,
        reception: Reception,
    ) -> Result<Answer, JoinError> {
        if self.by_id.contains_key(&id) {
            return Err(JoinError::PeerExists(id));
        }
        if self.by_id.len() >= MAX_PEERS {
            return Err(JoinError::Full("this relay has as many connections as it takes"));
        }
        match self.rooms.get(&room) {
            None if self.refuses_rooms => return Err(JoinError::Overloaded),
            Some(room) if room.members.len() >= MAX_PEERS_PER_ROOM => {
                return Err(JoinError::Full("the meeting has as many connections as it takes"));
            }
            _ => {}
        }
        let offer = self.read_offer(room, offer)?;
        let ice = Agent::new(Credentials::generate_on(self.config.number), offer.ice.clone());
        let index = self.free_place();
        self.by_ufrag.insert(ice.local().ufrag().to_owned(), index);
        self.by_id.insert(id, index);
        self.rooms.entry(room).or_default().members.push(index);
        self.peers[index.0] = Some(Box::new(Peer {
            id,
            room,
            audience,
            reception,
            ice,
            addresses: Vec::new(),
            dtls: Association::new(self.config.identity.clone(), offer.fingerprint.clone()),
            srtp: None,
            publication: Publication::default(),
            asked: Asked::default(),
            highest_wanted: Layer::Low,
            slots: Vec::new(),
            catch_up: CatchUp::default(),
            wanted: FxHashMap::default(),
            downlink: Downlink::default(),
            subscribers: Vec::new(),
            outbox: Outbox::default(),
            sending: false,
            arrival_times: ArrivalTimes::default(),
            next_arrival_times: now,
            next_report: now + std::time::Duration::from_millis(self.random.random_range(0..1000)),
            last_heard: now,
            stirred: now,
            silence_told: 0,
            round_trip: None,
            answers: 0,
            ssrcs: Ssrcs::new(self.random.random()),
        }));
        self.first_beat.get_or_insert(now);
        self.timers.set(index, now);
        self.next_room_step.get_or_insert(now);
        self.next_sample.get_or_insert(now);
        let answer = self.negotiate(index, &offer).ok_or(JoinError::NoSuchPeer(id))?;
        self.seat(now, room);
        Ok(answer)
    }

    fn free_place(&mut self) -> PeerIndex {
        let free = self.peers.iter().position(Option::is_none);
        PeerIndex(free.unwrap_or_else(|| {
            self.peers.push(None);
            self.peers.len() - 1
        }))
    }

    pub(super) fn renegotiate(&mut self, now: Instant, id: PeerId, offer: &str) -> Result<Answer, JoinError> {
        let worker = self.config.number;
        let room = self.named(id).ok_or(JoinError::NoSuchPeer(id))?.1.room;
        let offer = self.read_offer(room, offer)?;
        let (index, peer) = self.named(id).ok_or(JoinError::NoSuchPeer(id))?;
        if offer.ice.ufrag() != peer.ice.remote().ufrag() {
            peer.ice.restart(Credentials::generate_on(worker), offer.ice.clone());
            let new = peer.ice.local().ufrag().to_owned();
            let previous = peer.ice.previous_ufrag().map(str::to_owned);
            // Of those before, none is answered any longer.
            self.by_ufrag
                .retain(|ufrag, of| *of != index || Some(ufrag.as_str()) == previous.as_deref());
            self.by_ufrag.insert(new, index);
        }
        let answer = self.negotiate(index, &offer).ok_or(JoinError::NoSuchPeer(id))?;
        self.seat(now, room);
        Ok(answer)
    }

    /// Takes over the offer's sections and writes the answer.
    fn negotiate(&mut self, index: PeerIndex, offer: &Offer) -> Option<Answer> {
        let negotiated = negotiated_slots(offer);
        let random: Vec<[u16; 3]> = negotiated.iter().map(|_| self.random.random()).collect();
        let peer = self.peers.get_mut(index.0)?.as_mut()?;
        peer.publication.negotiate(offer);
        peer.downlink.transport_cc = offer
            .sections
            .iter()
            .find_map(|section| section.extensions.transport_cc);
        for (n, (negotiated, random)) in negotiated.into_iter().zip(random).enumerate() {
            if n == peer.slots.len() {
                peer.slots.push(Slot::new(peer.ssrcs.slot(n), random));
            }
            peer.slots[n].negotiated = negotiated;
        }
        peer.answers += 1;
        let local = Local {
            ice: peer.ice.local(),
            fingerprint: self.config.identity.fingerprint(),
            candidates: &self.config.candidates,
            version: peer.answers,
        };
        let sdp = answer(offer, &local, |n| peer.slots.get(n).map(|slot| slot.sources));
        Some(Answer {
            sdp,
            slots: peer.slots.len() as u16,
        })
    }

    pub(super) fn set_audience(&mut self, now: Instant, id: PeerId, audience: Audience) {
        let Some((_, peer)) = self.named(id) else { return };
        if peer.audience == audience {
            return;
        }
        if peer.audience.picture_to != audience.picture_to {
            peer.publication.picture.forget_past();
        }
        peer.audience = audience;
        let room = peer.room;
        self.seat(now, room);
    }

    pub(super) fn select_layer(&mut self, now: Instant, receiver: PeerId, source: PeerId, wanted: (Layer, Priority)) {
        let Some((index, peer)) = self.named(receiver) else {
            return;
        };
        if wanted == Default::default() {
            peer.wanted.remove(&source);
        } else if peer.wanted.len() < MAX_SLOTS {
            peer.wanted.insert(source, wanted);
        }
        let room = peer.room;
        self.share_line(now, index);
        self.aim(now, room);
    }

    pub(super) fn set_programme(&mut self, now: Instant, room: RoomId, source: Option<PeerId>) {
        let Some(entry) = self.rooms.get_mut(&room) else { return };
        entry.programme = source;
        self.seat(now, room);
    }

    pub(super) fn leave(&mut self, now: Instant, id: PeerId) {
        let Some((index, peer)) = self.named(id) else { return };
        peer.dtls.close(now);
        self.pump_dtls(now, index);
        self.remove(now, id);
    }

    /// Ends a peer's media and tells the control plane.
    pub(super) fn disconnect(&mut self, now: Instant, id: PeerId, reason: Disconnection) {
        if self.remove(now, id) {
            self.events.push_back(Event::Disconnected { peer: id, reason });
        }
    }

    fn remove(&mut self, now: Instant, id: PeerId) -> bool {
        let Some(index) = self.by_id.remove(&id) else {
            return false;
        };
        let Some(mut peer) = self.peers.get_mut(index.0).and_then(Option::take) else {
            return false;
        };
        self.timers.remove(index);
        self.farewell(&mut peer);
        self.by_ufrag.retain(|_, of| *of != index);
        self.by_address.retain(|_, of| *of != index);
        self.sending.retain(|of| *of != index);
        if let Some(room) = self.rooms.get_mut(&peer.room) {
            room.members.retain(|of| *of != index);
            for other in &room.members {
                if let Some(other) = self.peers.get_mut(other.0).and_then(Option::as_mut) {
                    other.wanted.remove(&id);
                }
            }
            if room.members.is_empty() {
                self.rooms.remove(&peer.room);
            }
        }
        self.seat(now, peer.room);
        true
    }

    /// What is left in the outbox (close_notify) still goes out.
    fn farewell(&mut self, peer: &mut Peer) {
        let Some(path) = peer.ice.path() else {
            self.counters.pathless += peer.outbox.len() as u64;
            return;
        };
        for run in peer.outbox.runs() {
            for datagram in run.bytes.chunks(run.size) {
                self.replies.push(path, |bytes| bytes.extend_from_slice(datagram));
            }
        }
    }

    pub(super) fn close_room(&mut self, now: Instant, room: RoomId) {
        let Some(room) = self.rooms.get(&room) else { return };
        let members: Vec<PeerId> = room
            .members
            .iter()
            .filter_map(|m| self.peers[m.0].as_ref().map(|p| p.id))
            .collect();
        for id in members {
            self.leave(now, id);
        }
    }

    /// Gives every receiver its slots and every source its receivers. Slots are sticky: whoever has one keeps it.
    fn seat(&mut self, now: Instant, room: RoomId) {
        let Some(Some((members, programme))) = self.rooms.get(&room).map(|r| Some((r.members.clone(), r.programme)))
        else {
            return;
        };
        let sources: Vec<Source> = members.iter().filter_map(|index| self.source(*index)).collect();
        let mut subscribers: Vec<Vec<Subscriber>> = vec![Vec::new(); sources.len()];
        for index in &members {
            let Some(receiver) = self.peers.get_mut(index.0).and_then(Option::as_deref_mut) else {
                continue;
            };
            seat_receiver(
                *index,
                receiver,
                &sources,
                programme,
                &mut subscribers,
                &mut self.events,
            );
        }
        for (source, list) in sources.iter().zip(subscribers) {
            if let Some(peer) = self.peer(source.index) {
                peer.subscribers = list;
            }
        }
        self.aim(now, room);
    }

    fn source(&self, index: PeerIndex) -> Option<Source> {
        let peer = self.peers.get(index.0)?.as_ref()?;
        let publishes = peer.publication.offers_sound() || peer.publication.picture.codecs.is_some();
        publishes.then_some(Source {
            index,
            id: peer.id,
            audience: peer.audience,
        })
    }

    /// Chooses the layer of every slot in the room, and asks publishers for the key frames that needs.
    pub(super) fn aim(&mut self, now: Instant, room: RoomId) {
        let Some(room) = self.rooms.get(&room) else { return };
        for index in room.members.clone() {
            self.aim_source(now, index);
        }
    }

    /// The same for the pictures that come, or did until a moment ago: nothing changes for the others by itself.
    pub(super) fn aim_running(&mut self, now: Instant, room: RoomId) {
        let members = self.rooms.get(&room).map_or(0, |room| room.members.len());
        for place in 0..members {
            let index = self.rooms.get(&room).and_then(|room| room.members.get(place)).copied();
            let Some(index) = index else { break };
            if self
                .peer(index)
                .is_some_and(|peer| peer.publication.picture.came_within(now, RESTLESS))
            {
                self.aim_source(now, index);
            }
        }
    }

    fn aim_source(&mut self, now: Instant, index: PeerIndex) {
        let Some(mut source) = self.peers.get_mut(index.0).and_then(Option::take) else {
            return;
        };
        let active = source.publication.picture.active(now);
        source.highest_wanted = Layer::Low;
        for subscriber in source.subscribers.iter().filter(|subscriber| subscriber.sees) {
            let Some(receiver) = self.peer(subscriber.receiver) else {
                continue;
            };
            if receiver.srtp.is_none() {
                continue;
            }
            let (wanted, _) = receiver.wanted.get(&source.id).copied().unwrap_or_default();
            source.highest_wanted = source.highest_wanted.max(wanted);
            let room = receiver.room_for_past();
            let Some(slot) = receiver.slots.get_mut(subscriber.slot) else {
                continue;
            };
            if source
                .publication
                .picture
                .codec
                .is_some_and(|codec| !slot.follow(codec))
            {
                continue;
            }
            let Some(needed) = slot.aim(wanted, active) else {
                continue;
            };
            let Some(layer) = source.publication.picture.layers[needed.index()].as_mut() else {
                continue;
            };
            if slot.begin_from_cache(now, needed, &layer.stream, room) {
                self.stir(now, subscriber.receiver);
            } else {
                layer.key_frame.want();
            }
        }
        self.peers[index.0] = Some(source);
        self.request_key_frames(now, index);
    }
}

/// A member who sends something.
struct Source {
    index: PeerIndex,
    id: PeerId,
    audience: Audience,
}

fn seat_receiver(
    index: PeerIndex,
    receiver: &mut Peer,
    sources: &[Source],
    programme: Option<PeerId>,
    subscribers: &mut [Vec<Subscriber>],
    events: &mut std::collections::VecDeque<Event>,
) {
    let entitled = |source: &Source| match receiver.reception {
        Reception::Nothing => false,
        Reception::Programme => Some(source.id) == programme,
        Reception::Everyone => true,
    };
    let shown = |source: &&Source| {
        source.index != index
            && entitled(source)
            && (receiver.hears(&source.audience) || receiver.sees(&source.audience))
    };
    let here: FxHashMap<PeerId, usize> = sources
        .iter()
        .enumerate()
        .filter(|(_, source)| shown(source))
        .map(|(n, source)| (source.id, n))
        .collect();
    let mut changed = vec![false; receiver.slots.len()];
    for (n, slot) in receiver.slots.iter_mut().enumerate() {
        if slot.occupant.is_some_and(|id| !here.contains_key(&id)) {
            slot.occupy(None);
            changed[n] = true;
        }
    }
    let seated: std::collections::HashSet<PeerId> = receiver.slots.iter().filter_map(|slot| slot.occupant).collect();
    let mut waiting = sources
        .iter()
        .filter(|source| here.contains_key(&source.id) && !seated.contains(&source.id));
    for (n, slot) in receiver
        .slots
        .iter_mut()
        .enumerate()
        .filter(|(_, slot)| slot.occupant.is_none())
    {
        let Some(source) = waiting.next() else { break };
        slot.occupy(Some(source.id));
        changed[n] = true;
    }
    let room_for = |n: usize| u16::try_from(n).map(SlotIndex);
    for (n, _) in changed.iter().enumerate().filter(|(_, changed)| **changed) {
        if let Ok(slot) = room_for(n) {
            events.push_back(Event::SlotAssigned {
                receiver: receiver.id,
                slot,
                source: receiver.slots[n].occupant,
            });
        }
    }
    for n in 0..receiver.slots.len() {
        let Some(place) = receiver.slots[n].occupant.and_then(|id| here.get(&id)) else {
            continue;
        };
        let audience = &sources[*place].audience;
        let (hears, sees) = (receiver.hears(audience), receiver.sees(audience));
        receiver.slots[n].permit(hears, sees);
        subscribers[*place].push(Subscriber {
            receiver: index,
            slot: n,
            hears,
            sees,
        });
    }
}

/// What an offer's recv-only sections make of the receive slots.
fn negotiated_slots(offer: &Offer) -> Vec<Negotiated> {
    let mut slots: Vec<Negotiated> = Vec::new();
    let mut counter = SlotCounter::default();
    for section in &offer.sections {
        let Some(n) = counter.place(section).filter(|n| *n < MAX_SLOTS) else {
            continue;
        };
        if n >= slots.len() {
            slots.resize(n + 1, Negotiated::default());
        }
        match section.codecs {
            Some(Codecs::Sound(opus)) => {
                slots[n].sound = Some(opus);
                slots[n].audio_level = section.extensions.audio_level;
            }
            Some(Codecs::Picture(codecs)) => slots[n].picture = codecs,
            None => {}
        }
    }
    slots
}
