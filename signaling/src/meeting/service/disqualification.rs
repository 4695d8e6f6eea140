//! Disqualification (jäv, requirement R24): out for one item, and back after it. An item that is taken up again is the
//! same item.

use super::super::{Event, Meeting, ParticipantId, Role, lobby};
use super::{Beginning, Ending, given, refuse_during_vote};
use crate::protocol::Refusal;

/// Somebody does not take part in the item being dealt with.
pub(in crate::meeting) fn disqualify(
    meeting: &Meeting,
    actor: ParticipantId,
    whom: ParticipantId,
    reason: &str,
    now_ms: i64,
) -> Result<Vec<Event>, Refusal> {
    let reason = given(Some(reason))?.ok_or(Refusal::BadText)?;
    refuse_during_vote(meeting)?;
    let participant = meeting.roster.find(whom).ok_or(Refusal::NoSuchParticipant)?;
    let item = meeting.agenda.current().ok_or(Refusal::NoSuchItem)?.item;
    // The rights pass on first: a meeting is not left without its leader.
    if meeting.acting_chair == Some(whom) || participant.role() == Role::Chamber {
        return Err(Refusal::NotAllowed);
    }
    if meeting.is_disqualified(whom) {
        return Err(Refusal::AlreadySo);
    }
    let mut events = lobby::floor_given_up(meeting, whom);
    // Of who stays, what was measured waits, and is as it was when the item is over.
    if !meeting.disqualified_may_stay() {
        events.extend(lobby::alerts_cleared(meeting, whom));
    }
    if let Some(mandate) = meeting.serves(whom) {
        events.push(Event::ServiceEnded {
            participant: whom,
            mandate,
            why: Ending::Disqualified,
            by: Some(actor),
            reason: None,
            at_ms: now_ms,
        });
    }
    events.push(Event::Disqualified {
        participant: whom,
        item,
        by: actor,
        reason,
    });
    Ok(events)
}

/// Who is disqualified does not serve, also when the item is taken up again; who stepped in goes when it is over.
pub(super) fn ending(meeting: &Meeting, now_ms: i64) -> Option<Event> {
    let current = meeting.agenda.current().map(|current| current.item);
    meeting.service.holders.iter().find_map(|(&mandate, holder)| {
        let over = holder.only_item.is_some() && holder.only_item != current;
        let why = match (meeting.is_disqualified(holder.participant), over) {
            (true, _) => Ending::Disqualified,
            (false, true) => Ending::DisqualificationOver,
            (false, false) => return None,
        };
        Some(Event::ServiceEnded {
            participant: holder.participant,
            mandate,
            why,
            by: None,
            reason: None,
            at_ms: now_ms,
        })
    })
}

/// After the item it is as before it: whoever served then serves, and if they are not there, that is for the chair.
pub(super) fn returning(meeting: &Meeting, now_ms: i64) -> Option<Event> {
    let service = &meeting.service;
    service.set_aside.iter().find_map(|(&mandate, &whom)| {
        let free = !service.holders.contains_key(&mandate) && !meeting.is_disqualified(whom);
        free.then_some(Event::ServiceBegan {
            participant: whom,
            mandate,
            why: Beginning::Returns,
            by: None,
            reason: None,
            at_ms: now_ms,
        })
    })
}
