//! `lika drain`: before maintenance, let meetings finish.

use crate::config::Config;
use crate::control::{MAX_MINUTES, Request, Standing, ask};
use crate::report::Times;
use std::io::{self, Write};
use std::path::PathBuf;

/// Long enough for a council that has just begun.
const DEADLINE_MINUTES: u32 = 8 * 60;

#[derive(clap::Args)]
pub(super) struct Args {
    /// The configuration
    #[arg(long, default_value = super::CONFIG)]
    config: PathBuf,
    /// Stop after this long at the latest; meetings still in session go on with the next start
    #[arg(long, value_name = "MINUTES", default_value_t = DEADLINE_MINUTES,
          value_parser = clap::value_parser!(u32).range(0..=i64::from(MAX_MINUTES)))]
    deadline: u32,
    /// Open meetings again
    #[arg(long, conflicts_with_all = ["deadline", "status"])]
    cancel: bool,
    /// Only say how it stands
    #[arg(long, conflicts_with = "deadline")]
    status: bool,
}

pub(super) fn drain(args: &Args) -> anyhow::Result<()> {
    let request = match (args.cancel, args.status) {
        (true, _) => Request::StopDraining {},
        (_, true) => Request::Standing {},
        _ => Request::Drain { minutes: args.deadline },
    };
    let standing = ask(&Config::read(&args.config)?.storage.data_dir, request)?;
    tell(&standing, &mut io::stdout())?;
    Ok(())
}

fn tell(standing: &Standing, out: &mut impl Write) -> io::Result<()> {
    let in_session: Vec<String> = standing
        .in_session
        .iter()
        .map(|meeting| meeting.0.to_string())
        .collect();
    let in_session = in_session.join(", ");
    match (standing.draining_until_ms, in_session.is_empty()) {
        (None, true) => writeln!(
            out,
            "Servern öppnar sammanträden som vanligt. Inget pågår.\n\
             The server opens meetings as usual. None is in session."
        ),
        (None, false) => writeln!(
            out,
            "Servern öppnar sammanträden som vanligt. Pågår: {in_session}.\n\
             The server opens meetings as usual. In session: {in_session}."
        ),
        (Some(_), true) => writeln!(
            out,
            "Inget sammanträde pågår: servern stannar nu.\n\
             No meeting is in session: the server stops now."
        ),
        (Some(until_ms), false) => {
            let times = Times::swedish();
            let until = format!("{} {}", times.day(until_ms), times.minute(until_ms));
            writeln!(
                out,
                "Servern öppnar inga sammanträden. Pågår: {in_session}. Den stannar när de är avslutade eller alla har lämnat,\n\
                 senast {until}; det som då inte är avslutat fortsätter vid nästa start. Ångra: lika drain --cancel\n\
                 The server opens no meetings. In session: {in_session}. It stops when they are closed or everybody has left,\n\
                 at {until} at the latest; what is not closed then goes on with the next start. Undo: lika drain --cancel"
            )
        }
    }
}
