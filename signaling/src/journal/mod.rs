//! The journal: what has happened in every meeting, append-only and hash-chained, in one SQLite file.
//!
//! An event is stored, and on the disk, before anyone sees its effect. The exact text of each event is hashed together
//! with the hash before it, so that a change anywhere shows, and where the chain has come to is signed every minute and
//! at each decision; docs/evidence.md has the format for whoever wants to verify it with other means.

mod chain;
mod checkpoint;
mod error;
mod export;
mod flaw;
mod hex;
mod key;
mod keys;
mod lock;
mod reader;
mod samples;
mod schema;
pub(crate) mod secrecy;
mod signer;
mod time_source;
mod verify;

#[cfg(test)]
mod tests;

pub use chain::Head;
pub use error::JournalError;
pub use export::Parts;
pub use flaw::{Flaw, Flawed, Place};
pub use key::{KEY_FILE, KeyError, PublicKey};
pub(crate) use lock::{DirectoryLock, FILE as LOCK_FILE};
pub use reader::Reader;
pub use signer::{lose_key, public_key};
pub use time_source::{Synchronised, TimeSource};
pub use verify::{Verified, VerifyError, verify_file, verify_file_by};

use crate::clock::Clock;
use crate::meeting::{Event, MeetingId};
use crate::sha256::Sha256;
use chain::{Body, Link};
use checkpoint::Checkpoint;
use hex::Hex;
use rusqlite::{Connection, Transaction, TransactionBehavior, params};
use signer::Signer;
use std::path::Path;

/// The journal's file in the data directory.
pub const FILE: &str = "journal.sqlite";

/// The longest text of one event, in bytes: a roster of the largest size with the longest names fits.
pub const MAX_EVENT_BYTES: usize = 512 * 1024;

/// The journal of one data directory, for its only writer.
pub struct Journal {
    reader: Reader,
    signer: Signer,
    /// How good the clock is that it is given times of.
    time: Box<dyn Fn() -> TimeSource + Send>,
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
    /// Opens the journal of a data directory, or starts one there, with a signing key ([`KEY_FILE`]). The directory must
    /// exist; no other process can use it until this journal is dropped. A journal of an older format is brought forward,
    /// and a copy of it stays beside it.
    ///
    /// # Errors
    /// `InUse` by another process, `Newer` than this program, `NotAJournal`, `Key`, or the storage's own.
    pub fn open(data_directory: &Path) -> Result<Self, JournalError> {
        let lock = DirectoryLock::take(data_directory)?;
        let path = data_directory.join(FILE);
        let mut db = Connection::open(&path)?;
        schema::keep_copy(&db, &path)?;
        schema::prepare(&mut db)?;
        let reader = Reader::over(db);
        let signer = Signer::open(&reader, data_directory, Clock::system().now_ms())?;
        Ok(Self {
            reader,
            signer,
            time: Box::new(TimeSource::of_the_kernel),
            _lock: lock,
        })
    }

    /// Times come from another clock than the machine's; how good it is, is signed with each checkpoint.
    #[must_use]
    pub fn timed_by(self, time: impl Fn() -> TimeSource + Send + 'static) -> Self {
        let time = Box::new(time);
        Self { time, ..self }
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

    /// Stores all of these events, or none. When it returns they are on the disk; where one of them is an opening, an
    /// adjournment, a closing, or the end of a roll call, a vote or a decision, with a checkpoint.
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
        if events.iter().any(checkpoint::is_signed_at_once) {
            sign(&transaction, meeting, &head, &self.signer, at_ms, (self.time)())?;
        }
        transaction.commit()?;
        Ok(stored)
    }

    /// Signs where a meeting's chain has come to, unless that is signed already; whether it was not. To be called every
    /// minute.
    ///
    /// # Errors
    /// `NoSuchMeeting`, `Full`, or another of the storage's; then it can be tried again.
    pub fn checkpoint(&mut self, meeting: MeetingId, at_ms: i64) -> Result<bool, JournalError> {
        let transaction = self
            .reader
            .db
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let head = reader::head(&transaction, meeting)?;
        let signed = sign(&transaction, meeting, &head, &self.signer, at_ms, (self.time)())?;
        transaction.commit()?;
        Ok(signed)
    }

    /// Makes a new signing key, which the old one introduces; the old one is then forgotten, and what it signed stays.
    ///
    /// # Errors
    /// `Key`, or the storage's own; the old key is then still in use.
    pub fn rotate_key(&mut self, at_ms: i64) -> Result<PublicKey, JournalError> {
        self.signer.rotate(&self.reader, at_ms)?;
        Ok(self.signer.public())
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
    let mut salt = Hex([0; 16]);
    aws_lc_rs::rand::fill(&mut salt.0).map_err(|_| KeyError::Randomness)?;
    let link = Link::after(head, meeting, at_ms, Body::Salted { salt, text: body });
    let (MeetingId(meeting), seq) = (meeting, link.seq);
    transaction
        .prepare_cached(
            "INSERT INTO event (meeting, seq, at_ms, prev, hash, salt, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            meeting,
            seq,
            at_ms,
            link.prev.as_bytes(),
            link.hash.as_bytes(),
            salt.0,
            link.body.text()
        ])?;
    transaction
        .prepare_cached("UPDATE meeting SET events = ?2, head = ?3 WHERE id = ?1")?
        .execute(params![meeting, seq, link.hash.as_bytes()])?;
    *head = link.head();
    Ok(Stored {
        seq: link.seq,
        at_ms,
        hash: link.hash,
        event: event.clone(),
    })
}

/// A checkpoint at `head`, unless there is one there.
fn sign(
    transaction: &Transaction<'_>,
    meeting: MeetingId,
    head: &Head,
    signer: &Signer,
    at_ms: i64,
    time: TimeSource,
) -> Result<bool, JournalError> {
    let last = reader::last_checkpoint(transaction, meeting)?;
    if last.events == head.events {
        return Ok(false);
    }
    let checkpoint = Checkpoint::sign(signer.key(), meeting, &last, head, at_ms, time);
    let synchronised = match checkpoint.synchronised {
        Synchronised::Yes => Some(true),
        Synchronised::No => Some(false),
        Synchronised::Unknown => None,
    };
    transaction
        .prepare_cached(
            "INSERT INTO checkpoint
             (meeting, number, events, head, at_ms, synchronised, max_error_ms, previous, key, signature)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )?
        .execute(params![
            meeting.0,
            checkpoint.number,
            checkpoint.events,
            checkpoint.head.as_bytes(),
            at_ms,
            synchronised,
            checkpoint.max_error_ms,
            checkpoint.previous.as_bytes(),
            checkpoint.key.bytes(),
            checkpoint.signature.0
        ])?;
    Ok(true)
}
