//! Metadata that lies, is late or is gone.

use crate::provider::{NOW_MS, Script, Trouble};
use crate::{Pair, loa3};
use lika_auth::oidc::discovery::{METADATA_AGE_MS, RETRY_INTERVAL_MS, STALE_METADATA_AGE_MS};
use lika_auth::oidc::{OidcError, RelyingParty};
use serde_json::{Value, json};

async fn begin_with(metadata: Value) -> Result<(), OidcError> {
    let script = Script {
        metadata,
        ..Script::default()
    };
    Pair::new(script).await.party.begin(&loa3(), NOW_MS).await.map(drop)
}

fn down() -> Trouble {
    Trouble::Answer(503, "text/html", "<h1>Service Unavailable</h1>".into())
}

#[tokio::test]
async fn metadata_of_another_issuer_is_refused() {
    for issuer in ["https://evil.example", ""] {
        let outcome = begin_with(json!({"issuer": issuer})).await;
        assert!(matches!(outcome, Err(OidcError::Metadata(_))), "{outcome:?}");
    }
}

#[tokio::test]
async fn an_issuer_that_differs_by_a_slash_is_another() {
    let pair = Pair::new(Script::default()).await;
    let issuer = format!("{}/", pair.provider.issuer);
    pair.provider
        .change(|script| script.metadata = json!({"issuer": issuer}));
    let outcome = pair.party.begin(&loa3(), NOW_MS).await;
    assert!(matches!(outcome, Err(OidcError::Metadata(_))), "{outcome:?}");
}

#[tokio::test]
async fn addresses_without_tls_are_refused() {
    for name in [
        "authorization_endpoint",
        "token_endpoint",
        "userinfo_endpoint",
        "pushed_authorization_request_endpoint",
        "end_session_endpoint",
    ] {
        let outcome = begin_with(json!({name: "http://idp.example/x"})).await;
        let Err(OidcError::Metadata(reason)) = outcome else {
            panic!("{name}: {outcome:?}");
        };
        assert!(reason.contains(name), "{reason}");
    }
    let outcome = begin_with(json!({"jwks_uri": "http://idp.example/x"})).await;
    assert!(outcome.is_err(), "{outcome:?}");
}

#[tokio::test]
async fn metadata_is_fetched_when_needed_and_kept_for_an_hour() {
    let pair = Pair::new(Script::default()).await;
    assert_eq!(
        pair.provider.seen(|seen| seen.metadata),
        0,
        "not when the server starts"
    );
    for now_ms in [NOW_MS, NOW_MS + METADATA_AGE_MS - 1] {
        pair.party.begin(&loa3(), now_ms).await.unwrap();
        assert_eq!(pair.provider.seen(|seen| seen.metadata), 1);
    }
    pair.party.begin(&loa3(), NOW_MS + METADATA_AGE_MS).await.unwrap();
    assert_eq!(pair.provider.seen(|seen| seen.metadata), 2);
}

#[tokio::test]
async fn old_metadata_serves_while_new_cannot_be_had_but_not_for_ever() {
    let pair = Pair::new(Script::default()).await;
    pair.party.begin(&loa3(), NOW_MS).await.unwrap();
    pair.provider.change(|script| {
        script.trouble.insert("metadata", down());
    });
    let late = NOW_MS + STALE_METADATA_AGE_MS - 1;
    pair.party.begin(&loa3(), late).await.unwrap();
    let outcome = pair.party.begin(&loa3(), late + 1 + RETRY_INTERVAL_MS).await;
    assert!(matches!(outcome, Err(OidcError::Metadata(_))), "{outcome:?}");
}

#[tokio::test]
async fn a_provider_that_is_down_is_not_asked_by_everybody() {
    let script = Script {
        trouble: [("metadata", down())].into(),
        ..Script::default()
    };
    let pair = Pair::new(script).await;
    for _ in 0..10 {
        assert!(pair.party.begin(&loa3(), NOW_MS).await.is_err());
    }
    assert_eq!(pair.provider.seen(|seen| seen.metadata), 1);
    pair.provider.change(|script| script.trouble.clear());
    // Counted from the failed answer, which took some time itself.
    pair.party.begin(&loa3(), NOW_MS + 2 * RETRY_INTERVAL_MS).await.unwrap();
}

#[tokio::test]
async fn those_who_come_at_once_cause_one_fetch() {
    let pair = Pair::new(Script::default()).await;
    let logins: Vec<_> = (0..20)
        .map(|_| {
            let party: RelyingParty = pair.party.clone();
            tokio::spawn(async move { party.begin(&loa3(), NOW_MS).await.map(drop) })
        })
        .collect();
    for login in logins {
        login.await.unwrap().unwrap();
    }
    assert_eq!(pair.provider.seen(|seen| seen.metadata), 1);
}

#[tokio::test]
async fn json_under_another_name_is_read() {
    let pair = Pair::new(Script::default()).await;
    let keys = json!({"keys": [crate::keys::PROVIDER.public(crate::provider::KID)]}).to_string();
    pair.provider.change(|script| {
        script.trouble.insert("jwks", Trouble::Answer(200, "text/plain", keys));
    });
    pair.log_in().await.unwrap();
}

#[tokio::test]
async fn a_key_of_an_unknown_kind_does_not_spoil_the_others() {
    let script = Script {
        keys: json!({"keys": [
            {"kty": "AKP", "alg": "ML-DSA-44", "kid": "new", "pub": "AAAA"},
            {"kty": 7},
            crate::keys::PROVIDER.public(crate::provider::KID),
        ]}),
        ..Script::default()
    };
    Pair::new(script).await.log_in().await.unwrap();
}
