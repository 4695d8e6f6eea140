//! What the judge is told once a second, about participants rather than peers.

use crate::meeting::{ParticipantId, Role};
use crate::protocol::{CameraState, MicrophoneState, Report, SlotReport};
use lika_sfu::PeerId;
use lika_sfu::limits::MAX_SLOTS;
use lika_sfu::sample::{EdgeSample, LegSample, PictureIn, RoomSample, SoundIn};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::time::Duration;

/// Everything known about one second of one meeting.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Second {
    /// When the second ended, milliseconds since 1970-01-01 UTC. Must not go backwards: take the wall clock once and
    /// add a monotonic one.
    pub at_ms: i64,
    /// Everyone who should be taking part: inside, or inside until the connection was lost. Who is not here is not
    /// judged, and alerts about them clear.
    pub present: Vec<Presence>,
    /// Who has the floor; shown large to everyone.
    pub floor: Option<ParticipantId>,
    /// What the relay got, one for each endpoint.
    pub legs: Vec<LegMeasured>,
    /// What the relay sent.
    pub edges: Vec<EdgeMeasured>,
    /// Every report that came since the last second: none, one or two from each page.
    pub reports: Vec<PageReport>,
}

/// Somebody who should be taking part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Presence {
    /// Who.
    pub participant: ParticipantId,
    /// What is expected of them.
    pub duties: Duties,
    /// A device of the chamber (sammanträdeslokal): many people sit before its camera, so its picture must be larger.
    pub chamber: bool,
    /// A declared pause, a disqualification or an adjournment: nothing new is alarmed.
    pub suspended: bool,
    /// Whether the relay lets their microphone through.
    pub microphone_open: bool,
    /// Whom their page shows large by choice.
    pub enlarges: Option<ParticipantId>,
}

impl Presence {
    /// A person with a page, microphone closed.
    #[must_use]
    pub const fn person(participant: ParticipantId) -> Self {
        Self {
            participant,
            duties: Duties::PERSON,
            chamber: false,
            suspended: false,
            microphone_open: false,
            enlarges: None,
        }
    }
}

/// The directions that are judged. A device that only sends, such as the chamber's overview camera, neither hears nor
/// sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Duties {
    /// Must be heard by the others.
    pub heard: bool,
    /// Must be seen by the others.
    pub seen: bool,
    /// Must hear the others.
    pub hears: bool,
    /// Must see the others.
    pub sees: bool,
}

impl Duties {
    /// Takes part in full.
    pub const PERSON: Self = Self {
        heard: true,
        seen: true,
        hears: true,
        sees: true,
    };

    /// A device of the chamber that is an encoder alone neither hears nor sees. A person with an encoder alone is to hear
    /// and see as everybody is, and does not.
    #[must_use]
    pub fn of(role: Role, encoder_alone: bool) -> Self {
        let receives = role != Role::Chamber || !encoder_alone;
        Self {
            hears: receives,
            sees: receives,
            ..Self::PERSON
        }
    }

    /// Whether there is a page that reports: who hears or sees does it on one.
    #[must_use]
    pub const fn reports(self) -> bool {
        self.hears || self.sees
    }
}

/// A second of one endpoint's leg, as the relay got it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LegMeasured {
    /// Whose endpoint.
    pub participant: ParticipantId,
    /// Whether DTLS is up.
    pub connected: bool,
    /// Time since anything authentic came.
    pub silent_ms: u32,
    /// Round trip between relay and endpoint.
    pub round_trip_ms: Option<f32>,
    /// The sound; `None`: none was offered.
    pub sound: Option<SoundMeasured>,
    /// The best of the picture's layers; `None`: no layer ever came.
    pub picture: Option<PictureMeasured>,
    /// How many of the others' pictures are held back because the line towards it has no room for them.
    pub withheld: u32,
    /// How many of the others' pictures it does not decode.
    pub undecodable: u32,
}

/// A second of sound at the relay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SoundMeasured {
    /// Packets that should have come.
    pub expected: u32,
    /// Packets still missing after repair.
    pub lost: u32,
    /// Packets marked as voice (RFC 6464).
    pub voiced: u32,
    /// Loudest level, -dBov: 0 loudest, 127 silence.
    pub loudest: u8,
}

/// A second of picture at the relay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PictureMeasured {
    /// Whole frames of the layer that had most.
    pub frames: u32,
    /// Time since the newest frame of any layer.
    pub since_last_frame_ms: u32,
    /// Pixels of the largest layer of which a frame came; `None`: no key frame has told.
    pub area: Option<u32>,
}

/// A second of what one receiver was sent of one sender.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct EdgeMeasured {
    /// Who sends.
    pub sender: ParticipantId,
    /// Who receives.
    pub receiver: ParticipantId,
    /// Sound packets forwarded.
    pub sound_forwarded: u32,
    /// Share of sound packets lost since the last receiver report (RFC 3550 section 6.4.1), 0 to 1; `None`: no
    /// receiver report came this second.
    pub sound_lost: Option<f32>,
    /// Picture packets forwarded.
    pub picture_forwarded: u32,
    /// Whether a receiver report about the sound or the picture came.
    pub acknowledged: bool,
    /// Whether the picture is not sent: the line has no room for it, or the receiver does not decode it.
    pub unseen: bool,
}

