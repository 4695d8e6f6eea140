//! The packets that the relay sends.

use super::read::split;
use super::{HEADER, ReceptionBlock, SenderInfo, format, kind};

/// The most blocks of a report: their count has 5 bits.
pub const MAX_BLOCKS: usize = 31;

/// Appends a packet: its header with `count`, and what `write` appends, which must be whole words.
fn packet(to: &mut Vec<u8>, kind: u8, sender: u32, write: impl FnOnce(&mut Vec<u8>) -> u8) {
    let start = to.len();
    to.extend_from_slice(&[0x80, kind, 0, 0]);
    to.extend_from_slice(&sender.to_be_bytes());
    let count = write(to);
    let words = ((to.len() - start - HEADER) / 4) as u16;
    to[start] |= count;
    to[start + 2..start + 4].copy_from_slice(&words.to_be_bytes());
}

/// A sender report without blocks (RFC 3550 section 6.4.1).
pub fn sender_report(info: &SenderInfo, to: &mut Vec<u8>) {
    packet(to, kind::SENDER_REPORT, info.ssrc, |to| {
        to.extend_from_slice(&info.ntp.to_be_bytes());
        for word in [info.rtp, info.packets, info.octets] {
            to.extend_from_slice(&word.to_be_bytes());
        }
        0
    });
}

/// A receiver report (RFC 3550 section 6.4.2) with the first 31 `blocks`.
pub fn receiver_report(sender: u32, blocks: impl Iterator<Item = ReceptionBlock>, to: &mut Vec<u8>) {
    packet(to, kind::RECEIVER_REPORT, sender, |to| {
        let mut count = 0;
        for block in blocks.take(MAX_BLOCKS) {
            let lost = u32::from(block.fraction_lost) << 24 | block.total_lost.min(0xff_ffff);
            let words = [
                block.ssrc,
                lost,
                block.highest,
                block.jitter,
                block.last_sender_report,
                block.delay,
            ];
            for word in words {
                to.extend_from_slice(&word.to_be_bytes());
            }
            count += 1;
        }
        count
    });
}

/// A generic NACK (RFC 4585 section 6.2.1) for `lost`, which must be sorted.
pub fn nack(sender: u32, media: u32, lost: &[u16], to: &mut Vec<u8>) {
    packet(to, kind::TRANSPORT_FEEDBACK, sender, |to| {
        to.extend_from_slice(&media.to_be_bytes());
        let mut rest = lost;
        while let Some((first, _)) = rest.split_first() {
            let behind = |sequence: &u16| sequence.wrapping_sub(*first);
            let covered = rest.iter().take_while(|sequence| behind(sequence) <= 16).count();
            let bits = rest[..covered].iter().map(behind).filter(|behind| *behind > 0);
            let following = bits.fold(0u16, |all, behind| all | 1 << (behind - 1));
            to.extend_from_slice(&first.to_be_bytes());
            to.extend_from_slice(&following.to_be_bytes());
            rest = &rest[covered..];
        }
        format::NACK
    });
}

/// A request for a key frame (PLI, RFC 4585 section 6.3.1).
pub fn picture_loss(sender: u32, media: u32, to: &mut Vec<u8>) {
    packet(to, kind::PAYLOAD_FEEDBACK, sender, |to| {
        to.extend_from_slice(&media.to_be_bytes());
        format::PICTURE_LOSS
    });
}

