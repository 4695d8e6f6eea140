//! ID tokens that are not what they should be.

use crate::provider::{ACCESS_TOKEN, CLIENT_SECRET, KID, NOW_MS, NOW_S, Script};
use crate::{Pair, keys, loa3};
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::Algorithm;
use lika_auth::oidc::keys::CLOCK_TOLERANCE_S;
use lika_auth::oidc::{OidcError, TokenError, Wanted};
use serde_json::{Value, json};

async fn with_claims(claims: Value) -> Result<(), OidcError> {
    let script = Script {
        claims,
        ..Script::default()
    };
    Pair::new(script).await.log_in().await.map(drop)
}

async fn signed(sign: impl Fn(&Value) -> String + Send + 'static) -> Result<(), OidcError> {
    let script = Script {
        sign: Box::new(sign),
        ..Script::default()
    };
    Pair::new(script).await.log_in().await.map(drop)
}

fn refused(error: TokenError) -> Result<(), OidcError> {
    Err(OidcError::IdToken(error))
}

#[tokio::test]
async fn a_person_logs_in() {
    let person = Pair::new(Script::default()).await.log_in().await.unwrap();
    assert_eq!(person.provider, "bankid");
    assert_eq!(person.subject, "person-1");
    assert_eq!(person.session.as_deref(), Some("session-1"));
    assert_eq!(person.assurance, lika_auth::Assurance::Loa3);
    assert_eq!(person.authenticated_ms, NOW_MS - 5000);
    assert_eq!(person.name.as_deref(), Some("Ledamot 7"));
    assert_eq!(person.identity.as_ref().unwrap().as_str(), "191212121212");
    assert!(!format!("{person:?}").contains("191212121212"));
}

#[tokio::test]
async fn a_token_from_another_issuer_is_refused() {
    assert_eq!(
        with_claims(json!({"iss": "https://evil.example"})).await,
        refused(TokenError::Issuer)
    );
}

#[tokio::test]
async fn a_token_for_another_client_is_refused() {
    assert_eq!(
        with_claims(json!({"aud": "other"})).await,
        refused(TokenError::Audience)
    );
    assert_eq!(with_claims(json!({"aud": null})).await, refused(TokenError::Audience));
}

#[tokio::test]
async fn a_token_for_others_too_is_refused() {
    let claims = json!({"aud": ["lika", "other"], "azp": "lika"});
    assert_eq!(with_claims(claims).await, refused(TokenError::Audience));
}

#[tokio::test]
async fn a_token_made_out_to_another_client_is_refused() {
    assert_eq!(
        with_claims(json!({"azp": "other"})).await,
        refused(TokenError::AuthorizedParty)
    );
    assert_eq!(with_claims(json!({"azp": "lika"})).await, Ok(()));
}

#[tokio::test]
async fn a_token_of_another_login_is_refused() {
    assert_eq!(
        with_claims(json!({"nonce": "another"})).await,
        refused(TokenError::Nonce)
    );
    assert_eq!(with_claims(json!({"nonce": null})).await, refused(TokenError::Nonce));
}

#[tokio::test]
async fn an_expired_token_is_refused() {
    assert_eq!(
        with_claims(json!({"exp": NOW_S - CLOCK_TOLERANCE_S})).await,
        refused(TokenError::Expired)
    );
    assert_eq!(with_claims(json!({"exp": NOW_S - CLOCK_TOLERANCE_S + 1})).await, Ok(()));
}

#[tokio::test]
async fn a_token_from_the_future_is_refused() {
    for name in ["nbf", "iat"] {
        let late = NOW_S + CLOCK_TOLERANCE_S;
        assert_eq!(with_claims(json!({name: late})).await, Ok(()), "{name}");
        assert_eq!(
            with_claims(json!({name: late + 1})).await,
            refused(TokenError::NotYet),
            "{name}"
        );
    }
}