/// What a page reported. It may worsen a verdict, never improve it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PageReport {
    /// Whose page.
    pub participant: ParticipantId,
    /// The own camera.
    pub camera: CameraState,
    /// Since when it has been covered, milliseconds since 1970-01-01 UTC; `None`: it is not, or nobody says.
    #[serde(default)]
    pub covered_since_ms: Option<i64>,
    /// The own microphone.
    pub microphone: MicrophoneState,
    /// Since when it has given nothing at all; as above.
    #[serde(default)]
    pub dead_since_ms: Option<i64>,
    /// Round trip of the nominated candidate pair.
    pub round_trip_ms: Option<f32>,
    /// One for each sender the page shows.
    pub received: Vec<Received>,
}

/// What a page received of one sender since its last report: sound and picture.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Received {
    /// Who sends.
    pub sender: ParticipantId,
    /// Frames decoded.
    pub frames: u32,
    /// Time frozen.
    pub frozen_ms: u32,
    /// Whether the picture is black.
    pub black: bool,
    /// Whether the picture has been one and the same for three seconds, although frames come.
    pub still: bool,
    /// Pixels of a frame.
    pub area: u32,
    /// Sound samples played.
    pub samples: u32,
    /// Of these concealed, and not by silence.
    pub concealed: u32,
    /// Whether any of the sender's sound was played.
    pub played: bool,
    /// Mean time in the sound's jitter buffer.
    pub jitter_buffer_ms: Option<f32>,
    /// How far the sound is ahead of the picture; negative: behind.
    pub lip_sync_ms: Option<f32>,
}

impl Second {
    /// Adds the relay's sample. `who` tells whose a peer is; others (the webcast, people in the lobby) are left out.
    pub fn add_sample(&mut self, sample: &RoomSample, who: impl Fn(PeerId) -> Option<ParticipantId>) {
        let legs = sample.legs.iter().filter_map(|leg| {
            Some(LegMeasured::new(
                who(leg.peer)?,
                leg,
                Unseen::of(sample, leg.peer, &who),
            ))
        });
        self.legs.extend(legs);
        let edges = sample
            .edges
            .iter()
            .filter_map(|edge| EdgeMeasured::new(who(edge.source)?, who(edge.receiver)?, edge));
        self.edges.extend(edges);
    }

    /// Adds a page's report, which came at `came_ms`. `who` tells whom the page shows in a slot. A slot counts once; a report
    /// about more slots than a page can have is none.
    pub fn add_report(
        &mut self,
        participant: ParticipantId,
        came_ms: i64,
        report: &Report,
        who: impl Fn(u16) -> Option<ParticipantId>,
    ) {
        if report.slots.len() > MAX_SLOTS {
            return;
        }
        let mut told = BTreeSet::new();
        let received = report
            .slots
            .iter()
            .filter(|slot| told.insert(slot.slot))
            .filter_map(|slot| Some(Received::new(who(slot.slot)?, slot)))
            .filter(|received| received.sender != participant)
            .collect();
        let round_trip_ms = report.round_trip_ms.filter(|ms| plausible(*ms));
        let since = |lasted_ms: u32| (lasted_ms > 0).then(|| came_ms.saturating_sub(i64::from(lasted_ms)));
        self.reports.push(PageReport {
            participant,
            camera: report.camera,
            covered_since_ms: since(report.covered_ms),
            microphone: report.microphone,
            dead_since_ms: since(report.dead_ms),
            round_trip_ms,
            received,
        });
    }
}

/// Participants' pictures that a receiver is not sent, by the reason.
#[derive(Clone, Copy)]
struct Unseen {
    withheld: u32,
    undecodable: u32,
}

impl Unseen {
    fn of(sample: &RoomSample, receiver: PeerId, who: impl Fn(PeerId) -> Option<ParticipantId>) -> Self {
        let count = |reason: fn(&EdgeSample) -> bool| {
            let edges = sample
                .edges
                .iter()
                .filter(|edge| edge.receiver == receiver && reason(edge));
            u32::try_from(edges.filter(|edge| who(edge.source).is_some()).count()).unwrap_or(u32::MAX)
        };
        Self {
            withheld: count(|edge| edge.waits_for_room),
            undecodable: count(|edge| edge.not_decodable),
        }
    }
}

impl LegMeasured {
    fn new(participant: ParticipantId, leg: &LegSample, unseen: Unseen) -> Self {
        Self {
            participant,
            connected: leg.connected,
            silent_ms: millis(leg.silent_for),
            round_trip_ms: leg.round_trip.map(|round_trip| round_trip.as_secs_f32() * 1000.0),
            sound: leg.sound.as_ref().map(SoundMeasured::new),
            picture: PictureMeasured::best_of(&leg.picture),
            withheld: unseen.withheld,
            undecodable: unseen.undecodable,
        }
    }
}

