//! Which packets were sent again a moment ago. A receiver behind a long queue asks for the same packet many times before
//! the answer can reach it; answering each time would fill the queue further.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Packets remembered; a receiver that lost more within a round trip needs a key frame.
const MAX_REMEMBERED: usize = 128;

/// Recent retransmissions of one stream.
#[derive(Debug, Default)]
pub struct Resent {
    recent: VecDeque<(u16, Instant)>,
}

impl Resent {
    /// Whether to send `sequence` again now: not if that was done within `round_trip`. Counts it as sent.
    pub fn due(&mut self, now: Instant, sequence: u16, round_trip: Duration) -> bool {
        while self
            .recent
            .front()
            .is_some_and(|(_, at)| now.saturating_duration_since(*at) >= round_trip)
        {
            self.recent.pop_front();
        }
        if self.recent.iter().any(|(sent, _)| *sent == sequence) || self.recent.len() == MAX_REMEMBERED {
            return false;
        }
        self.recent.push_back((sequence, now));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_again_only_after_a_round_trip() {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let round_trip = Duration::from_millis(100);
        let mut resent = Resent::default();
        assert!(resent.due(at(0), 7, round_trip));
        assert!(!resent.due(at(60), 7, round_trip));
        assert!(resent.due(at(60), 8, round_trip));
        assert!(resent.due(at(100), 7, round_trip));
        (0..1000).for_each(|n| {
            resent.due(at(100), 100 + n, round_trip);
        });
        assert_eq!(resent.recent.len(), MAX_REMEMBERED);
    }
}
