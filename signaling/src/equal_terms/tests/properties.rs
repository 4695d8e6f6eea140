//! What holds whatever happens: never green without telemetry, never better for being worse, and the same again from
//! the same seconds.

use super::super::Matrix;
use super::*;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// One measured thing of one second that is bad by some amount.
#[derive(Clone, Debug)]
struct Fault {
    second: usize,
    who: u32,
    other: u32,
    kind: Kind,
    amount: u32,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    UplinkLoss,
    DownlinkLoss,
    UplinkStill,
    Frozen,
    Concealed,
    NotPlayed,
    Black,
    RoundTrip,
    CameraOff,
    Still,
    LipSync,
    MicrophoneDead,
    ReceivedSize,
    Unacknowledged,
    Withheld,
}

const KINDS: &[Kind] = &[
    Kind::UplinkLoss,
    Kind::DownlinkLoss,
    Kind::UplinkStill,
    Kind::Frozen,
    Kind::Concealed,
    Kind::NotPlayed,
    Kind::Black,
    Kind::RoundTrip,
    Kind::CameraOff,
    Kind::Still,
    Kind::LipSync,
    Kind::MicrophoneDead,
    Kind::ReceivedSize,
    Kind::Unacknowledged,
    Kind::Withheld,
];

const SIZE: u32 = 5;
const SECONDS: usize = 30;

fn fault() -> impl Strategy<Value = Fault> {
    let kind = prop::sample::select(KINDS);
    (0..SECONDS, 1..=SIZE, 1..=SIZE, kind, 1..=100u32).prop_map(|(second, who, other, kind, amount)| Fault {
        second,
        who,
        other,
        kind,
        amount,
    })
}

/// Faults that last: one of them is in every second up to its own.
fn faults() -> impl Strategy<Value = Vec<Fault>> {
    prop::collection::vec(fault(), 0..60)
}

impl Fault {
    /// Worsens the second by `amount`, never beyond what can be.
    fn worsen(&self, second: &mut Second) {
        let (who, amount) = (id(self.who), self.amount);
        match self.kind {
            Kind::UplinkLoss => {
                let sound = sound_of(second, who);
                sound.lost = (sound.lost + amount / 4).min(sound.expected);
            }
            Kind::DownlinkLoss => {
                let mine = |edge: &&mut EdgeMeasured| edge.receiver == who && edge.sound_lost.is_some();
                second.edges.iter_mut().filter(mine).for_each(|edge| {
                    edge.sound_lost = edge.sound_lost.map(|share| (share + amount as f32 / 200.0).min(1.0));
                });
            }
            Kind::UplinkStill => picture_of(second, who).since_last_frame_ms += amount * 20,
            Kind::Frozen => self.received(second, |received| received.frozen_ms += amount * 10),
            Kind::Concealed => self.received(second, |received| {
                received.concealed = (received.concealed + amount * 240).min(received.samples);
            }),
            Kind::NotPlayed => self.received(second, |received| received.played = false),
            Kind::Black => self.received(second, |received| received.black = true),
            Kind::RoundTrip => {
                let leg = leg_of(second, who);
                leg.round_trip_ms = leg.round_trip_ms.map(|ms| ms + amount as f32 * 10.0);
            }
            Kind::CameraOff => report_of(second, who).camera = CameraState::Off,
            Kind::Still => self.received(second, |received| received.still = true),
            Kind::LipSync => self.received(second, |received| {
                // Further apart the way it is: the odd receivers get the sound early, the others late.
                let sign = if self.who % 2 == 1 { 1.0 } else { -1.0 };
                received.lip_sync_ms = received.lip_sync_ms.map(|ms| ms + sign * amount as f32 * 4.0);
            }),
            Kind::MicrophoneDead => report_of(second, who).microphone = MicrophoneState::Dead,
            Kind::ReceivedSize => self.received(second, |received| received.area /= amount),
            Kind::Unacknowledged => {
                for edge in second.edges.iter_mut().filter(|edge| edge.receiver == who) {
                    edge.acknowledged = false;
                }
            }
            Kind::Withheld => {
                leg_of(second, who).withheld += 1;
                let theirs = |edge: &&mut EdgeMeasured| (edge.receiver, edge.sender.0) == (who, self.other);
                second
                    .edges
                    .iter_mut()
                    .filter(theirs)
                    .for_each(|edge| edge.unseen = true);
            }
        }
    }

