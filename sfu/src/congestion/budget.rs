//! A rate that may be spent, saved up for a moment.

use std::time::{Duration, Instant};

/// What is overdrawn is forgotten beyond what comes in so long.
const LONGEST_DEBT: Duration = Duration::from_millis(250);

/// Bits in hand.
#[derive(Debug)]
pub struct Budget {
    /// What is not spent is kept so long.
    kept: Duration,
    bits: f64,
    at: Option<Instant>,
}

impl Budget {
    /// Begins with all that can be kept.
    #[must_use]
    pub const fn new(kept: Duration) -> Self {
        Self {
            kept,
            bits: 0.0,
            at: None,
        }
    }

    /// Bytes in hand while `bps` bits a second come in; 0 while it is overdrawn.
    pub fn in_hand(&mut self, now: Instant, bps: u64) -> usize {
        let bps = bps as f64;
        let passed = self.at.map_or(self.kept, |at| now.saturating_duration_since(at));
        self.at = Some(now);
        let owed = -bps * LONGEST_DEBT.as_secs_f64();
        self.bits = (self.bits.max(owed) + bps * passed.as_secs_f64()).min(bps * self.kept.as_secs_f64());
        (self.bits / 8.0).max(0.0) as usize
    }

    /// Takes `bytes`, whether in hand or not: what is overdrawn is waited for.
    pub fn take(&mut self, bytes: usize) {
        self.bits -= bytes as f64 * 8.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEPT: Duration = Duration::from_millis(250);

    #[test]
    fn no_more_is_spent_than_the_rate_and_what_was_kept() {
        let start = Instant::now();
        let mut budget = Budget::new(KEPT);
        let mut spends = |ms| {
            let has = budget.in_hand(start + Duration::from_millis(ms), 100_000) > 0;
            if has {
                budget.take(1000);
            }
            has
        };
        let spent = (0..2000).filter(|ms| spends(*ms)).count();
        // 2 s of 100 kbit/s, a quarter of a second kept before, and one overdrawn.
        assert!((25..=30).contains(&spent), "{spent}");
    }

    #[test]
    fn a_debt_is_waited_for_but_not_without_end() {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let mut budget = Budget::new(KEPT);
        assert_eq!(budget.in_hand(start, 80_000), 2500);
        budget.take(3500);
        assert_eq!(budget.in_hand(at(100), 80_000), 0);
        assert_eq!(budget.in_hand(at(150), 80_000), 500);
        budget.take(1_000_000);
        assert_eq!(budget.in_hand(at(150), 80_000), 0);
        assert_eq!(budget.in_hand(at(450), 80_000), 500);
    }
}
