//! What one peer publishes: its sound and the layers of its picture, and which SSRC is which.

use crate::PictureCodec;
use crate::feedback::KeyFrameRequest;
use crate::forward::SoundPayload;
use crate::limits::MAX_PUBLISHED_SSRCS;
use crate::receive::{Stream, TemporalLayers};
use crate::rtp::Header;
use crate::rtp::extension::AudioLevel;
use crate::rtp::red::Red;
use crate::sdp::offer::Extensions;
use crate::sdp::{Codecs, Direction, Kind, Offer, PictureCodecs, PicturePayload, Section};
use rustc_hash::FxHashMap;
use std::time::{Duration, Instant};

const SOUND_CLOCK: u32 = 48_000;
const PICTURE_CLOCK: u32 = 90_000;

/// The sound and picture of one peer.
#[derive(Debug, Default)]
pub(super) struct Publication {
    sections: Vec<Section>,
    streams: FxHashMap<u32, StreamKind>,
    pub(super) sound: Option<Sound>,
    pub(super) picture: Picture,
}

/// What an SSRC carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StreamKind {
    Sound,
    Picture {
        layer: usize,
    },
    /// Retransmissions (RFC 4588) of a layer.
    Repair {
        layer: usize,
    },
}

/// A microphone.
#[derive(Debug)]
pub(super) struct Sound {
    pub(super) stream: Stream,
    /// Loudest level of the running second in -dBov.
    pub(super) loudest: u8,
    pub(super) voiced: u32,
    pub(super) withheld: u32,
}

/// A camera.
#[derive(Debug, Default)]
pub(super) struct Picture {
    pub(super) layers: [Option<PictureLayer>; 3],
    /// What it may be encoded with, by the offer; `None`: no picture is offered.
    pub(super) codecs: Option<PictureCodecs>,
    /// What it is encoded with, by the newest key frame.
    pub(super) codec: Option<PictureCodec>,
}

/// One simulcast layer.
#[derive(Debug)]
pub(super) struct PictureLayer {
    pub(super) stream: Stream,
    pub(super) temporal: TemporalLayers,
    pub(super) key_frame: KeyFrameRequest,
    pub(super) key_frames: u32,
    pub(super) size: (u16, u16),
}

impl Sound {
    fn new(ssrc: u32) -> Self {
        Self {
            stream: Stream::new(ssrc, SOUND_CLOCK, false),
            loudest: SILENCE,
            voiced: 0,
            withheld: 0,
        }
    }

    /// Takes a packet's audio level into the running second.
    pub(super) fn heard(&mut self, level: AudioLevel) {
        self.loudest = self.loudest.min(level.level);
        self.voiced += u32::from(level.voice);
    }
}

/// The level of digital silence (RFC 6464).
pub(super) const SILENCE: u8 = 127;

impl PictureLayer {
    fn new(ssrc: u32) -> Self {
        Self {
            stream: Stream::new(ssrc, PICTURE_CLOCK, true),
            temporal: TemporalLayers::default(),
            key_frame: KeyFrameRequest::default(),
            key_frames: 0,
            size: (0, 0),
        }
    }
}

impl Picture {
    /// Which layers come.
    pub(super) fn active(&self, now: Instant) -> [bool; 3] {
        self.layers
            .each_ref()
            .map(|layer| layer.as_ref().is_some_and(|layer| layer.stream.active(now)))
    }

    /// The highest temporal layer of the lowest layer; 0: it has but one.
    pub(super) fn top_of_lowest(&self) -> u8 {
        self.layers[0].as_ref().map_or(0, |layer| layer.temporal.highest())
    }

    /// Bits a second of the lowest layer without its highest temporal layer.
    pub(super) fn half_of_lowest(&self, now: Instant) -> Option<u32> {
        self.layers[0].as_ref()?.temporal.bps_below_highest(now)
    }

    /// Whether any layer came in the last `time`.
    pub(super) fn came_within(&self, now: Instant, time: Duration) -> bool {
        let mut layers = self.layers.iter().flatten();
        layers.any(|layer| layer.stream.came_within(now, time))
    }

    /// Whoever may see this picture from now on must not be shown what was before.
    pub(super) fn forget_past(&mut self) {
        for layer in self.layers.iter_mut().flatten() {
            layer.stream.cache.forget_group();
        }
    }
}

impl Publication {
    /// Takes over what a new offer says; running streams go on.
    pub(super) fn negotiate(&mut self, offer: &Offer) {
        self.sections = offer
            .sections
            .iter()
            .filter(|section| section.direction == Direction::Sends && section.codecs.is_some())
            .cloned()
            .collect();
        self.picture.codecs = offer.picture_sent();
        for section in 0..self.sections.len() {
            self.announce(section);
        }
    }

