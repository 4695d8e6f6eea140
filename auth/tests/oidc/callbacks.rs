//! Callbacks that do not belong to the login, or say that it failed.

use crate::provider::{NOW_MS, Script};
use crate::{Pair, loa3};
use lika_auth::Secret;
use lika_auth::oidc::transactions::TransactionError;
use lika_auth::oidc::{Callback, CallbackError, OidcError, ProviderError, Transactions};
use serde_json::json;

fn says_iss() -> Script {
    Script {
        metadata: json!({"authorization_response_iss_parameter_supported": true}),
        ..Script::default()
    }
}

async fn come_back(script: Script, change: impl FnOnce(&mut Callback, &str)) -> Result<(), OidcError> {
    let pair = Pair::new(script).await;
    let (transaction, url) = pair.party.begin(&loa3(), NOW_MS).await.unwrap();
    let mut callback = pair.provider.log_in(&url);
    change(&mut callback, &pair.provider.issuer);
    let outcome = pair.party.finish(transaction, &callback, NOW_MS).await.map(drop);
    if matches!(outcome, Err(OidcError::Callback(_))) {
        assert_eq!(pair.provider.seen(|seen| seen.token.len()), 0, "the code goes nowhere");
    }
    outcome
}

fn refused(error: CallbackError) -> Result<(), OidcError> {
    Err(error.into())
}

#[tokio::test]
async fn an_answer_from_another_issuer_is_refused_before_the_code_is_sent_anywhere() {
    for script in [Script::default(), says_iss()] {
        let outcome = come_back(script, |callback, _| callback.iss = Some("https://evil.example".into())).await;
        assert_eq!(outcome, refused(CallbackError::Issuer));
    }
}

#[tokio::test]
async fn an_answer_must_say_its_issuer_where_the_provider_promises_that() {
    assert_eq!(come_back(says_iss(), |_, _| {}).await, refused(CallbackError::NoIssuer));
    let outcome = come_back(says_iss(), |callback, issuer| callback.iss = Some(issuer.to_owned())).await;
    assert_eq!(outcome, Ok(()));
}

#[tokio::test]
async fn an_error_from_another_issuer_is_no_error_of_this_provider() {
    let outcome = come_back(says_iss(), |callback, _| {
        callback.error = Some("access_denied".into());
        callback.iss = Some("https://evil.example".into());
    })
    .await;
    assert_eq!(outcome, refused(CallbackError::Issuer));
}

#[tokio::test]
async fn the_answer_to_another_login_is_refused() {
    for state in [None, Some("made-up".to_owned()), Some(String::new())] {
        let outcome = come_back(Script::default(), |callback, _| callback.state = state).await;
        assert_eq!(outcome, refused(CallbackError::State));
    }
}

#[tokio::test]
async fn an_answer_without_a_code_is_refused() {
    for code in [None, Some(String::new())] {
        let outcome = come_back(Script::default(), |callback, _| callback.code = code).await;
        assert_eq!(outcome, refused(CallbackError::NoCode));
    }
}

#[tokio::test]
async fn what_the_provider_says_against_it_is_told_apart() {
    for (code, error) in [
        ("access_denied", ProviderError::Denied),
        ("unmet_authentication_requirements", ProviderError::LevelNotMet),
        ("login_required", ProviderError::LoginRequired),
        ("temporarily_unavailable", ProviderError::Unavailable),
        (
            "invalid_scope\u{1b}[2J",
            ProviderError::Refused {
                code: "invalid_scope[2J".into(),
                description: None,
            },
        ),
    ] {
        let outcome = come_back(Script::default(), |callback, _| {
            callback.code = None;
            callback.error = Some(code.into());
        })
        .await;
        assert_eq!(outcome, Err(error.into()));
    }
}

#[tokio::test]
async fn a_code_works_once() {
    let pair = Pair::new(Script::default()).await;
    let (transaction, url) = pair.party.begin(&loa3(), NOW_MS).await.unwrap();
    let callback = pair.provider.log_in(&url);
    pair.party.finish(transaction.clone(), &callback, NOW_MS).await.unwrap();
    let again = pair.party.finish(transaction, &callback, NOW_MS).await;
    assert!(matches!(again, Err(OidcError::Exchange { code, .. }) if code == "invalid_grant"));
}

/// Code injection: the attacker's code in the victim's login, or the victim's in the attacker's.
#[tokio::test]
async fn a_code_of_another_login_does_not_fit_its_verifier() {
    let pair = Pair::new(Script::default()).await;
    let (_, attackers) = pair.party.begin(&loa3(), NOW_MS).await.unwrap();
    let (transaction, victims) = pair.party.begin(&loa3(), NOW_MS).await.unwrap();
    let stolen = pair.provider.log_in(&attackers);
    let mut callback = pair.provider.log_in(&victims);
    callback.code = stolen.code;
    let outcome = pair.party.finish(transaction, &callback, NOW_MS).await;
    assert!(matches!(outcome, Err(OidcError::Exchange { code, .. }) if code == "invalid_grant"));
}

/// Login cross-site request forgery: the attacker's finished login slipped into the victim's browser.
#[tokio::test]
async fn a_login_begun_in_another_browser_is_not_finished_in_this_one() {
    let pair = Pair::new(Script::default()).await;
    let (attacker, victim) = (Secret::random().unwrap(), Secret::random().unwrap());
    let mut transactions = Transactions::default();
    let (transaction, url) = pair.party.begin(&loa3(), NOW_MS).await.unwrap();
    transactions.put(&attacker, transaction, (), NOW_MS).unwrap();
    let callback = pair.provider.log_in(&url);
    let taken = transactions.take(&callback.state.unwrap(), &victim, NOW_MS);
    assert!(matches!(taken, Err(TransactionError::OtherBrowser)));
}

#[tokio::test]
async fn a_login_begun_with_one_provider_is_not_finished_with_another() {
    let honest = Pair::new(Script::default()).await;
    let evil = Pair::configured(Script::default(), |settings| settings.id = "evil".into()).await;
    let (transaction, url) = evil.party.begin(&loa3(), NOW_MS).await.unwrap();
    let callback = evil.provider.log_in(&url);
    let outcome = honest.party.finish(transaction, &callback, NOW_MS).await.map(drop);
    assert_eq!(outcome, refused(CallbackError::OtherProvider));
    assert_eq!(honest.provider.seen(|seen| seen.token.len()), 0);
}
