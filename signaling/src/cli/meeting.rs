//! `lika meeting`

use crate::clock::Clock;
use crate::config::Config;
use crate::convene::Notice;
use crate::data::Data;
use crate::journal::Reader;
use crate::meeting::{Meeting, MeetingId, Phase};
use anyhow::Context as _;
use clap::Subcommand;
use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Convene a meeting and print its invitation links, this once; the server must be stopped
    Create {
        /// The configuration
        #[arg(long)]
        config: PathBuf,
        /// The roster (TOML): title, body, and a [[participant]] for each with role, name, mandate, party
        #[arg(long)]
        roster: PathBuf,
    },
    /// List the meetings
    List {
        /// The configuration
        #[arg(long)]
        config: PathBuf,
    },
    /// Write a meeting's journal as JSON lines, which `lika journal verify` can check
    Export {
        /// The configuration
        #[arg(long)]
        config: PathBuf,
        /// The meeting's number
        meeting: u64,
        /// The file; standard output if left out
        #[arg(long)]
        out: Option<PathBuf>,
    },
}

pub(super) fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Create { config, roster } => create(&Config::read(&config)?, &roster),
        Command::List { config } => list(&Config::read(&config)?),
        Command::Export { config, meeting, out } => export(&Config::read(&config)?, MeetingId(meeting), out),
    }
}

fn create(config: &Config, roster: &Path) -> anyhow::Result<()> {
    let text = std::fs::read_to_string(roster).with_context(|| format!("cannot read {}", roster.display()))?;
    let notice = Notice::parse(&text).with_context(|| roster.display().to_string())?;
    let now_ms = Clock::system().now_ms();
    let expires_ms = now_ms + i64::from(config.limits.invitation_days.get()) * DAY_MS;
    let convened = notice.convene(&mut Data::open(&config.storage.data_dir)?, now_ms, expires_ms)?;
    let mut out = io::stdout();
    writeln!(out, "# {}: {}", convened.meeting, notice.title)?;
    for ((participant, token), one) in convened.invitations.iter().zip(&notice.participants) {
        let link = link(&config.server.public_url, &token.reveal());
        writeln!(out, "{}\t{:?}\t{}\t{link}", participant.0, one.role, one.name)?;
    }
    Ok(())
}

/// An invitation link.
pub(super) fn link(public_url: &str, token: &str) -> String {
    format!("{public_url}/i/{token}")
}

fn list(config: &Config) -> anyhow::Result<()> {
    let journal = Reader::open(&config.storage.data_dir)?;
    let mut out = io::stdout();
    for (id, head) in journal.meetings()? {
        let meeting = Meeting::replay(journal.read(id)?.iter().map(|stored| &stored.event));
        let phase = match meeting.phase() {
            Phase::Planned => "planned",
            Phase::Open => "open",
            Phase::Adjourned { .. } => "adjourned",
            Phase::Closed => "closed",
        };
        writeln!(
            out,
            "{}\t{phase}\t{} events\t{}: {}",
            id.0,
            head.events,
            meeting.body(),
            meeting.title()
        )?;
    }
    Ok(())
}

fn export(config: &Config, meeting: MeetingId, out: Option<PathBuf>) -> anyhow::Result<()> {
    let journal = Reader::open(&config.storage.data_dir)?;
    match out {
        Some(path) => {
            let file = File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
            let mut file = BufWriter::new(file);
            journal.export(meeting, &mut file)?;
            file.flush()?;
        }
        None => journal.export(meeting, &mut io::stdout().lock())?,
    }
    Ok(())
}
