//! H.264 in RTP as WebRTC has it (RFC 6184, packetization mode 1): single NAL units, aggregates (STAP-A) and fragments
//! (FU-A). Read only: nothing in it is numbered, so nothing is rewritten.

mod sps;

use super::picture::{Descriptor, PictureCodec};

/// NAL unit types (ITU-T H.264 table 7-1).
const SLICE: u8 = 1;
const IDR_SLICE: u8 = 5;
const SPS: u8 = 7;
/// Payload structures (RFC 6184 section 5.2).
const STAP_A: u8 = 24;
const FU_A: u8 = 28;

/// Reads the start of a payload; `None` when it is of no structure of packetization mode 1.
///
/// A key frame begins with the packet that has its sequence parameter set: senders put that before every IDR picture in
/// the stream, and a decoder that begins needs it. A frame is counted by its first slice.
#[must_use]
pub fn parse(payload: &[u8]) -> Option<Descriptor> {
    let mut found = Found::default();
    match kind(*payload.first()?) {
        1..=23 => found.take(payload),
        STAP_A => units(&payload[1..]).for_each(|unit| found.take(unit)),
        FU_A => {
            let header = *payload.get(1)?;
            // The first fragment has the start bit; the unit's own header is put together from two bytes.
            if header & 0x80 != 0 {
                found.slice(kind(header), payload.get(2));
            }
        }
        _ => return None,
    }
    Some(found.descriptor())
}

const fn kind(header: u8) -> u8 {
    header & 0x1f
}

/// The NAL units of an aggregate, as far as they are whole.
fn units(mut rest: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (length, after) = rest.split_first_chunk::<2>()?;
        let (unit, after) = after.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        rest = after;
        Some(unit)
    })
}

/// What has been met in one packet.
#[derive(Default)]
struct Found {
    has_parameters: bool,
    has_other_slice: bool,
    starts_frame: bool,
    size: Option<(u16, u16)>,
}

impl Found {
    fn take(&mut self, unit: &[u8]) {
        let Some((header, body)) = unit.split_first() else {
            return;
        };
        match kind(*header) {
            SPS => {
                self.has_parameters = true;
                self.size = sps::frame_size(body);
            }
            slice => self.slice(slice, body.first()),
        }
    }

    /// `first` is the first byte of the slice header, which begins with first_mb_in_slice: a 1 is the number 0
    /// (section 9.1), and thus the first slice of the frame.
    fn slice(&mut self, kind: u8, first: Option<&u8>) {
        self.has_other_slice |= kind == SLICE;
        self.starts_frame |= matches!(kind, SLICE | IDR_SLICE) && first.is_some_and(|byte| byte & 0x80 != 0);
    }

    fn descriptor(&self) -> Descriptor {
        let key_frame = self.has_parameters && !self.has_other_slice;
        Descriptor {
            codec: PictureCodec::H264,
            starts_frame: self.starts_frame,
            key_frame,
            size: self.size.filter(|_| key_frame),
            ..Descriptor::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use proptest::prelude::*;
    use rtc_rtp::codec::h264::H264Payloader;
    use rtc_rtp::packetizer::Payloader;

    /// x264's for 320x180, constrained baseline.
    const SPS_320X180: [u8; 25] = [
        0x67, 0x42, 0xc0, 0x0c, 0xd9, 0x01, 0x41, 0x9f, 0x9f, 0x01, 0x10, 0x00, 0x00, 0x03, 0x00, 0x10, 0x00, 0x00,
        0x03, 0x01, 0xe0, 0xf1, 0x42, 0xa4, 0x80,
    ];

    #[test]
    fn a_key_frame_begins_with_its_parameter_set_and_is_counted_by_its_first_slice() {
        let parameters = parse(&SPS_320X180).unwrap();
        assert!(parameters.key_frame && !parameters.starts_frame);
        assert!(!parse(&[0x68, 0xce]).unwrap().key_frame, "a picture parameter set");
        let first = parse(&[0x7c, 0x85, 0x88, 0]).unwrap();
        assert!(
            first.starts_frame && !first.key_frame,
            "the first fragment of the IDR picture"
        );
        assert!(!parse(&[0x7c, 0x05, 0x88, 0]).unwrap().starts_frame, "a later fragment");
        assert!(!parse(&[0x65, 0x40]).unwrap().starts_frame, "a later slice");
        assert!(parse(&[0x41, 0x9a]).unwrap().starts_frame, "the next frame");
    }

    #[test]
    fn a_parameter_set_before_a_picture_that_needs_others_is_no_key_frame() {
        let mut aggregate = vec![0x78, 0, SPS_320X180.len() as u8];
        aggregate.extend_from_slice(&SPS_320X180);
        assert!(parse(&aggregate).unwrap().key_frame);
        aggregate.extend_from_slice(&[0, 2, 0x41, 0x9a]);
        let read = parse(&aggregate).unwrap();
        assert!(!read.key_frame && read.starts_frame && read.size.is_none());
    }

    #[test]
    fn other_structures_are_not_read() {
        for nothing in [&[][..], &[0x7d, 0x85, 0, 0, 0x88], &[0x79, 0, 0], &[0x00], &[0x7c]] {
            assert_eq!(parse(nothing), None, "{nothing:?}");
        }
    }

    proptest! {
        #[test]
        fn whatever_way_a_frame_is_cut_it_begins_once(
            is_key: bool, slice in prop::collection::vec(1u8.., 1..6000), mtu in 100usize..1400, before in 0u8..3
        ) {
            let mut frame = Vec::new();
            let mut unit = |bytes: &[u8]| {
                frame.extend_from_slice(&[0, 0, 0, 1]);
                frame.extend_from_slice(bytes);
            };
            if before > 0 { unit(&[0x09, 0xf0]); }
            if is_key {
                unit(&SPS_320X180);
                unit(&[0x68, 0xce, 0x3c, 0x80]);
            }
            if before > 1 { unit(&[0x06, 5, 1, 1, 0x80]); }
            unit(&[&[if is_key { 0x65 } else { 0x41 }, 0x88][..], &slice].concat());
            let packets = H264Payloader::default().payload(mtu, &Bytes::from(frame)).unwrap();
            let read: Vec<Descriptor> = packets.iter().map(|packet| parse(packet).unwrap()).collect();
            prop_assert_eq!(read.iter().filter(|packet| packet.starts_frame).count(), 1);
            let key_frames: Vec<usize> = (0..read.len()).filter(|n| read[*n].key_frame).collect();
            prop_assert_eq!(key_frames.len(), usize::from(is_key));
            if is_key {
                prop_assert_eq!(read[key_frames[0]].size, Some((320, 180)));
                let first_slice = read.iter().position(|packet| packet.starts_frame).unwrap();
                prop_assert!(key_frames[0] <= first_slice);
            }
        }

        #[test]
        fn anything_is_read_or_not(payload in prop::collection::vec(any::<u8>(), 0..200)) {
            if let Some(read) = parse(&payload) {
                prop_assert!(read.size.is_none() || read.key_frame);
            }
        }
    }
}
