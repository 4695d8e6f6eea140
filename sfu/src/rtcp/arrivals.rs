//! Transport-wide feedback, packet by packet (draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1).

use super::read::u16_at;
use std::time::Duration;

/// The unit of the reference time, in microseconds.
const REFERENCE_US: i64 = 64_000;
/// The unit of arrival differences, in microseconds.
const DELTA_US: i64 = 250;
/// Packets that one feedback is read for; more are of a receiver that makes work.
const MAX_REPORTED: u16 = 2048;

/// What a feedback says of one packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// Its transport-wide number.
    pub number: u16,
    /// When it came, on the receiver's clock; `None`: it has not.
    pub at: Option<Duration>,
}

/// Every packet that a feedback covers, in order, at most 2048 of them. One that promises more than it has is read as
/// far as it goes.
#[derive(Clone, Debug)]
pub struct Arrivals<'a> {
    number: u16,
    left: u16,
    at_us: i64,
    chunks: &'a [u8],
    chunk: Chunk,
    deltas: &'a [u8],
}

/// What is left of a packet status chunk (section 3.1.2).
#[derive(Clone, Copy, Debug, Default)]
struct Chunk {
    /// The next symbol in the highest bits.
    symbols: u16,
    bits: u32,
    /// Symbols left.
    left: u16,
    /// All the same.
    is_run: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Symbol {
    Missing,
    SmallDelta,
    LargeDelta,
}

impl<'a> Arrivals<'a> {
    /// Reads what follows the SSRCs.
    pub(super) fn read(bytes: &'a [u8]) -> Option<Self> {
        let [_, _, _, _, high, middle, low, _, after @ ..] = bytes else {
            return None;
        };
        let count = u16_at(bytes, 2)?;
        let reference = i64::from(u32::from_be_bytes([0, *high, *middle, *low]));
        let (chunks, deltas) = after.split_at_checked(chunks_len(after, count)?)?;
        Some(Self {
            number: u16_at(bytes, 0)?,
            left: count.min(MAX_REPORTED),
            at_us: reference * REFERENCE_US,
            chunks,
            chunk: Chunk::default(),
            deltas,
        })
    }

    fn symbol(&mut self) -> Option<Symbol> {
        if self.chunk.left == 0 {
            self.chunk = Chunk::read(u16_at(self.chunks, 0)?);
            self.chunks = self.chunks.get(2..)?;
        }
        self.chunk.next()
    }

    fn delta(&mut self, symbol: Symbol) -> Option<i64> {
        let (ticks, rest) = match symbol {
            Symbol::Missing => return None,
            Symbol::SmallDelta => {
                let (ticks, rest) = self.deltas.split_first()?;
                (i64::from(*ticks), rest)
            }
            Symbol::LargeDelta => {
                let (ticks, rest) = self.deltas.split_first_chunk::<2>()?;
                (i64::from(i16::from_be_bytes(*ticks)), rest)
            }
        };
        self.deltas = rest;
        Some(ticks * DELTA_US)
    }
}

impl Iterator for Arrivals<'_> {
    type Item = Arrival;

    fn next(&mut self) -> Option<Arrival> {
        self.left = self.left.checked_sub(1)?;
        let symbol = self.symbol()?;
        let at = if symbol == Symbol::Missing {
            None
        } else {
            self.at_us += self.delta(symbol)?;
            u64::try_from(self.at_us).ok().map(Duration::from_micros)
        };
        let number = self.number;
        self.number = number.wrapping_add(1);
        Some(Arrival { number, at })
    }
}

/// Bytes of the chunks that cover `count` packets; the deltas follow them.
fn chunks_len(bytes: &[u8], count: u16) -> Option<usize> {
    let (mut covered, mut len) = (0, 0);
    while covered < u32::from(count) {
        let chunk = Chunk::read(u16_at(bytes, len)?);
        // A run of nothing covers nothing, and the bytes end.
        covered += u32::from(chunk.left);
        len += 2;
    }
    Some(len)
}

impl Chunk {
    fn read(word: u16) -> Self {
        let (symbols, bits, left, is_run) = match word >> 14 {
            // Run length: 2 bits of symbol, 13 of length.
            0 | 1 => (word << 1, 2, word & 0x1fff, true),
            // Status vectors of 14 symbols of one bit, and of 7 of two.
            2 => (word << 2, 1, 14, false),
            _ => (word << 2, 2, 7, false),
        };
        Self {
            symbols,
            bits,
            left,
            is_run,
        }
    }

