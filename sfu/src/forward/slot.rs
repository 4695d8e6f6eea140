//! A receive slot: one sound and one picture stream towards a receiver, showing one source at a time.

use super::Outcome;
use super::behind::{Behind, Lag};
use super::layer::choose;
use super::outlet::Outlet;
use super::reception::Reception;
use super::resent::Resent;
use super::rewrite::{Incoming, Numbers};
use super::sound::SoundPayload;
use super::temporal::{self, Temporal};
use super::way::Way;
use crate::allocation::Grant;
use crate::receive::Stream;
use crate::receive::cache::Kept;
use crate::rtp::header::Outgoing;
use crate::rtp::picture::Descriptor;
use crate::rtp::vp8::Offset;
use crate::sdp::{Opus, PictureCodecs, SlotSources};
use crate::{Layer, PeerId, PictureCodec};
use std::time::Instant;

const SOUND_CLOCK: u32 = 48_000;
const PICTURE_CLOCK: u32 = 90_000;

/// What the receiver negotiated for a slot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Negotiated {
    /// Opus; `None`: the slot has no sound section (yet).
    pub sound: Option<Opus>,
    /// What the receiver decodes; nothing: the slot has no picture section (yet).
    pub picture: PictureCodecs,
    /// The receiver's id for the audio level extension.
    pub audio_level: Option<u8>,
}

/// One slot of one receiver.
#[derive(Debug)]
pub struct Slot {
    /// Its SSRCs, fixed for the life of the connection.
    pub sources: SlotSources,
    /// Codecs and extensions.
    pub negotiated: Negotiated,
    /// Who is shown.
    pub occupant: Option<PeerId>,
    /// Figures of the running second.
    pub second: Second,
    /// What the receiver reported of the sound.
    pub sound_report: Reception,
    /// What the receiver reported of the picture.
    pub picture_report: Reception,
    sound: Outlet,
    picture: Outlet,
    /// Retransmissions that are still on their way.
    pub resent: Resent,
    rtx_sequence: u64,
    showing: Option<Layer>,
    target: Option<Layer>,
    /// What the receiver's line has room for.
    allotted: Option<Grant>,
    /// The picture was held back and has not begun again: the line is too thin for the past.
    has_waited: bool,
    temporal: Temporal,
    behind: Option<Behind>,
}

/// Counters of the running second; see [`crate::sample::EdgeSample`].
#[derive(Clone, Copy, Debug, Default)]
pub struct Second {
    /// Sound packets.
    pub sound: u32,
    /// Picture packets.
    pub picture: u32,
    /// Picture frames.
    pub frames: u32,
    /// Packets asked for again.
    pub nacked: u32,
    /// Key frames asked for.
    pub key_frame_requests: u32,
}

/// A decrypted packet on its way to the receivers.
#[derive(Clone, Copy, Debug)]
pub struct Packet<'a> {
    /// SSRC it came under.
    pub stream: u32,
    /// Extended sequence number.
    pub sequence: u64,
    /// Marker bit.
    pub marker: bool,
    /// Media time.
    pub timestamp: u32,
    /// Payload without padding.
    pub payload: &'a [u8],
}

impl Packet<'_> {
    const fn numbered(&self, vp8: Option<Descriptor>) -> Incoming {
        Incoming {
            stream: self.stream,
            sequence: self.sequence,
            timestamp: self.timestamp,
            vp8,
        }
    }
}

impl Slot {
    /// An empty slot; the outgoing numbers start at random (RFC 3550 section 5.1), in the lower half: a receiver that
    /// loses the packets before the first wrap must not guess the rollover counter wrong (RFC 3711 section 3.3.1).
    #[must_use]
    pub fn new(sources: SlotSources, random: [u16; 3]) -> Self {
        let random = random.map(|number| number & 0x7fff);
        Self {
            sources,
            negotiated: Negotiated::default(),
            occupant: None,
            second: Second::default(),
            sound_report: Reception::default(),
            picture_report: Reception::default(),
            sound: Outlet::new(SOUND_CLOCK, random[0]),
            picture: Outlet::new(PICTURE_CLOCK, random[1]),
            resent: Resent::default(),
            rtx_sequence: u64::from(random[2]),
            showing: None,
            target: None,
            allotted: Some(Grant::whole(Layer::High)),
            has_waited: false,
            temporal: Temporal::default(),
            behind: None,
        }
    }

