//! The request: in the open, pushed (RFC 9126), signed (RFC 9101), and how we show who we are (RFC 7523).

use crate::provider::{CLIENT_ID, NOW_MS, Script, Trouble, our_claims};
use crate::{Pair, loa3, with_key};
use lika_auth::oidc::{AssertionAudience, ClientAuthentication, OidcError, SecretText, Wanted};
use serde_json::{Value, json};

/// A provider whose pushed requests are at `/par`.
async fn pushing(script: Script) -> Pair {
    let pair = Pair::configured(script, |settings| {
        settings.authentication = with_key();
        settings.require_par = true;
    })
    .await;
    let par = format!("{}/par", pair.provider.issuer);
    pair.provider
        .change(|script| script.metadata = json!({"pushed_authorization_request_endpoint": par}));
    pair
}

fn key_script() -> Script {
    Script {
        private_key_jwt: true,
        ..Script::default()
    }
}

#[tokio::test]
async fn each_login_has_its_own_state_nonce_and_challenge() {
    let pair = Pair::new(Script::default()).await;
    let mut seen = Vec::new();
    for _ in 0..2 {
        let (_, url) = pair.party.begin(&loa3(), NOW_MS).await.unwrap();
        for (name, value) in url.query_pairs() {
            if matches!(name.as_ref(), "state" | "nonce" | "code_challenge") {
                assert_eq!(value.len(), 43, "{name} has 256 bits");
                assert!(!seen.contains(&value.to_string()), "{name}");
                seen.push(value.to_string());
            }
        }
    }
    assert_eq!(seen.len(), 6);
}

#[tokio::test]
async fn a_request_says_what_the_person_sees_and_in_which_language() {
    let pair = Pair::new(Script::default()).await;
    let wanted = Wanted {
        user_message: Some("Fullmäktige".into()),
        language: Some("sv".into()),
        ..loa3()
    };
    pair.log_in_wanting(&wanted).await.unwrap();
    let request = pair.provider.seen(|seen| seen.request.clone());
    assert_eq!(request["ui_locales"], "sv");
    assert_eq!(
        request["scope"],
        "openid https://id.oidc.se/scope/naturalPersonInfo https://id.oidc.se/scope/naturalPersonNumber"
    );
    let message: Value =
        serde_json::from_str(request["https://id.oidc.se/param/userMessage"].as_str().unwrap()).unwrap();
    assert_eq!(message["message"], "RnVsbG3DpGt0aWdl");
}

#[tokio::test]
async fn a_pushed_request_leaves_nothing_in_the_browser() {
    let pair = pushing(key_script()).await;
    let (_, url) = pair.party.begin(&loa3(), NOW_MS).await.unwrap();
    let names: Vec<_> = url.query_pairs().map(|(name, _)| name.into_owned()).collect();
    assert_eq!(names, ["client_id", "request_uri"]);
    pair.log_in().await.unwrap();
}

#[tokio::test]
async fn a_pushed_and_signed_request_has_its_parameters_in_the_object_alone() {
    let pair = pushing(key_script()).await;
    pair.log_in().await.unwrap();
    let (_, form) = pair.provider.seen(|seen| seen.pushed[0].clone());
    let mut names: Vec<_> = form.keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        ["client_assertion", "client_assertion_type", "client_id", "request"]
    );
    let request = pair.provider.seen(|seen| seen.request.clone());
    assert!(
        request["claims"]["id_token"]["acr"].is_object(),
        "JSON in JSON, not text"
    );
}

#[tokio::test]
async fn a_request_is_pushed_with_a_secret_too() {
    let pair = Pair::new(Script::default()).await;
    let par = format!("{}/par", pair.provider.issuer);
    pair.provider
        .change(|script| script.metadata = json!({"pushed_authorization_request_endpoint": par}));
    pair.log_in().await.unwrap();
    assert_eq!(pair.provider.seen(|seen| seen.pushed.len()), 1);
}

#[tokio::test]
async fn a_refused_push_does_not_go_through_the_browser_instead() {
    let pair = pushing(key_script()).await;
    let body = json!({"error": "invalid_request", "error_description": "redirect_uri"}).to_string();
    pair.provider.change(|script| {
        script.trouble = [("par", Trouble::Answer(400, "application/json", body))].into();
    });
    let outcome = pair.party.begin(&loa3(), NOW_MS).await.map(drop);
    assert_eq!(
        outcome,
        Err(OidcError::Request {
            code: "invalid_request".into(),
            description: Some("redirect_uri".into())
        })
    );
}

