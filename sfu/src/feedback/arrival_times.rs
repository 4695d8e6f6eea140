//! Transport-wide feedback to a publisher: when each of its packets came
//! (draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1). The browser estimates its uplink from it.

use crate::rtp::ExtendedSequence;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Packets in one feedback; 100 ms of 10 Mbit/s in full packets. Older ones are left out.
const MAX_PACKETS: usize = 256;
/// Packets one feedback may span, with the lost ones among them.
const MAX_SPAN: u64 = 512;
/// The unit of arrival differences.
const TICK_US: i64 = 250;
/// The unit of the reference time.
const REFERENCE_US: i64 = 64_000;

/// Arrivals since the last feedback.
#[derive(Debug, Default)]
pub struct ArrivalTimes {
    sequence: ExtendedSequence,
    arrived: VecDeque<(u64, Instant)>,
    next: Option<u64>,
    feedbacks: u8,
    epoch: Option<Instant>,
}

impl ArrivalTimes {
    /// A packet with this transport-wide number came.
    pub fn arrived(&mut self, now: Instant, number: u16) {
        self.epoch.get_or_insert(now);
        let number = self.sequence.extend(number);
        // One that comes late was told as missing, and is told again.
        if self.next.is_some_and(|next| number + MAX_SPAN / 2 < next) {
            return;
        }
        if self.arrived.len() == MAX_PACKETS {
            self.arrived.pop_front();
        }
        let place = self
            .arrived
            .iter()
            .rposition(|(before, _)| *before <= number)
            .map_or(0, |at| at + 1);
        if place
            .checked_sub(1)
            .is_none_or(|before| self.arrived[before].0 != number)
        {
            self.arrived.insert(place, (number, now));
        }
    }

    /// Writes the feedback packet (RTCP payload type 205, format 15) about what came since the last one; `false` and
    /// nothing written if nothing came.
    pub fn write(&mut self, sender: u32, media: u32, to: &mut Vec<u8>) -> bool {
        let (Some(epoch), Some(&(first_arrived, first_at)), Some(&(last, _))) =
            (self.epoch, self.arrived.front(), self.arrived.back())
        else {
            return false;
        };
        let first = self
            .next
            .unwrap_or(first_arrived)
            .min(first_arrived)
            .max((last + 1).saturating_sub(MAX_SPAN));
        let count = last + 1 - first;
        let micros = |at: Instant| at.saturating_duration_since(epoch).as_micros() as i64;
        let reference = micros(first_at) / REFERENCE_US;

        let start = to.len();
        to.extend_from_slice(&[0x8f, 205, 0, 0]);
        to.extend_from_slice(&sender.to_be_bytes());
        to.extend_from_slice(&media.to_be_bytes());
        to.extend_from_slice(&(first as u16).to_be_bytes());
        to.extend_from_slice(&(count as u16).to_be_bytes());
        to.extend_from_slice(&(reference as u32).to_be_bytes()[1..]);
        to.push(self.feedbacks);
        self.feedbacks = self.feedbacks.wrapping_add(1);

        let deltas = || self.deltas(first, reference * REFERENCE_US, micros);
        write_chunks(first, count, deltas(), to);
        write_deltas(deltas(), to);
        let padding = (4 - (to.len() - start) % 4) % 4;
        for n in (1..=padding).rev() {
            // RFC 3550 section 6.4.1: the last byte of the padding counts it.
            to.push(if n == 1 { padding as u8 } else { 0 });
        }
        if padding > 0 {
            to[start] |= 0x20;
        }
        let words = ((to.len() - start) / 4 - 1) as u16;
        to[start + 2..start + 4].copy_from_slice(&words.to_be_bytes());
        self.arrived.clear();
        self.next = Some(self.next.unwrap_or(0).max(last + 1));
        true
    }

    /// Each arrival from `first` on, and the time since the one before it.
    fn deltas(
        &self,
        first: u64,
        reference_us: i64,
        micros: impl Fn(Instant) -> i64,
    ) -> impl Iterator<Item = (u64, i16)> {
        let mut before = reference_us / TICK_US;
        let told = self.arrived.iter().filter(move |(number, _)| *number >= first);
        told.map(move |(number, at)| {
            let ticks = micros(*at) / TICK_US;
            let delta = (ticks - before).clamp(i64::from(i16::MIN), i64::from(i16::MAX)) as i16;
            before += i64::from(delta);
            (*number, delta)
        })
    }
}

/// Status vector chunks with two bits a packet: seven packets each (section 3.1.4).
fn write_chunks(first: u64, count: u64, deltas: impl Iterator<Item = (u64, i16)>, to: &mut Vec<u8>) {
    let mut arrived = deltas.peekable();
    let mut number = first;
    while number < first + count {
        let mut chunk = 0xc000u16;
        for place in 0..7 {
            let symbol = match arrived.next_if(|(at, _)| *at == number) {
                Some((_, delta)) if u8::try_from(delta).is_ok() => 1,
                Some(_) => 2,
                None => 0,
            };
            chunk |= symbol << (12 - 2 * place);
            number += 1;
        }
        to.extend_from_slice(&chunk.to_be_bytes());
    }
}

