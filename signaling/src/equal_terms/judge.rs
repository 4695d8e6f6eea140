//! The judge: takes in seconds, gives verdicts.

use super::alerts::{Alert, AlertKey, Alerts, Findings};
use super::attribution::{Fault, JudgedEdge, LEAST_FOR_RELAY, attribute};
use super::edge::{Edge, Reported};
use super::person::Person;
use super::rows::{LINK, Measure, Medium, ROWS, Row, RowName};
use super::second::{LegMeasured, PageReport, Second};
use super::verdict::{DirectionVerdict, ParticipantVerdict, Verdict};
use super::{Direction, Level, Profile, Transition};
use crate::meeting::ParticipantId;
use std::collections::{BTreeMap, BTreeSet};

/// Judges one meeting. Its state is bounded by who is present and by the profile's longest window, and can be rebuilt
/// by judging the last minute's seconds again.
#[derive(Clone, Debug)]
pub struct Judge {
    profile: Profile,
    people: BTreeMap<ParticipantId, Person>,
    edges: BTreeMap<(ParticipantId, ParticipantId), Edge>,
    alerts: Alerts,
}

/// A row's finding about somebody, amber or red.
#[derive(Clone, Copy)]
struct Finding {
    level: Level,
    row: &'static Row,
    figure: f64,
    affected: u32,
}

type Board = BTreeMap<AlertKey, Finding>;

impl Judge {
    /// A judge who knows nothing yet.
    #[must_use]
    pub fn new(profile: Profile) -> Self {
        let alerts = Alerts::new(profile.alert);
        Self {
            profile,
            people: BTreeMap::new(),
            edges: BTreeMap::new(),
            alerts,
        }
    }

    /// The profile that is judged by.
    #[must_use]
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// Takes in a second and judges it.
    pub fn judge(&mut self, second: &Second) -> Verdict {
        let at_ms = second.at_ms;
        self.observe_people(second);
        self.observe_edges(second);
        let mut board = Board::new();
        self.judge_people(at_ms, &mut board);
        self.judge_edges(at_ms, &mut board);
        let participants = self
            .people
            .values()
            .map(|person| self.participant(at_ms, person, &board))
            .collect();
        let findings = self.findings(at_ms, board);
        Verdict {
            at_ms,
            participants,
            relay: findings.relay().map(DirectionVerdict::from).collect(),
            transitions: self.alerts.step(at_ms, &findings),
        }
    }
}

impl Judge {
    /// Judges how long participants have been silent, between two seconds: a lost link is told when the row is full, not
    /// up to a second later. The other rows wait for the second's end.
    pub fn judge_silences(&mut self, at_ms: i64, silent_ms: &BTreeMap<ParticipantId, u32>) -> Vec<Transition> {
        let others = u32::try_from(self.people.len().saturating_sub(1)).unwrap_or(u32::MAX);
        let mut board = Board::new();
        for row in ROWS.iter().filter(|row| row.name == RowName::Link) {
            for (participant, silent_ms) in silent_ms.iter().filter(|(who, _)| self.people.contains_key(who)) {
                let figure = f64::from(*silent_ms) / 1000.0;
                let level = self.profile.level(row.name, figure);
                let key = AlertKey {
                    about: Some(*participant),
                    direction: Direction::Link,
                };
                note(
                    &mut board,
                    key,
                    Finding {
                        level,
                        row,
                        figure,
                        affected: others,
                    },
                );
            }
        }
        let findings = self.findings(at_ms, board);
        self.alerts.step(at_ms, &findings)
    }
}

/// Taking in a second.
impl Judge {
    fn observe_people(&mut self, second: &Second) {
        let at_ms = second.at_ms;
        let longest = self.profile.longest_window_s();
        let here: BTreeSet<ParticipantId> = second.present.iter().map(|presence| presence.participant).collect();
        self.people.retain(|participant, _| here.contains(participant));
        let legs = endpoints_joined(&second.legs);
        for presence in &second.present {
            let leg = legs.get(&presence.participant);
            let new = || Person::new(*presence, at_ms, longest);
            let person = self.people.entry(presence.participant).or_insert_with(new);
            person.presence = *presence;
            for report in second
                .reports
                .iter()
                .filter(|report| report.participant == presence.participant)
            {
                person.observe_page(at_ms, report.camera, report.round_trip_ms);
            }
            person.observe_leg(at_ms, leg, !second.legs.is_empty());
            if self.profile.level(RowName::Link, person.silent_s_at(at_ms)) >= Level::Amber {
                person.note_break(at_ms);
            }
        }
    }

