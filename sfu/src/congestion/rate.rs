//! The rate that the delay allows: grows while the queue is calm, falls to what gets through when it grows
//! (additive increase, multiplicative decrease; draft-ietf-rmcat-gcc-02 section 5.5).

use super::Usage;
use std::time::{Duration, Instant};

/// Growth in a second while the path's limit is unknown.
const GROWTH: f64 = 1.08;
/// What is left of the arriving rate after the queue grew, so that it can drain.
const DECREASE: f64 = 0.85;
/// What is kept at least while it is not certain that we fill the path.
const DOUBTFUL: f64 = 0.9;
/// More than this above what arrives would not be noticed if it were too much.
const BEYOND: f64 = 1.5;
/// Within so many deviations of the known limit, growth is careful.
const NEAR: f64 = 3.0;
/// The least and the most that the limit is taken to vary.
const VARIANCE_KBPS: (f64, f64) = (0.4, 2.5);
/// Weight of a new observation of the limit.
const LEARNING: f64 = 0.05;
/// Bits of the packet that careful growth adds in each response time.
const PACKET_BITS: f64 = 9600.0;
/// The receiver's feedback comes so much after a round trip.
const FEEDBACK: Duration = Duration::from_millis(100);
/// Between two decreases, at least and at most, within which the round trip counts.
const BETWEEN_DECREASES: (Duration, Duration) = (Duration::from_millis(10), Duration::from_millis(200));

/// The rate and where it last met the path's limit.
#[derive(Debug)]
pub(super) struct Rate {
    bps: f64,
    limit: Option<Limit>,
    holding: bool,
    changed: Option<Instant>,
    decreased: Option<Instant>,
}

/// What arrived when the queue grew, in bits a second, and how much that varies: the squared error over the mean, in
/// kilobits.
#[derive(Clone, Copy, Debug)]
struct Limit {
    mean: f64,
    variance_kbps: f64,
}

impl Rate {
    pub(super) const fn new(bps: f64) -> Self {
        Self {
            bps,
            limit: None,
            holding: false,
            changed: None,
            decreased: None,
        }
    }

    pub(super) const fn bps(&self) -> f64 {
        self.bps
    }

    /// Goes to a rate found otherwise: a probe's, or what came through after a silence.
    pub(super) fn set(&mut self, now: Instant, bps: f64) {
        self.bps = bps;
        self.changed = Some(now);
        if self.limit.is_some_and(|limit| bps > limit.upper()) {
            self.limit = None;
        }
    }

    /// Takes what the queue does, whether that is certainly our doing, and what arrives.
    pub(super) fn update(
        &mut self,
        now: Instant,
        (usage, is_full): (Usage, bool),
        arriving: Option<f64>,
        round_trip: Duration,
    ) {
        match usage {
            Usage::Over if is_full => self.decrease(now, arriving, round_trip, 0.0),
            // It may be the receiver that stalls: what arrives then says little of the path.
            Usage::Over => self.decrease(now, arriving, round_trip, DOUBTFUL),
            Usage::Under => {
                self.holding = true;
                self.changed = Some(now);
            }
            Usage::Normal => self.increase(now, arriving, round_trip),
        }
    }

    /// Falls to what gets through, at most by all but `keeps` of the rate at once.
    fn decrease(&mut self, now: Instant, arriving: Option<f64>, round_trip: Duration, keeps: f64) {
        let Some(arriving) = arriving else { return };
        let wait = round_trip.clamp(BETWEEN_DECREASES.0, BETWEEN_DECREASES.1);
        let too_soon = self
            .decreased
            .is_some_and(|at| now.saturating_duration_since(at) < wait);
        if too_soon && arriving > self.bps / 2.0 {
            return;
        }
        if self.limit.is_some_and(|limit| arriving < limit.lower()) {
            self.limit = None;
        }
        let least = self.bps * keeps;
        self.bps = self.bps.min(DECREASE * arriving).max(least);
        if self.bps > least {
            self.limit = Some(Limit::observed(self.limit, arriving));
        }
        self.holding = true;
        self.changed = Some(now);
        self.decreased = Some(now);
    }

    fn increase(&mut self, now: Instant, arriving: Option<f64>, round_trip: Duration) {
        let passed = self
            .changed
            .map_or(Duration::ZERO, |at| now.saturating_duration_since(at));
        self.changed = Some(now);
        if std::mem::take(&mut self.holding) {
            return;
        }
        if let Some(arriving) = arriving
            && self.limit.is_some_and(|limit| arriving > limit.upper())
        {
            self.limit = None;
        }
        let seconds = passed.as_secs_f64().min(1.0);
        let grown = if self.limit.is_some_and(|limit| self.bps > limit.lower()) {
            let response = (round_trip + FEEDBACK).as_secs_f64();
            self.bps + PACKET_BITS / response * seconds
        } else {
            self.bps * GROWTH.powf(seconds) + 1000.0 * seconds
        };
        // Beyond a known limit only what got through leads: a probe, or more arriving.
        let proven = self.limit.map_or(f64::MAX, Limit::proven);
        let most = arriving.map_or(f64::MAX, |arriving| BEYOND * arriving + 10_000.0);
        self.bps = grown.min(most).min(proven).max(self.bps);
    }
}

impl Limit {
    fn observed(before: Option<Self>, bps: f64) -> Self {
        let Some(Self { mean, variance_kbps }) = before else {
            return Self {
                mean: bps,
                variance_kbps: VARIANCE_KBPS.0,
            };
        };
        let error = (bps - mean) / 1e3;
        let newest = error * error / (mean / 1e3).max(1.0);
        let variance = (1.0 - LEARNING) * variance_kbps + LEARNING * newest;
        Self {
            mean: mean + LEARNING * (bps - mean),
            variance_kbps: variance.clamp(VARIANCE_KBPS.0, VARIANCE_KBPS.1),
        }
    }

    /// What may be tried without a probe: one deviation above the mean.
    fn proven(self) -> f64 {
        self.mean + self.margin() / NEAR
    }

    /// [`NEAR`] deviations.
    fn margin(self) -> f64 {
        NEAR * (self.variance_kbps * self.mean / 1e3).sqrt() * 1e3
    }

    fn upper(self) -> f64 {
        self.mean + self.margin()
    }

    fn lower(self) -> f64 {
        self.mean - self.margin()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RTT: Duration = Duration::from_millis(50);

    #[test]
    fn falls_below_what_arrives_and_then_grows_again() {
        let start = Instant::now();
        let mut rate = Rate::new(4e6);
        rate.update(start, (Usage::Over, false), Some(1e6), RTT);
        assert_eq!(rate.bps(), 3.6e6, "in doubt a little");
        rate.update(start + RTT * 5, (Usage::Over, true), Some(1e6), RTT);
        assert_eq!(rate.bps(), 0.85e6);
        let mut now = start;
        for _ in 0..50 {
            now += Duration::from_millis(100);
            rate.update(now, (Usage::Normal, false), Some(rate.bps()), RTT);
        }
        assert!((0.95e6..1.4e6).contains(&rate.bps()), "{}", rate.bps());
    }

    #[test]
    fn does_not_grow_far_beyond_what_is_sent() {
        let start = Instant::now();
        let mut rate = Rate::new(1e6);
        for n in 0..1000 {
            rate.update(
                start + Duration::from_millis(100 * n),
                (Usage::Normal, false),
                Some(0.2e6),
                RTT,
            );
        }
        assert_eq!(rate.bps(), 1e6, "and does not fall for being unused");
    }
}
