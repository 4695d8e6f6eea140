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
    /// Whether to send `sequence` again now: not if that was done within `round_trip`.
    pub fn is_due(&mut self, now: Instant, sequence: u16, round_trip: Duration) -> bool {
        while self
            .recent
            .front()
            .is_some_and(|(_, at)| now.saturating_duration_since(*at) >= round_trip)
        {
            self.recent.pop_front();
        }
        self.recent.len() < MAX_REMEMBERED && self.recent.iter().all(|(sent, _)| *sent != sequence)
    }

    /// `sequence`, which was due, has been sent again.
    pub fn note(&mut self, now: Instant, sequence: u16) {
        self.recent.push_back((sequence, now));
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
        let mut send = |ms, sequence| {
            let is_due = resent.is_due(at(ms), sequence, round_trip);
            if is_due {
                resent.note(at(ms), sequence);
            }
            is_due
        };
        assert!(send(0, 7));
        assert!(!send(60, 7));
        assert!(send(60, 8));
        assert!(send(100, 7));
        (0..1000).for_each(|n| {
            send(100, 100 + n);
        });
        assert_eq!(resent.recent.len(), MAX_REMEMBERED);
    }
}