    fn observe_edges(&mut self, second: &Second) {
        let pairs = self.pairs();
        self.edges.retain(|pair, _| pairs.contains(pair));
        let longest = self.profile.longest_window_s();
        let sent: BTreeMap<_, _> = second
            .edges
            .iter()
            .map(|edge| ((edge.sender, edge.receiver), edge))
            .collect();
        let reports = reports_by_page(&second.reports);
        for (sender_id, receiver_id) in pairs {
            let (Some(sender), Some(receiver)) = (self.people.get(&sender_id), self.people.get(&receiver_id)) else {
                continue;
            };
            let edge = self
                .edges
                .entry((sender_id, receiver_id))
                .or_insert_with(|| Edge::new(longest));
            if !(sender.settled(second.at_ms) && receiver.settled(second.at_ms)) {
                continue;
            }
            let large = second.floor == Some(sender_id) || receiver.presence.enlarges == Some(sender_id);
            let reported = reports.get(&receiver_id).map(|pages| reported(pages, sender_id, large));
            edge.observe(
                second.at_ms,
                sent.get(&(sender_id, receiver_id)).copied(),
                reported,
                sender,
                receiver,
            );
            if reported.is_some_and(|reported| reported.received.is_some())
                && let Some(sender) = self.people.get_mut(&sender_id)
            {
                sender.observed_at_ms = second.at_ms;
            }
        }
    }

    /// Every sender with every receiver.
    fn pairs(&self) -> BTreeSet<(ParticipantId, ParticipantId)> {
        let sends = |person: &&Person| person.presence.duties.heard || person.presence.duties.seen;
        let receives = |person: &&Person| person.presence.duties.reports();
        let id = |person: &Person| person.presence.participant;
        let senders = self.people.values().filter(sends);
        senders
            .flat_map(|sender| {
                self.people
                    .values()
                    .filter(receives)
                    .map(move |receiver| (id(sender), id(receiver)))
            })
            .filter(|(sender, receiver)| sender != receiver)
            .collect()
    }
}

/// Judging it.
impl Judge {
    fn judge_people(&self, at_ms: i64, board: &mut Board) {
        let others = u32::try_from(self.people.len().saturating_sub(1)).unwrap_or(u32::MAX);
        for (participant, person) in &self.people {
            for row in ROWS {
                let Measure::Own(direction, measure) = row.measure else {
                    continue;
                };
                if direction != Direction::Link && !measurable(person, at_ms) {
                    continue;
                }
                let Some(figure) = measure(person, self.profile.span(row.name, at_ms)) else {
                    continue;
                };
                let mut level = self.profile.level(row.name, figure);
                if row.name == RowName::SoundLoss && level == Level::Red && self.is_decoded(*participant, at_ms) {
                    level = Level::Amber;
                }
                let key = AlertKey {
                    about: Some(*participant),
                    direction,
                };
                note(
                    board,
                    key,
                    Finding {
                        level,
                        row,
                        figure,
                        affected: others,
                    },
                );
            }
        }
    }

    /// Whether receivers' decoders tell how the participant's speech came through.
    fn is_decoded(&self, sender: ParticipantId, at_ms: i64) -> bool {
        let span = self.profile.span(RowName::SoundConcealed, at_ms);
        let receivers = self
            .edges
            .range((sender, ParticipantId(0))..=(sender, ParticipantId(u32::MAX)));
        receivers
            .into_iter()
            .any(|(_, edge)| edge.concealed_percent(span).is_some())
    }

    fn judge_edges(&self, at_ms: i64, board: &mut Board) {
        let own = board.clone();
        for row in ROWS {
            let Measure::Between(medium, measure) = row.measure else {
                continue;
            };
            let span = self.profile.span(row.name, at_ms);
            let judged = self
                .edges
                .iter()
                .filter(|(pair, _)| self.comparable(**pair, medium, at_ms));
            let judged = judged.filter_map(|(&(sender, receiver), edge)| {
                let figure = measure(edge, span)?;
                let level = self.edge_level(row, edge, figure, at_ms);
                Some(JudgedEdge {
                    sender,
                    receiver,
                    level,
                    figure,
                })
            });
            // What the sender's own leg shows already is not asked of the receivers.
            let explained = |edge: &JudgedEdge| {
                let sender = own.get(&AlertKey {
                    about: Some(edge.sender),
                    direction: medium.of_sender(),
                });
                sender.is_some_and(|found| found.level >= edge.level)
            };
            let judged: Vec<JudgedEdge> = judged.filter(|edge| !explained(edge)).collect();
            for blame in attribute(&judged) {
                let finding = Finding {
                    level: blame.level,
                    row,
                    figure: blame.figure,
                    affected: blame.affected,
                };
                note(board, key_of(blame.fault, medium), finding);
            }
        }
    }

