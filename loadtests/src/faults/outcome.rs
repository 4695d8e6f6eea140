//! What a trial showed: was the chair told, in time, of the right person and direction, and of nothing else? Pure.

use super::catalogue::{Fault, Harm};
use super::screen::Seen;
use super::truth::{DIRECTIONS, Span, Truth};
use lika::equal_terms::Direction;
use lika::meeting::ParticipantId;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// At this much of a red limit and beyond, the chair must be told.
const DEMANDED: f64 = 1.5;
/// Below this much of it, the chair must not be told.
const HARMLESS: f64 = 0.67;
/// A hard break must be told within its row's time and this.
const HARD_ALLOWANCE: Duration = Duration::from_secs(1);
/// A degradation must be told within this after the truth exceeded the limit.
const DEGRADATION_WITHIN: Duration = Duration::from_secs(12);
/// The truth behind an alert is looked for this long before it (a window, and a second for the clocks) and after it.
const BEHIND: Duration = Duration::from_secs(12);
const AHEAD: Duration = Duration::from_millis(1500);

/// When a trial's fault began and ended, and until when alerts were waited for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Course {
    pub(super) injected: Instant,
    pub(super) restored: Instant,
    pub(super) ended: Instant,
}

impl Course {
    /// While the fault lasted, and until a receiver's next second has told of its end.
    pub(super) fn span(self) -> Span {
        Span {
            from: self.injected,
            to: self.restored + AHEAD,
        }
    }
}

/// How bad the truth was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Residue {
    /// 1.5 times a red limit or more: the chair must be told.
    Demanded,
    /// Between: the chair may be told.
    Grey,
    /// Below 0.67 of every red limit: the chair must not be told.
    Harmless,
}

/// What one trial showed.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Outcome {
    pub(super) residue: Residue,
    /// The truth at its worst, as a multiple of the red limit.
    pub(super) severity: f64,
    /// Whether the chair was told while the fault lasted.
    pub(super) detected: bool,
    pub(super) right_person: bool,
    pub(super) right_direction: bool,
    /// From the first second beyond the limit (a hard break: from the break) to the chair's screen.
    pub(super) latency_s: Option<f64>,
    /// From the injection.
    pub(super) since_injection_s: Option<f64>,
    /// Told, but later than asked.
    pub(super) late: bool,
    /// Whether everything that was told of it was taken back after the fault had ended.
    pub(super) cleared: bool,
    /// Alerts with no truth behind them.
    pub(super) false_alarms: usize,
}

/// Judges a trial. `alerts` are those that came from the injection on; `victims` is everybody if the fault is everybody's.
pub(super) fn judge(
    fault: &Fault,
    victims: &BTreeSet<ParticipantId>,
    course: Course,
    truth: &Truth,
    alerts: &[Seen],
) -> Outcome {
    let lasted = course.span();
    let severity = severity(fault, victims, truth, lasted);
    // What the machine does to others is neither the fault's nor the judge's.
    let counts = |alert: &&Seen| {
        fault.is_everybodys() || is_about(alert, fault, victims) || is_groundless(alert, victims, truth)
    };
    let alerts: Vec<&Seen> = alerts.iter().filter(counts).collect();
    let false_alarms = alerts
        .iter()
        .filter(|alert| is_groundless(alert, victims, truth))
        .count();
    let of_the_fault: Vec<&Seen> = alerts
        .iter()
        .copied()
        .filter(|alert| alert.arrived <= lasted.to + BEHIND)
        .collect();
    let first = of_the_fault.first();
    let theirs = of_the_fault.iter().find(|alert| is_about(alert, fault, victims));
    let told = theirs.or(first).filter(|_| !matches!(fault.harm, Harm::Nothing));
    let begun = begun(fault, victims, truth, course, lasted);
    let latency = told.map(|alert| alert.arrived.saturating_duration_since(begun));
    let allowed = fault.hard_s.map_or(DEGRADATION_WITHIN, |row_s| {
        Duration::from_secs_f64(row_s) + HARD_ALLOWANCE
    });
    Outcome {
        residue: residue_of(fault, severity),
        severity,
        detected: told.is_some(),
        right_person: if fault.is_everybodys() {
            // One alert, not forty: nobody is to be blamed for what happens to all.
            told.is_some() && of_the_fault.iter().all(|alert| is_about(alert, fault, victims))
        } else {
            first.is_some_and(|alert| is_about(alert, fault, victims))
        },
        right_direction: theirs.is_some_and(|alert| fault.directions.contains(&alert.direction)),
        latency_s: latency.map(|latency| latency.as_secs_f64()),
        since_injection_s: told.map(|alert| alert.arrived.saturating_duration_since(course.injected).as_secs_f64()),
        late: latency.is_some_and(|latency| latency > allowed),
        cleared: told.is_some()
            && alerts
                .iter()
                .all(|alert| alert.cleared.is_some_and(|at| at <= course.ended)),
        false_alarms,
    }
}

