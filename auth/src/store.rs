//! The database of invitations, sessions and bearer tokens. One owner at a time calls it; it blocks on the disk.

use crate::Identity;
use crate::copies::{self, CopyError};
use crate::secret::NoRandomness;
use rusqlite::{Connection, params};
use std::cmp::Ordering;
use std::path::Path;
use std::time::Duration;
use thiserror::Error;

/// How long to wait for another process (`lika meeting create` beside a running server) to finish its write.
const BUSY_WAIT: Duration = Duration::from_secs(5);

/// The layouts, each made of the one before: a database of an older program is brought up as it is opened.
const LAYOUTS: &[&str] = &[TOKENS, LOGINS, API];

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
        revoked     INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (meeting, participant)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX roster_identity ON roster (identity);
";

/// What programs may do and have asked for, and when and where invitations are to.
const API: &str = "
    CREATE TABLE api_token (
        digest      BLOB    PRIMARY KEY CHECK (length(digest) = 32),
        name        TEXT    NOT NULL UNIQUE,
        scopes      TEXT    NOT NULL,
        made_ms     INTEGER NOT NULL,
        expires_ms  INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE request (
        key         BLOB    PRIMARY KEY CHECK (length(key) = 32),
        body        BLOB    NOT NULL CHECK (length(body) = 32),
        meeting     INTEGER,
        at_ms       INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX request_at ON request (at_ms);
    CREATE TABLE occasion (
        meeting     INTEGER PRIMARY KEY,
        starts_ms   INTEGER,
        ends_ms     INTEGER,
        place       TEXT,
        test        INTEGER NOT NULL
    ) STRICT;
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
    /// Not brought up to this program yet.
    #[error(
        "the database has layout {found}, this program's is {known}: start the server of this version first \
         (systemctl restart lika), which brings it up"
    )]
    Older {
        /// The layout in the file.
        found: usize,
        /// The layout of this program.
        known: usize,
    },
    /// Another program was reading, so that the log beside the database could not be emptied.
    #[error("it is erased, but traces may be left in the database's log, which is in use; run the same command again")]
    Traces,
    /// The copy of before a change of the layout; nothing is changed.
    #[error(transparent)]
    Copy(#[from] CopyError),
    /// See [`NoRandomness`].
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
}

/// Whose data: one participant's, or everybody's of a meeting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// One participant's.
    Participant(Identity),
    /// Everybody's of the meeting with this number.
    Meeting(u64),
}

/// How much the store has of somebody: counts alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// Keyed hashes of identities.
    pub identities: usize,
    /// Invitations, used up or not.
    pub invitations: usize,
    /// Sessions, in force or over.
    pub sessions: usize,
    /// Bearer tokens.
    pub bearers: usize,
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

    /// Opens it as it is, for a command beside a server that may be running: it may be an older program's, under whose feet
    /// the layout must not change.
    ///
    /// # Errors
    /// When it cannot be opened or is of another layout.
    pub fn open_beside(path: &Path) -> Result<Self, StoreError> {
        Ok(Self {
            db: open_beside(path, LAYOUTS)?,
        })
    }

    /// How much there is of somebody.
    ///
    /// # Errors
    /// When the store does not work.
    pub fn kept(&self, whose: Whose) -> Result<Kept, StoreError> {
        Ok(Kept {
            identities: count(&self.db, "roster", whose)?,
            invitations: count(&self.db, "invitation", whose)?,
            sessions: count(&self.db, "session", whose)?,
            bearers: count(&self.db, "bearer", whose)?,
        })
    }

    /// Whether an invitation to the meeting can still be used.
    ///
    /// # Errors
    /// When the store does not work.
    pub fn invites(&self, meeting: u64, now_ms: i64) -> Result<bool, StoreError> {
        let good = "SELECT EXISTS (SELECT 1 FROM invitation WHERE meeting = ?1 AND expires_ms > ?2 AND NOT revoked)";
        Ok(self.db.query_row(good, params![meeting, now_ms], |row| row.get(0))?)
    }

    /// Ends every session. How many there were.
    ///
    /// # Errors
    /// When the store does not work.
    pub fn end_every_session(&mut self) -> Result<usize, StoreError> {
        Ok(self.db.execute("DELETE FROM session", [])?)
    }

    /// How many invitations somebody, or everybody in a meeting, can still use: not revoked, not used up, not too old.
    ///
    /// # Errors
    /// When the store does not work.
    pub fn invitations_in_force(&self, whose: Whose, now_ms: i64) -> Result<usize, StoreError> {
        let (meeting, participant) = whose.key();
        let good =
            format!("SELECT count(*) FROM invitation {ROWS} AND NOT revoked AND uses_left > 0 AND expires_ms > ?3");
        Ok(self
            .db
            .query_row(&good, params![meeting, participant, now_ms], |row| row.get(0))?)
    }

    /// Erases all there is of them, for good: identities, invitations, sessions and bearer tokens.
    ///
    /// # Errors
    /// When the store does not work: nothing is erased, or [`StoreError::Traces`].
    pub fn forget(&mut self, whose: &[Whose]) -> Result<(), StoreError> {
        erase(&mut self.db, &["roster", "invitation", "session", "bearer"], whose)
    }
}

