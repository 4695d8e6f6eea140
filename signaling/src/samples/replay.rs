//! Judging a recorded meeting again.

use super::line::{Begun, Line, Spoken};
use super::read::{Lines, ReadError};
use crate::equal_terms::{Input, Judge, Profile, ProfileError, Transition};
use serde::Serialize;
use thiserror::Error;

/// Why a recording cannot be judged again.
#[derive(Debug, Error)]
pub enum ReplayError {
    /// See [`ReadError`].
    #[error(transparent)]
    Read(#[from] ReadError),
    /// It begins in the middle.
    #[error(
        "inspelningen börjar mitt i sammanträdet, så det är okänt efter vilken tröskelprofil: ange hela katalogen, eller \
         --profile / the recording begins in the middle of the meeting, so its threshold profile is not known: name the \
         whole directory, or --profile"
    )]
    NoBeginning,
    /// The recorded profile is none to this program.
    #[error(
        "inspelningens tröskelprofil går inte att använda i den här versionen av Lika: ange --profile / the recorded \
         threshold profile cannot be used by this version of Lika: name one with --profile ({0})"
    )]
    Profile(#[from] ProfileError),
}

/// What judging again gave.
#[derive(Debug, Default)]
pub struct Judged {
    /// Each time a judge began, with the threshold profile as recorded.
    pub begun: Vec<Begun>,
    /// Every change of an alert, in order, with its time in milliseconds since 1970-01-01 UTC.
    pub transitions: Vec<(i64, Transition)>,
    /// The verdicts beside the recorded ones.
    pub compared: Compared,
    /// The gaps: when each was noted, and how many lines are lost.
    pub gaps: Vec<(i64, u64)>,
    /// What an export leaves out: after which time, in milliseconds since 1970-01-01 UTC, and how many lines.
    pub withheld: Vec<(Option<i64>, u64)>,
    /// Whether the last file ended in the middle.
    pub torn: bool,
}

/// Verdicts beside the recorded ones.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Compared {
    /// How many are the same.
    pub equal: u64,
    /// The times of those that differ.
    pub differing: Vec<i64>,
    /// How many differ after a gap, until a new judge begins: something that the judge knew then is not recorded.
    pub differing_after_gap: u64,
}

/// Judges lines again, by the recorded profiles or by another.
///
/// # Errors
/// [`ReplayError`].
pub fn replay(lines: &mut Lines, by: Option<&Profile>) -> Result<Judged, ReplayError> {
    let mut replaying = Replaying {
        by,
        judge: by.cloned().map(Judge::new),
        said: None,
        after_gap: by.is_some(),
        lines: 0,
        last_ms: None,
        judged: Judged::default(),
    };
    while let Some((line, _)) = lines.next_line()? {
        replaying.take(line)?;
    }
    replaying.miss_verdict();
    replaying.judged.torn = lines.torn();
    Ok(replaying.judged)
}

struct Replaying<'a> {
    by: Option<&'a Profile>,
    judge: Option<Judge>,
    /// What the judge said of the last input.
    said: Option<Spoken>,
    after_gap: bool,
    /// How many lines there were, and when the last was measured that says.
    lines: u64,
    last_ms: Option<i64>,
    judged: Judged,
}

impl Replaying<'_> {
    fn take(&mut self, line: Line) -> Result<(), ReplayError> {
        self.lines = self.lines.saturating_add(1);
        match line {
            Line::Segment(_) => {}
            Line::Begun(begun) => {
                let profile = match self.by {
                    Some(profile) => profile.clone(),
                    None => Profile::parse(&begun.profile)?,
                };
                self.judge = Some(Judge::new(profile));
                self.said = None;
                self.after_gap = false;
                self.judged.begun.push(begun);
            }
            Line::Input(input) => {
                self.miss_verdict();
                let judge = self.judge.as_mut().ok_or(ReplayError::NoBeginning)?;
                let (said, transitions) = judge_again(judge, &input);
                let at_ms = said.at_ms;
                self.last_ms = Some(at_ms);
                self.judged
                    .transitions
                    .extend(transitions.into_iter().map(|transition| (at_ms, transition)));
                self.said = Some(said);
            }
            Line::Verdict(recorded) => self.compare(&recorded),
            Line::Gap(gap) => {
                self.after_gap = true;
                self.said = None;
                self.judged.gaps.push((gap.at_ms, gap.lost));
            }
            Line::SamplesWithheld(to) => {
                self.after_gap = true;
                self.said = None;
                let before = self.lines.saturating_sub(1);
                let withheld = (self.last_ms, to.lines.saturating_sub(before));
                self.judged.withheld.push(withheld);
                self.lines = to.lines;
            }
        }
        Ok(())
    }

    /// An input without a recorded verdict changed nothing when it was judged.
    fn miss_verdict(&mut self) {
        if let Some(said) = self.said.take().filter(|said| said.transitions > 0) {
            self.differ(said.at_ms);
        }
    }

    fn differ(&mut self, at_ms: i64) {
        if self.after_gap {
            self.judged.compared.differing_after_gap += 1;
        } else {
            self.judged.compared.differing.push(at_ms);
        }
    }

    fn compare(&mut self, recorded: &Spoken) {
        if self.said.take().as_ref() == Some(recorded) {
            self.judged.compared.equal += 1;
        } else {
            self.differ(recorded.at_ms);
        }
    }
}

/// What a judge says of an input.
pub(super) fn judge_again(judge: &mut Judge, input: &Input) -> (Spoken, Vec<Transition>) {
    let judged = judge.take(input);
    (Spoken::of(input, &judged), judged.transitions().to_vec())
}
