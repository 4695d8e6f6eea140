//! What people really saw and heard, after repair: computed second by second from what the delegates' own receivers
//! showed and played, with the speakers' own clock, and independent of the relay, the pages' reports and the judge.
//!
//! A *severity* is a figure divided by its red limit: 1 is at the limit, 1.5 half again beyond it.

mod edge;
mod limits;

use crate::delegate::report::SlotSecond;
use edge::{Edge, Standing};
use lika::equal_terms::Direction;
use lika::meeting::ParticipantId;
use lika::protocol::CameraState;
use limits::{COVERED_S, LINK_S, UNREPORTED_S};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

/// Frames of voice in a second of speech: a fifth of a second.
const SPEECH_FRAMES: u32 = 10;
/// Between two looks at how things stood.
const STEP: Duration = Duration::from_millis(500);
/// Own seconds remembered.
const HISTORY: usize = 300;

/// One delegate's second, about people.
#[derive(Clone, Debug)]
pub(super) struct Reception {
    pub(super) at: Instant,
    pub(super) receiver: ParticipantId,
    /// Who has the floor.
    pub(super) floor: Option<ParticipantId>,
    /// What the own camera gave.
    pub(super) camera: CameraState,
    /// Frames of voice the person spoke.
    pub(super) voiced: u32,
    /// Whether the page reported.
    pub(super) reported: bool,
    /// What was shown and played of each other.
    pub(super) of: Vec<(ParticipantId, SlotSecond)>,
}

/// From when to when.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) from: Instant,
    pub(super) to: Instant,
}

impl Span {
    fn steps(self) -> impl Iterator<Item = Instant> {
        let count = self.to.saturating_duration_since(self.from).as_millis() / STEP.as_millis();
        (0..=u32::try_from(count).unwrap_or(u32::MAX)).map(move |n| self.from + STEP * n)
    }
}

/// What is known of everybody.
#[derive(Debug, Default)]
pub(super) struct Truth {
    edges: BTreeMap<(ParticipantId, ParticipantId), Edge>,
    people: BTreeMap<ParticipantId, Vec<Own>>,
}

/// One person's second.
#[derive(Clone, Copy, Debug)]
struct Own {
    at: Instant,
    voiced: u32,
    covered_s: u32,
    reported_at: Option<Instant>,
}

impl Truth {
    /// Takes in a delegate's second.
    pub(super) fn take_in(&mut self, reception: &Reception) {
        let receiver = reception.receiver;
        for (sender, second) in &reception.of {
            let large = reception.floor == Some(*sender);
            let speaks = large && self.speaks(*sender);
            let edge = self.edges.entry((*sender, receiver)).or_default();
            edge.observe(reception.at, second, large, speaks);
        }
        let seconds = self.people.entry(receiver).or_default();
        let before = seconds.last().copied();
        let covered = reception.camera == CameraState::Covered;
        seconds.push(Own {
            at: reception.at,
            voiced: reception.voiced,
            covered_s: if covered {
                before.map_or(0, |own| own.covered_s) + 1
            } else {
                0
            },
            reported_at: if reception.reported {
                Some(reception.at)
            } else {
                before.and_then(|own| own.reported_at)
            },
        });
        if seconds.len() > HISTORY {
            seconds.remove(0);
        }
    }

    /// The worst severity that most of a person's edges had in that direction.
    pub(super) fn certain(&self, who: ParticipantId, direction: Direction, span: Span) -> f64 {
        span.steps()
            .map(|at| self.certain_at(who, direction, at))
            .fold(0.0, f64::max)
    }

    /// When the limit was first exceeded in one of the directions.
    pub(super) fn exceeded(&self, who: ParticipantId, directions: &[Direction], span: Span) -> Option<Instant> {
        span.steps().find(|at| {
            directions
                .iter()
                .any(|direction| self.certain_at(who, *direction, *at) >= 1.0)
        })
    }

