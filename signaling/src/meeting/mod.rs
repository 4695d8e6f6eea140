//! The meeting: a pure, event-sourced state machine. No async, no I/O, no clock.
//!
//! [`decide`] answers what a person asks with events or a refusal; [`observe`] turns what the system noticed into
//! events; [`Meeting::apply`] is the only thing that changes a meeting. Events are journaled before anyone sees their
//! effect, and replaying them gives the same meeting.

pub mod alerts;
pub mod audience;
pub mod authority;
pub mod chair;
pub mod clock;
pub mod command;
pub mod connection;
pub mod correction;
pub mod decision;
pub mod event;
pub mod floor;
pub mod identity;
pub mod item;
pub mod lobby;
pub mod measured;
pub mod observation;
pub mod participant;
pub mod pause;
pub mod phase;
pub mod plan;
pub mod roll_call;
pub mod roster;
pub mod rulebook;
pub mod service;
pub mod view;
pub mod vote;

#[cfg(test)]
mod authorisation;
#[cfg(test)]
mod properties;
#[cfg(test)]
pub(crate) mod stories;

pub use alerts::{Alert, AlertId, Reading, Subject};
pub use clock::Clock;
pub use command::Command;
pub use decision::{Despite, Step};
pub use event::Event;
pub use identity::{Obstacle, Proof};
pub use item::{Agenda, Item, ItemId};
pub use measured::{DirectionMeasured, Measured, PersonMeasured, ProfileMark, SamplesMark};
pub use observation::Observation;
pub use participant::{Attendance, EndpointId, ParticipantId, Role};
pub use phase::Phase;
pub use plan::{Plan, PlanError};
pub use roll_call::Answer;
pub use roster::{NameCommitment, Participant, Roster, Seat};
pub use rulebook::Rulebook;
pub use view::{Identities, changes, view};
pub use vote::{Choice, State as VoteState, Suspension};

use crate::protocol::Refusal;
use lika_auth::Assurance;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A meeting of this installation, numbered from 1 by the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MeetingId(pub u64);

impl fmt::Display for MeetingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "meeting {}", self.0)
    }
}

/// One meeting, as its events have made it. `Meeting::default()` is the meeting before its first event.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Meeting {
    title: String,
    body: String,
    phase: Phase,
    roster: Roster,
    acting_chair: Option<ParticipantId>,
    requires: Assurance,
    fresh_within_ms: i64,
    rulebook: Rulebook,
    agenda: Agenda,
    service: service::Service,
    clocks: clock::Clocks,
    procedure: decision::Procedure,
    roll_call: roll_call::RollCall,
    floor: floor::Floor,
    alerts: alerts::Alerts,
    events: u64,
}

/// What `actor` asks. On a refusal nothing has changed.
///
/// `now_ms` is in milliseconds since 1970-01-01 UTC, here and everywhere in this module.
///
/// # Errors
/// The reason, worded by the page.
pub fn decide(meeting: &Meeting, actor: ParticipantId, command: &Command, now_ms: i64) -> Result<Vec<Event>, Refusal> {
    authority::check(meeting, actor, authority::Act::Command(command))?;
    let events = carry_out(meeting, actor, command, now_ms)?;
    Ok(with_consequences(meeting, events, now_ms))
}

fn carry_out(meeting: &Meeting, actor: ParticipantId, command: &Command, now_ms: i64) -> Result<Vec<Event>, Refusal> {
    match command {
        Command::Admit { participant } => lobby::admit(meeting, actor, *participant),
        Command::AdmitAll {} => lobby::admit_all(meeting, actor),
        Command::Dismiss { participant } => lobby::dismiss(meeting, actor, *participant),
        Command::Open {} => phase::open(actor),
        Command::Close {} => phase::close(meeting, actor),
        Command::Postpone { reason } => phase::postpone(meeting, actor, reason),
        Command::Adjourn { reason } => phase::adjourn(meeting, actor, reason, now_ms),
        Command::Resume {} => phase::resume(actor),
        Command::ExtendClock { clock, minutes } => clock::extend(meeting, actor, *clock, *minutes, now_ms),
        Command::RequestFloor {} => floor::request(meeting, actor),
        Command::WithdrawRequest {} => floor::withdraw(meeting, actor),
        Command::GiveFloor { participant } => floor::give(meeting, actor, *participant),
        Command::EndFloor {} => floor::end(meeting, actor),
        Command::AcknowledgeAlert { alert } => alerts::acknowledge(meeting, actor, *alert),
        Command::ReportUnequalTerms {} => alerts::report(meeting, actor, now_ms),
        Command::BeginItem { item } => item::begin(meeting, actor, *item, now_ms),
        Command::EndItem {} => item::end(meeting, actor, now_ms),
        Command::DeferItem { reason } => item::defer(meeting, actor, reason, now_ms),
        Command::Vouch { participant } => identity::vouch(meeting, actor, *participant),
        Command::Pause { reason } => pause::begin(meeting, actor, *reason, now_ms),
        Command::EndPause { participant } => pause::end(meeting, actor, *participant),
        Command::TakeChair {} => chair::take(meeting, actor),
        Command::Correct { event, text } => correction::correct(meeting, actor, *event, text),
        Command::NoteInChamber { .. }
        | Command::LeaveChamber {}
        | Command::StepIn { .. }
        | Command::NoteAbsent { .. }
        | Command::TakeSeat { .. }
        | Command::Disqualify { .. } => serve(meeting, actor, command, now_ms),
        Command::BeginRollCall {} => roll_call::begin(meeting, actor),
        Command::Call { participant } => roll_call::call(meeting, actor, *participant),
        Command::AnswerRollCall { sees, hears, heard } => {
            let (sees, hears, heard) = (*sees, *hears, *heard);
            roll_call::answer(meeting, actor, Answer::Confirmed { sees, hears, heard })
        }
        Command::NoteRollCall { participant, present } => roll_call::note(meeting, actor, *participant, *present),
        Command::EndRollCall {} => roll_call::end(meeting, actor),
        _ => lead_to_decision(meeting, actor, command, now_ms),
    }
}

