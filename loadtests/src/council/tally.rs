//! What the chair's page showed, second by second: for each participant and direction the share of time green, amber and red.
//! Pure.

use lika::equal_terms::{Cause, Direction, Level};
use lika::meeting::ParticipantId;
use lika::protocol::QualityView;
use serde::Serialize;
use std::collections::BTreeMap;
use std::time::Duration;

/// A direction that is unknown for more than this share of the time is not measured: a page reports every second.
const UNKNOWN_SHARE: f64 = 0.05;
/// A second or two of a short test are no share.
const UNKNOWN_LEAST_S: u32 = 3;
/// After a presence check, and when somebody comes back, what is measured begins anew, and takes this long to start
/// (docs/equal-terms.md); with the second in which it begins. These seconds are unknown to no one's blame.
const SETTLES_S: usize = 4;
/// Nor is a direction measured that is unknown for so long in a row: an alarm comes within less.
const UNKNOWN_IN_A_ROW_S: u32 = 15;
/// A verdict comes every second.
const SECOND_MS: i64 = 1000;

/// Seconds of each level in one direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Seconds {
    green: u32,
    amber: u32,
    red: u32,
    unknown: u32,
    /// Seconds in a row that are unknown until now, and at most.
    unknown_now: u32,
    unknown_longest: u32,
    suspended: u32,
    /// Why it was red, or else amber, the last time.
    cause: Option<(Level, Cause)>,
}

/// Shares of the time that was judged, 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Shares {
    /// Within the profile.
    pub green: f64,
    /// The secretary was informed.
    pub amber: f64,
    /// The chair was alarmed.
    pub red: f64,
    /// Not measured.
    pub unknown: f64,
    /// In a declared pause.
    pub suspended: f64,
}

/// The worst of all.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Worst {
    /// Which delegate, from 1.
    pub number: usize,
    /// In which direction.
    pub direction: Direction,
    /// How bad.
    pub level: Level,
    /// For which share of the time.
    pub share: f64,
    /// Why, if it was told.
    pub cause: Option<Cause>,
}

/// Somebody of whom too little is known.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Unmeasured {
    /// Which delegate, from 1.
    pub number: usize,
    /// In which direction.
    pub direction: Direction,
    /// For which share of the time.
    pub share: f64,
    /// Seconds in a row, at most.
    pub longest_s: u32,
}

/// All participants.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    seconds: BTreeMap<(usize, Direction), Seconds>,
    /// Seconds in which nothing was told of a participant.
    untold: BTreeMap<usize, u32>,
    /// Seconds that the chair's page heard of.
    heard: usize,
    /// The worst level of each participant in each second that was counted, for the picture.
    pub(super) course: Vec<BTreeMap<usize, Level>>,
    /// Seconds in which an alert about the relay or its network was red.
    pub(super) relay_red: u32,
}

impl Tally {
    /// Counts a second. `serving`: those who count, with their numbers; `excused`: away as declared.
    pub(super) fn count(
        &mut self,
        quality: &[QualityView],
        serving: &BTreeMap<ParticipantId, usize>,
        excused: Option<ParticipantId>,
    ) {
        self.heard += 1;
        self.add(quality, serving, excused);
    }

    /// A second of which the chair's page heard nothing: nobody knows how anybody fared.
    pub(super) fn miss(&mut self, serving: &BTreeMap<ParticipantId, usize>, excused: Option<ParticipantId>) {
        self.add(&[], serving, excused);
    }

    fn add(
        &mut self,
        quality: &[QualityView],
        serving: &BTreeMap<ParticipantId, usize>,
        excused: Option<ParticipantId>,
    ) {
        let mut second = BTreeMap::new();
        for (who, number) in serving {
            if excused == Some(*who) {
                second.insert(*number, Level::Suspended);
                continue;
            }
            let told = quality.iter().find(|one| one.participant == *who);
            let views = told.map_or(&[][..], |one| &one.directions[..]);
            let worst = views.iter().map(|view| view.level).max().unwrap_or(Level::Unknown);
            second.insert(*number, worst);
            if views.is_empty() {
                self.told_nothing(*number);
            }
            let untold = self.untold.get(number).copied().unwrap_or_default();
            for view in views {
                let seconds = self.seconds.entry((*number, view.direction));
                let seconds = seconds.or_insert_with(|| Seconds::unknown_for(untold));
                seconds.add(view.level, view.cause);
            }
        }
        self.course.push(second);
    }

