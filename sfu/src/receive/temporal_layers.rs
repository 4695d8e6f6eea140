//! Which temporal layers a picture has (RFC 7741 section 4.2), and what it takes without the highest of them.

use super::bitrate::Bitrate;
use std::time::Instant;

/// IP, UDP and RTP headers with extensions, and the authentication tag.
const WRAPPING: usize = 72;

/// The temporal layers of one stream.
#[derive(Debug, Default)]
pub struct TemporalLayers {
    highest: u8,
    below: Bitrate,
}

impl TemporalLayers {
    /// A packet of temporal layer `layer` (TID) with so many bytes of payload.
    pub fn add(&mut self, now: Instant, layer: u8, bytes: usize) {
        if layer > self.highest {
            *self = Self {
                highest: layer,
                below: Bitrate::default(),
            };
        } else if layer < self.highest {
            self.below.add(now, bytes + WRAPPING);
        }
    }

    /// The highest there is; 0: there is but one.
    #[must_use]
    pub const fn highest(&self) -> u8 {
        self.highest
    }

    /// Bits a second without the highest; `None`: there is but one, or too little has come to say.
    #[must_use]
    pub fn bps_below_highest(&self, now: Instant) -> Option<u32> {
        self.below.bps(now).filter(|_| self.highest > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn after_two_seconds(layers: &[u8]) -> (u8, Option<u32>) {
        let start = Instant::now();
        let mut found = TemporalLayers::default();
        for n in 0..30usize {
            let now = start + Duration::from_millis(66 * n as u64);
            found.add(now, layers[n % layers.len()], 428);
        }
        (found.highest(), found.bps_below_highest(start + Duration::from_secs(2)))
    }

    #[test]
    fn without_the_highest_of_three_half_the_frames_are_left() {
        assert_eq!(after_two_seconds(&[0]), (0, None));
        let (highest, bps) = after_two_seconds(&[0, 2, 1, 2]);
        let bps = bps.expect("long enough");
        assert_eq!(highest, 2);
        assert!(
            (26_000..36_000).contains(&bps),
            "{bps}: half of 15 frames a second of 500 bytes"
        );
    }
}