/// Who serves.
fn serve(meeting: &Meeting, actor: ParticipantId, command: &Command, now_ms: i64) -> Result<Vec<Event>, Refusal> {
    match command {
        Command::NoteInChamber { participant, there } => service::note_in_chamber(meeting, actor, *participant, *there),
        Command::LeaveChamber {} => service::leave_chamber(meeting, actor),
        Command::StepIn {
            substitute,
            replaces,
            reason,
        } => service::step_in(meeting, actor, *substitute, *replaces, reason.as_deref(), now_ms),
        Command::NoteAbsent { participant, reason } => {
            service::note_absent(meeting, actor, *participant, reason, now_ms)
        }
        Command::TakeSeat { participant, reason } => {
            service::take_seat(meeting, actor, *participant, reason.as_deref(), now_ms)
        }
        Command::Disqualify { participant, reason } => {
            service::disqualify(meeting, actor, *participant, reason, now_ms)
        }
        _ => Err(Refusal::Malformed),
    }
}

/// The order of a decision (requirement R20).
fn lead_to_decision(
    meeting: &Meeting,
    actor: ParticipantId,
    command: &Command,
    now_ms: i64,
) -> Result<Vec<Event>, Refusal> {
    match command {
        Command::CloseDeliberation {} => decision::close_deliberation(meeting, actor),
        Command::ReopenDeliberation {} => decision::reopen_deliberation(meeting, actor),
        Command::ConfirmPresence { participants } => decision::confirm_presence(meeting, actor, participants, now_ms),
        Command::PutQuestion { question } => decision::put_question(meeting, actor, question),
        Command::PauseForVote {} => decision::pause_for_vote(meeting, actor),
        Command::RequestVote {} => decision::request_vote(meeting, actor),
        Command::WithdrawVoteRequest {} => decision::withdraw_vote_request(meeting, actor),
        Command::OpenVote {
            yes,
            no,
            abstention,
            despite,
        } => vote::open(meeting, actor, (yes, no, *abstention), *despite),
        Command::Vote { choice, participant } => vote::give(meeting, actor, *choice, *participant),
        Command::ResumeVote { despite } => vote::resume(meeting, actor, *despite),
        Command::CloseVote { casting } => vote::close(meeting, actor, *casting),
        Command::BreakOffVote {} => vote::break_off(meeting, actor),
        Command::Gavel { decision, despite } => decision::gavel(meeting, actor, decision, *despite, now_ms),
        Command::RecordGavel {
            decision,
            gavel_ms,
            item,
        } => decision::record_gavel(meeting, actor, decision, (*gavel_ms, *item), now_ms),
        Command::PauseForReservations {} => decision::pause_for_reservations(meeting, actor),
        Command::Reserve {} => decision::reserve(meeting, actor),
        Command::WithdrawReservation {} => decision::withdraw_reservation(meeting, actor),
        Command::EndReservations {} => decision::end_reservations(meeting, actor),
        _ => Err(Refusal::Malformed),
    }
}

/// What the system noticed. Nothing new gives no events: noticing the same thing twice does no harm.
///
/// # Errors
/// `MeetingOver`, or `NoSuchParticipant` for somebody who is not in the roster.
pub fn observe(meeting: &Meeting, observation: &Observation, now_ms: i64) -> Result<Vec<Event>, Refusal> {
    if meeting.phase == Phase::Closed {
        return Err(Refusal::MeetingOver);
    }
    let events = take_in(meeting, observation, now_ms)?;
    Ok(with_consequences(meeting, events, now_ms))
}

