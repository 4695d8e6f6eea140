//! Personal invitations: a link that lets one person in, once.

use crate::store::{IdentityStore, StoreError};
use crate::{Digest, Identity, KeyedIdentity, Occasion, Secret, Session, SessionToken};
use rusqlite::{Connection, OptionalExtension as _, params};
use thiserror::Error;

/// The secret part of an invitation link: 128 random bits.
pub type InvitationToken = Secret<16>;

/// What an invitation gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// To whom.
    pub whom: Identity,
    /// How many devices may be signed in with it: 1, or 2 for the secretary (requirement R32).
    pub uses: u8,
    /// Until when.
    pub expires_ms: i64,
}

/// Why an invitation lets nobody in.
#[derive(Debug, Error)]
pub enum EntryError {
    /// No such invitation was ever made.
    #[error("there is no such invitation")]
    Unknown,
    /// It has been used as often as it may.
    #[error("the invitation has been used; ask the secretary for a new one")]
    Used,
    /// Its time is over.
    #[error("the invitation has expired; ask the secretary for a new one")]
    Expired,
    /// It was taken back.
    #[error("the invitation was revoked; ask the secretary")]
    Revoked,
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<rusqlite::Error> for EntryError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

struct Stored {
    whom: Identity,
    expires_ms: i64,
    uses_left: u8,
    revoked: bool,
}

impl IdentityStore {
    /// Makes an invitation. The token is told here and never again.
    ///
    /// # Errors
    /// When the store does not work.
    pub fn invite(&mut self, invitation: &Invitation) -> Result<InvitationToken, StoreError> {
        let inviting = self.db.transaction()?;
        let token = invite(&inviting, invitation)?;
        inviting.commit()?;
        Ok(token)
    }

    /// Makes several, all or none: the disk is waited for once. The tokens come in the same order.
    ///
    /// # Errors
    /// When the store does not work.
    pub fn invite_all(&mut self, invitations: &[Invitation]) -> Result<Vec<InvitationToken>, StoreError> {
        let inviting = self.db.transaction()?;
        let tokens = invitations
            .iter()
            .map(|one| invite(&inviting, one))
            .collect::<Result<_, _>>()?;
        inviting.commit()?;
        Ok(tokens)
    }

    /// Notes what a meeting that has been convened gives, all of it or nothing: its occasion, whose identity is known, and
    /// an invitation for each. The tokens come in the invitations' order.
    ///
    /// # Errors
    /// When the store does not work.
    pub fn convene(
        &mut self,
        meeting: u64,
        occasion: &Occasion,
        identities: &[(u32, KeyedIdentity)],
        invitations: &[Invitation],
    ) -> Result<Vec<InvitationToken>, StoreError> {
        let convening = self.db.transaction()?;
        crate::occasion::note(&convening, meeting, occasion)?;
        for (participant, identity) in identities {
            let participant = *participant;
            crate::roster_match::expect(&convening, Identity { meeting, participant }, identity)?;
        }
        let tokens = invitations
            .iter()
            .map(|one| invite(&convening, one))
            .collect::<Result<_, _>>()?;
        convening.commit()?;
        Ok(tokens)
    }

    /// The participants of a meeting whose every invitation was taken back.
    ///
    /// # Errors
    /// When the store does not work.
    pub fn revoked(&self, meeting: u64) -> Result<Vec<u32>, StoreError> {
        let mut query = self
            .db
            .prepare_cached("SELECT participant FROM invitation WHERE meeting = ?1 GROUP BY participant HAVING min(revoked) ORDER BY participant")?;
        let revoked = query.query_map([meeting], |row| row.get(0))?;
        Ok(revoked.collect::<Result<_, _>>()?)
    }

    /// Turns an invitation into a session. `current` is the session the browser already has: its token is worth nothing
    /// from here on, so that none from before can be slipped under somebody (session fixation); and if it is this very
    /// person's, opening the link again costs no further use and the session goes on with what it has proved.
    ///
    /// # Errors
    /// [`EntryError`].
    pub fn enter(
        &mut self,
        token: &InvitationToken,
        current: Option<&SessionToken>,
        now_ms: i64,
    ) -> Result<(SessionToken, Session), EntryError> {
        let digest = digest(token);
        let entry = self
            .db
            .transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let stored = find(&entry, &digest)?.ok_or(EntryError::Unknown)?;
        let held = current
            .map(|token| crate::session::find(&entry, token, now_ms))
            .transpose()?
            .flatten();
        let again = held.is_some_and(|session| session.whom == stored.whom);
        if stored.revoked {
            return Err(EntryError::Revoked);
        }
        if now_ms >= stored.expires_ms {
            return Err(EntryError::Expired);
        }
        if !again {
            if stored.uses_left == 0 {
                return Err(EntryError::Used);
            }
            entry.execute(
                "UPDATE invitation SET uses_left = uses_left - 1 WHERE digest = ?1",
                [digest.as_bytes()],
            )?;
        }
        let begun = crate::session::begin(&entry, current, stored.whom, now_ms)?;
        entry.commit()?;
        Ok(begun)
    }

