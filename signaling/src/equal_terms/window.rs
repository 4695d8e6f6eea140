//! The newest seconds of something.

use std::collections::VecDeque;

/// The longest window a profile may ask for: longer than a minute says nothing about now, and 10,100 edges of a full
/// council would take more than 50 MB.
pub(super) const LONGEST_WINDOW_S: u32 = 60;

/// A ring of seconds, oldest first. It never holds more than the seconds it was made for.
#[derive(Clone, Debug)]
pub(super) struct Window<T> {
    seconds: VecDeque<(i64, T)>,
    longest_s: u32,
}

impl<T> Window<T> {
    /// Keeps `longest_s` seconds, at most [`LONGEST_WINDOW_S`].
    pub(super) fn new(longest_s: u32) -> Self {
        Self {
            seconds: VecDeque::new(),
            longest_s: longest_s.min(LONGEST_WINDOW_S),
        }
    }

    /// Adds the second that ended at `at_ms`.
    pub(super) fn push(&mut self, at_ms: i64, second: T) {
        self.seconds.push_back((at_ms, second));
        while self.seconds.len() > self.longest_s as usize {
            self.seconds.pop_front();
        }
    }

    /// The seconds that ended within `window_s` before `at_ms`, oldest first.
    pub(super) fn within(&self, at_ms: i64, window_s: u32) -> impl Iterator<Item = &T> {
        let after = at_ms.saturating_sub(i64::from(window_s) * 1000);
        self.seconds
            .iter()
            .filter(move |(ended, _)| *ended > after)
            .map(|(_, second)| second)
    }
}
