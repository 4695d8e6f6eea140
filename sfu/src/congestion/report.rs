//! Transport-wide feedback read packet by packet.

use rtc_rtcp::transport_feedbacks::transport_layer_cc::{PacketStatusChunk, SymbolTypeTcc, TransportLayerCc};
use std::time::Duration;

/// The unit of the reference time.
const REFERENCE: Duration = Duration::from_millis(64);
/// Packets that one feedback is read for; more are of a receiver that makes work.
const MAX_REPORTED: usize = 2048;

/// What a feedback says of one packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// Its transport-wide number.
    pub number: u16,
    /// When it came, on the receiver's clock; `None`: it has not.
    pub at: Option<Duration>,
}

/// Every packet that `feedback` covers, in order, at most [`MAX_REPORTED`].
#[must_use]
pub fn arrivals(feedback: &TransportLayerCc) -> Vec<Arrival> {
    let count = usize::from(feedback.packet_status_count).min(MAX_REPORTED);
    let mut deltas = feedback.recv_deltas.iter();
    let mut at = i64::from(feedback.reference_time) * REFERENCE.as_micros() as i64;
    let mut found = Vec::with_capacity(count);
    for symbol in symbols(feedback).take(count) {
        let number = feedback.base_sequence_number.wrapping_add(found.len() as u16);
        let arrived = match symbol {
            SymbolTypeTcc::PacketReceivedSmallDelta | SymbolTypeTcc::PacketReceivedLargeDelta => {
                let Some(delta) = deltas.next() else { break };
                at = at.saturating_add(delta.delta);
                u64::try_from(at).ok().map(Duration::from_micros)
            }
            SymbolTypeTcc::PacketNotReceived | SymbolTypeTcc::PacketReceivedWithoutDelta => None,
        };
        found.push(Arrival { number, at: arrived });
    }
    found
}

fn symbols(feedback: &TransportLayerCc) -> impl Iterator<Item = SymbolTypeTcc> {
    feedback.packet_chunks.iter().flat_map(|chunk| {
        let (run, list) = match chunk {
            PacketStatusChunk::RunLengthChunk(chunk) => {
                (Some((chunk.packet_status_symbol, usize::from(chunk.run_length))), None)
            }
            PacketStatusChunk::StatusVectorChunk(chunk) => (None, Some(chunk.symbol_list.iter().copied())),
        };
        let run = run
            .into_iter()
            .flat_map(|(symbol, length)| std::iter::repeat_n(symbol, length));
        run.chain(list.into_iter().flatten())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feedback::ArrivalTimes;
    use rtc_shared::marshal::Unmarshal;
    use std::time::Instant;

    #[test]
    fn arrivals_and_losses_come_back_as_they_were() {
        let start = Instant::now();
        let mut times = ArrivalTimes::default();
        for (number, ms) in [(65_534, 0), (65_535, 7), (1, 90), (2, 91)] {
            times.arrived(start + Duration::from_millis(ms), number);
        }
        let mut bytes = Vec::new();
        times.write(1, 2, &mut bytes);
        let feedback = TransportLayerCc::unmarshal(&mut &bytes[..]).unwrap();
        let read = arrivals(&feedback);
        let numbers: Vec<u16> = read.iter().map(|arrival| arrival.number).collect();
        assert_eq!(numbers, [65_534, 65_535, 0, 1, 2]);
        let first = read[0].at.unwrap();
        let since: Vec<Option<u128>> = read.iter().map(|a| a.at.map(|at| (at - first).as_millis())).collect();
        assert_eq!(since, [Some(0), Some(7), None, Some(90), Some(91)]);
    }

    #[test]
    fn a_feedback_that_promises_more_than_it_has_is_read_as_far_as_it_goes() {
        let feedback = TransportLayerCc {
            packet_status_count: 60_000,
            packet_chunks: vec![PacketStatusChunk::StatusVectorChunk(
                rtc_rtcp::transport_feedbacks::transport_layer_cc::StatusVectorChunk {
                    symbol_list: vec![SymbolTypeTcc::PacketReceivedSmallDelta; 3],
                    ..Default::default()
                },
            )],
            ..TransportLayerCc::default()
        };
        assert_eq!(arrivals(&feedback), []);
    }
}