fn take_in(meeting: &Meeting, observation: &Observation, now_ms: i64) -> Result<Vec<Event>, Refusal> {
    match observation {
        Observation::Connected {
            participant,
            endpoint,
            proof,
        } => connection::connected(meeting, *participant, *endpoint, *proof, now_ms),
        Observation::IdentityShown {
            participant,
            endpoint,
            proof,
        } => identity::shown(meeting, *participant, *endpoint, *proof, now_ms),
        Observation::Disconnected { participant, endpoint } => {
            connection::disconnected(meeting, *participant, *endpoint, now_ms)
        }
        Observation::ServerRestarted {} => Ok(connection::server_restarted(meeting, now_ms)),
        Observation::Alert { subject, reading } => alerts::found(meeting, *subject, *reading, now_ms),
        Observation::AlertUnstable { subject } => Ok(alerts::unstable(meeting, *subject)),
        Observation::AlertOver { subject } => Ok(alerts::over(meeting, *subject)),
    }
}

/// What follows by itself from events, after them. Each consequence makes itself untrue, so that they end.
fn with_consequences(meeting: &Meeting, mut events: Vec<Event>, now_ms: i64) -> Vec<Event> {
    if events.is_empty() {
        return events;
    }
    let opening = events.iter().any(|event| matches!(event, Event::Opened { .. }));
    let mut after = meeting.clone();
    events.iter().for_each(|event| after.apply(event));
    while let Some(event) = vote::consequence(&after).or_else(|| service::consequence(&after, opening, now_ms)) {
        after.apply(&event);
        events.push(event);
    }
    events
}

