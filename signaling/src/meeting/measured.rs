//! What was measured at the second of a decision, a vote, a roll call or an adjournment (requirement R9).

use super::{Event, ParticipantId};
use crate::equal_terms::{Cause, Direction, Level, Matrix, ParticipantVerdict, Profile, Verdict};
use crate::sha256::Sha256;
use serde::{Deserialize, Serialize};

/// The state of the measurement when the next event was decided.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measured {
    /// The second judged last, in milliseconds since 1970-01-01 UTC; `None`: none has been.
    pub at_ms: Option<i64>,
    /// The threshold profile.
    pub profile: ProfileMark,
    /// How everybody stood who was expected to take part.
    pub people: Vec<PersonMeasured>,
    /// Every edge.
    pub matrix: Matrix,
    /// The samples that this was judged from; `None`: they are not kept.
    pub samples: Option<SamplesMark>,
}

/// Which threshold profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProfileMark {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: u32,
    /// SHA-256 of its text.
    pub digest: Sha256,
}

/// One person's verdict.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonMeasured {
    /// Who.
    pub participant: ParticipantId,
    /// Each direction that is expected of them.
    pub directions: Vec<DirectionMeasured>,
}

/// One direction of one person.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DirectionMeasured {
    /// Which.
    pub direction: Direction,
    /// How it stood.
    pub level: Level,
    /// What was found, if amber or red.
    pub cause: Option<Cause>,
}

/// How far the samples had come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SamplesMark {
    /// Lines written.
    pub lines: u64,
    /// The hash of the last of them, which builds on all before it.
    pub digest: Sha256,
}

impl PersonMeasured {
    fn of(verdict: &ParticipantVerdict) -> Self {
        let directions = verdict.directions.iter().map(|found| DirectionMeasured {
            direction: found.direction,
            level: found.level,
            cause: found.cause,
        });
        Self {
            participant: verdict.participant,
            directions: directions.collect(),
        }
    }
}

/// Whether what was measured is recorded with an event.
#[must_use]
pub const fn is_recorded_with(event: &Event) -> bool {
    matches!(
        event,
        Event::Decided { .. }
            | Event::VoteOpened { .. }
            | Event::VoteSuspended {}
            | Event::VoteResumed { .. }
            | Event::VoteClosed { .. }
            | Event::RollCallAnswered { .. }
            | Event::RollCallEnded { .. }
            | Event::PresenceConfirmed { .. }
            | Event::Opened { .. }
            | Event::Adjourned { .. }
            | Event::Resumed { .. }
    )
}

/// What is measured comes before the first event that it is recorded with; with an answer to the roll call, what is measured
/// about whoever gave it.
#[must_use]
pub fn recorded_with(mut events: Vec<Event>, measured: Measured) -> Vec<Event> {
    let Some(at) = events.iter().position(is_recorded_with) else {
        return events;
    };
    let measured = match events.get(at) {
        Some(Event::RollCallAnswered { participant, .. }) => measured.about(*participant),
        _ => measured,
    };
    let measured = Box::new(measured);
    events.insert(at, Event::Measured { measured });
    events
}

impl Measured {
    /// What the verdict of the second judged last says; `None`: none has been judged.
    #[must_use]
    pub fn of(profile: &Profile, last: Option<&Verdict>, samples: Option<SamplesMark>) -> Self {
        let people = |verdict: &Verdict| verdict.participants.iter().map(PersonMeasured::of).collect();
        Self {
            at_ms: last.map(|verdict| verdict.at_ms),
            profile: ProfileMark {
                name: profile.name.clone(),
                version: profile.version,
                digest: profile.digest(),
            },
            people: last.map(people).unwrap_or_default(),
            matrix: last.map(|verdict| verdict.matrix.clone()).unwrap_or_default(),
            samples,
        }
    }

    /// The same about one person alone, with how they and the others reach each other: an answer to the roll call.
    #[must_use]
    pub fn about(mut self, participant: ParticipantId) -> Self {
        self.people.retain(|person| person.participant == participant);
        self.matrix = self.matrix.about(participant);
        self
    }

    /// How somebody stood: the worst of their directions, and red where others do not hear or see them. `None`: they were
    /// not measured.
    #[must_use]
    pub fn level_of(&self, who: ParticipantId) -> Option<Level> {
        let person = self.people.iter().find(|one| one.participant == who)?;
        let unreached = !self.matrix.out_of_reach_of(who).is_empty();
        let directions = person.directions.iter().map(|one| one.level);
        directions
            .chain(unreached.then_some(Level::Red))
            .max_by_key(|level| level.weight())
    }
}