impl LegMeasured {
    /// Two endpoints of one person: the sound that has more of its packets, the picture that moves more, the line that has
    /// more room.
    pub(super) fn joined_with(&self, other: &Self) -> Self {
        let whole = |leg: &Self| leg.sound.map(|sound| sound.expected.saturating_sub(sound.lost));
        let moves = |leg: &Self| {
            leg.picture
                .map(|picture| (picture.frames, u32::MAX - picture.since_last_frame_ms))
        };
        let speaks = if whole(other) > whole(self) { other } else { self };
        let shows = if moves(other) > moves(self) { other } else { self };
        Self {
            silent_ms: self.silent_ms.min(other.silent_ms),
            picture: shows.picture,
            withheld: self.withheld.min(other.withheld),
            undecodable: self.undecodable.min(other.undecodable),
            ..*speaks
        }
    }
}

impl SoundMeasured {
    fn new(sound: &SoundIn) -> Self {
        Self {
            expected: sound.expected,
            lost: sound.lost,
            voiced: sound.voiced,
            loudest: sound.loudest,
        }
    }
}

impl PictureMeasured {
    // A sender may drop its higher layers at will; it is seen as long as one of them comes.
    fn best_of(layers: &[Option<PictureIn>]) -> Option<Self> {
        let came = || layers.iter().flatten();
        Some(Self {
            frames: came().map(|layer| layer.frames).max()?,
            since_last_frame_ms: came().map(|layer| millis(layer.since_last_frame)).min()?,
            area: came().filter(|layer| layer.frames > 0).filter_map(area).max(),
        })
    }
}

fn area(layer: &PictureIn) -> Option<u32> {
    let pixels = u32::from(layer.width) * u32::from(layer.height);
    (pixels > 0).then_some(pixels)
}

impl EdgeMeasured {
    // Two devices of one person are no edge: nobody needs to hear themselves.
    fn new(sender: ParticipantId, receiver: ParticipantId, edge: &EdgeSample) -> Option<Self> {
        (sender != receiver).then_some(Self {
            sender,
            receiver,
            sound_forwarded: edge.sound_forwarded,
            sound_lost: edge.sound_lost.filter(|share| (0.0..=1.0).contains(share)),
            picture_forwarded: edge.picture_forwarded,
            acknowledged: edge.sound_lost.is_some() || edge.picture_lost.is_some(),
            unseen: edge.waits_for_room || edge.not_decodable,
        })
    }
}

/// Energy (RMS squared times seconds, W3C webrtc-stats totalAudioEnergy) under which nothing was audible: a hundredth
/// of a second of a whisper at -60 dBov.
const LEAST_ENERGY: f32 = 1e-8;
/// Share of concealed samples from which what was played was made up by the receiver.
const ALL_CONCEALED: f64 = 0.95;

impl Received {
    fn new(sender: ParticipantId, slot: &SlotReport) -> Self {
        let concealed = f64::from(slot.concealed) >= ALL_CONCEALED * f64::from(slot.samples);
        Self {
            sender,
            frames: if slot.playing { slot.frames_decoded } else { 0 },
            frozen_ms: slot.frozen_ms,
            black: slot.black,
            still: slot.still,
            area: slot.width.saturating_mul(slot.height),
            samples: slot.samples,
            concealed: slot.concealed.saturating_sub(slot.silent_concealed).min(slot.samples),
            played: slot.playing && !concealed && slot.energy >= LEAST_ENERGY,
            jitter_buffer_ms: slot.jitter_buffer_ms.filter(|ms| plausible(*ms)),
            lip_sync_ms: slot.lip_sync_ms.filter(|ms| ms.abs() <= MOST_APART_MS),
        }
    }
}

impl Received {
    /// Two reports about the same sender, the later one last.
    pub(super) fn added_to(self, later: Self) -> Self {
        Self {
            frames: self.frames.saturating_add(later.frames),
            frozen_ms: self.frozen_ms.saturating_add(later.frozen_ms),
            samples: self.samples.saturating_add(later.samples),
            concealed: self.concealed.saturating_add(later.concealed),
            played: self.played || later.played,
            jitter_buffer_ms: later.jitter_buffer_ms.or(self.jitter_buffer_ms),
            lip_sync_ms: later.lip_sync_ms.or(self.lip_sync_ms),
            ..later
        }
    }
}

/// Sound and picture further apart than this are not measured but miscounted: browsers keep neither so long.
const MOST_APART_MS: f32 = 10_000.0;

/// A time a page may claim: a number, not negative, at most a minute.
fn plausible(ms: f32) -> bool {
    (0.0..=60_000.0).contains(&ms)
}

fn millis(time: Duration) -> u32 {
    u32::try_from(time.as_millis()).unwrap_or(u32::MAX)
}
