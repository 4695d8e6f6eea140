//! Who serves (tjänstgör): mandates, those who hold them just now, and what has been before.

mod chamber;
mod disqualification;
mod following;
mod seat;
mod substitute;

pub(super) use chamber::{leave_chamber, note_in_chamber};
pub(super) use disqualification::disqualify;
pub(super) use following::consequence;
pub(super) use seat::{may_take_seat, note_absent, own_mandate, take_seat};
pub(super) use substitute::step_in;

use super::item::Agenda;
use super::phase::{MAX_REASON_CHARS, plain_text};
use super::{Event, ItemId, Meeting, ParticipantId, Step};
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
    /// Serves again: the rulebook allows it, or a disqualification is over.
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
    /// Moved out of the meeting. No longer written: who serves is noted as absent first.
    Dismissed,
}

/// Who serves which mandate, and what has been before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Service {
    /// Mandate -> who serves it.
    holders: BTreeMap<u16, Holder>,
    /// Mandate -> who served it last, if they have served no other since.
    latest: BTreeMap<u16, ParticipantId>,
    /// Mandate -> who serves it again when their disqualification is over.
    set_aside: BTreeMap<u16, ParticipantId>,
    /// Served this mandate until their service was interrupted: they come back only by a word of the chair, and not once
    /// somebody else has served it.
    interrupted: BTreeMap<ParticipantId, u16>,
    /// Replaced after a break, and by whom.
    served_out: BTreeMap<ParticipantId, ParticipantId>,
    /// Whether they had a device of their own connected when they were noted.
    in_chamber: BTreeMap<ParticipantId, bool>,
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

    /// Whether somebody sits in the chamber, heard and seen through its devices.
    #[must_use]
    pub fn is_in_chamber(&self, whom: ParticipantId) -> bool {
        self.service.in_chamber.contains_key(&whom)
    }

    /// Whether somebody may not serve again unless the rulebook makes an exception.
    #[must_use]
    pub fn is_served_out(&self, whom: ParticipantId) -> bool {
        self.service.served_out.contains_key(&whom)
    }

    /// Whether somebody does not take part in the item being dealt with.
    #[must_use]
    pub fn is_disqualified(&self, whom: ParticipantId) -> bool {
        let current = self.agenda.current();
        let one = self.roster.find(whom);
        current
            .zip(one)
            .is_some_and(|(current, one)| one.is_disqualified_from(current.item))
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

    /// Whether somebody serves, or does so again when their disqualification is over.
    pub(super) fn has_a_seat(&self, whom: ParticipantId) -> bool {
        self.serves(whom).is_some() || self.service.set_aside.values().any(|&aside| aside == whom)
    }

    /// There, and something comes from them: who is there with a broken link is waited for, and may be replaced.
    fn is_reached(&self, whom: ParticipantId) -> bool {
        self.is_there(whom) && self.gone_since_ms(whom).is_none()
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
    pub(super) fn apply(&mut self, event: &Event, agenda: &Agenda) {
        match *event {
            Event::NotedInChamber {
                participant,
                there,
                with_device,
                ..
            } => {
                if there {
                    self.in_chamber.insert(participant, with_device);
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
            } => self.begin(participant, mandate, why, agenda),
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

    /// Who steps in for somebody disqualified does so for the item. Whoever else served the mandate before has served
    /// out with it, however their service ended.
    fn begin(&mut self, participant: ParticipantId, mandate: u16, why: Beginning, agenda: &Agenda) {
        let aside = self.set_aside.get(&mandate).copied();
        let mut only_item = None;
        if why == Beginning::StepsIn {
            only_item = agenda.current().map(|current| current.item).filter(|_| aside.is_some());
            let before = self.latest.get(&mandate).copied();
            let before = before.filter(|&one| one != participant && Some(one) != aside);
            let interrupted = self.interrupted.extract_if(.., |_, served| *served == mandate);
            let replaced = interrupted.map(|(whom, _)| whom).chain(before);
            self.served_out.extend(replaced.map(|whom| (whom, participant)));
        } else {
            self.set_aside.remove(&mandate);
        }
        self.interrupted.remove(&participant);
        self.served_out.remove(&participant);
        self.latest.retain(|_, one| *one != participant);
        self.latest.insert(mandate, participant);
        self.holders.insert(mandate, Holder { participant, only_item });
    }

    fn end(&mut self, participant: ParticipantId, mandate: u16, why: Ending) {
        self.holders.remove(&mandate);
        match why {
            Ending::Replaced | Ending::Absent | Ending::Dismissed => {
                self.interrupted.insert(participant, mandate);
            }
            // Not who stepped in for somebody disqualified, and is disqualified as well.
            Ending::Disqualified => {
                self.set_aside.entry(mandate).or_insert(participant);
            }
            Ending::MemberCame | Ending::DisqualificationOver => {}
        }
    }
}
