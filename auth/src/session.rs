//! Sessions: a browser that has been let in.

use crate::store::{IdentityStore, StoreError};
use crate::{Assurance, Digest, Identity, KeyedIdentity, Secret};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

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

/// The number of a session: tells sessions apart without opening any, and stays when a login gives it a new token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionId(i64);

/// A session in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Session {
    /// Which.
    pub id: SessionId,
    /// Whose.
    pub whom: Identity,
    /// How sure we are of that.
    pub assurance: Assurance,
    /// When the person proved who they are, in milliseconds since 1970-01-01 UTC; `None`: by the invitation alone.
    pub authenticated_ms: Option<i64>,
    /// Whether the identity they proved is another's than the roster has.
    pub mismatched: bool,
    /// Since when.
    pub began_ms: i64,
    seen_ms: i64,
}

/// A login that a provider has vouched for.
#[derive(Clone, Copy, Debug)]
pub struct Login<'a> {
    /// The roster line it is for.
    pub whom: Identity,
    /// Whether the identity proved is that line's.
    pub matched: bool,
    /// How well.
    pub assurance: Assurance,
    /// When the person proved it, in milliseconds since 1970-01-01 UTC.
    pub authenticated_ms: i64,
    /// The provider's id in the configuration.
    pub provider: &'a str,
    /// The provider's name for the person (`sub`), hashed with the installation's key: some providers put the personal
    /// identity number there.
    pub subject: Option<KeyedIdentity>,
    /// The provider's name for its own session (`sid`).
    pub provider_session: Option<&'a str>,
}

impl Login<'_> {
    fn assurance(&self) -> Assurance {
        if self.matched { self.assurance } else { Assurance::Open }
    }
}

impl IdentityStore {
    /// Opens a session for a login, or gives the one that the browser has a new token and what the login proved. Any
    /// other session of the browser ends, and the old token is worth nothing from here on (session fixation).
    ///
    /// # Errors
    /// When the store does not work.
    pub fn sign_in(
        &mut self,
        login: &Login<'_>,
        current: Option<&SessionToken>,
        now_ms: i64,
    ) -> Result<(SessionToken, Session), StoreError> {
        let change = self
            .db
            .transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let (token, begun) = begin(&change, current, login.whom, now_ms)?;
        let session = Session {
            assurance: login.assurance(),
            authenticated_ms: Some(login.authenticated_ms),
            mismatched: !login.matched,
            ..begun
        };
        let provider_session = login.provider_session.map(|sid| of_provider(login.provider, sid));
        change.execute(
            "UPDATE session SET assurance = ?1, authenticated_ms = ?2, mismatched = ?3, subject = ?4,
             provider_session = ?5, provider = ?6 WHERE digest = ?7",
            params![
                session.assurance.code(),
                session.authenticated_ms,
                session.mismatched,
                login.subject.map(|subject| subject.0),
                provider_session.as_ref().map(Digest::as_bytes),
                login.provider,
                digest(&token).as_bytes()
            ],
        )?;
        change.commit()?;
        Ok((token, session))
    }

    /// Ends the sessions that a provider says are over (OpenID Connect Back-Channel Logout 1.0): those of its session,
    /// or of its person where it names no session; `subjects`: the hashes that the person may be stored under. Returns
    /// whose they were.
    ///
    /// # Errors
    /// When the store does not work.
    pub fn logged_out(
        &mut self,
        provider: &str,
        subjects: &[KeyedIdentity],
        provider_session: Option<&str>,
    ) -> Result<Vec<(SessionId, Identity)>, StoreError> {
        let (column, digests) = match provider_session {
            Some(sid) => ("provider_session", vec![*of_provider(provider, sid).as_bytes()]),
            None => ("subject", subjects.iter().map(|subject| subject.0).collect()),
        };
        let mut ending = self.db.prepare(&format!(
            "DELETE FROM session WHERE {column} = ?1 RETURNING number, meeting, participant"
        ))?;
        let mut all = Vec::new();
        for digest in digests {
            let ended = ending.query_map([digest], |row| {
                let whom = Identity {
                    meeting: row.get(1)?,
                    participant: row.get(2)?,
                };
                Ok((SessionId(row.get(0)?), whom))
            })?;
            all.extend(ended.collect::<Result<Vec<_>, _>>()?);
        }
        Ok(all)
    }

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

