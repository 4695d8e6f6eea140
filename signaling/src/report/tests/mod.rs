//! Reports of invented meetings.

mod example;
mod stories;

use super::page::{Page, render};
use super::{Account, Language, Recording, Times};
use crate::equal_terms::{Cause, Direction, Level, Matrix};
use crate::journal::Stored;
use crate::meeting::event::Event;
use crate::meeting::{
    AlertId, DirectionMeasured, EndpointId, Item, ItemId, Measured, NameCommitment, ParticipantId, PersonMeasured,
    ProfileMark, Proof, Reading, Role, Rulebook, SamplesMark, Seat, Subject, roster::Entry, service,
};
use crate::sha256::Sha256;
use lika_auth::Assurance;
use std::collections::BTreeMap;

/// 2027-01-15 08:00 UTC.
const MORNING_MS: i64 = 1_800_000_000_000;

pub(super) const CHAIR: ParticipantId = ParticipantId(1);
pub(super) const SECRETARY: ParticipantId = ParticipantId(2);
pub(super) const MEMBER_3: ParticipantId = ParticipantId(3);
pub(super) const MEMBER_4: ParticipantId = ParticipantId(4);
pub(super) const SUBSTITUTE: ParticipantId = ParticipantId(5);
pub(super) const CHAMBER: ParticipantId = ParticipantId(6);

/// A meeting, event by event.
struct Tale {
    events: Vec<Stored>,
    now_ms: i64,
}

impl Tale {
    /// Created, everybody inside, opened; chair and secretary in the chamber, the others remote.
    fn opened() -> Self {
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

    fn later(&mut self, seconds: i64) -> &mut Self {
        self.now_ms += seconds * 1000;
        self
    }

    fn happens(&mut self, event: Event) -> &mut Self {
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
    fn last(&self) -> u64 {
        self.events.len() as u64
    }

    fn measured(&mut self, measured: Measured) -> &mut Self {
        let measured = Box::new(Measured {
            at_ms: Some(self.now_ms - 400),
            ..measured
        });
        self.happens(Event::Measured { measured })
    }

    fn decides(&mut self, number: u32, item: Option<ItemId>, decision: &str) -> &mut Self {
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

    fn alarms(&mut self, alert: u32, about: ParticipantId, direction: Direction, cause: Cause) -> &mut Self {
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
            },
            since_ms,
        })
    }

    fn account(&self) -> Account {
        Account::of(&self.events, None)
    }

    fn report(&self, language: Language) -> String {
        written(&self.account(), None, language, false)
    }
}

fn written(account: &Account, recording: Option<&Recording>, language: Language, secret: bool) -> String {
    render(&Page {
        account,
        recording,
        names: &names(),
        language,
        secret,
        times: Times::swedish(),
    })
}

/// Participant 4's name is erased.
fn names() -> BTreeMap<ParticipantId, String> {
    let named = [
        (CHAIR, "Ordförande"),
        (SECRETARY, "Sekreterare"),
        (MEMBER_3, "Ledamot <3>"),
        (SUBSTITUTE, "Ersättare 5"),
        (CHAMBER, "Salens kamera"),
    ];
    named.map(|(who, name)| (who, name.to_owned())).into()
}

fn created() -> Event {
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
fn measured(exceptions: &[(ParticipantId, Direction, Level, Option<Cause>)]) -> Measured {
    let people = [CHAIR, SECRETARY, MEMBER_3, MEMBER_4, CHAMBER].map(|participant| PersonMeasured {
        participant,
        directions: super::strips::DIRECTIONS
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
