//! The roll call (upprop, requirement R17): one by one, shown to all.

use super::{Attendance, Event, Measured, Meeting, Participant, ParticipantId, Role, service};
use crate::equal_terms::{Cause, Level};
use crate::protocol::{Refusal, RollCallEntryView, RollCallView};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What somebody answers when called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "answer", rename_all = "snake_case", deny_unknown_fields)]
pub enum Answer {
    /// Answered by their own press.
    Confirmed {
        /// Whether they see the others.
        sees: bool,
        /// Whether they hear the others.
        hears: bool,
        /// Whether they are heard.
        heard: bool,
    },
    /// Noted as present by chair or secretary.
    NotedPresent {},
    /// Noted as not answering.
    NotedAbsent {},
}

/// The roll call that goes on, or was held last.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct RollCall {
    going_on: bool,
    called: Option<ParticipantId>,
    entries: Vec<Entry>,
    /// Of whoever answers next.
    measured: Option<Box<Measured>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Entry {
    participant: ParticipantId,
    answer: Option<Answer>,
    measured: Option<Level>,
    unreached: u16,
}

/// Members and substitutes are called, in the order of the roster.
pub(super) fn begin(meeting: &Meeting, actor: ParticipantId) -> Result<Vec<Event>, Refusal> {
    if meeting.roll_call.going_on {
        return Err(Refusal::AlreadySo);
    }
    let of_the_body = |one: &&Participant| {
        let role = matches!(
            one.role(),
            Role::Chair | Role::ViceChair | Role::Member | Role::Substitute
        );
        role && one.attendance() != Attendance::Dismissed
    };
    let who = meeting.roster.iter().filter(of_the_body).map(Participant::id).collect();
    Ok(vec![Event::RollCallBegan { by: actor, who }])
}

/// In any order; somebody may be called again.
pub(super) fn call(meeting: &Meeting, actor: ParticipantId, whom: ParticipantId) -> Result<Vec<Event>, Refusal> {
    meeting.roll_call.listed(whom)?;
    if meeting.is_disqualified(whom) {
        return Err(Refusal::Disqualified);
    }
    Ok(vec![Event::Called {
        participant: whom,
        by: actor,
    }])
}

pub(super) fn answer(meeting: &Meeting, actor: ParticipantId, answer: Answer) -> Result<Vec<Event>, Refusal> {
    meeting.roll_call.listed(actor)?;
    if meeting.roll_call.called != Some(actor) {
        return Err(Refusal::OutOfStep);
    }
    Ok(vec![answered(meeting, actor, answer, actor)])
}

/// Somebody in the chamber answers aloud, and is noted there; or nobody answers, and nobody is noted there. Who was in the
/// meeting with a device is not taken to be in the chamber because the link broke: that is noted by itself, by who sees
/// them there.
pub(super) fn note(
    meeting: &Meeting,
    actor: ParticipantId,
    whom: ParticipantId,
    present: bool,
) -> Result<Vec<Event>, Refusal> {
    meeting.roll_call.listed(whom)?;
    let mut events = Vec::new();
    match meeting.attendance(whom) {
        _ if !present && meeting.is_in_chamber(whom) => {
            events.extend(service::note_in_chamber(meeting, actor, whom, false)?);
        }
        _ if !present || meeting.is_there(whom) => {}
        Some(Attendance::Away) => events.extend(service::note_in_chamber(meeting, actor, whom, true)?),
        Some(Attendance::Lost) => return Err(Refusal::ConnectionLost),
        _ => return Err(Refusal::WrongPlace),
    }
    let answer = if present {
        Answer::NotedPresent {}
    } else {
        Answer::NotedAbsent {}
    };
    events.push(answered(meeting, whom, answer, actor));
    Ok(events)
}

pub(super) fn end(meeting: &Meeting, actor: ParticipantId) -> Result<Vec<Event>, Refusal> {
    if meeting.roll_call.going_on {
        Ok(vec![Event::RollCallEnded { by: actor }])
    } else {
        Err(Refusal::AlreadySo)
    }
}

