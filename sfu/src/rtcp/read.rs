//! A compound, packet by packet.

use super::{Arrivals, HEADER, ReceptionBlock, SenderInfo, format, kind};
use thiserror::Error;

/// One RTCP packet, as far as the relay understands it.
#[derive(Clone, Debug)]
pub enum Packet<'a> {
    /// SR.
    SenderReport(SenderInfo, Blocks<'a>),
    /// RR.
    ReceiverReport(Blocks<'a>),
    /// Generic NACK (RFC 4585 section 6.2.1).
    Nack {
        /// The stream.
        media: u32,
        /// What is asked for again.
        lost: Sequences<'a>,
    },
    /// PLI (RFC 4585 section 6.3.1) of a stream.
    PictureLoss(u32),
    /// FIR (RFC 5104 section 4.3.1).
    FullIntra(Streams<'a>),
    /// Transport-wide feedback.
    Arrivals(Arrivals<'a>),
    /// REMB (draft-alvestrand-rmcat-remb-03), in bits a second.
    EstimatedMaximum(u64),
    /// Anything else.
    Other,
}

/// The rest of a compound cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("RTCP that cannot be read")]
pub struct Malformed;

/// The packets of a compound, in order; ends after the first that cannot be read.
pub fn packets(compound: &[u8]) -> impl Iterator<Item = Result<Packet<'_>, Malformed>> {
    let mut rest = compound;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let Some((packet, after)) = split(rest) else {
            rest = &[];
            return Some(Err(Malformed));
        };
        rest = after;
        let read = read(packet).ok_or(Malformed);
        if read.is_err() {
            rest = &[];
        }
        Some(read)
    })
}

/// Cuts the first packet off, as its length says.
pub(super) fn split(compound: &[u8]) -> Option<(&[u8], &[u8])> {
    let words = usize::from(u16_at(compound, 2)?);
    compound.split_at_checked(HEADER + 4 * words)
}

fn read(packet: &[u8]) -> Option<Packet<'_>> {
    let [first, kind, _, _, body @ ..] = packet else {
        return None;
    };
    if first >> 6 != 2 {
        return None;
    }
    let body = if first & 0x20 == 0 { body } else { unpadded(body)? };
    let count = first & 0x1f;
    match (*kind, count) {
        (kind::SENDER_REPORT, count) => {
            let (info, blocks) = body.split_at_checked(24)?;
            Some(Packet::SenderReport(sender_info(info)?, Blocks::new(blocks, count)?))
        }
        (kind::RECEIVER_REPORT, count) => {
            let (_, blocks) = body.split_at_checked(4)?;
            Some(Packet::ReceiverReport(Blocks::new(blocks, count)?))
        }
        (kind::TRANSPORT_FEEDBACK, format::NACK) => Some(Packet::Nack {
            media: u32_at(body, 4)?,
            lost: Sequences(body.get(8..)?),
        }),
        (kind::TRANSPORT_FEEDBACK, format::ARRIVALS) => Arrivals::read(body.get(8..)?).map(Packet::Arrivals),
        (kind::PAYLOAD_FEEDBACK, format::PICTURE_LOSS) => u32_at(body, 4).map(Packet::PictureLoss),
        (kind::PAYLOAD_FEEDBACK, format::FULL_INTRA) => {
            body.get(8..).map(|entries| Packet::FullIntra(Streams(entries)))
        }
        (kind::PAYLOAD_FEEDBACK, format::APPLICATION) => Some(estimated_maximum(body).unwrap_or(Packet::Other)),
        _ => Some(Packet::Other),
    }
}

/// The last byte of the padding counts it (RFC 3550 section 6.4.1).
fn unpadded(body: &[u8]) -> Option<&[u8]> {
    let padding = usize::from(*body.last()?);
    let len = body.len().checked_sub(padding)?;
    (padding > 0).then(|| &body[..len])
}

fn sender_info(bytes: &[u8]) -> Option<SenderInfo> {
    Some(SenderInfo {
        ssrc: u32_at(bytes, 0)?,
        ntp: u64::from(u32_at(bytes, 4)?) << 32 | u64::from(u32_at(bytes, 8)?),
        rtp: u32_at(bytes, 12)?,
        packets: u32_at(bytes, 16)?,
        octets: u32_at(bytes, 20)?,
    })
}