    /// The worst severity that any of a person's edges had in that direction. What goes to or from the `victims` of a
    /// fault is theirs, and is left out of others'.
    pub(super) fn possible(
        &self,
        who: ParticipantId,
        direction: Direction,
        span: Span,
        victims: &BTreeSet<ParticipantId>,
    ) -> f64 {
        let victim = victims.contains(&who);
        let counts = |other: ParticipantId| victim || !victims.contains(&other);
        let worst = |at| {
            let edges = self.edges(who, direction, at);
            let edges = edges
                .into_iter()
                .filter(|(other, _)| counts(*other))
                .map(|(_, severity)| severity);
            edges.fold(self.own(who, direction, at), f64::max)
        };
        span.steps().map(worst).fold(0.0, f64::max)
    }

    /// The worst severity that more than half of the people had in some direction at the same time.
    pub(super) fn of_most(&self, span: Span, severity: impl Fn(ParticipantId, Direction, Span) -> f64) -> f64 {
        let at_once = |at| {
            let moment = Span { from: at, to: at };
            let worst = |who: &ParticipantId| {
                let directions = DIRECTIONS.iter().map(|direction| severity(*who, *direction, moment));
                directions.fold(0.0, f64::max)
            };
            median(self.people.keys().map(worst).collect())
        };
        span.steps().map(at_once).fold(0.0, f64::max)
    }

    /// What was beyond a red limit that has nothing to do with the victims of a fault; for people.
    pub(super) fn trouble_of_others(&self, span: Span, victims: &BTreeSet<ParticipantId>) -> Option<String> {
        let others = self.people.keys().filter(|who| !victims.contains(who));
        let mut every = others.flat_map(|who| DIRECTIONS.map(|direction| (*who, direction)));
        let (who, direction, severity) = every.find_map(|(who, direction)| {
            let severity = self.possible(who, direction, span, victims);
            (severity >= 1.0).then_some((who, direction, severity))
        })?;
        Some(format!(
            "{direction:?} of {} was {severity:.2} of the limit as well",
            who.0
        ))
    }

    /// Whether everybody's picture moves at everybody.
    pub(super) fn all_move(&self, people: usize, at: Instant) -> bool {
        let moving = self.edges.values().filter_map(|edge| edge.standing(at));
        moving.filter(|standing| standing.picture < 1.0).count() >= people * people.saturating_sub(1)
    }

    /// Spoke all through the time that a receiver's second may be about: seconds of two people are not in step.
    fn speaks(&self, who: ParticipantId) -> bool {
        let seconds = self.people.get(&who).map_or(&[][..], Vec::as_slice);
        let last = seconds.iter().rev().take(2);
        seconds.len() >= 2 && last.clone().all(|own| own.voiced >= SPEECH_FRAMES)
    }

    fn certain_at(&self, who: ParticipantId, direction: Direction, at: Instant) -> f64 {
        let severities: Vec<f64> = self
            .edges(who, direction, at)
            .into_iter()
            .map(|(_, severity)| severity)
            .collect();
        let of_edges = match direction {
            // One person speaks at a time: whoever does not hear them hears nobody; and a delay is of one edge.
            Direction::Hears | Direction::Delay => severities.into_iter().fold(0.0, f64::max),
            _ => median(severities),
        };
        of_edges.max(self.own(who, direction, at))
    }

    /// The severities of a person's edges in a direction, with who is at the other end.
    fn edges(&self, who: ParticipantId, direction: Direction, at: Instant) -> Vec<(ParticipantId, f64)> {
        type Pick = (bool, bool, fn(&Standing) -> f64);
        let (sends, receives, figure): Pick = match direction {
            Direction::Heard => (true, false, |standing| standing.sound),
            Direction::Seen => (true, false, |standing| standing.picture),
            Direction::Hears => (false, true, |standing| standing.sound),
            Direction::Sees => (false, true, |standing| standing.picture),
            Direction::Delay => (true, true, |standing| standing.delay),
            Direction::Link => return Vec::new(),
        };
        let of = |(&(sender, receiver), edge): (&(ParticipantId, ParticipantId), &Edge)| {
            let other = match who {
                _ if sends && who == sender => receiver,
                _ if receives && who == receiver => sender,
                _ => return None,
            };
            Some((other, figure(edge.standing(at)?)))
        };
        self.edges.iter().filter_map(of).collect()
    }

