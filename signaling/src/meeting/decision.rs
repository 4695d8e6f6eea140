//! The way to a decision (requirements R8 and R20): close the deliberation, check that everybody is there, put the
//! question, pause for a vote, gavel, pause for reservations. In order, each recorded.

use super::phase::plain_text;
use super::vote::{self, Vote};
use super::{Event, ItemId, Meeting, ParticipantId, Role, alerts};
use crate::equal_terms::{Cause, Direction, Level};
use crate::protocol::{BreachView, DecisionView, PresenceView, ProcedureView, Refusal};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Where the meeting is on the way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// The deliberation is open.
    #[default]
    Deliberation,
    /// It is closed; next is the presence check.
    DeliberationClosed,
    /// Everybody who serves has been confirmed; next the question is put.
    PresenceConfirmed,
    /// The question is put; next is the pause in which a vote can be requested.
    QuestionPut,
    /// A vote can be requested; next is the vote, or the gavel.
    VotePause,
    /// A vote goes on.
    Voting,
    /// The vote is closed; next is the gavel.
    VoteClosed,
    /// The gavel has fallen; next is the pause for reservations.
    Decided,
    /// Reservations can be made.
    ReservationPause,
}

/// Why the chair goes on although equal terms are broken, or too few are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Despite {
    /// The member has confirmed by voice or telephone that they see, hear and are heard.
    ConfirmedByMember,
    /// The measurement is at fault: the chair and the chamber see and hear the member.
    MeasurementAtFault,
    /// The disturbance was short, and what was said meanwhile has been repeated.
    Repeated,
    /// The law lets fewer decide at this item (kommunallagen 5:45–46).
    QuorumException,
}

/// The longest question, in characters.
pub const MAX_QUESTION_CHARS: usize = 500;
/// The longest text of a decision, in characters.
pub const MAX_DECISION_CHARS: usize = 2000;

/// A correction of a decision.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Correction {
    /// The decision's number in the journal.
    pub(super) event: u64,
    /// The item that was dealt with as it was made.
    pub(super) at: Option<ItemId>,
    pub(super) text: String,
}

/// Where the meeting is on the way to a decision, and what has been decided.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Procedure {
    step: Step,
    question: Option<String>,
    presence: Option<PresenceView>,
    vote_requests: Vec<ParticipantId>,
    vote: Option<Vote>,
    reservations: Vec<ParticipantId>,
    decisions: Vec<DecisionView>,
    corrections: Vec<Correction>,
    /// The meeting is adjourned.
    adjourned: bool,
}

pub(super) fn close_deliberation(meeting: &Meeting, actor: ParticipantId) -> Result<Vec<Event>, Refusal> {
    at(meeting, &[Step::Deliberation])?;
    Ok(vec![Event::DeliberationClosed { by: actor }])
}

/// From anywhere but a vote: something new has come up, or the chair pressed too early.
pub(super) fn reopen_deliberation(meeting: &Meeting, actor: ParticipantId) -> Result<Vec<Event>, Refusal> {
    match meeting.procedure.step {
        Step::Deliberation => Err(Refusal::AlreadySo),
        Step::Voting => Err(Refusal::OutOfStep),
        _ => Ok(vec![Event::DeliberationReopened { by: actor }]),
    }
}

/// The presence check (närvarokontroll): the chair has seen and heard each member who serves, just now. What stood
/// measured about them is over; if it still holds it is raised anew within seconds. Nobody is confirmed who is not
/// there: away, in a pause, or with a broken link.
pub(super) fn confirm_presence(
    meeting: &Meeting,
    actor: ParticipantId,
    confirmed: &[ParticipantId],
    now_ms: i64,
) -> Result<Vec<Event>, Refusal> {
    let serving = meeting.serving();
    let all = serving
        .iter()
        .all(|one| confirmed.contains(one) && meeting.can_be_confirmed(*one));
    if !all {
        return Err(Refusal::SomebodyMissing);
    }
    let mut events: Vec<Event> = alerts::confirmed(meeting, &serving);
    events.push(Event::PresenceConfirmed {
        participants: serving,
        by: actor,
        at_ms: now_ms,
    });
    Ok(events)
}

pub(super) fn put_question(meeting: &Meeting, actor: ParticipantId, question: &str) -> Result<Vec<Event>, Refusal> {
    at(meeting, &[Step::PresenceConfirmed])?;
    let question = plain_text(question, MAX_QUESTION_CHARS)
        .ok_or(Refusal::BadText)?
        .to_owned();
    Ok(vec![Event::QuestionPut { question, by: actor }])
}