    fn next(&mut self) -> Option<Symbol> {
        self.left = self.left.checked_sub(1)?;
        let symbol = self.symbols >> (16 - self.bits);
        if !self.is_run {
            self.symbols <<= self.bits;
        }
        Some(match symbol {
            1 => Symbol::SmallDelta,
            2 => Symbol::LargeDelta,
            // 3 is reserved; what came without a time says nothing.
            _ => Symbol::Missing,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Packet, packets};
    use super::*;
    use proptest::prelude::*;
    use rtc_rtcp::transport_feedbacks::transport_layer_cc::{
        PacketStatusChunk, RecvDelta, RunLengthChunk, StatusChunkTypeTcc, StatusVectorChunk, SymbolSizeTypeTcc,
        SymbolTypeTcc, TransportLayerCc,
    };
    use rtc_shared::marshal::Marshal;

    fn read(bytes: &[u8]) -> Vec<Arrival> {
        let Some(Ok(Packet::Arrivals(arrivals))) = packets(bytes).next() else {
            panic!("no feedback")
        };
        arrivals.collect()
    }

    fn symbol(delta: Option<i16>) -> SymbolTypeTcc {
        match delta {
            None => SymbolTypeTcc::PacketNotReceived,
            Some(0..=255) => SymbolTypeTcc::PacketReceivedSmallDelta,
            Some(_) => SymbolTypeTcc::PacketReceivedLargeDelta,
        }
    }

    /// Every kind of chunk: runs, vectors of one bit where the symbols allow it, vectors of two.
    fn chunks(symbols: &[SymbolTypeTcc]) -> Vec<PacketStatusChunk> {
        let mut chunks = Vec::new();
        let mut rest = symbols;
        while let Some(first) = rest.first() {
            let run = rest.iter().take_while(|symbol| *symbol == first).count();
            let is_bit = |symbol: &SymbolTypeTcc| *symbol != SymbolTypeTcc::PacketReceivedLargeDelta;
            let (symbol_size, most) = if rest.iter().take(14).all(is_bit) {
                (SymbolSizeTypeTcc::OneBit, 14)
            } else {
                (SymbolSizeTypeTcc::TwoBit, 7)
            };
            let taken = if run > most {
                chunks.push(PacketStatusChunk::RunLengthChunk(RunLengthChunk {
                    type_tcc: StatusChunkTypeTcc::RunLengthChunk,
                    packet_status_symbol: *first,
                    run_length: run as u16,
                }));
                run
            } else {
                let taken = most.min(rest.len());
                chunks.push(PacketStatusChunk::StatusVectorChunk(StatusVectorChunk {
                    type_tcc: StatusChunkTypeTcc::StatusVectorChunk,
                    symbol_size,
                    symbol_list: rest[..taken].to_vec(),
                }));
                taken
            };
            rest = &rest[taken..];
        }
        chunks
    }

    proptest! {
        #[test]
        fn what_an_independent_writer_wrote_is_read(
            base: u16, reference in 600u32..1 << 24,
            deltas in prop::collection::vec(prop_oneof![
                2 => Just(None), 6 => (0i16..256).prop_map(Some), 1 => (-9000i16..9000).prop_map(Some),
                2 => Just(Some(7)),
            ], 1..200),
        ) {
            let symbols: Vec<SymbolTypeTcc> = deltas.iter().map(|delta| symbol(*delta)).collect();
            let feedback = TransportLayerCc {
                sender_ssrc: 1, media_ssrc: 2, base_sequence_number: base, packet_status_count: deltas.len() as u16,
                reference_time: reference, fb_pkt_count: 3, packet_chunks: chunks(&symbols),
                recv_deltas: deltas.iter().zip(&symbols).filter_map(|(delta, symbol)| Some(RecvDelta {
                    type_tcc_packet: *symbol, delta: i64::from((*delta)?) * DELTA_US,
                })).collect(),
            };
            let mut at = i64::from(reference) * REFERENCE_US;
            let expected: Vec<Arrival> = (0u16..).zip(&deltas).map(|(n, delta)| Arrival {
                number: base.wrapping_add(n),
                at: delta.and_then(|delta| {
                    at += i64::from(delta) * DELTA_US;
                    u64::try_from(at).ok().map(Duration::from_micros)
                }),
            }).collect();
            prop_assert_eq!(read(&feedback.marshal().unwrap()), expected);
        }
    }

    #[test]
    fn a_feedback_that_promises_more_than_it_has_is_refused_or_read_as_far_as_it_goes() {
        let feedback = |count: u16, chunk: u16, deltas: [u8; 2]| {
            let [high, low] = count.to_be_bytes();
            let [chunk_high, chunk_low] = chunk.to_be_bytes();
            let mut bytes = vec![0x8f, 205, 0, 5, 0, 0, 0, 1, 0, 0, 0, 2, 0, 9, high, low, 0, 0, 1, 0];
            bytes.extend([chunk_high, chunk_low, deltas[0], deltas[1]]);
            bytes
        };
        let run = |symbol: u16, length: u16| symbol << 13 | length;
        assert_eq!(read(&feedback(8000, run(1, 8000), [1, 1])).len(), 2, "two deltas");
        assert_eq!(
            read(&feedback(8000, run(0, 8000), [0, 0])).len(),
            usize::from(MAX_REPORTED)
        );
        let unreadable = feedback(60_000, run(1, 3), [1, 1]);
        assert!(
            matches!(packets(&unreadable).next(), Some(Err(_))),
            "its chunks cover less"
        );
        let nothing = feedback(3, run(1, 0), [0, 0]);
        assert!(matches!(packets(&nothing).next(), Some(Err(_))), "runs of nothing");
    }
}