/// Cuts packets that stand one after another into compounds of at most `most` bytes; a longer packet stands alone.
pub fn compounds(packets: &[u8], most: usize) -> impl Iterator<Item = &[u8]> {
    let mut rest = packets;
    std::iter::from_fn(move || {
        let mut len = split(rest).map_or(rest.len(), |(first, _)| first.len());
        while let Some((next, _)) = split(&rest[len..])
            && len + next.len() <= most
        {
            len += next.len();
        }
        let (compound, after) = rest.split_at(len);
        rest = after;
        (!compound.is_empty()).then_some(compound)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rtc_rtcp::payload_feedbacks::picture_loss_indication::PictureLossIndication;
    use rtc_rtcp::receiver_report::ReceiverReport;
    use rtc_rtcp::sender_report::SenderReport;
    use rtc_rtcp::transport_feedbacks::transport_layer_nack::TransportLayerNack;
    use rtc_shared::marshal::Unmarshal;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn an_independent_reader_reads_what_is_asked_for(media: u32, lost in prop::collection::btree_set(any::<u16>(), 1..300)) {
            let lost: Vec<u16> = lost.into_iter().collect();
            let mut bytes = Vec::new();
            nack(5, media, &lost, &mut bytes);
            let read = TransportLayerNack::unmarshal(&mut &bytes[..]).unwrap();
            prop_assert_eq!((read.sender_ssrc, read.media_ssrc), (5, media));
            let all: Vec<u16> = read.nacks.iter().flat_map(|pair| pair.packet_list()).collect();
            prop_assert_eq!(all.len(), lost.len());
            prop_assert_eq!(all.into_iter().collect::<BTreeSet<_>>(), lost.into_iter().collect());
        }

        #[test]
        fn an_independent_reader_reads_the_reports(
            info: (u32, u64, u32, u32, u32), count in 0usize..40, block: (u32, u8, u32, u32, u32, u32),
        ) {
            let (ssrc, ntp, rtp, packets, octets) = info;
            let mut bytes = Vec::new();
            sender_report(&SenderInfo { ssrc, ntp, rtp, packets, octets }, &mut bytes);
            let read = SenderReport::unmarshal(&mut &bytes[..]).unwrap();
            prop_assert_eq!((read.ssrc, read.ntp_time, read.rtp_time, read.packet_count, read.octet_count), info);
            let (ssrc, fraction_lost, highest, jitter, last_sender_report, delay) = block;
            let block = ReceptionBlock {
                ssrc, fraction_lost, total_lost: highest, highest, jitter, last_sender_report, delay,
            };
            bytes.clear();
            receiver_report(9, std::iter::repeat_n(block, count), &mut bytes);
            let read = ReceiverReport::unmarshal(&mut &bytes[..]).unwrap();
            prop_assert_eq!((read.ssrc, read.reports.len()), (9, count.min(MAX_BLOCKS)));
            for read in read.reports {
                prop_assert_eq!(
                    (read.ssrc, read.fraction_lost, read.total_lost, read.last_sequence_number, read.jitter),
                    (ssrc, fraction_lost, highest.min(0xff_ffff), highest, jitter)
                );
                prop_assert_eq!((read.last_sender_report, read.delay), (last_sender_report, delay));
            }
        }

        #[test]
        fn compounds_are_the_packets_in_order_and_as_long_as_allowed(blocks in prop::collection::vec(0usize..5, 0..60)) {
            let mut bytes = Vec::new();
            for count in blocks {
                receiver_report(9, std::iter::repeat_n(ReceptionBlock::default(), count), &mut bytes);
            }
            let cut: Vec<&[u8]> = compounds(&bytes, 300).collect();
            prop_assert_eq!(&cut.concat(), &bytes);
            for pair in cut.windows(2) {
                let next = split(pair[1]).unwrap().0.len();
                prop_assert!(pair[0].len() <= 300 && pair[0].len() + next > 300);
                prop_assert!(rtc_rtcp::packet::unmarshal(&mut &pair[0][..]).is_ok());
            }
        }
    }

    #[test]
    fn an_independent_reader_reads_the_request_for_a_key_frame() {
        let mut bytes = Vec::new();
        picture_loss(3, 4, &mut bytes);
        let read = PictureLossIndication::unmarshal(&mut &bytes[..]).unwrap();
        assert_eq!((read.sender_ssrc, read.media_ssrc), (3, 4));
    }
}
