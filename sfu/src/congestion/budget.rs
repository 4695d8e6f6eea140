//! A rate that may be spent, saved up for a moment.

use std::time::{Duration, Instant};

/// What is not spent is kept so long.
const KEPT: Duration = Duration::from_millis(250);

/// Bits in hand.
#[derive(Debug, Default)]
pub struct Budget {
    bits: f64,
    at: Option<Instant>,
}

impl Budget {
    /// Whether there is anything in hand, at `bps` bits a second; takes `bytes` if so. The last spending may overdraw:
    /// it is waited for.
    pub fn spend(&mut self, now: Instant, bps: u64, bytes: usize) -> bool {
        let most = bps as f64 * KEPT.as_secs_f64();
        let passed = self.at.map_or(KEPT, |at| now.saturating_duration_since(at));
        self.at = Some(now);
        self.bits = (self.bits + bps as f64 * passed.as_secs_f64()).min(most);
        let has = self.bits > 0.0;
        if has {
            self.bits -= bytes as f64 * 8.0;
        }
        has
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_is_spent_than_the_rate_and_what_was_kept() {
        let start = Instant::now();
        let mut budget = Budget::default();
        let spent = (0..2000u64)
            .filter(|ms| budget.spend(start + Duration::from_millis(*ms), 100_000, 1000))
            .count();
        // 2 s of 100 kbit/s, a quarter of a second kept before, and one overdrawn.
        assert!((25..=30).contains(&spent), "{spent}");
    }
}
