//! The open vote (öppen omröstning, requirement R22): everybody at once, yes, no or abstain, each member's vote recorded.

use super::decision::{self, MAX_QUESTION_CHARS};
use super::phase::plain_text;
use super::{Despite, Event, Meeting, ParticipantId, Role, Step};
use crate::protocol::{BreachView, Refusal, VoteView};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use ts_rs::TS;

/// What somebody votes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// Ja.
    Yes,
    /// Nej.
    No,
    /// Avstår.
    Abstain,
}

/// Where a vote stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(rename = "VoteState")]
pub enum State {
    /// Votes are taken.
    Open,
    /// No votes are taken.
    Suspended,
    /// It is over.
    Closed,
}

/// Why a vote is suspended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Suspension {
    /// Equal terms are broken.
    Breach,
    /// The meeting was adjourned.
    Adjournment,
}

/// A vote given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Given {
    choice: Choice,
    by: ParticipantId,
}

/// A vote, from its opening on.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Vote {
    yes: String,
    no: String,
    abstention: bool,
    state: State,
    voters: Vec<ParticipantId>,
    votes: BTreeMap<ParticipantId, Given>,
    suspended_for: Option<Suspension>,
    casting: Option<Choice>,
    /// Breaches that the chair knew of and went on in spite of.
    known: Vec<BreachView>,
}

/// Those vote who serve and are there as the vote opens. It opens on equal terms, or for a reason.
pub(super) fn open(
    meeting: &Meeting,
    actor: ParticipantId,
    (yes, no, abstention): (&str, &str, bool),
    despite: Option<Despite>,
) -> Result<Vec<Event>, Refusal> {
    decision::at(meeting, &[Step::VotePause])?;
    let despite = decision::refuse_while_broken(meeting, despite)?;
    let line = |text| {
        plain_text(text, MAX_QUESTION_CHARS)
            .map(str::to_owned)
            .ok_or(Refusal::BadText)
    };
    let serving = meeting.serving().into_iter();
    Ok(vec![Event::VoteOpened {
        yes: line(yes)?,
        no: line(no)?,
        abstention,
        voters: serving.filter(|&one| meeting.is_there(one)).collect(),
        by: actor,
        despite,
    }])
}

/// One's own vote; or the secretary's note of what somebody in the chamber votes, who has no device. What a member has
/// voted nobody else changes.
pub(super) fn give(
    meeting: &Meeting,
    actor: ParticipantId,
    choice: Choice,
    whose: Option<ParticipantId>,
) -> Result<Vec<Event>, Refusal> {
    let vote = going_on(meeting)?;
    let participant = whose.unwrap_or(actor);
    let own = vote
        .votes
        .get(&participant)
        .is_some_and(|given| given.by == participant);
    if participant != actor && (own || !may_note(meeting, actor, participant)) {
        return Err(Refusal::NotAllowed);
    }
    if vote.state == State::Suspended {
        return Err(Refusal::VoteSuspended);
    }
    if !vote.voters.contains(&participant) {
        return Err(Refusal::NotServing);
    }
    if choice == Choice::Abstain && !vote.abstention {
        return Err(Refusal::NotAllowed);
    }
    if vote.votes.get(&participant).is_some_and(|given| given.choice == choice) {
        return Err(Refusal::AlreadySo);
    }
    Ok(vec![Event::Voted {
        participant,
        choice,
        by: actor,
    }])
}

fn may_note(meeting: &Meeting, actor: ParticipantId, whom: ParticipantId) -> bool {
    let actor = meeting.roster.find(actor);
    let secretary = actor.is_some_and(|one| one.role() == Role::Secretary);
    secretary && meeting.is_in_chamber(whom) && !meeting.is_inside(whom)
}

pub(super) fn resume(meeting: &Meeting, actor: ParticipantId, despite: Option<Despite>) -> Result<Vec<Event>, Refusal> {
    if going_on(meeting)?.state != State::Suspended {
        return Err(Refusal::AlreadySo);
    }
    let despite = decision::refuse_while_broken(meeting, despite)?;
    Ok(vec![Event::VoteResumed { by: actor, despite }])
}

