//! The tables, and the way from an older format to this one.

use super::JournalError;
use rusqlite::{Connection, TransactionBehavior};

/// The format this program writes: as many as there are steps.
pub(super) const VERSION: i64 = STEPS.len() as i64;

/// "LIKA": tells our file from any other SQLite file.
const APPLICATION_ID: i64 = 0x4C49_4B41;

/// Each step leads from the format of its index to the next. A step that has been released never changes.
const STEPS: &[&str] = &["CREATE TABLE meeting (
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
         BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;"];

/// Makes the file ready for writing: durable, and in this program's format.
pub(super) fn prepare(db: &mut Connection) -> Result<(), JournalError> {
    let found = format(db)?;
    // FULL: a commit is on the disk when it returns. WAL: readers (export, verify) never stop the writer.
    db.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    db.pragma_update(None, "synchronous", "FULL")?;
    db.pragma_update(None, "foreign_keys", true)?;
    db.pragma_update(None, "trusted_schema", false)?;
    let behind = usize::try_from(found).map_err(|_| JournalError::NotAJournal)?;
    for (version, step) in (1_i64..).zip(STEPS).skip(behind) {
        let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute_batch(step)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", version)?;
        transaction.commit()?;
    }
    Ok(())
}

/// The format of a file that will only be read.
pub(super) fn check(db: &Connection) -> Result<(), JournalError> {
    if format(db)? == VERSION {
        Ok(())
    } else {
        Err(JournalError::NotAJournal)
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
