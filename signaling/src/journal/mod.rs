//! The journal: what has happened in every meeting, append-only and hash-chained, in one SQLite file.
//!
//! An event is stored, and on the disk, before anyone sees its effect. The exact text of each event is hashed together
//! with the hash before it, so that a change anywhere shows; docs/journal.md has the format for whoever wants to verify
//! it with other means.

mod chain;
mod error;
mod export;
mod lock;
mod reader;
mod schema;
mod verify;

#[cfg(test)]
mod tests;

pub use chain::{Flaw, Flawed, Head};
pub use error::JournalError;
pub use reader::Reader;
pub use verify::{Verified, VerifyError, verify_file};

use crate::meeting::{Event, MeetingId};
use crate::sha256::Sha256;
use chain::Link;
use lock::DirectoryLock;
use rusqlite::{Connection, Transaction, TransactionBehavior, params};
use std::io::Write;
use std::path::Path;

/// The journal's file in the data directory.
pub const FILE: &str = "journal.sqlite";

/// The longest text of one event, in bytes: a roster of the largest size with the longest names fits.
pub const MAX_EVENT_BYTES: usize = 512 * 1024;

/// The journal of one data directory, for its only writer.
pub struct Journal {
    reader: Reader,
    _lock: DirectoryLock,
}

/// An event as it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    /// Its number in the meeting, from 1 without gaps.
    pub seq: u64,
    /// When it was stored, in milliseconds since 1970-01-01 UTC.
    pub at_ms: i64,
    /// Its hash, which the next event builds on.
    pub hash: Sha256,
    /// What happened.
    pub event: Event,
}

impl Journal {
    /// Opens the journal of a data directory, or starts one there. The directory must exist; no other process can use
    /// it until this journal is dropped.
    ///
    /// # Errors
    /// `InUse` by another process, `Newer` than this program, `NotAJournal`, or the storage's own.
    pub fn open(data_directory: &Path) -> Result<Self, JournalError> {
        let lock = DirectoryLock::take(data_directory)?;
        let mut db = Connection::open(data_directory.join(FILE))?;
        schema::prepare(&mut db)?;
        Ok(Self {
            reader: Reader::over(db),
            _lock: lock,
        })
    }

    /// Starts a meeting with its first event, which [`crate::meeting::Plan::created`] made.
    ///
    /// # Errors
    /// `Full` or another of the storage's; then there is no such meeting.
    pub fn create(&mut self, first: &Event, at_ms: i64) -> Result<(MeetingId, Stored), JournalError> {
        let transaction = self
            .reader
            .db
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction
            .prepare_cached("INSERT INTO meeting (events, head) VALUES (0, ?1)")?
            .execute([Sha256::ZERO.as_bytes()])?;
        let meeting = MeetingId(transaction.last_insert_rowid().cast_unsigned());
        let mut head = Head::START;
        let stored = store(&transaction, meeting, &mut head, first, at_ms)?;
        transaction.commit()?;
        Ok((meeting, stored))
    }

    /// Stores all of these events, or none. When it returns they are on the disk.
    ///
    /// # Errors
    /// `Moved` if the meeting's last event is not number `expected_seq` (somebody else has written: replay it anew),
    /// `NoSuchMeeting`, `Full`, or another of the storage's. After an error nothing is stored, and the same can be tried
    /// again.
    pub fn append(
        &mut self,
        meeting: MeetingId,
        expected_seq: u64,
        events: &[Event],
        at_ms: i64,
    ) -> Result<Vec<Stored>, JournalError> {
        let transaction = self
            .reader
            .db
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut head = reader::head(&transaction, meeting)?;
        if head.events != expected_seq {
            return Err(JournalError::Moved {
                meeting,
                expected: expected_seq,
                found: head.events,
            });
        }
        let store_one = |event| store(&transaction, meeting, &mut head, event, at_ms);
        let stored = events.iter().map(store_one).collect::<Result<_, _>>()?;
        transaction.commit()?;
        Ok(stored)
    }

    /// The events of a meeting, the chain checked on the way.
    ///
    /// # Errors
    /// `Damaged` with the first bad event, `NoSuchMeeting`, or the storage's own.
    pub fn read(&self, meeting: MeetingId) -> Result<Vec<Stored>, JournalError> {
        self.reader.read(meeting)
    }

    /// Every meeting with where its chain ends, oldest first.
    ///
    /// # Errors
    /// The storage's own.
    pub fn meetings(&self) -> Result<Vec<(MeetingId, Head)>, JournalError> {
        self.reader.meetings()
    }

    /// Writes a meeting as JSON lines; see docs/journal.md.
    ///
    /// # Errors
    /// As [`Journal::read`], or `Export` if `out` fails.
    pub fn export(&self, meeting: MeetingId, out: &mut impl Write) -> Result<(), JournalError> {
        self.reader.export(meeting, out)
    }
}

/// One event after `head`, which then is this event.
fn store(
    transaction: &Transaction<'_>,
    meeting: MeetingId,
    head: &mut Head,
    event: &Event,
    at_ms: i64,
) -> Result<Stored, JournalError> {
    let body = event.encode()?;
    if body.len() > MAX_EVENT_BYTES {
        return Err(JournalError::EventTooLong(body.len()));
    }
    let link = Link::after(head, meeting, at_ms, body);
    let (MeetingId(meeting), seq) = (meeting, link.seq);
    transaction
        .prepare_cached("INSERT INTO event (meeting, seq, at_ms, prev, hash, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
        .execute(params![
            meeting,
            seq,
            at_ms,
            link.prev.as_bytes(),
            link.hash.as_bytes(),
            link.body
        ])?;
    transaction
        .prepare_cached("UPDATE meeting SET events = ?2, head = ?3 WHERE id = ?1")?
        .execute(params![meeting, seq, link.hash.as_bytes()])?;
    *head = Head {
        events: link.seq,
        hash: link.hash,
    };
    Ok(Stored {
        seq: link.seq,
        at_ms,
        hash: link.hash,
        event: event.clone(),
    })
}
