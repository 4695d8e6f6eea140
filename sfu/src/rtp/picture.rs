//! What forwarding needs to know of a picture packet, whatever the picture is encoded with.

use super::{h264, vp8};

/// What a picture is encoded with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum PictureCodec {
    /// RFC 6386; every receiver decodes it.
    #[default]
    Vp8,
    /// ITU-T H.264, constrained baseline.
    H264,
}

/// What a picture packet says of itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Descriptor {
    /// As what it was read.
    pub codec: PictureCodec,
    /// The packet with which a frame counts as begun: one for each frame.
    pub starts_frame: bool,
    /// The packet starts a key frame: a decoder needs nothing before it.
    pub key_frame: bool,
    /// Width and height, in a key frame's first packet.
    pub size: Option<(u16, u16)>,
    /// Picture number (VP8).
    pub picture_id: Option<PictureId>,
    /// Counter of temporal base layer frames (VP8's TL0PICIDX).
    pub base_index: Option<u8>,
    /// Temporal layer (VP8's TID).
    pub temporal_layer: Option<u8>,
    /// The frame needs the base layer alone (VP8's Y).
    pub layer_sync: bool,
    pub(super) picture_id_at: usize,
    pub(super) base_index_at: usize,
}

/// A picture number of 7 or 15 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PictureId {
    /// The number.
    pub value: u16,
    /// Whether it has 15 bits.
    pub long: bool,
}

impl Descriptor {
    /// Reads the start of a payload; one that cannot be read says nothing of itself.
    #[must_use]
    pub fn read(codec: PictureCodec, payload: &[u8]) -> Self {
        let read = match codec {
            PictureCodec::Vp8 => vp8::parse(payload),
            PictureCodec::H264 => h264::parse(payload),
        };
        read.unwrap_or(Self {
            codec,
            ..Self::default()
        })
    }
}