    fn received(&self, second: &mut Second, worse: impl Fn(&mut Received)) {
        received_by(second, id(self.who))
            .filter(|received| received.sender.0 == self.other)
            .for_each(worse);
    }
}

/// A well settled council and then these faults. Each lasts from its second on for as long as its amount says.
fn trace(faults: &[Fault]) -> Vec<Second> {
    let mut council = Council::with_speaker(SIZE);
    let mut seconds: Vec<Second> = (0..20).map(|_| council.well()).collect();
    for number in 0..SECONDS {
        let mut second = council.well();
        let lasts = |fault: &&Fault| (fault.second..fault.second + 3 + fault.amount as usize / 10).contains(&number);
        faults.iter().filter(lasts).for_each(|fault| fault.worsen(&mut second));
        seconds.push(second);
    }
    seconds
}

fn judged(seconds: &[Second]) -> Vec<Verdict> {
    let mut judge = Judge::new(likvardig());
    seconds
        .iter()
        .map(|second| verdict(&mut judge, second.clone()))
        .collect()
}

fn worst(verdict: &Verdict) -> Level {
    let theirs = verdict
        .participants
        .iter()
        .flat_map(|participant| &participant.directions);
    theirs
        .chain(&verdict.relay)
        .map(|found| found.level)
        .max()
        .unwrap_or_default()
}

fn levels(verdict: &Verdict) -> Vec<(ParticipantId, Direction, Level)> {
    let all = verdict
        .participants
        .iter()
        .flat_map(|p| p.directions.iter().map(|d| (p.participant, d)));
    all.map(|(who, found)| (who, found.direction, found.level)).collect()
}

/// By how much a letter of the matrix asks for attention.
fn rank(letter: char) -> usize {
    "-usgar".find(letter).expect("a letter of the matrix")
}

fn edges(matrix: &Matrix) -> Vec<char> {
    let rows = matrix.sound.iter().chain(&matrix.picture);
    rows.flat_map(|row| row.chars()).collect()
}

/// Between the seconds: a presence check, or silences that the relay tells.
#[derive(Clone, Debug)]
enum Between {
    Confirmed(Vec<u32>),
    Silences(u32, u32),
}

fn between() -> impl Strategy<Value = (usize, Between)> {
    let confirmed = prop::collection::vec(1..=SIZE, 1..5).prop_map(Between::Confirmed);
    let silences = (1..=SIZE, 0..8000u32).prop_map(|(who, silent_ms)| Between::Silences(who, silent_ms));
    (20..50usize, prop_oneof![confirmed, silences])
}

