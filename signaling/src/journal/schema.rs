//! The tables, and the way from an older format to this one.

use super::JournalError;
use lika_auth::copies;
use rusqlite::{Connection, TransactionBehavior};
use std::path::Path;

/// The format this program writes: as many as there are steps.
pub(super) const VERSION: i64 = STEPS.len() as i64;

/// "LIKA": tells our file from any other SQLite file.
const APPLICATION_ID: i64 = 0x4C49_4B41;

/// Each step leads from the format of its index to the next. A step that has been released never changes.
const STEPS: &[&str] = &[
    "CREATE TABLE meeting (
         id INTEGER PRIMARY KEY AUTOINCREMENT,
         events INTEGER NOT NULL,
         head BLOB NOT NULL CHECK (length(head) = 32)
     ) STRICT;
     CREATE TABLE event (
         meeting INTEGER NOT NULL REFERENCES meeting (id),
         seq INTEGER NOT NULL CHECK (seq > 0),
         at_ms INTEGER NOT NULL,
         prev BLOB NOT NULL CHECK (length(prev) = 32),
         hash BLOB NOT NULL CHECK (length(hash) = 32),
         body TEXT NOT NULL,
         PRIMARY KEY (meeting, seq)
     ) STRICT;
     CREATE TRIGGER event_is_never_changed BEFORE UPDATE ON event
         BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
     CREATE TRIGGER event_is_never_deleted BEFORE DELETE ON event
         BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;",
    // Events hashed by a salted digest of their text (those without a salt are hashed by the text itself), and signed
    // checkpoints.
    "ALTER TABLE event ADD COLUMN salt BLOB CHECK (salt IS NULL OR length(salt) = 16);
     CREATE TABLE signing_key (
         number INTEGER PRIMARY KEY CHECK (number > 0),
         key BLOB NOT NULL UNIQUE CHECK (length(key) = 32),
         at_ms INTEGER NOT NULL,
         old BLOB CHECK (old IS NULL OR length(old) = 64),
         new BLOB CHECK (new IS NULL OR length(new) = 64)
     ) STRICT;
     CREATE TABLE checkpoint (
         meeting INTEGER NOT NULL REFERENCES meeting (id),
         number INTEGER NOT NULL CHECK (number > 0),
         events INTEGER NOT NULL CHECK (events > 0),
         head BLOB NOT NULL CHECK (length(head) = 32),
         at_ms INTEGER NOT NULL,
         synchronised INTEGER CHECK (synchronised IS NULL OR synchronised IN (0, 1)),
         max_error_ms INTEGER CHECK (max_error_ms IS NULL OR max_error_ms >= 0),
         previous BLOB NOT NULL CHECK (length(previous) = 32),
         key BLOB NOT NULL REFERENCES signing_key (key),
         signature BLOB NOT NULL CHECK (length(signature) = 64),
         PRIMARY KEY (meeting, number)
     ) STRICT;
     CREATE TRIGGER signing_key_is_never_changed BEFORE UPDATE ON signing_key
         BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
     CREATE TRIGGER signing_key_is_never_deleted BEFORE DELETE ON signing_key
         BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
     CREATE TRIGGER checkpoint_is_never_changed BEFORE UPDATE ON checkpoint
         BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
     CREATE TRIGGER checkpoint_is_never_deleted BEFORE DELETE ON checkpoint
         BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;",
];

/// The first format with checkpoints.
pub(super) const WITH_CHECKPOINTS: i64 = 2;

/// Makes the file ready for writing: durable, and in this program's format.
pub(super) fn prepare(db: &mut Connection) -> Result<(), JournalError> {
    bring_forward(db, STEPS)
}

/// Before the file at this path is brought forward: keeps a copy of it as it is.
pub(super) fn keep_copy(db: &Connection, path: &Path) -> Result<(), JournalError> {
    let found = format(db)?;
    if (1..VERSION).contains(&found) {
        copies::keep(db, path, "format", found)?;
    }
    Ok(())
}

/// Takes these steps, from wherever the file is.
pub(super) fn bring_forward(db: &mut Connection, steps: &[&str]) -> Result<(), JournalError> {
    let found = format(db)?;
    // FULL: a commit is on the disk when it returns. WAL: readers (export, verify) never stop the writer.
    db.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    db.pragma_update(None, "synchronous", "FULL")?;
    db.pragma_update(None, "foreign_keys", true)?;
    db.pragma_update(None, "trusted_schema", false)?;
    let behind = usize::try_from(found).map_err(|_| JournalError::NotAJournal)?;
    for (version, step) in (1_i64..).zip(steps).skip(behind) {
        let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute_batch(step)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", version)?;
        transaction.commit()?;
    }
    Ok(())
}

/// The steps that made the first format, for tests of the way from there.
#[cfg(test)]
pub(super) fn first_steps() -> &'static [&'static str] {
    &STEPS[..1]
}

/// The format of a file that will only be read; it may be an older one.
pub(super) fn check(db: &Connection) -> Result<i64, JournalError> {
    match format(db)? {
        0 => Err(JournalError::NotAJournal),
        found => Ok(found),
    }
}

/// 0: an empty file. Refuses the files of others and of newer programs.
fn format(db: &Connection) -> Result<i64, JournalError> {
    let number = |pragma| db.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0));
    let (application, version) = (number("application_id")?, number("user_version")?);
    let tables: i64 = db.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    match (application, version) {
        (0, 0) if tables == 0 => Ok(0),
        (APPLICATION_ID, 1..=VERSION) => Ok(version),
        (APPLICATION_ID, newer) if newer > VERSION => Err(JournalError::Newer { found: newer }),
        _ => Err(JournalError::NotAJournal),
    }
}
