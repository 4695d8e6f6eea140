//! Packets that have not come, and when to ask for them (RFC 4585 section 6.2.1).

use std::time::{Duration, Instant};

/// Packets asked for at once; a larger hole is answered by a key frame.
const MAX_MISSING: usize = 256;
/// Times one packet is asked for.
const MAX_TRIES: u8 = 8;
/// Between two requests for the same packet, if the round trip is not known or shorter.
const SHORTEST_WAIT: Duration = Duration::from_millis(40);

#[derive(Clone, Copy, Debug)]
struct Wanted {
    sequence: u64,
    tries: u8,
    ask_at: Instant,
}

/// The holes in one stream.
#[derive(Debug, Default)]
pub struct Missing {
    wanted: Vec<Wanted>,
}

/// A hole too large to be repaired packet by packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooMany;

impl Missing {
    /// The packets `from..to` were passed over.
    ///
    /// # Errors
    /// When the hole exceeds the bound: all holes are forgotten and a key frame is needed.
    pub fn skipped(&mut self, now: Instant, from: u64, to: u64) -> Result<(), TooMany> {
        if to.saturating_sub(from) as usize + self.wanted.len() > MAX_MISSING {
            self.wanted.clear();
            return Err(TooMany);
        }
        self.wanted.extend((from..to).map(|sequence| Wanted {
            sequence,
            tries: 0,
            ask_at: now,
        }));
        Ok(())
    }

    /// A packet came late or repaired; whether it was a hole.
    pub fn filled(&mut self, sequence: u64) -> bool {
        let before = self.wanted.len();
        self.wanted.retain(|wanted| wanted.sequence != sequence);
        self.wanted.len() < before
    }

    /// Puts the sequence numbers to ask for now into `ask`; gives up on those asked for too often.
    pub fn due(&mut self, now: Instant, round_trip: Option<Duration>, ask: &mut Vec<u16>) {
        let wait = round_trip.unwrap_or(SHORTEST_WAIT).max(SHORTEST_WAIT);
        self.wanted.retain_mut(|wanted| {
            if now < wanted.ask_at {
                return true;
            }
            if wanted.tries == MAX_TRIES {
                return false;
            }
            wanted.tries += 1;
            wanted.ask_at = now + wait;
            ask.push(wanted.sequence as u16);
            true
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hole_is_asked_for_until_filled_or_hopeless() {
        let start = Instant::now();
        let mut missing = Missing::default();
        missing.skipped(start, 5, 8).unwrap();
        let mut ask = Vec::new();
        missing.due(start, None, &mut ask);
        assert_eq!(ask, [5, 6, 7]);
        assert!(missing.filled(6));
        assert!(!missing.filled(6));
        let mut asked = 0;
        for n in 1..100 {
            ask.clear();
            missing.due(start + SHORTEST_WAIT * n, None, &mut ask);
            asked += ask.len();
        }
        assert_eq!(asked, 2 * (usize::from(MAX_TRIES) - 1));
    }

    #[test]
    fn a_huge_hole_calls_for_a_key_frame() {
        let mut missing = Missing::default();
        assert_eq!(missing.skipped(Instant::now(), 0, 10_000), Err(TooMany));
        let mut ask = Vec::new();
        missing.due(Instant::now(), None, &mut ask);
        assert!(ask.is_empty());
    }
}
