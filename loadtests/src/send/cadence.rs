//! Frame pacing: which frames of an even rate are due.

use std::time::{Duration, Instant};

/// Later than this the time in between is skipped, as a camera would, instead of sent in a burst.
const MAX_LAG: Duration = Duration::from_millis(200);

/// An even beat.
#[derive(Clone, Copy, Debug)]
pub struct Cadence {
    start: Instant,
    rate: u32,
    beats: u64,
}

impl Cadence {
    /// `rate` beats a second from `start` on; at least one.
    #[must_use]
    pub fn new(start: Instant, rate: u32) -> Self {
        Self {
            start,
            rate: rate.max(1),
            beats: 0,
        }
    }

    /// When the next beat is due.
    #[must_use]
    pub fn next(&self) -> Instant {
        self.due(self.beats)
    }

    /// When a beat is due.
    #[must_use]
    pub fn due(&self, beat: u64) -> Instant {
        self.start + self.offset(beat)
    }

    /// The number of the beat that is due, if one is.
    pub fn beat(&mut self, now: Instant) -> Option<u64> {
        if now < self.next() {
            return None;
        }
        if now.duration_since(self.next()) > MAX_LAG {
            let elapsed = now.duration_since(self.start).as_nanos() * u128::from(self.rate) / 1_000_000_000;
            self.beats = u64::try_from(elapsed).unwrap_or(u64::MAX);
        }
        self.beats += 1;
        Some(self.beats - 1)
    }

    fn offset(&self, beats: u64) -> Duration {
        let rate = u64::from(self.rate);
        Duration::from_secs(beats / rate) + Duration::from_nanos(beats % rate * 1_000_000_000 / rate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// All beats due when looked at every `step` for `seconds`.
    fn beats(rate: u32, step: Duration, seconds: u32) -> Vec<u64> {
        let start = Instant::now();
        let mut cadence = Cadence::new(start, rate);
        let mut beats = Vec::new();
        let mut now = start;
        while now < start + Duration::from_secs(1) * seconds {
            while let Some(beat) = cadence.beat(now) {
                beats.push(beat);
            }
            now += step;
        }
        beats
    }

    proptest! {
        #[test]
        fn no_beat_is_lost_or_doubled_however_often_one_looks(rate in 1u32..100, step_ms in 1u64..150) {
            let beats = beats(rate, Duration::from_millis(step_ms), 10);
            let count = beats.len() as u64;
            prop_assert_eq!(beats, (0..count).collect::<Vec<_>>());
            prop_assert!(count.abs_diff(u64::from(rate) * 10) <= u64::from(rate) * step_ms / 1000 + 1);
        }
    }

    #[test]
    fn a_stall_is_skipped_and_the_beat_kept() {
        let start = Instant::now();
        let mut cadence = Cadence::new(start, 10);
        assert_eq!(cadence.beat(start), Some(0));
        let late = start + Duration::from_millis(5030);
        assert_eq!(cadence.beat(late), Some(50));
        assert_eq!(cadence.beat(late), None);
        assert_eq!(cadence.next(), start + Duration::from_millis(5100));
    }

    #[test]
    fn thirds_of_a_second_do_not_drift() {
        let start = Instant::now();
        let mut cadence = Cadence::new(start, 15);
        (0..15 * 3600).for_each(|i| assert_eq!(cadence.beat(cadence.next()), Some(i)));
        assert_eq!(cadence.next(), start + Duration::from_secs(3600));
    }
}
