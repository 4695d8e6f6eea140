//! Interarrival jitter (RFC 3550 section 6.4.1, appendix A.8).

use std::time::{Duration, Instant};

/// A running estimate in media time units.
#[derive(Clone, Debug)]
pub struct Jitter {
    clock_rate: u32,
    last: Option<(Instant, u32)>,
    estimate: f64,
}

impl Jitter {
    /// For a media clock of `clock_rate` hertz.
    #[must_use]
    pub const fn new(clock_rate: u32) -> Self {
        Self {
            clock_rate,
            last: None,
            estimate: 0.0,
        }
    }

    /// Takes the arrival of a packet.
    pub fn arrived(&mut self, now: Instant, timestamp: u32) {
        if let Some((before, last)) = self.last {
            let passed = now.saturating_duration_since(before).as_secs_f64() * f64::from(self.clock_rate);
            let media = f64::from(timestamp.wrapping_sub(last).cast_signed());
            // A pause or a new time base is no jitter.
            if media.abs() < f64::from(self.clock_rate) * 2.0 {
                self.estimate += ((passed - media).abs() - self.estimate) / 16.0;
            }
        }
        self.last = Some((now, timestamp));
    }

    /// In media time units, as receiver reports carry it.
    #[must_use]
    pub fn units(&self) -> u32 {
        self.estimate as u32
    }

    /// As time.
    #[must_use]
    pub fn duration(&self) -> Duration {
        Duration::from_secs_f64(self.estimate / f64::from(self.clock_rate))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn even_arrivals_have_none_and_uneven_ones_approach_their_difference() {
        let start = Instant::now();
        let (mut even, mut uneven) = (Jitter::new(48_000), Jitter::new(48_000));
        for n in 0..200u32 {
            let at = start + Duration::from_millis(20) * n;
            even.arrived(at, n * 960);
            uneven.arrived(at + Duration::from_millis(if n % 2 == 0 { 0 } else { 10 }), n * 960);
        }
        assert!(even.duration() < Duration::from_micros(50));
        assert!(
            (9..=11).contains(&uneven.duration().as_millis()),
            "{:?}",
            uneven.duration()
        );
    }
}
