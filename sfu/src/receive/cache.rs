//! The newest packets of one layer, kept for retransmission.

use std::time::{Duration, Instant};

/// How far back a receiver may ask. Two round trips over a bad path and the jitter buffer's patience.
const KEEP: Duration = Duration::from_secs(1);
/// Packets at first: 1.5 s of a thumbnail.
const SMALLEST: usize = 32;
/// Packets at most: 1 s of 5 Mbit/s in full packets.
const LARGEST: usize = 512;

/// One kept packet, decrypted, as its sender wrote it.
#[derive(Clone, Debug)]
pub struct Kept {
    sequence: u64,
    at: Instant,
    /// RTP marker.
    pub marker: bool,
    /// RTP time stamp.
    pub timestamp: u32,
    /// Payload without padding.
    pub payload: Vec<u8>,
}

/// A ring indexed by sequence number. It grows with the stream's packet rate and reuses its buffers.
#[derive(Debug, Default)]
pub struct Cache {
    ring: Vec<Option<Kept>>,
}

impl Cache {
    /// Keeps a packet; the one it displaces is forgotten.
    pub fn insert(&mut self, now: Instant, sequence: u64, marker: bool, timestamp: u32, payload: &[u8]) {
        self.grow_for(now, sequence);
        let place = self.place(sequence);
        let mut buffer = self.ring[place].take().map(|old| old.payload).unwrap_or_default();
        buffer.clear();
        buffer.extend_from_slice(payload);
        self.ring[place] = Some(Kept {
            sequence,
            at: now,
            marker,
            timestamp,
            payload: buffer,
        });
    }

    /// The packet with this extended sequence number, if still kept.
    #[must_use]
    pub fn find(&self, sequence: u64) -> Option<&Kept> {
        if self.ring.is_empty() {
            return None;
        }
        self.ring[self.place(sequence)]
            .as_ref()
            .filter(|kept| kept.sequence == sequence)
    }

    fn place(&self, sequence: u64) -> usize {
        (sequence % self.ring.len() as u64) as usize
    }

    fn grow_for(&mut self, now: Instant, sequence: u64) {
        if self.ring.is_empty() {
            self.ring.resize_with(SMALLEST, || None);
        }
        let displaces_young = self.ring[self.place(sequence)]
            .as_ref()
            .is_some_and(|old| now.saturating_duration_since(old.at) < KEEP);
        if !displaces_young || self.ring.len() >= LARGEST {
            return;
        }
        let old = std::mem::take(&mut self.ring);
        self.ring.resize_with(old.len() * 2, || None);
        for kept in old.into_iter().flatten() {
            let place = self.place(kept.sequence);
            self.ring[place] = Some(kept);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(cache: &mut Cache, start: Instant, every: Duration, packets: u64) -> Instant {
        let mut now = start;
        for sequence in 0..packets {
            now += every;
            cache.insert(now, sequence, false, 0, &sequence.to_be_bytes());
        }
        now
    }

    #[test]
    fn a_second_of_any_rate_up_to_the_bound_is_kept() {
        for rate in [10u32, 50, 200, 500] {
            let mut cache = Cache::default();
            fill(&mut cache, Instant::now(), Duration::from_secs(1) / rate, 3000);
            for back in 0..u64::from(rate).min(500) {
                let kept = cache.find(2999 - back).expect("kept");
                assert_eq!(kept.payload, (2999 - back).to_be_bytes());
            }
        }
    }

    #[test]
    fn memory_is_bounded_at_any_rate() {
        let mut cache = Cache::default();
        fill(&mut cache, Instant::now(), Duration::from_micros(10), 10_000);
        assert_eq!(cache.ring.len(), LARGEST);
        assert!(cache.find(0).is_none());
    }
}
