//! An invented meeting, told event by event.

use super::super::{Account, Language, Source};
use super::written;
use crate::equal_terms::{Cause, Direction, Level, Matrix};
use crate::journal::Stored;
use crate::meeting::event::Event;
use crate::meeting::{
    AlertId, Answer, Choice, DirectionMeasured, EndpointId, Item, ItemId, Measured, NameCommitment, ParticipantId,
    PersonMeasured, ProfileMark, Proof, Reading, Role, Rulebook, SamplesMark, Seat, Subject, roster::Entry, service,
};
use crate::report::strips::DIRECTIONS;
use crate::sha256::Sha256;
use lika_auth::Assurance;

/// 2027-01-15 08:00 UTC.
const MORNING_MS: i64 = 1_800_000_000_000;

pub(super) const CHAIR: ParticipantId = ParticipantId(1);
pub(super) const SECRETARY: ParticipantId = ParticipantId(2);
pub(super) const MEMBER_3: ParticipantId = ParticipantId(3);
pub(super) const MEMBER_4: ParticipantId = ParticipantId(4);
pub(super) const SUBSTITUTE: ParticipantId = ParticipantId(5);
pub(super) const CHAMBER: ParticipantId = ParticipantId(6);

/// A meeting, event by event.
pub(super) struct Tale {
    pub(super) events: Vec<Stored>,
    pub(super) now_ms: i64,
}

impl Tale {
    /// Created, everybody inside, opened; chair and secretary in the chamber, the others remote.
    pub(super) fn opened() -> Self {
        let mut tale = Self {
            events: Vec::new(),
            now_ms: MORNING_MS,
        };
        tale.happens(created());
        for number in [1, 2, 3, 4, 6] {
            let participant = ParticipantId(number);
            tale.happens(Event::Connected {
                participant,
                endpoint: EndpointId(u64::from(number)),
                proof: Proof::Invited,
            });
            tale.happens(Event::Admitted { participant, by: CHAIR });
        }
        for participant in [CHAIR, SECRETARY] {
            tale.happens(Event::NotedInChamber {
                participant,
                there: true,
                by: SECRETARY,
                with_device: false,
            });
        }
        tale.later(60).happens(Event::Opened { by: CHAIR });
        for (participant, mandate) in [(CHAIR, 1), (MEMBER_3, 2), (MEMBER_4, 3)] {
            let at_ms = tale.now_ms;
            tale.happens(Event::ServiceBegan {
                participant,
                mandate,
                why: service::Beginning::Opening,
                by: None,
                reason: None,
                at_ms,
            });
        }
        tale
    }

    pub(super) fn later(&mut self, seconds: i64) -> &mut Self {
        self.now_ms += seconds * 1000;
        self
    }

    pub(super) fn happens(&mut self, event: Event) -> &mut Self {
        let seq = self.events.len() as u64 + 1;
        self.events.push(Stored {
            seq,
            at_ms: self.now_ms,
            hash: Sha256::of(&[&seq.to_be_bytes()]),
            event,
        });
        self
    }

    /// The number of the last event.
    pub(super) fn last(&self) -> u64 {
        self.events.len() as u64
    }

    pub(super) fn measured(&mut self, measured: Measured) -> &mut Self {
        let measured = Box::new(Measured {
            at_ms: Some(self.now_ms - 400),
            ..measured
        });
        self.happens(Event::Measured { measured })
    }

    pub(super) fn decides(&mut self, number: u32, item: Option<ItemId>, decision: &str) -> &mut Self {
        let at_ms = self.now_ms;
        self.happens(Event::Decided {
            number,
            item,
            decision: decision.to_owned(),
            by: CHAIR,
            at_ms,
            despite: None,
            afterwards: false,
        })
    }

    pub(super) fn alarms(&mut self, alert: u32, about: ParticipantId, direction: Direction, cause: Cause) -> &mut Self {
        let since_ms = self.now_ms;
        self.happens(Event::AlertRaised {
            alert: AlertId(alert),
            subject: Subject {
                about: Some(about),
                direction,
                cause,
            },
            reading: Reading {
                level: Level::Red,
                figure: Some(3.24),
                affected: 3,
                gone_since_ms: None,
            },
            since_ms,
        })
    }

    /// An item begins.
    pub(super) fn begins(&mut self, item: u16) -> &mut Self {
        let since_ms = self.now_ms;
        self.happens(Event::ItemBegun {
            item: ItemId(item),
            by: CHAIR,
            since_ms,
            moved_out: vec![],
        })
    }

    /// And ends.
    pub(super) fn ends(&mut self, item: u16) -> &mut Self {
        self.happens(Event::ItemEnded {
            item: ItemId(item),
            by: CHAIR,
            at_ms: 0,
        })
    }

    /// A roll call of participants 1, 3 and 4 begins.
    pub(super) fn calls_the_roll(&mut self) -> &mut Self {
        self.happens(Event::RollCallBegan {
            by: CHAIR,
            who: vec![CHAIR, MEMBER_3, MEMBER_4],
        })
    }

