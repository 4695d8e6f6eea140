//! What a receiver says of one stream, between two samples.

use std::time::Duration;

/// What a receiver says of one stream in its receiver reports, which may be several; forgotten at each sample.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reception {
    /// Jitter, as the last of them has it.
    pub jitter: Option<Duration>,
    /// Packets that the reports are about, and how many of them are missing.
    expected: f32,
    missing: f32,
}

impl Reception {
    /// Takes in a report about `expected` packets, of which `fraction_lost` of 256 are missing (RFC 3550 section 6.4.1).
    pub fn add(&mut self, expected: u32, fraction_lost: u8, jitter: Duration) {
        self.expected += expected as f32;
        self.missing += expected as f32 * f32::from(fraction_lost) / 256.0;
        self.jitter = Some(jitter);
    }

    /// Share lost, 0 to 1; `None`: nothing was reported.
    #[must_use]
    pub fn lost(&self) -> Option<f32> {
        (self.expected > 0.0).then(|| self.missing / self.expected)
    }
}

#[cfg(test)]
mod tests {
    use super::Reception;
    use std::time::Duration;

    #[test]
    fn each_report_of_a_second_counts_by_the_packets_that_it_is_about() {
        let mut reception = Reception::default();
        assert_eq!(reception.lost(), None);
        reception.add(36, 0, Duration::ZERO);
        reception.add(4, 64, Duration::from_millis(3));
        assert_eq!(reception.lost(), Some(1.0 / 40.0));
        assert_eq!(reception.jitter, Some(Duration::from_millis(3)));
    }
}
