//! Reading the journal, beside its writer or without one.

use super::chain::{Body, Chain, Link};
use super::checkpoint::{Checkpoint, Last};
use super::hex::Hex;
use super::keys::KeyRecord;
use super::time_source::Synchronised;
use super::{FILE, Head, JournalError, Stored, schema};
use crate::meeting::{Event, MeetingId};
use crate::sha256::Sha256;
use rusqlite::{Connection, OpenFlags, OptionalExtension, Row, Transaction};
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// A journal that is only read. Takes no lock: the writer may go on beside it.
pub struct Reader {
    pub(super) db: Connection,
    /// The file's format.
    version: i64,
}

impl Reader {
    /// The journal of a data directory.
    ///
    /// # Errors
    /// `NotAJournal`, `Newer`, or the storage's own.
    pub fn open(data_directory: &Path) -> Result<Self, JournalError> {
        Self::open_file(&data_directory.join(FILE))
    }

    /// A journal's SQLite file, wherever it lies. Reading leaves nothing behind: a file that no writer has open (no
    /// `-wal` beside it) is opened as immutable, so that it may lie on a read-only medium.
    pub(super) fn open_file(path: &Path) -> Result<Self, JournalError> {
        let mut beside = OsString::from(path);
        beside.push("-wal");
        let mode = if Path::new(&beside).exists() {
            "ro"
        } else {
            "ro&immutable=1"
        };
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let db = Connection::open_with_flags(format!("file:{}?mode={mode}", percent_encoded(path)), flags)?;
        // The file may come from anybody: no code in its schema is run, and its pages are checked as they are read.
        db.pragma_update(None, "trusted_schema", false)?;
        db.pragma_update(None, "cell_size_check", true)?;
        let version = schema::check(&db)?;
        Ok(Self { db, version })
    }

    /// A file in this program's format.
    pub(super) const fn over(db: Connection) -> Self {
        Self {
            db,
            version: schema::VERSION,
        }
    }

    /// The events of a meeting, the chain checked on the way.
    ///
    /// # Errors
    /// `Damaged` with the first bad event, `NoSuchMeeting`, or the storage's own.
    pub fn read(&self, meeting: MeetingId) -> Result<Vec<Stored>, JournalError> {
        let _snapshot = self.snapshot()?;
        let mut events = Vec::new();
        self.walk(meeting, |link| {
            events.push(Stored {
                seq: link.seq,
                at_ms: link.at_ms,
                hash: link.hash,
                event: event_of(meeting, &link)?,
            });
            Ok(())
        })?;
        Ok(events)
    }

    /// Every meeting with where its chain ends, oldest first.
    ///
    /// # Errors
    /// The storage's own.
    pub fn meetings(&self) -> Result<Vec<(MeetingId, Head)>, JournalError> {
        let mut statement = self
            .db
            .prepare_cached("SELECT id, events, head FROM meeting ORDER BY id")?;
        let meetings = statement.query_map([], |row| Ok((MeetingId(row.get("id")?), head_of(row)?)))?;
        Ok(meetings.collect::<Result<_, _>>()?)
    }

    /// When the first thing that is kept happened, in milliseconds since 1970-01-01 UTC; `None`: nothing is kept yet.
    ///
    /// # Errors
    /// The storage's own.
    pub fn begins_ms(&self) -> Result<Option<i64>, JournalError> {
        let sql = "SELECT at_ms FROM event ORDER BY meeting, seq LIMIT 1";
        Ok(self.db.query_row(sql, [], |row| row.get("at_ms")).optional()?)
    }

