//! Sound as each receiver reads it.

use crate::rtp::red::Red;
use crate::sdp::Opus;

/// The payload of a sound packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SoundPayload<'a> {
    /// One Opus frame.
    Opus(&'a [u8]),
    /// The newest Opus frame, and earlier ones again.
    Red(Red<'a>),
}

impl<'a> SoundPayload<'a> {
    /// As a receiver of `codec` reads it: with the repeated frames, if it reads RED and they reach back no further than
    /// `allowed`, the media time for which it has been allowed to hear this sound; else the newest frame alone.
    #[must_use]
    pub fn for_receiver(self, codec: Opus, allowed: u32) -> Self {
        match self {
            Self::Red(red) if codec.red.is_none() || red.reach() > allowed => Self::Opus(red.primary()),
            other => other,
        }
    }

    /// The receiver's number for what [`SoundPayload::for_receiver`] gave.
    #[must_use]
    pub fn payload_type(&self, codec: Opus) -> u8 {
        match self {
            Self::Opus(_) => codec.payload_type,
            Self::Red(_) => codec.red.unwrap_or(codec.payload_type),
        }
    }

    /// Bytes on the wire.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.bytes().len()
    }

    /// Whether there is nothing to hear.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.bytes().is_empty()
    }

    const fn bytes(&self) -> &'a [u8] {
        match self {
            Self::Opus(frame) => frame,
            Self::Red(red) => red.bytes(),
        }
    }

    /// Appends it in the receiver's numbers.
    pub fn write(&self, codec: Opus, to: &mut Vec<u8>) {
        match self {
            Self::Opus(frame) => to.extend_from_slice(frame),
            Self::Red(red) => red.write(codec.payload_type, to),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RED: [u8; 8] = [
        0x80 | 111,
        (960u32 >> 6) as u8,
        ((960 & 0x3f) << 2) as u8,
        1,
        111,
        0xaa,
        0xbb,
        0xcc,
    ];

    #[test]
    fn the_repeated_frames_are_for_those_who_read_them_and_could_hear_them() {
        let sent = SoundPayload::Red(Red::parse(&RED, 111).expect("RED"));
        let plain = Opus {
            payload_type: 109,
            red: None,
        };
        let reads_red = Opus { red: Some(63), ..plain };
        let received = |codec: Opus, allowed: u32| {
            let payload = sent.for_receiver(codec, allowed);
            let mut bytes = Vec::new();
            payload.write(codec, &mut bytes);
            assert_eq!(bytes.len(), payload.len());
            (payload.payload_type(codec), bytes)
        };
        assert_eq!(received(plain, 5000), (109, vec![0xbb, 0xcc]));
        assert_eq!(
            received(reads_red, 959),
            (109, vec![0xbb, 0xcc]),
            "said before it was allowed"
        );
        let (payload_type, bytes) = received(reads_red, 960);
        assert_eq!((payload_type, bytes[0], bytes[4]), (63, 0x80 | 109, 109));
        assert_eq!(bytes[5..], RED[5..]);
    }
}
