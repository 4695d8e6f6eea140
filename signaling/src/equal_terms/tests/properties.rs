//! What holds whatever happens: never green without telemetry, never better for being worse, and the same again from
//! the same seconds.

use super::*;
use proptest::prelude::*;

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
}

const SIZE: u32 = 5;
const SECONDS: usize = 30;

fn fault() -> impl Strategy<Value = Fault> {
    let kind = prop::sample::select(vec![
        Kind::UplinkLoss,
        Kind::DownlinkLoss,
        Kind::UplinkStill,
        Kind::Frozen,
        Kind::Concealed,
        Kind::NotPlayed,
        Kind::Black,
        Kind::RoundTrip,
        Kind::CameraOff,
    ]);
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
    seconds.iter().map(|second| judge.judge(second)).collect()
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

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

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
    fn a_recorded_meeting_is_judged_the_same_again(faults in faults()) {
        let seconds = trace(&faults);
        let recorded: Vec<String> = seconds.iter().map(|second| serde_json::to_string(second).unwrap()).collect();
        let replayed: Vec<Second> = recorded.iter().map(|second| serde_json::from_str(second).unwrap()).collect();
        prop_assert_eq!(judged(&seconds), judged(&replayed));
    }

    #[test]
    fn a_judge_who_came_later_agrees_once_the_windows_are_full(faults in faults(), from in 0..20usize) {
        let seconds = trace(&faults);
        let (all, late) = (judged(&seconds), judged(&seconds[from..]));
        // Three seconds to settle, ten of window, and one for the speech before.
        for (all, late) in all[from..].iter().zip(&late).skip(14) {
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
