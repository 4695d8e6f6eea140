//! What arrives at the receiver, in bits a second.

use std::collections::VecDeque;
use std::time::Duration;

/// What the rate is taken over.
const WINDOW: Duration = Duration::from_millis(500);
/// Before this much has passed there is no rate.
const SHORTEST: Duration = Duration::from_millis(150);
/// Packets in the window: 48 Mbit/s of full packets; beyond that the window is shorter.
const MAX_PACKETS: usize = 2048;

/// The arrivals of the last [`WINDOW`].
#[derive(Debug, Default)]
pub(super) struct Throughput {
    arrivals: VecDeque<(Duration, u32)>,
    bytes: u64,
}

impl Throughput {
    /// A packet arrived, on the receiver's clock.
    pub(super) fn add(&mut self, at: Duration, bytes: u16) {
        if self.arrivals.back().is_some_and(|(newest, _)| at < *newest) {
            // Out of order: counted with the newest.
            if let Some((_, counted)) = self.arrivals.back_mut() {
                *counted += u32::from(bytes);
                self.bytes += u64::from(bytes);
            }
            return;
        }
        self.arrivals.push_back((at, u32::from(bytes)));
        self.bytes += u64::from(bytes);
        while self.arrivals.len() > MAX_PACKETS
            || self.arrivals.front().is_some_and(|(oldest, _)| at - *oldest > WINDOW)
        {
            let Some((_, bytes)) = self.arrivals.pop_front() else {
                break;
            };
            self.bytes -= u64::from(bytes);
        }
    }

    /// Bits a second; `None` as long as too little came.
    pub(super) fn bps(&self) -> Option<f64> {
        let ((first, first_bytes), (last, _)) = (self.arrivals.front()?, self.arrivals.back()?);
        let span = *last - *first;
        // The first packet's own time on the line lies before the span.
        let bytes = self.bytes - u64::from(*first_bytes);
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
    }
}
