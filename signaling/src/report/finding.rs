//! What was measured at a decision: nothing wrong, or the exceptions.

use crate::equal_terms::{Cause, Direction, Level};
use crate::meeting::{Measured, ParticipantId, Role, Roster};
use std::collections::BTreeSet;

/// What a [`Measured`] says of those who served.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The second judged last, in milliseconds since 1970-01-01 UTC; `None`: none was, so nothing is known.
    pub at_ms: Option<i64>,
    /// Red, unknown, or at rest.
    pub exceptions: Vec<Exception>,
    /// Amber: below the alarm.
    pub slight: Vec<Exception>,
    /// Whether samples are kept that prove it.
    pub samples: bool,
}

/// Somebody for whom it was otherwise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Exception {
    /// About whom or what.
    pub about: About,
    /// How it stood.
    pub level: Level,
    /// What was found.
    pub cause: Option<Cause>,
}

/// What an exception is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// A direction of a person, or of a device of the chamber.
    Direction(ParticipantId, Direction),
    /// There are no measurements of them at all.
    Person(ParticipantId),
    /// There are no measurements of the chamber, in which somebody serves.
    Chamber,
    /// How one reaches another.
    Edge {
        /// Who sends.
        sender: ParticipantId,
        /// Who receives.
        receiver: ParticipantId,
        /// Sound, or picture.
        sound: bool,
    },
}

impl Finding {
    /// What was measured of those who serve, and of the chamber's devices, which stand for those in the chamber. Where
    /// nobody is known to serve, of everybody.
    #[must_use]
    pub fn of(
        measured: &Measured,
        serving: &BTreeSet<ParticipantId>,
        in_chamber: &BTreeSet<ParticipantId>,
        roster: &Roster,
    ) -> Self {
        let is_device = |who: ParticipantId| roster.find(who).is_some_and(|one| one.role() == Role::Chamber);
        let known: BTreeSet<ParticipantId> = measured.people.iter().map(|one| one.participant).collect();
        let concerned = |who: ParticipantId| serving.is_empty() || serving.contains(&who) || is_device(who);
        let mut found: Vec<Exception> = measured
            .people
            .iter()
            .filter(|one| concerned(one.participant))
            .flat_map(|one| {
                one.directions.iter().map(|direction| Exception {
                    about: About::Direction(one.participant, direction.direction),
                    level: direction.level,
                    cause: direction.cause,
                })
            })
            .collect();
        found.extend(unmeasured(
            serving,
            in_chamber,
            &known,
            known.iter().any(|who| is_device(*who)),
        ));
        found.extend(edges(measured, concerned, &found));
        let (slight, exceptions) = found
            .into_iter()
            .filter(|one| one.level != Level::Green)
            .partition(|one| one.level == Level::Amber);
        Self {
            at_ms: measured.at_ms,
            exceptions,
            slight,
            samples: measured.samples.is_some(),
        }
    }

    /// Whether the sentence may be said that nothing wrong was measured.
    #[must_use]
    pub fn is_flawless(&self) -> bool {
        self.at_ms.is_some() && self.exceptions.is_empty()
    }
}

/// Who serves without being measured, by a device of their own or by the chamber's.
fn unmeasured(
    serving: &BTreeSet<ParticipantId>,
    in_chamber: &BTreeSet<ParticipantId>,
    known: &BTreeSet<ParticipantId>,
    chamber_measured: bool,
) -> Vec<Exception> {
    let unknown = |about| Exception {
        about,
        level: Level::Unknown,
        cause: None,
    };
    let mut found: Vec<Exception> = serving
        .iter()
        .filter(|who| !known.contains(who) && !in_chamber.contains(who))
        .map(|who| unknown(About::Person(*who)))
        .collect();
    let needs_chamber = serving
        .iter()
        .any(|who| in_chamber.contains(who) && !known.contains(who));
    if needs_chamber && !chamber_measured {
        found.push(unknown(About::Chamber));
    }
    found
}

/// Red and unknown edges between two of whom nothing else is said.
fn edges(measured: &Measured, concerned: impl Fn(ParticipantId) -> bool, found: &[Exception]) -> Vec<Exception> {
    let told: BTreeSet<ParticipantId> = found
        .iter()
        .filter(|one| matches!(one.level, Level::Red | Level::Unknown))
        .filter_map(|one| match one.about {
            About::Direction(who, _) | About::Person(who) => Some(who),
            About::Chamber | About::Edge { .. } => None,
        })
        .collect();
    let matrix = &measured.matrix;
    let mut edges = Vec::new();
    for (rows, sound) in [(&matrix.sound, true), (&matrix.picture, false)] {
        for (sender, row) in matrix.people.iter().zip(rows) {
            for (receiver, letter) in matrix.people.iter().zip(row.bytes()) {
                let level = match letter {
                    b'r' => Level::Red,
                    b'u' => Level::Unknown,
                    _ => continue,
                };
                let both = concerned(*sender) && concerned(*receiver);
                if both && !told.contains(sender) && !told.contains(receiver) {
                    edges.push(Exception {
                        about: About::Edge {
                            sender: *sender,
                            receiver: *receiver,
                            sound,
                        },
                        level,
                        cause: None,
                    });
                }
            }
        }
    }
    edges
}
