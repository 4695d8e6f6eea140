//! The database of invitations, sessions and bearer tokens. One owner at a time calls it; it blocks on the disk.

use crate::secret::NoRandomness;
use rusqlite::Connection;
use std::path::Path;
use std::time::Duration;
use thiserror::Error;

/// How long to wait for another process (`lika meeting create` beside a running server) to finish its write.
const BUSY_WAIT: Duration = Duration::from_secs(5);

/// The layout this program writes.
const VERSION: i32 = 1;

const SCHEMA: &str = "
    CREATE TABLE invitation (
        digest      BLOB    PRIMARY KEY CHECK (length(digest) = 32),
        meeting     INTEGER NOT NULL,
        participant INTEGER NOT NULL,
        expires_ms  INTEGER NOT NULL,
        uses_left   INTEGER NOT NULL CHECK (uses_left >= 0),
        revoked     INTEGER NOT NULL DEFAULT 0
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE session (
        digest      BLOB    PRIMARY KEY CHECK (length(digest) = 32),
        meeting     INTEGER NOT NULL,
        participant INTEGER NOT NULL,
        assurance   INTEGER NOT NULL,
        began_ms    INTEGER NOT NULL,
        seen_ms     INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE bearer (
        digest      BLOB    PRIMARY KEY CHECK (length(digest) = 32),
        meeting     INTEGER NOT NULL,
        participant INTEGER,
        expires_ms  INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
";

/// Invitations, sessions and bearer tokens, in one SQLite file.
pub struct IdentityStore {
    pub(crate) db: Connection,
}

/// The store does not work.
#[derive(Debug, Error)]
pub enum StoreError {
    /// SQLite says no.
    #[error("the identity database cannot be used ({0}); check the disk space and permissions of data_dir")]
    Database(#[from] rusqlite::Error),
    /// Written by a newer program.
    #[error("the database has layout {found}, this program knows {VERSION}; update lika")]
    Newer {
        /// The layout in the file.
        found: i32,
    },
    /// See [`NoRandomness`].
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
}

impl IdentityStore {
    /// Opens the file, or creates it.
    ///
    /// # Errors
    /// When it cannot be opened or is of a newer layout.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        Ok(Self {
            db: open(path, SCHEMA)?,
        })
    }
}

/// Opens a database of this layout, or creates it. A session must survive a power cut as the meeting does:
/// `synchronous=FULL`.
pub(crate) fn open(path: &Path, schema: &str) -> Result<Connection, StoreError> {
    let mut db = Connection::open(path)?;
    db.busy_timeout(BUSY_WAIT)?;
    db.pragma_update(None, "journal_mode", "WAL")?;
    db.pragma_update(None, "synchronous", "FULL")?;
    db.pragma_update(None, "secure_delete", "ON")?;
    let layout = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    match layout.query_row("PRAGMA user_version", [], |row| row.get(0))? {
        0 => {
            layout.execute_batch(schema)?;
            layout.pragma_update(None, "user_version", VERSION)?;
            layout.commit()?;
        }
        VERSION => layout.commit()?,
        found => return Err(StoreError::Newer { found }),
    }
    Ok(db)
}

#[cfg(test)]
pub(crate) fn in_memory() -> IdentityStore {
    IdentityStore {
        db: open(Path::new(":memory:"), SCHEMA).unwrap(),
    }
}
