//! What a stream takes on the line, in bits a second.

use std::time::{Duration, Instant};

/// What a rate is taken over.
const ROUND: Duration = Duration::from_millis(500);
/// Before this much has passed there is no rate.
const SHORTEST: Duration = Duration::from_millis(200);
/// Weight of the newest round: a key frame now and then must not double the rate.
const NEWEST: f64 = 0.4;

/// A running mean.
#[derive(Debug, Default)]
pub struct Bitrate {
    since: Option<Instant>,
    bytes: u64,
    bps: Option<f64>,
}

impl Bitrate {
    /// Counts a packet.
    pub fn add(&mut self, now: Instant, bytes: usize) {
        let since = *self.since.get_or_insert(now);
        let passed = now.saturating_duration_since(since);
        if passed >= ROUND {
            let newest = self.bytes as f64 * 8.0 / passed.as_secs_f64();
            // After a pause the old rate says nothing.
            let before = self.bps.filter(|_| passed < 4 * ROUND);
            self.bps = Some(before.map_or(newest, |before| before + NEWEST * (newest - before)));
            (self.since, self.bytes) = (Some(now), 0);
        }
        self.bytes += bytes as u64;
    }

    /// Bits a second; `None`: too little has come to say.
    #[must_use]
    pub fn bps(&self, now: Instant) -> Option<u32> {
        let begun = || {
            let passed = now.saturating_duration_since(self.since?);
            (passed >= SHORTEST).then(|| self.bytes as f64 * 8.0 / passed.as_secs_f64())
        };
        self.bps.or_else(begun).map(|bps| bps as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_even_stream_has_its_rate_soon_and_a_key_frame_does_not_double_it() {
        let start = Instant::now();
        let mut rate = Bitrate::default();
        assert_eq!(rate.bps(start), None);
        for n in 0..100u64 {
            let now = start + Duration::from_millis(50 * n);
            rate.add(now, if n == 50 { 5000 } else { 1000 });
            if n >= 5 {
                let bps = rate.bps(now).expect("enough");
                assert!((140_000..260_000).contains(&bps), "{bps} after {n}");
            }
        }
    }
}