    /// Whom an invitation that can be used lets in, and until when; `None`: there is no such one.
    ///
    /// # Errors
    /// When the store does not work.
    pub fn invitation(&self, token: &InvitationToken, now_ms: i64) -> Result<Option<(Identity, i64)>, StoreError> {
        let found = find(&self.db, &digest(token))?;
        let good = found.filter(|one| !one.revoked && now_ms < one.expires_ms);
        Ok(good.map(|one| (one.whom, one.expires_ms)))
    }

    /// Takes back every invitation, session and bearer token of a participant, who is not known by a login either until
    /// invited anew.
    ///
    /// # Errors
    /// When the store does not work.
    pub fn revoke(&mut self, whom: Identity) -> Result<(), StoreError> {
        let key = params![whom.meeting, whom.participant];
        let revocation = self.db.transaction()?;
        revocation.execute(
            "UPDATE invitation SET revoked = 1 WHERE meeting = ?1 AND participant = ?2",
            key,
        )?;
        revocation.execute(
            "UPDATE roster SET revoked = 1 WHERE meeting = ?1 AND participant = ?2",
            key,
        )?;
        revocation.execute("DELETE FROM session WHERE meeting = ?1 AND participant = ?2", key)?;
        revocation.execute("DELETE FROM bearer WHERE meeting = ?1 AND participant = ?2", key)?;
        revocation.commit()?;
        Ok(())
    }
}

fn invite(db: &Connection, invitation: &Invitation) -> Result<InvitationToken, StoreError> {
    let (token, Identity { meeting, participant }) = (InvitationToken::random()?, invitation.whom);
    let mut inserting = db.prepare_cached(
        "INSERT INTO invitation (digest, meeting, participant, expires_ms, uses_left) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    inserting.execute(params![
        digest(&token).as_bytes(),
        meeting,
        participant,
        invitation.expires_ms,
        invitation.uses
    ])?;
    let mut restoring = db.prepare_cached("UPDATE roster SET revoked = 0 WHERE meeting = ?1 AND participant = ?2")?;
    restoring.execute(params![meeting, participant])?;
    Ok(token)
}

fn digest(token: &InvitationToken) -> Digest {
    Digest::of("lika invitation", token.bytes())
}

fn find(entry: &Connection, digest: &Digest) -> Result<Option<Stored>, rusqlite::Error> {
    entry
        .query_row(
            "SELECT meeting, participant, expires_ms, uses_left, revoked FROM invitation WHERE digest = ?1",
            [digest.as_bytes()],
            |row| {
                Ok(Stored {
                    whom: Identity {
                        meeting: row.get(0)?,
                        participant: row.get(1)?,
                    },
                    expires_ms: row.get(2)?,
                    uses_left: row.get(3)?,
                    revoked: row.get(4)?,
                })
            },
        )
        .optional()
}

#[cfg(test)]
mod tests {
    use super::{EntryError, Invitation, InvitationToken};
    use crate::store::{Kept, Whose, in_memory};
    use crate::{Assurance, Identity, Occasion, RosterKeys};

    const NOW: i64 = 1_000_000;
    const MEMBER: Identity = Identity {
        meeting: 1,
        participant: 7,
    };
    const INVITATION: Invitation = Invitation {
        whom: MEMBER,
        uses: 1,
        expires_ms: NOW + 1000,
    };

    #[test]
    fn an_invitation_lets_its_person_in() {
        let mut store = in_memory();
        let token = store.invite(&INVITATION).unwrap();
        let (session, entered) = store.enter(&token, None, NOW).unwrap();
        assert_eq!((entered.whom, entered.assurance), (MEMBER, Assurance::Open));
        assert_eq!(store.session(&session, NOW + 1).unwrap().unwrap().whom, MEMBER);
    }

    #[test]
    fn whom_an_invitation_is_for_is_told_while_it_is_good() {
        let mut store = in_memory();
        let token = store.invite(&INVITATION).unwrap();
        assert_eq!(store.invitation(&token, NOW).unwrap(), Some((MEMBER, NOW + 1000)));
        assert_eq!(store.invitation(&token, NOW + 1000).unwrap(), None);
        assert_eq!(
            store.invitation(&InvitationToken::random().unwrap(), NOW).unwrap(),
            None
        );
        store.revoke(MEMBER).unwrap();
        assert_eq!(store.invitation(&token, NOW).unwrap(), None);
    }