#[tokio::test]
async fn no_request_is_sent_in_the_open_where_pushing_is_required() {
    let by_us = Pair::configured(Script::default(), |settings| settings.require_par = true).await;
    let by_provider = Pair::new(Script {
        metadata: json!({"require_pushed_authorization_requests": true}),
        ..Script::default()
    })
    .await;
    for pair in [by_us, by_provider] {
        let outcome = pair.party.begin(&loa3(), NOW_MS).await;
        assert!(matches!(outcome, Err(OidcError::Metadata(_))), "{outcome:?}");
    }
}

#[tokio::test]
async fn a_signed_request_is_one_that_the_provider_can_verify() {
    let pair = Pair::configured(key_script(), |settings| settings.authentication = with_key()).await;
    let (_, url) = pair.party.begin(&loa3(), NOW_MS).await.unwrap();
    let mut names: Vec<_> = url.query_pairs().map(|(name, _)| name.into_owned()).collect();
    names.sort_unstable();
    assert_eq!(names, ["client_id", "request", "response_type", "scope"]);
    let wanted = Wanted {
        max_age_s: Some(60),
        ..loa3()
    };
    pair.log_in_wanting(&wanted).await.unwrap();
    assert_eq!(pair.provider.seen(|seen| seen.request["max_age"].clone()), 60);
}

#[tokio::test]
async fn a_provider_that_takes_signed_requests_alone_gets_none_without_a_key() {
    let script = Script {
        metadata: json!({"require_signed_request_object": true}),
        ..Script::default()
    };
    let outcome = Pair::new(script).await.party.begin(&loa3(), NOW_MS).await;
    assert!(matches!(outcome, Err(OidcError::Ours(_))), "{outcome:?}");
}

#[tokio::test]
async fn every_assertion_is_new_and_for_this_provider() {
    let pair = Pair::configured(key_script(), |settings| settings.authentication = with_key()).await;
    pair.log_in().await.unwrap();
    pair.log_in().await.unwrap();
    let assertions: Vec<_> = pair.provider.seen(|seen| {
        seen.token
            .iter()
            .map(|(_, form)| our_claims(&form["client_assertion"]))
            .collect()
    });
    assert_ne!(assertions[0]["jti"], assertions[1]["jti"]);
    assert_eq!(assertions[0]["aud"], pair.provider.issuer.as_str());
    let headers = pair.provider.seen(|seen| seen.token[0].0.clone());
    assert!(!headers.contains_key("authorization"));
}

#[tokio::test]
async fn an_assertion_can_be_for_the_token_endpoint() {
    let pair = Pair::configured(key_script(), |settings| {
        settings.authentication = with_key();
        settings.assertion_audience = AssertionAudience::TokenEndpoint;
    })
    .await;
    // This provider takes its issuer alone.
    assert!(pair.log_in().await.is_err());
    let assertion = pair
        .provider
        .seen(|seen| our_claims(&seen.token[0].1["client_assertion"]));
    assert_eq!(assertion["aud"], format!("{}/token", pair.provider.issuer));
}

#[tokio::test]
async fn a_wrong_secret_is_told_as_such() {
    for authentication in [
        ClientAuthentication::ClientSecret(SecretText::new("wrong")),
        ClientAuthentication::ClientSecretPost(SecretText::new("wrong")),
    ] {
        let pair = Pair::configured(Script::default(), |settings| settings.authentication = authentication).await;
        let outcome = pair.log_in().await;
        assert!(
            matches!(&outcome, Err(OidcError::Exchange { code, .. }) if code == "invalid_client"),
            "{outcome:?}"
        );
        assert!(!format!("{outcome:?}").contains("wrong"));
    }
}

#[tokio::test]
async fn a_secret_in_the_body_is_not_in_the_header() {
    let pair = Pair::configured(Script::default(), |settings| {
        settings.authentication = ClientAuthentication::ClientSecretPost(SecretText::new("s"));
    })
    .await;
    let _ = pair.log_in().await;
    let (headers, form) = pair.provider.seen(|seen| seen.token[0].clone());
    assert!(!headers.contains_key("authorization"));
    assert_eq!(
        (form["client_id"].as_str(), form["client_secret"].as_str()),
        (CLIENT_ID, "s")
    );
}

#[tokio::test]
async fn the_operators_own_parameters_are_sent() {
    let pair = Pair::configured(Script::default(), |settings| {
        settings.parameters.insert("brand".into(), "kommun".into());
    })
    .await;
    pair.log_in().await.unwrap();
    assert_eq!(pair.provider.seen(|seen| seen.request["brand"].clone()), "kommun");
}
