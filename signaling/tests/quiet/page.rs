//! What a page reports of what its browser has received, found by what came to a simulated person.

use super::simulation::person::Person;
use lika::equal_terms::{PageReport, Received};
use lika::meeting::ParticipantId;
use lika::protocol::{CameraState, MicrophoneState};
use lika_sfu::{Layer, PeerId};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Samples of sound in a packet.
const SAMPLES: u32 = 960;
/// Packets that a jitter buffer holds back before it plays: what comes later is concealed.
const JITTER_BUFFER: u32 = 5;
const JITTER_BUFFER_MS: f32 = 100.0;
/// A gap between two frames is a freeze from here on (W3C webrtc-stats, `freezeCount`).
const FREEZE: Duration = Duration::from_millis(190);

/// What one page knows of those it receives.
#[derive(Default)]
pub(super) struct Page {
    streams: BTreeMap<PeerId, Stream>,
}

#[derive(Default)]
struct Stream {
    /// Frames that had come a second ago.
    frames: u64,
    /// Sound frames that came and are not played yet.
    sounds: BTreeSet<u32>,
    /// The next to play.
    plays: Option<u32>,
}

impl Page {
    /// The report of the second that has passed; `speaker` speaks in it.
    pub(super) fn report(
        &mut self,
        person: &mut Person,
        who: PeerId,
        others: &[PeerId],
        speaker: PeerId,
    ) -> PageReport {
        let received = others
            .iter()
            .filter(|other| **other != who)
            .map(|other| {
                let stream = self.streams.entry(*other).or_default();
                stream.received(person, *other, *other == speaker)
            })
            .collect();
        person.forget_gaps();
        person.forget_packets();
        PageReport {
            participant: participant(who),
            camera: CameraState::On,
            covered_since_ms: None,
            microphone: MicrophoneState::On,
            dead_since_ms: None,
            round_trip_ms: Some(40.0),
            received,
        }
    }
}

impl Stream {
    fn received(&mut self, person: &Person, of: PeerId, speaks: bool) -> Received {
        let frames = person.frames_of(of);
        let before = std::mem::replace(&mut self.frames, frames);
        let gap = person
            .frames
            .get(&of.0)
            .map_or(Duration::ZERO, |frames| frames.longest_gap);
        let (played, concealed) = self.play(person, of);
        Received {
            sender: participant(of),
            frames: (frames - before) as u32,
            frozen_ms: if gap >= FREEZE { gap.as_millis() as u32 } else { 0 },
            black: false,
            still: false,
            area: match person.layer_of(of) {
                Some(Layer::High) => 1280 * 720,
                Some(Layer::Mid) => 640 * 360,
                _ => 320 * 180,
            },
            samples: (played + concealed) * SAMPLES,
            concealed: concealed * SAMPLES,
            played: speaks && played > 0,
            jitter_buffer_ms: Some(JITTER_BUFFER_MS),
            lip_sync_ms: speaks.then_some(0.0),
        }
    }

    /// Plays what has been held back long enough; how many sound frames were there, and how many had to be concealed.
    fn play(&mut self, person: &Person, of: PeerId) -> (u32, u32) {
        self.sounds.extend(person.heard(of));
        let Some(newest) = self.sounds.last().copied() else {
            self.plays = None;
            return (0, 0);
        };
        let until = newest.saturating_sub(JITTER_BUFFER);
        let from = self.plays.unwrap_or(until).min(until);
        let later = self.sounds.split_off(&until);
        let there = self.sounds.range(from..).count() as u32;
        (self.sounds, self.plays) = (later, Some(until));
        (there, until - from - there)
    }
}

pub(super) fn participant(peer: PeerId) -> ParticipantId {
    ParticipantId(u32::try_from(peer.0).expect("a small number"))
}
