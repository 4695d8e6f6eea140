//! The line towards each receiver: what it carries, what of the meeting is sent over it, and probes.

use super::peer::Peer;
use super::publication::Publication;
use super::{PeerIndex, Relay};
use crate::allocation::lowest::Receiver;
use crate::allocation::{Allocation, Demand, Grant, Line, allocate};
use crate::command::Priority;
use crate::congestion::{Budget, Estimator};
use crate::forward::slot::Slot;
use crate::forward::{Outcome, Way};
use crate::rtcp::Arrivals;
use crate::{Layer, PeerId};
use std::time::{Duration, Instant};

/// What a line is trusted with until it says otherwise: a council of 40 in thumbnails and a speaker. A slower one is
/// found out within a second.
const START_BPS: u64 = 10_000_000;
/// Between two allocations for a receiver.
const ALLOCATE_EVERY: Duration = Duration::from_millis(100);
/// A layer whose rate is not measured yet is taken to need as much, lowest first.
const USUAL_BPS: [u32; 3] = [150_000, 500_000, 1_500_000];
/// Opus with headers, RTCP and its own repair.
const SOUND_BPS: u32 = 64_000;
/// Retransmissions take at most this part of a line: one in so many.
const REPAIR_SHARE: u64 = 4;
/// What of it is not used is kept so long.
const REPAIR_KEPT: Duration = Duration::from_millis(250);
/// Datagrams that one tick adds to a probe.
const MAX_PROBE_PACKETS: usize = 64;

/// One receiver's line.
#[derive(Debug)]
pub(super) struct Downlink {
    /// The receiver's id of the transport-wide sequence number.
    pub(super) transport_cc: Option<u8>,
    pub(super) estimator: Option<Estimator>,
    next_allocation: Option<Instant>,
    wanted_bps: u64,
    /// How many pictures have no room, or half of it; as long as there are any, the line stays thin.
    waiting: usize,
    /// What it carries and is to carry, as of the last allocation.
    pub(super) receiver: Option<Receiver>,
    /// What retransmissions may take.
    repair: Budget,
    /// The slot whose newest packet a probe repeats next.
    next_repeated: usize,
}

impl Default for Downlink {
    fn default() -> Self {
        Self {
            transport_cc: None,
            estimator: None,
            next_allocation: None,
            wanted_bps: 0,
            waiting: 0,
            receiver: None,
            repair: Budget::new(REPAIR_KEPT),
            next_repeated: 0,
        }
    }
}

impl Downlink {
    /// SRTP is up.
    pub(super) fn open(&mut self, now: Instant) {
        self.estimator.get_or_insert_with(|| Estimator::new(now, START_BPS));
    }

    /// Bits a second that the line carries, as far as is known.
    pub(super) fn estimate(&self) -> Option<u64> {
        self.estimator.as_ref()?.estimate()
    }

    /// Logs a change of how many pictures have no room.
    fn note_waiting(&mut self, peer: PeerId, waiting: usize, wanted_bps: u64) {
        if std::mem::replace(&mut self.waiting, waiting) != waiting {
            let estimate_bps = self.estimate();
            tracing::info!(
                peer = peer.0,
                waiting,
                estimate_bps,
                wanted_bps,
                "pictures without room on a line"
            );
        }
    }

    /// Whether a retransmission may be sent: what is lost on a full line, and asked for again, must not fill it further.
    pub(super) fn affords_repair(&mut self, now: Instant) -> bool {
        let Some(estimate) = self.estimate() else { return true };
        self.repair.in_hand(now, estimate / REPAIR_SHARE) > 0
    }

    /// A retransmission of `bytes` has been sent.
    pub(super) fn repaired(&mut self, bytes: usize) {
        self.repair.take(bytes);
    }

    /// From a packet's leaving to its feedback.
    pub(super) fn round_trip(&self) -> Duration {
        self.estimator.as_ref().map_or(Duration::ZERO, Estimator::round_trip)
    }

    fn line(&self) -> Option<Line> {
        let estimator = self.estimator.as_ref()?;
        Some(Line {
            estimate: estimator.estimate()?,
            is_thin: self.waiting > 0 || estimator.is_full(),
        })
    }

    pub(super) fn is_probing(&self) -> bool {
        self.estimator.as_ref().is_some_and(Estimator::is_probing)
    }
}

impl Peer {
    /// A slot and the way to this peer, once SRTP is up.
    pub(super) fn slot_and_way(&mut self, now: Instant, slot: usize) -> Option<(&mut Slot, Way<'_>)> {
        let slot = self.slots.get_mut(slot)?;
        let srtp = self.srtp.as_mut()?;
        let way = Way {
            now,
            outbox: &mut self.outbox,
            sealer: &mut srtp.sealer,
            transport: self.downlink.transport_cc.zip(self.downlink.estimator.as_mut()),
        };
        Some((slot, way))
    }
}

impl Relay {
    /// A receiver reports what arrived.
    pub(super) fn take_arrivals(&mut self, now: Instant, index: PeerIndex, arrivals: Arrivals<'_>) {
        let Some(peer) = self.peer(index) else { return };
        if let Some(estimator) = &mut peer.downlink.estimator {
            estimator.take(now, arrivals);
        }
    }

    /// A receiver says itself what its line carries (REMB).
    pub(super) fn take_told(&mut self, index: PeerIndex, bps: u64) {
        let Some(peer) = self.peer(index) else { return };
        if let Some(estimator) = &mut peer.downlink.estimator {
            estimator.take_told(bps);
        }
    }

