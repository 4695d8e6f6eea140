//! Pictures that are sent from what is kept: newcomers get the newest key frame and what followed it, so that they need
//! not wait for the publisher; and whoever's line does not carry at once what comes gets it a moment later.

use super::peer::Peer;
use super::{PeerIndex, QUICK_TICK, Relay};
use crate::forward::{Outcome, Slot};
use crate::limits::CATCH_UP_BPS;
use std::time::{Duration, Instant};

/// A past that takes the line longer than this is not worth sending: a new key frame comes sooner.
const WORTH: Duration = Duration::from_millis(300);

/// How far one receiver's helpings have come.
#[derive(Debug, Default)]
pub(super) struct CatchUp {
    /// Whether pictures wait for their turn.
    pub(super) awaits: bool,
    /// The slot that was sent something last, so that all come in turn.
    turn: usize,
    next: Option<Instant>,
}

impl Relay {
    /// A picture waits for its turn: the receiver is looked at soon.
    pub(super) fn await_turn(&mut self, now: Instant, index: PeerIndex) {
        let Some(peer) = self.peer(index) else { return };
        if !std::mem::replace(&mut peer.catch_up.awaits, true) {
            self.timers.set(index, self.beat(now + QUICK_TICK));
        }
    }

    /// Sends one receiver what waits for its turn, as much as its line carries in one step: a packet of each source in
    /// turn, so that every picture begins before any of them is complete.
    pub(super) fn catch_up(&mut self, now: Instant, index: PeerIndex) {
        let Some(peer) = self.peer(index) else { return };
        peer.catch_up.awaits = peer.slots.iter().any(Slot::is_behind);
        if peer.catch_up.next.is_some_and(|at| now < at) || !peer.catch_up.awaits {
            return;
        }
        peer.catch_up.next = Some(now + QUICK_TICK);
        let Some(mut receiver) = self.peers.get_mut(index.0).and_then(Option::take) else {
            return;
        };
        let helping = bytes_in(CATCH_UP_BPS, QUICK_TICK).max(2 * self.comes_meanwhile(now, &receiver));
        let estimator = receiver.downlink.estimator.as_mut();
        let room = estimator.and_then(|line| line.room(now)).unwrap_or(usize::MAX);
        let mut budget = room.min(helping);
        let mut idle = 0;
        while budget > 0 && idle < receiver.slots.len() {
            receiver.catch_up.turn = (receiver.catch_up.turn + 1) % receiver.slots.len();
            let bytes = self.catch_up_once(now, &mut receiver);
            idle = if bytes > 0 { 0 } else { idle + 1 };
            budget = budget.saturating_sub(bytes);
        }
        self.peers[index.0] = Some(receiver);
        self.mark_sending(index);
    }

    /// Bytes that come in one step of the sources with which `receiver` is behind: with less it never gets there.
    fn comes_meanwhile(&self, now: Instant, receiver: &Peer) -> usize {
        let bps = |slot: &Slot| {
            let source = self.peers[self.by_id.get(&slot.occupant?)?.0].as_deref()?;
            let layer = source.publication.picture.layers[slot.showing()?.index()].as_ref()?;
            layer.stream.bitrate.bps(now)
        };
        let behind = receiver.slots.iter().filter(|slot| slot.is_behind());
        let bps: u64 = behind.filter_map(bps).map(u64::from).sum();
        bytes_in(bps, QUICK_TICK)
    }

    /// Sends one packet of the slot whose turn it is; returns its bytes, 0 if there was nothing to send.
    fn catch_up_once(&mut self, now: Instant, receiver: &mut Peer) -> usize {
        let Some((slot, mut way)) = receiver.slot_and_way(now, receiver.catch_up.turn) else {
            return 0;
        };
        let source = slot
            .occupant
            .filter(|_| slot.is_behind())
            .and_then(|id| self.by_id.get(&id))
            .and_then(|of| self.peers[of.0].as_deref());
        let Some(layer) = source
            .zip(slot.showing())
            .and_then(|(source, layer)| source.publication.picture.layers[layer.index()].as_ref())
        else {
            return 0;
        };
        let Some((outcome, bytes)) = slot.catch_up(&layer.stream, &mut way) else {
            return 0;
        };
        self.counters.caught_up += u64::from(outcome == Outcome::Sent);
        bytes
    }
}

impl Peer {
    /// The most bytes of a source's past that are worth sending to this receiver; without limit if its line does not
    /// report.
    pub(super) fn room_for_past(&self) -> usize {
        let bps = self.downlink.estimate();
        bps.map_or(usize::MAX, |bps| bytes_in(bps, WORTH))
    }
}

fn bytes_in(bps: u64, time: Duration) -> usize {
    (bps as f64 / 8.0 * time.as_secs_f64()) as usize
}