    /// What is known of a person without the others: a covered camera, nothing that goes or comes, no reports.
    fn own(&self, who: ParticipantId, direction: Direction, at: Instant) -> f64 {
        let seconds = self.people.get(&who).map_or(&[][..], Vec::as_slice);
        let own = seconds.iter().rev().find(|own| own.at <= at);
        match direction {
            Direction::Seen => own.map_or(0.0, |own| f64::from(own.covered_s) / COVERED_S),
            Direction::Link => {
                let reported = own.and_then(|own| own.reported_at);
                let unreported = reported.map_or(0.0, |reported| at.duration_since(reported).as_secs_f64());
                (unreported / UNREPORTED_S).max(self.nothing_s(who, at) / LINK_S)
            }
            _ => 0.0,
        }
    }

    /// For how many seconds nothing has come to or from somebody.
    fn nothing_s(&self, who: ParticipantId, at: Instant) -> f64 {
        let theirs = self
            .edges
            .iter()
            .filter(|((sender, receiver), _)| [*sender, *receiver].contains(&who));
        let seconds = theirs.filter_map(|(_, edge)| Some(edge.standing(at)?.nothing_s));
        seconds.min().unwrap_or(0).into()
    }
}

/// Every direction.
pub(super) const DIRECTIONS: [Direction; 6] = [
    Direction::Heard,
    Direction::Seen,
    Direction::Hears,
    Direction::Sees,
    Direction::Delay,
    Direction::Link,
];

