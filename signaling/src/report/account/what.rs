//! What happened, event by event.

use super::{Answered, Text, Vote};
use crate::meeting::pause::Reason as PauseReason;
use crate::meeting::{Agenda, Clock, Despite, Event, ItemId, ParticipantId};

/// What happened.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the events' own words; meeting::Event has them")]
pub enum What {
    Opened {
        by: ParticipantId,
    },
    Adjourned {
        by: ParticipantId,
        reason: Text,
    },
    Resumed {
        by: ParticipantId,
    },
    Postponed {
        by: ParticipantId,
        reason: Text,
    },
    Closed {
        by: ParticipantId,
    },
    Restarted,
    ItemBegun {
        item: ItemId,
        moved_out: Vec<ParticipantId>,
    },
    ItemEnded {
        item: ItemId,
    },
    ItemDeferred {
        item: ItemId,
        by: ParticipantId,
        reason: Text,
    },
    Vouched {
        participant: ParticipantId,
        by: ParticipantId,
    },
    ChairTaken {
        by: ParticipantId,
    },
    PauseBegan {
        participant: ParticipantId,
        reason: PauseReason,
    },
    PauseEnded {
        participant: ParticipantId,
    },
    ClockExtended {
        clock: Clock,
        until_ms: i64,
        by: ParticipantId,
    },
    Disqualified {
        participant: ParticipantId,
        item: ItemId,
        reason: Text,
    },
    QuorumLost {
        there: u16,
        needed: u16,
    },
    QuorumRegained {
        there: u16,
    },
    RollCall {
        by: ParticipantId,
        called: usize,
        answers: Vec<Answered>,
    },
    DeliberationClosed {
        by: ParticipantId,
    },
    DeliberationReopened {
        by: ParticipantId,
    },
    PresenceConfirmed {
        participants: Vec<ParticipantId>,
        by: ParticipantId,
    },
    QuestionPut {
        question: Text,
    },
    VoteRequested {
        participant: ParticipantId,
    },
    VoteRequestWithdrawn {
        participant: ParticipantId,
    },
    Vote(Vote),
    Decided(Decision),
    Reserved {
        participant: ParticipantId,
    },
    ReservationWithdrawn {
        participant: ParticipantId,
    },
    Corrected {
        event: u64,
    },
}

/// A decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Its number.
    pub number: u32,
    /// At which item.
    pub item: Option<ItemId>,
    /// What was decided.
    pub text: Text,
    /// Who wielded the gavel.
    pub by: ParticipantId,
    /// When the gavel fell.
    pub at_ms: i64,
    /// Why, although something stood against it.
    pub despite: Option<Despite>,
    /// Whether it was entered afterwards.
    pub afterwards: bool,
    /// The vote before it.
    pub vote: Option<Vote>,
}

impl What {
    /// What an event is in the story; `None`: told elsewhere or nowhere. `secret`: whether it happened at a secret item.
    pub(super) fn of(event: &Event, secret: bool, opened: bool, agenda: &Agenda) -> Option<Self> {
        let written = |text: &str| Text {
            text: text.to_owned(),
            secret,
        };
        Some(match event {
            Event::Opened { by } => Self::Opened { by: *by },
            Event::Adjourned { by, reason, .. } => Self::Adjourned {
                by: *by,
                reason: written(reason),
            },
            Event::Resumed { by } => Self::Resumed { by: *by },
            Event::Postponed { by, reason } => Self::Postponed {
                by: *by,
                reason: written(reason),
            },
            Event::Closed { by } => Self::Closed { by: *by },
            Event::ServerRestarted {} if opened => Self::Restarted,
            Event::ItemBegun { item, moved_out, .. } => Self::ItemBegun {
                item: *item,
                moved_out: moved_out.clone(),
            },
            Event::ItemEnded { item, .. } => Self::ItemEnded { item: *item },
            Event::ItemDeferred { item, by, reason } => Self::ItemDeferred {
                item: *item,
                by: *by,
                reason: written(reason),
            },
            Event::Vouched { participant, by, .. } => Self::Vouched {
                participant: *participant,
                by: *by,
            },
            Event::ChairTaken { by } => Self::ChairTaken { by: *by },
            Event::PauseBegan {
                participant, reason, ..
            } => Self::PauseBegan {
                participant: *participant,
                reason: *reason,
            },
            Event::PauseEnded { participant } => Self::PauseEnded {
                participant: *participant,
            },
            Event::ClockExtended { clock, until_ms, by } => Self::ClockExtended {
                clock: *clock,
                until_ms: *until_ms,
                by: *by,
            },
            Event::Disqualified {
                participant,
                item,
                reason,
                ..
            } => Self::Disqualified {
                participant: *participant,
                item: *item,
                reason: written(reason),
            },
            Event::QuorumLost { there, needed } => Self::QuorumLost {
                there: *there,
                needed: *needed,
            },
            Event::QuorumRegained { there } => Self::QuorumRegained { there: *there },
            _ => return Self::step(event, secret, agenda),
        })
    }

    /// The steps on the way to a decision.
    fn step(event: &Event, secret: bool, agenda: &Agenda) -> Option<Self> {
        let written = |text: &str| Text {
            text: text.to_owned(),
            secret,
        };
        Some(match event {
            Event::RollCallBegan { by, who } => Self::RollCall {
                by: *by,
                called: who.len(),
                answers: Vec::new(),
            },
            Event::DeliberationClosed { by } => Self::DeliberationClosed { by: *by },
            Event::DeliberationReopened { by } => Self::DeliberationReopened { by: *by },
            Event::PresenceConfirmed { participants, by, .. } => Self::PresenceConfirmed {
                participants: participants.clone(),
                by: *by,
            },
            Event::QuestionPut { question, .. } => Self::QuestionPut {
                question: written(question),
            },
            Event::VoteRequested { participant } => Self::VoteRequested {
                participant: *participant,
            },
            Event::VoteRequestWithdrawn { participant } => Self::VoteRequestWithdrawn {
                participant: *participant,
            },
            Event::VoteOpened {
                yes,
                no,
                voters,
                despite,
                ..
            } => Self::Vote(Vote {
                yes: written(yes),
                no: written(no),
                voters: voters.len(),
                votes: Vec::new(),
                suspended: 0,
                despite: despite.iter().copied().collect(),
                end: None,
            }),
            Event::Decided {
                number,
                item,
                decision,
                by,
                at_ms,
                despite,
                afterwards,
            } => {
                let of_item = item.and_then(|item| agenda.find(item));
                Self::Decided(Decision {
                    number: *number,
                    item: *item,
                    text: Text {
                        text: decision.clone(),
                        secret: secret || of_item.is_some_and(|item| item.secret),
                    },
                    by: *by,
                    at_ms: *at_ms,
                    despite: *despite,
                    afterwards: *afterwards,
                    vote: None,
                })
            }
            Event::Reserved { participant } => Self::Reserved {
                participant: *participant,
            },
            Event::ReservationWithdrawn { participant } => Self::ReservationWithdrawn {
                participant: *participant,
            },
            _ => return None,
        })
    }
}
