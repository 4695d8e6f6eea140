//! Who serves (tjänstgör): mandates and those who hold them just now, substitutes in their order, quorum.

use super::item::Agenda;
use super::phase::{MAX_REASON_CHARS, plain_text};
use super::roster::Roster;
use super::{Attendance, Event, ItemId, Meeting, Participant, ParticipantId, Phase, Role, Step, lobby};
use crate::protocol::{QuorumView, Refusal};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Why somebody began to serve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Beginning {
    /// There when the meeting was opened.
    Opening,
    /// Came later, to their own seat.
    Arrival,
    /// Steps in for a member who is not there.
    StepsIn,
    /// Serves their own seat again, which the rulebook allows.
    Returns,
}

/// Why somebody no longer serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// Not there, and replaced by a substitute.
    Replaced,
    /// Not there, and noted as absent.
    Absent,
    /// The member whose seat it is has come.
    MemberCame,
    /// Disqualified at the item (jäv).
    Disqualified,
    /// The disqualification is over, for which they stepped in.
    DisqualificationOver,
    /// Moved out of the meeting.
    Dismissed,
    /// The meeting is over.
    Closed,
}

/// Who serves which mandate, and what has been before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Service {
    /// Mandate -> who serves it.
    holders: BTreeMap<u16, Holder>,
    /// Served this mandate until their service was interrupted: they come back only by a word of the chair, and not once
    /// somebody else has served it.
    interrupted: BTreeMap<ParticipantId, u16>,
    /// Replaced after a break, and by whom.
    served_out: BTreeMap<ParticipantId, ParticipantId>,
    in_chamber: BTreeSet<ParticipantId>,
    /// Fewer are there than may decide.
    inquorate: bool,
}

/// Somebody who serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Holder {
    participant: ParticipantId,
    /// Steps in for somebody disqualified, for this item alone.
    only_item: Option<ItemId>,
}

/// Mandates of members whose seat has no number follow those that have.
const UNNUMBERED: u16 = 10_000;

/// The mandate a participant was elected to; `None`: a substitute, or no member of the body.
pub(super) fn own_mandate(participant: &Participant) -> Option<u16> {
    let elected = matches!(participant.role(), Role::Chair | Role::ViceChair | Role::Member);
    let numbered = participant.seat().map(|seat| seat.mandate);
    let number = || u16::try_from(participant.id().0).unwrap_or(u16::MAX - UNNUMBERED) + UNNUMBERED;
    elected.then(|| numbered.unwrap_or_else(number))
}

/// Notes where somebody is who has no device of their own. Whoever is noted there has come.
pub(super) fn note_in_chamber(
    meeting: &Meeting,
    actor: ParticipantId,
    whom: ParticipantId,
    there: bool,
) -> Result<Vec<Event>, Refusal> {
    let participant = meeting.roster.find(whom).ok_or(Refusal::NoSuchParticipant)?;
    if participant.role() == Role::Chamber || participant.attendance() == Attendance::Dismissed {
        return Err(Refusal::WrongPlace);
    }
    if meeting.service.in_chamber.contains(&whom) == there {
        return Err(Refusal::AlreadySo);
    }
    Ok(vec![Event::NotedInChamber {
        participant: whom,
        there,
        by: actor,
    }])
}