fn estimated_maximum(body: &[u8]) -> Option<Packet<'static>> {
    let [b'R', b'E', b'M', b'B', _, high, middle, low, ..] = *body.get(8..)? else {
        return None;
    };
    let mantissa = u64::from(high & 0x03) << 16 | u64::from(middle) << 8 | u64::from(low);
    // More than 64 bits a second is said to be without a bound.
    let bps = mantissa.checked_mul(1u64.checked_shl(u32::from(high >> 2)).unwrap_or(u64::MAX));
    Some(Packet::EstimatedMaximum(bps.unwrap_or(u64::MAX)))
}

/// The reception blocks of a report.
#[derive(Clone, Debug)]
pub struct Blocks<'a>(&'a [u8]);

impl<'a> Blocks<'a> {
    fn new(bytes: &'a [u8], count: u8) -> Option<Self> {
        bytes.get(..ReceptionBlock::LEN * usize::from(count)).map(Self)
    }
}

impl Iterator for Blocks<'_> {
    type Item = ReceptionBlock;

    fn next(&mut self) -> Option<ReceptionBlock> {
        let (block, rest) = self.0.split_at_checked(ReceptionBlock::LEN)?;
        self.0 = rest;
        let lost = u32_at(block, 4)?;
        Some(ReceptionBlock {
            ssrc: u32_at(block, 0)?,
            fraction_lost: (lost >> 24) as u8,
            total_lost: lost & 0xff_ffff,
            highest: u32_at(block, 8)?,
            jitter: u32_at(block, 12)?,
            last_sender_report: u32_at(block, 16)?,
            delay: u32_at(block, 20)?,
        })
    }
}

/// The sequence numbers of a NACK.
#[derive(Clone, Debug)]
pub struct Sequences<'a>(&'a [u8]);

impl<'a> IntoIterator for Sequences<'a> {
    type Item = u16;
    type IntoIter = std::iter::FlatMap<std::slice::ChunksExact<'a, u8>, Pair, fn(&'a [u8]) -> Pair>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.chunks_exact(4).flat_map(Pair::read)
    }
}

/// A sequence number, and a bit for each of the sixteen that follow.
#[derive(Clone, Debug)]
pub struct Pair {
    first: u16,
    /// The bits with that of `first` below them.
    left: u32,
}

impl Pair {
    fn read(bytes: &[u8]) -> Self {
        let (first, following) = (u16_at(bytes, 0), u16_at(bytes, 2));
        Self {
            first: first.unwrap_or_default(),
            left: u32::from(following.unwrap_or_default()) << 1 | 1,
        }
    }
}

impl Iterator for Pair {
    type Item = u16;

    fn next(&mut self) -> Option<u16> {
        let bit = self.left.trailing_zeros();
        self.left &= self.left.checked_sub(1)?;
        Some(self.first.wrapping_add(bit as u16))
    }
}

/// The streams that a FIR names.
#[derive(Clone, Debug)]
pub struct Streams<'a>(&'a [u8]);

impl Iterator for Streams<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        let (entry, rest) = self.0.split_at_checked(8)?;
        self.0 = rest;
        u32_at(entry, 0)
    }
}