    #[test]
    fn a_meeting_that_is_convened_is_noted_whole_or_not_at_all() {
        let directory = tempfile::tempdir().unwrap();
        let keys = RosterKeys::open(&directory.path().join("roster.key")).unwrap();
        let mut store = in_memory();
        let occasion = Occasion {
            test: true,
            ..Occasion::default()
        };
        let identities = [(7, keys.hash("person-7"))];
        // A number that SQLite has no room for.
        let nowhere = Invitation {
            whom: Identity {
                meeting: u64::MAX,
                participant: 8,
            },
            ..INVITATION
        };
        for invitations in [vec![INVITATION, nowhere], vec![nowhere]] {
            store.convene(1, &occasion, &identities, &invitations).unwrap_err();
            store.invite_all(&invitations).unwrap_err();
        }
        assert_eq!(store.kept(Whose::Meeting(1)).unwrap(), Kept::default());
        assert_eq!(store.occasion(1).unwrap(), Occasion::default());
        let tokens = store
            .convene(1, &occasion, &identities, &[INVITATION, INVITATION])
            .unwrap();
        assert_eq!(tokens.len(), 2);
        let kept = store.kept(Whose::Meeting(1)).unwrap();
        assert_eq!((kept.identities, kept.invitations), (1, 2));
        assert_eq!(store.occasion(1).unwrap(), occasion);
    }

    #[test]
    fn who_is_revoked_is_told_until_invited_anew() {
        let mut store = in_memory();
        let other = Invitation {
            whom: Identity {
                participant: 8,
                ..MEMBER
            },
            ..INVITATION
        };
        store.invite_all(&[INVITATION, INVITATION, other]).unwrap();
        assert!(store.revoked(1).unwrap().is_empty());
        store.revoke(MEMBER).unwrap();
        assert_eq!(store.revoked(1).unwrap(), [7]);
        store.invite(&INVITATION).unwrap();
        assert!(store.revoked(1).unwrap().is_empty());
    }

    #[test]
    fn a_wrong_invitation_lets_nobody_in() {
        let mut store = in_memory();
        store.invite(&INVITATION).unwrap();
        let wrong = InvitationToken::random().unwrap();
        assert!(matches!(store.enter(&wrong, None, NOW), Err(EntryError::Unknown)));
    }

    #[test]
    fn a_used_invitation_lets_nobody_else_in() {
        let mut store = in_memory();
        let token = store.invite(&INVITATION).unwrap();
        store.enter(&token, None, NOW).unwrap();
        assert!(matches!(store.enter(&token, None, NOW + 1), Err(EntryError::Used)));
    }

    #[test]
    fn the_same_browser_may_open_its_link_again_and_gets_another_session() {
        let mut store = in_memory();
        let token = store.invite(&INVITATION).unwrap();
        let (first, _) = store.enter(&token, None, NOW).unwrap();
        let (second, _) = store.enter(&token, Some(&first), NOW + 1).unwrap();
        assert_ne!(first, second);
        assert!(
            store.session(&first, NOW + 1).unwrap().is_none(),
            "the first session has ended"
        );
        assert!(matches!(
            store.enter(&token, Some(&first), NOW + 2),
            Err(EntryError::Used)
        ));
    }

    #[test]
    fn the_secretary_may_use_two_computers() {
        let mut store = in_memory();
        let token = store.invite(&Invitation { uses: 2, ..INVITATION }).unwrap();
        store.enter(&token, None, NOW).unwrap();
        store.enter(&token, None, NOW).unwrap();
        assert!(matches!(store.enter(&token, None, NOW), Err(EntryError::Used)));
    }

    #[test]
    fn an_expired_invitation_lets_nobody_in() {
        let mut store = in_memory();
        let token = store.invite(&INVITATION).unwrap();
        assert!(matches!(
            store.enter(&token, None, NOW + 1000),
            Err(EntryError::Expired)
        ));
        assert!(store.enter(&token, None, NOW + 999).is_ok());
    }

    #[test]
    fn revoking_ends_invitation_and_session() {
        let mut store = in_memory();
        let token = store.invite(&INVITATION).unwrap();
        let (session, _) = store.enter(&token, None, NOW).unwrap();
        store.revoke(MEMBER).unwrap();
        assert!(store.session(&session, NOW).unwrap().is_none());
        assert!(matches!(store.enter(&token, None, NOW), Err(EntryError::Revoked)));
    }
}