    /// SSRCs named in the SDP need no extension to be known.
    fn announce(&mut self, section: usize) {
        let Some(Section { kind, ssrcs, .. }) = self.sections.get(section) else {
            return;
        };
        let (kind, ssrcs) = (*kind, ssrcs.clone());
        for (n, ssrc) in ssrcs.into_iter().enumerate() {
            match (kind, n) {
                (Some(Kind::Sound), 0) => self.learn(ssrc, StreamKind::Sound),
                (Some(Kind::Picture), 0) => self.learn(ssrc, StreamKind::Picture { layer: 0 }),
                (Some(Kind::Picture), 1) => self.learn(ssrc, StreamKind::Repair { layer: 0 }),
                _ => {}
            }
        }
    }

    /// Whether sound is offered.
    pub(super) fn offers_sound(&self) -> bool {
        self.sections.iter().any(|section| section.kind == Some(Kind::Sound))
    }

    /// A sound packet's payload as its payload type says; `None` when that was not negotiated, or cannot be read.
    pub(super) fn read_sound<'a>(&self, payload_type: u8, payload: &'a [u8]) -> Option<SoundPayload<'a>> {
        let codecs = self.sections.iter().filter_map(|section| section.codecs);
        let opus = codecs
            .filter(|codecs| codecs.has(payload_type))
            .find_map(|codecs| match codecs {
                Codecs::Sound(opus) => Some(opus),
                Codecs::Picture(_) => None,
            })?;
        if opus.red == Some(payload_type) {
            Red::parse(payload, opus.payload_type).map(SoundPayload::Red)
        } else {
            Some(SoundPayload::Opus(payload))
        }
    }

    /// What a picture packet's payload type says it is encoded with, or repeats; `None` when that was not negotiated.
    pub(super) fn read_picture(&self, payload_type: u8) -> Option<PicturePayload> {
        self.picture.codecs?.payload(payload_type)
    }

    /// The ids of the extensions of the section a packet may belong to. Ids are the same in all sections of a bundle
    /// (RFC 8843 section 9), so the first that has it will do.
    pub(super) fn extension(&self, of: impl Fn(&Extensions) -> Option<u8>) -> Option<u8> {
        self.sections.iter().find_map(|section| of(&section.extensions))
    }

    /// What the packet's SSRC carries; learns it from the packet if it is new (RFC 9143, RFC 8852).
    pub(super) fn classify(&mut self, header: &Header, packet: &[u8]) -> Option<StreamKind> {
        if let Some(known) = self.streams.get(&header.ssrc) {
            return Some(*known);
        }
        let found = self.recognise(header, packet)?;
        self.learn(header.ssrc, found);
        self.streams.get(&header.ssrc).copied()
    }

    fn recognise(&self, header: &Header, packet: &[u8]) -> Option<StreamKind> {
        let text = |id: Option<u8>| id.and_then(|id| header.extensions(packet).find(id));
        let mid = text(self.extension(|e| e.mid));
        let section = self.sections.iter().find(|section| match mid {
            Some(mid) => section.mid.as_bytes() == mid,
            None => section.codecs.is_some_and(|codecs| codecs.has(header.payload_type)),
        })?;
        let codecs = match section.codecs.filter(|codecs| codecs.has(header.payload_type))? {
            Codecs::Sound(_) => return Some(StreamKind::Sound),
            Codecs::Picture(codecs) => codecs,
        };
        let layer = |rid: Option<&[u8]>| match rid {
            Some(rid) => section.rids.iter().position(|known| known.as_bytes() == rid),
            None => section.rids.is_empty().then_some(0),
        };
        match codecs.payload(header.payload_type)? {
            PicturePayload::Repair(_) => {
                let rid = text(section.extensions.repaired_rid).or_else(|| text(section.extensions.rid));
                layer(rid).map(|layer| StreamKind::Repair { layer })
            }
            PicturePayload::Media(_) => layer(text(section.extensions.rid)).map(|layer| StreamKind::Picture { layer }),
        }
    }

    fn learn(&mut self, ssrc: u32, kind: StreamKind) {
        if self.streams.contains_key(&ssrc) || self.streams.len() >= MAX_PUBLISHED_SSRCS {
            return;
        }
        self.streams.insert(ssrc, kind);
        match kind {
            StreamKind::Sound => self.sound = Some(Sound::new(ssrc)),
            StreamKind::Picture { layer } => {
                if let Some(place) = self.picture.layers.get_mut(layer) {
                    *place = Some(PictureLayer::new(ssrc));
                }
            }
            StreamKind::Repair { .. } => {}
        }
    }

    /// How many SSRCs are known.
    pub(super) fn streams(&self) -> usize {
        self.streams.len()
    }

    /// Every running stream.
    pub(super) fn streams_mut(&mut self) -> impl Iterator<Item = &mut Stream> {
        let sound = self.sound.as_mut().map(|sound| &mut sound.stream);
        sound
            .into_iter()
            .chain(self.picture.layers.iter_mut().flatten().map(|layer| &mut layer.stream))
    }

    /// The running stream with this SSRC.
    pub(super) fn stream(&self, ssrc: u32) -> Option<&Stream> {
        let sound = self.sound.as_ref().map(|sound| &sound.stream);
        sound
            .into_iter()
            .chain(self.picture.layers.iter().flatten().map(|layer| &layer.stream))
            .find(|stream| stream.ssrc == ssrc)
    }
}
