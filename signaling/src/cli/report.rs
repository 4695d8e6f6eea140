//! `lika meeting report`

use super::journal::read_keys;
use crate::config::Config;
use crate::data::PEOPLE;
use crate::journal::{PublicKey, Reader};
use crate::meeting::MeetingId;
use crate::replace::replace;
use crate::report::{self, Language, Source};
use crate::samples::directory_of;
use anyhow::{Context as _, ensure};
use lika_auth::{PeopleStore, Person};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub(super) struct Args {
    /// The meeting's number, or the file of an export
    meeting: String,
    /// The configuration; for a file none is needed
    #[arg(long, default_value = super::CONFIG)]
    config: PathBuf,
    /// The file; standard output if left out
    #[arg(long)]
    out: Option<PathBuf>,
    /// The language
    #[arg(long, value_enum, default_value_t)]
    language: Language,
    /// Write what happened at secret items too: the report is then as secret as they are
    #[arg(long)]
    secret: bool,
    /// For a file: the public key of the installation (PEM), got from elsewhere than the file; without it the report says
    /// that anybody may have made the file
    #[arg(long, value_name = "PUBLIC_KEY_FILE")]
    key: Option<PathBuf>,
}

pub(super) fn report(args: &Args) -> anyhow::Result<()> {
    let keys = args.key.as_deref().map(read_keys).transpose()?.unwrap_or_default();
    let (source, people) = match args.meeting.parse() {
        Ok(meeting) => {
            ensure!(
                keys.is_empty(),
                "--key hör till en exporterad fil / is for an exported file"
            );
            of_meeting(
                &Config::read(&args.config)?.storage.data_dir,
                MeetingId(meeting),
                args.secret,
            )?
        }
        Err(_) => (of_export(Path::new(&args.meeting), &keys, args.secret)?, Vec::new()),
    };
    let html = report::report(&source, people, args.language, args.secret);
    match &args.out {
        Some(path) => replace(path, |file| file.write_all(html.as_bytes()))
            .with_context(|| format!("{} går inte att skriva / cannot be written", path.display())),
        None => Ok(io::stdout().lock().write_all(html.as_bytes())?),
    }
}

fn of_meeting(data: &Path, meeting: MeetingId, secret: bool) -> anyhow::Result<(Source, Vec<Person>)> {
    let events = Reader::open(data)?.read(meeting)?;
    let people = data.join(PEOPLE);
    let people = if people.exists() {
        PeopleStore::open_beside(&people)?.of(meeting.0)?
    } else {
        Vec::new()
    };
    Ok((
        Source::of_journal(events, &directory_of(data, meeting), secret)?,
        people,
    ))
}

/// Verified before it is told on.
fn of_export(file: &Path, keys: &[PublicKey], secret: bool) -> anyhow::Result<Source> {
    Ok(Source::of_export(file, keys, secret)?)
}
