//! Temporal layers (RFC 7741 section 4.2): a receiver is sent whole frames up to one, and goes up only where the sender
//! says that a frame needs nothing of the layers not sent.

use crate::rtp::picture::Descriptor;
use std::collections::VecDeque;

/// Changes remembered for packets that come late.
const MAX_CHANGES: usize = 8;

/// The highest temporal layer there may be (TID has two bits).
pub const HIGHEST: u8 = 3;

/// Which frames of the layer shown are sent.
#[derive(Clone, Debug)]
pub struct Temporal {
    wanted: u8,
    stream: u32,
    newest: u64,
    /// From which packet on which layer is the highest sent, oldest first.
    changes: VecDeque<(u64, u8)>,
}

impl Default for Temporal {
    fn default() -> Self {
        Self {
            wanted: HIGHEST,
            stream: 0,
            newest: 0,
            changes: VecDeque::new(),
        }
    }
}

impl Temporal {
    /// Sets the highest layer wanted; it is reached at the next frame (down) or the next that allows it (up).
    pub fn want(&mut self, highest: u8) {
        self.wanted = highest.min(HIGHEST);
    }

    /// The highest layer being sent.
    #[must_use]
    pub fn current(&self) -> u8 {
        self.changes.back().map_or(self.wanted, |(_, layer)| *layer)
    }

    /// Takes up the next packet of `stream`; whether it is to be sent.
    pub fn takes(&mut self, stream: u32, sequence: u64, descriptor: &Descriptor) -> bool {
        if self.stream != stream {
            (self.stream, self.newest) = (stream, sequence);
            self.changes.clear();
        }
        if sequence >= self.newest {
            self.newest = sequence;
            if descriptor.starts_frame {
                self.begin_frame(sequence, descriptor);
            }
        }
        self.allows(stream, sequence, descriptor)
    }

    /// Whether a packet that has been taken up before was, or would have been, sent.
    #[must_use]
    pub fn allows(&self, stream: u32, sequence: u64, descriptor: &Descriptor) -> bool {
        if self.stream != stream {
            // A stream no longer shown: its frames are not known any more.
            return true;
        }
        let change = self.changes.iter().rev().find(|(from, _)| *from <= sequence);
        let highest = change.or(self.changes.front()).map_or(self.wanted, |(_, layer)| *layer);
        layer_of(descriptor) <= highest
    }

    fn begin_frame(&mut self, sequence: u64, descriptor: &Descriptor) {
        let (current, layer) = (self.current(), layer_of(descriptor));
        // A frame that needs the base layer alone opens its own layer, and not those below it that are not sent.
        let opens = descriptor.layer_sync && layer == current + 1 && layer <= self.wanted;
        let next = match () {
            () if descriptor.key_frame || current > self.wanted => self.wanted,
            () if opens => layer,
            () => current,
        };
        if next != current || self.changes.is_empty() {
            self.changes.push_back((sequence, next));
        }
        if self.changes.len() > MAX_CHANGES {
            self.changes.pop_front();
        }
    }
}

fn layer_of(descriptor: &Descriptor) -> u8 {
    descriptor.temporal_layer.unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rtp::vp8;
    use proptest::prelude::*;

    /// Three temporal layers as libvpx sends them (0 2 1 2); layers 1 and 2 have a synchronisation point every second
    /// time round.
    fn frame(n: u64) -> Descriptor {
        let layer = [0u8, 2, 1, 2][n as usize % 4];
        let is_sync = layer > 0 && n % 8 < 4 && n % 4 < 3;
        // X, S; T; TID and Y; and the frame tag, whose lowest bit is 0 in key frames.
        let payload = [0x90, 0x20, layer << 6 | u8::from(is_sync) << 5, u8::from(n > 0)];
        vp8::parse(&payload).expect("a descriptor")
    }

    /// Whether a decoder that got `sent` has all that frame `n` refers to: the base layer before it, and without a
    /// synchronisation point also the newest frames of its own and lower layers.
    fn decodable(sent: &[bool], n: usize) -> bool {
        let layer = layer_of(&frame(n as u64));
        let newest = |of: u8| (0..n).rev().find(|m| layer_of(&frame(*m as u64)) == of);
        let needed = if frame(n as u64).layer_sync { 0 } else { layer };
        (0..=needed).filter_map(newest).all(|m| sent[m])
    }

    proptest! {
        #[test]
        fn every_frame_sent_can_be_decoded(wants in prop::collection::vec((1usize..40, 0u8..4), 1..20)) {
            let mut temporal = Temporal::default();
            let mut sent = Vec::new();
            for (frames, wanted) in wants {
                temporal.want(wanted);
                for _ in 0..frames {
                    let n = sent.len();
                    let takes = temporal.takes(1, n as u64, &frame(n as u64));
                    sent.push(takes);
                    prop_assert!(takes || layer_of(&frame(n as u64)) > 0, "the base layer always");
                    prop_assert!(!takes || layer_of(&frame(n as u64)) <= wanted, "down at once");
                    prop_assert!(!takes || n == 0 || decodable(&sent, n), "frame {} in {:?}", n, sent);
                    prop_assert_eq!(temporal.allows(1, n as u64, &frame(n as u64)), takes);
                }
                if frames >= 17 {
                    prop_assert_eq!(temporal.current().min(2), wanted.min(2), "up in time");
                }
            }
        }

        #[test]
        fn frames_are_whole(packets in 1u64..6, at in 0u64..60, wanted in 0u8..3) {
            let mut temporal = Temporal::default();
            let mut sent = Vec::new();
            for n in 0..100 {
                if n == at { temporal.want(wanted); }
                let mut descriptor = frame(n / packets);
                descriptor.starts_frame = n % packets == 0;
                sent.push(temporal.takes(1, n, &descriptor));
            }
            for frame in sent.chunks(packets as usize) {
                prop_assert!(frame.iter().all(|packet| *packet == frame[0]), "{:?}", sent);
            }
        }
    }
}