/// What more than half reach, or half of an even number.
fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(|a, b| b.total_cmp(a));
    figures.get(figures.len() / 2).copied().unwrap_or(0.0)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::receive::{PictureSecond, SoundSecond};

    pub(in crate::faults) const PEOPLE: [ParticipantId; 4] =
        [ParticipantId(1), ParticipantId(2), ParticipantId(3), ParticipantId(4)];
    const FLOOR: ParticipantId = ParticipantId(2);

    /// A meeting of four, in which one speaks; seconds are made by hand.
    pub(in crate::faults) struct Story {
        pub(in crate::faults) truth: Truth,
        pub(in crate::faults) start: Instant,
        seconds: u64,
    }

    impl Story {
        /// Fifteen good seconds have passed.
        pub(in crate::faults) fn begin() -> Self {
            let (truth, start) = (Truth::default(), Instant::now());
            let mut story = Self {
                truth,
                start,
                seconds: 0,
            };
            story.pass(15, |_, _, _| {});
            story
        }

        pub(in crate::faults) fn now(&self) -> Instant {
            self.start + Duration::from_secs(self.seconds)
        }

        /// Seconds in which `harm` changes what somebody (second) was shown of somebody (first).
        pub(in crate::faults) fn pass(
            &mut self,
            seconds: u64,
            harm: impl Fn(ParticipantId, ParticipantId, &mut SlotSecond),
        ) {
            for _ in 0..seconds {
                self.seconds += 1;
                for receiver in PEOPLE {
                    let of = PEOPLE.into_iter().filter(|sender| *sender != receiver).map(|sender| {
                        let mut second = well(sender);
                        harm(sender, receiver, &mut second);
                        (sender, second)
                    });
                    self.truth.take_in(&Reception {
                        at: self.now(),
                        receiver,
                        floor: Some(FLOOR),
                        camera: CameraState::On,
                        voiced: if receiver == FLOOR { 40 } else { 0 },
                        reported: true,
                        of: of.collect(),
                    });
                }
            }
        }

        pub(in crate::faults) fn span(&self, seconds: u64) -> Span {
            Span {
                from: self.now() - Duration::from_secs(seconds),
                to: self.now(),
            }
        }
    }

    fn well(sender: ParticipantId) -> SlotSecond {
        let large = sender == FLOOR;
        SlotSecond {
            slot: 0,
            picture: PictureSecond {
                decoded: if large { 20 } else { 10 },
                size: if large { (640, 360) } else { (160, 90) },
                ..PictureSecond::default()
            },
            sound: SoundSecond {
                samples: if large { 48_000 } else { 0 },
                energy: if large { 0.01 } else { 0.0 },
                jitter_buffer_ms: large.then_some(30.0),
                ..SoundSecond::default()
            },
            under_way_ms: large.then_some(10.0),
        }
    }

    #[test]
    fn a_good_meeting_is_far_from_red_for_everybody() {
        let mut story = Story::begin();
        story.pass(20, |_, _, _| {});
        for who in PEOPLE {
            for direction in DIRECTIONS {
                let severity = story.truth.possible(who, direction, story.span(20), &BTreeSet::new());
                assert!(severity < 0.67, "{who:?} {direction:?}: {severity}");
            }
        }
        assert!(story.truth.all_move(4, story.now()));
    }

    #[test]
    fn an_uplink_that_loses_is_the_senders_and_nobody_elses() {
        let mut story = Story::begin();
        story.pass(12, |sender, _, second| {
            if sender == FLOOR {
                second.sound.concealed = 7200;
            }
        });
        let (truth, span, victims) = (&story.truth, story.span(12), BTreeSet::from([FLOOR]));
        assert!(truth.certain(FLOOR, Direction::Heard, span) > 2.0);
        assert!(truth.exceeded(FLOOR, &[Direction::Heard], span).is_some());
        assert_eq!(truth.possible(PEOPLE[0], Direction::Hears, span, &victims), 0.0);
        assert_eq!(truth.trouble_of_others(span, &victims), None);
        assert!(truth.trouble_of_others(span, &BTreeSet::new()).is_some());
        assert!(truth.possible(PEOPLE[0], Direction::Hears, span, &BTreeSet::new()) > 2.0);
    }

    #[test]
    fn a_downlink_that_stands_still_is_the_receivers() {
        let mut story = Story::begin();
        let last = PEOPLE[3];
        story.pass(8, |_, receiver, second| {
            if receiver == last {
                second.picture.decoded = 0;
            }
        });
        let (truth, span, victims) = (&story.truth, story.span(8), BTreeSet::from([last]));
        assert!(truth.certain(last, Direction::Sees, span) > 2.0);
        assert!(truth.certain(FLOOR, Direction::Seen, span) < 0.67, "one of three");
        assert!(truth.possible(FLOOR, Direction::Seen, span, &victims) < 0.67);
        assert!(truth.of_most(span, |who, direction, span| truth.certain(who, direction, span)) < 0.67);
    }

    #[test]
    fn when_all_lines_fail_most_are_beyond_the_limit() {
        let mut story = Story::begin();
        story.pass(8, |_, _, second| *second = SlotSecond::default());
        let (truth, span) = (&story.truth, story.span(8));
        assert!(truth.of_most(span, |who, direction, span| truth.certain(who, direction, span)) > 1.5);
        assert!(truth.certain(PEOPLE[0], Direction::Link, span) >= 1.5);
    }

    #[test]
    fn a_page_that_does_not_report_and_a_covered_camera_count_by_their_length() {
        let mut story = Story::begin();
        for second in 1..=10u64 {
            story.truth.take_in(&Reception {
                at: story.now() + Duration::from_secs(second),
                receiver: PEOPLE[0],
                floor: None,
                camera: CameraState::Covered,
                voiced: 0,
                reported: false,
                of: Vec::new(),
            });
        }
        let span = Span {
            from: story.now(),
            to: story.now() + Duration::from_secs(10),
        };
        let link = story.truth.certain(PEOPLE[0], Direction::Link, span);
        assert!((link - 10.0 / 15.0).abs() < 0.01, "{link}");
        assert!((story.truth.certain(PEOPLE[0], Direction::Seen, span) - 2.0).abs() < 0.01);
    }
}
