//! The verdict's stories, told by a council in which everything is well but for what a test breaks.

mod alerts;
mod attribution;
mod confirmed;
mod court;
mod line_noise;
mod matrix;
mod profile;
mod properties;
mod quiet;
mod rows;
mod second;
mod silences;

use super::{
    Cause, Direction, DirectionVerdict, EdgeMeasured, Input, Judge, Judged, LegMeasured, Level, PageReport,
    PictureMeasured, Presence, Profile, Received, Second, SoundMeasured, Transition, Verdict,
};
use crate::meeting::ParticipantId;
use crate::protocol::{CameraState, MicrophoneState};

fn likvardig() -> Profile {
    Profile::likvardig().expect("the profile as shipped")
}

const fn id(number: u32) -> ParticipantId {
    ParticipantId(number)
}

/// Who has the floor in every test in which somebody has.
const SPEAKER: ParticipantId = id(1);

/// A meeting of participants 1 to n.
pub(crate) struct Council {
    pub(crate) judge: Judge,
    size: u32,
    pub(crate) at_ms: i64,
    /// Participant 1 has the floor and an open microphone.
    floor: bool,
    /// And speaks.
    speech: bool,
    /// A device of the chamber.
    pub(crate) chamber: Option<ParticipantId>,
    transitions: Vec<(i64, Transition)>,
}

impl Council {
    fn of(size: u32) -> Self {
        Self::judged_by(likvardig(), size)
    }

    fn judged_by(profile: Profile, size: u32) -> Self {
        Self {
            judge: Judge::new(profile),
            size,
            at_ms: 0,
            floor: false,
            speech: false,
            chamber: None,
            transitions: Vec::new(),
        }
    }

    pub(crate) fn with_speaker(size: u32) -> Self {
        Self {
            floor: true,
            speech: true,
            ..Self::of(size)
        }
    }

    fn with_open_microphone(size: u32) -> Self {
        Self {
            floor: true,
            ..Self::of(size)
        }
    }

    fn people(&self) -> impl Iterator<Item = ParticipantId> + use<> {
        (1..=self.size).map(id)
    }

    /// The next second, in which all is well.
    pub(crate) fn well(&mut self) -> Second {
        self.at_ms += 1000;
        let pairs = || {
            self.people()
                .flat_map(|s| self.people().map(move |r| (s, r)))
                .filter(|(s, r)| s != r)
        };
        Second {
            at_ms: self.at_ms,
            present: self.people().map(|who| self.presence(who)).collect(),
            floor: self.floor.then_some(SPEAKER),
            legs: self.people().map(|who| self.leg(who)).collect(),
            edges: pairs().map(|(sender, receiver)| self.edge(sender, receiver)).collect(),
            reports: self.people().map(|who| self.report(who)).collect(),
        }
    }

    fn presence(&self, who: ParticipantId) -> Presence {
        Presence {
            chamber: self.chamber == Some(who),
            microphone_open: self.floor && who == SPEAKER,
            ..Presence::person(who)
        }
    }

    fn leg(&self, who: ParticipantId) -> LegMeasured {
        let speaks = self.speech && who == SPEAKER;
        let loudness = if speaks { (50, 30) } else { (0, 90) };
        LegMeasured {
            participant: who,
            connected: true,
            silent_ms: 20,
            round_trip_ms: Some(40.0),
            sound: Some(SoundMeasured {
                expected: 50,
                lost: 0,
                voiced: loudness.0,
                loudest: loudness.1,
            }),
            picture: Some(PictureMeasured {
                frames: 25,
                since_last_frame_ms: 40,
                area: Some(1280 * 720),
            }),
            withheld: 0,
            undecodable: 0,
        }
    }

    fn edge(&self, sender: ParticipantId, receiver: ParticipantId) -> EdgeMeasured {
        let open = self.floor && sender == SPEAKER;
        let (sound_forwarded, sound_lost) = if open { (50, Some(0.0)) } else { (0, None) };
        EdgeMeasured {
            sender,
            receiver,
            sound_forwarded,
            sound_lost,
            picture_forwarded: 30,
            acknowledged: true,
            unseen: false,
        }
    }

    fn report(&self, who: ParticipantId) -> PageReport {
        let others = self.people().filter(|other| *other != who);
        PageReport {
            participant: who,
            camera: CameraState::On,
            covered_since_ms: None,
            microphone: MicrophoneState::On,
            dead_since_ms: None,
            round_trip_ms: Some(40.0),
            received: others.map(|sender| self.received(sender)).collect(),
        }
    }

    fn received(&self, sender: ParticipantId) -> Received {
        Received {
            sender,
            frames: 25,
            frozen_ms: 0,
            black: false,
            still: false,
            area: 640 * 360,
            samples: 48_000,
            concealed: 0,
            played: self.speech && sender == SPEAKER,
            jitter_buffer_ms: Some(40.0),
            lip_sync_ms: Some(0.0),
        }
    }