pub(super) fn pause_for_vote(meeting: &Meeting, actor: ParticipantId) -> Result<Vec<Event>, Refusal> {
    at(meeting, &[Step::QuestionPut])?;
    Ok(vec![Event::VotePauseBegan { by: actor }])
}

pub(super) fn request_vote(meeting: &Meeting, actor: ParticipantId) -> Result<Vec<Event>, Refusal> {
    at(meeting, &[Step::VotePause])?;
    meeting.serves(actor).ok_or(Refusal::NotServing)?;
    if meeting.procedure.vote_requests.contains(&actor) {
        return Err(Refusal::AlreadySo);
    }
    Ok(vec![Event::VoteRequested { participant: actor }])
}

/// As long as no vote is open: a press by mistake, or somebody content after all.
pub(super) fn withdraw_vote_request(meeting: &Meeting, actor: ParticipantId) -> Result<Vec<Event>, Refusal> {
    at(meeting, &[Step::VotePause])?;
    if !meeting.procedure.vote_requests.contains(&actor) {
        return Err(Refusal::AlreadySo);
    }
    Ok(vec![Event::VoteRequestWithdrawn { participant: actor }])
}

/// Who asks for a vote gets one (KL 5 kap. 54 §), also where the request came in the moment before the gavel.
fn refuse_if_requested(meeting: &Meeting) -> Result<(), Refusal> {
    if meeting.procedure.waits_for_a_vote() {
        return Err(Refusal::VoteRequested);
    }
    Ok(())
}

/// The gavel falls. Not while equal terms are broken for somebody who serves, unless the chair says why (requirement R8).
pub(super) fn gavel(
    meeting: &Meeting,
    actor: ParticipantId,
    decision: &str,
    despite: Option<Despite>,
    now_ms: i64,
) -> Result<Vec<Event>, Refusal> {
    at(meeting, &[Step::VotePause, Step::VoteClosed])?;
    refuse_if_requested(meeting)?;
    let despite = refuse_while_broken(meeting, despite)?;
    Ok(vec![Event::Decided {
        number: meeting.procedure.next_number(),
        item: meeting.agenda.current().map(|current| current.item),
        decision: decision_text(decision)?,
        by: actor,
        at_ms: now_ms,
        despite,
        afterwards: false,
    }])
}

/// A gavel of wood has fallen: that is entered, never refused, and marked so. `item`: at which item; `None`: the one that
/// was dealt with then. One that is over leaves alone what is dealt with now.
pub(super) fn record_gavel(
    meeting: &Meeting,
    actor: ParticipantId,
    decision: &str,
    (gavel_ms, item): (i64, Option<ItemId>),
    now_ms: i64,
) -> Result<Vec<Event>, Refusal> {
    let decision = decision_text(decision)?;
    if item.is_some_and(|item| meeting.agenda.find(item).is_none()) {
        return Err(Refusal::NoSuchItem);
    }
    if !(0..=now_ms).contains(&gavel_ms) {
        return Err(Refusal::BadText);
    }
    let item = item.or_else(|| meeting.agenda.at(gavel_ms));
    let mut events = Vec::new();
    if item == meeting.agenda.current().map(|current| current.item) {
        events.extend(vote::broken_off(meeting, Some(actor)));
    }
    events.push(Event::Decided {
        number: meeting.procedure.next_number(),
        item,
        decision,
        by: actor,
        at_ms: gavel_ms,
        despite: None,
        afterwards: true,
    });
    Ok(events)
}

pub(super) fn pause_for_reservations(meeting: &Meeting, actor: ParticipantId) -> Result<Vec<Event>, Refusal> {
    at(meeting, &[Step::Decided])?;
    Ok(vec![Event::ReservationPauseBegan { by: actor }])
}

pub(super) fn reserve(meeting: &Meeting, actor: ParticipantId) -> Result<Vec<Event>, Refusal> {
    at(meeting, &[Step::ReservationPause])?;
    meeting.serves(actor).ok_or(Refusal::NotServing)?;
    if meeting.procedure.reservations.contains(&actor) {
        return Err(Refusal::AlreadySo);
    }
    Ok(vec![Event::Reserved { participant: actor }])
}

pub(super) fn withdraw_reservation(meeting: &Meeting, actor: ParticipantId) -> Result<Vec<Event>, Refusal> {
    at(meeting, &[Step::ReservationPause])?;
    if !meeting.procedure.reservations.contains(&actor) {
        return Err(Refusal::AlreadySo);
    }
    Ok(vec![Event::ReservationWithdrawn { participant: actor }])
}

