//! The RTP header (RFC 3550 section 5.1), read in place.

use super::extension::Elements;
use thiserror::Error;

/// Bytes of the fixed part.
pub const FIXED_LEN: usize = 12;

/// One RTP packet's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Last packet of a frame (picture), first after silence (sound).
    pub marker: bool,
    /// The codec, by the number the sender offered.
    pub payload_type: u8,
    /// Sequence number.
    pub sequence: u16,
    /// Media time.
    pub timestamp: u32,
    /// Synchronisation source.
    pub ssrc: u32,
    /// Whether the last payload byte counts padding.
    pub padded: bool,
    /// Length of the whole header with CSRCs and extension.
    pub len: usize,
    extension: Option<Extension>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Extension {
    profile: u16,
    start: usize,
    end: usize,
}

/// Why a packet is not RTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum HeaderError {
    /// The header says more than the packet has.
    #[error("RTP packet shorter than its header")]
    TooShort,
    /// Version is not 2.
    #[error("RTP version is not 2")]
    Version,
    /// The padding count exceeds the payload, or is zero.
    #[error("RTP padding is longer than the payload")]
    Padding,
}

impl Header {
    /// Reads the header of `packet`.
    ///
    /// # Errors
    /// When the bytes are not an RTP packet.
    pub fn parse(packet: &[u8]) -> Result<Self, HeaderError> {
        let (fixed, _) = packet.split_first_chunk::<FIXED_LEN>().ok_or(HeaderError::TooShort)?;
        if fixed[0] >> 6 != 2 {
            return Err(HeaderError::Version);
        }
        let mut len = FIXED_LEN + 4 * usize::from(fixed[0] & 0x0f);
        let mut extension = None;
        if fixed[0] & 0x10 != 0 {
            let [p0, p1, l0, l1] = *packet
                .get(len..)
                .and_then(<[u8]>::first_chunk)
                .ok_or(HeaderError::TooShort)?;
            let start = len + 4;
            let end = start + 4 * usize::from(u16::from_be_bytes([l0, l1]));
            extension = Some(Extension {
                profile: u16::from_be_bytes([p0, p1]),
                start,
                end,
            });
            len = end;
        }
        if packet.len() < len {
            return Err(HeaderError::TooShort);
        }
        Ok(Self {
            marker: fixed[1] & 0x80 != 0,
            payload_type: fixed[1] & 0x7f,
            sequence: u16::from_be_bytes([fixed[2], fixed[3]]),
            timestamp: u32::from_be_bytes([fixed[4], fixed[5], fixed[6], fixed[7]]),
            ssrc: u32::from_be_bytes([fixed[8], fixed[9], fixed[10], fixed[11]]),
            padded: fixed[0] & 0x20 != 0,
            len,
            extension,
        })
    }

    /// The header extension's elements (RFC 8285); nothing for other extension profiles.
    #[must_use]
    pub fn extensions<'a>(&self, packet: &'a [u8]) -> Elements<'a> {
        self.extension.map_or(Elements::none(), |e| {
            Elements::new(e.profile, packet.get(e.start..e.end).unwrap_or_default())
        })
    }

    /// The payload of a decrypted packet, without padding.
    ///
    /// # Errors
    /// When the padding count is impossible.
    pub fn payload<'a>(&self, packet: &'a [u8]) -> Result<&'a [u8], HeaderError> {
        let payload = packet.get(self.len..).ok_or(HeaderError::TooShort)?;
        if !self.padded {
            return Ok(payload);
        }
        let padding = usize::from(*payload.last().ok_or(HeaderError::Padding)?);
        if padding == 0 {
            return Err(HeaderError::Padding);
        }
        payload
            .len()
            .checked_sub(padding)
            .map(|end| &payload[..end])
            .ok_or(HeaderError::Padding)
    }
}

/// What the relay writes in front of a forwarded payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// See [`Header::marker`].
    pub marker: bool,
    /// The receiver's number for the codec.
    pub payload_type: u8,
    /// The slot's sequence number.
    pub sequence: u16,
    /// The slot's media time.
    pub timestamp: u32,
    /// The slot's source.
    pub ssrc: u32,
    /// Audio level extension: its id at the receiver and the byte as the sender wrote it.
    pub audio_level: Option<(u8, u8)>,
    /// Transport-wide sequence number: its id at the receiver and the number.
    pub transport_number: Option<(u8, u16)>,
}

/// The most that [`Outgoing::write`] appends.
pub const MAX_OUTGOING_LEN: usize = FIXED_LEN + 4 + 8;

