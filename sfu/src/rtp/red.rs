//! Redundant sound (RED, RFC 2198): earlier Opus frames repeated in front of the newest. Senders build it; the relay
//! passes it on, or its newest frame alone to those who do not read it.

/// Bytes of the header of a repeated block; that of the newest has one.
const REPEATED_HEADER: usize = 4;

/// A payload of `audio/red`, read in place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Red<'a> {
    payload: &'a [u8],
    primary_header: usize,
    primary: usize,
    reach: u32,
}

impl<'a> Red<'a> {
    /// Reads a payload whose blocks are all of the payload type `codec`; `None` when they are not, or do not fill it.
    #[must_use]
    pub fn parse(payload: &'a [u8], codec: u8) -> Option<Self> {
        let (mut at, mut repeated, mut reach) = (0, 0, 0);
        loop {
            let first = *payload.get(at)?;
            if first & 0x7f != codec {
                return None;
            }
            if first & 0x80 == 0 {
                break;
            }
            // 14 bits of time stamp offset and 10 of length.
            let [_, high, middle, low] = *payload.get(at..)?.first_chunk()?;
            reach = reach.max(u32::from(high) << 6 | u32::from(middle) >> 2);
            repeated += usize::from(middle & 0x03) << 8 | usize::from(low);
            at += REPEATED_HEADER;
        }
        let primary = at + 1 + repeated;
        (primary < payload.len()).then_some(Self {
            payload,
            primary_header: at,
            primary,
            reach,
        })
    }

    /// The newest frame.
    #[must_use]
    pub fn primary(&self) -> &'a [u8] {
        &self.payload[self.primary..]
    }

    /// The payload as it came.
    #[must_use]
    pub const fn bytes(&self) -> &'a [u8] {
        self.payload
    }

    /// How far back in media time the oldest frame lies.
    #[must_use]
    pub const fn reach(&self) -> u32 {
        self.reach
    }

    /// Appends the payload with its blocks under the number `codec`.
    pub fn write(&self, codec: u8, to: &mut Vec<u8>) {
        let start = to.len();
        to.extend_from_slice(self.payload);
        for header in to[start..=start + self.primary_header]
            .iter_mut()
            .step_by(REPEATED_HEADER)
        {
            *header = (*header & 0x80) | (codec & 0x7f);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const OPUS: u8 = 111;

    /// Written by the letter of RFC 2198 section 3: offset and frame of each repeated block, then the newest frame.
    fn red(codec: u8, repeated: &[(u32, Vec<u8>)], newest: &[u8]) -> Vec<u8> {
        let mut payload = Vec::new();
        for (offset, frame) in repeated {
            let word = 1 << 31 | u32::from(codec) << 24 | offset << 10 | frame.len() as u32;
            payload.extend_from_slice(&word.to_be_bytes());
        }
        payload.push(codec);
        repeated.iter().for_each(|(_, frame)| payload.extend_from_slice(frame));
        payload.extend_from_slice(newest);
        payload
    }

    fn frame(longest: usize) -> impl Strategy<Value = Vec<u8>> {
        prop::collection::vec(any::<u8>(), 0..longest)
    }

    proptest! {
        #[test]
        fn every_block_is_found_and_renumbered(
            codec in 0u8..128, other in 0u8..128, newest in prop::collection::vec(any::<u8>(), 1..200),
            repeated in prop::collection::vec((0u32..1 << 14, frame(1024)), 0..5),
        ) {
            let payload = red(codec, &repeated, &newest);
            let read = Red::parse(&payload, codec).unwrap();
            prop_assert_eq!(read.primary(), &newest[..]);
            prop_assert_eq!(read.reach(), repeated.iter().map(|(offset, _)| *offset).max().unwrap_or(0));
            let mut written = vec![7];
            read.write(other, &mut written);
            prop_assert_eq!(&written[1..], &red(other, &repeated, &newest)[..]);
        }

        #[test]
        fn any_bytes_are_read_without_panic(payload in prop::collection::vec(any::<u8>(), 0..64), codec in 0u8..128) {
            if let Some(read) = Red::parse(&payload, codec) {
                let mut written = Vec::new();
                read.write(codec, &mut written);
                prop_assert_eq!(written, payload);
            }
        }

        #[test]
        fn a_payload_cut_short_is_refused_or_loses_its_end(cut in 0usize..60) {
            let payload = red(OPUS, &[(960, vec![1; 20]), (480, vec![2; 10])], &[3; 30]);
            let read = Red::parse(&payload[..cut], OPUS);
            prop_assert_eq!(read.map(|read| read.primary().len()), cut.checked_sub(39).filter(|len| *len > 0));
        }
    }

    #[test]
    fn blocks_of_another_codec_are_refused() {
        let mut payload = red(OPUS, &[(960, vec![1; 20])], &[3; 30]);
        assert!(Red::parse(&payload, 96).is_none());
        payload[4] = 13;
        assert!(Red::parse(&payload, OPUS).is_none(), "the newest is comfort noise");
    }
}
