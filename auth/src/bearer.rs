//! Bearer tokens (RFC 6750) for devices without a browser: encoders by WHIP, players by WHEP.

use crate::store::{IdentityStore, StoreError};
use crate::{Digest, Secret};
use rusqlite::{OptionalExtension as _, params};

/// What follows `Authorization: Bearer`: 256 random bits.
pub type BearerToken = Secret<32>;

/// Names a bearer token without being one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BearerId(Digest);

impl From<&BearerToken> for BearerId {
    fn from(token: &BearerToken) -> Self {
        Self(digest(token))
    }
}

/// What a bearer token gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bearer {
    /// The meeting's number.
    pub meeting: u64,
    /// The participant it publishes as (WHIP); `None`: it receives the meeting's programme (WHEP).
    pub publishes_as: Option<u32>,
    /// Until when.
    pub expires_ms: i64,
}

impl IdentityStore {
    /// Makes a bearer token. It is told here and never again.
    ///
    /// # Errors
    /// When the store does not work.
    pub fn grant(&mut self, bearer: &Bearer) -> Result<BearerToken, StoreError> {
        let token = BearerToken::random()?;
        self.db.execute(
            "INSERT INTO bearer (digest, meeting, participant, expires_ms) VALUES (?1, ?2, ?3, ?4)",
            params![
                digest(&token).as_bytes(),
                bearer.meeting,
                bearer.publishes_as,
                bearer.expires_ms
            ],
        )?;
        Ok(token)
    }

    /// What the token gives; `None`: unknown, expired or revoked, which its holder is not told apart.
    ///
    /// # Errors
    /// When the store does not work.
    pub fn bearer(&self, token: &BearerToken, now_ms: i64) -> Result<Option<Bearer>, StoreError> {
        let found = self
            .db
            .query_row(
                "SELECT meeting, participant, expires_ms FROM bearer WHERE digest = ?1",
                [digest(token).as_bytes()],
                |row| {
                    Ok(Bearer {
                        meeting: row.get(0)?,
                        publishes_as: row.get(1)?,
                        expires_ms: row.get(2)?,
                    })
                },
            )
            .optional()?;
        Ok(found.filter(|bearer| now_ms < bearer.expires_ms))
    }

    /// Which of these tokens are no longer in force: expired or revoked.
    ///
    /// # Errors
    /// When the store does not work.
    pub fn ended_bearers(&self, bearers: &[BearerId], now_ms: i64) -> Result<Vec<BearerId>, StoreError> {
        let mut finding = self
            .db
            .prepare_cached("SELECT 1 FROM bearer WHERE digest = ?1 AND expires_ms > ?2")?;
        let mut ended = Vec::new();
        for bearer in bearers {
            if !finding.exists(params![bearer.0.as_bytes(), now_ms])? {
                ended.push(*bearer);
            }
        }
        Ok(ended)
    }
}

fn digest(token: &BearerToken) -> Digest {
    Digest::of("lika bearer", token.bytes())
}

#[cfg(test)]
mod tests {
    use super::{Bearer, BearerId, BearerToken};
    use crate::Identity;
    use crate::store::in_memory;

    const ENCODER: Bearer = Bearer {
        meeting: 1,
        publishes_as: Some(2),
        expires_ms: 1000,
    };

    #[test]
    fn a_bearer_token_is_good_until_it_expires() {
        let mut store = in_memory();
        let token = store.grant(&ENCODER).unwrap();
        assert_eq!(store.bearer(&token, 999).unwrap(), Some(ENCODER));
        assert_eq!(store.bearer(&token, 1000).unwrap(), None);
        let id = BearerId::from(&token);
        assert_eq!(store.ended_bearers(&[id], 999).unwrap(), []);
        assert_eq!(store.ended_bearers(&[id], 1000).unwrap(), [id]);
    }

    #[test]
    fn a_wrong_or_revoked_token_is_nothing() {
        let mut store = in_memory();
        let token = store.grant(&ENCODER).unwrap();
        assert_eq!(store.bearer(&BearerToken::random().unwrap(), 0).unwrap(), None);
        store
            .revoke(Identity {
                meeting: 1,
                participant: 2,
            })
            .unwrap();
        assert_eq!(store.bearer(&token, 0).unwrap(), None);
    }
}
