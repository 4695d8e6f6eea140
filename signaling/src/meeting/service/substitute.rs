//! Substitutes, and the seats that they could step in for.

use super::super::{Event, Meeting, Participant, ParticipantId, Phase, Role};
use super::{Beginning, Ending, given, own_mandate, refuse_during_vote, seat};
use crate::protocol::Refusal;

/// A substitute steps in for a member who is not there (requirement R7): in the order of entry, between items, or else
/// with the chair's reason. For somebody disqualified no reason is needed.
pub(in crate::meeting) fn step_in(
    meeting: &Meeting,
    actor: ParticipantId,
    substitute: ParticipantId,
    replaces: ParticipantId,
    reason: Option<&str>,
    now_ms: i64,
) -> Result<Vec<Event>, Refusal> {
    let reason = given(reason)?;
    refuse_during_vote(meeting)?;
    let mandate = mandate_of(meeting, replaces)?;
    vacant(meeting, mandate).ok_or(Refusal::WrongPlace)?;
    refuse_as_substitute(meeting, substitute)?;
    let holder = meeting.service.holders.get(&mandate);
    let disqualified = holder.is_none() && meeting.service.set_aside.contains_key(&mandate);
    let in_turn = propose(meeting, mandate) == Some(substitute);
    if reason.is_none() && (!in_turn || (meeting.is_at_an_item() && !disqualified)) {
        return Err(Refusal::ReasonNeeded);
    }
    let mut events = Vec::new();
    if let Some(holder) = holder {
        events.push(Event::ServiceEnded {
            participant: holder.participant,
            mandate,
            why: Ending::Replaced,
            by: Some(actor),
            reason: reason.clone(),
            at_ms: now_ms,
        });
    }
    events.push(Event::ServiceBegan {
        participant: substitute,
        mandate,
        why: Beginning::StepsIn,
        by: Some(actor),
        reason,
        at_ms: now_ms,
    });
    Ok(events)
}

/// The mandate that somebody serves, served until they were disqualified, or was elected to.
fn mandate_of(meeting: &Meeting, whom: ParticipantId) -> Result<u16, Refusal> {
    let participant = meeting.roster.find(whom).ok_or(Refusal::NoSuchParticipant)?;
    let aside = || {
        let mut set_aside = meeting.service.set_aside.iter();
        set_aside.find_map(|(&mandate, &one)| (one == whom).then_some(mandate))
    };
    let mandate = meeting.serves(whom).or_else(aside);
    mandate.or_else(|| own_mandate(participant)).ok_or(Refusal::NotServing)
}

/// Whom a substitute would step in for: who serves the mandate and is not reached, who is disqualified, or the member
/// who does not serve and cannot. `None`: it is served, or its member could take it.
fn vacant(meeting: &Meeting, mandate: u16) -> Option<ParticipantId> {
    let service = &meeting.service;
    if let Some(holder) = service.holders.get(&mandate) {
        return Some(holder.participant).filter(|&one| !meeting.is_reached(one));
    }
    if let Some(&aside) = service.set_aside.get(&mandate) {
        return Some(aside);
    }
    let member = seat::member_of(meeting, mandate)?;
    let free = !meeting.is_disqualified(member)
        && !service.interrupted.contains_key(&member)
        && seat::may_return(meeting, member);
    Some(member).filter(|&one| !(free && meeting.is_reached(one)))
}

fn refuse_as_substitute(meeting: &Meeting, whom: ParticipantId) -> Result<(), Refusal> {
    let participant = meeting.roster.find(whom).ok_or(Refusal::NoSuchParticipant)?;
    if participant.role() != Role::Substitute {
        return Err(Refusal::NotAllowed);
    }
    if meeting.serves(whom).is_some() {
        return Err(Refusal::AlreadySo);
    }
    if meeting.is_served_out(whom) {
        return Err(Refusal::ServedOut);
    }
    if meeting.is_reached(whom) && !meeting.is_disqualified(whom) {
        Ok(())
    } else {
        Err(Refusal::WrongPlace)
    }
}

/// Who is next in order to serve this mandate: substitutes of the member's own party before others, each in the order
/// of entry; only who is there, has not served before, and is not noted as absent.
fn propose(meeting: &Meeting, mandate: u16) -> Option<ParticipantId> {
    let owner = meeting.roster.iter().find(|one| own_mandate(one) == Some(mandate))?;
    let own_party = owner.seat().and_then(|seat| seat.party.as_deref());
    let rank = |one: &&Participant| {
        let other_party = one.seat().and_then(|seat| seat.party.as_deref()) != own_party;
        let order = one.seat().and_then(|seat| seat.order_of_entry).unwrap_or(u16::MAX);
        (other_party, order, one.id())
    };
    let free = |one: &&Participant| {
        !meeting.service.interrupted.contains_key(&one.id()) && refuse_as_substitute(meeting, one.id()).is_ok()
    };
    meeting.roster.iter().filter(free).min_by_key(rank).map(Participant::id)
}

impl Meeting {
    /// Seats whose holder is not there, with who could step in: those who served, and members who never came.
    pub(in crate::meeting) fn vacancies(&self) -> Vec<(ParticipantId, Option<ParticipantId>)> {
        if self.phase == Phase::Planned {
            return Vec::new();
        }
        let mandates = self.roster.iter().filter_map(own_mandate);
        let vacancies = mandates.filter_map(|mandate| Some((vacant(self, mandate)?, propose(self, mandate))));
        vacancies.collect()
    }
}
