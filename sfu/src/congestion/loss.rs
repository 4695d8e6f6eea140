//! The rate that loss allows. A path that always loses something (a bad radio link) is not a full one: what counts is
//! loss above what the path loses anyhow.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Loss is judged over this many packets at least, and this time at least.
const ROUND: (u32, Duration) = (40, Duration::from_millis(400));
/// Rounds whose median is the path's own loss.
const ROUNDS: usize = 20;
/// Standard errors by which a round must be worse than the path's own loss: with few packets, chance alone is.
const ERRORS: f64 = 4.0;
/// A path is taken to lose so much of its own when errors are reckoned.
const LEAST_OWN: f64 = 0.02;
/// More than this is never the path's own.
const MAX_OWN: f64 = 0.15;
/// Loss above the path's own that asks for less.
const TOO_MUCH: f64 = 0.1;
/// Up to so much above the path's own the limit grows again.
const FEW: f64 = 0.05;
/// Of what arrives, so much is certain to get through.
const GETS_THROUGH: f64 = 0.85;
/// Growth of the limit in a calm round.
const GROWTH: f64 = 1.1;

/// Loss of the recent rounds, and the limit if there is one.
#[derive(Debug, Default)]
pub(super) struct Loss {
    lost: u32,
    total: u32,
    since: Option<Instant>,
    rounds: VecDeque<f64>,
    limit: Option<f64>,
    /// Whether the round before was bad: chance makes one, a full path many.
    was_bad: bool,
    too_much: bool,
}

impl Loss {
    /// Takes the fate of a packet.
    pub(super) fn add(&mut self, arrived: bool) {
        self.total = self.total.saturating_add(1);
        self.lost = self.lost.saturating_add(u32::from(!arrived));
    }

    /// Judges a round when one is over; `sending` and `arriving` are what is sent now and what arrives of it, in
    /// bits a second.
    pub(super) fn update(&mut self, now: Instant, sending: f64, arriving: f64) {
        let since = *self.since.get_or_insert(now);
        if self.total < ROUND.0 || now.saturating_duration_since(since) < ROUND.1 {
            return;
        }
        let (loss, total) = (f64::from(self.lost) / f64::from(self.total), self.total);
        (self.lost, self.total, self.since) = (0, 0, Some(now));
        if self.rounds.len() == ROUNDS {
            self.rounds.pop_front();
        }
        self.rounds.push_back(loss);
        let above = loss - self.own();
        let own = self.own().max(LEAST_OWN);
        let chance = (own * (1.0 - own) / f64::from(total)).sqrt();
        let bad = above > TOO_MUCH.max(ERRORS * chance);
        self.too_much = std::mem::replace(&mut self.was_bad, bad) && bad;
        if self.too_much {
            let from = self.limit.map_or(sending, |limit| limit.min(sending));
            self.limit = Some((from * (1.0 - 0.5 * above)).max(GETS_THROUGH * arriving));
        } else if above <= FEW {
            self.limit = self.limit.map(|limit| limit * GROWTH);
        }
    }

    /// What the path loses anyhow, 0 to 1.
    pub(super) fn own(&self) -> f64 {
        let mut rounds = [0.0; ROUNDS];
        let count = self.rounds.len().min(ROUNDS);
        let rounds = &mut rounds[..count];
        rounds
            .iter_mut()
            .zip(&self.rounds)
            .for_each(|(place, loss)| *place = *loss);
        rounds.sort_unstable_by(f64::total_cmp);
        rounds.get(rounds.len() / 2).copied().unwrap_or(0.0).min(MAX_OWN)
    }

    /// Whether the last rounds lost more than the path does of its own.
    pub(super) const fn is_too_much(&self) -> bool {
        self.too_much
    }

    /// Bits a second; `None`: loss sets no limit.
    pub(super) const fn limit(&self) -> Option<f64> {
        self.limit
    }

    /// The limit is no longer one when the delay allows less, or a probe came through.
    pub(super) fn lift(&mut self, above: f64) {
        self.limit = self.limit.filter(|limit| *limit < above);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rounds(losses: &[u32]) -> Loss {
        let start = Instant::now();
        let mut loss = Loss::default();
        for (round, lost) in losses.iter().enumerate() {
            let at = start + Duration::from_millis(500 * round as u64);
            loss.update(at, 1e6, 0.7e6);
            (0..100).for_each(|n| loss.add(n >= *lost));
            loss.update(at + Duration::from_millis(450), 1e6, 0.7e6);
        }
        loss
    }

    #[test]
    fn a_path_that_always_loses_a_little_is_not_limited() {
        assert_eq!(rounds(&[5, 7, 4, 6, 5, 8, 5]).limit(), None);
        assert!((0.04..0.07).contains(&rounds(&[5, 7, 4, 6]).own()));
    }

    #[test]
    fn loss_that_comes_limits_and_the_limit_grows_when_it_goes() {
        let limited = rounds(&[0, 0, 0, 30, 30]).limit().expect("limited");
        assert!((0.8e6..0.9e6).contains(&limited), "{limited}");
        assert_eq!(rounds(&[0, 0, 30, 0, 30]).limit(), None, "one bad round is chance");
        let later = rounds(&[0, 0, 0, 30, 30, 0, 0]).limit().expect("still");
        assert!(later > limited);
    }
}
