//! Why the journal could not do what was asked.

use super::schema;
use super::{Flawed, KeyError};
use crate::meeting::MeetingId;
use crate::meeting::event::EventError;
use crate::samples::ReadError;
use rusqlite::ErrorCode;
use std::io;
use std::path::PathBuf;
use thiserror::Error;

/// Why the journal could not do what was asked.
#[derive(Debug, Error)]
pub enum JournalError {
    /// There is no space left. Nothing was stored; the journal goes on when there is space again.
    #[error("the disk of the data directory is full: make room; nothing is decided until the journal can be written")]
    Full,
    /// The disk or file system failed. Nothing was stored.
    #[error("the journal cannot be read or written ({0}): check the disk and the permissions of the data directory")]
    Storage(#[source] rusqlite::Error),
    /// The data directory cannot be used at all.
    #[error("cannot use {path} ({source}): check that the data directory exists and may be written")]
    Directory {
        /// The file that could not be opened.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Another process has the data directory.
    #[error(
        "Datakatalogen {path} används redan av en annan lika. Stoppa den, eller ange en annan katalog.\n\
         The data directory {path} is already used by another lika. Stop it, or name another directory."
    )]
    InUse {
        /// The directory.
        path: PathBuf,
    },
    /// Written by a newer program.
    #[error(
        "Journalen har format {found}, detta program kan {known}. Uppdatera lika; inget har ändrats.\n\
         The journal has format {found}, this program knows {known}. Update lika; nothing was changed.",
        known = schema::VERSION
    )]
    Newer {
        /// Its format.
        found: i64,
    },
    /// Some other file.
    #[error(
        "Filen är inte en journal från lika.\n\
         The file is not a journal of lika."
    )]
    NotAJournal,
    /// The file is damaged as a database.
    #[error("the journal's file is damaged ({0}): restore the data directory from its backup")]
    DamagedFile(#[source] rusqlite::Error),
    /// The chain does not hold.
    #[error("the journal does not verify; restore the data directory from its backup\n{0}")]
    Damaged(#[from] Flawed),
    /// An event cannot be understood.
    #[error("event {seq} of {meeting}: {source}")]
    Event {
        /// Of which meeting.
        meeting: MeetingId,
        /// Its number.
        seq: u64,
        /// Why.
        source: EventError,
    },
    /// Somebody else has written to the meeting.
    #[error("{meeting} has {found} events, not {expected}: somebody else has written; replay it from the journal")]
    Moved {
        /// Which meeting.
        meeting: MeetingId,
        /// The events the writer knew of.
        expected: u64,
        /// The events there are.
        found: u64,
    },
    /// No such meeting.
    #[error("there is no {0} in the journal; `lika meeting list` shows those there are")]
    NoSuchMeeting(MeetingId),
    /// An event is too long.
    #[error("an event of {0} bytes is too long for the journal, at most {max} fit", max = super::MAX_EVENT_BYTES)]
    EventTooLong(usize),
    /// An event could not be written as JSON.
    #[error("an event cannot be written as JSON: {0}")]
    Encoding(#[from] serde_json::Error),
    /// The copy of before a change of the format; nothing is changed.
    #[error(transparent)]
    Copy(#[from] lika_auth::copies::CopyError),
    /// The signing key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// What the meeting's samples are kept in cannot be read.
    #[error(
        "Sammanträdets mätvärden kan inte läsas: {0}. Återställ dem, eller exportera utan: --without-samples.\n\
         The meeting's samples cannot be read: {0}. Restore them, or export without them: --without-samples."
    )]
    Samples(#[from] ReadError),
    /// An event of a secret item cannot be withheld without breaking the chain.
    #[error(
        "Händelse {seq} hör till ett hemligt ärende men skrevs av en äldre lika, så dess text kan inte tas ur kedjan. \
         Exportera med --secret, och håll filen hemlig.\n\
         Event {seq} belongs to a secret item but was written by an older lika, so its text cannot be left out of the \
         chain. Export with --secret, and keep the file secret."
    )]
    CannotWithhold {
        /// Its number.
        seq: u64,
    },
    /// A line would be longer than verifiers read.
    #[error(
        "En rad på {0} byte är för lång för en export; högst {max} får plats. Exportera utan mätvärden: --without-samples.\n\
         A line of {0} bytes is too long for an export, at most {max} fit. Export without the samples: --without-samples.",
        max = crate::samples::MAX_LINE_BYTES
    )]
    LineTooLong(usize),
    /// The export could not be written.
    #[error("the export cannot be written: {0}")]
    Export(#[source] io::Error),
}

impl From<rusqlite::Error> for JournalError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::NotADatabase) => Self::NotAJournal,
            Some(ErrorCode::DatabaseCorrupt) => Self::DamagedFile(error),
            _ => Self::Storage(error),
        }
    }
}
