//! How long things take.

use prometheus::{Histogram, HistogramOpts, Registry, Result};
use std::time::Duration;

/// Bounds for what must be done well within a second, in seconds.
pub(super) const JUDGING: [f64; 9] = [0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.1, 1.0];
/// Bounds for what waits for a disk, in seconds: a good one, a bad one, one that hangs.
pub(super) const WRITING: [f64; 9] = [0.001, 0.002_5, 0.005, 0.01, 0.025, 0.1, 0.25, 1.0, 5.0];

/// A distribution of durations.
pub(super) struct Timing(Histogram);

impl Timing {
    pub(super) fn new(registry: &Registry, name: &str, help: &str, bounds: &[f64]) -> Result<Self> {
        let about = HistogramOpts::new(name, help).buckets(bounds.to_vec());
        let histogram = Histogram::with_opts(about)?;
        registry.register(Box::new(histogram.clone()))?;
        Ok(Self(histogram))
    }

    pub(super) fn observe(&self, took: Duration) {
        self.0.observe(took.as_secs_f64());
    }
}
