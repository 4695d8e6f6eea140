//! What happens at a meeting, told as stories.

mod alerting;
mod calling;
mod coming;
pub(crate) mod deciding;
mod identifying;
mod leading;
mod returning;
mod serving;
mod speaking;
mod voting;
mod writing;

use super::roster::Entry;
use super::*;
use crate::equal_terms::{Cause, Direction, Level};
use std::cell::Cell;

pub(crate) const CHAIR: ParticipantId = ParticipantId(1);
pub(crate) const FIRST_VICE: ParticipantId = ParticipantId(2);
const SECOND_VICE: ParticipantId = ParticipantId(3);
pub(crate) const SECRETARY: ParticipantId = ParticipantId(4);
pub(crate) const MEMBER_5: ParticipantId = ParticipantId(5);
pub(crate) const MEMBER_6: ParticipantId = ParticipantId(6);
const SUBSTITUTE: ParticipantId = ParticipantId(7);
const GUEST: ParticipantId = ParticipantId(8);
pub(crate) const CHAMBER: ParticipantId = ParticipantId(9);

pub(super) const ROLES: [Role; 9] = [
    Role::Chair,
    Role::ViceChair,
    Role::ViceChair,
    Role::Secretary,
    Role::Member,
    Role::Member,
    Role::Substitute,
    Role::Guest,
    Role::Chamber,
];

fn plan() -> Plan {
    let seat = |mandate, role| Seat {
        mandate,
        party: Some("Parti A".into()),
        order_of_entry: (role == Role::Substitute).then_some(1),
    };
    let entry = |(mandate, &role): (u16, &Role)| Entry {
        role,
        name: NameCommitment::to(&format!("Deltagare {mandate}"), &[7; 32]),
        seat: (!matches!(role, Role::Secretary | Role::Guest | Role::Chamber)).then(|| seat(mandate, role)),
        only_item: None,
    };
    let roster = (1..).zip(&ROLES).map(entry).collect();
    Plan {
        title: "Sammanträde 1".into(),
        body: "Nämnden".into(),
        roster,
        requires: Assurance::Open,
        fresh_within_ms: identity::FRESH_WITHIN_MS,
        items: vec![
            Item {
                title: "Ärende 1".into(),
                requires: Assurance::Open,
                secret: false,
            },
            Item {
                title: "Ärende 2".into(),
                requires: Assurance::Loa3,
                secret: true,
            },
        ],
        rulebook: Rulebook::default(),
    }
}

/// A meeting with the journal a test keeps of it.
pub(crate) struct Told {
    pub(crate) meeting: Meeting,
    pub(crate) events: Vec<Event>,
    now_ms: Cell<i64>,
}

impl Told {
    /// Created; nobody has come.
    pub(super) fn planned() -> Self {
        let mut told = Self {
            meeting: Meeting::default(),
            events: Vec::new(),
            now_ms: Cell::new(1_000_000),
        };
        told.record(vec![plan().created().unwrap()]);
        told
    }

    /// The same, and everybody inside must have shown so much of who they are.
    fn planned_for(requires: Assurance) -> Self {
        let mut told = Self::planned();
        told.meeting = Meeting::default();
        told.events.clear();
        told.record(vec![Plan { requires, ..plan() }.created().unwrap()]);
        told
    }

    /// Everybody is inside and the chair has opened.
    pub(crate) fn open() -> Self {
        let mut told = Self::planned();
        for participant in 1..=9 {
            told.comes(ParticipantId(participant));
        }
        told.does(CHAIR, &Command::AdmitAll {});
        told.does(CHAIR, &Command::Open {});
        told
    }

    pub(crate) fn now_ms(&self) -> i64 {
        self.now_ms.get()
    }

    pub(crate) fn later(&self, ms: i64) {
        self.now_ms.set(self.now_ms.get() + ms);
    }

    pub(crate) fn asks(&self, actor: ParticipantId, command: &Command) -> Result<Vec<Event>, Refusal> {
        decide(&self.meeting, actor, command, self.now_ms.get())
    }