pub(super) fn end_reservations(meeting: &Meeting, actor: ParticipantId) -> Result<Vec<Event>, Refusal> {
    at(meeting, &[Step::ReservationPause])?;
    Ok(vec![Event::ReservationPauseEnded { by: actor }])
}

/// What a decision or a vote must meet. The reason is returned only where there is something that it explains.
pub(super) fn refuse_while_broken(meeting: &Meeting, despite: Option<Despite>) -> Result<Option<Despite>, Refusal> {
    if meeting.somebody_identifies() {
        return Err(Refusal::SomebodyIdentifies);
    }
    let quorum = meeting.quorum();
    let (broken, inquorate) = (!meeting.breaches().is_empty(), quorum.there < quorum.needed);
    let for_quorum = despite == Some(Despite::QuorumException);
    if broken && (despite.is_none() || for_quorum) {
        return Err(Refusal::EqualTermsBroken);
    }
    if inquorate && !for_quorum {
        return Err(Refusal::NotQuorate);
    }
    Ok(despite.filter(|_| broken || inquorate))
}

fn decision_text(text: &str) -> Result<String, Refusal> {
    let text = plain_text(text, MAX_DECISION_CHARS).ok_or(Refusal::BadText)?;
    Ok(text.to_owned())
}

/// One thing after the other.
pub(super) fn at(meeting: &Meeting, steps: &[Step]) -> Result<(), Refusal> {
    if steps.contains(&meeting.procedure.step) {
        Ok(())
    } else {
        Err(Refusal::OutOfStep)
    }
}

impl Procedure {
    pub(super) const fn step(&self) -> Step {
        self.step
    }

    pub(super) const fn vote(&self) -> Option<&Vote> {
        self.vote.as_ref()
    }

    fn next_number(&self) -> u32 {
        u32::try_from(self.decisions.len())
            .unwrap_or(u32::MAX)
            .saturating_add(1)
    }

    /// `number`: the event's in the journal; `breaches`: those that stand as it happens; `current`: the item being dealt
    /// with then.
    pub(super) fn apply(&mut self, number: u64, event: &Event, breaches: &[BreachView], current: Option<ItemId>) {
        if let Some(vote) = &mut self.vote {
            vote.forget_mended(breaches);
        }
        match event {
            Event::DeliberationClosed { .. } => self.step = Step::DeliberationClosed,
            Event::DeliberationReopened { .. }
            | Event::ReservationPauseEnded { .. }
            | Event::ItemBegun { .. }
            | Event::ItemEnded { .. }
            | Event::Closed { .. } => self.begin_anew(),
            Event::Adjourned { .. } => self.adjourn(),
            Event::Resumed { .. } => self.adjourned = false,
            Event::PresenceConfirmed { by, at_ms, .. } => {
                self.presence = Some(PresenceView { at_ms: *at_ms, by: *by });
                if self.step == Step::DeliberationClosed {
                    self.step = Step::PresenceConfirmed;
                }
            }
            Event::QuestionPut { question, .. } => {
                self.question = Some(question.clone());
                self.step = Step::QuestionPut;
            }
            Event::VotePauseBegan { .. } => self.step = Step::VotePause,
            Event::VoteRequested { participant } => self.vote_requests.push(*participant),
            Event::VoteRequestWithdrawn { participant } => self.vote_requests.retain(|one| one != participant),
            Event::Decided { item, .. } => self.decide(number, event, *item == current),
            Event::Corrected { event, text, .. } => self.correct(*event, text, current),
            Event::ReservationPauseBegan { .. } => self.step = Step::ReservationPause,
            Event::Reserved { participant } => self.reservations.push(*participant),
            Event::ReservationWithdrawn { participant } => self.reservations.retain(|one| one != participant),
            _ => self.vote_event(event, breaches),
        }
    }

    fn vote_event(&mut self, event: &Event, breaches: &[BreachView]) {
        let adjourned = self.adjourned;
        if let Event::VoteOpened { .. } = event {
            self.vote = Vote::opened(event, breaches);
            self.step = Step::Voting;
        } else if let Some(vote) = &mut self.vote {
            vote.apply(event, breaches, adjourned);
        }
        match event {
            Event::VoteClosed { .. } => self.step = Step::VoteClosed,
            Event::VoteBrokenOff { .. } => {
                self.vote = None;
                self.step = Step::VotePause;
            }
            _ => {}
        }
    }