impl Meeting {
    /// The meeting that these events made.
    pub fn replay<'a>(events: impl IntoIterator<Item = &'a Event>) -> Self {
        let mut meeting = Self::default();
        events.into_iter().for_each(|event| meeting.apply(event));
        meeting
    }

    /// Carries out one event. Total: an event about somebody unknown changes nothing.
    pub fn apply(&mut self, event: &Event) {
        self.events += 1;
        self.carry_out(event);
        self.roster.find_obstacles(&identity::Place::now(self));
    }

    fn carry_out(&mut self, event: &Event) {
        let breaches = self.breaches();
        let current = self.agenda.current().map(|current| current.item);
        self.service.apply(event, &self.agenda);
        self.clocks
            .apply(event, !breaches.is_empty() || self.alerts.somebody_reports());
        self.procedure.apply(self.events, event, &breaches, current);
        self.roll_call.apply(event);
        match event {
            Event::Created {
                title,
                body,
                roster,
                requires,
                fresh_within_ms,
                items,
                rulebook,
            } => {
                self.title.clone_from(title);
                self.body.clone_from(body);
                self.roster = Roster::of(roster);
                self.acting_chair = self.roster.first(Role::Chair);
                self.requires = *requires;
                self.fresh_within_ms = *fresh_within_ms;
                self.agenda = Agenda::of(items);
                self.rulebook = *rulebook;
            }
            Event::Connected {
                participant,
                endpoint,
                proof,
            } => self.roster.connect(*participant, *endpoint, *proof),
            Event::IdentityShown {
                participant,
                endpoint,
                proof,
            } => self.roster.show(*participant, *endpoint, *proof),
            Event::Disconnected {
                participant,
                endpoint,
                at_ms,
            } => self.roster.disconnect(*participant, *endpoint, *at_ms),
            Event::Disqualified { participant, item, .. } => {
                self.roster.disqualify(*participant, *item);
                self.floor.forget_request(*participant);
            }
            Event::ServerRestarted {} => {
                self.roster.disconnect_all();
                self.alerts.forget_measured();
            }
            Event::Admitted { participant, .. } => self.roster.admit(*participant),
            Event::Dismissed { participant, .. } => {
                self.roster.dismiss(*participant);
                self.floor.forget_request(*participant);
            }
            Event::Opened { .. } | Event::Resumed { .. } => self.phase = Phase::Open,
            Event::Adjourned { reason, since_ms, .. } => {
                self.phase = Phase::Adjourned {
                    reason: reason.clone(),
                    since_ms: *since_ms,
                };
            }
            Event::Closed { .. } => {
                self.phase = Phase::Closed;
                self.floor = floor::Floor::default();
                self.alerts.forget_all();
                self.agenda.end(0);
                self.roster.forget_vouching();
            }
            Event::ItemBegun { item, since_ms, .. } => {
                self.agenda.begin(*item, *since_ms);
                self.floor.apply(event);
            }
            Event::ItemEnded { at_ms, .. } => {
                self.agenda.end(*at_ms);
                self.roster.forget_vouching();
                self.floor.apply(event);
            }
            Event::Vouched { participant, item, .. } => self.roster.vouch(*participant, *item),
            Event::PauseBegan {
                participant, reason, ..
            } => self.roster.pause(*participant, Some(*reason)),
            Event::PauseEnded { participant } => self.roster.pause(*participant, None),
            Event::ChairTaken { by } => self.acting_chair = Some(*by),
            Event::Postponed { .. }
            | Event::ItemDeferred { .. }
            | Event::ClockExtended { .. }
            | Event::NotedInChamber { .. }
            | Event::ServiceBegan { .. }
            | Event::ServiceEnded { .. }
            | Event::QuorumLost { .. }
            | Event::QuorumRegained { .. }
            | Event::RollCallBegan { .. }
            | Event::Called { .. }
            | Event::RollCallAnswered { .. }
            | Event::RollCallEnded { .. }
            | Event::DeliberationClosed { .. }
            | Event::DeliberationReopened { .. }
            | Event::PresenceConfirmed { .. }
            | Event::QuestionPut { .. }
            | Event::VotePauseBegan { .. }
            | Event::VoteRequested { .. }
            | Event::VoteRequestWithdrawn { .. }
            | Event::VoteOpened { .. }
            | Event::Voted { .. }
            | Event::VoteSuspended {}
            | Event::VoteResumed { .. }
            | Event::VoteClosed { .. }
            | Event::VoteBrokenOff { .. }
            | Event::Decided { .. }
            | Event::ReservationPauseBegan { .. }
            | Event::Reserved { .. }
            | Event::ReservationWithdrawn { .. }
            | Event::ReservationPauseEnded { .. }
            | Event::Corrected { .. }
            | Event::Measured { .. } => {}
            Event::FloorRequested { .. }
            | Event::RequestWithdrawn { .. }
            | Event::FloorGiven { .. }
            | Event::FloorInterrupted { .. }
            | Event::FloorReturned { .. }
            | Event::FloorEnded { .. } => self.floor.apply(event),
            Event::AlertRaised { .. }
            | Event::AlertChanged { .. }
            | Event::AlertUnstable { .. }
            | Event::AlertSettled { .. }
            | Event::AlertAcknowledged { .. }
            | Event::AlertCleared { .. } => self.alerts.apply(event),
        }
    }

    /// Its title.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The body that meets.
    #[must_use]
    pub fn body(&self) -> &str {
        &self.body
    }

    /// Where it stands.
    #[must_use]
    pub const fn phase(&self) -> &Phase {
        &self.phase
    }

    /// Everybody who is invited, with where they are.
    #[must_use]
    pub const fn roster(&self) -> &Roster {
        &self.roster
    }

    /// The level of assurance of everybody inside.
    #[must_use]
    pub const fn requires(&self) -> Assurance {
        self.requires
    }

    /// How old a login may be at an item of its own level, in milliseconds.
    #[must_use]
    pub const fn fresh_within_ms(&self) -> i64 {
        self.fresh_within_ms
    }

    /// The agenda, and where the meeting is in it.
    #[must_use]
    pub const fn agenda(&self) -> &Agenda {
        &self.agenda
    }

    /// Whether somebody is away to prove who they are: nothing is decided meanwhile.
    #[must_use]
    pub fn somebody_identifies(&self) -> bool {
        let mut everybody = self.roster.iter();
        everybody.any(|one| one.pause() == Some(pause::Reason::Identify))
    }

    /// How many events made it: the sequence number of the last one.
    #[must_use]
    pub const fn events(&self) -> u64 {
        self.events
    }

    /// Who has the chair's rights: the chair, or the vice chair who took over. `None` only before `Created`.
    #[must_use]
    pub const fn acting_chair(&self) -> Option<ParticipantId> {
        self.acting_chair
    }

    /// Who has the floor; always somebody inside.
    #[must_use]
    pub const fn floor(&self) -> Option<ParticipantId> {
        self.floor.holder()
    }

    /// Who has asked for the floor, in order (talarlista).
    #[must_use]
    pub fn requests(&self) -> &[ParticipantId] {
        self.floor.requests()
    }

    /// The alerts not yet cleared, oldest first.
    #[must_use]
    pub fn alerts(&self) -> &[Alert] {
        self.alerts.open()
    }

    /// Where a participant is; `None`: not in the roster.
    #[must_use]
    pub fn attendance(&self, participant: ParticipantId) -> Option<Attendance> {
        self.roster.find(participant).map(Participant::attendance)
    }

    /// Whether the participant is inside.
    #[must_use]
    pub fn is_inside(&self, participant: ParticipantId) -> bool {
        self.attendance(participant) == Some(Attendance::Inside)
    }
}
