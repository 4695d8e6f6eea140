//! The ID token (OpenID Connect Core 1.0 section 3.1.3.7).

use super::error::TokenError;
use super::error::foreign;
use super::keys::{CLOCK_TOLERANCE_S, Claims, check_times, seconds, text};
use super::transaction::Transaction;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openidconnect::core::{CoreIdToken, CoreIdTokenVerifier, CoreJwsSigningAlgorithm};
use openidconnect::{
    AccessToken, AccessTokenHash, ClaimsVerificationError, ClientId, IssuerUrl, Nonce, SignatureVerificationError,
};
use std::time::{Duration, SystemTime};

/// How old an ID token may be. It is fetched the moment it is made.
const AGE_LIMIT_S: i64 = 600;

/// What a provider may sign with; see [`keys`](super::keys).
const ALGORITHMS: [CoreJwsSigningAlgorithm; 3] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
];

/// Whom and what an ID token must be for.
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a IssuerUrl,
    pub(super) client_id: &'a str,
    pub(super) keys: &'a openidconnect::core::CoreJsonWebKeySet,
    pub(super) transaction: &'a Transaction,
    pub(super) now_ms: i64,
}

/// Verifies an ID token and gives its claims.
pub(super) fn verify(
    token: &CoreIdToken,
    access_token: &AccessToken,
    expected: &Expected<'_>,
) -> Result<Claims, TokenError> {
    let now = moment(expected.now_ms.saturating_sub(CLOCK_TOLERANCE_S * 1000));
    // As a public client: no client secret that a MAC could be made with.
    let verifier = CoreIdTokenVerifier::new_public_client(
        ClientId::new(expected.client_id.to_owned()),
        expected.issuer.clone(),
        expected.keys.clone(),
    )
    .set_allowed_algs(ALGORITHMS)
    .set_time_fn(move || now.into());
    let nonce = Nonce::new(expected.transaction.nonce.reveal().to_string());
    let verified = token.claims(&verifier, &nonce).map_err(from_library)?;
    if let Some(hash) = verified.access_token_hash() {
        let alg = token.signing_alg().map_err(|_| TokenError::Algorithm)?;
        let key = token.signing_key(&verifier).map_err(|_| TokenError::UnknownKey)?;
        let computed = AccessTokenHash::from_token(access_token, alg, key).map_err(|_| TokenError::AccessTokenHash)?;
        if computed != *hash {
            return Err(TokenError::AccessTokenHash);
        }
    }
    let claims = payload(&token.to_string())?;
    check_rest(&claims, expected)?;
    Ok(claims)
}

/// What openidconnect leaves to its caller: `azp`, `nbf`, `iat` and `auth_time`.
fn check_rest(claims: &Claims, expected: &Expected<'_>) -> Result<(), TokenError> {
    if text(claims, "sub").is_none_or(str::is_empty) {
        return Err(TokenError::Subject);
    }
    if claims.contains_key("azp") && text(claims, "azp") != Some(expected.client_id) {
        return Err(TokenError::AuthorizedParty);
    }
    check_times(claims, expected.now_ms)?;
    let now_s = expected.now_ms.div_euclid(1000);
    if seconds(claims, "iat")?.is_none_or(|iat| iat < now_s.saturating_sub(AGE_LIMIT_S + CLOCK_TOLERANCE_S)) {
        return Err(TokenError::TooOld);
    }
    check_authentication_time(seconds(claims, "auth_time")?, expected.transaction, now_s)
}

/// `max_age` counts to the moment of the request and not to now: how long the person takes to sign is no fault.
fn check_authentication_time(auth_time: Option<i64>, transaction: &Transaction, now_s: i64) -> Result<(), TokenError> {
    let begun_s = transaction.begun_ms.div_euclid(1000);
    let max_age_s = transaction.max_age_s.map(|age| i64::try_from(age).unwrap_or(i64::MAX));
    let Some(auth_time) = auth_time else {
        return match max_age_s {
            Some(_) => Err(TokenError::NoAuthenticationTime),
            None => Ok(()),
        };
    };
    let oldest = match (transaction.again, max_age_s) {
        (true, _) => begun_s,
        (false, Some(age)) => begun_s.saturating_sub(age),
        (false, None) => i64::MIN,
    };
    let in_time =
        auth_time >= oldest.saturating_sub(CLOCK_TOLERANCE_S) && auth_time <= now_s.saturating_add(CLOCK_TOLERANCE_S);
    if in_time {
        Ok(())
    } else {
        Err(TokenError::AuthenticationTime)
    }
}

