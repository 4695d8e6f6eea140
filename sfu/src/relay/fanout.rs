//! One packet in, one for each receiver out.

use super::peer::Subscriber;
use super::{PeerIndex, Relay};
use crate::forward::layer::LAYERS;
use crate::forward::slot::Packet;
use crate::forward::{Outcome, Slot, SoundPayload, Way};
use crate::rtp::picture::Descriptor;
use std::mem;
use std::time::Instant;

impl Relay {
    pub(super) fn forward_sound(
        &mut self,
        now: Instant,
        source: PeerIndex,
        packet: &Packet<'_>,
        payload: SoundPayload<'_>,
        level: Option<u8>,
    ) {
        let due = self.offer(
            now,
            source,
            |subscriber| subscriber.hears,
            |slot, way| slot.send_sound(packet, payload, level, way),
        );
        if due == 0
            && let Some(sound) = self.peer(source).and_then(|peer| peer.publication.sound.as_mut())
        {
            sound.withheld += 1;
        }
    }

    pub(super) fn forward_picture(
        &mut self,
        now: Instant,
        source: PeerIndex,
        layer: usize,
        packet: &Packet<'_>,
        descriptor: &Descriptor,
    ) {
        let Some(&layer) = LAYERS.get(layer) else { return };
        self.offer(
            now,
            source,
            |subscriber| subscriber.sees,
            |slot, way| slot.send_picture(layer, packet, descriptor, way),
        );
    }

    /// Offers a packet of `source` to everybody who is allowed it, and counts what became of it; returns how many are.
    fn offer(
        &mut self,
        now: Instant,
        source: PeerIndex,
        is_allowed: impl Fn(&Subscriber) -> bool,
        send: impl Fn(&mut Slot, &mut Way<'_>) -> Outcome,
    ) -> u64 {
        // Taken out for the loop, so that receivers can be borrowed: they are other peers.
        let Some(subscribers) = self.peer(source).map(|peer| mem::take(&mut peer.subscribers)) else {
            return 0;
        };
        let (mut due, mut sent) = (0, 0);
        for subscriber in subscribers.iter().filter(|subscriber| is_allowed(subscriber)) {
            let way = self
                .peer(subscriber.receiver)
                .and_then(|peer| peer.slot_and_way(now, subscriber.slot));
            let outcome = way.map_or(Outcome::NotConnected, |(slot, mut way)| send(slot, &mut way));
            due += 1;
            self.counters.became(outcome);
            match outcome {
                Outcome::Sent => {
                    sent += 1;
                    self.mark_sending(subscriber.receiver);
                    self.stir(now, subscriber.receiver);
                }
                Outcome::Behind => self.await_turn(now, subscriber.receiver),
                _ => {}
            }
        }
        if let Some(peer) = self.peer(source) {
            peer.subscribers = subscribers;
        }
        self.counters.offered(due, sent);
        due
    }
}