    /// Shares the receiver's line anew when that is due, and feeds its probe.
    pub(super) fn drive_downlink(&mut self, now: Instant, index: PeerIndex) {
        let Some(peer) = self.peer(index).filter(|peer| peer.srtp.is_some()) else {
            return;
        };
        if peer.downlink.next_allocation.is_none_or(|at| now >= at) {
            peer.downlink.next_allocation = Some(now + ALLOCATE_EVERY);
            self.share_line(now, index);
        }
        let Some(peer) = self.peer(index) else { return };
        let wanted = peer.downlink.wanted_bps;
        let owed = peer
            .downlink
            .estimator
            .as_mut()
            .map_or(0, |line| line.tick(now, wanted));
        if owed > 0 {
            self.repeat_newest(now, index, owed);
        }
    }

    pub(super) fn share_line(&mut self, now: Instant, index: PeerIndex) {
        let Some(mut peer) = self.peers.get_mut(index.0).and_then(Option::take) else {
            return;
        };
        let (mut demands, mut shown, mut sound_bps) = (Vec::new(), Vec::new(), 0);
        for (n, slot) in peer.slots.iter().enumerate() {
            let Some(source) = slot
                .occupant
                .and_then(|id| self.by_id.get(&id))
                .and_then(|of| self.peers[of.0].as_deref())
            else {
                continue;
            };
            if peer.hears(&source.audience) {
                sound_bps += source.publication.sound_bps(now);
            }
            let picture = &source.publication.picture;
            if peer.sees(&source.audience) && picture.codec.is_none_or(|codec| slot.decodes(codec)) {
                let (wanted, priority) = peer.wanted.get(&source.id).copied().unwrap_or_default();
                demands.push(demand(now, &source.publication, slot, wanted, priority));
                shown.push((n, picture.top_of_lowest()));
            }
        }
        let Allocation {
            grants,
            wanted_bps,
            granted_bps,
        } = allocate(peer.downlink.line(), sound_bps, &demands);
        let is_short = |grant: &&Option<Grant>| grant.is_none_or(|grant| grant.is_halved);
        let waiting = grants.iter().filter(is_short).count();
        peer.downlink.note_waiting(peer.id, waiting, wanted_bps);
        let receiver = peer
            .downlink
            .estimate()
            .map(|estimate| receiver(estimate, sound_bps, &demands, &grants));
        let missing_bps = self.rooms.get(&peer.room).map_or(0, |room| room.lowest.missing_bps());
        let small = receiver.map_or(0, |receiver| receiver.small);
        peer.downlink.receiver = receiver;
        if let Some(estimator) = &mut peer.downlink.estimator {
            estimator.grant(granted_bps);
        }
        peer.downlink.wanted_bps = wanted_bps + u64::from(small) * u64::from(missing_bps);
        for ((n, top), grant) in shown.into_iter().zip(grants) {
            peer.slots[n].allot(grant, top);
        }
        self.peers[index.0] = Some(peer);
    }

    /// Sends `bytes` that the receiver has already: retransmissions of each slot's newest packets, which also repair
    /// those that were lost.
    fn repeat_newest(&mut self, now: Instant, index: PeerIndex, bytes: usize) {
        let Some(mut peer) = self.peers.get_mut(index.0).and_then(Option::take) else {
            return;
        };
        let before = peer.outbox.bytes();
        let slots = peer.slots.len();
        for _ in 0..slots.min(MAX_PROBE_PACKETS) {
            if peer.outbox.bytes() - before >= bytes {
                break;
            }
            let n = peer.downlink.next_repeated % slots;
            peer.downlink.next_repeated = n + 1;
            let source = peer.slots[n].occupant.and_then(|id| self.by_id.get(&id));
            let source = source.and_then(|of| self.peers[of.0].as_deref());
            let Some((slot, mut way)) = peer.slot_and_way(now, n) else {
                continue;
            };
            let Some(newest) = slot.newest_picture() else { continue };
            let kept = |ssrc, sequence| source?.publication.stream(ssrc)?.cache.find(sequence);
            let outcome = slot.resend(newest, kept, &mut way);
            self.counters.probes += u64::from(outcome == Outcome::Sent);
        }
        self.peers[index.0] = Some(peer);
        self.mark_sending(index);
    }
}

fn demand(now: Instant, source: &Publication, slot: &Slot, wanted: Layer, priority: Priority) -> Demand {
    let active = source.picture.active(now);
    let rate = |n: usize| {
        let layer = source.picture.layers[n].as_ref().filter(|_| active[n])?;
        Some(layer.stream.bitrate.bps(now).unwrap_or(USUAL_BPS[n]))
    };
    Demand {
        priority,
        wanted,
        rates: [rate(0), rate(1), rate(2)],
        half: source.picture.half_of_lowest(now),
        showing: slot.showing(),
        is_halved: slot.is_halved(),
    }
}

/// How a receiver fares with what it is granted.
fn receiver(estimate: u64, sound_bps: u64, demands: &[Demand], grants: &[Option<Grant>]) -> Receiver {
    let large = |demand: &Demand| demand.rates[1].filter(|_| demand.wanted >= Layer::Mid);
    let fares = |(demand, grant): (&Demand, &Option<Grant>)| match grant {
        Some(grant) => !grant.is_halved && (large(demand).is_none() || grant.layer >= Layer::Mid),
        None => false,
    };
    let larges = || demands.iter().filter_map(large);
    Receiver {
        estimate,
        sound_bps,
        large_bps: larges().map(u64::from).sum(),
        small: (demands.len() - larges().count()) as u32,
        goes_short: !demands.iter().zip(grants).all(fares),
    }
}

impl Publication {
    fn sound_bps(&self, now: Instant) -> u64 {
        let sound = self.sound.as_ref().filter(|sound| sound.stream.active(now));
        sound.map_or(0, |sound| sound.stream.bitrate.bps(now).unwrap_or(SOUND_BPS).into())
    }
}