    /// Each of these sessions as it is now; `None`: no longer in force, whatever ended it. Those that are in force are noted
    /// as used: a page that is in a meeting all day says nothing to the store.
    ///
    /// # Errors
    /// When the store does not work.
    pub fn look_after(
        &mut self,
        sessions: &[SessionId],
        now_ms: i64,
    ) -> Result<Vec<(SessionId, Option<Session>)>, StoreError> {
        let looking = self.db.transaction()?;
        let mut found = Vec::with_capacity(sessions.len());
        for &id in sessions {
            let session = looking
                .prepare_cached(&format!("{SELECT} WHERE number = ?1"))?
                .query_row([id.0], read)
                .optional()?
                .filter(|session| now_ms - session.began_ms < ABSOLUTE_LIMIT_MS);
            if session.is_some_and(|session| now_ms - session.seen_ms >= NOTE_INTERVAL_MS) {
                looking
                    .prepare_cached("UPDATE session SET seen_ms = ?2 WHERE number = ?1")?
                    .execute([id.0, now_ms])?;
            }
            found.push((id, session));
        }
        looking.commit()?;
        Ok(found)
    }

    /// Ends a session and tells which it was, if it was in force, and with which provider the person logged in.
    ///
    /// # Errors
    /// When the store does not work.
    pub fn sign_out(
        &mut self,
        token: &SessionToken,
        now_ms: i64,
    ) -> Result<Option<(Session, Option<String>)>, StoreError> {
        let session = find(&self.db, token, now_ms)?;
        let provider = self
            .db
            .query_row(
                "SELECT provider FROM session WHERE digest = ?1",
                [digest(token).as_bytes()],
                |row| row.get(0),
            )
            .optional()?;
        end(&self.db, token)?;
        Ok(session.map(|session| (session, provider.flatten())))
    }

    /// Forgets what is over: sessions, requests, and invitations and bearer tokens whose time ended more than
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
        self.db.execute(
            "DELETE FROM request WHERE at_ms <= ?1",
            [now_ms - crate::occasion::REQUEST_LASTS_MS],
        )?;
        Ok(())
    }
}

/// Begins a session. `current`, the one that the browser has, gets its new token if it is the same person's and goes on;
/// otherwise it ends.
pub(crate) fn begin(
    db: &Connection,
    current: Option<&SessionToken>,
    whom: Identity,
    now_ms: i64,
) -> Result<(SessionToken, Session), StoreError> {
    let token = SessionToken::random()?;
    let held = current.map(|token| find(db, token, now_ms)).transpose()?.flatten();
    if let (Some(session), Some(current)) = (held.filter(|session| session.whom == whom), current) {
        db.execute(
            "UPDATE session SET digest = ?1, seen_ms = ?2 WHERE digest = ?3",
            params![digest(&token).as_bytes(), now_ms, digest(current).as_bytes()],
        )?;
        let seen_ms = now_ms;
        return Ok((token, Session { seen_ms, ..session }));
    }
    if let Some(current) = current {
        end(db, current)?;
    }
    let session = Session {
        id: SessionId::random()?,
        whom,
        assurance: Assurance::Open,
        authenticated_ms: None,
        mismatched: false,
        began_ms: now_ms,
        seen_ms: now_ms,
    };
    db.execute(
        "INSERT INTO session (digest, number, meeting, participant, assurance, began_ms, seen_ms)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)",
        params![
            digest(&token).as_bytes(),
            session.id.0,
            whom.meeting,
            whom.participant,
            session.assurance.code(),
            now_ms
        ],
    )?;
    Ok((token, session))
}

const SELECT: &str = "SELECT meeting, participant, assurance, began_ms, seen_ms, number, authenticated_ms, mismatched
                      FROM session";

fn read(row: &Row<'_>) -> Result<Session, rusqlite::Error> {
    Ok(Session {
        whom: Identity {
            meeting: row.get(0)?,
            participant: row.get(1)?,
        },
        assurance: Assurance::of_code(row.get(2)?),
        began_ms: row.get(3)?,
        seen_ms: row.get(4)?,
        id: SessionId(row.get(5)?),
        authenticated_ms: row.get(6)?,
        mismatched: row.get(7)?,
    })
}

pub(crate) fn find(db: &Connection, token: &SessionToken, now_ms: i64) -> Result<Option<Session>, rusqlite::Error> {
    let found = db
        .query_row(&format!("{SELECT} WHERE digest = ?1"), [digest(token).as_bytes()], read)
        .optional()?;
    let in_force =
        |session: &Session| now_ms - session.began_ms < ABSOLUTE_LIMIT_MS && now_ms - session.seen_ms < IDLE_LIMIT_MS;
    Ok(found.filter(in_force))
}

pub(crate) fn end(db: &Connection, token: &SessionToken) -> Result<(), rusqlite::Error> {
    db.execute("DELETE FROM session WHERE digest = ?1", [digest(token).as_bytes()])
        .map(drop)
}