    /// Puts somebody else, or nobody, into the slot.
    pub fn occupy(&mut self, occupant: Option<PeerId>) {
        self.occupant = occupant;
        self.sound.rewriter.interrupt();
        self.stop_picture();
        self.second = Second::default();
        self.sound_report = Reception::default();
        self.picture_report = Reception::default();
    }

    /// Whether the occupant may be heard and seen. What is withheld comes back as after a pause, not as after a loss;
    /// the picture with a key frame.
    pub fn permit(&mut self, hears: bool, sees: bool) {
        if !hears {
            self.sound.rewriter.interrupt();
        }
        if !sees {
            self.stop_picture();
        }
    }

    /// What the receiver's line has room for; `None`: the picture waits, and comes back with a key frame. A halved one
    /// is sent without `top`, the source's highest temporal layer: from the next frame on, and whole again with the next
    /// that allows it.
    pub fn allot(&mut self, grant: Option<Grant>, top: u8) {
        self.allotted = grant;
        let bound = if self.is_halved() {
            top.saturating_sub(1)
        } else {
            temporal::HIGHEST
        };
        self.temporal.want(bound);
        if grant.is_none() {
            self.stop_picture();
            self.has_waited = true;
        }
    }

    /// Whether the highest temporal layer is left out.
    #[must_use]
    pub fn is_halved(&self) -> bool {
        self.allotted.is_some_and(|grant| grant.is_halved)
    }

    /// Whether the picture is held back because the receiver's line has no room for it.
    #[must_use]
    pub const fn waits_for_room(&self) -> bool {
        self.allotted.is_none()
    }

    /// The sequence number of the newest picture packet of what is being shown.
    #[must_use]
    pub fn newest_picture(&self) -> Option<u16> {
        self.showing.and_then(|_| self.picture.rewriter.newest())
    }

    /// Whether the receiver has offered to be shown a picture in the slot.
    #[must_use]
    pub fn has_picture(&self) -> bool {
        self.negotiated.picture != PictureCodecs::default()
    }

    /// Whether the receiver decodes a picture of this codec in the slot.
    #[must_use]
    pub fn decodes(&self, codec: PictureCodec) -> bool {
        self.negotiated.picture.has(codec)
    }

    /// Ends the picture if the receiver does not decode what now comes; returns whether it does.
    pub fn follow(&mut self, codec: PictureCodec) -> bool {
        let decodes = self.decodes(codec);
        if !decodes && self.showing.is_some() {
            self.stop_picture();
        }
        decodes
    }

    fn stop_picture(&mut self) {
        self.showing = None;
        self.target = None;
        self.behind = None;
        self.picture.rewriter.interrupt();
    }

    /// The layer being sent.
    #[must_use]
    pub const fn showing(&self) -> Option<Layer> {
        self.showing
    }

    /// Chooses the layer to show from the active ones, as far as there is room; returns the layer whose key frame is
    /// needed for it.
    pub fn aim(&mut self, wanted: Layer, active: [bool; 3]) -> Option<Layer> {
        let best = choose(wanted.min(self.allotted?.layer), active).unwrap_or_default();
        self.target = (self.showing != Some(best)).then_some(best);
        self.target
    }

    /// Sends a sound packet on.
    pub fn send_sound(
        &mut self,
        packet: &Packet<'_>,
        sound: SoundPayload<'_>,
        level: Option<u8>,
        way: &mut Way<'_>,
    ) -> Outcome {
        let Some(codec) = self.negotiated.sound else {
            return Outcome::NotNegotiated;
        };
        let incoming = packet.numbered(None);
        let Some(numbers) = self.sound.rewriter.rewrite(way.now, &incoming) else {
            return Outcome::TooOld;
        };
        let sound = sound.for_receiver(codec, self.sound.rewriter.shown_for(packet.timestamp));
        let header = Outgoing {
            marker: packet.marker,
            payload_type: sound.payload_type(codec),
            sequence: numbers.sequence as u16,
            timestamp: numbers.timestamp,
            ssrc: self.sources.sound,
            audio_level: self.negotiated.audio_level.zip(level),
            transport_number: None,
        };
        let outcome = way.send(header, sound.len(), |bytes| sound.write(codec, bytes));
        if outcome == Outcome::Sent {
            self.sound.count(sound.len());
            self.second.sound += 1;
        }
        outcome
    }