    /// What was perceived decides: where the decoder tells how speech came through, loss only informs.
    fn edge_level(&self, row: &Row, edge: &Edge, figure: f64, at_ms: i64) -> Level {
        let level = self.profile.level(row.name, figure);
        let concealment = self.profile.span(RowName::SoundConcealed, at_ms);
        let decoded = || edge.concealed_percent(concealment).is_some();
        if row.name == RowName::SoundLoss && level == Level::Red && decoded() {
            Level::Amber
        } else {
            level
        }
    }

    /// Whether the edge can speak of its ends: both there, both expected to, and neither suspended (unless all are:
    /// in an adjournment alerts are not raised, but clear).
    fn comparable(&self, (sender, receiver): (ParticipantId, ParticipantId), medium: Medium, at_ms: i64) -> bool {
        let (Some(sender), Some(receiver)) = (self.people.get(&sender), self.people.get(&receiver)) else {
            return false;
        };
        let (sends, receives) = (sender.presence.duties, receiver.presence.duties);
        let expected = match medium {
            Medium::Sound | Medium::Delay => sends.heard && receives.hears,
            Medium::Picture => sends.seen && receives.sees,
        };
        let active = !(sender.presence.suspended || receiver.presence.suspended);
        expected && (active || self.all_suspended()) && measurable(sender, at_ms) && measurable(receiver, at_ms)
    }

    fn all_suspended(&self) -> bool {
        self.people.values().all(|person| person.presence.suspended)
    }

    fn participant(&self, at_ms: i64, person: &Person, board: &Board) -> ParticipantVerdict {
        let about = Some(person.presence.participant);
        let direction = |direction| {
            let found = board.get(&AlertKey { about, direction });
            let level = match found {
                _ if person.presence.suspended => Level::Suspended,
                Some(found) => found.level,
                None if self.is_unknown(at_ms, person, direction) => Level::Unknown,
                None => Level::Green,
            };
            let found = found.filter(|_| level >= Level::Amber);
            DirectionVerdict {
                direction,
                level,
                cause: found.map(|found| found.row.cause),
                figure: found.map(|found| found.figure),
                affected: found.map_or(0, |found| found.affected),
            }
        };
        let directions = directions(person).map(direction).collect();
        ParticipantVerdict {
            participant: person.presence.participant,
            directions,
        }
    }

    /// No report is unknown, never green. So is what nobody else reports on.
    fn is_unknown(&self, at_ms: i64, person: &Person, direction: Direction) -> bool {
        let missing =
            |since: i64| self.profile.level(RowName::TelemetryMissing, elapsed_s(since, at_ms)) >= Level::Amber;
        let id = person.presence.participant;
        let unreported = person.presence.duties.reports() && person.reported_at_ms().is_none_or(missing);
        let watched = self.edges.keys().any(|(sender, _)| *sender == id);
        match direction {
            Direction::Link => unreported,
            _ if unreported || !measurable(person, at_ms) => true,
            Direction::Heard | Direction::Seen => watched && missing(person.observed_at_ms),
            Direction::Delay => person.round_trip_ms().is_none(),
            Direction::Hears | Direction::Sees => false,
        }
    }

    /// What the board says to the alerts: faults that most people share are the relay's.
    fn findings(&self, at_ms: i64, mut board: Board) -> Findings {
        let mut findings = Findings::default();
        for person in self.people.values() {
            let participant = person.presence.participant;
            findings.present.insert(participant);
            if person.presence.suspended {
                findings.suspended.insert(participant);
            }
            for direction in directions(person).filter(|direction| self.is_unknown(at_ms, person, *direction)) {
                findings.unknown.insert(AlertKey {
                    about: Some(participant),
                    direction,
                });
            }
        }
        findings.unknown.extend(self.give_to_link(at_ms, &mut board));
        findings.unknown.extend(self.give_to_relay(&mut board));
        for (key, found) in board {
            let lasted_ms = if found.row.name.lasting() {
                (found.figure * 1000.0) as i64
            } else {
                0
            };
            let Finding {
                level,
                figure,
                affected,
                row,
            } = found;
            let since_ms = at_ms.saturating_sub(lasted_ms);
            findings.bad.insert(
                key,
                Alert {
                    key,
                    level,
                    cause: row.cause,
                    figure,
                    affected,
                    since_ms,
                },
            );
        }
        findings
    }

