//! The quality over time as a picture for each person, from the recorded verdicts.

use crate::equal_terms::{Direction, Level, Profile};
use crate::meeting::{ParticipantId, ProfileMark};
use crate::samples::{Gap, Line, Lines, ReadError, Spoken};
use crate::sha256::Sha256;
use std::collections::BTreeMap;

/// The most columns of a picture: finer is not seen on paper.
pub const MAX_COLUMNS: usize = 600;

/// The directions in the order in which they are drawn.
pub const DIRECTIONS: [Direction; 6] = [
    Direction::Heard,
    Direction::Seen,
    Direction::Hears,
    Direction::Sees,
    Direction::Delay,
    Direction::Link,
];

/// What the report takes from the samples.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recording {
    /// The versions of the programs that judged.
    pub programs: Vec<String>,
    /// The threshold profiles that were judged by.
    pub profiles: Vec<ProfileMark>,
    /// Where lines are lost.
    pub gaps: Vec<Gap>,
    /// What is left out.
    pub left_out: Vec<LeftOut>,
    /// When the verdict was that was taken last, in milliseconds since 1970-01-01 UTC.
    pub last_ms: Option<i64>,
    /// How everybody stood.
    pub strips: Strips,
}

/// Verdicts that are left out: those of a secret item.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// When the last verdict before them was, in milliseconds since 1970-01-01 UTC; `None`: there is none.
    pub after_ms: Option<i64>,
    /// When the first after them was; `None`: there is none.
    pub before_ms: Option<i64>,
}

/// How everybody stood over time, in at most [`MAX_COLUMNS`] columns of equal width. Of all seconds of a column the
/// worst is shown: green only where all were.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Strips {
    /// When the first column begins, in milliseconds since 1970-01-01 UTC.
    pub from_ms: i64,
    /// The width of a column in milliseconds; 0: nothing is recorded.
    pub width_ms: i64,
    /// Each person's columns; `None` in a column: not judged then.
    pub people: BTreeMap<ParticipantId, Strip>,
}

/// One person, one row for each of [`DIRECTIONS`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Strip {
    /// The columns so far.
    pub rows: [Vec<Option<Level>>; 6],
    /// How many seconds were red, and how many unknown.
    pub seconds: [(u32, u32); 6],
}

impl Recording {
    /// Reads the samples of a meeting, but for those of the times that are to be left out.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn read(lines: &mut Lines, is_left_out: impl Fn(i64) -> bool) -> Result<Self, ReadError> {
        let mut recording = Self::default();
        while let Some((line, _)) = lines.next_line()? {
            match &line {
                Line::Verdict(Spoken { at_ms, .. }) | Line::Gap(Gap { at_ms, .. }) if is_left_out(*at_ms) => {
                    recording.leave_out();
                }
                _ => recording.take(line),
            }
        }
        Ok(recording)
    }

    /// One line more.
    pub fn take(&mut self, line: Line) {
        match line {
            Line::Begun(begun) => {
                if !self.programs.contains(&begun.program) {
                    self.programs.push(begun.program);
                }
                if let Ok(profile) = Profile::parse(&begun.profile) {
                    let mark = ProfileMark {
                        name: profile.name,
                        version: profile.version,
                        digest: Sha256::of(&[begun.profile.as_bytes()]),
                    };
                    if !self.profiles.contains(&mark) {
                        self.profiles.push(mark);
                    }
                }
            }
            Line::Verdict(spoken) => {
                self.last_ms = Some(spoken.at_ms);
                if let Some(open) = self.left_out.last_mut() {
                    open.before_ms = open.before_ms.or(self.last_ms);
                }
                self.strips.add(&spoken);
            }
            Line::Gap(gap) => self.gaps.push(gap),
            Line::SamplesWithheld(_) => self.leave_out(),
            Line::Segment(_) | Line::Input(_) => {}
        }
    }
}

impl Recording {
    fn leave_out(&mut self) {
        if self.left_out.last().is_none_or(|last| last.before_ms.is_some()) {
            self.left_out.push(LeftOut {
                after_ms: self.last_ms,
                before_ms: None,
            });
        }
    }
}

impl Strips {
    /// A second more.
    pub fn add(&mut self, spoken: &Spoken) {
        if spoken.people.is_empty() {
            return;
        }
        if self.width_ms == 0 {
            self.from_ms = spoken.at_ms;
            self.width_ms = 1000;
        }
        let mut column = self.column_of(spoken.at_ms);
        while column >= MAX_COLUMNS {
            self.halve();
            column = self.column_of(spoken.at_ms);
        }
        for (who, letters) in &spoken.people {
            self.people.entry(*who).or_default().add(column, letters);
        }
    }

    /// How many columns there are.
    #[must_use]
    pub fn columns(&self) -> usize {
        let longest = |strip: &Strip| strip.rows.iter().map(Vec::len).max().unwrap_or(0);
        self.people.values().map(longest).max().unwrap_or(0)
    }

    /// The column of a time, which may be beyond the last.
    #[must_use]
    pub fn column_of(&self, at_ms: i64) -> usize {
        let since = at_ms.saturating_sub(self.from_ms).max(0);
        usize::try_from(since / self.width_ms.max(1)).unwrap_or(usize::MAX)
    }

    /// When a column begins, in milliseconds since 1970-01-01 UTC.
    #[must_use]
    pub fn begins_ms(&self, column: usize) -> i64 {
        let columns = i64::try_from(column).unwrap_or(i64::MAX);
        self.from_ms.saturating_add(self.width_ms.saturating_mul(columns))
    }

    fn halve(&mut self) {
        self.width_ms = self.width_ms.saturating_mul(2);
        for row in self.people.values_mut().flat_map(|strip| &mut strip.rows) {
            *row = row
                .chunks(2)
                .map(|pair| pair.iter().copied().fold(None, worse))
                .collect();
        }
    }
}

impl Strip {
    fn add(&mut self, column: usize, letters: &str) {
        for ((row, seconds), direction) in self.rows.iter_mut().zip(&mut self.seconds).zip(DIRECTIONS) {
            let level = crate::samples::level(letters, direction);
            if row.len() <= column {
                row.resize(column + 1, None);
            }
            if let Some(shown) = row.get_mut(column) {
                *shown = worse(*shown, level);
            }
            match level {
                Some(Level::Red) => seconds.0 += 1,
                Some(Level::Unknown) => seconds.1 += 1,
                _ => {}
            }
        }
    }
}

/// Which of two is shown.
pub(super) fn worse(one: Option<Level>, other: Option<Level>) -> Option<Level> {
    if other.map(Level::weight) > one.map(Level::weight) {
        other
    } else {
        one
    }
}
