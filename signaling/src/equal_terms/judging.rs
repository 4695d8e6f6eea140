//! A second's judgement: every row over every person and every pair, and the matrix of what was found.

use super::attribution::{JudgedEdge, attribute, blame_senders};
use super::board::{Board, Finding, directions, key_of};
use super::edge::Edge;
use super::matrix::{Cell, Matrix};
use super::person::Person;
use super::rows::{Measure, Medium, ROWS, Row, RowName};
use super::verdict::{DirectionVerdict, ParticipantVerdict};
use super::{AlertKey, Direction, Judge, Level};
use crate::meeting::ParticipantId;
use std::collections::{BTreeMap, BTreeSet};

/// So many sound packets are a window's: eight seconds, of the ten that a profile usually has.
const ENOUGH_PACKETS: f64 = 400.0;
/// Of fewer, loss is red only with so many standard errors to spare.
const ERRORS: f64 = 3.0;

/// What people's own legs and pages show, by person.
pub(super) type OwnLevels = BTreeMap<ParticipantId, Own>;

/// The worst that somebody's own leg or page shows of each part of the matrix.
#[derive(Clone, Copy, Default)]
pub(super) struct Own {
    heard: Level,
    seen: Level,
    /// The others' pictures that are not sent to them.
    unseen: Level,
    /// Everything that is sent to them.
    receives: Level,
    link: Level,
}

impl Own {
    fn note(&mut self, row: RowName, direction: Direction, level: Level) {
        let worst = match (row, direction) {
            (RowName::Link, _) => &mut self.link,
            (RowName::Unacknowledged, _) => &mut self.receives,
            (_, Direction::Heard) => &mut self.heard,
            (_, Direction::Seen) => &mut self.seen,
            (_, Direction::Sees) => &mut self.unseen,
            _ => return,
        };
        *worst = level.max(*worst);
    }
}

/// Two people of whom one is to be heard or seen by the other.
pub(super) struct Pair<'a> {
    ids: (ParticipantId, ParticipantId),
    edge: &'a Edge,
    sender: &'a Person,
    receiver: &'a Person,
    /// One of them is suspended.
    suspended: bool,
    /// Both are there and have been for a while, and neither is suspended (unless all are: in an adjournment alerts are
    /// not raised, but clear).
    comparable: bool,
}

impl Pair<'_> {
    fn expects(&self, medium: Medium) -> bool {
        let (sends, receives) = (self.sender.presence.duties, self.receiver.presence.duties);
        let sound = sends.heard && receives.hears;
        let picture = sends.seen && receives.sees;
        match medium {
            Medium::Sound | Medium::Delay => sound,
            Medium::Picture => picture,
            Medium::LipSync => sound && picture,
        }
    }
}

/// The worst row of one pair.
#[derive(Clone, Copy)]
pub(super) struct PairLevels {
    sound: Level,
    picture: Level,
}

impl PairLevels {
    const GOOD: Self = Self {
        sound: Level::Green,
        picture: Level::Green,
    };

    fn note(&mut self, medium: Medium, level: Level) {
        if matches!(medium, Medium::Sound | Medium::Delay | Medium::LipSync) {
            self.sound = self.sound.max(level);
        }
        if matches!(medium, Medium::Picture | Medium::LipSync) {
            self.picture = self.picture.max(level);
        }
    }
}

/// What receivers complained of in a second, by row, sender and receiver, with the level.
pub(super) type Complaints = BTreeMap<(RowName, ParticipantId, ParticipantId), Level>;

/// Whether a receiver's line is known to be so bad that their red complaint says nothing of the sender.
fn is_explained(board: &Board, medium: Medium, receiver: ParticipantId, level: Level) -> bool {
    let found = board.get(receiver, medium.of_receiver());
    level == Level::Red && found.is_some_and(|found| found.level == Level::Red)
}