/// The seconds with what comes between them, in order.
fn inputs(faults: &[Fault], between: &[(usize, Between)]) -> Vec<Input> {
    let mut inputs = Vec::new();
    for (number, second) in trace(faults).into_iter().enumerate() {
        let at_ms = second.at_ms + 400;
        inputs.push(Input::Second(second));
        let after = between.iter().filter(|(after, _)| *after == number);
        inputs.extend(after.map(|(_, what)| match what {
            Between::Confirmed(who) => Input::Confirmed {
                at_ms,
                participants: who.iter().copied().map(id).collect(),
            },
            Between::Silences(who, silent_ms) => Input::Silences {
                at_ms,
                silent_ms: vec![(id(*who), *silent_ms)],
            },
        }));
    }
    inputs
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn worse_is_never_judged_better(before in faults(), more in faults()) {
        let worse: Vec<Fault> = before.iter().chain(&more).cloned().collect();
        for (better, worse) in judged(&trace(&before)).iter().zip(&judged(&trace(&worse))) {
            prop_assert!(worst(worse) >= worst(better), "at {} ms: {better:?} and worse {worse:?}", worse.at_ms);
        }
    }

    #[test]
    fn nobody_is_green_without_telemetry(faults in faults(), mute in prop::collection::vec(1..=SIZE, 1..5), from in 0..40usize) {
        let mut seconds = trace(&faults);
        for second in &mut seconds[from..] {
            second.reports.retain(|report| !mute.contains(&report.participant.0));
        }
        for verdict in &judged(&seconds)[from + 1..] {
            for participant in verdict.participants.iter().filter(|p| mute.contains(&p.participant.0)) {
                for found in &participant.directions {
                    prop_assert!(found.level != Level::Green, "{:?} of {}", found, participant.participant);
                }
            }
        }
    }

    #[test]
    fn no_edge_is_better_for_being_worse(before in faults(), more in faults()) {
        let worse: Vec<Fault> = before.iter().chain(&more).cloned().collect();
        for (better, worse) in judged(&trace(&before)).iter().zip(&judged(&trace(&worse))) {
            for (better_edge, worse_edge) in edges(&better.matrix).into_iter().zip(edges(&worse.matrix)) {
                prop_assert!(rank(worse_edge) >= rank(better_edge), "at {} ms: {:?} and worse {:?}", worse.at_ms, better.matrix, worse.matrix);
            }
        }
    }

    #[test]
    fn no_edge_is_green_without_the_receivers_report(faults in faults(), mute in prop::collection::vec(1..=SIZE, 1..5), from in 0..40usize) {
        let mut seconds = trace(&faults);
        for second in &mut seconds[from..] {
            second.reports.retain(|report| !mute.contains(&report.participant.0));
        }
        for verdict in &judged(&seconds)[from + 1..] {
            for row in verdict.matrix.sound.iter().chain(&verdict.matrix.picture) {
                for (letter, receiver) in row.chars().zip(1..) {
                    prop_assert!(letter != 'g' || !mute.contains(&receiver), "{:?}", verdict.matrix);
                }
            }
        }
    }

    #[test]
    fn a_recorded_meeting_is_judged_the_same_again(faults in faults(), between in prop::collection::vec(between(), 0..6)) {
        let live = inputs(&faults, &between);
        let recorded: Vec<String> = live.iter().map(|input| serde_json::to_string(input).unwrap()).collect();
        let (mut judge, mut again) = (Judge::new(likvardig()), Judge::new(likvardig()));
        for (live, recorded) in live.iter().zip(&recorded) {
            let replayed: Input = serde_json::from_str(recorded).unwrap();
            prop_assert_eq!(judge.take(live), again.take(&replayed));
        }
    }

    #[test]
    fn nothing_stands_about_whom_a_check_has_confirmed(faults in faults(), between in prop::collection::vec(between(), 1..6)) {
        let mut judge = Judge::new(likvardig());
        let mut standing: BTreeMap<_, Level> = BTreeMap::new();
        for input in inputs(&faults, &between) {
            for transition in judge.take(&input).transitions() {
                match transition {
                    Transition::Raised { alert } | Transition::Changed { alert, .. } | Transition::Unstable { alert } => {
                        standing.insert(alert.key, alert.level);
                    }
                    Transition::Cleared { alert } => {
                        standing.remove(&alert.key);
                    }
                }
            }
            if let Input::Confirmed { participants, .. } = &input {
                let about = |key: &super::super::AlertKey| key.about.is_some_and(|about| participants.contains(&about));
                prop_assert!(!standing.keys().any(about), "{:?} after {:?}", standing, input);
            }
        }
    }

    #[test]
    fn a_judge_who_came_later_agrees_once_the_windows_are_full(faults in faults(), from in 0..20usize) {
        let seconds = trace(&faults);
        let (all, late) = (judged(&seconds), judged(&seconds[from..]));
        // Three seconds to settle, ten of window, one for the speech before, and twelve for what a sender's own leg has shown.
        for (all, late) in all[from..].iter().zip(&late).skip(26) {
            prop_assert_eq!(levels(all), levels(late), "at {} ms", all.at_ms);
        }
    }

    #[test]
    fn alerts_are_raised_once_and_cleared_once(faults in faults()) {
        let mut standing = std::collections::BTreeSet::new();
        for transition in judged(&trace(&faults)).iter().flat_map(|verdict| &verdict.transitions) {
            match transition {
                Transition::Raised { alert } => prop_assert!(standing.insert(alert.key)),
                Transition::Changed { alert, .. } | Transition::Unstable { alert } => prop_assert!(standing.contains(&alert.key)),
                Transition::Cleared { alert } => prop_assert!(standing.remove(&alert.key)),
            }
        }
    }
}