/// How bad it has been since the injection.
pub(super) fn residue(fault: &Fault, victims: &BTreeSet<ParticipantId>, truth: &Truth, injected: Instant) -> Residue {
    let span = Span {
        from: injected,
        to: Instant::now(),
    };
    residue_of(fault, severity(fault, victims, truth, span))
}

/// Whether an alert is about the fault and blames the right one.
pub(super) fn is_about(alert: &Seen, fault: &Fault, victims: &BTreeSet<ParticipantId>) -> bool {
    match alert.about {
        None => fault.is_everybodys(),
        Some(who) => !fault.is_everybodys() && victims.contains(&who),
    }
}

fn residue_of(fault: &Fault, severity: f64) -> Residue {
    match severity {
        // A break is one by what was done; how long it was left is no measure of it.
        _ if fault.hard_s.is_some() => Residue::Demanded,
        worst if worst >= DEMANDED => Residue::Demanded,
        worst if worst < HARMLESS => Residue::Harmless,
        _ => Residue::Grey,
    }
}

fn severity(fault: &Fault, victims: &BTreeSet<ParticipantId>, truth: &Truth, lasted: Span) -> f64 {
    if fault.is_everybodys() {
        return truth.of_most(lasted, |who, direction, span| truth.certain(who, direction, span));
    }
    let of_victims = victims
        .iter()
        .flat_map(|who| fault.directions.iter().map(move |direction| (*who, *direction)));
    of_victims
        .map(|(who, direction)| truth.certain(who, direction, lasted))
        .fold(0.0, f64::max)
}

/// From when on the chair could have been told.
fn begun(fault: &Fault, victims: &BTreeSet<ParticipantId>, truth: &Truth, course: Course, lasted: Span) -> Instant {
    if fault.hard_s.is_some() {
        return course.injected;
    }
    let exceeded = victims
        .iter()
        .filter_map(|who| truth.exceeded(*who, fault.directions, lasted))
        .min();
    exceeded.unwrap_or(course.injected)
}

/// Whether nothing that anybody saw or heard speaks for an alert.
fn is_groundless(alert: &Seen, victims: &BTreeSet<ParticipantId>, truth: &Truth) -> bool {
    let span = Span {
        from: alert.arrived.checked_sub(BEHIND).unwrap_or(alert.arrived),
        to: alert.arrived + AHEAD,
    };
    let worst = match alert.about {
        // A link that is or was away is said to be the cause of whatever it did.
        Some(who) if alert.direction == Direction::Link => {
            let worst = |direction| truth.possible(who, direction, span, victims);
            DIRECTIONS.into_iter().map(worst).fold(0.0, f64::max)
        }
        Some(who) => truth.possible(who, alert.direction, span, victims),
        None => truth.of_most(span, |who, direction, span| {
            truth.possible(who, direction, span, victims)
        }),
    };
    worst < HARMLESS
}

#[cfg(test)]
mod tests {
    use super::super::catalogue::catalogue;
    use super::super::truth::tests::{PEOPLE, Story};
    use super::*;
    use crate::delegate::report::SlotSecond;
    use lika::equal_terms::Cause;
    use lika::meeting::AlertId;

    const VICTIM: ParticipantId = PEOPLE[2];

    fn fault(name: &str) -> Fault {
        catalogue().into_iter().find(|fault| fault.name == name).unwrap()
    }

    fn alert(about: Option<ParticipantId>, direction: Direction, arrived: Instant) -> Seen {
        Seen {
            id: AlertId(1),
            about,
            direction,
            cause: Cause::PictureFrozen,
            figure: None,
            arrived,
            cleared: Some(arrived + Duration::from_secs(20)),
        }
    }

