//! The VP8 payload descriptor and the clear start of a frame (RFC 7741, RFC 6386 section 9.1): read, and rewritten in
//! place so that a switch of layer is seamless to the decoder.

use super::picture::{Descriptor, PictureId};

/// Reads the start of a payload; `None` when it is too short to be VP8.
#[must_use]
pub fn parse(payload: &[u8]) -> Option<Descriptor> {
    let first = *payload.first()?;
    let mut found = Descriptor {
        starts_frame: first & 0x10 != 0 && first & 0x07 == 0,
        ..Descriptor::default()
    };
    let mut at = 1;
    if first & 0x80 != 0 {
        let extensions = *payload.get(at)?;
        at += 1;
        if extensions & 0x80 != 0 {
            found.picture_id_at = at;
            let high = *payload.get(at)?;
            at += 1;
            let mut value = u16::from(high & 0x7f);
            let long = high & 0x80 != 0;
            if long {
                value = value << 8 | u16::from(*payload.get(at)?);
                at += 1;
            }
            found.picture_id = Some(PictureId { value, long });
        }
        if extensions & 0x40 != 0 {
            found.base_index_at = at;
            found.base_index = Some(*payload.get(at)?);
            at += 1;
        }
        if extensions & 0x30 != 0 {
            let layer = *payload.get(at)?;
            found.temporal_layer = (extensions & 0x20 != 0).then_some(layer >> 6);
            found.layer_sync = extensions & 0x20 != 0 && layer & 0x20 != 0;
            at += 1;
        }
    }
    if found.starts_frame {
        // The lowest bit of the frame tag is 0 in key frames.
        found.key_frame = payload.get(at).is_some_and(|tag| tag & 1 == 0);
        if found.key_frame {
            found.size = frame_size(payload.get(at..)?);
        }
    }
    Some(found)
}

impl Descriptor {
    /// Adds the offsets to the picture number and base index in `payload`, the one `self` was read from.
    pub fn rewrite(&self, payload: &mut [u8], offset: Offset) {
        if let Some(id) = self.picture_id {
            let value = id.value.wrapping_add(offset.picture_id);
            let [high, low] = value.to_be_bytes();
            match payload.get_mut(self.picture_id_at..) {
                Some([first, second, ..]) if id.long => (*first, *second) = (high | 0x80, low),
                Some([first, ..]) if !id.long => *first = low & 0x7f,
                _ => {}
            }
        }
        if let (Some(index), Some(byte)) = (self.base_index, payload.get_mut(self.base_index_at)) {
            *byte = index.wrapping_add(offset.base_index);
        }
    }
}

/// What a receive slot adds to the numbers of the layer it shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Offset {
    /// Added to the picture number, modulo its width.
    pub picture_id: u16,
    /// Added to TL0PICIDX.
    pub base_index: u8,
}

fn frame_size(frame: &[u8]) -> Option<(u16, u16)> {
    let [_, _, _, 0x9d, 0x01, 0x2a, w0, w1, h0, h1, ..] = *frame else {
        return None;
    };
    Some((
        u16::from_le_bytes([w0, w1]) & 0x3fff,
        u16::from_le_bytes([h0, h1]) & 0x3fff,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rtc_rtp::codec::vp8::Vp8Packet;
    use rtc_rtp::packetizer::Depacketizer;

    #[test]
    fn key_frame_with_size() {
        let payload = [
            0x90, 0xc0, 0x81, 0x02, 7, 0x10, 0, 0, 0x9d, 1, 0x2a, 0x40, 0x01, 0xb4, 0x00,
        ];
        let found = parse(&payload).unwrap();
        assert!(found.starts_frame && found.key_frame);
        assert_eq!(found.size, Some((320, 180)));
        assert_eq!(
            found.picture_id,
            Some(PictureId {
                value: 0x102,
                long: true
            })
        );
        assert_eq!(found.base_index, Some(7));
    }

    #[test]
    fn a_later_partition_does_not_start_a_frame() {
        assert!(!parse(&[0x11, 0]).unwrap().starts_frame);
        assert!(!parse(&[0x00, 0]).unwrap().key_frame);
    }

    proptest! {
        #[test]
        fn agrees_with_an_independent_reader(payload in prop::collection::vec(any::<u8>(), 8..40)) {
            let mut other = Vp8Packet::default();
            let read = other.depacketize(&bytes::Bytes::from(payload.clone())).is_ok();
            let ours = parse(&payload);
            if let (true, Some(ours)) = (read, ours) {
                prop_assert_eq!(ours.picture_id.map_or(0, |id| id.value), other.picture_id);
                prop_assert_eq!(ours.base_index.unwrap_or(0), other.tl0_pic_idx);
                prop_assert_eq!(ours.starts_frame, other.s == 1 && other.pid == 0);
                prop_assert_eq!(ours.temporal_layer, (other.t == 1).then_some(other.tid));
                prop_assert_eq!(ours.layer_sync, other.t == 1 && other.y == 1);
            }
        }

        #[test]
        fn rewriting_moves_the_numbers_and_nothing_else(
            payload in prop::collection::vec(any::<u8>(), 1..40), picture_id: u16, base_index: u8
        ) {
            let Some(before) = parse(&payload) else { return Ok(()) };
            let mut rewritten = payload.clone();
            before.rewrite(&mut rewritten, Offset { picture_id, base_index });
            let after = parse(&rewritten).unwrap();
            let mask = |id: PictureId| if id.long { 0x7fff } else { 0x7f };
            prop_assert_eq!(
                after.picture_id,
                before.picture_id.map(|id| PictureId { value: id.value.wrapping_add(picture_id) & mask(id), ..id })
            );
            prop_assert_eq!(after.base_index, before.base_index.map(|index| index.wrapping_add(base_index)));
            let undo = Offset { picture_id: picture_id.wrapping_neg(), base_index: base_index.wrapping_neg() };
            after.rewrite(&mut rewritten, undo);
            prop_assert_eq!(rewritten, payload);
        }
    }
}
