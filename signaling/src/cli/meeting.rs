//! `lika meeting`

use crate::clock::Clock;
use crate::config::Config;
use crate::convene::{Notice, devices, invitation_expires_ms, invite, link};
use crate::data::{Data, IDENTITIES};
use crate::journal::{Parts, Reader};
use crate::meeting::{Meeting, MeetingId, Participant, ParticipantId, Phase, Role};
use crate::replace::replace;
use anyhow::Context as _;
use clap::Subcommand;
use lika_auth::{Bearer, Identity, IdentityStore, RosterKeys};
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

const HOUR_MS: i64 = 60 * 60 * 1000;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Convene a meeting and print its invitation links, this once; the server must be stopped
    Create {
        /// The configuration
        #[arg(long, default_value = super::CONFIG)]
        config: PathBuf,
        /// The roster (TOML): title, body, and a [[participant]] for each with role, name, mandate, party
        #[arg(long)]
        roster: PathBuf,
    },
    /// Print a bearer token for a device without a page, this once
    Token {
        /// The configuration
        #[arg(long, default_value = super::CONFIG)]
        config: PathBuf,
        /// The meeting's number
        meeting: u64,
        /// Publish as this participant (WHIP); left out: receive the programme (WHEP)
        #[arg(long, value_name = "PARTICIPANT")]
        publish_as: Option<u32>,
        /// For how many hours
        #[arg(long, default_value_t = 24, value_parser = clap::value_parser!(u16).range(1..=8784))]
        hours: u16,
    },
    /// Print a new invitation link for somebody, this once; works beside a running server
    Invite {
        /// The configuration
        #[arg(long, default_value = super::CONFIG)]
        config: PathBuf,
        /// The meeting's number
        meeting: u64,
        /// The participant's number in the roster
        participant: u32,
    },
    /// Take back somebody's invitations, sessions and tokens; a running server ends their media within a second
    Revoke {
        /// The configuration
        #[arg(long, default_value = super::CONFIG)]
        config: PathBuf,
        /// The meeting's number
        meeting: u64,
        /// The participant's number in the roster
        participant: u32,
    },
    /// List the meetings
    List {
        /// The configuration
        #[arg(long, default_value = super::CONFIG)]
        config: PathBuf,
    },
    /// Write a meeting's journal and samples as one signed file, which `lika journal verify` can check
    Export {
        /// The configuration
        #[arg(long, default_value = super::CONFIG)]
        config: PathBuf,
        /// The meeting's number
        meeting: u64,
        /// The file; standard output if left out
        #[arg(long)]
        out: Option<PathBuf>,
        /// With what was said and decided at secret items; keep the file secret
        #[arg(long)]
        secret: bool,
        /// Without the samples
        #[arg(long)]
        without_samples: bool,
    },
    /// Write a meeting's report (HTML): who served, the quality, every alarm and decision
    Report(super::report::Args),
    /// Remove meetings' samples, for good; the journals stay whole. Those that are not over only while no server runs
    WeedSamples(super::weed_samples::Args),
}

pub(super) fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Create { config, roster } => create(&Config::read(&config)?, &roster),
        Command::Token {
            config,
            meeting,
            publish_as,
            hours,
        } => token(&Config::read(&config)?, MeetingId(meeting), publish_as, hours),
        Command::Invite {
            config,
            meeting,
            participant,
        } => invite_anew(&Config::read(&config)?, MeetingId(meeting), ParticipantId(participant)),
        Command::Revoke {
            config,
            meeting,
            participant,
        } => revoke(&Config::read(&config)?, MeetingId(meeting), ParticipantId(participant)),
        Command::List { config } => list(&Config::read(&config)?),
        Command::Report(args) => super::report::report(&args),
        Command::WeedSamples(args) => super::weed_samples::weed_samples(&args),
        Command::Export {
            config,
            meeting,
            out,
            secret,
            without_samples,
        } => {
            let samples = !without_samples;
            let parts = Parts { secret, samples };
            export(&Config::read(&config)?, MeetingId(meeting), parts, out)
        }
    }
}