impl Judge {
    /// Everyone with everyone whom they are to hear or see, in order.
    pub(super) fn pairs(&self, at_ms: i64) -> Vec<Pair<'_>> {
        let all_suspended = self.people.values().all(|person| person.presence.suspended);
        let measurable: BTreeMap<ParticipantId, bool> = self
            .people
            .iter()
            .map(|(id, person)| (*id, person.measurable(at_ms)))
            .collect();
        let pair = |(&ids, edge): (&(ParticipantId, ParticipantId), _)| {
            let (sender, receiver) = (self.people.get(&ids.0)?, self.people.get(&ids.1)?);
            let suspended = sender.presence.suspended || receiver.presence.suspended;
            let comparable = (!suspended || all_suspended) && measurable.get(&ids.0)? & measurable.get(&ids.1)?;
            Some(Pair {
                ids,
                edge,
                sender,
                receiver,
                suspended,
                comparable,
            })
        };
        self.edges.iter().filter_map(pair).collect()
    }

    pub(super) fn judge_people(&self, at_ms: i64, board: &mut Board) -> OwnLevels {
        let others = u32::try_from(self.people.len().saturating_sub(1)).unwrap_or(u32::MAX);
        let mut levels = OwnLevels::new();
        for (participant, person) in &self.people {
            let own = levels.entry(*participant).or_default();
            let measurable = person.measurable(at_ms);
            let key = |direction| AlertKey {
                about: Some(*participant),
                direction,
            };
            // Acknowledgements go the same way as the sound: where that is lost, they say nothing of what was received.
            let mut lost_as_well = None;
            for row in ROWS {
                let Measure::Own(direction, measure) = row.measure else {
                    continue;
                };
                if direction != Direction::Link && !person.settled(at_ms) {
                    continue;
                }
                let Some(figure) = measure(person, self.profile.span(row.name, at_ms)) else {
                    continue;
                };
                let mut level = self.profile.level(row.name, figure);
                if row.name == RowName::SoundLoss && level == Level::Red && self.is_decoded(*participant, at_ms) {
                    level = Level::Amber;
                }
                own.note(row.name, direction, level);
                let finding = Finding {
                    level,
                    row,
                    figure,
                    affected: others,
                };
                if row.name == RowName::Unacknowledged && person.hardly_comes_through(at_ms) {
                    lost_as_well = Some(finding);
                } else if measurable || direction == Direction::Link {
                    board.note(key(direction), finding);
                }
            }
            if let Some(finding) = lost_as_well.filter(|_| measurable) {
                board.note(key(Direction::Heard), finding);
            }
        }
        levels
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

    /// Whether so much loss of so few packets is more than chance. After somebody has begun to speak, or has been confirmed,
    /// the window fills anew: a line that loses 6 % has often lost 10 % of the first 150 packets, and never of a whole window.
    fn is_certain(&self, row: &Row, percent: f64, packets: f64) -> bool {
        let error = (percent * (100.0 - percent) / packets.max(1.0)).sqrt();
        packets >= ENOUGH_PACKETS || self.profile.level(row.name, percent - ERRORS * error) == Level::Red
    }

    /// Judges what is between people; the worst of each pair, in their order.
    pub(super) fn judge_pairs(
        &self,
        at_ms: i64,
        pairs: &[Pair<'_>],
        board: &mut Board,
    ) -> (Vec<PairLevels>, Complaints) {
        let mut levels = vec![PairLevels::GOOD; pairs.len()];
        let mut complaints = Complaints::new();
        for row in ROWS {
            let Measure::Between(medium, measure) = row.measure else {
                continue;
            };
            let span = self.profile.span(row.name, at_ms);
            let mut judged = Vec::with_capacity(pairs.len());
            for (pair, worst) in pairs.iter().zip(&mut levels) {
                let Some(figure) = pair.expects(medium).then(|| measure(pair.edge, span)).flatten() else {
                    continue;
                };
                let level = self.edge_level(row, pair.edge, figure, at_ms);
                worst.note(medium, level);
                let (sender, receiver) = pair.ids;
                if level >= Level::Amber {
                    complaints.insert((row.name, sender, receiver), level);
                }
                if pair.comparable && !is_explained(board, medium, receiver, level) {
                    judged.push(JudgedEdge {
                        sender,
                        receiver,
                        level,
                        figure,
                    });
                }
            }
            let (left_over, judged) = self.unexplained(at_ms, judged, medium);
            // What has lasted for seconds needs no second more.
            let stood = |edge: &JudgedEdge| match self.complaints.get(&(row.name, edge.sender, edge.receiver)) {
                _ if row.name.lasting() => edge.level,
                Some(before) => *before,
                None => Level::Green,
            };
            for blame in blame_senders(&left_over).into_iter().chain(attribute(&judged, stood)) {
                let finding = Finding {
                    level: blame.level,
                    row,
                    figure: blame.figure,
                    affected: blame.affected,
                };
                board.note(key_of(blame.fault, medium), finding);
            }
        }
        (levels, complaints)
    }

    /// Without what the sender's own leg shows already: that is not asked of the receivers. It explains all of the
    /// sender's edges or, if one is worse, none of them. First, what it showed until just now: that is left over in the
    /// receivers' windows, and still the sender's.
    fn unexplained(&self, at_ms: i64, judged: Vec<JudgedEdge>, medium: Medium) -> (Vec<JudgedEdge>, Vec<JudgedEdge>) {
        let mut worst: BTreeMap<ParticipantId, Level> = BTreeMap::new();
        for edge in &judged {
            let of_sender = worst.entry(edge.sender).or_default();
            *of_sender = edge.level.max(*of_sender);
        }
        let explaining = |edge: &JudgedEdge| {
            let about = Some(edge.sender);
            let direction = medium.of_sender();
            let own = self.own_legs.get(&AlertKey { about, direction })?;
            worst
                .get(&edge.sender)
                .is_some_and(|worst| own.0 >= *worst)
                .then_some(own.1)
        };
        let (explained, unexplained): (Vec<_>, Vec<_>) =
            judged.into_iter().partition(|edge| explaining(edge).is_some());
        let is_left_over = |edge: &JudgedEdge| explaining(edge).is_some_and(|shown_ms| shown_ms < at_ms);
        (explained.into_iter().filter(is_left_over).collect(), unexplained)
    }

    /// What was perceived decides: where the decoder tells how speech came through, loss only informs.
    fn edge_level(&self, row: &Row, edge: &Edge, figure: f64, at_ms: i64) -> Level {
        let level = self.profile.level(row.name, figure);
        let concealment = self.profile.span(RowName::SoundConcealed, at_ms);
        let decoded = || edge.concealed_percent(concealment).is_some();
        let chance = || !self.is_certain(row, figure, edge.sound_packets(self.profile.span(row.name, at_ms)));
        if row.name == RowName::SoundLoss && level == Level::Red && (decoded() || chance()) {
            Level::Amber
        } else {
            level
        }
    }

    /// Each pair as its rows, its sender's and its receiver's own measurements have it. Unlike an alert it is attributed
    /// to nobody, and a silent link hides nothing: an edge is as bad as the worst that is known of it.
    pub(super) fn matrix(&self, at_ms: i64, pairs: &[Pair<'_>], found: &[PairLevels], own: &OwnLevels) -> Matrix {
        let cell = |(pair, found): (&Pair<'_>, &PairLevels)| {
            let of = |id| own.get(&id).copied().unwrap_or_default();
            let (sends, receives) = (of(pair.ids.0), of(pair.ids.1));
            let line = sends.link.max(receives.link).max(receives.receives);
            let unseen = if pair.edge.unseen {
                receives.unseen
            } else {
                Level::Unknown
            };
            let unknown = self.is_unreported(at_ms, pair);
            let level = |medium, worst: Level| {
                pair.expects(medium).then_some(match worst {
                    _ if pair.suspended => Level::Suspended,
                    Level::Amber | Level::Red => worst,
                    _ if unknown => Level::Unknown,
                    _ => Level::Green,
                })
            };
            Cell {
                sender: pair.ids.0,
                receiver: pair.ids.1,
                sound: level(Medium::Sound, found.sound.max(sends.heard).max(line)),
                picture: level(Medium::Picture, found.picture.max(sends.seen).max(unseen).max(line)),
            }
        };
        let cells: Vec<Cell> = pairs.iter().zip(found).map(cell).collect();
        Matrix::new(self.people.keys().copied().collect(), &cells)
    }

    /// Whether the receiver's page has not said how the sender came through.
    fn is_unreported(&self, at_ms: i64, pair: &Pair<'_>) -> bool {
        let settled = pair.sender.settled(at_ms) && pair.receiver.settled(at_ms);
        !settled || self.is_missing(pair.edge.reported_at_ms, at_ms)
    }

    /// Whether a report is overdue.
    fn is_missing(&self, since_ms: i64, at_ms: i64) -> bool {
        let missing_s = at_ms.saturating_sub(since_ms) as f64 / 1000.0;
        self.profile.level(RowName::TelemetryMissing, missing_s) >= Level::Amber
    }

    /// The directions of which nothing can be said, for want of telemetry. No report is unknown, never green. So is what
    /// nobody else reports on, and what a page leaves out.
    pub(super) fn unknown(&self, at_ms: i64, pairs: &[Pair<'_>]) -> BTreeSet<AlertKey> {
        let watched: BTreeSet<ParticipantId> = pairs.iter().map(|pair| pair.ids.0).collect();
        let mut unknown = BTreeSet::new();
        for (participant, person) in &self.people {
            let theirs = directions(person)
                .filter(|direction| self.is_unknown(at_ms, person, *direction, watched.contains(participant)));
            unknown.extend(theirs.map(|direction| AlertKey {
                about: Some(*participant),
                direction,
            }));
        }
        for pair in pairs.iter().filter(|pair| pair.comparable && !pair.suspended) {
            if !self.is_missing(pair.edge.reported_at_ms, at_ms) {
                continue;
            }
            let about = Some(pair.ids.1);
            let left_out = [(Medium::Sound, Direction::Hears), (Medium::Picture, Direction::Sees)];
            let left_out = left_out.into_iter().filter(|(medium, _)| pair.expects(*medium));
            unknown.extend(left_out.map(|(_, direction)| AlertKey { about, direction }));
        }
        unknown
    }

    fn is_unknown(&self, at_ms: i64, person: &Person, direction: Direction, watched: bool) -> bool {
        let missing = |since_ms: i64| self.is_missing(since_ms, at_ms);
        let unreported = person.presence.duties.reports() && person.reported_at_ms().is_none_or(missing);
        match direction {
            Direction::Link => unreported,
            _ if unreported || !person.measurable(at_ms) => true,
            Direction::Heard | Direction::Seen => watched && missing(person.observed_at_ms),
            Direction::Delay => person.round_trip_ms().is_none(),
            Direction::Hears | Direction::Sees => false,
        }
    }

    /// How somebody stands in every direction that is expected of them.
    pub(super) fn participant(
        &self,
        person: &Person,
        board: &Board,
        unknown: &BTreeSet<AlertKey>,
    ) -> ParticipantVerdict {
        let participant = person.presence.participant;
        let direction = |direction| {
            let about = Some(participant);
            let found = board.get(participant, direction);
            let level = match found {
                _ if person.presence.suspended => Level::Suspended,
                Some(found) => found.level,
                None if unknown.contains(&AlertKey { about, direction }) => Level::Unknown,
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
        ParticipantVerdict {
            participant,
            directions: directions(person).map(direction).collect(),
        }
    }
}
