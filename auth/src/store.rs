//! The database of invitations, sessions and bearer tokens. One owner at a time calls it; it blocks on the disk.

use crate::secret::NoRandomness;
use rusqlite::Connection;
use std::path::Path;
use std::time::Duration;
use thiserror::Error;

/// How long to wait for another process (`lika meeting create` beside a running server) to finish its write.
const BUSY_WAIT: Duration = Duration::from_secs(5);

/// The layouts, each made of the one before: a database of an older program is brought up as it is opened.
const LAYOUTS: &[&str] = &[TOKENS, LOGINS];

const TOKENS: &str = "
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

/// What a login adds to a session, and whose identity each participant's must be. Sessions of before end with their
/// browsers' next meeting day: they have no number, so they are ended here.
const LOGINS: &str = "
    DELETE FROM session;
    ALTER TABLE session ADD COLUMN number INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE session ADD COLUMN authenticated_ms INTEGER;
    ALTER TABLE session ADD COLUMN mismatched INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE session ADD COLUMN provider TEXT;
    ALTER TABLE session ADD COLUMN subject BLOB;
    ALTER TABLE session ADD COLUMN provider_session BLOB;
    CREATE INDEX session_number ON session (number);
    CREATE TABLE roster (
        meeting     INTEGER NOT NULL,
        participant INTEGER NOT NULL,
        identity    BLOB    NOT NULL CHECK (length(identity) = 32),
        PRIMARY KEY (meeting, participant)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX roster_identity ON roster (identity);
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
    #[error("the database has layout {found}, this program knows {known}; update lika")]
    Newer {
        /// The layout in the file.
        found: usize,
        /// The newest that is known.
        known: usize,
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
            db: open(path, LAYOUTS)?,
        })
    }
}

/// Opens a database, or creates it, and brings it up to the last of the layouts. A session must survive a power cut as the meeting does:
/// `synchronous=FULL`.
pub(crate) fn open(path: &Path, layouts: &[&str]) -> Result<Connection, StoreError> {
    let mut db = Connection::open(path)?;
    db.busy_timeout(BUSY_WAIT)?;
    db.pragma_update(None, "journal_mode", "WAL")?;
    db.pragma_update(None, "synchronous", "FULL")?;
    db.pragma_update(None, "secure_delete", "ON")?;
    let layout = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let found: usize = layout.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let known = layouts.len();
    let missing = layouts.get(found..).ok_or(StoreError::Newer { found, known })?;
    for step in missing {
        layout.execute_batch(step)?;
    }
    layout.pragma_update(None, "user_version", known)?;
    layout.commit()?;
    Ok(db)
}

#[cfg(test)]
pub(crate) fn in_memory() -> IdentityStore {
    IdentityStore {
        db: open(Path::new(":memory:"), LAYOUTS).unwrap(),
    }
}

#[cfg(test)]
mod tests {
    use super::{IdentityStore, LAYOUTS, StoreError, open};
    use crate::{Identity, Invitation};

    #[test]
    fn a_database_of_an_older_program_is_brought_up_and_one_of_a_newer_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("identity.sqlite");
        drop(open(&path, &LAYOUTS[..1]).unwrap());
        let mut store = IdentityStore::open(&path).unwrap();
        let whom = Identity {
            meeting: 1,
            participant: 1,
        };
        let invitation = Invitation {
            whom,
            uses: 1,
            expires_ms: 1000,
        };
        let token = store.invite(&invitation).unwrap();
        assert_eq!(store.enter(&token, None, 0).unwrap().1.whom, whom);
        drop(store);
        let older = open(&path, &LAYOUTS[..1]);
        assert!(matches!(older, Err(StoreError::Newer { found: 2, known: 1 })));
    }
}