    /// `now`: at what is dealt with now, or between two items.
    fn decide(&mut self, event_number: u64, event: &Event, now: bool) {
        let Event::Decided {
            number,
            item,
            decision,
            at_ms,
            despite,
            afterwards,
            ..
        } = event
        else {
            return;
        };
        if now {
            self.step = Step::Decided;
            self.reservations.clear();
        }
        self.decisions.push(DecisionView {
            number: *number,
            item: *item,
            text: decision.clone(),
            at_ms: *at_ms,
            despite: *despite,
            afterwards: *afterwards,
            event: event_number,
            corrections: Vec::new(),
        });
    }

    /// Corrections of other events are in the journal and the report alone. `at`: the item dealt with meanwhile.
    fn correct(&mut self, event: u64, text: &str, at: Option<ItemId>) {
        if self.decisions.iter().any(|decision| decision.event == event) {
            let text = text.to_owned();
            self.corrections.push(Correction { event, at, text });
        }
    }

    fn begin_anew(&mut self) {
        *self = Self {
            decisions: std::mem::take(&mut self.decisions),
            corrections: std::mem::take(&mut self.corrections),
            presence: self.presence,
            adjourned: self.adjourned,
            ..Self::default()
        };
    }

    /// Somebody has asked for a vote that has not been held.
    pub(super) fn waits_for_a_vote(&self) -> bool {
        self.step == Step::VotePause && !self.vote_requests.is_empty()
    }

    /// After an adjournment it is checked anew who is there. A vote waits where it was.
    fn adjourn(&mut self) {
        self.adjourned = true;
        self.presence = None;
        if matches!(self.step, Step::PresenceConfirmed | Step::QuestionPut | Step::VotePause) {
            self.step = Step::DeliberationClosed;
            self.vote_requests.clear();
        }
    }

    /// As a page sees it.
    pub(super) fn view(&self, viewer: ParticipantId, breaches: Vec<BreachView>) -> ProcedureView {
        ProcedureView {
            step: self.step,
            question: self.question.clone(),
            presence: self.presence,
            vote_requests: self.vote_requests.clone(),
            vote: self.vote.as_ref().map(|vote| vote.view(viewer)),
            reservations: self.reservations.clone(),
            breaches,
        }
    }
}

impl Meeting {
    /// Where the meeting is on the way to a decision.
    #[must_use]
    pub const fn step(&self) -> Step {
        self.procedure.step
    }

    /// What has been decided, oldest first, without what was corrected of it.
    #[must_use]
    pub fn decisions(&self) -> &[DecisionView] {
        &self.procedure.decisions
    }

    /// Corrections of decisions, oldest first.
    pub(super) fn corrections(&self) -> impl Iterator<Item = &Correction> {
        self.procedure.corrections.iter()
    }

    /// What keeps the gavel from falling: red about somebody who serves, about a device of the chamber or about the relay,
    /// whoever serves and is not there, and a chamber that is cut off. A report of somebody's own asks for an answer and
    /// blocks nothing (R4).
    #[must_use]
    pub fn breaches(&self) -> Vec<BreachView> {
        let counts = |about: ParticipantId| {
            let chamber = self.roster.find(about).is_some_and(|one| one.role() == Role::Chamber);
            chamber || self.serves(about).is_some()
        };
        let red = self.alerts().iter().filter(|alert| {
            alert.reading.level == Level::Red
                && !alert.settled
                && alert.subject.cause != Cause::Reported
                && alert.subject.about.is_none_or(counts)
        });
        let measured = red.map(|alert| BreachView {
            about: alert.subject.about,
            direction: alert.subject.direction,
            cause: alert.subject.cause,
        });
        let mut breaches: Vec<BreachView> = measured.collect();
        let gone = self.serving().into_iter().filter(|&one| !self.is_there(one));
        for gone in gone.chain(self.cut_off_in_chamber()) {
            let lost = BreachView {
                about: Some(gone),
                direction: Direction::Link,
                cause: Cause::LinkLost,
            };
            if !breaches.contains(&lost) {
                breaches.push(lost);
            }
        }
        breaches
    }

    /// There, not in a pause, and their link not broken now: the alert about it stands for a while after it is back.
    fn can_be_confirmed(&self, whom: ParticipantId) -> bool {
        let paused = self.roster.find(whom).is_some_and(|one| one.pause().is_some());
        self.is_there(whom) && self.gone_since_ms(whom).is_none() && !paused
    }
}
