//! What a second's rows found: the worst of each person's directions, and what several findings have in common.

use super::alerts::{Alert, AlertKey};
use super::attribution::{Fault, LEAST_FOR_RELAY};
use super::person::Person;
use super::rows::{LINK, Measure, Medium, Row};
use super::{Direction, Level};
use crate::meeting::ParticipantId;
use std::collections::{BTreeMap, BTreeSet};

/// A row's finding about somebody, amber or red.
#[derive(Clone, Copy)]
pub(super) struct Finding {
    pub(super) level: Level,
    pub(super) row: &'static Row,
    pub(super) figure: f64,
    pub(super) affected: u32,
}

/// The worst finding of each person's direction.
#[derive(Default)]
pub(super) struct Board(BTreeMap<AlertKey, Finding>);

impl Board {
    pub(super) fn get(&self, about: ParticipantId, direction: Direction) -> Option<&Finding> {
        self.0.get(&AlertKey {
            about: Some(about),
            direction,
        })
    }

    /// What is found about how people are heard and seen.
    pub(super) fn about_senders(&self) -> impl Iterator<Item = (AlertKey, Level)> {
        let of_a_sender =
            |key: &&AlertKey| key.about.is_some() && matches!(key.direction, Direction::Heard | Direction::Seen);
        let found = self.0.iter().filter(move |(key, _)| of_a_sender(key));
        found.map(|(key, found)| (*key, found.level))
    }

    /// The directions in which the relay has a fault of the network.
    pub(super) fn about_relay(&self) -> impl Iterator<Item = Direction> {
        let of_relay = |(key, found): &(&AlertKey, &Finding)| key.about.is_none() && found.row.path;
        self.0.iter().filter(of_relay).map(|(key, _)| key.direction)
    }

    /// Keeps the worst finding of each key; of equals the first.
    pub(super) fn note(&mut self, key: AlertKey, found: Finding) {
        if found.level >= Level::Amber && self.0.get(&key).is_none_or(|noted| found.level > noted.level) {
            self.0.insert(key, found);
        }
    }

    /// One cause, one alert: as long as a break of somebody's link is within their windows, what the network did to them
    /// is said of the link, at the level that it has: theirs, or the relay's (`whose` is `None`) if it was everybody's. Their
    /// other findings leave the board, and are returned.
    pub(super) fn give_to_link(
        &mut self,
        participant: ParticipantId,
        whose: Option<ParticipantId>,
        break_s: f64,
    ) -> Vec<AlertKey> {
        let link = AlertKey {
            about: whose,
            direction: Direction::Link,
        };
        let is_theirs =
            |key: AlertKey, found: &Finding| key.about == Some(participant) && key != link && found.row.path;
        let given = self.take(is_theirs);
        for (_, found) in &given {
            let as_link = Finding {
                row: &LINK,
                figure: break_s,
                ..*found
            };
            self.note(link, as_link);
        }
        given.into_iter().map(|(key, _)| key).collect()
    }

    /// Where most of the active people have a fault of the network in the same direction, it is the relay's: their own
    /// findings leave the board, and are returned.
    pub(super) fn give_to_relay(&mut self, active: &BTreeSet<ParticipantId>) -> Vec<AlertKey> {
        let mut given = Vec::new();
        for direction in DIRECTIONS {
            let is_shared = |key: AlertKey, found: &Finding| {
                key.direction == direction && found.row.path && key.about.is_some_and(|about| active.contains(&about))
            };
            let count = self.0.iter().filter(|(key, found)| is_shared(**key, found)).count();
            if count < LEAST_FOR_RELAY || 2 * count <= active.len() {
                continue;
            }
            let theirs = self.take(is_shared);
            if let Some((_, worst)) = theirs.iter().max_by_key(|(_, found)| found.level) {
                let affected = u32::try_from(count).unwrap_or(u32::MAX);
                self.note(AlertKey { about: None, direction }, Finding { affected, ..*worst });
            }
            given.extend(theirs.into_iter().map(|(key, _)| key));
        }
        given
    }

    /// While the relay has, or just had, a fault of the network, what people perceive of each other beside it is its doing
    /// as well, unless the sender's `own` leg shows it: whoever speaks is the only one whose sound can be judged, so most of
    /// what is heard being bad must not be put down to them. What leaves the board is returned.
    pub(super) fn give_rest_to_relay(&mut self, own: impl Fn(AlertKey) -> bool) -> Vec<AlertKey> {
        let is_relays = |key: AlertKey, found: &Finding| {
            let perceived = matches!(found.row.measure, Measure::Between(..));
            key.about.is_some() && found.row.path && perceived && !own(key)
        };
        let given = self.take(is_relays);
        for (key, found) in &given {
            let direction = key.direction.as_received();
            self.note(AlertKey { about: None, direction }, *found);
        }
        given.into_iter().map(|(key, _)| key).collect()
    }

    fn take(&mut self, which: impl Fn(AlertKey, &Finding) -> bool) -> Vec<(AlertKey, Finding)> {
        self.0.extract_if(.., |key, found| which(*key, found)).collect()
    }

    /// The same as alerts at `at_ms`.
    pub(super) fn alerts(self, at_ms: i64) -> BTreeMap<AlertKey, Alert> {
        let alert = |(key, found): (AlertKey, Finding)| {
            let lasted_ms = if found.row.name.lasting() {
                (found.figure * 1000.0) as i64
            } else {
                0
            };
            let alert = Alert {
                key,
                level: found.level,
                cause: found.row.cause,
                figure: found.figure,
                affected: found.affected,
                since_ms: at_ms.saturating_sub(lasted_ms),
                gone_since_ms: None,
            };
            (key, alert)
        };
        self.0.into_iter().map(alert).collect()
    }
}

/// Whom a fault is said about, and in which direction.
pub(super) fn key_of(fault: Fault, medium: Medium) -> AlertKey {
    match fault {
        Fault::Sender(sender) => AlertKey {
            about: Some(sender),
            direction: medium.of_sender(),
        },
        Fault::Receiver(receiver) => AlertKey {
            about: Some(receiver),
            direction: medium.of_receiver(),
        },
        Fault::Relay => AlertKey {
            about: None,
            direction: medium.of_receiver(),
        },
    }
}

const DIRECTIONS: [Direction; 6] = [
    Direction::Heard,
    Direction::Seen,
    Direction::Hears,
    Direction::Sees,
    Direction::Delay,
    Direction::Link,
];

/// The directions expected of somebody.
pub(super) fn directions(person: &Person) -> impl Iterator<Item = Direction> + use<> {
    let duties = person.presence.duties;
    DIRECTIONS.into_iter().filter(move |direction| match direction {
        Direction::Heard => duties.heard,
        Direction::Seen => duties.seen,
        Direction::Hears => duties.hears,
        Direction::Sees => duties.sees,
        Direction::Delay => duties.hears || duties.heard,
        Direction::Link => true,
    })
}
