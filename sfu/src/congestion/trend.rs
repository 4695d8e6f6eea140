//! Whether the queue on the path grows: the slope of the delay, against a threshold that adapts
//! (draft-ietf-rmcat-gcc-02 section 5.4; the slope by least squares).

use super::Usage;
use super::groups::Spacing;
use std::collections::VecDeque;

/// Groups that the slope is drawn through.
const WINDOW: usize = 20;
/// Weight of what was in the smoothed delay.
const SMOOTHING: f64 = 0.9;
/// Makes a slope comparable with the threshold.
const GAIN: f64 = 4.0;
/// Groups that the slope is multiplied by, at most.
const MAX_GROUPS: u32 = 60;
/// The threshold in milliseconds: at first, at least, at most.
const THRESHOLD: (f64, f64, f64) = (12.5, 6.0, 600.0);
/// How fast the threshold follows upwards and downwards.
const FOLLOWS: (f64, f64) = (0.0087, 0.039);
/// A spike this far above the threshold is not followed.
const SPIKE_MS: f64 = 15.0;
/// Growth must last so long to count.
const OVER_FOR_MS: f64 = 10.0;

/// The delay's course.
#[derive(Debug)]
pub(super) struct Trend {
    points: VecDeque<(f64, f64)>,
    first_ms: Option<f64>,
    delay: f64,
    smoothed: f64,
    groups: u32,
    threshold: f64,
    adapted_ms: Option<f64>,
    previous: f64,
    over_ms: Option<f64>,
    overs: u32,
    usage: Usage,
}

impl Default for Trend {
    fn default() -> Self {
        Self {
            points: VecDeque::with_capacity(WINDOW),
            first_ms: None,
            delay: 0.0,
            smoothed: 0.0,
            groups: 0,
            threshold: THRESHOLD.0,
            adapted_ms: None,
            previous: 0.0,
            over_ms: None,
            overs: 0,
            usage: Usage::Normal,
        }
    }
}

impl Trend {
    /// Takes the spacing of two groups.
    pub(super) fn add(&mut self, spacing: &Spacing) {
        let first = *self.first_ms.get_or_insert(spacing.at_ms);
        self.groups = (self.groups + 1).min(1000);
        self.delay += spacing.arrived_ms - spacing.sent_ms;
        self.smoothed = SMOOTHING * self.smoothed + (1.0 - SMOOTHING) * self.delay;
        if self.points.len() == WINDOW {
            self.points.pop_front();
        }
        self.points.push_back((spacing.at_ms - first, self.smoothed));
        let slope = if self.points.len() == WINDOW {
            slope(&self.points).unwrap_or(self.previous)
        } else {
            self.previous
        };
        self.detect(slope, spacing);
        self.previous = slope;
    }

    /// What the queue does.
    pub(super) const fn usage(&self) -> Usage {
        self.usage
    }

    fn detect(&mut self, slope: f64, spacing: &Spacing) {
        if self.points.len() < 2 {
            return;
        }
        let trend = f64::from(self.groups.min(MAX_GROUPS)) * slope * GAIN;
        if trend > self.threshold {
            let over = self
                .over_ms
                .map_or(spacing.sent_ms / 2.0, |over| over + spacing.sent_ms);
            self.over_ms = Some(over);
            self.overs += 1;
            if over > OVER_FOR_MS && self.overs > 1 && slope >= self.previous {
                self.over_ms = Some(0.0);
                self.overs = 0;
                self.usage = Usage::Over;
            }
        } else {
            (self.over_ms, self.overs) = (None, 0);
            self.usage = if trend < -self.threshold {
                Usage::Under
            } else {
                Usage::Normal
            };
        }
        self.adapt(trend, spacing.at_ms);
    }

    fn adapt(&mut self, trend: f64, at_ms: f64) {
        let passed = (at_ms - self.adapted_ms.unwrap_or(at_ms)).clamp(0.0, 100.0);
        self.adapted_ms = Some(at_ms);
        if trend.abs() > self.threshold + SPIKE_MS {
            return;
        }
        let follows = if trend.abs() < self.threshold {
            FOLLOWS.1
        } else {
            FOLLOWS.0
        };
        self.threshold += follows * (trend.abs() - self.threshold) * passed;
        self.threshold = self.threshold.clamp(THRESHOLD.1, THRESHOLD.2);
    }
}

/// Least squares; `None` when all points are at one time.
fn slope(points: &VecDeque<(f64, f64)>) -> Option<f64> {
    let count = points.len() as f64;
    let (sum_x, sum_y) = points
        .iter()
        .fold((0.0, 0.0), |(x, y), point| (x + point.0, y + point.1));
    let (mean_x, mean_y) = (sum_x / count, sum_y / count);
    let (above, below) = points.iter().fold((0.0, 0.0), |(above, below), (x, y)| {
        let dx = x - mean_x;
        (above + dx * (y - mean_y), below + dx * dx)
    });
    (below > 0.0).then(|| above / below)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(groups: usize, more_each: f64) -> Usage {
        let mut trend = Trend::default();
        let mut at = 0.0;
        for _ in 0..groups {
            at += 20.0 + more_each;
            trend.add(&Spacing {
                sent_ms: 20.0,
                arrived_ms: 20.0 + more_each,
                at_ms: at,
            });
        }
        trend.usage()
    }

    #[test]
    fn a_steady_path_is_normal_a_growing_queue_is_over_a_draining_one_under() {
        assert_eq!(after(100, 0.0), Usage::Normal);
        assert_eq!(after(60, 4.0), Usage::Over);
        assert_eq!(after(60, -4.0), Usage::Under);
    }

    #[test]
    fn noise_without_a_trend_is_normal() {
        let mut trend = Trend::default();
        let mut at: f64 = 0.0;
        let mut over = 0;
        for n in 0..2000u32 {
            // Deterministic jitter of +-3 ms around 20 ms.
            let noise = f64::from((n * 7919) % 13) / 2.0 - 3.0;
            at += 20.0 + noise;
            trend.add(&Spacing {
                sent_ms: 20.0,
                arrived_ms: 20.0 + noise,
                at_ms: at,
            });
            over += u32::from(trend.usage() == Usage::Over);
        }
        assert!(over < 20, "{over}");
    }
}
