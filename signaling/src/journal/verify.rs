//! `lika journal verify FILE`: works alone, on an exported file or on the journal's own.

use super::{Flaw, Flawed, Head, JournalError, Reader, export};
use crate::meeting::MeetingId;
use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;
use thiserror::Error;

/// How every SQLite file begins (SQLite file format, section 1.3).
const SQLITE_MAGIC: &[u8] = b"SQLite format 3\0";

/// Every event was found unchanged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The meetings in the file, and where their chains end.
    pub meetings: Vec<(MeetingId, Head)>,
}

/// Why a file does not verify.
#[derive(Debug, Error)]
pub enum VerifyError {
    /// The first bad event.
    #[error("Journalen är INTE hel. / The journal is NOT whole.\n{0}")]
    Flawed(#[from] Flawed),
    /// The file cannot be read.
    #[error("Filen kan inte läsas: {0}\nThe file cannot be read: {0}")]
    Unreadable(#[from] io::Error),
    /// Neither an export nor a journal.
    #[error(
        "Filen är varken en exporterad journal eller en journalfil från lika.\n\
         The file is neither an exported journal nor a journal file of lika."
    )]
    NotAJournal,
    /// Written by a newer program.
    #[error(
        "Filen är skriven av ett nyare program (format {found}). Verifiera med den versionen.\n\
         The file was written by a newer program (format {found}). Verify it with that version."
    )]
    Newer {
        /// The file's format.
        found: i64,
    },
    /// The SQLite file itself cannot be read to its end.
    #[error("Journalfilen är skadad eller kan inte läsas: {0}\nThe journal file is damaged or cannot be read: {0}")]
    Database(#[source] JournalError),
}

/// Verifies every chain in the file.
///
/// # Errors
/// [`VerifyError`], naming the first bad event if there is one. Its text is for people, Swedish first.
pub fn verify_file(path: &Path) -> Result<Verified, VerifyError> {
    let mut file = BufReader::new(File::open(path)?);
    if file.fill_buf()?.starts_with(SQLITE_MAGIC) {
        return Ok(verify_database(path)?);
    }
    Ok(Verified {
        meetings: vec![export::verify(file)?],
    })
}

fn verify_database(path: &Path) -> Result<Verified, JournalError> {
    let reader = Reader::open_file(path)?;
    let _snapshot = reader.snapshot()?;
    if let Some(meeting) = reader.unlisted()? {
        return Err(Flawed {
            meeting,
            seq: 1,
            flaw: Flaw::WrongEnd { said: 0 },
        }
        .into());
    }
    let mut meetings = reader.meetings()?;
    for (meeting, head) in &mut meetings {
        *head = reader.walk(*meeting, |_| Ok(()))?;
    }
    Ok(Verified { meetings })
}

impl From<JournalError> for VerifyError {
    fn from(error: JournalError) -> Self {
        match error {
            JournalError::Damaged(flawed) => Self::Flawed(flawed),
            JournalError::NotAJournal => Self::NotAJournal,
            JournalError::Newer { found } => Self::Newer { found },
            other => Self::Database(other),
        }
    }
}

impl fmt::Display for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Journalen är hel. / The journal is whole.")?;
        for (MeetingId(meeting), Head { events, hash }) in &self.meetings {
            writeln!(
                f,
                "Sammanträde {meeting}: {events} händelser, sista kontrollsumma {hash}"
            )?;
            writeln!(f, "Meeting {meeting}: {events} events, last hash {hash}")?;
        }
        Ok(())
    }
}