/// With the worst that stood measured; what they reported themselves is no measurement.
fn answered(meeting: &Meeting, whom: ParticipantId, answer: Answer, by: ParticipantId) -> Event {
    let about = meeting
        .alerts()
        .iter()
        .filter(|alert| alert.subject.about == Some(whom) && alert.subject.cause != Cause::Reported && !alert.settled);
    Event::RollCallAnswered {
        participant: whom,
        answer,
        measured: about.map(|alert| alert.reading.level).max(),
        by,
    }
}

impl RollCall {
    fn listed(&self, whom: ParticipantId) -> Result<(), Refusal> {
        if !self.going_on {
            return Err(Refusal::OutOfStep);
        }
        let listed = self.entries.iter().any(|entry| entry.participant == whom);
        listed.then_some(()).ok_or(Refusal::NoSuchParticipant)
    }

    pub(super) fn apply(&mut self, event: &Event) {
        match event {
            Event::RollCallBegan { who, .. } => {
                let entry = |&participant| Entry {
                    participant,
                    answer: None,
                    measured: None,
                    unreached: 0,
                };
                *self = Self {
                    going_on: true,
                    entries: who.iter().map(entry).collect(),
                    ..Self::default()
                };
            }
            Event::Measured { measured } if self.going_on => self.measured = Some(measured.clone()),
            Event::Called { participant, .. } => self.called = Some(*participant),
            Event::RollCallAnswered {
                participant,
                answer,
                measured: alarm,
                ..
            } => self.note_answer(*participant, *answer, *alarm),
            Event::Disqualified { participant, .. } if self.called == Some(*participant) => self.called = None,
            Event::RollCallEnded { .. } | Event::Closed { .. } => (self.going_on, self.called) = (false, None),
            _ => {}
        }
    }

    /// `alarm`: the worst that stood about them.
    fn note_answer(&mut self, whom: ParticipantId, answer: Answer, alarm: Option<Level>) {
        let measured = self.measured.take();
        let measured = measured.as_deref();
        let Some(entry) = self.entries.iter_mut().find(|entry| entry.participant == whom) else {
            return;
        };
        let levels = [measured.and_then(|measured| measured.level_of(whom)), alarm];
        let unreached = measured.map_or(0, |measured| measured.matrix.out_of_reach_of(whom).len());
        entry.answer = Some(answer);
        entry.measured = levels.into_iter().flatten().max_by_key(|level| level.weight());
        entry.unreached = u16::try_from(unreached).unwrap_or(u16::MAX);
    }

    /// As a page sees it; `leads`: with what was measured.
    pub(super) fn view(&self, leads: bool) -> Option<RollCallView> {
        let entry = |entry: &Entry| RollCallEntryView {
            participant: entry.participant,
            answer: entry.answer,
            measured: entry.measured.filter(|_| leads),
            unreached: if leads { entry.unreached } else { 0 },
        };
        (!self.entries.is_empty()).then(|| RollCallView {
            going_on: self.going_on,
            called: self.called,
            entries: self.entries.iter().map(entry).collect(),
        })
    }
}

impl Meeting {
    /// Who is called just now.
    #[must_use]
    pub fn called(&self) -> Option<ParticipantId> {
        self.roll_call.called
    }

    /// Who must be shown large to everybody: whoever is called, or has the floor (the Övertorneå ruling of 2021); of
    /// somebody in the chamber, its device.
    #[must_use]
    pub fn shown(&self) -> Option<ParticipantId> {
        let called = self.called().and_then(|whom| self.seen_through(whom));
        called.or_else(|| self.floor().and_then(|whom| self.seen_through(whom)))
    }

    /// Whose picture somebody is seen in: their own, or in the chamber its device's.
    #[must_use]
    pub fn seen_through(&self, whom: ParticipantId) -> Option<ParticipantId> {
        match whom {
            _ if self.is_in_chamber(whom) => self.chamber_device(),
            _ if self.is_inside(whom) => Some(whom),
            _ => None,
        }
    }
}
