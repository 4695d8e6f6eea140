//! A picture that is sent from what is kept of its layer instead of as it comes: because the receiver has just begun with it,
//! or because what comes is more than its line carries at once.

use crate::receive::Stream;
use crate::receive::cache::Kept;
use std::time::{Duration, Instant};

/// A line that does not carry the past and the present in this time does not get there: it waits for a key frame.
const PAST_PATIENCE: Duration = Duration::from_secs(1);
/// Nor does one on which what came live is so old.
const PACE_PATIENCE: Duration = Duration::from_millis(500);

/// How far behind a slot is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Behind {
    /// The SSRC that is being shown.
    pub(super) stream: u32,
    /// The packet to be sent next; live ones wait for their turn in the cache.
    pub(super) next: u64,
    pub(super) why: Lag,
}

/// Why a slot is behind.
#[derive(Clone, Copy, Debug)]
pub(super) enum Lag {
    /// It began then, with what came before.
    Past(Instant),
    /// What came live was more than the line carries at once.
    Pace,
}

impl Behind {
    /// From which packet on to look for the next to be sent; `None`: that must not be shown any more.
    pub(super) fn start(&self, stream: &Stream) -> Option<u64> {
        match self.why {
            Lag::Past(_) => Some(self.next.max(stream.cache.group_start()?)),
            Lag::Pace => Some(self.next),
        }
    }

    /// Whether the next to be sent begins the past: the first, or a newer key frame than the one begun with, which spares
    /// the rest.
    pub(super) fn begins(&self, stream: &Stream) -> bool {
        let is_past = matches!(self.why, Lag::Past(_));
        is_past && stream.cache.group_start().is_some_and(|start| self.next <= start)
    }

    /// Whether `next` is no longer worth sending.
    pub(super) fn is_too_late(&self, now: Instant, next: &Kept) -> bool {
        match self.why {
            Lag::Past(began) => now.saturating_duration_since(began) > PAST_PATIENCE,
            Lag::Pace => next.age(now) > PACE_PATIENCE,
        }
    }
}
