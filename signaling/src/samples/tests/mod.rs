//! What is written can be read and judged again, whatever the disk and the process do.

mod keeping;
mod replaying;
mod size;

use super::{Line, Lines, Samples, Spoken};
use crate::equal_terms::{
    EdgeMeasured, Input, Judge, LegMeasured, PageReport, PictureMeasured, Presence, Profile, Received, Second,
    SoundMeasured,
};
use crate::meeting::ParticipantId;
use crate::protocol::{CameraState, MicrophoneState};
use std::path::Path;

/// What a second of the largest roster is shorter than, in bytes; `size` measures it.
pub(crate) const LONGEST_SECOND: usize = 32 * 1024 * 1024;
const BEGAN_MS: i64 = 1_800_000_000_000;

fn likvardig() -> Profile {
    Profile::likvardig().unwrap()
}

/// A meeting of participants 1 to n; the first speaks. Figures vary as they do on home lines, the same at every run.
struct Council {
    judge: Judge,
    size: u32,
    at_ms: i64,
    dice: u64,
    /// Whose picture stands still.
    frozen: Option<u32>,
}

impl Council {
    fn of(size: u32) -> Self {
        Self {
            judge: Judge::new(likvardig()),
            size,
            at_ms: BEGAN_MS,
            dice: 1,
            frozen: None,
        }
    }

    /// 0 up to `sides`, by Knuth's linear congruential generator.
    fn roll(&mut self, sides: u32) -> u32 {
        self.dice = self
            .dice
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        u32::try_from((self.dice >> 33) % u64::from(sides)).unwrap()
    }

    /// Lets the next second be judged and recorded.
    fn goes_on(&mut self, samples: &mut Samples) -> Spoken {
        let input = Input::Second(self.second());
        let said = Spoken::of(&input, &self.judge.take(&input));
        samples.record(input, said.clone());
        said
    }

    fn second(&mut self) -> Second {
        self.at_ms += 1000;
        let everybody: Vec<u32> = (1..=self.size).collect();
        let pairs = everybody.iter().flat_map(|s| everybody.iter().map(move |r| (*s, *r)));
        let edges = pairs.filter(|(s, r)| s != r).map(|(s, r)| self.edge(s, r)).collect();
        Second {
            at_ms: self.at_ms,
            present: everybody
                .iter()
                .map(|who| Presence {
                    microphone_open: *who == 1,
                    ..Presence::person(ParticipantId(*who))
                })
                .collect(),
            floor: Some(ParticipantId(1)),
            legs: everybody.iter().map(|who| self.leg(*who)).collect(),
            edges,
            reports: everybody.iter().map(|who| self.report(*who)).collect(),
        }
    }

    fn leg(&mut self, who: u32) -> LegMeasured {
        let speaks = who == 1;
        let frozen = self.frozen == Some(who);
        LegMeasured {
            participant: ParticipantId(who),
            connected: true,
            silent_ms: self.roll(30),
            round_trip_ms: Some(f32::from(u16::try_from(20_000 + self.roll(20_000)).unwrap()) / 1000.0),
            sound: Some(SoundMeasured {
                expected: 49 + self.roll(3),
                lost: self.roll(20) / 19,
                voiced: if speaks { 30 + self.roll(20) } else { self.roll(3) },
                loudest: u8::try_from(if speaks { 25 + self.roll(15) } else { 60 + self.roll(30) }).unwrap(),
            }),
            picture: Some(PictureMeasured {
                frames: if frozen { 0 } else { 23 + self.roll(4) },
                since_last_frame_ms: if frozen { 5000 } else { self.roll(60) },
                area: Some(1280 * 720),
            }),
            withheld: 0,
            undecodable: 0,
        }
    }

    fn edge(&mut self, sender: u32, receiver: u32) -> EdgeMeasured {
        let open = sender == 1;
        EdgeMeasured {
            sender: ParticipantId(sender),
            receiver: ParticipantId(receiver),
            sound_forwarded: if open { 49 + self.roll(3) } else { 0 },
            sound_lost: open.then(|| f32::from(u8::try_from(self.roll(4)).unwrap()) / 256.0),
            picture_forwarded: 20 + self.roll(4),
            acknowledged: true,
            unseen: false,
        }
    }

    fn report(&mut self, who: u32) -> PageReport {
        let others = (1..=self.size).filter(|other| *other != who);
        PageReport {
            participant: ParticipantId(who),
            camera: CameraState::On,
            covered_since_ms: None,
            microphone: MicrophoneState::On,
            dead_since_ms: None,
            round_trip_ms: Some(f32::from(u16::try_from(20_000 + self.roll(20_000)).unwrap()) / 1000.0),
            received: others.map(|sender| self.received(sender)).collect(),
        }
    }

    fn received(&mut self, sender: u32) -> Received {
        let large = sender == 1;
        let speaks = sender == 1;
        let frozen = self.frozen == Some(sender);
        Received {
            sender: ParticipantId(sender),
            frames: match (frozen, large) {
                (true, _) => 0,
                (false, true) => 23 + self.roll(4),
                (false, false) => 9 + self.roll(3),
            },
            frozen_ms: if frozen { 1000 } else { 0 },
            black: false,
            area: if large { 1280 * 720 } else { 320 * 180 },
            samples: if speaks { 47_520 + 480 * self.roll(3) } else { 0 },
            concealed: if speaks { 480 * (self.roll(20) / 19) } else { 0 },
            played: speaks,
            still: false,
            lip_sync_ms: None,
            jitter_buffer_ms: speaks.then(|| f32::from(u16::try_from(30_000 + self.roll(20_000)).unwrap()) / 1000.0),
        }
    }
}

/// Every line of a directory or file.
fn lines(path: &Path) -> Vec<(Line, Vec<u8>)> {
    let mut lines = Lines::open(path).unwrap();
    std::iter::from_fn(|| lines.next_line().unwrap()).collect()
}
