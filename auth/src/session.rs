//! Sessions: a browser that has been let in.

use crate::store::{IdentityStore, StoreError};
use crate::{Assurance, Digest, Identity, Secret};
use rusqlite::{Connection, OptionalExtension as _, params};

/// What the session cookie holds: 256 random bits.
pub type SessionToken = Secret<32>;

/// The name of the session cookie. `__Host-` makes the browser insist on Secure, Path=/ and no Domain (RFC 6265bis
/// section 4.1.3.2).
pub const COOKIE: &str = "__Host-lika";

/// A session unused for this long is over. A page in a meeting that lasts all day speaks up only when it reconnects.
pub const IDLE_LIMIT_MS: i64 = 12 * 60 * 60 * 1000;
/// A session this old is over: a meeting day.
pub const ABSOLUTE_LIMIT_MS: i64 = 24 * 60 * 60 * 1000;
/// Use is noted at most this often, to spare the disk.
const NOTE_INTERVAL_MS: i64 = 60 * 1000;

/// A session in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Session {
    /// Whose.
    pub whom: Identity,
    /// How sure we are of that.
    pub assurance: Assurance,
    /// Since when.
    pub began_ms: i64,
    seen_ms: i64,
}

impl IdentityStore {
    /// The session of this token, if it is in force, and notes that it is used.
    ///
    /// # Errors
    /// When the store does not work.
    pub fn session(&mut self, token: &SessionToken, now_ms: i64) -> Result<Option<Session>, StoreError> {
        let session = find(&self.db, token, now_ms)?;
        if session.is_some_and(|session| now_ms - session.seen_ms >= NOTE_INTERVAL_MS) {
            let digest = digest(token);
            self.db.execute(
                "UPDATE session SET seen_ms = ?1 WHERE digest = ?2",
                params![now_ms, digest.as_bytes()],
            )?;
        }
        Ok(session)
    }

    /// Ends a session.
    ///
    /// # Errors
    /// When the store does not work.
    pub fn sign_out(&mut self, token: &SessionToken) -> Result<(), StoreError> {
        Ok(end(&self.db, token)?)
    }

    /// Forgets what is over: sessions, and invitations and bearer tokens whose time ended more than
    /// [`ABSOLUTE_LIMIT_MS`] ago (until then their owner is told so).
    ///
    /// # Errors
    /// When the store does not work.
    pub fn weed(&mut self, now_ms: i64) -> Result<(), StoreError> {
        let (oldest, idle) = (now_ms - ABSOLUTE_LIMIT_MS, now_ms - IDLE_LIMIT_MS);
        self.db.execute(
            "DELETE FROM session WHERE began_ms <= ?1 OR seen_ms <= ?2",
            [oldest, idle],
        )?;
        self.db
            .execute("DELETE FROM invitation WHERE expires_ms <= ?1", [oldest])?;
        self.db.execute("DELETE FROM bearer WHERE expires_ms <= ?1", [oldest])?;
        Ok(())
    }
}

pub(crate) fn begin(
    db: &Connection,
    whom: Identity,
    assurance: Assurance,
    now_ms: i64,
) -> Result<(SessionToken, Session), StoreError> {
    let token = SessionToken::random()?;
    db.execute(
        "INSERT INTO session (digest, meeting, participant, assurance, began_ms, seen_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?5)",
        params![digest(&token).as_bytes(), whom.meeting, whom.participant, assurance.code(), now_ms],
    )?;
    Ok((
        token,
        Session {
            whom,
            assurance,
            began_ms: now_ms,
            seen_ms: now_ms,
        },
    ))
}

pub(crate) fn find(db: &Connection, token: &SessionToken, now_ms: i64) -> Result<Option<Session>, rusqlite::Error> {
    let found = db
        .query_row(
            "SELECT meeting, participant, assurance, began_ms, seen_ms FROM session WHERE digest = ?1",
            [digest(token).as_bytes()],
            |row| {
                Ok(Session {
                    whom: Identity {
                        meeting: row.get(0)?,
                        participant: row.get(1)?,
                    },
                    assurance: Assurance::of_code(row.get(2)?),
                    began_ms: row.get(3)?,
                    seen_ms: row.get(4)?,
                })
            },
        )
        .optional()?;
    let in_force =
        |session: &Session| now_ms - session.began_ms < ABSOLUTE_LIMIT_MS && now_ms - session.seen_ms < IDLE_LIMIT_MS;
    Ok(found.filter(in_force))
}

pub(crate) fn end(db: &Connection, token: &SessionToken) -> Result<(), rusqlite::Error> {
    db.execute("DELETE FROM session WHERE digest = ?1", [digest(token).as_bytes()])
        .map(drop)
}

fn digest(token: &SessionToken) -> Digest {
    Digest::of("lika session", token.bytes())
}

#[cfg(test)]
mod tests {
    use super::{ABSOLUTE_LIMIT_MS, IDLE_LIMIT_MS, SessionToken};
    use crate::store::{IdentityStore, in_memory};
    use crate::{Identity, Invitation};

    const MEMBER: Identity = Identity {
        meeting: 1,
        participant: 7,
    };

    fn signed_in(store: &mut IdentityStore) -> SessionToken {
        let token = store
            .invite(&Invitation {
                whom: MEMBER,
                uses: 1,
                expires_ms: 1000,
            })
            .unwrap();
        store.enter(&token, None, 0).unwrap().0
    }

    #[test]
    fn an_unused_session_ends() {
        let mut store = in_memory();
        let token = signed_in(&mut store);
        assert!(store.session(&token, IDLE_LIMIT_MS).unwrap().is_none());
    }

    #[test]
    fn a_used_session_lasts_until_its_absolute_limit() {
        let mut store = in_memory();
        let token = signed_in(&mut store);
        for now_ms in [IDLE_LIMIT_MS - 1, ABSOLUTE_LIMIT_MS - 2] {
            assert!(store.session(&token, now_ms).unwrap().is_some(), "at {now_ms}");
        }
        assert!(store.session(&token, ABSOLUTE_LIMIT_MS).unwrap().is_none());
    }

    #[test]
    fn signing_out_ends_it() {
        let mut store = in_memory();
        let token = signed_in(&mut store);
        store.sign_out(&token).unwrap();
        assert!(store.session(&token, 1).unwrap().is_none());
    }

    #[test]
    fn a_guessed_token_is_no_session() {
        let mut store = in_memory();
        signed_in(&mut store);
        assert!(store.session(&SessionToken::random().unwrap(), 1).unwrap().is_none());
    }

    #[test]
    fn weeding_takes_only_what_is_over() {
        let mut store = in_memory();
        let token = signed_in(&mut store);
        let rows = |store: &IdentityStore| {
            store
                .db
                .query_row("SELECT count(*) FROM session", [], |row| row.get::<_, i64>(0))
                .unwrap()
        };
        store.weed(1).unwrap();
        assert!(store.session(&token, 1).unwrap().is_some());
        store.weed(ABSOLUTE_LIMIT_MS).unwrap();
        assert_eq!(rows(&store), 0);
    }
}