fn write_deltas(deltas: impl Iterator<Item = (u64, i16)>, to: &mut Vec<u8>) {
    for (_, delta) in deltas {
        match u8::try_from(delta) {
            Ok(small) => to.push(small),
            Err(_) => to.extend_from_slice(&delta.to_be_bytes()),
        }
    }
}

/// How often feedback goes out.
pub const INTERVAL: Duration = Duration::from_millis(100);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rtc_rtcp::transport_feedbacks::transport_layer_cc::{PacketStatusChunk, SymbolTypeTcc, TransportLayerCc};
    use rtc_shared::marshal::Unmarshal;

    /// What an independent reader makes of a feedback: numbers that arrived, with microseconds since the reference.
    fn read(mut bytes: &[u8]) -> (u16, u16, Vec<(u16, i64)>) {
        let cc = TransportLayerCc::unmarshal(&mut bytes).expect("readable");
        let symbols: Vec<SymbolTypeTcc> = cc
            .packet_chunks
            .iter()
            .flat_map(|chunk| match chunk {
                PacketStatusChunk::StatusVectorChunk(chunk) => chunk.symbol_list.clone(),
                PacketStatusChunk::RunLengthChunk(chunk) => {
                    vec![chunk.packet_status_symbol; usize::from(chunk.run_length)]
                }
            })
            .take(usize::from(cc.packet_status_count))
            .collect();
        let mut deltas = cc.recv_deltas.iter();
        let mut at = i64::from(cc.reference_time) * REFERENCE_US;
        let arrived = symbols
            .iter()
            .enumerate()
            .filter(|(_, symbol)| **symbol != SymbolTypeTcc::PacketNotReceived)
            .map(|(n, _)| {
                at += deltas.next().expect("a delta for each arrival").delta;
                (cc.base_sequence_number.wrapping_add(n as u16), at)
            })
            .collect();
        (cc.base_sequence_number, cc.packet_status_count, arrived)
    }

    proptest! {
        #[test]
        fn an_independent_reader_finds_every_arrival_at_its_time(
            start: u16, packets in prop::collection::vec((0u64..60_000, prop::bool::weighted(0.8)), 1..200)
        ) {
            let epoch = Instant::now();
            let mut times = ArrivalTimes::default();
            let mut now = epoch;
            let mut truth = Vec::new();
            let mut first_arrived = None;
            for (n, (gap, arrives)) in packets.iter().enumerate() {
                now += Duration::from_micros(*gap);
                if *arrives {
                    let base = *first_arrived.get_or_insert(now);
                    let number = start.wrapping_add(n as u16);
                    times.arrived(now, number);
                    truth.push((number, now.duration_since(base).as_micros() as i64));
                }
            }
            let mut bytes = Vec::new();
            prop_assert_eq!(times.write(1, 2, &mut bytes), !truth.is_empty());
            if truth.is_empty() { return Ok(()) }
            prop_assert_eq!(bytes.len() % 4, 0);
            let (base, count, arrived) = read(&bytes);
            prop_assert_eq!(base, truth[0].0);
            prop_assert_eq!(base.wrapping_add(count - 1), truth.last().unwrap().0);
            prop_assert_eq!(arrived.len(), truth.len());
            for ((number, at), (true_number, true_at)) in arrived.iter().zip(&truth) {
                prop_assert_eq!(number, true_number);
                prop_assert!((at - true_at).abs() <= TICK_US, "{} for {}", at, true_at);
            }
        }
    }

    #[test]
    fn one_that_comes_late_is_told_after_all() {
        let now = Instant::now();
        let mut times = ArrivalTimes::default();
        let mut bytes = Vec::new();
        [10, 12].iter().for_each(|number| times.arrived(now, *number));
        assert!(times.write(1, 2, &mut bytes));
        bytes.clear();
        [11, 13].iter().for_each(|number| times.arrived(now, *number));
        assert!(times.write(1, 2, &mut bytes));
        let (base, _, arrived) = read(&bytes);
        let numbers: Vec<u16> = arrived.iter().map(|(number, _)| *number).collect();
        assert_eq!((base, numbers), (11, vec![11, 13]));
        bytes.clear();
        times.arrived(now, 14);
        assert!(times.write(1, 2, &mut bytes));
        assert_eq!(read(&bytes).0, 14);
    }

    #[test]
    fn the_next_feedback_tells_the_lost_between_the_two() {
        let now = Instant::now();
        let mut times = ArrivalTimes::default();
        let mut bytes = Vec::new();
        times.arrived(now, 10);
        assert!(times.write(1, 2, &mut bytes));
        bytes.clear();
        times.arrived(now, 13);
        assert!(times.write(1, 2, &mut bytes));
        assert_eq!(read(&bytes).0, 11);
        assert!(!times.write(1, 2, &mut bytes), "nothing new");
    }
}
