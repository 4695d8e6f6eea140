//! The server's one clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// From so far off on, a time is wrong: it is not signed as a synchronised one.
pub const ALLOWED_ERROR_MS: u64 = 1000;

/// Tells the time in milliseconds since 1970-01-01 UTC.
#[derive(Clone)]
pub struct Clock(Arc<Source>);

struct Source {
    /// What the rest of the world goes by.
    wall_ms: Box<dyn Fn() -> i64 + Send + Sync>,
    /// `None`: the wall clock itself is told.
    even: Option<Even>,
}

/// Time that passes evenly, however the wall clock is set.
struct Even {
    began: Instant,
    /// What the time was then.
    began_ms: AtomicI64,
}

impl Clock {
    /// The machine's: its wall clock read once and its monotonic clock added, so that a wall clock set in mid-meeting
    /// reorders nothing and runs nothing out. Whoever knows that no meeting notices [sets](Self::set) it again.
    #[must_use]
    pub fn system() -> Self {
        Self::even(wall_ms)
    }

    /// The machine's wall clock, wherever it jumps: for what is compared with the rest of the world, as certificates are.
    #[must_use]
    pub fn wall() -> Self {
        Self::of(wall_ms)
    }

    /// Set by a wall clock, and running on by itself.
    pub fn even(wall_ms: impl Fn() -> i64 + Send + Sync + 'static) -> Self {
        let even = Even {
            began: Instant::now(),
            began_ms: AtomicI64::new(wall_ms()),
        };
        Self(Arc::new(Source {
            wall_ms: Box::new(wall_ms),
            even: Some(even),
        }))
    }

    /// Another one.
    pub fn of(now_ms: impl Fn() -> i64 + Send + Sync + 'static) -> Self {
        Self(Arc::new(Source {
            wall_ms: Box::new(now_ms),
            even: None,
        }))
    }

    /// Now. Never earlier than before, unless it has been [set](Self::set).
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        let Source { wall_ms, even } = &*self.0;
        even.as_ref().map_or_else(wall_ms, Even::now_ms)
    }

    /// What the rest of the world calls now: for what others have dated, as providers do their tokens.
    #[must_use]
    pub fn wall_ms(&self) -> i64 {
        (self.0.wall_ms)()
    }

    /// How far it is ahead of the wall clock; behind it: below zero.
    #[must_use]
    pub fn ahead_ms(&self) -> i64 {
        let even = self.0.even.as_ref();
        even.map_or(0, |even| even.now_ms().saturating_sub(self.wall_ms()))
    }

    /// Whether it is too far from the wall clock.
    #[must_use]
    pub fn is_off(&self) -> bool {
        self.ahead_ms().unsigned_abs() > ALLOWED_ERROR_MS
    }

    /// Sets it by the wall clock: time leaps, for whoever has it, ahead or back.
    pub fn set(&self) {
        if let Some(even) = &self.0.even {
            even.began_ms.fetch_sub(self.ahead_ms(), Ordering::Relaxed);
        }
    }
}

impl Even {
    fn now_ms(&self) -> i64 {
        let gone_ms = i64::try_from(self.began.elapsed().as_millis()).unwrap_or(i64::MAX);
        self.began_ms.load(Ordering::Relaxed).saturating_add(gone_ms)
    }
}

fn wall_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::Clock;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicI64, Ordering};

    const HOUR_MS: i64 = 60 * 60 * 1000;

    #[test]
    fn a_wall_clock_that_jumps_moves_it_neither_back_nor_ahead_until_it_is_set() {
        let wall = Arc::new(AtomicI64::new(1000 * HOUR_MS));
        let read = Arc::clone(&wall);
        let clock = Clock::even(move || read.load(Ordering::Relaxed));
        let shows = |ms: i64| (0..HOUR_MS / 2).contains(&(clock.now_ms() - ms));
        let (mut before_ms, mut wall_ms) = (1000 * HOUR_MS, 1000 * HOUR_MS);
        assert!(shows(before_ms) && !clock.is_off());
        for jumped_ms in [-HOUR_MS, 48 * HOUR_MS] {
            wall_ms += jumped_ms;
            wall.store(wall_ms, Ordering::Relaxed);
            assert!(shows(before_ms) && clock.is_off(), "{}", clock.now_ms());
            assert_eq!(clock.ahead_ms().signum(), -jumped_ms.signum());
            clock.set();
            assert!(shows(wall_ms) && !clock.is_off(), "{}", clock.now_ms());
            before_ms = wall_ms;
        }
    }
}