    /// The victim sees nothing for `seconds`, and then everything for 30 s; who is told what, after the injection.
    fn trial(name: &str, seconds: u64, told: &[(u64, Option<ParticipantId>, Direction)]) -> Outcome {
        let mut story = Story::begin();
        let injected = story.now();
        story.pass(seconds, |_, receiver, second: &mut SlotSecond| {
            if receiver == VICTIM {
                second.picture.decoded = 0;
            }
        });
        let restored = story.now();
        story.pass(30, |_, _, _| {});
        let alerts: Vec<Seen> = told
            .iter()
            .map(|(after, about, direction)| alert(*about, *direction, injected + Duration::from_secs(*after)))
            .collect();
        let course = Course {
            injected,
            restored,
            ended: story.now(),
        };
        judge(&fault(name), &BTreeSet::from([VICTIM]), course, &story.truth, &alerts)
    }

    #[test]
    fn the_right_person_and_direction_are_told_in_time_and_taken_back() {
        let outcome = trial("picture_down_lost", 8, &[(4, Some(VICTIM), Direction::Sees)]);
        assert_eq!(outcome.residue, Residue::Demanded);
        assert!(
            outcome.detected && outcome.right_person && outcome.right_direction && outcome.cleared && !outcome.late
        );
        assert_eq!(outcome.false_alarms, 0);
        let latency = outcome.latency_s.unwrap();
        assert!(
            (0.5..=2.0).contains(&latency),
            "{latency}: beyond the limit from the third second on"
        );
        assert_eq!(outcome.since_injection_s, Some(4.0));
    }

    #[test]
    fn nothing_told_is_not_detected_and_told_too_late_is_late() {
        let missed = trial("picture_down_lost", 8, &[]);
        assert!(!missed.detected && !missed.right_person && !missed.right_direction && !missed.cleared);
        let late = trial("picture_down_lost", 20, &[(18, Some(VICTIM), Direction::Sees)]);
        assert!(late.detected && late.late);
    }

    #[test]
    fn another_person_or_direction_is_wrong_and_has_no_truth_behind_it() {
        let other = trial("picture_down_lost", 8, &[(4, Some(PEOPLE[0]), Direction::Seen)]);
        assert!(other.detected && !other.right_person);
        assert_eq!(other.false_alarms, 1);
        let backwards = trial("picture_down_lost", 8, &[(4, Some(VICTIM), Direction::Seen)]);
        assert!(backwards.right_person && !backwards.right_direction);
        assert_eq!(backwards.false_alarms, 1);
        assert_eq!(
            trial("picture_down_lost", 8, &[(4, None, Direction::Sees)]).false_alarms,
            1
        );
    }

    #[test]
    fn what_is_between_is_neither_demanded_nor_held_against() {
        let grey = trial("picture_down_lost", 2, &[(3, Some(VICTIM), Direction::Sees)]);
        assert_eq!((grey.residue, grey.false_alarms), (Residue::Grey, 0));
    }

    #[test]
    fn where_nothing_is_done_nothing_is_detected_and_an_alert_is_false() {
        let quiet = trial("control", 0, &[]);
        assert_eq!(
            (quiet.residue, quiet.detected, quiet.false_alarms),
            (Residue::Harmless, false, 0)
        );
        let told = trial("control", 0, &[(5, Some(VICTIM), Direction::Seen)]);
        assert_eq!((told.detected, told.false_alarms), (false, 1));
    }

    #[test]
    fn everybodys_fault_is_the_relays() {
        let mut story = Story::begin();
        let injected = story.now();
        story.pass(6, |_, _, second| *second = SlotSecond::default());
        let restored = story.now();
        story.pass(30, |_, _, _| {});
        let course = Course {
            injected,
            restored,
            ended: story.now(),
        };
        let everybody = BTreeSet::from(PEOPLE);
        let told = |about| {
            let alerts = [alert(about, Direction::Link, injected + Duration::from_secs(5))];
            judge(&fault("relay_overloaded"), &everybody, course, &story.truth, &alerts)
        };
        let right = told(None);
        assert_eq!(right.residue, Residue::Demanded);
        assert!(right.detected && right.right_person && right.false_alarms == 0);
        assert!(!told(Some(VICTIM)).right_person);
    }
}