    /// One view of the file for as long as it lives, whatever the writer does meanwhile.
    pub(super) fn snapshot(&self) -> Result<Transaction<'_>, JournalError> {
        Ok(self.db.unchecked_transaction()?)
    }

    /// Visits the events in order and checks that they are one unbroken chain up to the meeting's head. For that, the
    /// caller holds a [`Reader::snapshot`].
    pub(super) fn walk(
        &self,
        meeting: MeetingId,
        mut visit: impl FnMut(Link) -> Result<(), JournalError>,
    ) -> Result<Head, JournalError> {
        let said = head(&self.db, meeting)?;
        let mut chain = Chain::of(meeting);
        let salt = if self.version < schema::WITH_CHECKPOINTS {
            "NULL AS salt"
        } else {
            "salt"
        };
        let sql = format!("SELECT seq, at_ms, prev, hash, body, {salt} FROM event WHERE meeting = ?1 ORDER BY seq");
        let mut statement = self.db.prepare_cached(&sql)?;
        let mut rows = statement.query([meeting.0])?;
        while let Some(row) = rows.next()? {
            let link = link_of(row).map_err(|_| chain.unreadable())?;
            chain.accept(&link)?;
            visit(link)?;
        }
        Ok(chain.end(said)?)
    }

    /// Every signing key, the first one first.
    pub(super) fn keys(&self) -> Result<Vec<KeyRecord>, JournalError> {
        if self.version < schema::WITH_CHECKPOINTS {
            return Ok(Vec::new());
        }
        let sql = "SELECT key, at_ms, old, new FROM signing_key ORDER BY number";
        let mut statement = self.db.prepare_cached(sql)?;
        let keys = statement.query_map([], |row| {
            Ok(KeyRecord {
                key: row.get::<_, [u8; 32]>("key")?.into(),
                at_ms: row.get("at_ms")?,
                old: row.get::<_, Option<_>>("old")?.map(Hex),
                new: row.get::<_, Option<_>>("new")?.map(Hex),
            })
        })?;
        Ok(keys.collect::<Result<_, _>>()?)
    }

    /// A meeting's checkpoints in order.
    pub(super) fn checkpoints(&self, meeting: MeetingId) -> Result<Vec<Checkpoint>, JournalError> {
        if self.version < schema::WITH_CHECKPOINTS {
            return Ok(Vec::new());
        }
        let sql = "SELECT * FROM checkpoint WHERE meeting = ?1 ORDER BY number";
        let mut statement = self.db.prepare_cached(sql)?;
        let checkpoints = statement.query_map([meeting.0], checkpoint_of)?;
        Ok(checkpoints.collect::<Result<_, _>>()?)
    }

    /// The first meeting that has events without being in the list of meetings.
    pub(super) fn unlisted(&self) -> Result<Option<MeetingId>, JournalError> {
        let sql = "SELECT min(meeting) FROM event WHERE meeting NOT IN (SELECT id FROM meeting)";
        let meeting: Option<u64> = self.db.query_row(sql, [], |row| row.get(0))?;
        Ok(meeting.map(MeetingId))
    }
}

/// What a link says.
pub(super) fn event_of(meeting: MeetingId, link: &Link) -> Result<Event, JournalError> {
    Event::decode(link.body.text().unwrap_or_default()).map_err(|source| JournalError::Event {
        meeting,
        seq: link.seq,
        source,
    })
}

/// Where a meeting's checkpoints end.
pub(super) fn last_checkpoint(db: &Connection, meeting: MeetingId) -> Result<Last, JournalError> {
    let sql = "SELECT * FROM checkpoint WHERE meeting = ?1 ORDER BY number DESC LIMIT 1";
    let mut statement = db.prepare_cached(sql)?;
    let last = statement.query_row([meeting.0], checkpoint_of).optional()?;
    Ok(last.map_or(Last::NONE, |last| last.last(meeting)))
}

/// Where a meeting's chain ends.
pub(super) fn head(db: &Connection, meeting: MeetingId) -> Result<Head, JournalError> {
    let mut statement = db.prepare_cached("SELECT events, head FROM meeting WHERE id = ?1")?;
    let head = statement.query_row([meeting.0], head_of).optional()?;
    head.ok_or(JournalError::NoSuchMeeting(meeting))
}

fn head_of(row: &Row<'_>) -> rusqlite::Result<Head> {
    Ok(Head {
        events: row.get("events")?,
        hash: digest(row, "head")?,
    })
}

fn link_of(row: &Row<'_>) -> rusqlite::Result<Link> {
    let text = row.get("body")?;
    let body = match row.get::<_, Option<[u8; 16]>>("salt")? {
        Some(salt) => Body::Salted { salt: Hex(salt), text },
        None => Body::Plain(text),
    };
    Ok(Link {
        seq: row.get("seq")?,
        at_ms: row.get("at_ms")?,
        prev: digest(row, "prev")?,
        hash: digest(row, "hash")?,
        body,
    })
}

fn checkpoint_of(row: &Row<'_>) -> rusqlite::Result<Checkpoint> {
    Ok(Checkpoint {
        number: row.get("number")?,
        events: row.get("events")?,
        head: digest(row, "head")?,
        at_ms: row.get("at_ms")?,
        synchronised: match row.get("synchronised")? {
            Some(true) => Synchronised::Yes,
            Some(false) => Synchronised::No,
            None => Synchronised::Unknown,
        },
        max_error_ms: row.get("max_error_ms")?,
        previous: digest(row, "previous")?,
        key: row.get::<_, [u8; 32]>("key")?.into(),
        signature: Hex(row.get("signature")?),
    })
}

fn digest(row: &Row<'_>, column: &str) -> rusqlite::Result<Sha256> {
    row.get::<_, [u8; 32]>(column).map(Sha256::from)
}

/// For SQLite's `file:` names.
fn percent_encoded(path: &Path) -> String {
    let encode = |&byte: &u8| match byte {
        b'/' | b'.' | b'-' | b'_' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    path.as_os_str().as_bytes().iter().map(encode).collect()
}
