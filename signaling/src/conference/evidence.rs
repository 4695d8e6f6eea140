//! What is measured is journaled with what is decided, in the same breath (requirement R9).

use super::Conference;
use super::measuring::Measuring;
use crate::equal_terms::{Input, Verdict};
use crate::meeting::measured::is_recorded_with;
use crate::meeting::{DirectionMeasured, Event, Measured, ParticipantId, PersonMeasured, ProfileMark, Role};

impl Conference {
    /// Puts what was measured before the first event that it is recorded with.
    pub(super) async fn with_what_is_measured(&self, mut events: Vec<Event>) -> Vec<Event> {
        let Some(at) = events.iter().position(is_recorded_with) else {
            return events;
        };
        let measured = self.measuring.measured().await;
        let measured = match events.get(at) {
            Some(Event::RollCallAnswered { participant, .. }) => measured.about(*participant),
            _ => measured,
        };
        let measured = Box::new(measured);
        events.insert(at, Event::Measured { measured });
        events
    }

    /// A presence check has found these seen and heard, and with them the devices of the chamber: the judge begins anew
    /// with them.
    pub(super) async fn tell_the_judge(&mut self, confirmed: Vec<ParticipantId>) {
        let chamber = self.meeting.roster().iter().filter(|one| one.role() == Role::Chamber);
        let participants = confirmed.into_iter().chain(chamber.map(|one| one.id())).collect();
        let at_ms = self.clock.now_ms();
        self.judge_input(Input::Confirmed { at_ms, participants }).await;
    }
}

/// Whom a presence check among these events confirms.
pub(super) fn confirmed_by(events: &[Event]) -> Option<Vec<ParticipantId>> {
    events.iter().find_map(|event| match event {
        Event::PresenceConfirmed { participants, .. } => Some(participants.clone()),
        _ => None,
    })
}

impl Measuring {
    /// The second judged last, and how far the samples have come.
    async fn measured(&self) -> Measured {
        let profile = self.judge.profile();
        let last = self.last.as_ref();
        Measured {
            at_ms: last.map(|verdict| verdict.at_ms),
            profile: ProfileMark {
                name: profile.name.clone(),
                version: profile.version,
                digest: profile.digest(),
            },
            people: last.map(people).unwrap_or_default(),
            matrix: last.map(|verdict| verdict.matrix.clone()).unwrap_or_default(),
            samples: self.samples.mark().await,
        }
    }
}

fn people(verdict: &Verdict) -> Vec<PersonMeasured> {
    let person = |one: &crate::equal_terms::ParticipantVerdict| PersonMeasured {
        participant: one.participant,
        directions: one
            .directions
            .iter()
            .map(|found| DirectionMeasured {
                direction: found.direction,
                level: found.level,
                cause: found.cause,
            })
            .collect(),
    };
    verdict.participants.iter().map(person).collect()
}