    /// One cause, one alert: as long as a break of the link is within somebody's windows, what the network did to them
    /// is said of the link, at the level that it has. Their other findings leave the board, and are returned.
    fn give_to_link(&self, at_ms: i64, board: &mut Board) -> Vec<AlertKey> {
        let mut given = Vec::new();
        for (participant, person) in &self.people {
            let Some(break_s) = person.break_s(at_ms, self.profile.longest_window_s()) else {
                continue;
            };
            let about = Some(*participant);
            let theirs = board.iter().filter(|(key, found)| key.about == about && found.row.path);
            let theirs: Vec<(AlertKey, Finding)> = theirs.map(|(key, found)| (*key, *found)).collect();
            let link = AlertKey {
                about,
                direction: Direction::Link,
            };
            for (key, found) in theirs.into_iter().filter(|(key, _)| *key != link) {
                board.remove(&key);
                given.push(key);
                let as_link = Finding {
                    row: &LINK,
                    figure: break_s,
                    ..found
                };
                note(board, link, as_link);
            }
        }
        given
    }

    /// Where most people have a fault of the network in the same direction, it is the relay's: their own findings leave
    /// the board, and are returned.
    fn give_to_relay(&self, board: &mut Board) -> Vec<AlertKey> {
        let active: BTreeSet<ParticipantId> = self
            .people
            .iter()
            .filter(|(_, person)| !person.presence.suspended)
            .map(|(id, _)| *id)
            .collect();
        let mut given = Vec::new();
        for direction in DIRECTIONS {
            let is_theirs =
                |key: &AlertKey| key.direction == direction && key.about.is_some_and(|about| active.contains(&about));
            let shared = board.iter().filter(|(key, found)| is_theirs(key) && found.row.path);
            let theirs: Vec<(AlertKey, Finding)> = shared.map(|(key, found)| (*key, *found)).collect();
            if theirs.len() < LEAST_FOR_RELAY || 2 * theirs.len() <= active.len() {
                continue;
            }
            let Some((_, worst)) = theirs.iter().max_by_key(|(_, found)| found.level) else {
                continue;
            };
            let affected = u32::try_from(theirs.len()).unwrap_or(u32::MAX);
            note(
                board,
                AlertKey { about: None, direction },
                Finding { affected, ..*worst },
            );
            for (key, _) in theirs {
                board.remove(&key);
                given.push(key);
            }
        }
        given
    }
}

fn key_of(fault: Fault, medium: Medium) -> AlertKey {
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
fn directions(person: &Person) -> impl Iterator<Item = Direction> {
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

/// Whether anything but the link can be judged.
fn measurable(person: &Person, at_ms: i64) -> bool {
    person.settled(at_ms) && !person.silent(at_ms)
}

fn elapsed_s(since_ms: i64, at_ms: i64) -> f64 {
    at_ms.saturating_sub(since_ms) as f64 / 1000.0
}

/// Keeps the worst finding of each key; of equals the first.
fn note(board: &mut Board, key: AlertKey, found: Finding) {
    if found.level >= Level::Amber && board.get(&key).is_none_or(|noted| found.level > noted.level) {
        board.insert(key, found);
    }
}

/// A person with several endpoints is heard and seen through whichever brings most.
fn endpoints_joined(legs: &[LegMeasured]) -> BTreeMap<ParticipantId, LegMeasured> {
    let mut joined: BTreeMap<ParticipantId, LegMeasured> = BTreeMap::new();
    for leg in legs.iter().filter(|leg| leg.connected) {
        joined
            .entry(leg.participant)
            .and_modify(|first| *first = first.joined_with(leg))
            .or_insert(*leg);
    }
    joined
}

fn reports_by_page(reports: &[PageReport]) -> BTreeMap<ParticipantId, Vec<&PageReport>> {
    let mut by_page: BTreeMap<ParticipantId, Vec<&PageReport>> = BTreeMap::new();
    for report in reports {
        by_page.entry(report.participant).or_default().push(report);
    }
    by_page
}

fn reported(pages: &[&PageReport], sender: ParticipantId, large: bool) -> Reported {
    let of_sender = pages
        .iter()
        .flat_map(|page| &page.received)
        .filter(|received| received.sender == sender);
    let received = of_sender.copied().reduce(|sum, next| sum.added_to(next));
    Reported {
        reports: u32::try_from(pages.len()).unwrap_or(u32::MAX),
        received,
        large,
    }
}
