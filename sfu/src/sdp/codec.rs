//! The codecs in common, under the peer's payload type numbers.

use crate::PictureCodec;

/// What a media section may carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Codecs {
    /// Of a section of sound.
    Sound(Opus),
    /// Of a section of picture.
    Picture(PictureCodecs),
}

/// Sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opus {
    /// Opus (RFC 7587).
    pub payload_type: u8,
    /// Opus with earlier frames repeated (RFC 2198), if offered.
    pub red: Option<u8>,
}

/// Picture: at least one of the two.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PictureCodecs {
    /// VP8 (RFC 7741).
    pub vp8: Option<Repairable>,
    /// H.264 (RFC 6184).
    pub h264: Option<H264>,
}

/// One way to encode a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repairable {
    /// The picture.
    pub payload_type: u8,
    /// Retransmission of it (RFC 4588), if offered.
    pub rtx: Option<u8>,
}

/// H.264, baseline, packetization mode 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct H264 {
    /// Its numbers.
    pub numbers: Repairable,
    /// `profile-level-id` (RFC 6184 section 8.1), repeated in the answer.
    pub profile_level_id: u32,
}

/// What a packet of a picture's section carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PicturePayload {
    /// The picture itself.
    Media(PictureCodec),
    /// A retransmission.
    Repair(PictureCodec),
}

impl Codecs {
    /// Whether a packet of this payload type may come.
    #[must_use]
    pub fn has(&self, payload_type: u8) -> bool {
        match self {
            Self::Sound(opus) => opus.payload_type == payload_type || opus.red == Some(payload_type),
            Self::Picture(codecs) => codecs.payload(payload_type).is_some(),
        }
    }
}

impl PictureCodecs {
    /// The numbers of `codec`; `None`: the peer does not have it.
    #[must_use]
    pub fn of(&self, codec: PictureCodec) -> Option<Repairable> {
        match codec {
            PictureCodec::Vp8 => self.vp8,
            PictureCodec::H264 => self.h264.map(|h264| h264.numbers),
        }
    }

    /// Whether the peer has `codec`.
    #[must_use]
    pub fn has(&self, codec: PictureCodec) -> bool {
        self.of(codec).is_some()
    }

    /// What a packet of this payload type carries; `None`: it was not negotiated.
    #[must_use]
    pub fn payload(&self, payload_type: u8) -> Option<PicturePayload> {
        self.named().find_map(|(codec, numbers)| match payload_type {
            media if media == numbers.payload_type => Some(PicturePayload::Media(codec)),
            repair if Some(repair) == numbers.rtx => Some(PicturePayload::Repair(codec)),
            _ => None,
        })
    }

    /// Each one there is, VP8 first.
    pub fn named(&self) -> impl Iterator<Item = (PictureCodec, Repairable)> {
        [PictureCodec::Vp8, PictureCodec::H264]
            .into_iter()
            .filter_map(|codec| Some((codec, self.of(codec)?)))
    }

    /// As one who has them; `None` when there is none.
    pub(super) fn if_any(self) -> Option<Self> {
        (self != Self::default()).then_some(self)
    }
}
