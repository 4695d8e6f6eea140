//! The codecs in common, under the peer's payload type numbers.

use super::Kind;
use super::formats::Formats;
use crate::PictureCodec;
use rtc_sdp::description::common::Attribute;

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
    /// What a section of this kind and the relay have in common.
    pub(super) fn read(attributes: &[Attribute], kind: Kind) -> Option<Self> {
        let formats = Formats::of(attributes);
        match kind {
            Kind::Sound => opus(&formats).map(Self::Sound),
            Kind::Picture => picture_codecs(&formats).map(Self::Picture),
        }
    }

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

fn opus(formats: &Formats<'_>) -> Option<Opus> {
    let payload_type = formats.mapped("opus/48000/2").next()?;
    let red = formats
        .mapped("red/48000/2")
        .find(|red| repeats(formats, *red, payload_type));
    Some(Opus { payload_type, red })
}

fn picture_codecs(formats: &Formats<'_>) -> Option<PictureCodecs> {
    let repairable = |payload_type| Repairable {
        payload_type,
        rtx: formats
            .mapped("rtx/90000")
            .find(|rtx| formats.parameter(*rtx, "apt").and_then(|of| of.parse().ok()) == Some(payload_type)),
    };
    // Of several, the constrained one: RFC 7742 section 6.2 has everybody decode it.
    let h264 = formats
        .mapped("H264/90000")
        .filter_map(|payload_type| Some((payload_type, baseline(formats, payload_type)?)))
        .min_by_key(|(_, profile)| profile & CONSTRAINED == 0);
    let codecs = PictureCodecs {
        vp8: formats.mapped("VP8/90000").next().map(repairable),
        h264: h264.map(|(payload_type, profile_level_id)| H264 {
            numbers: repairable(payload_type),
            profile_level_id,
        }),
    };
    codecs.if_any()
}

/// profile_idc of baseline, and constraint_set1_flag of its constrained kind (ITU-T H.264 section A.2.1).
const BASELINE: u32 = 0x42_0000;
const CONSTRAINED: u32 = 0x4000;

/// The profile and level of an H.264 that every receiver of H.264 decodes: baseline, cut as packetization mode 1 has it
/// (RFC 6184 section 8.1).
fn baseline(formats: &Formats<'_>, payload_type: u8) -> Option<u32> {
    let profile = formats
        .parameter(payload_type, "profile-level-id")
        .filter(|digits| digits.len() == 6)?;
    let profile = u32::from_str_radix(profile, 16).ok()?;
    let is_cut_so = formats.parameter(payload_type, "packetization-mode") == Some("1");
    (is_cut_so && profile & 0xff_0000 == BASELINE).then_some(profile)
}

/// `a=fmtp:63 111/111`: every block of 63 is of type 111.
fn repeats(formats: &Formats<'_>, red: u8, payload_type: u8) -> bool {
    formats
        .parameters(red)
        .any(|types| types.split('/').all(|block| block.trim().parse() == Ok(payload_type)))
}