pub(super) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().copied().map(u16::from_be_bytes)
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().copied().map(u32::from_be_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rtc_rtcp::payload_feedbacks::full_intra_request::{FirEntry, FullIntraRequest};
    use rtc_rtcp::payload_feedbacks::picture_loss_indication::PictureLossIndication;
    use rtc_rtcp::payload_feedbacks::receiver_estimated_maximum_bitrate::ReceiverEstimatedMaximumBitrate;
    use rtc_rtcp::reception_report::ReceptionReport;
    use rtc_rtcp::sender_report::SenderReport;
    use rtc_rtcp::transport_feedbacks::transport_layer_nack::{TransportLayerNack, nack_pairs_from_sequence_numbers};
    use rtc_shared::marshal::Marshal;
    use std::collections::BTreeSet;

    fn only(compound: &[u8]) -> Packet<'_> {
        let mut packets = packets(compound);
        let first = packets.next().unwrap().unwrap();
        assert!(packets.next().is_none());
        first
    }

    proptest! {
        #[test]
        fn what_an_independent_writer_asks_for_is_read(
            media: u32, first: u16, behind in prop::collection::btree_set(0u16..400, 1..60)
        ) {
            let asked: Vec<u16> = behind.iter().map(|behind| first.wrapping_add(*behind)).collect();
            let mut sorted = asked.clone();
            sorted.sort_unstable();
            let nacks = nack_pairs_from_sequence_numbers(&sorted);
            let bytes = TransportLayerNack { sender_ssrc: 1, media_ssrc: media, nacks }.marshal().unwrap();
            let Packet::Nack { media: read, lost } = only(&bytes) else { panic!("no NACK") };
            prop_assert_eq!(read, media);
            prop_assert_eq!(lost.into_iter().collect::<BTreeSet<_>>(), asked.into_iter().collect::<BTreeSet<_>>());
        }

        #[test]
        fn reports_of_an_independent_writer_are_read(
            info: (u32, u64, u32, u32, u32),
            blocks in prop::collection::vec(any::<(u32, u8, u32, u32, u32, u32)>(), 0..32),
        ) {
            let (ssrc, ntp_time, rtp_time, packet_count, octet_count) = info;
            let reports = blocks.iter().map(|&(ssrc, fraction_lost, highest, jitter, last, delay)| ReceptionReport {
                ssrc, fraction_lost, total_lost: highest >> 8, last_sequence_number: highest, jitter,
                last_sender_report: last, delay,
            }).take(31).collect::<Vec<_>>();
            let report = SenderReport {
                ssrc, ntp_time, rtp_time, packet_count, octet_count, reports: reports.clone(), ..SenderReport::default()
            };
            let bytes = report.marshal().unwrap();
            let Packet::SenderReport(read, read_blocks) = only(&bytes) else { panic!("no report") };
            prop_assert_eq!(
                (read.ssrc, read.ntp, read.rtp, read.packets, read.octets),
                (ssrc, ntp_time, rtp_time, packet_count, octet_count)
            );
            let read: Vec<ReceptionBlock> = read_blocks.collect();
            let expected: Vec<ReceptionBlock> = reports.iter().map(|report| ReceptionBlock {
                ssrc: report.ssrc, fraction_lost: report.fraction_lost, total_lost: report.total_lost,
                highest: report.last_sequence_number, jitter: report.jitter,
                last_sender_report: report.last_sender_report, delay: report.delay,
            }).collect();
            prop_assert_eq!(read, expected);
        }

        #[test]
        fn any_bytes_are_read_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            for packet in packets(&bytes) {
                match packet {
                    Ok(Packet::Nack { lost, .. }) => { lost.into_iter().for_each(drop); }
                    Ok(Packet::SenderReport(_, blocks) | Packet::ReceiverReport(blocks)) => blocks.for_each(drop),
                    Ok(Packet::FullIntra(streams)) => streams.for_each(drop),
                    Ok(Packet::Arrivals(arrivals)) => arrivals.for_each(drop),
                    _ => {}
                }
            }
        }
    }

    #[test]
    fn requests_for_key_frames_and_estimates_are_read() {
        let pli = PictureLossIndication {
            sender_ssrc: 1,
            media_ssrc: 7,
        }
        .marshal()
        .unwrap();
        assert!(matches!(only(&pli), Packet::PictureLoss(7)));
        let entry = |ssrc| FirEntry {
            ssrc,
            sequence_number: 3,
        };
        let fir = FullIntraRequest {
            sender_ssrc: 1,
            media_ssrc: 0,
            fir: vec![entry(8), entry(9)],
        };
        let fir = fir.marshal().unwrap();
        let Packet::FullIntra(streams) = only(&fir) else {
            panic!("no FIR")
        };
        assert_eq!(streams.collect::<Vec<_>>(), [8, 9]);
        let remb = ReceiverEstimatedMaximumBitrate {
            sender_ssrc: 1,
            bitrate: 1_200_000.0,
            ssrcs: vec![5],
        };
        let remb = remb.marshal().unwrap();
        let Packet::EstimatedMaximum(bps) = only(&remb) else {
            panic!("no REMB")
        };
        assert!((1_190_000..=1_200_000).contains(&bps), "{bps}");
    }

    #[test]
    fn what_comes_before_the_unreadable_is_read() {
        let pli = PictureLossIndication {
            sender_ssrc: 1,
            media_ssrc: 7,
        }
        .marshal()
        .unwrap();
        let bytes = [&pli[..], &pli[..11]].concat();
        let read: Vec<_> = packets(&bytes).collect();
        assert!(matches!(read[..], [Ok(Packet::PictureLoss(7)), Err(Malformed)]));
        let overlong_padding = [0xa0 | 1, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 9];
        assert!(matches!(
            packets(&overlong_padding).collect::<Vec<_>>()[..],
            [Err(Malformed)]
        ));
    }
}