/// Every row of one person or meeting. The programme's bearer tokens are no participant's.
const ROWS: &str = "WHERE meeting = ?1 AND participant IS ifnull(?2, participant)";

impl Whose {
    const fn key(self) -> (u64, Option<u32>) {
        match self {
            Self::Participant(whom) => (whom.meeting, Some(whom.participant)),
            Self::Meeting(meeting) => (meeting, None),
        }
    }
}

pub(crate) fn count(db: &Connection, table: &str, whose: Whose) -> Result<usize, StoreError> {
    let query = format!("SELECT count(*) FROM {table} {ROWS}");
    Ok(db.query_row(&query, whose.key(), |row| row.get(0))?)
}

/// Deletes the rows and everything that is left of them in the files. Secure deletion overwrites a row where it lay, but
/// not the copies that SQLite leaves in the free space of pages when it spreads rows anew: rebuilding the file does. The
/// log beside it has the rows as they were written: it is emptied.
pub(crate) fn erase(db: &mut Connection, tables: &[&str], whose: &[Whose]) -> Result<(), StoreError> {
    let erasure = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    for table in tables {
        for one in whose {
            erasure.execute(&format!("DELETE FROM {table} {ROWS}"), one.key())?;
        }
    }
    erasure.commit()?;
    // The rows that remain pass through a temporary database, which must not become a file elsewhere.
    db.pragma_update(None, "temp_store", "MEMORY")?;
    db.execute_batch("VACUUM")?;
    let busy = db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    if busy { Err(StoreError::Traces) } else { Ok(()) }
}

/// Opens a database, or creates it, and brings it up to the last of the layouts. A session must survive a power cut as the meeting does:
/// `synchronous=FULL`.
pub(crate) fn open(path: &Path, layouts: &[&str]) -> Result<Connection, StoreError> {
    let mut db = connect(path)?;
    let before = layout_of(&db)?;
    if (1..layouts.len()).contains(&before) {
        copies::keep(&db, path, "layout", before)?;
    }
    db.pragma_update(None, "journal_mode", "WAL")?;
    let layout = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let (found, known) = (layout_of(&layout)?, layouts.len());
    let missing = layouts.get(found..).ok_or(StoreError::Newer { found, known })?;
    for step in missing {
        layout.execute_batch(step)?;
    }
    layout.pragma_update(None, "user_version", known)?;
    layout.commit()?;
    Ok(db)
}

/// Opens a database that must have the last of the layouts.
pub(crate) fn open_beside(path: &Path, layouts: &[&str]) -> Result<Connection, StoreError> {
    let db = connect(path)?;
    let (found, known) = (layout_of(&db)?, layouts.len());
    match found.cmp(&known) {
        Ordering::Less => Err(StoreError::Older { found, known }),
        Ordering::Equal => Ok(db),
        Ordering::Greater => Err(StoreError::Newer { found, known }),
    }
}

