//! When to ask a publisher for a key frame (PLI, RFC 4585 section 6.3.1): at once, then with growing patience.

use std::time::{Duration, Instant};

/// Between two requests at first; many receivers who ask at once are one request.
const SHORTEST: Duration = Duration::from_millis(300);
/// Between two requests at most.
const LONGEST: Duration = Duration::from_secs(3);

/// The requests for one layer.
#[derive(Debug)]
pub struct KeyFrameRequest {
    wanted: bool,
    last: Option<Instant>,
    wait: Duration,
}

impl Default for KeyFrameRequest {
    fn default() -> Self {
        Self {
            wanted: false,
            last: None,
            wait: SHORTEST,
        }
    }
}

impl KeyFrameRequest {
    /// Somebody needs a key frame.
    pub fn want(&mut self) {
        self.wanted = true;
    }

    /// One came.
    pub fn satisfied(&mut self) {
        self.wanted = false;
        self.wait = SHORTEST;
    }

    /// Whether to send a request now; counts it as sent.
    pub fn due(&mut self, now: Instant) -> bool {
        if !self.wanted
            || self
                .last
                .is_some_and(|last| now.saturating_duration_since(last) < self.wait)
        {
            return false;
        }
        if self.last.is_some() {
            self.wait = (self.wait * 2).min(LONGEST);
        }
        self.last = Some(now);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_once_then_backing_off_and_anew_after_a_key_frame() {
        let start = Instant::now();
        let mut request = KeyFrameRequest::default();
        assert!(!request.due(start));
        request.want();
        let sent: Vec<u64> = (0..20_000)
            .step_by(20)
            .filter(|ms| request.due(start + Duration::from_millis(*ms)))
            .collect();
        assert_eq!(sent[..4], [0, 300, 900, 2100]);
        assert!(sent.windows(2).all(|pair| pair[1] - pair[0] <= 3020));
        request.satisfied();
        request.want();
        assert!(request.due(start + Duration::from_secs(30)));
    }
}