/// The claims of a token that is verified already: openidconnect gives out those it has a field for.
fn payload(token: &str) -> Result<Claims, TokenError> {
    let malformed = || TokenError::Malformed("its claims are no JSON object".into());
    let part = token.split('.').nth(1).ok_or_else(malformed)?;
    let json = URL_SAFE_NO_PAD.decode(part).map_err(|_| malformed())?;
    serde_json::from_slice(&json).map_err(|_| malformed())
}

fn moment(ms: i64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(ms).unwrap_or(0))
}

fn from_library(error: ClaimsVerificationError) -> TokenError {
    match error {
        ClaimsVerificationError::Expired(_) => TokenError::Expired,
        ClaimsVerificationError::InvalidAudience(_) => TokenError::Audience,
        ClaimsVerificationError::InvalidIssuer(_) => TokenError::Issuer,
        ClaimsVerificationError::InvalidNonce(_) => TokenError::Nonce,
        ClaimsVerificationError::InvalidSubject(_) => TokenError::Subject,
        ClaimsVerificationError::SignatureVerification(error) => match error {
            SignatureVerificationError::NoMatchingKey | SignatureVerificationError::AmbiguousKeyId(_) => {
                TokenError::UnknownKey
            }
            SignatureVerificationError::DisallowedAlg(_)
            | SignatureVerificationError::UnsupportedAlg(_)
            | SignatureVerificationError::NoSignature => TokenError::Algorithm,
            _ => TokenError::Signature,
        },
        other => TokenError::Malformed(foreign(&other.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::check_authentication_time;
    use crate::oidc::error::TokenError;
    use crate::oidc::keys::CLOCK_TOLERANCE_S;
    use crate::oidc::transaction::{Transaction, Wanted};

    const BEGUN_S: i64 = 1_000_000;
    const NOW_S: i64 = BEGUN_S + 120;

    fn check(auth_time: Option<i64>, max_age_s: Option<u64>, again: bool) -> Result<(), TokenError> {
        let wanted = Wanted {
            max_age_s,
            again,
            ..Wanted::default()
        };
        let transaction = Transaction::begin("bankid", &wanted, BEGUN_S * 1000).unwrap();
        check_authentication_time(auth_time, &transaction, NOW_S)
    }

    #[test]
    fn a_login_within_max_age_is_taken_and_an_older_one_refused() {
        let oldest = BEGUN_S - 300 - CLOCK_TOLERANCE_S;
        assert_eq!(check(Some(oldest), Some(300), false), Ok(()));
        assert_eq!(
            check(Some(oldest - 1), Some(300), false),
            Err(TokenError::AuthenticationTime)
        );
        assert_eq!(check(Some(oldest - 1), None, false), Ok(()), "nobody asked");
    }

    #[test]
    fn the_time_must_be_told_when_it_was_asked_for() {
        assert_eq!(check(None, Some(300), false), Err(TokenError::NoAuthenticationTime));
        assert_eq!(check(None, None, false), Ok(()));
    }

    #[test]
    fn a_login_from_before_is_not_a_login_anew() {
        assert_eq!(
            check(Some(BEGUN_S - CLOCK_TOLERANCE_S - 1), None, true),
            Err(TokenError::AuthenticationTime)
        );
        assert_eq!(check(Some(BEGUN_S + 30), None, true), Ok(()));
    }

    #[test]
    fn a_login_in_the_future_is_refused() {
        assert_eq!(check(Some(NOW_S + CLOCK_TOLERANCE_S), None, false), Ok(()));
        assert_eq!(
            check(Some(NOW_S + CLOCK_TOLERANCE_S + 1), None, false),
            Err(TokenError::AuthenticationTime)
        );
    }

    #[test]
    fn an_endless_max_age_is_no_overflow() {
        assert_eq!(check(Some(0), Some(u64::MAX), false), Ok(()));
    }
}
