//! `lika-loadtests council`: real clients behave as a council at a real server, and the chair's page tells whether all took
//! part on equal terms.

mod absence;
mod business;
mod chart;
mod course;
mod findings;
mod hall;
mod hindrance;
mod html;
mod objections;
mod pace;
mod page;
#[cfg(test)]
mod rehearsal;
mod report_file;
mod session;
mod table;
mod tally;
mod target;
mod words;

pub use business::Done;
pub use course::Sample;
pub use findings::{Bandwidth, Findings, LoadTook, Participant, ServerTook};
pub use hall::{Agents, HallError};
pub use hindrance::{Deed, Hindrance};
pub use objections::Objection;
pub use session::HoldError;
pub use tally::{Shares, Unmeasured, Worst};
pub use target::{TargetArgs, TargetError};

pub(crate) use findings::Circumstances;
pub(crate) use table::left_open;
pub(crate) use target::Target;

use crate::language::Language;
use crate::terminal::{Progress, Stop};
use std::time::Duration;

/// What the roll call takes for each, and what everything else takes at least.
const EACH_ANSWERS_WITHIN: Duration = Duration::from_millis(500);
const BESIDE_THE_ROLL_CALL: Duration = Duration::from_secs(15);
/// The shortest test: a roll call, a debate and a decision.
const LEAST_MINUTES: f64 = 0.25;
/// The longest: a day.
const MOST_MINUTES: f64 = 24.0 * 60.0;

/// What `council` is told on the command line.
#[derive(Clone, Debug, clap::Args)]
pub struct CouncilArgs {
    /// Against which server, and with what
    #[command(flatten)]
    pub target: TargetArgs,
    /// People in the meeting, the chair included
    #[arg(long, default_value_t = 40, value_parser = clap::value_parser!(u16).range(3..=128))]
    pub delegates: u16,
    /// How long the meeting lasts, once all are there
    #[arg(long, default_value_t = 10.0, value_parser = minutes)]
    pub minutes: f64,
    /// Let this delegate's line be too bad to take part, to see how a failed test looks
    #[arg(long, value_name = "NUMBER")]
    pub spoil: Option<usize>,
}

fn minutes(text: &str) -> Result<f64, String> {
    let minutes: f64 = text.parse().map_err(|_| "must be a number".to_owned())?;
    if (LEAST_MINUTES..=MOST_MINUTES).contains(&minutes) {
        Ok(minutes)
    } else {
        Err(format!("must be {LEAST_MINUTES} to {MOST_MINUTES}"))
    }
}

/// The shortest meeting of so many.
pub(crate) fn shortest(people: u16) -> Duration {
    BESIDE_THE_ROLL_CALL + EACH_ANSWERS_WITHIN * u32::from(people)
}

impl CouncilArgs {
    /// Whether there is time for the roll call, and somebody whose line can be spoilt.
    fn check(&self) -> Result<(), TargetError> {
        let least = shortest(self.delegates).as_secs_f64() / 60.0;
        if self.minutes < least {
            return Err(TargetError::Argument(format!(
                "--minutes must be {least:.2} or more for the roll call of {}",
                self.delegates
            )));
        }
        match self.spoil {
            Some(number) if !(1..=usize::from(self.delegates)).contains(&number) => Err(TargetError::Argument(
                format!("--spoil must be 1 to {}, a delegate, not {number}", self.delegates),
            )),
            _ => Ok(()),
        }
    }
}

/// Holds the meeting. Writes the report, if one is wanted.
///
/// # Errors
/// [`TargetError`]: nothing could be tested.
pub async fn council(args: &CouncilArgs) -> Result<Findings, TargetError> {
    let mut stop = Stop::listen()?;
    args.check()?;
    let mut target = Target::open(&args.target, args.delegates, &mut stop).await?;
    let total = Duration::from_secs_f64(args.minutes * 60.0);
    let mut progress = Progress::new(total);
    let held = target
        .hold(args.delegates, total, args.spoil, &mut progress, &mut stop)
        .await?;
    drop(progress);
    let findings = Findings::of(
        &held,
        &Circumstances {
            setting: &target.setting(args.delegates),
            machines: target.machines(),
            source: target.watch.source(),
            language: args.target.language,
        },
    );
    target.report(&findings);
    Ok(findings)
}

/// The findings for people.
#[must_use]
pub fn for_people(language: Language, findings: &Findings) -> String {
    table::table(language, findings)
}

#[cfg(test)]
pub(crate) fn findings_of_a_failed_test() -> Findings {
    use lika::equal_terms::{Cause, Level};
    let held = findings::tests::held(40, Level::Red, Some(Cause::SoundLoss));
    findings::tests::findings(&held, 40, Language::Sv)
}

#[cfg(test)]
mod command_line {
    use super::*;

    #[test]
    fn a_time_is_a_number_within_bounds() {
        assert_eq!(minutes("0.5"), Ok(0.5));
        assert!(minutes("0").is_err() && minutes("soon").is_err() && minutes("100000").is_err());
    }
}