    /// `alarm`: what the chair was shown of them.
    pub(super) fn answers(&mut self, participant: ParticipantId, answer: Answer, alarm: Option<Level>) -> &mut Self {
        self.happens(Event::RollCallAnswered {
            participant,
            answer,
            measured: alarm,
            by: CHAIR,
        })
    }

    /// Participants 1, 3 and 4 are to vote.
    pub(super) fn opens_vote(&mut self, yes: &str, no: &str) -> &mut Self {
        self.happens(Event::VoteOpened {
            yes: yes.to_owned(),
            no: no.to_owned(),
            abstention: true,
            voters: vec![CHAIR, MEMBER_3, MEMBER_4],
            by: CHAIR,
            despite: None,
        })
    }

    pub(super) fn votes(&mut self, participant: ParticipantId, choice: Choice) -> &mut Self {
        self.happens(Event::Voted {
            participant,
            choice,
            by: participant,
        })
    }

    pub(super) fn closes_vote(&mut self, [yes, no, absent]: [u16; 3], casting: Option<Choice>) -> &mut Self {
        self.happens(Event::VoteClosed {
            by: CHAIR,
            yes,
            no,
            abstained: 0,
            absent,
            casting,
        })
    }

    /// Participant 4 is replaced by the substitute, who sits in the chamber.
    pub(super) fn substitutes(&mut self, reason: &str) -> &mut Self {
        let at_ms = self.now_ms;
        self.happens(Event::ServiceEnded {
            participant: MEMBER_4,
            mandate: 3,
            why: service::Ending::Replaced,
            by: Some(CHAIR),
            reason: Some(reason.to_owned()),
            at_ms,
        });
        self.happens(Event::NotedInChamber {
            participant: SUBSTITUTE,
            there: true,
            by: SECRETARY,
            with_device: false,
        });
        self.happens(Event::ServiceBegan {
            participant: SUBSTITUTE,
            mandate: 3,
            why: service::Beginning::StepsIn,
            by: Some(CHAIR),
            reason: None,
            at_ms,
        })
    }

    pub(super) fn disconnects(&mut self, participant: ParticipantId) -> &mut Self {
        let at_ms = self.now_ms;
        self.happens(Event::Disconnected {
            participant,
            endpoint: EndpointId(u64::from(participant.0)),
            at_ms,
        })
    }

    /// With everything of secret items.
    pub(super) fn account(&self) -> Account {
        Account::of(&self.source(true))
    }

    pub(super) fn source(&self, secret: bool) -> Source {
        Source::of_events(self.events.clone(), secret).0
    }

    /// As the public reads it.
    pub(super) fn report(&self, language: Language) -> String {
        written(&Account::of(&self.source(false)), None, language, false)
    }
}

pub(super) fn created() -> Event {
    let entry = |role, name: &str, seat: Option<u16>| Entry {
        role,
        name: NameCommitment::to(name, &[7; 32]),
        seat: seat.map(|mandate| Seat {
            mandate,
            party: Some("Parti A".to_owned()),
            order_of_entry: None,
        }),
        only_item: None,
    };
    let item = |title: &str, secret| Item {
        title: title.to_owned(),
        requires: Assurance::Open,
        secret,
    };
    Event::Created {
        title: "Sammanträde 1".to_owned(),
        body: "Nämnden".to_owned(),
        roster: vec![
            entry(Role::Chair, "a", Some(1)),
            entry(Role::Secretary, "b", None),
            entry(Role::Member, "c", Some(2)),
            entry(Role::Member, "d", Some(3)),
            entry(Role::Substitute, "e", Some(3)),
            entry(Role::Chamber, "f", None),
        ],
        requires: Assurance::Open,
        fresh_within_ms: 0,
        items: vec![item("Budget", false), item("Personärende HEMLIG", true)],
        rulebook: Rulebook::default(),
    }
}

/// Everybody green, but for what is named.
pub(super) fn measured(exceptions: &[(ParticipantId, Direction, Level, Option<Cause>)]) -> Measured {
    let people = [CHAIR, SECRETARY, MEMBER_3, MEMBER_4, CHAMBER].map(|participant| PersonMeasured {
        participant,
        directions: DIRECTIONS
            .iter()
            .map(|direction| {
                let found = exceptions
                    .iter()
                    .find(|one| one.0 == participant && one.1 == *direction);
                DirectionMeasured {
                    direction: *direction,
                    level: found.map_or(Level::Green, |one| one.2),
                    cause: found.and_then(|one| one.3),
                }
            })
            .collect(),
    });
    Measured {
        at_ms: None,
        profile: ProfileMark {
            name: "likvardig".to_owned(),
            version: 1,
            digest: Sha256::of(&[b"profile"]),
        },
        people: people.into(),
        matrix: Matrix::default(),
        samples: Some(SamplesMark {
            lines: 10,
            digest: Sha256::ZERO,
        }),
    }
}