impl Outgoing {
    /// Appends the header to `to`; returns its length.
    pub fn write(&self, to: &mut Vec<u8>) -> usize {
        let start = to.len();
        to.extend_from_slice(&[0x80, (u8::from(self.marker) << 7) | (self.payload_type & 0x7f)]);
        to.extend_from_slice(&self.sequence.to_be_bytes());
        to.extend_from_slice(&self.timestamp.to_be_bytes());
        to.extend_from_slice(&self.ssrc.to_be_bytes());
        self.write_extension(start, to);
        to.len() - start
    }

    /// The one-byte form (RFC 8285 section 4.2); an id that it cannot have is left out.
    fn write_extension(&self, start: usize, to: &mut Vec<u8>) {
        let one_byte = |id: u8| (1..=14).contains(&id);
        let level = self.audio_level.filter(|(id, _)| one_byte(*id));
        let number = self.transport_number.filter(|(id, _)| one_byte(*id));
        if level.is_none() && number.is_none() {
            return;
        }
        to[start] |= 0x10;
        let elements = to.len() + 4;
        to.extend_from_slice(&[0xbe, 0xde, 0, 0]);
        if let Some((id, level)) = level {
            to.extend_from_slice(&[id << 4, level]);
        }
        if let Some((id, number)) = number {
            let [high, low] = number.to_be_bytes();
            to.extend_from_slice(&[id << 4 | 1, high, low]);
        }
        let words = (to.len() - elements).div_ceil(4);
        to.resize(elements + 4 * words, 0);
        to[elements - 1] = words as u8;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rtc_shared::marshal::{Marshal, Unmarshal};

    proptest! {
        #[test]
        fn reads_what_an_independent_writer_wrote(
            marker: bool, payload_type in 0u8..128, sequence: u16, timestamp: u32, ssrc: u32,
            csrc in prop::collection::vec(any::<u32>(), 0..15), level: u8, payload in prop::collection::vec(any::<u8>(), 0..64),
        ) {
            let mut other = rtc_rtp::Header {
                version: 2, marker, payload_type, sequence_number: sequence, timestamp, ssrc, csrc, ..Default::default()
            };
            other.set_extension(3, vec![level].into()).unwrap();
            let packet = rtc_rtp::Packet { header: other, payload: payload.clone().into() }.marshal().unwrap();
            let header = Header::parse(&packet).unwrap();
            prop_assert_eq!(
                (header.marker, header.payload_type, header.sequence, header.timestamp, header.ssrc),
                (marker, payload_type, sequence, timestamp, ssrc)
            );
            prop_assert_eq!(header.payload(&packet).unwrap(), &payload[..]);
            prop_assert_eq!(header.extensions(&packet).find(3), Some(&[level][..]));
        }

        #[test]
        fn an_independent_reader_reads_what_we_write(
            marker: bool, payload_type in 0u8..128, sequence: u16, timestamp: u32, ssrc: u32,
            audio_level in prop::option::of((1u8..8, any::<u8>())),
            transport_number in prop::option::of((8u8..15, any::<u16>())),
        ) {
            let mut bytes = vec![7; 5];
            let outgoing = Outgoing { marker, payload_type, sequence, timestamp, ssrc, audio_level, transport_number };
            let len = outgoing.write(&mut bytes);
            prop_assert!(len == bytes.len() - 5 && len <= MAX_OUTGOING_LEN);
            let bytes = bytes.split_off(5);
            let other = rtc_rtp::Header::unmarshal(&mut &bytes[..]).unwrap();
            prop_assert_eq!(
                (other.marker, other.payload_type, other.sequence_number, other.timestamp, other.ssrc),
                (marker, payload_type, sequence, timestamp, ssrc)
            );
            prop_assert_eq!(
                audio_level.map(|(_, level)| vec![level]),
                audio_level.and_then(|(id, _)| other.get_extension(id)).map(|bytes| bytes.to_vec())
            );
            prop_assert_eq!(
                transport_number.map(|(_, number)| number.to_be_bytes().to_vec()),
                transport_number.and_then(|(id, _)| other.get_extension(id)).map(|bytes| bytes.to_vec())
            );
        }

        #[test]
        fn any_bytes_are_read_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(header) = Header::parse(&bytes) {
                let _ = header.payload(&bytes);
                let _ = header.extensions(&bytes).count();
            }
        }
    }

    #[test]
    fn padding_longer_than_the_payload_is_refused() {
        let mut packet = vec![0xa0, 96, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 7, 9];
        let header = Header::parse(&packet).unwrap();
        assert_eq!(header.payload(&packet), Err(HeaderError::Padding));
        packet[13] = 1;
        assert_eq!(header.payload(&packet), Ok(&[7][..]));
    }
}
