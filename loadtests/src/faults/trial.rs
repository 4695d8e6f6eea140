//! One fault, once: made at a random time to a random victim, watched, mended, and judged.

use super::catalogue::{Fault, Harm, Speaker};
use super::council::Council;
use super::outcome::{self, Course, Outcome, Residue};
use super::screen::Seen;
use lika::meeting::ParticipantId;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// Before a trial the meeting must have been well; after an earlier one it may take a while.
const CALM_WITHIN: Duration = Duration::from_secs(60);
/// The random time before the fault, in milliseconds: the speaker has begun, and no two clocks are in step.
const BEFORE_MS: std::ops::Range<u64> = 4000..8000;
/// A degradation is left for a whole window before its truth is known ...
const WINDOW: Duration = Duration::from_secs(12);
/// ... and then for as long as the chair may take to be told.
const DEGRADATION: Duration = Duration::from_secs(12);
/// A hard break that was not told so long after its time will not be.
const HARD: Duration = Duration::from_secs(6);
/// After the chair has been told: does anything else come?
const AFTERWARDS: Duration = Duration::from_secs(2);
/// Where nothing is done.
const CONTROL: Duration = Duration::from_secs(15);
/// Beyond the profile's own time, an alert must clear within a window, the break of a link, and some seconds to reconnect.
const CLEAR_ALLOWANCE: Duration = Duration::from_secs(25);

/// What is to be done.
#[derive(Clone, Debug)]
pub(super) struct Task {
    pub(super) fault: Fault,
    pub(super) seed: u64,
    /// The profile's time for an alert to clear.
    pub(super) clear: Duration,
    /// Whether a fault that has left no trace in the truth after a window is ended there.
    pub(super) quick: bool,
    /// How often it may still be tried.
    pub(super) tries: u32,
}

/// How a trial went.
#[derive(Clone, Debug)]
pub(super) enum Tried {
    /// It tells something.
    Done(Record),
    /// It does not: others than the victims were in trouble, too. Why, for people.
    Disturbed(String),
}

/// What was done and what came of it.
#[derive(Clone, Debug)]
pub(super) struct Record {
    pub(super) fault: String,
    pub(super) outcome: Outcome,
    /// For people: whom, and every alert.
    pub(super) story: String,
}

/// Does the task in a meeting.
pub(super) async fn perform(council: &mut Council, task: &Task) -> Tried {
    let mut chance = StdRng::seed_from_u64(task.seed);
    let people: Vec<ParticipantId> = council.people().collect();
    // The chair's page is what the alerts come to, so the chair is nobody's victim.
    let victim = chance.random_range(1..people.len());
    let other = another(&mut chance, victim, people.len());
    let speaker = match task.fault.speaker {
        Speaker::Victim => victim,
        Speaker::SomebodyElse => other,
    };
    let calm = council.until(CALM_WITHIN, Council::is_calm).await && council.give_floor(people[speaker]).await;
    council
        .pass(Duration::from_millis(chance.random_range(BEFORE_MS)))
        .await;
    if !calm || !council.is_calm() {
        return Tried::Disturbed(format!("before {}: {}", task.fault.name, council.condition()));
    }
    let victims: BTreeSet<ParticipantId> = match task.fault.harm {
        Harm::AllLines(..) => people.into_iter().collect(),
        Harm::Nothing => BTreeSet::new(),
        _ => BTreeSet::from([people[victim]]),
    };
    let earlier = council.screen.alerts.len();
    let injected = Instant::now();
    council.harm(&task.fault, victim);
    hold(council, task, &victims, injected, earlier).await;
    let restored = Instant::now();
    council.restore();
    if matches!(task.fault.harm, Harm::AllLines(_, Some(_))) {
        // It is over before it is judged.
        council
            .until(DEGRADATION, |now| is_told(now, task, &victims, earlier))
            .await;
    }
    let clear = task.clear + CLEAR_ALLOWANCE;
    council.pass(AFTERWARDS).await;
    council.until(clear, Council::is_calm).await;
    let course = Course {
        injected,
        restored,
        ended: Instant::now(),
    };
    let alerts = council.screen.alerts.get(earlier..).unwrap_or_default();
    if let Some(trouble) = council.truth.trouble_of_others(course.span(), &victims) {
        return Tried::Disturbed(format!("during {}: {trouble}", task.fault.name));
    }
    let outcome = outcome::judge(&task.fault, &victims, course, &council.truth, alerts);
    let story = story(task, &victims, course, &outcome, alerts);
    Tried::Done(Record {
        fault: task.fault.name.clone(),
        outcome,
        story,
    })
}

