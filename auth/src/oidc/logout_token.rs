//! Logout tokens (OpenID Connect Back-Channel Logout 1.0 sections 2.4 to 2.6).

use super::error::TokenError;
use super::keys::{CLOCK_TOLERANCE_S, Claims, check_times, is_audience, seconds, text};
use crate::Digest;
use serde_json::Value;
use std::collections::HashMap;

/// The one member that `events` must have.
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// How old a logout token may be. It is sent the moment it is made; providers repeat it for some minutes.
const AGE_LIMIT_S: i64 = 600;

/// Logout tokens remembered at once: a full house that logs out twice within [`AGE_LIMIT_S`].
pub const REMEMBERED_LIMIT: usize = 4096;

/// Somebody logged out at the provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogoutToken {
    /// The provider's id in the settings.
    pub provider: String,
    /// Whose sessions end: all of them, if `session` is not told.
    pub subject: Option<String>,
    /// Which session ends.
    pub session: Option<String>,
}

/// Reads the claims of a logout token whose signature is verified. It gives the token's `jti` too.
pub(super) fn read(
    claims: &Claims,
    provider: &str,
    issuer: &str,
    client_id: &str,
    now_ms: i64,
) -> Result<(LogoutToken, String), TokenError> {
    if text(claims, "iss") != Some(issuer) {
        return Err(TokenError::Issuer);
    }
    if !is_audience(claims, client_id) {
        return Err(TokenError::Audience);
    }
    check_times(claims, now_ms)?;
    let oldest = now_ms.div_euclid(1000).saturating_sub(AGE_LIMIT_S + CLOCK_TOLERANCE_S);
    if seconds(claims, "iat")?.is_none_or(|iat| iat < oldest) {
        return Err(TokenError::TooOld);
    }
    let is_event = |events: &Value| events.get(EVENT).is_some_and(Value::is_object);
    if !claims.get("events").is_some_and(is_event) {
        return Err(TokenError::Events);
    }
    // An ID token has one, and must not pass for a logout token.
    if claims.contains_key("nonce") {
        return Err(TokenError::Nonce);
    }
    let jti = text(claims, "jti").filter(|jti| !jti.is_empty());
    let jti = jti.ok_or_else(|| TokenError::Malformed("it has no jti".into()))?;
    let token = LogoutToken {
        provider: provider.to_owned(),
        subject: text(claims, "sub").map(str::to_owned),
        session: text(claims, "sid").map(str::to_owned),
    };
    if token.subject.is_none() && token.session.is_none() {
        return Err(TokenError::Subject);
    }
    Ok((token, jti.to_owned()))
}

/// The logout tokens received, for as long as they could be received again.
#[derive(Default)]
pub(super) struct Received(HashMap<[u8; 32], i64>);

impl Received {
    /// Notes one; refused if it was here before.
    pub(super) fn note(&mut self, jti: &str, now_ms: i64) -> Result<(), TokenError> {
        let life_ms = (AGE_LIMIT_S + 2 * CLOCK_TOLERANCE_S) * 1000;
        self.0.retain(|_, noted_ms| now_ms.saturating_sub(*noted_ms) <= life_ms);
        let digest = *Digest::of("lika logout token", jti.as_bytes()).as_bytes();
        if self.0.contains_key(&digest) {
            return Err(TokenError::Replayed);
        }
        if self.0.len() >= REMEMBERED_LIMIT {
            return Err(TokenError::TooMany);
        }
        self.0.insert(digest, now_ms);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{AGE_LIMIT_S, Claims, EVENT, REMEMBERED_LIMIT, Received, read};
    use crate::oidc::error::TokenError;
    use serde_json::{Value, json};

    const NOW_S: i64 = 1_000_000;

    fn good() -> Claims {
        let events = json!({ EVENT: {} });
        json!({"iss": "https://idp.example", "aud": "lika", "iat": NOW_S, "exp": NOW_S + 120, "jti": "1", "sub": "anna",
            "sid": "s1", "events": events})
        .as_object()
        .unwrap()
        .clone()
    }

    fn with(name: &str, value: Value) -> Result<(), TokenError> {
        let mut claims = good();
        match value {
            Value::Null => claims.remove(name),
            value => claims.insert(name.into(), value),
        };
        read(&claims, "bankid", "https://idp.example", "lika", NOW_S * 1000).map(drop)
    }

    #[test]
    fn a_logout_token_tells_who_and_which_session() {
        let (token, jti) = read(&good(), "bankid", "https://idp.example", "lika", NOW_S * 1000).unwrap();
        assert_eq!(
            (token.subject.as_deref(), token.session.as_deref()),
            (Some("anna"), Some("s1"))
        );
        assert_eq!(jti, "1");
    }

    #[test]
    fn a_token_that_is_wrong_in_one_thing_is_refused() {
        for (name, value, error) in [
            ("iss", json!("https://other.example"), TokenError::Issuer),
            ("iss", Value::Null, TokenError::Issuer),
            ("aud", json!("other"), TokenError::Audience),
            ("iat", json!(NOW_S - 2 * AGE_LIMIT_S), TokenError::TooOld),
            ("iat", Value::Null, TokenError::TooOld),
            ("iat", json!(NOW_S + 500), TokenError::NotYet),
            ("exp", json!(NOW_S - 500), TokenError::Expired),
            ("events", Value::Null, TokenError::Events),
            ("events", json!({"http://example/other": {}}), TokenError::Events),
            ("events", json!({EVENT: true}), TokenError::Events),
            ("nonce", json!("n"), TokenError::Nonce),
        ] {
            assert_eq!(with(name, value.clone()), Err(error), "{name}: {value}");
        }
        assert!(matches!(with("jti", Value::Null), Err(TokenError::Malformed(_))));
    }

    #[test]
    fn it_must_say_who_or_which_session() {
        assert_eq!(with("sub", Value::Null), Ok(()));
        assert_eq!(with("sid", Value::Null), Ok(()));
        let mut claims = good();
        claims.remove("sub");
        claims.remove("sid");
        let read = read(&claims, "bankid", "https://idp.example", "lika", NOW_S * 1000);
        assert_eq!(read.map(drop), Err(TokenError::Subject));
    }

    #[test]
    fn one_received_before_is_refused_until_it_is_too_old_anyway() {
        let mut received = Received::default();
        received.note("1", 0).unwrap();
        assert_eq!(received.note("1", AGE_LIMIT_S * 1000), Err(TokenError::Replayed));
        received.note("2", 0).unwrap();
        assert_eq!(received.note("1", 10 * AGE_LIMIT_S * 1000), Ok(()));
    }

    #[test]
    fn memory_is_bounded() {
        let mut received = Received::default();
        for number in 0..REMEMBERED_LIMIT {
            received.note(&number.to_string(), 0).unwrap();
        }
        assert_eq!(received.note("more", 0), Err(TokenError::TooMany));
        assert_eq!(received.note("more", 10 * AGE_LIMIT_S * 1000), Ok(()));
    }
}