    /// Nothing is told of somebody who serves: whatever has been told of them before is unknown now.
    fn told_nothing(&mut self, number: usize) {
        *self.untold.entry(number).or_default() += 1;
        let own = self.seconds.iter_mut().filter(|((who, _), _)| *who == number);
        own.for_each(|(_, seconds)| seconds.add(Level::Unknown, None));
    }

    /// How many seconds were missed when a verdict comes `passed` after counting began. The one before it was of `since_ms` on the
    /// server's clock, this one is of `at_ms`; without one before it, the time alone tells.
    pub(super) fn missed(&self, since_ms: Option<i64>, at_ms: i64, passed: Duration) -> usize {
        let by_time = (passed.as_secs() as usize).saturating_sub(self.passed() + 1);
        let Some(since_ms) = since_ms else {
            return by_time;
        };
        let seconds = at_ms.saturating_sub(since_ms).saturating_add(SECOND_MS / 2) / SECOND_MS;
        by_time.min(usize::try_from(seconds - 1).unwrap_or_default())
    }

    /// How many seconds the chair's page heard of.
    pub(super) fn heard(&self) -> usize {
        self.heard
    }

    /// How many seconds have passed, heard of or not.
    pub(super) fn passed(&self) -> usize {
        self.course.len()
    }

    /// All that is known; of whom nothing was ever told, the link is unknown.
    fn known(&self) -> BTreeMap<(usize, Direction), Seconds> {
        let mut known = self.seconds.clone();
        for (number, seconds) in &self.untold {
            if !self.seconds.keys().any(|(who, _)| who == number) {
                known.insert((*number, Direction::Link), Seconds::unknown_for(*seconds));
            }
        }
        known
    }

    /// Of whom too little is known to say that they took part on equal terms; whoever is known least of comes first.
    /// `begun_anew`: how often measuring began anew, as it should.
    pub(super) fn unmeasured(&self, begun_anew: usize) -> Vec<Unmeasured> {
        let known = self.known();
        let settling_s = u32::try_from(begun_anew.saturating_mul(SETTLES_S)).unwrap_or(u32::MAX);
        let mut found: Vec<Unmeasured> = known
            .iter()
            .filter_map(|(key, own)| own.unmeasured(*key, settling_s))
            .collect();
        found.sort_by(|a, b| b.share.total_cmp(&a.share));
        found
    }

    pub(super) fn shares(&self, number: usize) -> BTreeMap<Direction, Shares> {
        let known = self.known().into_iter().filter(|((who, _), _)| *who == number);
        known
            .map(|((_, direction), seconds)| (direction, seconds.shares()))
            .collect()
    }

    /// Who fared worst; `None`: all were green all the time.
    pub(super) fn worst(&self) -> Option<Worst> {
        self.bad().into_iter().next()
    }

    /// How many participants were red at all.
    pub(super) fn red(&self) -> usize {
        let red = self.seconds.iter().filter(|(_, seconds)| seconds.red > 0);
        let mut numbers: Vec<usize> = red.map(|((number, _), _)| *number).collect();
        numbers.dedup();
        numbers.len()
    }

    /// All that was not green, worst first.
    fn bad(&self) -> Vec<Worst> {
        let known = self.known();
        let mut bad: Vec<Worst> = known.iter().filter_map(|(key, seconds)| seconds.worst(*key)).collect();
        bad.sort_by(|a, b| {
            (b.level, b.share)
                .partial_cmp(&(a.level, a.share))
                .unwrap_or(std::cmp::Ordering::Equal)
        });
        bad
    }
}

impl Seconds {
    /// So many seconds unknown from the beginning on.
    fn unknown_for(seconds: u32) -> Self {
        Self {
            unknown: seconds,
            unknown_now: seconds,
            unknown_longest: seconds,
            ..Self::default()
        }
    }