fn connect(path: &Path) -> Result<Connection, StoreError> {
    let db = Connection::open(path)?;
    db.busy_timeout(BUSY_WAIT)?;
    db.pragma_update(None, "synchronous", "FULL")?;
    db.pragma_update(None, "secure_delete", "ON")?;
    Ok(db)
}

fn layout_of(db: &Connection) -> Result<usize, StoreError> {
    Ok(db.query_row("PRAGMA user_version", [], |row| row.get(0))?)
}

#[cfg(test)]
pub(crate) fn in_memory() -> IdentityStore {
    IdentityStore {
        db: open(Path::new(":memory:"), LAYOUTS).unwrap(),
    }
}

#[cfg(test)]
mod tests {
    use super::{IdentityStore, Kept, LAYOUTS, StoreError, Whose, in_memory, open};
    use crate::{Assurance, Bearer, Identity, Invitation, Login, RosterKeys};
    use std::path::Path;

    #[test]
    fn a_database_of_an_older_program_is_brought_up_and_one_of_a_newer_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("identity.sqlite");
        drop(open(&path, &LAYOUTS[..1]).unwrap());
        let beside = IdentityStore::open_beside(&path).err();
        let known = LAYOUTS.len();
        assert!(matches!(beside, Some(StoreError::Older { found: 1, known: other }) if other == known));
        let mut store = IdentityStore::open(&path).unwrap();
        drop(IdentityStore::open_beside(&path).unwrap());
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
        assert!(matches!(older, Err(StoreError::Newer { found: 3, known: 1 })));
    }

    const MEMBER: Identity = Identity {
        meeting: 1,
        participant: 7,
    };

    /// Everything that can be stored of somebody, and the hash of their identity.
    fn fill(store: &mut IdentityStore, keys: &RosterKeys, whom: Identity) -> [u8; 32] {
        let invitation = Invitation {
            whom,
            uses: 2,
            expires_ms: 1000,
        };
        store.invite(&invitation).unwrap();
        let hash = keys.hash(&format!("person-{}", whom.participant));
        store.expect_identity(whom, &hash).unwrap();
        let login = Login {
            whom,
            matched: true,
            assurance: Assurance::Loa3,
            authenticated_ms: 5,
            provider: "bankid",
            subject: Some(hash),
            provider_session: None,
        };
        store.sign_in(&login, None, 6).unwrap();
        let bearer = Bearer {
            meeting: whom.meeting,
            publishes_as: Some(whom.participant),
            expires_ms: 1000,
        };
        store.grant(&bearer).unwrap();
        hash.0
    }

    fn keys(directory: &Path) -> RosterKeys {
        RosterKeys::open(&directory.join("roster.key")).unwrap()
    }

    #[test]
    fn one_person_is_forgotten_or_a_whole_meeting_and_nobody_else() {
        let directory = tempfile::tempdir().unwrap();
        let (mut store, keys) = (in_memory(), keys(directory.path()));
        let other = Identity {
            participant: 8,
            ..MEMBER
        };
        let elsewhere = Identity { meeting: 2, ..MEMBER };
        for whom in [MEMBER, other, elsewhere] {
            fill(&mut store, &keys, whom);
        }
        let programme = Bearer {
            meeting: 1,
            publishes_as: None,
            expires_ms: 1000,
        };
        store.grant(&programme).unwrap();
        let one_each = Kept {
            identities: 1,
            invitations: 1,
            sessions: 1,
            bearers: 1,
        };
        assert_eq!(store.kept(Whose::Participant(MEMBER)).unwrap(), one_each);
        assert!(store.invites(1, 999).unwrap() && !store.invites(1, 1000).unwrap());
        store.forget(&[Whose::Participant(MEMBER)]).unwrap();
        assert_eq!(store.kept(Whose::Participant(MEMBER)).unwrap(), Kept::default());
        assert_eq!(store.kept(Whose::Participant(other)).unwrap(), one_each);
        assert_eq!(store.kept(Whose::Meeting(1)).unwrap(), Kept { bearers: 2, ..one_each });
        store.forget(&[Whose::Meeting(1)]).unwrap();
        assert_eq!(store.kept(Whose::Meeting(1)).unwrap(), Kept::default());
        assert_eq!(store.kept(Whose::Meeting(2)).unwrap(), one_each);
    }

    #[test]
    fn an_invitation_is_in_force_until_it_is_used_up_taken_back_or_too_old() {
        let mut store = in_memory();
        let other = Identity {
            participant: 8,
            ..MEMBER
        };
        let invitation = |whom| Invitation {
            whom,
            uses: 1,
            expires_ms: 1000,
        };
        let token = store.invite(&invitation(MEMBER)).unwrap();
        store.invite(&invitation(other)).unwrap();
        let in_force = |store: &IdentityStore, whose, now_ms| store.invitations_in_force(whose, now_ms).unwrap();
        let (member, everybody) = (Whose::Participant(MEMBER), Whose::Meeting(1));
        assert_eq!([999, 1000].map(|now_ms| in_force(&store, member, now_ms)), [1, 0]);
        assert_eq!(in_force(&store, everybody, 999), 2);
        store.revoke(other).unwrap();
        assert_eq!(in_force(&store, everybody, 999), 1);
        store.enter(&token, None, 999).unwrap();
        assert_eq!(in_force(&store, everybody, 999), 0);
        assert_eq!(store.kept(everybody).unwrap().invitations, 2, "all are stored");
    }

    #[test]
    fn nothing_of_what_was_erased_is_left_in_the_files_even_beside_another_program() {
        let directory = tempfile::tempdir().unwrap();
        let (path, keys) = (directory.path().join("identity.sqlite"), keys(directory.path()));
        // The running server: it holds its connection open, but no reading.
        let mut server = IdentityStore::open(&path).unwrap();
        let person = |participant| Identity { participant, ..MEMBER };
        // Enough for several pages, and in an order that makes SQLite spread them anew.
        let order = (1..=306).map(|at| at * 7 % 307);
        let hashes: Vec<_> = order.map(|at| (at, fill(&mut server, &keys, person(at)))).collect();
        let mut store = IdentityStore::open(&path).unwrap();
        let erased: Vec<_> = hashes[..300]
            .iter()
            .map(|(at, _)| Whose::Participant(person(*at)))
            .collect();
        for some in erased.chunks(50) {
            store.forget(some).unwrap();
        }
        let files: Vec<u8> = ["identity.sqlite", "identity.sqlite-wal"]
            .iter()
            .flat_map(|file| std::fs::read(directory.path().join(file)).unwrap())
            .collect();
        let found = |hash: &[u8; 32]| files.windows(32).any(|bytes| bytes == hash);
        for (at, hash) in &hashes {
            let erased = server.kept(Whose::Participant(person(*at))).unwrap() == Kept::default();
            assert_eq!(found(hash), !erased, "participant {at}");
        }
    }

    #[test]
    fn a_log_in_use_is_told() {
        let directory = tempfile::tempdir().unwrap();
        let (path, keys) = (directory.path().join("identity.sqlite"), keys(directory.path()));
        let mut store = IdentityStore::open(&path).unwrap();
        store.db.busy_timeout(std::time::Duration::ZERO).unwrap();
        fill(&mut store, &keys, MEMBER);
        let reader = IdentityStore::open(&path).unwrap();
        let reading = reader.db.unchecked_transaction().unwrap();
        reading
            .query_row("SELECT count(*) FROM roster", [], |_| Ok(()))
            .unwrap();
        let erased = store.forget(&[Whose::Participant(MEMBER)]);
        assert!(matches!(erased, Err(StoreError::Traces)), "{erased:?}");
        drop(reading);
        store.forget(&[Whose::Participant(MEMBER)]).unwrap();
    }
}
