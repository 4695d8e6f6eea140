//! Time frozen, as W3C webrtc-stats defines a freeze: a gap between pictures of at least max(3 d, d + 150 ms), where d
//! is the mean interval of the last pictures.

use std::time::{Duration, Instant};

/// Pictures in the mean, as browsers take it.
const WINDOW: usize = 30;

/// Follows the instants at which pictures were shown.
#[derive(Debug, Default)]
pub struct Freezes {
    last: Option<Instant>,
    intervals: std::collections::VecDeque<Duration>,
    /// Frozen time not yet reported.
    frozen: Duration,
    /// The part of the running gap that was reported already.
    counted: Duration,
    /// The longest gap not yet reported, whether a freeze or not.
    longest: Duration,
}

impl Freezes {
    /// A picture was shown.
    pub fn shown(&mut self, now: Instant) {
        if let Some(last) = self.last {
            let gap = now.duration_since(last);
            self.count(gap);
            self.longest = self.longest.max(gap);
            if self.intervals.len() == WINDOW {
                self.intervals.pop_front();
            }
            self.intervals.push_back(gap);
        }
        self.last = Some(now);
        self.counted = Duration::ZERO;
    }

    /// Frozen time since the last call, with the freeze that is still going on.
    pub fn take(&mut self, now: Instant) -> Duration {
        if let Some(last) = self.last {
            self.count(now.duration_since(last));
        }
        std::mem::take(&mut self.frozen)
    }

    /// The longest gap between two pictures that ended since the last call, or goes on; all of it, also what was before.
    pub fn take_longest(&mut self, now: Instant) -> Duration {
        let running = self.last.map_or(Duration::ZERO, |last| now.duration_since(last));
        std::mem::take(&mut self.longest).max(running)
    }

    fn count(&mut self, gap: Duration) {
        if self.threshold().is_some_and(|threshold| gap >= threshold) {
            self.frozen += gap.saturating_sub(self.counted);
            self.counted = gap;
        }
    }

    fn threshold(&self) -> Option<Duration> {
        let count = u32::try_from(self.intervals.len()).ok().filter(|&count| count > 0)?;
        let mean = self.intervals.iter().sum::<Duration>() / count;
        Some((3 * mean).max(mean + Duration::from_millis(150)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    /// Ten pictures a second for three seconds; the instant of the last.
    fn steady(freezes: &mut Freezes) -> Instant {
        let start = Instant::now();
        (0..30).for_each(|i| freezes.shown(start + i * ms(100)));
        start + ms(2900)
    }

    #[test]
    fn steady_pictures_are_no_freeze() {
        let mut freezes = Freezes::default();
        let last = steady(&mut freezes);
        assert_eq!(freezes.take(last + ms(299)), ms(0));
    }

    #[test]
    fn a_long_gap_counts_whole_and_once() {
        let mut freezes = Freezes::default();
        let last = steady(&mut freezes);
        freezes.shown(last + ms(500));
        assert_eq!(freezes.take(last + ms(500)), ms(500));
        assert_eq!(freezes.take(last + ms(600)), ms(0));
    }

    #[test]
    fn a_freeze_going_on_is_reported_second_by_second() {
        let mut freezes = Freezes::default();
        let last = steady(&mut freezes);
        assert_eq!(freezes.take(last + ms(200)), ms(0), "not yet a freeze");
        assert_eq!(freezes.take(last + ms(1200)), ms(1200));
        assert_eq!(freezes.take(last + ms(2200)), ms(1000));
        freezes.shown(last + ms(2500));
        assert_eq!(freezes.take(last + ms(2500)), ms(300));
    }

    #[test]
    fn the_longest_gap_is_told_whole_in_every_second_that_it_touches() {
        let mut freezes = Freezes::default();
        let last = steady(&mut freezes);
        assert_eq!(freezes.take_longest(last), ms(100));
        assert_eq!(freezes.take_longest(last + ms(1000)), ms(1000));
        freezes.shown(last + ms(1500));
        assert_eq!(freezes.take_longest(last + ms(1600)), ms(1500));
        assert_eq!(freezes.take_longest(last + ms(1700)), ms(200));
    }

    #[test]
    fn nothing_shown_is_nothing_frozen() {
        assert_eq!(Freezes::default().take(Instant::now()), ms(0));
    }
}
