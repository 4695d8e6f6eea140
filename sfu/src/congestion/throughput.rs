//! What arrives at the receiver, in bits a second.

use std::collections::VecDeque;
use std::time::Duration;

/// What the rate is taken over.
const WINDOW: Duration = Duration::from_millis(500);
/// Before this much has passed there is no rate.
const SHORTEST: Duration = Duration::from_millis(150);
/// What arrives within this time counts as one arrival: of a hundred streams, hundreds of packets come in it.
const TOGETHER: Duration = Duration::from_millis(5);

/// The arrivals of the last [`WINDOW`], at most one for each [`TOGETHER`].
#[derive(Debug, Default)]
pub(super) struct Throughput {
    /// When each began, and its bytes.
    arrivals: VecDeque<(Duration, u64)>,
    bytes: u64,
}

impl Throughput {
    /// A packet arrived, on the receiver's clock.
    pub(super) fn add(&mut self, at: Duration, bytes: u16) {
        self.bytes += u64::from(bytes);
        // Also what is out of order is counted with the newest.
        if let Some((began, together)) = self.arrivals.back_mut()
            && at < *began + TOGETHER
        {
            *together += u64::from(bytes);
            return;
        }
        self.arrivals.push_back((at, u64::from(bytes)));
        while let Some((oldest, bytes)) = self.arrivals.front().copied()
            && at - oldest > WINDOW
        {
            self.arrivals.pop_front();
            self.bytes -= bytes;
        }
    }

    /// Bits a second; `None` as long as too little came.
    pub(super) fn bps(&self) -> Option<f64> {
        let ((first, first_bytes), (last, _)) = (self.arrivals.front()?, self.arrivals.back()?);
        let span = *last - *first;
        // The first arrival's own time on the line lies before the span.
        let bytes = self.bytes - *first_bytes;
        (span >= SHORTEST).then(|| bytes as f64 * 8.0 / span.as_secs_f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_even_stream_has_its_rate_and_a_new_one_none_yet() {
        let mut throughput = Throughput::default();
        for n in 0..200u64 {
            throughput.add(Duration::from_millis(10 * n), 1250);
            if n < 10 {
                assert_eq!(throughput.bps(), None);
            }
        }
        let bps = throughput.bps().expect("enough");
        assert!((0.99e6..1.01e6).contains(&bps), "{bps}");
        assert!(throughput.arrivals.len() <= 52);
        for n in 0..2000 {
            throughput.add(Duration::from_micros(1_990_000 + 50 * n), 1250);
        }
        assert!(throughput.arrivals.len() <= 72, "twenty more, not two thousand");
    }
}
