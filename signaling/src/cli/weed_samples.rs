//! `lika meeting weed-samples`

use super::hold::hold;
use crate::clock::Clock;
use crate::config::Config;
use crate::journal::Reader;
use crate::meeting::{Event, MeetingId};
use crate::samples::{kept, weed, weed_unfinished};
use anyhow::bail;
use std::fmt;
use std::io::{self, Write as _};
use std::path::PathBuf;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

#[derive(clap::Args)]
pub(super) struct Args {
    /// The configuration
    #[arg(long, default_value = super::CONFIG)]
    config: PathBuf,
    /// The meeting's number
    meeting: Option<u64>,
    /// Every meeting in which nothing has happened for so many days
    #[arg(long, value_name = "DAYS", conflicts_with = "meeting", required_unless_present = "meeting", value_parser = clap::value_parser!(u16).range(1..))]
    older_than: Option<u16>,
}

/// What became of a meeting's samples.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Weeded,
    /// There were none.
    None,
    /// Something has happened lately.
    Recent,
    /// A running server has it: they are being written.
    GoesOn,
}

struct Weeding {
    data: PathBuf,
    journal: Reader,
    server_runs: bool,
    before_ms: Option<i64>,
}

pub(super) fn weed_samples(args: &Args) -> anyhow::Result<()> {
    let data = Config::read(&args.config)?.storage.data_dir;
    let held = hold(&data)?;
    let weeding = Weeding {
        journal: Reader::open(&data)?,
        server_runs: held.is_none(),
        before_ms: args
            .older_than
            .map(|days| Clock::system().now_ms() - i64::from(days) * DAY_MS),
        data,
    };
    match args.meeting {
        Some(meeting) => weeding.one(MeetingId(meeting)),
        None => weeding.every(),
    }
}

impl Weeding {
    fn one(&self, meeting: MeetingId) -> anyhow::Result<()> {
        let outcome = self.weed(meeting)?;
        if outcome == Outcome::GoesOn {
            bail!("{}", Told(meeting, outcome));
        }
        Ok(writeln!(io::stdout(), "{}", Told(meeting, outcome))?)
    }

    /// One that cannot be weeded does not keep the others; that there was one is the command's result.
    fn every(&self) -> anyhow::Result<()> {
        let mut failed: u32 = 0;
        for meeting in kept(&self.data)? {
            match self.weed(meeting) {
                Ok(outcome @ (Outcome::Weeded | Outcome::GoesOn)) => {
                    writeln!(io::stdout(), "{}", Told(meeting, outcome))?;
                }
                Ok(Outcome::None | Outcome::Recent) => {}
                Err(error) => {
                    failed += 1;
                    writeln!(io::stderr(), "Sammanträde / meeting {}: {error:#}", meeting.0)?;
                }
            }
        }
        if failed > 0 {
            bail!(
                "mätvärdena från {failed} sammanträden kunde inte gallras / the samples of {failed} meetings could not be weeded"
            );
        }
        Ok(())
    }

    fn weed(&self, meeting: MeetingId) -> anyhow::Result<Outcome> {
        let events = self.journal.read(meeting)?;
        let last_ms = events.last().map_or(i64::MIN, |stored| stored.at_ms);
        if self.before_ms.is_some_and(|before_ms| last_ms >= before_ms) {
            return Ok(Outcome::Recent);
        }
        let over = events.iter().any(|stored| matches!(stored.event, Event::Closed { .. }));
        let weeded = match (over, self.server_runs) {
            (true, _) => weed(&self.data, meeting)?,
            (false, false) => weed_unfinished(&self.data, meeting)?,
            (false, true) => return Ok(Outcome::GoesOn),
        };
        Ok(if weeded { Outcome::Weeded } else { Outcome::None })
    }
}

struct Told(MeetingId, Outcome);

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(MeetingId(meeting), outcome) = *self;
        match outcome {
            Outcome::Weeded => write!(
                f,
                "Sammanträde {meeting}: mätvärdena är gallrade; journalen är hel, men mätvärdena bakom kontrollsummorna kan \
                 inte längre styrkas.\n{meeting}: the samples are weeded; the journal is whole, but the samples behind its \
                 marks can no longer be proved."
            ),
            Outcome::None | Outcome::Recent => write!(
                f,
                "Sammanträde {meeting}: det finns inga mätvärden. / {meeting}: there are no samples."
            ),
            Outcome::GoesOn => write!(
                f,
                "Sammanträde {meeting} är inte avslutat och pågår på servern, som skriver dess mätvärden: de är kvar. Avsluta \
                 det, eller stoppa servern först.\nMeeting {meeting} is not over and goes on in the server, which writes its \
                 samples: they stay. Close it, or stop the server first."
            ),
        }
    }
}