#[tokio::test]
async fn a_token_issued_long_ago_is_refused() {
    assert_eq!(
        with_claims(json!({"iat": NOW_S - 3600})).await,
        refused(TokenError::TooOld)
    );
}

#[tokio::test]
async fn a_token_about_nobody_is_refused() {
    assert_eq!(with_claims(json!({"sub": ""})).await, refused(TokenError::Subject));
    assert!(with_claims(json!({"sub": null})).await.is_err());
}

#[tokio::test]
async fn an_unsigned_token_is_refused() {
    let outcome = signed(keys::unsigned).await;
    assert!(
        matches!(
            outcome,
            Err(OidcError::IdToken(TokenError::Algorithm) | OidcError::Exchange { .. })
        ),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn a_token_with_a_mac_under_the_client_secret_or_the_public_key_is_refused() {
    let public = keys::PROVIDER.public(KID)["x"].as_str().unwrap().to_owned();
    for secret in [CLIENT_SECRET.to_owned(), public] {
        let outcome = signed(move |claims| keys::hmac(secret.as_bytes(), KID, claims)).await;
        assert_eq!(outcome, refused(TokenError::Algorithm));
    }
}

#[tokio::test]
async fn a_token_signed_by_another_key_under_the_same_name_is_refused() {
    let outcome = signed(|claims| keys::STRANGER.sign(Some(KID), "JWT", claims)).await;
    assert_eq!(outcome, refused(TokenError::Signature));
}

#[tokio::test]
async fn a_token_whose_claims_were_exchanged_is_refused() {
    let outcome = signed(|claims| {
        let good = keys::PROVIDER.sign(Some(KID), "JWT", &json!({"sub": "other"}));
        let mine = keys::STRANGER.sign(Some(KID), "JWT", claims);
        let part = |token: &str, place: usize| token.split('.').nth(place).unwrap().to_owned();
        format!("{}.{}.{}", part(&good, 0), part(&mine, 1), part(&good, 2))
    })
    .await;
    assert_eq!(outcome, refused(TokenError::Signature));
}

#[tokio::test]
async fn a_logout_token_is_no_id_token() {
    let outcome = signed(|claims| keys::PROVIDER.sign(Some(KID), "logout+jwt", claims)).await;
    assert!(
        matches!(outcome, Err(OidcError::IdToken(TokenError::Malformed(_)))),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn rs256_and_ps256_are_taken_and_rs512_is_not() {
    for (alg, expected) in [
        (Algorithm::RS256, Ok(())),
        (Algorithm::PS256, Ok(())),
        (Algorithm::RS512, refused(TokenError::Algorithm)),
    ] {
        let script = Script {
            keys: json!({"keys": [keys::RSA.public("rsa")]}),
            sign: Box::new(move |claims| keys::RSA.sign_as(alg, Some("rsa"), "JWT", claims)),
            ..Script::default()
        };
        let outcome = Pair::new(script).await.log_in().await.map(drop);
        assert_eq!(outcome, expected, "{alg:?}");
    }
}

#[tokio::test]
async fn a_key_for_encryption_signs_nothing() {
    let mut key = keys::PROVIDER.public(KID);
    key["use"] = json!("enc");
    let script = Script {
        keys: json!({"keys": [key]}),
        ..Script::default()
    };
    assert_eq!(
        Pair::new(script).await.log_in().await.map(drop),
        refused(TokenError::UnknownKey)
    );
}

#[tokio::test]
async fn a_token_that_names_no_key_is_taken_only_where_there_is_no_choice() {
    let one = vec![keys::PROVIDER.public(KID)];
    let two = vec![keys::PROVIDER.public(KID), keys::STRANGER.public("key-2")];
    for (published, expected) in [(one, Ok(())), (two, refused(TokenError::UnknownKey))] {
        let script = Script {
            keys: json!({"keys": published}),
            sign: Box::new(|claims| keys::PROVIDER.sign(None, "JWT", claims)),
            ..Script::default()
        };
        assert_eq!(Pair::new(script).await.log_in().await.map(drop), expected);
    }
}

#[tokio::test]
async fn a_new_key_is_fetched_and_unknown_ones_are_not_asked_for_again_and_again() {
    let pair = Pair::new(Script::default()).await;
    pair.log_in().await.unwrap();
    assert_eq!(pair.provider.seen(|seen| seen.keys), 1);

    pair.provider.change(|script| {
        script.keys = json!({"keys": [keys::PROVIDER.public(KID), keys::STRANGER.public("key-2")]});
        script.sign = Box::new(|claims| keys::STRANGER.sign(Some("key-2"), "JWT", claims));
    });
    pair.log_in().await.unwrap();
    assert_eq!(pair.provider.seen(|seen| seen.keys), 2, "the provider changed its key");

    pair.provider
        .change(|script| script.sign = Box::new(|claims| keys::STRANGER.sign(Some("made-up"), "JWT", claims)));
    for _ in 0..5 {
        assert_eq!(pair.log_in().await.map(drop), refused(TokenError::UnknownKey));
    }
    assert_eq!(
        pair.provider.seen(|seen| seen.keys),
        2,
        "a storm of unknown keys is not passed on"
    );
    let later = NOW_MS + lika_auth::oidc::discovery::UNKNOWN_KEY_INTERVAL_MS;
    assert!(pair.log_in_at(&loa3(), later).await.is_err());
    assert_eq!(pair.provider.seen(|seen| seen.keys), 3);
}

#[tokio::test]
async fn an_access_token_of_another_login_is_refused() {
    let hash = |token: &str| URL_SAFE_NO_PAD.encode(&digest(&SHA256, token.as_bytes()).as_ref()[..16]);
    assert_eq!(with_claims(json!({"at_hash": hash(ACCESS_TOKEN)})).await, Ok(()));
    assert_eq!(
        with_claims(json!({"at_hash": hash("another")})).await,
        refused(TokenError::AccessTokenHash)
    );
}

#[tokio::test]
async fn a_login_too_long_ago_is_refused_and_its_time_must_be_told() {
    let wanted = Wanted {
        max_age_s: Some(60),
        ..loa3()
    };
    for (claims, expected) in [
        (json!({"auth_time": NOW_S - 60}), Ok(())),
        (
            json!({"auth_time": NOW_S - 3600}),
            refused(TokenError::AuthenticationTime),
        ),
        (json!({"auth_time": null}), refused(TokenError::NoAuthenticationTime)),
    ] {
        let script = Script {
            claims,
            ..Script::default()
        };
        let pair = Pair::new(script).await;
        assert_eq!(pair.log_in_wanting(&wanted).await.map(drop), expected);
        assert_eq!(pair.provider.seen(|seen| seen.request["max_age"].clone()), "60");
    }
}

#[tokio::test]
async fn nobody_has_logged_in_later_than_now() {
    for (auth_time, authenticated_ms) in [(json!(NOW_S + 30), NOW_MS), (Value::Null, NOW_MS)] {
        let script = Script {
            claims: json!({"auth_time": auth_time}),
            ..Script::default()
        };
        let person = Pair::new(script).await.log_in().await.unwrap();
        assert_eq!(person.authenticated_ms, authenticated_ms);
    }
}

#[tokio::test]
async fn a_login_from_before_is_refused_when_a_new_one_was_asked_for() {
    let script = Script {
        claims: json!({"auth_time": NOW_S - 600}),
        ..Script::default()
    };
    let pair = Pair::new(script).await;
    let wanted = Wanted { again: true, ..loa3() };
    let outcome = pair.log_in_wanting(&wanted).await.map(drop);
    assert_eq!(outcome, refused(TokenError::AuthenticationTime));
    assert_eq!(pair.provider.seen(|seen| seen.request["prompt"].clone()), "login");
}
