//! Exact percentiles of many durations.

use std::time::Duration;

/// All samples, in whole microseconds.
#[derive(Debug, Default)]
pub(super) struct Latencies {
    microseconds: Vec<u32>,
}

impl Latencies {
    pub(super) fn add(&mut self, latency: Duration) {
        self.microseconds
            .push(u32::try_from(latency.as_micros()).unwrap_or(u32::MAX));
    }

    /// The smallest latency that at least this share of the samples does not exceed, in milliseconds.
    pub(super) fn percentiles<const N: usize>(&mut self, shares: [f64; N]) -> [f64; N] {
        self.microseconds.sort_unstable();
        let count = self.microseconds.len();
        shares.map(|share| {
            let rank = (share * count as f64).ceil() as usize;
            let index = rank.clamp(1, count.max(1)) - 1;
            self.microseconds.get(index).map_or(f64::NAN, |&us| f64::from(us) / 1e3)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_exact() {
        let mut latencies = Latencies::default();
        (1..=1000).rev().for_each(|us| latencies.add(Duration::from_micros(us)));
        assert_eq!(latencies.percentiles([0.5, 0.99, 0.999, 1.0]), [0.5, 0.99, 0.999, 1.0]);
    }

    #[test]
    fn nothing_measured_is_no_figure() {
        assert!(Latencies::default().percentiles([0.5])[0].is_nan());
    }
}