    #[track_caller]
    fn does(&mut self, actor: ParticipantId, command: &Command) -> Vec<Event> {
        let events = self
            .asks(actor, command)
            .unwrap_or_else(|why| panic!("{actor}: {command:?}: {why:?}"));
        self.record(events)
    }

    #[track_caller]
    fn may_not(&self, actor: ParticipantId, command: &Command, why: Refusal) {
        assert_eq!(self.asks(actor, command), Err(why), "{actor}: {command:?}");
    }

    #[track_caller]
    pub(crate) fn notices(&mut self, observation: Observation) -> Vec<Event> {
        let events = observe(&self.meeting, &observation, self.now_ms.get()).unwrap();
        self.record(events)
    }

    fn comes(&mut self, participant: ParticipantId) -> Vec<Event> {
        self.notices(Observation::Connected {
            participant,
            endpoint: EndpointId(participant.0.into()),
            proof: Proof::Invited,
        })
    }

    /// Logs in on the device they have.
    fn proves(&mut self, participant: ParticipantId, assurance: Assurance) -> Vec<Event> {
        let at_ms = self.now_ms.get();
        self.shows(participant, Proof::Proven { assurance, at_ms })
    }

    fn shows(&mut self, participant: ParticipantId, proof: Proof) -> Vec<Event> {
        self.notices(Observation::IdentityShown {
            participant,
            endpoint: EndpointId(participant.0.into()),
            proof,
        })
    }

    pub(crate) fn is_cut_off(&mut self, participant: ParticipantId) -> Vec<Event> {
        self.notices(Observation::Disconnected {
            participant,
            endpoint: EndpointId(participant.0.into()),
        })
    }

    pub(crate) fn record(&mut self, events: Vec<Event>) -> Vec<Event> {
        events.iter().for_each(|event| self.meeting.apply(event));
        self.events.extend_from_slice(&events);
        events
    }

    #[track_caller]
    fn has(&self, participant: ParticipantId, attendance: Attendance) {
        assert_eq!(self.meeting.attendance(participant), Some(attendance), "{participant}");
    }

    pub(crate) fn shown(&self, viewer: ParticipantId) -> Vec<AlertId> {
        view(&self.meeting, &Identities::default(), viewer)
            .alerts
            .iter()
            .map(|alert| alert.id)
            .collect()
    }
}

fn frozen(whom: ParticipantId) -> Subject {
    Subject {
        about: Some(whom),
        direction: Direction::Seen,
        cause: Cause::PictureFrozen,
    }
}

fn reading(level: Level) -> Reading {
    Reading {
        level,
        figure: Some(20.0),
        affected: 8,
        gone_since_ms: None,
    }
}

fn alert(subject: Subject, level: Level) -> Observation {
    Observation::Alert {
        subject,
        reading: reading(level),
    }
}

fn link_lost(whom: ParticipantId) -> Subject {
    Subject {
        about: Some(whom),
        direction: Direction::Link,
        cause: Cause::LinkLost,
    }
}

/// The alert about a lost link, while nothing comes since then; or while it still stands although the link is back.
fn link(whom: ParticipantId, gone_since_ms: Option<i64>) -> Observation {
    Observation::Alert {
        subject: link_lost(whom),
        reading: Reading {
            gone_since_ms,
            ..reading(Level::Red)
        },
    }
}

fn disqualify(participant: ParticipantId) -> Command {
    Command::Disqualify {
        participant,
        reason: "Part i ärendet".into(),
    }
}

fn note_absent(participant: ParticipantId) -> Command {
    Command::NoteAbsent {
        participant,
        reason: "Avbrott".into(),
    }
}

pub(crate) fn note_in_chamber(participant: ParticipantId) -> Command {
    Command::NoteInChamber {
        participant,
        there: true,
    }
}

fn adjourn() -> Command {
    Command::Adjourn {
        reason: " Bild saknas. ".into(),
    }
}
