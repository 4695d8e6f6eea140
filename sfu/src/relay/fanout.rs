//! One packet in, one for each receiver out.

use super::{PeerIndex, Relay};
use crate::forward::SoundPayload;
use crate::forward::layer::LAYERS;
use crate::forward::slot::Packet;
use crate::rtp::vp8::Descriptor;
use crate::srtp::SealError;
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
        // Taken out for the loop, so that receivers can be borrowed: they are other peers.
        let Some(subscribers) = self.peer(source).map(|peer| mem::take(&mut peer.subscribers)) else {
            return;
        };
        let mut receivers = 0;
        for subscriber in subscribers.iter().filter(|subscriber| subscriber.hears) {
            let Some(peer) = self.peers.get_mut(subscriber.receiver.0).and_then(Option::as_deref_mut) else {
                continue;
            };
            let Some((slot, mut way)) = peer.slot_and_way(now, subscriber.slot) else {
                continue;
            };
            let sent = slot.send_sound(packet, payload, level, &mut way);
            receivers += 1;
            self.sealed(subscriber.receiver, sent);
        }
        self.counters.forwarded += receivers;
        let Some(peer) = self.peer(source) else { return };
        peer.subscribers = subscribers;
        if receivers == 0 {
            if let Some(sound) = &mut peer.publication.sound {
                sound.withheld += 1;
            }
            self.counters.withheld += 1;
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
        let Some(subscribers) = self.peer(source).map(|peer| mem::take(&mut peer.subscribers)) else {
            return;
        };
        let mut receivers = 0;
        for subscriber in subscribers.iter().filter(|subscriber| subscriber.sees) {
            let Some(peer) = self.peers.get_mut(subscriber.receiver.0).and_then(Option::as_deref_mut) else {
                continue;
            };
            let Some((slot, mut way)) = peer.slot_and_way(now, subscriber.slot) else {
                continue;
            };
            if !slot.takes(layer, packet.sequence, descriptor) {
                continue;
            }
            let sent = slot.send_picture(layer, packet, descriptor, &mut way);
            receivers += 1;
            self.sealed(subscriber.receiver, sent);
        }
        self.counters.forwarded += receivers;
        self.counters.withheld += u64::from(receivers == 0);
        if let Some(peer) = self.peer(source) {
            peer.subscribers = subscribers;
        }
    }

    /// Notes that something was sealed for `receiver`, or why it was not.
    pub(super) fn sealed(&mut self, receiver: PeerIndex, result: Result<(), SealError>) {
        if let Err(error) = result {
            self.counters.not_sealed += 1;
            tracing::debug!(receiver = receiver.0, %error, "packet not sent");
        }
        self.mark_sending(receiver);
    }
}