    /// Shows `layer` at once from what `stream` has kept since its newest key frame, if that is worth it: for a
    /// newcomer whose line has room for `room` bytes, and on the way back to the lowest layer. What follows is sent by
    /// [`Slot::catch_up`].
    ///
    /// Returns whether the layer is shown now; otherwise its next key frame is needed.
    pub fn begin_from_cache(&mut self, now: Instant, layer: Layer, stream: &Stream, room: usize) -> bool {
        let is_for = self.showing.map_or(!self.has_waited, |_| layer == Layer::Low);
        let Some(group) = stream.cache.group(now, room).filter(|_| is_for) else {
            return false;
        };
        let key_frame = stream.cache.find(*group.start());
        if !key_frame.is_some_and(|kept| self.decodes(kept.codec)) {
            return false;
        }
        self.showing = Some(layer);
        self.target = None;
        self.picture.rewriter.interrupt();
        self.behind = Some(Behind {
            stream: stream.ssrc,
            next: *group.start(),
            why: Lag::Past(now),
        });
        true
    }

    /// Whether [`Slot::catch_up`] has something to do.
    #[must_use]
    pub const fn is_behind(&self) -> bool {
        self.behind.is_some()
    }

    /// Sends the next packet from the cache of `stream`, the one being shown; returns what became of it and its size in
    /// bytes, or `None` when the present is reached or lost from sight.
    pub fn catch_up(&mut self, stream: &Stream, way: &mut Way<'_>) -> Option<(Outcome, usize)> {
        let behind = self.behind.filter(|behind| behind.stream == stream.ssrc);
        let Some((behind, start)) = behind.and_then(|behind| Some((behind, behind.start(stream)?))) else {
            self.stop_picture();
            return None;
        };
        let Some((sequence, kept)) = stream.cache.next_from(start) else {
            self.behind = None;
            self.picture.rewriter.past_is_over();
            return None;
        };
        if behind.is_too_late(way.now, kept) {
            self.stop_picture();
            self.has_waited = true;
            return None;
        }
        let packet = Packet {
            stream: stream.ssrc,
            sequence,
            marker: kept.marker,
            timestamp: kept.timestamp,
            payload: &kept.payload,
        };
        if !self.decodes(kept.codec) {
            self.stop_picture();
            return None;
        }
        let descriptor = Descriptor::read(kept.codec, &kept.payload);
        if behind.begins(stream) {
            self.picture
                .rewriter
                .begin_past(way.now, &packet.numbered(Some(descriptor)));
        }
        self.behind = Some(Behind {
            next: sequence + 1,
            ..behind
        });
        Some((self.pass_on(&packet, &descriptor, way), kept.payload.len()))
    }

    /// Why the live packet `sequence` of `layer` would not be sent now; `None`: it would.
    fn leaves(&self, layer: Layer, sequence: u64, descriptor: &Descriptor) -> Option<Outcome> {
        if !self.decodes(descriptor.codec) {
            return Some(Outcome::NotNegotiated);
        }
        if self.target == Some(layer) && descriptor.key_frame {
            return None;
        }
        if self.allotted.is_none() {
            return Some(Outcome::NoRoom);
        }
        if self.showing != Some(layer) {
            return Some(Outcome::OtherLayer);
        }
        let is_behind = self.behind.is_some_and(|behind| sequence >= behind.next);
        is_behind.then_some(Outcome::Behind)
    }