/// Another member, by place; the first is the chair, who has no need of the floor.
fn another(chance: &mut StdRng, victim: usize, people: usize) -> usize {
    let place = chance.random_range(1..people - 1);
    if place < victim { place } else { place + 1 }
}

/// Lets the fault last as long as it takes to learn what there is to learn.
async fn hold(
    council: &mut Council,
    task: &Task,
    victims: &BTreeSet<ParticipantId>,
    injected: Instant,
    earlier: usize,
) {
    let told = |now: &Council| is_told(now, task, victims, earlier);
    match (&task.fault.harm, task.fault.hard_s) {
        (Harm::Nothing, _) => council.pass(CONTROL).await,
        (Harm::AllLines(_, Some(time)), _) => council.pass(*time).await,
        (_, Some(row_s)) => {
            council.until(Duration::from_secs_f64(row_s) + HARD, told).await;
            council.pass(AFTERWARDS).await;
        }
        (..) => {
            council.pass(WINDOW).await;
            if !task.quick || outcome::residue(&task.fault, victims, &council.truth, injected) != Residue::Harmless {
                council.until(DEGRADATION, told).await;
            }
        }
    }
}

/// Whether the chair has been told of the fault, and of the right one.
fn is_told(council: &Council, task: &Task, victims: &BTreeSet<ParticipantId>, earlier: usize) -> bool {
    let mut alerts = council.screen.alerts.iter().skip(earlier);
    alerts.any(|alert| outcome::is_about(alert, &task.fault, victims))
}

fn story(task: &Task, victims: &BTreeSet<ParticipantId>, course: Course, outcome: &Outcome, alerts: &[Seen]) -> String {
    let whom = match victims.iter().next() {
        Some(who) if victims.len() == 1 => format!("of {}", who.0),
        Some(_) => "of everybody".into(),
        None => "of nobody".into(),
    };
    let told = alerts.iter().map(|alert| {
        let about = alert.about.map_or_else(|| "the relay".into(), |who| who.0.to_string());
        let after = |at: Instant| at.saturating_duration_since(course.injected).as_secs_f64();
        let figure = alert.figure.map_or_else(String::new, |figure| format!(" {figure:.1}"));
        let cleared = alert
            .cleared
            .map_or_else(|| "never".into(), |at| format!("{:.1} s", after(at)));
        format!(
            "{:?} {:?}{figure} of {about} at {:.1} s, cleared {cleared}",
            alert.direction,
            alert.cause,
            after(alert.arrived)
        )
    });
    let told: Vec<String> = told.collect();
    format!(
        "{} {whom} (seed {}), lasted {:.1} s, truth {:.2} of the limit, {:?}: {}{}",
        task.fault.name,
        task.seed,
        course.restored.duration_since(course.injected).as_secs_f64(),
        outcome.severity,
        outcome.residue,
        if told.is_empty() {
            "nothing told".into()
        } else {
            told.join("; ")
        },
        if outcome.false_alarms > 0 {
            format!(" ({} without truth)", outcome.false_alarms)
        } else {
            String::new()
        }
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_is_any_member_but_the_victim_and_the_chair() {
        let mut chance = StdRng::seed_from_u64(3);
        for victim in 1..6 {
            let others: BTreeSet<usize> = (0..200).map(|_| another(&mut chance, victim, 6)).collect();
            let expected: BTreeSet<usize> = (1..6).filter(|place| *place != victim).collect();
            assert_eq!(others, expected);
        }
    }
}