    /// Lets so many seconds pass, each with the fault; the last verdict.
    fn pass(&mut self, seconds: u32, fault: impl Fn(&mut Second)) -> Verdict {
        let mut last = None;
        for _ in 0..seconds {
            let mut second = self.well();
            fault(&mut second);
            let verdict = verdict(&mut self.judge, second);
            self.transitions
                .extend(verdict.transitions.iter().map(|transition| (self.at_ms, *transition)));
            last = Some(verdict);
        }
        last.expect("at least one second")
    }

    /// Long enough for every window to be full.
    fn settle(&mut self) -> Verdict {
        self.pass(20, |_| ())
    }
}

/// What the judge says of a second.
pub(crate) fn verdict(judge: &mut Judge, second: Second) -> Verdict {
    match judge.take(&Input::Second(second)) {
        Judged::Second(verdict) => verdict,
        Judged::Between(_) => panic!("a second has a verdict"),
    }
}

impl Council {
    /// A presence check between two seconds; which alerts it cleared.
    fn confirm(&mut self, participants: impl IntoIterator<Item = u32>) -> Vec<(Option<u32>, Direction)> {
        let at_ms = self.at_ms + 400;
        let participants = participants.into_iter().map(id).collect();
        let judged = self.judge.take(&Input::Confirmed { at_ms, participants });
        self.transitions
            .extend(judged.transitions().iter().map(|transition| (at_ms, *transition)));
        let cleared = |transition: &Transition| match transition {
            Transition::Cleared { alert } => (alert.key.about.map(|about| about.0), alert.key.direction),
            other => panic!("{other:?}"),
        };
        judged.transitions().iter().map(cleared).collect()
    }

    /// What the relay tells of silences between two seconds.
    fn fall_silent(&mut self, at_ms: i64, silent_ms: &[(u32, u32)]) -> Vec<Transition> {
        let silent_ms = silent_ms.iter().map(|(who, ms)| (id(*who), *ms)).collect();
        self.judge
            .take(&Input::Silences { at_ms, silent_ms })
            .transitions()
            .to_vec()
    }
}

impl Verdict {
    fn of(&self, who: ParticipantId, direction: Direction) -> DirectionVerdict {
        let participant = self
            .participants
            .iter()
            .find(|verdict| verdict.participant == who)
            .expect("present");
        *participant
            .directions
            .iter()
            .find(|verdict| verdict.direction == direction)
            .expect("expected of them")
    }

    fn bad(&self) -> Vec<(u32, Direction, Level)> {
        let all = self
            .participants
            .iter()
            .flat_map(|p| p.directions.iter().map(|d| (p.participant.0, d)));
        all.filter(|(_, found)| found.level >= Level::Amber)
            .map(|(who, d)| (who, d.direction, d.level))
            .collect()
    }
}

/// What a second's fault changes about one participant's leg.
fn leg_of(second: &mut Second, who: ParticipantId) -> &mut LegMeasured {
    second
        .legs
        .iter_mut()
        .find(|leg| leg.participant == who)
        .expect("a leg")
}

fn sound_of(second: &mut Second, who: ParticipantId) -> &mut SoundMeasured {
    leg_of(second, who).sound.as_mut().expect("sound")
}

pub(crate) fn picture_of(second: &mut Second, who: ParticipantId) -> &mut PictureMeasured {
    leg_of(second, who).picture.as_mut().expect("picture")
}

pub(crate) fn report_of(second: &mut Second, who: ParticipantId) -> &mut PageReport {
    second
        .reports
        .iter_mut()
        .find(|report| report.participant == who)
        .expect("a report")
}

/// Everything that `receiver` receives.
pub(crate) fn received_by(second: &mut Second, receiver: ParticipantId) -> impl Iterator<Item = &mut Received> {
    report_of(second, receiver).received.iter_mut()
}

/// Everything that is received of `sender`.
pub(crate) fn received_of(second: &mut Second, sender: ParticipantId) -> impl Iterator<Item = &mut Received> {
    second
        .reports
        .iter_mut()
        .flat_map(|report| &mut report.received)
        .filter(move |received| received.sender == sender)
}

/// Nothing of theirs reaches the relay since `since_ms`, nor do their reports; the others decode nothing of them.
pub(crate) fn cut(second: &mut Second, who: ParticipantId, since_ms: i64) {
    let silent_ms = u32::try_from(second.at_ms - since_ms).expect("later");
    let leg = leg_of(second, who);
    leg.silent_ms = silent_ms;
    leg.sound = Some(SoundMeasured {
        expected: 50 * 1000_u32.saturating_sub(silent_ms) / 1000,
        loudest: 127,
        ..SoundMeasured::default()
    });
    leg.picture = Some(PictureMeasured {
        frames: 25 * 1000_u32.saturating_sub(silent_ms) / 1000,
        since_last_frame_ms: silent_ms,
        area: None,
    });
    second.reports.retain(|report| report.participant != who);
    received_of(second, who).for_each(|received| {
        received.frames = 25 * 1000_u32.saturating_sub(silent_ms) / 1000;
        received.frozen_ms = silent_ms.min(1000);
        received.played = false;
    });
}
