//! The lobby: who is let in, and who is moved out.

use super::roster::Admission;
use super::{Alert, Attendance, Event, Meeting, Participant, ParticipantId, Role, floor};
use crate::protocol::Refusal;

/// Chair and secretary hold the key to the door: nobody else is there to let them in, so they enter as they connect,
/// recorded as admitted by themselves. Not so once they have been dismissed.
pub(super) fn enters_unasked(participant: &Participant) -> bool {
    participant.admission() == Admission::Waiting && matches!(participant.role(), Role::Chair | Role::Secretary)
}

/// One by name: from the lobby, or somebody dismissed who is still connected.
pub(super) fn admit(meeting: &Meeting, actor: ParticipantId, whom: ParticipantId) -> Result<Vec<Event>, Refusal> {
    let participant = meeting.roster.find(whom).ok_or(Refusal::NoSuchParticipant)?;
    match participant.attendance() {
        Attendance::Inside | Attendance::Lost => Err(Refusal::AlreadySo),
        // An admission opens the door to nobody who has not shown enough of who they are.
        Attendance::Lobby | Attendance::Dismissed if participant.obstacle().is_some() => Err(Refusal::IdentityNeeded),
        Attendance::Lobby => Ok(vec![Event::Admitted {
            participant: whom,
            by: actor,
        }]),
        Attendance::Dismissed if participant.is_connected() => Ok(vec![Event::Admitted {
            participant: whom,
            by: actor,
        }]),
        Attendance::Dismissed | Attendance::Away => Err(Refusal::WrongPlace),
    }
}

/// Everybody who waits and may come in now. Not those who were dismissed: they come back only by name.
pub(super) fn admit_all(meeting: &Meeting, actor: ParticipantId) -> Result<Vec<Event>, Refusal> {
    let waiting = meeting
        .roster
        .at(Attendance::Lobby)
        .filter(|one| one.obstacle().is_none());
    let events: Vec<_> = waiting
        .map(|one| Event::Admitted {
            participant: one.id(),
            by: actor,
        })
        .collect();
    if events.is_empty() {
        Err(Refusal::AlreadySo)
    } else {
        Ok(events)
    }
}

/// Anybody but oneself, the chair and whoever acts as chair: a meeting is not left without its leader by a press. Nor does
/// anybody's service end by it: who serves is first noted as absent, by the chair and for a reason.
pub(super) fn dismiss(meeting: &Meeting, actor: ParticipantId, whom: ParticipantId) -> Result<Vec<Event>, Refusal> {
    let participant = meeting.roster.find(whom).ok_or(Refusal::NoSuchParticipant)?;
    if whom == actor || participant.role() == Role::Chair || meeting.acting_chair == Some(whom) {
        return Err(Refusal::NotAllowed);
    }
    if meeting.has_a_seat(whom) {
        return Err(Refusal::StillServes);
    }
    match participant.attendance() {
        Attendance::Dismissed => Err(Refusal::AlreadySo),
        Attendance::Away => Err(Refusal::WrongPlace),
        Attendance::Lobby | Attendance::Inside | Attendance::Lost => Ok(dismissal(meeting, actor, whom)),
    }
}

/// What concerned them in the meeting ends first.
fn dismissal(meeting: &Meeting, actor: ParticipantId, whom: ParticipantId) -> Vec<Event> {
    let mut events = leave_taking(meeting, whom);
    events.push(Event::Dismissed {
        participant: whom,
        by: actor,
    });
    events
}

/// Before somebody goes out: the floor, if it is theirs, and what was alarmed about them.
pub(super) fn leave_taking(meeting: &Meeting, whom: ParticipantId) -> Vec<Event> {
    let mut events = floor_given_up(meeting, whom);
    events.extend(alerts_cleared(meeting, whom));
    events
}

pub(super) fn floor_given_up(meeting: &Meeting, whom: ParticipantId) -> Vec<Event> {
    if meeting.floor.held_or_kept() == Some(whom) {
        meeting.floor.ended(floor::Ending::Dismissed)
    } else {
        Vec::new()
    }
}

pub(super) fn alerts_cleared(meeting: &Meeting, whom: ParticipantId) -> impl Iterator<Item = Event> {
    let about_them = move |alert: &&Alert| alert.subject.about == Some(whom);
    let alerts = meeting.alerts().iter().filter(about_them);
    alerts.map(|alert| Event::AlertCleared { alert: alert.id })
}