    /// `settling_s`: seconds that are unknown as they should be.
    fn unmeasured(&self, (number, direction): (usize, Direction), settling_s: u32) -> Option<Unmeasured> {
        let share = self.share(self.unknown);
        let unexplained = self.unknown.saturating_sub(settling_s);
        let too_much = unexplained >= UNKNOWN_LEAST_S && self.share(unexplained) > UNKNOWN_SHARE;
        (too_much || self.unknown_longest >= UNKNOWN_IN_A_ROW_S).then_some(Unmeasured {
            number,
            direction,
            share,
            longest_s: self.unknown_longest,
        })
    }

    fn add(&mut self, level: Level, cause: Option<Cause>) {
        let count = match level {
            Level::Green => &mut self.green,
            Level::Amber => &mut self.amber,
            Level::Red => &mut self.red,
            Level::Unknown => &mut self.unknown,
            Level::Suspended => &mut self.suspended,
        };
        *count += 1;
        self.unknown_now = if level == Level::Unknown {
            self.unknown_now + 1
        } else {
            0
        };
        self.unknown_longest = self.unknown_longest.max(self.unknown_now);
        if let Some(cause) = cause
            && self.cause.is_none_or(|(before, _)| level >= before)
        {
            self.cause = Some((level, cause));
        }
    }

    fn all(&self) -> u32 {
        self.green + self.amber + self.red + self.unknown + self.suspended
    }

    fn share(&self, count: u32) -> f64 {
        f64::from(count) / f64::from(self.all().max(1))
    }

    fn shares(&self) -> Shares {
        Shares {
            green: self.share(self.green),
            amber: self.share(self.amber),
            red: self.share(self.red),
            unknown: self.share(self.unknown),
            suspended: self.share(self.suspended),
        }
    }

    fn worst(&self, (number, direction): (usize, Direction)) -> Option<Worst> {
        let (level, count) = [
            (Level::Red, self.red),
            (Level::Amber, self.amber),
            (Level::Unknown, self.unknown),
        ]
        .into_iter()
        .find(|(_, count)| *count > 0)?;
        Some(Worst {
            number,
            direction,
            level,
            share: self.share(count),
            cause: self.cause.filter(|(of, _)| *of == level).map(|(_, cause)| cause),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lika::protocol::DirectionView;

    fn view(who: u32, direction: Direction, level: Level, cause: Option<Cause>) -> QualityView {
        QualityView {
            participant: ParticipantId(who),
            directions: vec![DirectionView {
                direction,
                level,
                cause,
                figure: None,
            }],
        }
    }

    fn serving(count: u32) -> BTreeMap<ParticipantId, usize> {
        (1..=count).map(|n| (ParticipantId(n), n as usize)).collect()
    }

    #[test]
    fn red_goes_before_much_amber_and_names_its_cause() {
        let mut tally = Tally::default();
        for second in 0..10 {
            let red = second == 4;
            let quality = [
                view(1, Direction::Heard, Level::Amber, Some(Cause::SoundLoss)),
                view(
                    2,
                    Direction::Sees,
                    if red { Level::Red } else { Level::Green },
                    red.then_some(Cause::PictureFrozen),
                ),
            ];
            tally.count(&quality, &serving(2), None);
        }
        let worst = tally.worst().unwrap();
        assert_eq!(
            (worst.number, worst.direction, worst.level),
            (2, Direction::Sees, Level::Red)
        );
        assert_eq!((worst.cause, worst.share), (Some(Cause::PictureFrozen), 0.1));
        assert_eq!(tally.red(), 1);
        assert_eq!(tally.shares(1)[&Direction::Heard].amber, 1.0);
        assert_eq!((tally.heard(), tally.passed()), (10, 10));
    }

    #[test]
    fn whoever_is_away_as_declared_does_not_count_and_others_do() {
        let mut tally = Tally::default();
        let quality = [
            view(1, Direction::Link, Level::Green, None),
            view(2, Direction::Link, Level::Red, Some(Cause::LinkLost)),
        ];
        tally.count(&quality, &serving(2), Some(ParticipantId(2)));
        assert_eq!((tally.worst(), tally.red()), (None, 0));
        assert_eq!(tally.course[0][&2], Level::Suspended);
    }

    #[test]
    fn whoever_is_not_told_of_is_unknown_in_the_picture() {
        let mut tally = Tally::default();
        tally.count(&[], &serving(1), None);
        assert_eq!(tally.course[0][&1], Level::Unknown);
    }

    /// A test of 200 s of two, of whom the second is as `level` says in each second; `None`: nothing is told of them.
    fn told(level: impl Fn(u32) -> Option<Level>) -> Tally {
        let mut tally = Tally::default();
        for second in 0..200 {
            let mut quality = vec![view(1, Direction::Heard, Level::Green, None)];
            quality.extend(level(second).map(|level| view(2, Direction::Heard, level, None)));
            tally.count(&quality, &serving(2), None);
        }
        tally
    }

    #[test]
    fn a_page_that_reports_now_and_then_is_not_measured() {
        let now_and_then = told(|second| Some(if second % 10 == 0 { Level::Green } else { Level::Unknown }));
        let found = now_and_then.unmeasured(0);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].number, found[0].share, found[0].longest_s), (2, 0.9, 9));
        let once_in_a_while = told(|second| Some(if second % 40 == 0 { Level::Unknown } else { Level::Green }));
        assert_eq!(once_in_a_while.unmeasured(0), []);
    }

