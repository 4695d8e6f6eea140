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
