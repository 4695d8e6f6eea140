//! What is measured is journaled with what is decided, in the same breath (requirement R9).

use super::Conference;
use super::measuring::Measuring;
use crate::equal_terms::Input;
use crate::meeting::measured::{is_recorded_with, recorded_with};
use crate::meeting::{Event, Measured, ParticipantId, Role};

impl Conference {
    /// Puts what was measured before the first event that it is recorded with.
    pub(super) async fn with_what_is_measured(&self, events: Vec<Event>) -> Vec<Event> {
        if !events.iter().any(is_recorded_with) {
            return events;
        }
        recorded_with(events, self.measuring.measured().await)
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
        Measured::of(self.judge.profile(), self.last.as_ref(), self.samples.mark().await)
    }
}
