//! What a datagram carries, as far as its clear header tells (RFC 7983, RFC 5761; SRTP leaves the header in the clear).

use crate::delegate::connection::{OPUS, RED, VP8};

/// What a datagram carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// RTP of a sound.
    Sound,
    /// RTP of a picture.
    Picture,
    /// RTCP, ICE checks, DTLS.
    Other,
}

impl Kind {
    /// By the first two bytes and the payload types that the delegates offer.
    #[must_use]
    pub fn of(datagram: &[u8]) -> Self {
        let &[first, second, ..] = datagram else {
            return Self::Other;
        };
        let rtp = (128..192).contains(&first);
        let rtcp = (192..224).contains(&second);
        match second & 0x7f {
            OPUS | RED if rtp && !rtcp => Self::Sound,
            VP8 if rtp && !rtcp => Self::Picture,
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sound_picture_and_the_rest_are_told_apart() {
        assert_eq!(Kind::of(&[0x80, 111, 0, 1]), Kind::Sound);
        assert_eq!(Kind::of(&[0x80, 63, 0, 1]), Kind::Sound, "with the frame before");
        assert_eq!(Kind::of(&[0x90, 0x80 | 96, 0, 1]), Kind::Picture, "with the marker");
        assert_eq!(Kind::of(&[0x80, 200, 0, 6]), Kind::Other, "a sender report");
        assert_eq!(Kind::of(&[0x00, 0x01, 0, 0]), Kind::Other, "a connectivity check");
        assert_eq!(Kind::of(&[22, 254, 253]), Kind::Other, "a handshake");
        assert_eq!(Kind::of(&[]), Kind::Other);
    }
}