    #[test]
    fn what_begins_anew_at_a_presence_check_is_unknown_for_a_moment() {
        let checked = told(|second| Some(if second % 50 < 3 { Level::Unknown } else { Level::Green }));
        assert_eq!(checked.unmeasured(0)[0].share, 0.06);
        assert_eq!(checked.unmeasured(4), []);
    }

    #[test]
    fn nor_is_one_of_which_nothing_comes_for_long() {
        let silent =
            |from: u32, until: u32| told(move |second| (second < from || second >= until).then_some(Level::Green));
        assert_eq!(silent(100, 115).unmeasured(0)[0].longest_s, 15);
        assert_eq!(
            silent(0, 15).unmeasured(0)[0].direction,
            Direction::Heard,
            "from the beginning on"
        );
        assert_eq!(silent(100, 110).unmeasured(0), []);
    }

    #[test]
    fn somebody_of_whom_nothing_is_ever_told_is_not_measured_either() {
        let tally = told(|_| None);
        assert_eq!(tally.unmeasured(0)[0].share, 1.0);
        assert_eq!(tally.worst().unwrap().number, 2);
        assert_eq!(tally.shares(2)[&Direction::Link].unknown, 1.0);
    }

    #[test]
    fn seconds_between_two_verdicts_are_missed_and_those_that_come_late_are_not() {
        let seconds = Duration::from_secs_f64;
        let mut tally = Tally::default();
        assert_eq!(tally.missed(None, 0, seconds(0.9)), 0, "the first");
        assert_eq!(tally.missed(None, 0, seconds(7.2)), 6, "nothing came for long");
        (0..10).for_each(|_| tally.count(&[], &serving(1), None));
        assert_eq!(tally.missed(Some(10_000), 14_020, seconds(14.3)), 3);
        assert_eq!(
            tally.missed(Some(10_000), 11_000, seconds(14.3)),
            0,
            "the others are on their way"
        );
        assert_eq!(
            tally.missed(Some(10_000), 3_610_000, seconds(11.1)),
            0,
            "the server's clock was set"
        );
        assert_eq!(tally.missed(Some(10_000), 0, seconds(14.3)), 0, "and set back");
    }

    #[test]
    fn a_second_that_the_page_missed_is_unknown_for_everybody_but_whoever_is_away() {
        let mut tally = Tally::default();
        let green = [1, 2].map(|who| view(who, Direction::Heard, Level::Green, None));
        tally.count(&green, &serving(2), None);
        tally.miss(&serving(2), Some(ParticipantId(2)));
        assert_eq!((tally.heard(), tally.passed()), (1, 2));
        assert_eq!(tally.shares(1)[&Direction::Heard].unknown, 0.5);
        assert_eq!(tally.shares(2)[&Direction::Heard].unknown, 0.0);
    }
}
