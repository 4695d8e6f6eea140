//! How long the parts of a test's meeting take, for its length. Pure.

use std::time::Duration;

/// How long things take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// Each at the roll call.
    pub(super) call: Duration,
    /// Each speech.
    pub(super) speech: Duration,
    /// Somebody's absence.
    pub(super) absence: Duration,
}

impl Pace {
    /// For a meeting of so many that lasts so long.
    pub(super) fn of(total: Duration, people: usize) -> Self {
        let seconds = total.as_secs_f64();
        let within = |share: f64, least: f64, most: f64| Duration::from_secs_f64((seconds * share).clamp(least, most));
        Self {
            call: within(0.15 / people.max(1) as f64, 0.2, 3.0),
            speech: within(0.07, 4.0, 40.0),
            absence: within(0.05, 4.0, 25.0),
        }
    }
}
