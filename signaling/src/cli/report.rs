//! `lika meeting report` and `lika meeting weed-samples`

use crate::clock::Clock;
use crate::config::Config;
use crate::data::PEOPLE;
use crate::journal::{self, Journal, JournalError, Reader, Stored};
use crate::meeting::{Event, MeetingId, ParticipantId};
use crate::report::page::{Page, render};
use crate::report::{Account, Language, Recording, Times, events_of_export};
use crate::samples::{Lines, ReadError, directory_of, kept, weed};
use anyhow::{Context as _, bail, ensure};
use lika_auth::PeopleStore;
use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

#[derive(clap::Args)]
pub(super) struct Args {
    /// The meeting's number, or the file of an export
    meeting: String,
    /// The configuration; for a file none is needed
    #[arg(long)]
    config: Option<PathBuf>,
    /// The file; standard output if left out
    #[arg(long)]
    out: Option<PathBuf>,
    /// The language
    #[arg(long, value_enum, default_value_t)]
    language: Language,
    /// Write the texts of secret items too: the report is then as secret as they are
    #[arg(long)]
    secret: bool,
}

#[derive(clap::Args)]
pub(super) struct Weeding {
    /// The configuration
    #[arg(long)]
    config: PathBuf,
    /// The meeting's number
    meeting: Option<u64>,
    /// Every meeting in which nothing has happened for so many days
    #[arg(long, value_name = "DAYS", conflicts_with = "meeting", required_unless_present = "meeting", value_parser = clap::value_parser!(u16).range(1..))]
    older_than: Option<u16>,
}

/// What the report is made of.
#[derive(Default)]
struct Sources {
    events: Vec<Stored>,
    recording: Option<Recording>,
    names: BTreeMap<ParticipantId, String>,
}

pub(super) fn report(args: &Args) -> anyhow::Result<()> {
    let sources = match args.meeting.parse() {
        Ok(meeting) => {
            let config = args.config.as_deref().context(
                "ange --config, så att sammanträdet hittas / name the configuration with --config, to find the meeting",
            )?;
            Sources::of_meeting(&Config::read(config)?.storage.data_dir, MeetingId(meeting))?
        }
        Err(_) => Sources::of_export(Path::new(&args.meeting))?,
    };
    let account = Account::of(&sources.events, sources.recording.as_ref());
    let html = render(&Page {
        account: &account,
        recording: sources.recording.as_ref(),
        names: &sources.names,
        language: args.language,
        secret: args.secret,
        times: Times::swedish(),
    });
    match &args.out {
        Some(path) => std::fs::write(path, html)
            .with_context(|| format!("{} går inte att skriva / cannot be written", path.display())),
        None => Ok(io::stdout().lock().write_all(html.as_bytes())?),
    }
}

impl Sources {
    fn of_meeting(data: &Path, meeting: MeetingId) -> anyhow::Result<Self> {
        let events = Reader::open(data)?.read(meeting)?;
        let mut names = BTreeMap::new();
        let people = data.join(PEOPLE);
        if people.exists() {
            for person in PeopleStore::open(&people)?.of(meeting.0)? {
                names.insert(ParticipantId(person.whom.participant), person.name);
            }
        }
        let samples = directory_of(data, meeting);
        let recording = if samples.exists() { recording(&samples)? } else { None };
        Ok(Self {
            events,
            recording,
            names,
        })
    }

    /// Verified before it is told on.
    fn of_export(file: &Path) -> anyhow::Result<Self> {
        journal::verify_file(file)?;
        Ok(Self {
            events: events_of_export(file)?,
            recording: recording(file)?,
            names: BTreeMap::new(),
        })
    }
}

/// None if there are no samples.
fn recording(path: &Path) -> anyhow::Result<Option<Recording>> {
    match Lines::open(path).and_then(|mut lines| Recording::read(&mut lines)) {
        Ok(recording) => Ok(Some(recording)),
        Err(ReadError::NoSamples(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// A meeting that goes on keeps its samples: they are being written.
pub(super) fn weed_samples(args: &Weeding) -> anyhow::Result<()> {
    let data = Config::read(&args.config)?.storage.data_dir;
    let held = hold(&data)?;
    let running = held.is_none();
    let journal = Reader::open(&data)?;
    let before_ms = args
        .older_than
        .map(|days| Clock::system().now_ms() - i64::from(days) * DAY_MS);
    let meetings = match args.meeting {
        Some(meeting) => vec![MeetingId(meeting)],
        None => kept(&data)?,
    };
    let mut out = io::stdout();
    for meeting in meetings {
        let events = journal.read(meeting)?;
        let last_ms = events.last().map_or(i64::MIN, |stored| stored.at_ms);
        let closed = events.iter().any(|stored| matches!(stored.event, Event::Closed { .. }));
        if before_ms.is_some_and(|before_ms| last_ms >= before_ms) {
            continue;
        }
        if running && !closed {
            if before_ms.is_some() {
                continue;
            }
            bail!(
                "sammanträde {} pågår: avsluta det eller stoppa servern först / {meeting} goes on: close it, or stop the \
                 server first",
                meeting.0
            );
        }
        if weed(&data, meeting)? {
            writeln!(
                out,
                "Sammanträde {}: mätvärdena är gallrade; journalen är hel, men det den märkt av mätvärdena kan inte längre \
                 visas.\n{meeting}: the samples are weeded; the journal is whole, but its marks of them can no longer be \
                 proved.",
                meeting.0
            )?;
        } else {
            writeln!(
                out,
                "Sammanträde {}: det finns inga mätvärden. / {meeting}: there are no samples.",
                meeting.0
            )?;
        }
    }
    Ok(())
}

/// Keeps a server from starting meanwhile; `None`: one is running.
fn hold(data: &Path) -> anyhow::Result<Option<Journal>> {
    ensure!(
        data.join(journal::FILE).exists(),
        "inget sammanträde finns i {0}: se storage.data_dir / there is no meeting in {0}: check storage.data_dir",
        data.display()
    );
    match Journal::open(data) {
        Ok(journal) => Ok(Some(journal)),
        Err(JournalError::InUse { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
