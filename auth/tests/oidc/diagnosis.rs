//! What `lika doctor oidc` says.

use crate::provider::{LOA2, NOW_MS, Script, Trouble};
use crate::{Pair, with_key};
use lika_auth::oidc::{ClientAuthentication, Finding, Outcome, SecretText, Step};
use serde_json::json;
use std::time::{SystemTime, UNIX_EPOCH};

/// The provider's `Date` is the computer's own.
fn now_ms() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap()
}

fn outcome(findings: &[Finding], step: Step) -> Option<Outcome> {
    let found = findings.iter().find(|finding| finding.step == step)?;
    assert!(!found.text.sv.is_empty() && !found.text.en.is_empty());
    Some(found.outcome)
}

#[tokio::test]
async fn a_good_provider_has_no_failures() {
    let pair = Pair::new(Script::default()).await;
    let findings = pair.party.diagnose(now_ms()).await;
    assert!(
        findings.iter().all(|finding| finding.outcome != Outcome::Failed),
        "{findings:#?}"
    );
    for step in [
        Step::Discovery,
        Step::Clock,
        Step::Algorithms,
        Step::Keys,
        Step::ClientAuthentication,
        Step::TokenEndpoint,
        Step::Pkce,
        Step::Levels,
    ] {
        assert_eq!(outcome(&findings, step), Some(Outcome::Ok), "{step:?}: {findings:#?}");
    }
}

#[tokio::test]
async fn a_provider_that_is_down_is_one_finding_with_its_cause() {
    let script = Script {
        trouble: [("metadata", Trouble::Answer(503, "text/html", "down".into()))].into(),
        ..Script::default()
    };
    let findings = Pair::new(script).await.party.diagnose(now_ms()).await;
    let failed: Vec<_> = findings
        .iter()
        .filter(|finding| finding.outcome == Outcome::Failed)
        .collect();
    assert_eq!(failed.len(), 1);
    assert_eq!(failed[0].step, Step::Discovery);
    assert!(failed[0].text.en.contains("503"), "{failed:?}");
}

#[tokio::test]
async fn a_wrong_secret_is_found_without_a_person() {
    let pair = Pair::configured(Script::default(), |settings| {
        settings.authentication = ClientAuthentication::ClientSecret(SecretText::new("wrong"));
    })
    .await;
    let findings = pair.party.diagnose(now_ms()).await;
    assert_eq!(outcome(&findings, Step::TokenEndpoint), Some(Outcome::Failed));
    assert!(!format!("{findings:?}").contains("wrong\""));
}

#[tokio::test]
async fn a_clock_that_goes_wrong_is_found() {
    let pair = Pair::new(Script::default()).await;
    let findings = pair.party.diagnose(now_ms() - 3_600_000).await;
    assert_eq!(outcome(&findings, Step::Clock), Some(Outcome::Failed));
}

#[tokio::test]
async fn what_the_provider_does_not_offer_is_found() {
    let script = Script {
        metadata: json!({
            "id_token_signing_alg_values_supported": ["HS256", "none"],
            "acr_values_supported": [LOA2],
            "code_challenge_methods_supported": null,
            "require_signed_request_object": true,
        }),
        keys: json!({"keys": []}),
        ..Script::default()
    };
    let pair = Pair::configured(script, |settings| settings.require_par = true).await;
    let findings = pair.party.diagnose(now_ms()).await;
    for (step, expected) in [
        (Step::Algorithms, Outcome::Failed),
        (Step::Levels, Outcome::Failed),
        (Step::Keys, Outcome::Failed),
        (Step::PushedRequests, Outcome::Failed),
        (Step::SignedRequests, Outcome::Failed),
        (Step::Pkce, Outcome::Warning),
    ] {
        assert_eq!(outcome(&findings, step), Some(expected), "{step:?}");
    }
}

#[tokio::test]
async fn pushed_requests_are_tried() {
    let script = Script {
        private_key_jwt: true,
        ..Script::default()
    };
    let pair = Pair::configured(script, |settings| settings.authentication = with_key()).await;
    let par = format!("{}/par", pair.provider.issuer);
    pair.provider
        .change(|script| script.metadata = json!({"pushed_authorization_request_endpoint": par}));
    // Assertions are of the tests' time and not of the computer's.
    let findings = pair.party.diagnose(NOW_MS).await;
    assert_eq!(
        outcome(&findings, Step::PushedRequests),
        Some(Outcome::Ok),
        "{findings:#?}"
    );
    assert_eq!(pair.provider.seen(|seen| seen.pushed.len()), 1);
}
