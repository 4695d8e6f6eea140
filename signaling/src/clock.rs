//! The server's one clock.

use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Tells the time in milliseconds since 1970-01-01 UTC, never going backwards.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> i64 + Send + Sync>);

impl Clock {
    /// The machine's: its wall clock read once and its monotonic clock added, so that a wall clock set back in
    /// mid-meeting reorders nothing.
    #[must_use]
    pub fn system() -> Self {
        Self::set_by(wall_ms)
    }

    /// The machine's wall clock, wherever it jumps: for what is compared with the rest of the world, as certificates are.
    #[must_use]
    pub fn wall() -> Self {
        Self::of(wall_ms)
    }

    /// Set once by another clock, and running on by itself.
    fn set_by(wall_ms: impl FnOnce() -> i64) -> Self {
        let (started, began) = (wall_ms(), Instant::now());
        Self(Arc::new(move || {
            started.saturating_add(i64::try_from(began.elapsed().as_millis()).unwrap_or(i64::MAX))
        }))
    }

    /// Another one.
    pub fn of(now_ms: impl Fn() -> i64 + Send + Sync + 'static) -> Self {
        Self(Arc::new(now_ms))
    }

    /// Now.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        (self.0)()
    }
}

fn wall_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::Clock;
    use std::cell::Cell;
    use std::rc::Rc;

    #[test]
    fn a_wall_clock_that_jumps_while_it_runs_moves_it_neither_back_nor_ahead() {
        const HOUR_MS: i64 = 60 * 60 * 1000;
        let wall = Rc::new(Cell::new(1000 * HOUR_MS));
        let read = Rc::clone(&wall);
        let clock = Clock::set_by(move || read.get());
        for jumped_ms in [-HOUR_MS, 48 * HOUR_MS] {
            wall.set(1000 * HOUR_MS + jumped_ms);
            let gone_ms = clock.now_ms() - 1000 * HOUR_MS;
            assert!((0..HOUR_MS / 2).contains(&gone_ms), "{gone_ms}");
        }
    }
}
