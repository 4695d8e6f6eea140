//! Tokens that openidconnect does not verify: signed UserInfo responses (its verifier takes RS256 alone) and logout
//! tokens (which it does not know).

use super::error::{TokenError, foreign};
use jsonwebtoken::jwk::{Jwk, KeyAlgorithm, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use openidconnect::core::CoreJsonWebKeySet;
use serde_json::{Map, Value};

/// How far the provider's clock may be from ours.
pub const CLOCK_TOLERANCE_S: i64 = 60;

/// What a provider may sign with. Never `none`, and never a MAC, whose key would be the public key or the client secret.
const ALGORITHMS: [Algorithm; 3] = [Algorithm::RS256, Algorithm::PS256, Algorithm::ES256];

/// The claims of a token.
pub(super) type Claims = Map<String, Value>;

/// Verifies the signature, and nothing else, of a token whose `typ` is one of `types` (lower case, without
/// `application/`) or missing.
pub(super) fn verify(token: &str, keys: &CoreJsonWebKeySet, types: &[&str]) -> Result<Claims, TokenError> {
    // An algorithm that the library does not know, such as `none`, is a header that it cannot read.
    let header = decode_header(token).map_err(|_| TokenError::Algorithm)?;
    if !ALGORITHMS.contains(&header.alg) {
        return Err(TokenError::Algorithm);
    }
    if header.crit.is_some() {
        return Err(TokenError::Malformed("it has critical headers".into()));
    }
    if let Some(typ) = &header.typ {
        let lower = typ.to_ascii_lowercase();
        let name = lower.strip_prefix("application/").unwrap_or(&lower);
        if !types.contains(&name) {
            return Err(TokenError::Malformed(format!("its type is \"{}\"", foreign(typ))));
        }
    }
    let key = key(keys, header.kid.as_deref(), header.alg)?;
    let mut validation = Validation::new(header.alg);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_aud = false;
    decode::<Claims>(token, &key, &validation)
        .map(|data| data.claims)
        .map_err(|_| TokenError::Signature)
}

/// The one key that a token with this header can be signed with. Without a name in the header there must be no choice.
fn key(keys: &CoreJsonWebKeySet, kid: Option<&str>, alg: Algorithm) -> Result<DecodingKey, TokenError> {
    let mut fitting = keys
        .keys()
        .iter()
        .filter_map(|key| serde_json::to_value(key).ok())
        .filter_map(|key| serde_json::from_value::<Jwk>(key).ok())
        .filter(|key| kid.is_none() || key.common.key_id.as_deref() == kid)
        .filter(|key| fits(key, alg))
        .filter_map(|key| DecodingKey::from_jwk(&key).ok())
        .filter(|key| key.family() == alg.family());
    match (fitting.next(), fitting.next()) {
        (Some(key), None) => Ok(key),
        _ => Err(TokenError::UnknownKey),
    }
}

fn fits(key: &Jwk, alg: Algorithm) -> bool {
    let signs = matches!(key.common.public_key_use, None | Some(PublicKeyUse::Signature));
    let mandated = key.common.key_algorithm;
    signs && mandated.is_none_or(|mandated| mandated == KeyAlgorithm::from(alg))
}

/// Whether `aud` is this client and nobody else.
pub(super) fn is_audience(claims: &Claims, client_id: &str) -> bool {
    match claims.get("aud") {
        Some(Value::String(audience)) => audience == client_id,
        Some(Value::Array(audiences)) => {
            !audiences.is_empty() && audiences.iter().all(|audience| audience.as_str() == Some(client_id))
        }
        _ => false,
    }
}

/// A text claim.
pub(super) fn text<'a>(claims: &'a Claims, name: &str) -> Option<&'a str> {
    claims.get(name).and_then(Value::as_str)
}

/// A time claim in seconds since 1970 (RFC 7519 section 2, NumericDate); a fraction is cut off.
pub(super) fn seconds(claims: &Claims, name: &str) -> Result<Option<i64>, TokenError> {
    match claims.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => value
            .as_i64()
            .or_else(|| value.as_f64().map(|seconds| seconds as i64))
            .map(Some)
            .ok_or_else(|| TokenError::Malformed(format!("{name} is not a time"))),
    }
}

/// `exp`, `nbf` and `iat` where they are, against our clock.
pub(super) fn check_times(claims: &Claims, now_ms: i64) -> Result<(), TokenError> {
    let now_s = now_ms.div_euclid(1000);
    if seconds(claims, "exp")?.is_some_and(|exp| now_s.saturating_sub(CLOCK_TOLERANCE_S) >= exp) {
        return Err(TokenError::Expired);
    }
    for name in ["nbf", "iat"] {
        if seconds(claims, name)?.is_some_and(|time| time > now_s.saturating_add(CLOCK_TOLERANCE_S)) {
            return Err(TokenError::NotYet);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{CLOCK_TOLERANCE_S, Claims, check_times, is_audience, seconds, verify};
    use crate::oidc::error::TokenError;
    use openidconnect::core::CoreJsonWebKeySet;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn claims(value: &Value) -> Claims {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn the_audience_is_this_client_alone() {
        for (audience, good) in [
            (json!("lika"), true),
            (json!(["lika"]), true),
            (json!(["lika", "other"]), false),
            (json!("other"), false),
            (json!([]), false),
            (json!(7), false),
        ] {
            assert_eq!(
                is_audience(&claims(&json!({"aud": audience.clone()})), "lika"),
                good,
                "{audience}"
            );
        }
        assert!(!is_audience(&Claims::new(), "lika"));
    }

    #[test]
    fn clocks_may_differ_by_the_tolerance_and_no_more() {
        let now_s = 1_000_000;
        let at = |name: &str, time: i64| check_times(&claims(&json!({name: time})), now_s * 1000);
        assert_eq!(at("exp", now_s - CLOCK_TOLERANCE_S + 1), Ok(()));
        assert_eq!(at("exp", now_s - CLOCK_TOLERANCE_S), Err(TokenError::Expired));
        for name in ["nbf", "iat"] {
            assert_eq!(at(name, now_s + CLOCK_TOLERANCE_S), Ok(()));
            assert_eq!(at(name, now_s + CLOCK_TOLERANCE_S + 1), Err(TokenError::NotYet));
        }
        assert_eq!(
            check_times(&claims(&json!({"exp": i64::MIN})), i64::MIN),
            Err(TokenError::Expired)
        );
    }

    #[test]
    fn a_time_that_is_none_is_refused() {
        assert!(seconds(&claims(&json!({"exp": "soon"})), "exp").is_err());
        assert_eq!(seconds(&claims(&json!({"exp": 5.9})), "exp"), Ok(Some(5)));
    }

    proptest! {
        #[test]
        fn any_text_is_refused_without_panic(token in "[A-Za-z0-9_.{}\":=-]{0,80}") {
            prop_assert!(verify(&token, &CoreJsonWebKeySet::default(), &["jwt"]).is_err());
        }
    }
}
