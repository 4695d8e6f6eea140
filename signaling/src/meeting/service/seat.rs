//! Members and their own seats: gone, and back.

use super::super::{Event, Meeting, Participant, ParticipantId, Role};
use super::{Beginning, Ending, given, refuse_during_vote};
use crate::protocol::Refusal;

/// Mandates of members whose seat has no number follow those that have.
const UNNUMBERED: u16 = 10_000;

/// The mandate a participant was elected to; `None`: a substitute, or no member of the body.
pub(in crate::meeting) fn own_mandate(participant: &Participant) -> Option<u16> {
    let elected = matches!(participant.role(), Role::Chair | Role::ViceChair | Role::Member);
    let numbered = participant.seat().map(|seat| seat.mandate);
    let number = || u16::try_from(participant.id().0).unwrap_or(u16::MAX - UNNUMBERED) + UNNUMBERED;
    elected.then(|| numbered.unwrap_or_else(number))
}

/// Who was elected to a mandate.
pub(super) fn member_of(meeting: &Meeting, mandate: u16) -> Option<ParticipantId> {
    let mut everybody = meeting.roster.iter();
    everybody
        .find(|one| own_mandate(one) == Some(mandate))
        .map(Participant::id)
}

/// The chair goes on without somebody (requirement R6).
pub(in crate::meeting) fn note_absent(
    meeting: &Meeting,
    actor: ParticipantId,
    whom: ParticipantId,
    reason: &str,
    now_ms: i64,
) -> Result<Vec<Event>, Refusal> {
    let reason = given(Some(reason))?;
    refuse_during_vote(meeting)?;
    meeting.roster.find(whom).ok_or(Refusal::NoSuchParticipant)?;
    let mandate = meeting.serves(whom).ok_or(Refusal::NotServing)?;
    if meeting.acting_chair == Some(whom) {
        return Err(Refusal::NotAllowed);
    }
    Ok(vec![Event::ServiceEnded {
        participant: whom,
        mandate,
        why: Ending::Absent,
        by: Some(actor),
        reason,
        at_ms: now_ms,
    }])
}

/// A member takes their own seat: come late, back from an absence in which nobody served it, or back after having been
/// replaced, if the substitute was of another party and the rulebook lets them (requirement R7).
pub(in crate::meeting) fn take_seat(
    meeting: &Meeting,
    actor: ParticipantId,
    whom: ParticipantId,
    reason: Option<&str>,
    now_ms: i64,
) -> Result<Vec<Event>, Refusal> {
    let reason = given(reason)?;
    let mandate = seat_to_take(meeting, whom)?;
    if meeting.is_at_an_item() && reason.is_none() {
        return Err(Refusal::ReasonNeeded);
    }
    let mut events = Vec::new();
    if let Some(holder) = meeting.service.holders.get(&mandate) {
        events.push(Event::ServiceEnded {
            participant: holder.participant,
            mandate,
            why: Ending::MemberCame,
            by: Some(actor),
            reason: None,
            at_ms: now_ms,
        });
    }
    let back = meeting.is_served_out(whom) || meeting.service.interrupted.contains_key(&whom);
    events.push(Event::ServiceBegan {
        participant: whom,
        mandate,
        why: if back { Beginning::Returns } else { Beginning::Arrival },
        by: Some(actor),
        reason,
        at_ms: now_ms,
    });
    Ok(events)
}

/// Whether the chair could let somebody take their seat now.
pub(in crate::meeting) fn may_take_seat(meeting: &Meeting, whom: ParticipantId) -> bool {
    seat_to_take(meeting, whom).is_ok()
}

fn seat_to_take(meeting: &Meeting, whom: ParticipantId) -> Result<u16, Refusal> {
    refuse_during_vote(meeting)?;
    let participant = meeting.roster.find(whom).ok_or(Refusal::NoSuchParticipant)?;
    let mandate = own_mandate(participant).ok_or(Refusal::NotServing)?;
    if meeting.serves(whom).is_some() {
        return Err(Refusal::AlreadySo);
    }
    if !meeting.is_there_to_serve(whom) {
        return Err(Refusal::WrongPlace);
    }
    if may_return(meeting, whom) {
        Ok(mandate)
    } else {
        Err(Refusal::ServedOut)
    }
}

/// Whether the rulebook lets them serve again: they were never replaced, or by somebody of another party.
pub(super) fn may_return(meeting: &Meeting, whom: ParticipantId) -> bool {
    let Some(&substitute) = meeting.service.served_out.get(&whom) else {
        return true;
    };
    meeting.rulebook.return_when_party_changed && party(meeting, whom) != party(meeting, substitute)
}

fn party(meeting: &Meeting, whom: ParticipantId) -> Option<&str> {
    meeting.roster.find(whom)?.seat()?.party.as_deref()
}
