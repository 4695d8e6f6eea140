//! The newest packets of one layer, kept for retransmission, and among them the newest key frame with the frames
//! since: what a newcomer needs to see the picture at once.

use crate::PictureCodec;
use std::ops::RangeInclusive;
use std::time::{Duration, Instant};

/// How far back a receiver may ask. Two round trips over a bad path and the jitter buffer's patience.
const KEEP: Duration = Duration::from_secs(1);
/// Packets at first: 1.5 s of a thumbnail.
const SMALLEST: usize = 32;
/// Packets at most: 1 s of 5 Mbit/s in full packets.
const LARGEST: usize = 512;
/// Packets since a key frame for which it is worth sending: 4 s of 30 frames a second in small packets.
const MAX_GROUP_PACKETS: u64 = 128;
/// Bytes since a key frame for which it is worth sending: 2 s of a thumbnail of 150 kbit/s. Forty of them are 1.5 MB,
/// a second at [`crate::limits::CATCH_UP_BPS`]; for more, a new key frame is quicker.
const MAX_GROUP_BYTES: usize = 40_000;
/// A newcomer is shown nothing older than this, whatever is kept.
const MAX_GROUP_AGE: Duration = Duration::from_secs(5);

/// A buffer that is too small is replaced by one for a full packet, so that each place of the ring allocates once, not
/// with every packet that is larger than all before.
const FULL_PACKET: usize = 1200;

/// One kept packet, decrypted, as its sender wrote it.
#[derive(Clone, Debug)]
pub struct Kept {
    sequence: u64,
    at: Instant,
    /// RTP marker.
    pub marker: bool,
    /// RTP time stamp.
    pub timestamp: u32,
    /// What it is encoded with.
    pub codec: PictureCodec,
    /// Payload without padding.
    pub payload: Vec<u8>,
}

impl Kept {
    /// How long ago it came.
    #[must_use]
    pub fn age(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.at)
    }
}

/// A ring indexed by sequence number. It grows with the stream's packet rate and reuses its buffers.
#[derive(Debug, Default)]
pub struct Cache {
    ring: Vec<Option<Kept>>,
    newest: u64,
    group: Option<Group>,
}

/// A group of pictures: a key frame and the frames that follow.
#[derive(Clone, Copy, Debug)]
struct Group {
    first: u64,
    began: Instant,
}

impl Cache {
    /// A key frame starts with the packet `sequence`, which is to be inserted next.
    pub fn begin_group(&mut self, now: Instant, sequence: u64) {
        if self.group.is_none_or(|group| group.first < sequence) {
            self.group = Some(Group {
                first: sequence,
                began: now,
            });
        }
    }

    /// What has come so far is for nobody new: whoever may see the source from now on sees it from its next key frame.
    pub fn forget_group(&mut self) {
        self.group = None;
    }

    /// Where the newest key frame begins, unless forgotten.
    #[must_use]
    pub fn group_start(&self) -> Option<u64> {
        self.group.map(|group| group.first)
    }

    /// The packets from the newest key frame to the newest packet; `None` when one is missing or they are too old, too
    /// many or too large to be sent to a newcomer whose line has room for `room` bytes.
    #[must_use]
    pub fn group(&self, now: Instant, room: usize) -> Option<RangeInclusive<u64>> {
        let Group { first, began } = self.group?;
        if now.saturating_duration_since(began) > MAX_GROUP_AGE || self.newest.checked_sub(first)? >= MAX_GROUP_PACKETS
        {
            return None;
        }
        let mut bytes = 0;
        for sequence in first..=self.newest {
            bytes += self.find(sequence)?.payload.len();
        }
        (bytes <= MAX_GROUP_BYTES.min(room)).then_some(first..=self.newest)
    }

    /// The first kept packet from `sequence` on, with its number.
    #[must_use]
    pub fn next_from(&self, sequence: u64) -> Option<(u64, &Kept)> {
        let oldest = self.newest.saturating_sub(self.ring.len() as u64);
        (sequence.max(oldest)..=self.newest).find_map(|n| Some((n, self.find(n)?)))
    }