/// A substitute steps in for a member who is not there (requirement R7): in the order of entry, between items, or else
/// with the chair's reason.
pub(super) fn step_in(
    meeting: &Meeting,
    actor: ParticipantId,
    substitute: ParticipantId,
    replaces: ParticipantId,
    reason: Option<&str>,
    now_ms: i64,
) -> Result<Vec<Event>, Refusal> {
    let reason = given(reason)?;
    refuse_during_vote(meeting)?;
    let replaced = meeting.roster.find(replaces).ok_or(Refusal::NoSuchParticipant)?;
    let mandate = meeting.serves(replaces).or_else(|| own_mandate(replaced));
    let mandate = mandate.ok_or(Refusal::NotServing)?;
    let holder = meeting.service.holders.get(&mandate);
    if holder.is_some_and(|holder| meeting.is_there(holder.participant)) || meeting.is_there_to_serve(replaces) {
        return Err(Refusal::WrongPlace);
    }
    refuse_as_substitute(meeting, substitute)?;
    let disqualified = meeting.is_disqualified(replaces);
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

fn refuse_as_substitute(meeting: &Meeting, whom: ParticipantId) -> Result<(), Refusal> {
    let participant = meeting.roster.find(whom).ok_or(Refusal::NoSuchParticipant)?;
    if participant.role() != Role::Substitute {
        return Err(Refusal::NotAllowed);
    }
    if meeting.serves(whom).is_some() {
        return Err(Refusal::AlreadySo);
    }
    if meeting.service.served_out.contains_key(&whom) {
        return Err(Refusal::ServedOut);
    }
    if meeting.is_there_to_serve(whom) {
        Ok(())
    } else {
        Err(Refusal::WrongPlace)
    }
}

/// The chair goes on without somebody (requirement R6).
pub(super) fn note_absent(
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
pub(super) fn take_seat(
    meeting: &Meeting,
    actor: ParticipantId,
    whom: ParticipantId,
    reason: Option<&str>,
    now_ms: i64,
) -> Result<Vec<Event>, Refusal> {
    let reason = given(reason)?;
    refuse_during_vote(meeting)?;
    let participant = meeting.roster.find(whom).ok_or(Refusal::NoSuchParticipant)?;
    let mandate = own_mandate(participant).ok_or(Refusal::NotServing)?;
    if meeting.serves(whom).is_some() {
        return Err(Refusal::AlreadySo);
    }
    if !meeting.is_there_to_serve(whom) {
        return Err(Refusal::WrongPlace);
    }
    if !may_return(meeting, whom) {
        return Err(Refusal::ServedOut);
    }
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
    let back = meeting.service.served_out.contains_key(&whom) || meeting.service.interrupted.contains_key(&whom);
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

/// Whether the rulebook lets them serve again: they were never replaced, or by somebody of another party.
fn may_return(meeting: &Meeting, whom: ParticipantId) -> bool {
    let Some(&substitute) = meeting.service.served_out.get(&whom) else {
        return true;
    };
    meeting.rulebook.return_when_party_changed && party(meeting, whom) != party(meeting, substitute)
}

fn party(meeting: &Meeting, whom: ParticipantId) -> Option<&str> {
    meeting.roster.find(whom)?.seat()?.party.as_deref()
}

/// Somebody does not take part in the item being dealt with (requirement R24).
pub(super) fn disqualify(
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
    let mut events = lobby::leave_taking(meeting, whom);
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

/// Who is next in order to serve this mandate: substitutes of the member's own party before others, each in the order
/// of entry; only who is there and has not served before.
pub(super) fn propose(meeting: &Meeting, mandate: u16) -> Option<ParticipantId> {
    let owner = meeting.roster.iter().find(|one| own_mandate(one) == Some(mandate))?;
    let own_party = owner.seat().and_then(|seat| seat.party.as_deref());
    let rank = |one: &&Participant| {
        let other_party = one.seat().and_then(|seat| seat.party.as_deref()) != own_party;
        let order = one.seat().and_then(|seat| seat.order_of_entry).unwrap_or(u16::MAX);
        (other_party, order, one.id())
    };
    let free = |one: &&Participant| refuse_as_substitute(meeting, one.id()).is_ok();
    meeting.roster.iter().filter(free).min_by_key(rank).map(Participant::id)
}

/// What follows by itself from what has just happened: who has come serves between items, who went out no longer does,
/// and the number of those there is watched.
pub(super) fn consequence(meeting: &Meeting, now_ms: i64) -> Option<Event> {
    if !matches!(meeting.phase, Phase::Open | Phase::Adjourned { .. }) {
        return None;
    }
    let ended = || ending(meeting, now_ms);
    let begun = || beginning(meeting, now_ms);
    ended().or_else(begun).or_else(|| quorum_event(meeting))
}

fn ending(meeting: &Meeting, now_ms: i64) -> Option<Event> {
    let current = meeting.agenda.current().map(|current| current.item);
    meeting.service.holders.iter().find_map(|(&mandate, holder)| {
        let dismissed = meeting.attendance(holder.participant) == Some(Attendance::Dismissed);
        let over = holder.only_item.is_some() && holder.only_item != current;
        let why = match (dismissed, over) {
            (true, _) => Ending::Dismissed,
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

fn beginning(meeting: &Meeting, now_ms: i64) -> Option<Event> {
    if meeting.phase != Phase::Open || meeting.is_at_an_item() {
        return None;
    }
    let opening = meeting.service.holders.is_empty();
    meeting.roster.iter().find_map(|one| {
        let mandate = own_mandate(one)?;
        let service = &meeting.service;
        let free = !service.holders.contains_key(&mandate);
        let barred = service.served_out.contains_key(&one.id()) || service.interrupted.contains_key(&one.id());
        (free && !barred && meeting.is_there_to_serve(one.id())).then(|| Event::ServiceBegan {
            participant: one.id(),
            mandate,
            why: if opening {
                Beginning::Opening
            } else {
                Beginning::Arrival
            },
            by: None,
            reason: None,
            at_ms: now_ms,
        })
    })
}

fn quorum_event(meeting: &Meeting) -> Option<Event> {
    if meeting.phase != Phase::Open {
        return None;
    }
    let quorum = meeting.quorum();
    let (there, needed) = (quorum.there, quorum.needed);
    match (meeting.service.inquorate, there < needed) {
        (false, true) => Some(Event::QuorumLost { there, needed }),
        (true, false) => Some(Event::QuorumRegained { there }),
        _ => None,
    }
}

/// A reason, if there is one: text that may be journaled.
fn given(reason: Option<&str>) -> Result<Option<String>, Refusal> {
    let text = reason.map(|text| plain_text(text, MAX_REASON_CHARS).ok_or(Refusal::BadText));
    Ok(text.transpose()?.map(str::to_owned))
}

/// Who may vote is settled when the vote opens.
fn refuse_during_vote(meeting: &Meeting) -> Result<(), Refusal> {
    if meeting.procedure.step() == Step::Voting {
        Err(Refusal::OutOfStep)
    } else {
        Ok(())
    }
}

impl Meeting {
    /// The mandate somebody serves.
    #[must_use]
    pub fn serves(&self, whom: ParticipantId) -> Option<u16> {
        let mut holders = self.service.holders.iter();
        holders.find_map(|(&mandate, holder)| (holder.participant == whom).then_some(mandate))
    }

    /// Everybody who serves, in the order of the roster.
    #[must_use]
    pub fn serving(&self) -> Vec<ParticipantId> {
        let holders: BTreeSet<_> = self.service.holders.values().map(|holder| holder.participant).collect();
        holders.into_iter().collect()
    }

    /// Whether somebody is there: inside, or in the chamber.
    #[must_use]
    pub fn is_there(&self, whom: ParticipantId) -> bool {
        self.is_inside(whom) || self.is_in_chamber(whom)
    }

    /// Whether somebody sits in the chamber without a device of their own.
    #[must_use]
    pub fn is_in_chamber(&self, whom: ParticipantId) -> bool {
        self.service.in_chamber.contains(&whom)
    }

    /// Whether somebody may not serve again unless the rulebook makes an exception.
    #[must_use]
    pub fn is_served_out(&self, whom: ParticipantId) -> bool {
        self.service.served_out.contains_key(&whom)
    }

    /// Whether somebody does not take part in the item being dealt with.
    #[must_use]
    pub fn is_disqualified(&self, whom: ParticipantId) -> bool {
        let item = self.agenda.current().map(|current| current.item);
        let from = self.roster.find(whom).and_then(Participant::disqualified_from);
        item.is_some() && from == item
    }

    /// How many of the seats are served by somebody who is there, and how many must be: more than half.
    #[must_use]
    pub fn quorum(&self) -> QuorumView {
        let seats: BTreeSet<u16> = self.roster.iter().filter_map(own_mandate).collect();
        let seats = u16::try_from(seats.len()).unwrap_or(u16::MAX);
        let there = self.service.holders.values();
        let there = there.filter(|holder| self.is_there(holder.participant)).count();
        QuorumView {
            seats,
            needed: if seats == 0 { 0 } else { seats / 2 + 1 },
            there: u16::try_from(there).unwrap_or(u16::MAX),
        }
    }

    /// Seats whose holder is not there, with who could step in: those who served, and members who never came.
    pub(super) fn vacancies(&self) -> Vec<(ParticipantId, Option<ParticipantId>)> {
        if self.phase == Phase::Planned {
            return Vec::new();
        }
        let owners = self.roster.iter().filter_map(|one| Some((own_mandate(one)?, one.id())));
        let vacant = owners.filter_map(|(mandate, owner)| {
            let holder = self.service.holders.get(&mandate).map(|holder| holder.participant);
            match holder {
                Some(holder) => (!self.is_there(holder)).then_some((mandate, holder)),
                None => (!self.is_there_to_serve(owner)).then_some((mandate, owner)),
            }
        });
        vacant.map(|(mandate, whom)| (whom, propose(self, mandate))).collect()
    }

    /// There, and not disqualified.
    fn is_there_to_serve(&self, whom: ParticipantId) -> bool {
        self.is_there(whom) && !self.is_disqualified(whom)
    }

    /// Whether something is being dealt with, so that who serves changes only for a reason.
    fn is_at_an_item(&self) -> bool {
        self.agenda.current().is_some() || self.procedure.step() != Step::Deliberation
    }
}

impl Service {
    pub(super) fn apply(&mut self, event: &Event, roster: &Roster, agenda: &Agenda) {
        match *event {
            Event::NotedInChamber { participant, there, .. } => {
                if there {
                    self.in_chamber.insert(participant);
                } else {
                    self.in_chamber.remove(&participant);
                }
            }
            Event::Dismissed { participant, .. } => {
                self.in_chamber.remove(&participant);
            }
            Event::ServiceBegan {
                participant,
                mandate,
                why,
                ..
            } => self.begin(participant, mandate, why, roster, agenda),
            Event::ServiceEnded {
                participant,
                mandate,
                why,
                ..
            } => self.end(participant, mandate, why),
            Event::QuorumLost { .. } => self.inquorate = true,
            Event::QuorumRegained { .. } => self.inquorate = false,
            Event::Closed { .. } => *self = Self::default(),
            _ => {}
        }
    }

    fn begin(&mut self, participant: ParticipantId, mandate: u16, why: Beginning, roster: &Roster, agenda: &Agenda) {
        let owner = roster.iter().find(|one| own_mandate(one) == Some(mandate));
        let current = agenda.current().map(|current| current.item);
        let disqualified = owner
            .and_then(Participant::disqualified_from)
            .filter(|&item| Some(item) == current);
        if why == Beginning::StepsIn {
            let replaced = self.interrupted.extract_if(.., |_, served| *served == mandate);
            self.served_out.extend(replaced.map(|(whom, _)| (whom, participant)));
        }
        self.interrupted.remove(&participant);
        self.served_out.remove(&participant);
        self.holders.insert(
            mandate,
            Holder {
                participant,
                only_item: disqualified,
            },
        );
    }

    fn end(&mut self, participant: ParticipantId, mandate: u16, why: Ending) {
        self.holders.remove(&mandate);
        if matches!(why, Ending::Replaced | Ending::Absent) {
            self.interrupted.insert(participant, mandate);
        }
    }
}
