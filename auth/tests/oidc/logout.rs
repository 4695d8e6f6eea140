//! Logging out, from here and from there.

use crate::provider::{CLIENT_ID, KID, NOW_MS, NOW_S, Script, laid_over};
use crate::{Pair, keys};
use lika_auth::oidc::{LogoutToken, OidcError, TokenError};
use serde_json::{Value, json};

fn claims(pair: &Pair, over: &Value) -> Value {
    let good = json!({
        "iss": pair.provider.issuer,
        "aud": CLIENT_ID,
        "iat": NOW_S,
        "exp": NOW_S + 120,
        "jti": "logout-1",
        "sub": "person-1",
        "sid": "session-1",
        "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
    });
    laid_over(good, over)
}

async fn take(pair: &Pair, token: &str) -> Result<LogoutToken, OidcError> {
    pair.party.logged_out(token, NOW_MS).await
}

fn refused(error: TokenError) -> Result<LogoutToken, OidcError> {
    Err(OidcError::LogoutToken(error))
}

#[tokio::test]
async fn a_logout_at_the_provider_is_taken_once() {
    let pair = Pair::new(Script::default()).await;
    let token = keys::PROVIDER.sign(Some(KID), "logout+jwt", &claims(&pair, &json!({})));
    let taken = take(&pair, &token).await.unwrap();
    assert_eq!(taken.provider, "bankid");
    assert_eq!(taken.subject.as_deref(), Some("person-1"));
    assert_eq!(taken.session.as_deref(), Some("session-1"));
    assert_eq!(take(&pair, &token).await, refused(TokenError::Replayed));
}

#[tokio::test]
async fn a_logout_signed_by_somebody_else_is_refused() {
    let pair = Pair::new(Script::default()).await;
    let claims = claims(&pair, &json!({}));
    for (token, error) in [
        (
            keys::STRANGER.sign(Some(KID), "logout+jwt", &claims),
            TokenError::Signature,
        ),
        (
            keys::STRANGER.sign(Some("made-up"), "logout+jwt", &claims),
            TokenError::UnknownKey,
        ),
        (keys::unsigned(&claims), TokenError::Algorithm),
        (
            keys::hmac(crate::provider::CLIENT_SECRET.as_bytes(), KID, &claims),
            TokenError::Algorithm,
        ),
        ("no token".into(), TokenError::Algorithm),
    ] {
        assert_eq!(take(&pair, &token).await, refused(error));
    }
}

#[tokio::test]
async fn a_logout_that_is_for_another_or_is_none_is_refused() {
    let pair = Pair::new(Script::default()).await;
    for (over, error) in [
        (json!({"aud": "other"}), TokenError::Audience),
        (json!({"iss": "https://evil.example"}), TokenError::Issuer),
        (json!({"events": {}}), TokenError::Events),
        (json!({"nonce": "n"}), TokenError::Nonce),
        (json!({"iat": NOW_S - 7200}), TokenError::TooOld),
        (json!({"exp": NOW_S - 61}), TokenError::Expired),
        (json!({"sub": null, "sid": null}), TokenError::Subject),
    ] {
        let token = keys::PROVIDER.sign(Some(KID), "logout+jwt", &claims(&pair, &over));
        assert_eq!(take(&pair, &token).await, refused(error), "{over}");
    }
}

#[tokio::test]
async fn a_token_of_another_type_is_no_logout() {
    let pair = Pair::new(Script::default()).await;
    let token = keys::PROVIDER.sign(Some(KID), "at+jwt", &claims(&pair, &json!({})));
    let outcome = take(&pair, &token).await;
    assert!(
        matches!(outcome, Err(OidcError::LogoutToken(TokenError::Malformed(_)))),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn a_logout_with_critical_headers_is_refused() {
    let pair = Pair::new(Script::default()).await;
    let token = keys::PROVIDER.sign_critical(KID, &claims(&pair, &json!({})));
    let outcome = take(&pair, &token).await;
    assert!(
        matches!(outcome, Err(OidcError::LogoutToken(TokenError::Malformed(_)))),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn a_logout_that_names_no_key_is_taken_only_where_there_is_no_choice() {
    let mut for_encryption = keys::STRANGER.public("key-2");
    for_encryption["use"] = json!("enc");
    let ours = keys::PROVIDER.public(KID);
    for (published, taken) in [
        (vec![ours.clone()], true),
        (vec![ours.clone(), for_encryption], true),
        (vec![ours, keys::STRANGER.public("key-2")], false),
    ] {
        let pair = Pair::new(Script {
            keys: json!({"keys": published}),
            ..Script::default()
        })
        .await;
        let token = keys::PROVIDER.sign(None, "logout+jwt", &claims(&pair, &json!({})));
        let outcome = take(&pair, &token).await;
        assert_eq!(outcome.is_ok(), taken, "{outcome:?}");
    }
}

#[tokio::test]
async fn a_storm_of_made_up_logouts_asks_the_provider_once() {
    let pair = Pair::new(Script::default()).await;
    for number in 0..20 {
        let kid = format!("made-up-{number}");
        let token = keys::STRANGER.sign(Some(&kid), "logout+jwt", &claims(&pair, &json!({})));
        assert_eq!(take(&pair, &token).await, refused(TokenError::UnknownKey));
    }
    assert_eq!(
        pair.provider.seen(|seen| seen.keys),
        2,
        "with the metadata, and once more"
    );
}

#[tokio::test]
async fn the_person_is_sent_to_the_provider_to_log_out() {
    let pair = Pair::configured(Script::default(), |settings| {
        settings.post_logout_redirect_uri = Some("https://lika.example/".into());
    })
    .await;
    let url = pair.party.end_session_url(Some("s"), NOW_MS).await.unwrap();
    assert_eq!(
        url.query(),
        Some("from=metadata&client_id=lika&post_logout_redirect_uri=https%3A%2F%2Flika.example%2F&state=s")
    );
    let without = Pair::new(Script {
        metadata: json!({"end_session_endpoint": null}),
        ..Script::default()
    })
    .await;
    assert_eq!(without.party.end_session_url(None, NOW_MS).await, None);
}