    /// Sends a picture packet on, if its layer is the one shown; a key frame of the layer aimed at becomes it.
    pub fn send_picture(
        &mut self,
        layer: Layer,
        packet: &Packet<'_>,
        descriptor: &Descriptor,
        way: &mut Way<'_>,
    ) -> Outcome {
        if let Some(why_not) = self.leaves(layer, packet.sequence, descriptor) {
            return why_not;
        }
        if self.showing != Some(layer) {
            self.showing = Some(layer);
            self.target = None;
            self.behind = None;
            self.has_waited = false;
        }
        if self.behind.is_none() && self.picture.rewriter.is_newer(packet.stream, packet.sequence) && way.is_full() {
            self.behind = Some(Behind {
                stream: packet.stream,
                next: packet.sequence,
                why: Lag::Pace,
            });
            return Outcome::Behind;
        }
        self.pass_on(packet, descriptor, way)
    }

    fn pass_on(&mut self, packet: &Packet<'_>, descriptor: &Descriptor, way: &mut Way<'_>) -> Outcome {
        let Some(encoded) = self.negotiated.picture.of(descriptor.codec) else {
            return Outcome::NotNegotiated;
        };
        let incoming = packet.numbered(Some(*descriptor));
        let rewriter = &mut self.picture.rewriter;
        let is_taken = self.temporal.takes(packet.stream, packet.sequence, descriptor);
        let (numbers, payload) = if is_taken {
            (rewriter.rewrite(way.now, &incoming), packet.payload)
        } else {
            (rewriter.omit(&incoming), &[][..])
        };
        let Some(numbers) = numbers else {
            return if is_taken { Outcome::TooOld } else { Outcome::LeftOut };
        };
        let header = self.picture_header(encoded.payload_type, packet.marker && is_taken, numbers);
        let outcome = way.send(header, payload.len(), |bytes| {
            write_picture(bytes, payload, descriptor, numbers.vp8);
        });
        if outcome == Outcome::Sent {
            self.picture.count(payload.len());
            if is_taken {
                self.second.picture += 1;
                self.second.frames += u32::from(descriptor.starts_frame);
            }
        }
        outcome
    }

    fn picture_header(&self, payload_type: u8, marker: bool, numbers: Numbers) -> Outgoing {
        Outgoing {
            marker,
            payload_type,
            sequence: numbers.sequence as u16,
            timestamp: numbers.timestamp,
            ssrc: self.sources.picture,
            audio_level: None,
            transport_number: None,
        }
    }

    /// Sends a picture packet again as a retransmission (RFC 4588), if `kept` still has it.
    pub fn resend<'a>(
        &mut self,
        sequence: u16,
        kept: impl FnOnce(u32, u64) -> Option<&'a Kept>,
        way: &mut Way<'_>,
    ) -> Outcome {
        let Some(origin) = self.picture.rewriter.origin(sequence) else {
            return Outcome::TooOld;
        };
        let Some(kept) = kept(origin.stream, origin.sequence) else {
            return Outcome::TooOld;
        };
        let Some(rtx) = self.negotiated.picture.of(kept.codec).and_then(|encoded| encoded.rtx) else {
            return Outcome::NotNegotiated;
        };
        let descriptor = Descriptor::read(kept.codec, &kept.payload);
        let is_taken = self.temporal.allows(origin.stream, origin.sequence, &descriptor);
        let payload = if is_taken { &kept.payload[..] } else { &[] };
        self.rtx_sequence += 1;
        let header = Outgoing {
            marker: kept.marker && is_taken,
            payload_type: rtx,
            sequence: self.rtx_sequence as u16,
            timestamp: origin.clock.at(kept.timestamp),
            ssrc: self.sources.rtx,
            audio_level: None,
            transport_number: None,
        };
        way.send(header, 2 + payload.len(), |bytes| {
            bytes.extend_from_slice(&sequence.to_be_bytes());
            write_picture(bytes, payload, &descriptor, origin.vp8);
        })
    }

    /// Sound and picture outlets with the SSRC and media clock of each.
    pub fn outlets(&mut self) -> [(u32, &mut Outlet); 2] {
        [
            (self.sources.sound, &mut self.sound),
            (self.sources.picture, &mut self.picture),
        ]
    }
}

fn write_picture(bytes: &mut Vec<u8>, payload: &[u8], descriptor: &Descriptor, offset: Offset) {
    let start = bytes.len();
    bytes.extend_from_slice(payload);
    if offset != Offset::default() {
        descriptor.rewrite(&mut bytes[start..], offset);
    }
}