/// The casting vote counts only where the vote is even, and is a member's who serves.
pub(super) fn close(meeting: &Meeting, actor: ParticipantId, casting: Option<Choice>) -> Result<Vec<Event>, Refusal> {
    let vote = going_on(meeting)?;
    if vote.state == State::Suspended {
        return Err(Refusal::VoteSuspended);
    }
    let (yes, no, abstained) = (
        vote.count(Choice::Yes),
        vote.count(Choice::No),
        vote.count(Choice::Abstain),
    );
    let even = yes == no;
    let casting = casting.filter(|choice| even && *choice != Choice::Abstain);
    if even && casting.is_none() {
        return Err(Refusal::CastingVoteNeeded);
    }
    if even && meeting.serves(actor).is_none() {
        return Err(Refusal::NotServing);
    }
    Ok(vec![Event::VoteClosed {
        by: actor,
        yes,
        no,
        abstained,
        absent: count(vote.voters.len()).saturating_sub(count(vote.votes.len())),
        casting,
    }])
}

pub(super) fn break_off(meeting: &Meeting, actor: ParticipantId) -> Result<Vec<Event>, Refusal> {
    going_on(meeting)?;
    Ok(broken_off(meeting, Some(actor)))
}

/// The event that ends a vote that goes on, if one does.
pub(super) fn broken_off(meeting: &Meeting, by: Option<ParticipantId>) -> Vec<Event> {
    let voting = going_on(meeting).is_ok();
    voting.then_some(Event::VoteBrokenOff { by }).into_iter().collect()
}

/// A breach that the chair did not know of suspends the vote (requirement R8); an adjournment does too.
pub(super) fn consequence(meeting: &Meeting) -> Option<Event> {
    let vote = going_on(meeting).ok()?;
    let new = |breach: &BreachView| !vote.known.contains(breach);
    let broken = meeting.phase != super::Phase::Open || meeting.breaches().iter().any(new);
    (vote.state == State::Open && broken).then_some(Event::VoteSuspended {})
}

fn going_on(meeting: &Meeting) -> Result<&Vote, Refusal> {
    let vote = meeting.procedure.vote().filter(|vote| vote.state != State::Closed);
    vote.ok_or(Refusal::OutOfStep)
}

fn count(number: usize) -> u16 {
    u16::try_from(number).unwrap_or(u16::MAX)
}

impl Vote {
    pub(super) fn opened(event: &Event, breaches: &[BreachView]) -> Option<Self> {
        let Event::VoteOpened {
            yes,
            no,
            abstention,
            voters,
            ..
        } = event
        else {
            return None;
        };
        Some(Self {
            yes: yes.clone(),
            no: no.clone(),
            abstention: *abstention,
            state: State::Open,
            voters: voters.clone(),
            votes: BTreeMap::new(),
            suspended_for: None,
            casting: None,
            known: breaches.to_vec(),
        })
    }

    /// What the chair went on in spite of is mended; if it breaks again, that is another breach.
    pub(super) fn forget_mended(&mut self, breaches: &[BreachView]) {
        self.known.retain(|known| breaches.contains(known));
    }

    pub(super) fn apply(&mut self, event: &Event, breaches: &[BreachView], adjourned: bool) {
        match *event {
            Event::Voted {
                participant,
                choice,
                by,
            } => {
                self.votes.insert(participant, Given { choice, by });
            }
            Event::VoteSuspended {} => {
                self.state = State::Suspended;
                self.suspended_for = Some(if adjourned {
                    Suspension::Adjournment
                } else {
                    Suspension::Breach
                });
            }
            Event::VoteResumed { .. } => {
                self.state = State::Open;
                self.suspended_for = None;
                self.known = breaches.to_vec();
            }
            Event::VoteClosed { casting, .. } => {
                self.state = State::Closed;
                self.casting = casting;
            }
            _ => {}
        }
    }

    fn count(&self, choice: Choice) -> u16 {
        count(self.votes.values().filter(|given| given.choice == choice).count())
    }

    /// How each voted is told when it is over: nobody is to follow others.
    pub(super) fn view(&self, viewer: ParticipantId) -> VoteView {
        let closed = self.state == State::Closed;
        let result = self.votes.iter().filter(|_| closed);
        VoteView {
            yes: self.yes.clone(),
            no: self.no.clone(),
            abstention: self.abstention,
            state: self.state,
            suspended_for: self.suspended_for,
            voters: self.voters.clone(),
            voted: self.votes.keys().copied().collect(),
            own: self.votes.get(&viewer).map(|given| given.choice),
            result: result.map(|(&who, given)| (who, given.choice)).collect(),
            casting: self.casting,
        }
    }
}
