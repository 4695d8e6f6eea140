//! Who has the chair's rights (requirement R31): taking over is one recorded press, so that a dead chair's device stops
//! nothing.

use super::{Attendance, Event, Meeting, Participant, ParticipantId, Role};
use crate::protocol::Refusal;

/// Nobody leads at an item that they are disqualified from. The chair takes the rights back at any other time; a vice chair takes them when no vice chair before them in the roster's
/// order is inside. A vice chair who waits in the lobby may do it only while nobody inside could let them in, and is
/// then let in by it: otherwise an absent chair and secretary would lock everybody out.
pub(super) fn take(meeting: &Meeting, actor: ParticipantId) -> Result<Vec<Event>, Refusal> {
    let participant = meeting.roster.find(actor).ok_or(Refusal::NoSuchParticipant)?;
    if meeting.acting_chair == Some(actor) {
        return Err(Refusal::AlreadySo);
    }
    if meeting.is_disqualified(actor) {
        return Err(Refusal::Disqualified);
    }
    if participant.role() == Role::ViceChair && earlier_vice_chair_is_inside(meeting, actor) {
        return Err(Refusal::NotAllowed);
    }
    let taken = Event::ChairTaken { by: actor };
    match participant.attendance() {
        Attendance::Inside => Ok(vec![taken]),
        Attendance::Lobby if participant.obstacle().is_some() => Err(Refusal::IdentityNeeded),
        Attendance::Lobby if !doorkeeper_is_inside(meeting) => Ok(vec![
            Event::Admitted {
                participant: actor,
                by: actor,
            },
            taken,
        ]),
        _ => Err(Refusal::WrongPlace),
    }
}

fn earlier_vice_chair_is_inside(meeting: &Meeting, actor: ParticipantId) -> bool {
    let mut inside = meeting.roster.at(Attendance::Inside);
    inside.any(|other| other.role() == Role::ViceChair && other.id() < actor && !meeting.is_disqualified(other.id()))
}

fn doorkeeper_is_inside(meeting: &Meeting) -> bool {
    let opens_the_door = |one: &Participant| one.role() == Role::Secretary || Some(one.id()) == meeting.acting_chair;
    meeting.roster.at(Attendance::Inside).any(opens_the_door)
}
