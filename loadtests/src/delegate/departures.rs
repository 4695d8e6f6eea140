//! When each frame of speech left its sender: all delegates of a meeting are on one machine and have one clock, so what
//! came can be told how long it was under way. One person speaks at a time; others send silence, which is not followed.

use bytes::Bytes;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Frames followed: more than the voices have altogether.
const MAX_FRAMES: usize = 4096;
/// The voices go round in ten seconds; what seems older is the same frame of an earlier round.
const MAX_UNDER_WAY: Duration = Duration::from_secs(8);

/// Shared by the delegates of one meeting.
#[derive(Clone, Debug, Default)]
pub struct Departures(Arc<Mutex<HashMap<Bytes, Instant>>>);

impl Departures {
    /// A frame leaves.
    pub fn left(&self, frame: &Bytes, now: Instant) {
        let mut frames = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if frames.len() < MAX_FRAMES || frames.contains_key(frame) {
            frames.insert(frame.clone(), now);
        }
    }

    /// How long a frame that has come was under way.
    #[must_use]
    pub fn under_way(&self, frame: &Bytes, now: Instant) -> Option<Duration> {
        let frames = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let left = frames.get(frame)?;
        Some(now.duration_since(*left)).filter(|time| *time <= MAX_UNDER_WAY)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_round_counts_and_what_nobody_sent_has_no_time() {
        let (departures, start) = (Departures::default(), Instant::now());
        let frame = Bytes::from_static(b"a");
        let at = |ms| start + Duration::from_millis(ms);
        departures.left(&frame, start);
        assert_eq!(departures.under_way(&frame, at(70)), Some(Duration::from_millis(70)));
        assert_eq!(departures.under_way(&frame, at(9000)), None);
        departures.left(&frame, at(10_000));
        assert_eq!(
            departures.under_way(&frame, at(10_300)),
            Some(Duration::from_millis(300))
        );
        assert_eq!(departures.under_way(&Bytes::from_static(b"b"), at(10_300)), None);
    }
}