    /// Keeps a packet; the one it displaces is forgotten.
    pub fn insert(
        &mut self,
        now: Instant,
        sequence: u64,
        codec: PictureCodec,
        marker: bool,
        timestamp: u32,
        payload: &[u8],
    ) {
        self.newest = self.newest.max(sequence);
        self.grow_for(now, sequence);
        let place = self.place(sequence);
        let mut buffer = self.ring[place].take().map(|old| old.payload).unwrap_or_default();
        buffer.clear();
        if buffer.capacity() < payload.len() {
            buffer.reserve_exact(payload.len().max(FULL_PACKET));
        }
        buffer.extend_from_slice(payload);
        self.ring[place] = Some(Kept {
            sequence,
            at: now,
            marker,
            timestamp,
            codec,
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
        let displaces_needed = self.ring[self.place(sequence)].as_ref().is_some_and(|old| {
            now.saturating_duration_since(old.at) < KEEP || self.is_in_group(old.sequence, sequence)
        });
        if !displaces_needed || self.ring.len() >= LARGEST {
            return;
        }
        let old = std::mem::take(&mut self.ring);
        self.ring.resize_with(old.len() * 2, || None);
        for kept in old.into_iter().flatten() {
            let place = self.place(kept.sequence);
            self.ring[place] = Some(kept);
        }
    }

    /// Whether `old` may be sent to a newcomer even after `new` has come.
    fn is_in_group(&self, old: u64, new: u64) -> bool {
        self.group
            .is_some_and(|group| old >= group.first && new.saturating_sub(group.first) < MAX_GROUP_PACKETS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(cache: &mut Cache, start: Instant, every: Duration, packets: u64) -> Instant {
        let mut now = start;
        for sequence in 0..packets {
            now += every;
            cache.insert(now, sequence, PictureCodec::Vp8, false, 0, &sequence.to_be_bytes());
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
        let mut slow = Cache::default();
        slow.begin_group(Instant::now(), 0);
        fill(&mut slow, Instant::now(), Duration::from_secs(1), 10_000);
        assert_eq!(slow.ring.len() as u64, MAX_GROUP_PACKETS, "a group without an end");
    }

    #[test]
    fn a_group_is_whole_or_not_given() {
        let start = Instant::now();
        let mut cache = Cache::default();
        let keep = |cache: &mut Cache, sequence: u64, size: usize| {
            cache.insert(start, sequence, PictureCodec::Vp8, true, 0, &vec![0; size]);
        };
        keep(&mut cache, 9, 100);
        assert_eq!(cache.group(start, usize::MAX), None, "no key frame yet");
        // The key frame's second packet overtakes its first.
        keep(&mut cache, 11, 100);
        cache.begin_group(start, 10);
        keep(&mut cache, 10, 100);
        assert_eq!(cache.group(start, usize::MAX), Some(10..=11));
        keep(&mut cache, 13, 100);
        assert_eq!(cache.group(start, usize::MAX), None, "a hole");
        assert_eq!(cache.next_from(12).map(|(sequence, _)| sequence), Some(13));
        keep(&mut cache, 12, 100);
        assert_eq!(cache.group(start, usize::MAX), Some(10..=13), "repaired");
        assert_eq!(cache.group(start, 400), Some(10..=13));
        assert_eq!(cache.group(start, 399), None, "a thin line");
        assert_eq!(cache.group(start + MAX_GROUP_AGE + KEEP, usize::MAX), None, "too old");
        keep(&mut cache, 14, MAX_GROUP_BYTES);
        assert_eq!(cache.group(start, usize::MAX), None, "too large");
        cache.begin_group(start, 15);
        keep(&mut cache, 15, 100);
        assert_eq!(cache.group(start, usize::MAX), Some(15..=15));
        cache.begin_group(start, 10);
        assert_eq!(
            cache.group_start(),
            Some(15),
            "an older key frame that comes late changes nothing"
        );
        cache.forget_group();
        assert_eq!(cache.group(start, usize::MAX), None);
    }

    #[test]
    fn a_slow_streams_group_is_kept_beyond_the_time_of_retransmission() {
        let mut cache = Cache::default();
        let start = Instant::now();
        cache.begin_group(start, 0);
        let end = fill(&mut cache, start, Duration::from_millis(40), 120);
        assert_eq!(cache.group(end, usize::MAX), Some(0..=119));
    }
}
