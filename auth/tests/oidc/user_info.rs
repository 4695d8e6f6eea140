//! UserInfo responses, signed and not.

use crate::provider::{KID, Script, Trouble};
use crate::{Pair, keys};
use lika_auth::oidc::{IdentityError, OidcError, TokenError};
use serde_json::{Value, json};

const NUMBER: &str = "https://id.oidc.se/claim/personalIdentityNumber";

async fn told(user_info: Value) -> Result<(), OidcError> {
    let script = Script {
        user_info,
        ..Script::default()
    };
    Pair::new(script).await.log_in().await.map(drop)
}

async fn signed(claims: Value, sign: impl Fn(&Value) -> String + Send + 'static) -> Result<String, OidcError> {
    let script = Script {
        user_info: claims,
        sign_user_info: Some(Box::new(sign)),
        ..Script::default()
    };
    let person = Pair::new(script).await.log_in().await?;
    Ok(person.identity.unwrap().as_str().to_owned())
}

fn good(claims: &Value) -> String {
    keys::PROVIDER.sign(Some(KID), "JWT", claims)
}

fn refused<T>(error: TokenError) -> Result<T, OidcError> {
    Err(OidcError::UserInfo(error))
}

#[tokio::test]
async fn what_is_said_about_another_person_is_refused() {
    assert_eq!(told(json!({"sub": "person-2"})).await, refused(TokenError::Subject));
    assert_eq!(told(json!({"sub": null})).await, refused(TokenError::Subject));
    assert_eq!(
        signed(json!({"sub": "person-2"}), good).await,
        refused(TokenError::Subject)
    );
}

#[tokio::test]
async fn a_signed_answer_is_read() {
    assert_eq!(signed(json!({}), good).await, Ok("191212121212".into()));
}

#[tokio::test]
async fn a_signed_answer_that_is_signed_wrongly_is_refused() {
    let stranger = |claims: &Value| keys::STRANGER.sign(Some(KID), "JWT", claims);
    assert_eq!(signed(json!({}), stranger).await, refused(TokenError::Signature));
    let unknown = |claims: &Value| keys::STRANGER.sign(Some("made-up"), "JWT", claims);
    assert_eq!(signed(json!({}), unknown).await, refused(TokenError::UnknownKey));
    assert_eq!(signed(json!({}), keys::unsigned).await, refused(TokenError::Algorithm));
    let mac = |claims: &Value| keys::hmac(crate::provider::CLIENT_SECRET.as_bytes(), KID, claims);
    assert_eq!(signed(json!({}), mac).await, refused(TokenError::Algorithm));
}

#[tokio::test]
async fn a_signed_answer_for_or_from_another_is_refused() {
    assert_eq!(
        signed(json!({"aud": "other"}), good).await,
        refused(TokenError::Audience)
    );
    assert_eq!(
        signed(json!({"iss": "https://evil.example"}), good).await,
        refused(TokenError::Issuer)
    );
}

#[tokio::test]
async fn a_broken_number_fails_the_login() {
    let outcome = told(json!({NUMBER: "121212-1212"})).await;
    assert_eq!(outcome, Err(IdentityError::NoCentury.into()));
}

#[tokio::test]
async fn it_is_not_asked_for_when_the_token_has_everything() {
    let script = Script {
        claims: json!({"name": "Ledamot 7", NUMBER: "19121212-1212"}),
        trouble: [("userinfo", Trouble::Answer(500, "text/plain", "no".into()))].into(),
        ..Script::default()
    };
    let person = Pair::new(script).await.log_in().await.unwrap();
    assert_eq!(person.identity.unwrap().as_str(), "191212121212");
}

#[tokio::test]
async fn a_failure_of_it_fails_the_login() {
    for (status, body) in [(500, "no"), (401, "{}"), (200, "[]"), (200, "no json")] {
        let script = Script {
            trouble: [("userinfo", Trouble::Answer(status, "application/json", body.into()))].into(),
            ..Script::default()
        };
        let outcome = Pair::new(script).await.log_in().await;
        assert!(
            matches!(outcome, Err(OidcError::UserInfo(TokenError::Malformed(_)))),
            "{status} {body}: {outcome:?}"
        );
    }
}

#[tokio::test]
async fn json_under_another_name_is_read() {
    let body = json!({"sub": "person-1", "name": "Ledamot 7"}).to_string();
    let script = Script {
        trouble: [("userinfo", Trouble::Answer(200, "text/html", body))].into(),
        ..Script::default()
    };
    assert_eq!(
        Pair::new(script).await.log_in().await.unwrap().name.unwrap(),
        "Ledamot 7"
    );
}
