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

/// Everybody who waits. Not those who were dismissed: they come back only by name.
pub(super) fn admit_all(meeting: &Meeting, actor: ParticipantId) -> Result<Vec<Event>, Refusal> {
    let waiting = meeting.roster.at(Attendance::Lobby);
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

/// Anybody but oneself, the chair and whoever acts as chair: a meeting is not left without its leader by a press.
pub(super) fn dismiss(meeting: &Meeting, actor: ParticipantId, whom: ParticipantId) -> Result<Vec<Event>, Refusal> {
    let participant = meeting.roster.find(whom).ok_or(Refusal::NoSuchParticipant)?;
    if whom == actor || participant.role() == Role::Chair || meeting.acting_chair == Some(whom) {
        return Err(Refusal::NotAllowed);
    }
    match participant.attendance() {
        Attendance::Dismissed => Err(Refusal::AlreadySo),
        Attendance::Away => Err(Refusal::WrongPlace),
        Attendance::Lobby | Attendance::Inside | Attendance::Lost => Ok(dismissal(meeting, actor, whom)),
    }
}

/// What concerned them in the meeting ends first.
fn dismissal(meeting: &Meeting, actor: ParticipantId, whom: ParticipantId) -> Vec<Event> {
    let mut events = Vec::new();
    if meeting.floor.held_or_kept() == Some(whom) {
        events.extend(meeting.floor.ended(floor::Ending::Dismissed));
    }
    let about_them = |alert: &&Alert| alert.subject.about == Some(whom);
    events.extend(
        meeting
            .alerts()
            .iter()
            .filter(about_them)
            .map(|alert| Event::AlertCleared { alert: alert.id }),
    );
    events.push(Event::Dismissed {
        participant: whom,
        by: actor,
    });
    events
}