impl SessionId {
    fn random() -> Result<Self, StoreError> {
        Ok(Self(i64::from_le_bytes(*Secret::<8>::random()?.bytes())))
    }
}

/// A provider's session, told apart from any other provider's.
fn of_provider(provider: &str, session: &str) -> Digest {
    Digest::of("lika provider session", format!("{provider}\0{session}").as_bytes())
}

fn digest(token: &SessionToken) -> Digest {
    Digest::of("lika session", token.bytes())
}

#[cfg(test)]
mod tests {
    use super::{ABSOLUTE_LIMIT_MS, IDLE_LIMIT_MS, Login, SessionToken};
    use crate::store::{IdentityStore, in_memory};
    use crate::{Assurance, Identity, Invitation, KeyedIdentity};

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
        let (ended, provider) = store.sign_out(&token, 1).unwrap().unwrap();
        assert_eq!((ended.whom, provider), (MEMBER, None));
        assert!(store.session(&token, 1).unwrap().is_none());
    }

    const PERSON: KeyedIdentity = KeyedIdentity([7; 32]);
    const LOGIN: Login<'_> = Login {
        whom: MEMBER,
        matched: true,
        assurance: Assurance::Loa3,
        authenticated_ms: 5,
        provider: "bankid",
        subject: Some(PERSON),
        provider_session: Some("sid"),
    };

    #[test]
    fn a_login_gives_the_session_another_token_and_its_level() {
        let mut store = in_memory();
        let before = signed_in(&mut store);
        let id = store.session(&before, 1).unwrap().unwrap().id;
        let (token, session) = store.sign_in(&LOGIN, Some(&before), 6).unwrap();
        assert_eq!((session.id, session.assurance), (id, Assurance::Loa3));
        assert!(
            store.session(&before, 7).unwrap().is_none(),
            "the token from before the login"
        );
        let found = store.session(&token, 7).unwrap().unwrap();
        assert_eq!(found, session);
        assert_eq!(found.authenticated_ms, Some(5));
    }

    #[test]
    fn a_login_of_somebody_else_proves_nothing_and_is_remembered_as_that() {
        let mut store = in_memory();
        let before = signed_in(&mut store);
        let other = Login {
            matched: false,
            ..LOGIN
        };
        let (_, session) = store.sign_in(&other, Some(&before), 6).unwrap();
        assert_eq!((session.assurance, session.mismatched), (Assurance::Open, true));
    }

    #[test]
    fn another_persons_session_in_the_same_browser_ends_with_the_login() {
        let mut store = in_memory();
        let before = signed_in(&mut store);
        let whom = Identity {
            participant: 8,
            ..MEMBER
        };
        let (_, session) = store.sign_in(&Login { whom, ..LOGIN }, Some(&before), 6).unwrap();
        assert_eq!(session.whom, whom);
        assert!(store.session(&before, 7).unwrap().is_none());
    }

    #[test]
    fn a_provider_ends_the_sessions_of_its_own_session_or_person_and_no_others() {
        let mut store = in_memory();
        let in_one = store.sign_in(&LOGIN, None, 6).unwrap().1.id;
        let second = Login {
            provider_session: Some("another"),
            ..LOGIN
        };
        let in_another = store.sign_in(&second, None, 6).unwrap().1.id;
        assert_eq!(store.logged_out("other", &[PERSON], Some("sid")).unwrap(), []);
        assert_eq!(
            store.logged_out("bankid", &[], Some("sid")).unwrap(),
            [(in_one, MEMBER)]
        );
        assert_eq!(store.logged_out("bankid", &[], None).unwrap(), []);
        assert_eq!(
            store.logged_out("bankid", &[PERSON], None).unwrap(),
            [(in_another, MEMBER)]
        );
    }

    #[test]
    fn a_session_that_a_page_uses_does_not_fall_idle_and_one_that_is_gone_is_told() {
        let mut store = in_memory();
        let token = signed_in(&mut store);
        let id = store.session(&token, 1).unwrap().unwrap().id;
        for now_ms in [IDLE_LIMIT_MS - 1, ABSOLUTE_LIMIT_MS - 1] {
            let found = store.look_after(&[id], now_ms).unwrap();
            assert_eq!(found[0].1.unwrap().whom, MEMBER, "at {now_ms}");
        }
        assert!(store.session(&token, ABSOLUTE_LIMIT_MS - 1).unwrap().is_some());
        assert_eq!(store.look_after(&[id], ABSOLUTE_LIMIT_MS).unwrap(), [(id, None)]);
        store.revoke(MEMBER).unwrap();
        assert_eq!(store.look_after(&[id], 1).unwrap(), [(id, None)]);
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
