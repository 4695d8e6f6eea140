//! Levels of assurance: what is asked for, and what is good enough.

use crate::provider::{LOA2, LOA3, Script};
use crate::{Pair, loa3};
use lika_auth::Assurance;
use lika_auth::oidc::{Asking, LevelError, OidcError, Wanted};
use serde_json::{Value, json};

async fn reached(acr: Value, wanted: &Wanted) -> Result<Assurance, OidcError> {
    let script = Script {
        claims: json!({"acr": acr}),
        ..Script::default()
    };
    let person = Pair::new(script).await.log_in_wanting(wanted).await?;
    Ok(person.assurance)
}

#[tokio::test]
async fn a_lower_level_than_wanted_is_refused() {
    let outcome = reached(json!(LOA2), &loa3()).await;
    let error = LevelError::TooLow {
        reached: Assurance::Loa2,
        wanted: Assurance::Loa3,
    };
    assert_eq!(outcome, Err(error.into()));
}

#[tokio::test]
async fn a_higher_level_than_wanted_is_taken_for_what_it_is() {
    let wanted = Wanted {
        level: Assurance::Loa2,
        ..Wanted::default()
    };
    assert_eq!(reached(json!(LOA3), &wanted).await, Ok(Assurance::Loa3));
}

#[tokio::test]
async fn a_level_that_is_not_told_or_not_known_is_refused() {
    assert_eq!(reached(Value::Null, &loa3()).await, Err(LevelError::Missing.into()));
    let unknown = reached(json!("urn:very:high"), &loa3()).await;
    assert_eq!(unknown, Err(LevelError::Unknown("urn:very:high".into()).into()));
}

#[tokio::test]
async fn a_level_in_the_user_info_does_not_count() {
    let script = Script {
        claims: json!({"acr": null}),
        user_info: json!({"acr": LOA3}),
        ..Script::default()
    };
    let outcome = Pair::new(script).await.log_in().await.map(drop);
    assert_eq!(outcome, Err(LevelError::Missing.into()));
}

#[tokio::test]
async fn the_level_is_asked_for_as_an_essential_claim_or_as_acr_values() {
    let pair = Pair::new(Script::default()).await;
    pair.log_in().await.unwrap();
    let request = pair.provider.seen(|seen| seen.request.clone());
    let claims: Value = serde_json::from_str(request["claims"].as_str().unwrap()).unwrap();
    assert_eq!(claims["id_token"]["acr"]["essential"], true);
    assert_eq!(request["acr_values"], Value::Null);

    let pair = Pair::configured(Script::default(), |settings| {
        settings.asking = Some(Asking::AcrValues);
        settings.levels = Some(vec![(LOA2.into(), Assurance::Loa2), (LOA3.into(), Assurance::Loa3)]);
    })
    .await;
    pair.log_in().await.unwrap();
    assert_eq!(pair.provider.seen(|seen| seen.request["acr_values"].clone()), LOA3);
}