fn create(config: &Config, roster: &Path) -> anyhow::Result<()> {
    let text = std::fs::read_to_string(roster).with_context(|| format!("cannot read {}", roster.display()))?;
    let mut notice = Notice::parse(&text).with_context(|| roster.display().to_string())?;
    if config.identity.test_identities {
        notice = notice.with_test_identities();
    }
    let now_ms = Clock::system().now_ms();
    let expires_ms = invitation_expires_ms(now_ms, config.limits.invitation_days, &notice.occasion());
    let directory = &config.storage.data_dir;
    let mut data = Data::open(directory)?;
    let keys = RosterKeys::open(&config.identity.key_file(directory))?;
    let convened = notice.convene(&mut data, &keys, now_ms, expires_ms)?;
    let mut out = io::stdout();
    writeln!(out, "# {}: {}", convened.meeting, notice.title)?;
    for ((participant, token), one) in convened.invitations.iter().zip(&notice.participants) {
        let link = link(&config.server.public_url, token);
        writeln!(out, "{}\t{:?}\t{}\t{link}", participant.0, one.role, one.name)?;
    }
    Ok(())
}

fn token(config: &Config, meeting: MeetingId, publishes_as: Option<u32>, hours: u16) -> anyhow::Result<()> {
    let directory = &config.storage.data_dir;
    if let Some(participant) = publishes_as {
        known(directory, meeting, ParticipantId(participant))?;
    } else {
        Reader::open(directory)?.read(meeting)?;
    }
    let expires_ms = Clock::system().now_ms() + i64::from(hours) * HOUR_MS;
    let bearer = Bearer {
        meeting: meeting.0,
        publishes_as,
        expires_ms,
    };
    let token = IdentityStore::open_beside(&directory.join(IDENTITIES))?.grant(&bearer)?;
    let door = if publishes_as.is_some() { "whip" } else { "whep" };
    writeln!(
        io::stdout(),
        "{}/{door}\t{}",
        config.server.public_url,
        token.reveal().as_str()
    )?;
    Ok(())
}

/// The role of somebody in the roster.
fn known(directory: &Path, meeting: MeetingId, participant: ParticipantId) -> anyhow::Result<Role> {
    let events = Reader::open(directory)?.read(meeting)?;
    let meeting_now = Meeting::replay(events.iter().map(|stored| &stored.event));
    let found = meeting_now.roster().find(participant).map(Participant::role);
    found.with_context(|| format!("{meeting} has no {participant}; see what `meeting create` printed"))
}

/// Somebody lost their link, or uses another device.
fn invite_anew(config: &Config, meeting: MeetingId, participant: ParticipantId) -> anyhow::Result<()> {
    let directory = &config.storage.data_dir;
    let role = known(directory, meeting, participant)?;
    let mut store = IdentityStore::open_beside(&directory.join(IDENTITIES))?;
    let (now_ms, occasion) = (Clock::system().now_ms(), store.occasion(meeting.0)?);
    let expires_ms = invitation_expires_ms(now_ms, config.limits.invitation_days, &occasion);
    for (_, token) in invite(&mut store, meeting, [(participant, devices(role))], expires_ms)? {
        writeln!(io::stdout(), "{}", link(&config.server.public_url, &token))?;
    }
    Ok(())
}

fn revoke(config: &Config, meeting: MeetingId, participant: ParticipantId) -> anyhow::Result<()> {
    let directory = &config.storage.data_dir;
    known(directory, meeting, participant)?;
    let whom = Identity {
        meeting: meeting.0,
        participant: participant.0,
    };
    IdentityStore::open_beside(&directory.join(IDENTITIES))?.revoke(whom)?;
    writeln!(
        io::stdout(),
        "{meeting}, {participant}: invitations, sessions and tokens are taken back"
    )?;
    Ok(())
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

fn export(config: &Config, meeting: MeetingId, parts: Parts, out: Option<PathBuf>) -> anyhow::Result<()> {
    let (directory, now_ms) = (&config.storage.data_dir, Clock::system().now_ms());
    let journal = Reader::open(directory)?;
    let Some(path) = out else {
        return Ok(journal.export(meeting, directory, parts, now_ms, &mut io::stdout().lock())?);
    };
    let written = replace(&path, |file| -> anyhow::Result<()> {
        let mut file = BufWriter::new(file);
        journal.export(meeting, directory, parts, now_ms, &mut file)?;
        Ok(file.flush()?)
    });
    written.with_context(|| format!("cannot write {}", path.display()))
}
