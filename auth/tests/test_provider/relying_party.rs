//! Lika's own relying party meets the test provider.

use crate::stage::{BACK, BACK_AFTER_LOGOUT, CLIENT, Stage, WITH_KEY, choice};
use lika_auth::Assurance;
use lika_auth::oidc::{
    Authenticated, Callback, ClientAuthentication, Family, OidcError, ProviderSettings, RelyingParty, SecretText,
    SigningAlgorithm, Wanted,
};

fn relying_party(stage: &Stage) -> RelyingParty {
    let authentication = ClientAuthentication::PrivateKeyJwt {
        pem: SecretText::new(CLIENT.private_pem()),
        kid: None,
        alg: SigningAlgorithm::Es256,
    };
    let mut settings = ProviderSettings::new(
        "test",
        Family::SwedishOidc,
        &stage.issuer,
        WITH_KEY,
        authentication,
        BACK,
    );
    settings.post_logout_redirect_uri = Some(BACK_AFTER_LOGOUT.into());
    RelyingParty::new(settings).unwrap()
}

/// Somebody signs in for this at this level; what the relying party learns.
async fn sign_in(
    stage: &Stage,
    party: &RelyingParty,
    wanted: &Wanted,
    level: &str,
) -> Result<Authenticated, OidcError> {
    let mut browser = stage.browser();
    let (transaction, url) = party.begin(wanted, stage.now_ms()).await?;
    let asked = browser.get(url.as_str()).await;
    let page = browser.follow(&asked).await;
    if let Some(message) = &wanted.user_message {
        assert!(page.body.contains(message));
    }
    let back = browser.submit(&page, &choice(7, level)).await;
    let callback = Callback {
        code: back.redirected_with("code"),
        state: back.redirected_with("state"),
        iss: back.redirected_with("iss"),
        error: back.redirected_with("error"),
        error_description: back.redirected_with("error_description"),
    };
    party.finish(transaction, &callback, stage.now_ms()).await
}

fn loa3() -> Wanted {
    Wanted {
        level: Assurance::Loa3,
        max_age_s: Some(0),
        user_message: Some("Kommunfullmäktige: ärende 7".into()),
        again: true,
        language: Some("sv".into()),
    }
}

#[tokio::test]
async fn the_relying_party_learns_who_it_is_and_how_surely() {
    let stage = Stage::new().await;
    let party = relying_party(&stage);
    for (level, assurance) in [("3", Assurance::Loa3), ("4", Assurance::Loa4)] {
        let somebody = sign_in(&stage, &party, &loa3(), level).await.unwrap();
        assert_eq!(somebody.assurance, assurance);
        assert_eq!(somebody.name.as_deref(), Some("Ledamot 7"));
        assert!(somebody.identity.is_some());
        assert_eq!(somebody.authenticated_ms, stage.now_ms());
    }
}

#[tokio::test]
async fn the_relying_party_is_told_that_the_level_was_not_met() {
    let stage = Stage::new().await;
    assert!(sign_in(&stage, &relying_party(&stage), &loa3(), "2").await.is_err());
}

#[tokio::test]
async fn the_relying_party_follows_a_change_of_keys() {
    let stage = Stage::new().await;
    let party = relying_party(&stage);
    for _ in 0..2 {
        sign_in(&stage, &party, &loa3(), "3").await.unwrap();
        stage.provider.rotate().unwrap();
        stage.wait(120);
    }
}

#[tokio::test]
async fn the_relying_party_sends_somebody_to_log_out() {
    let stage = Stage::new().await;
    let party = relying_party(&stage);
    let url = party.end_session_url(Some("s"), stage.now_ms()).await.unwrap();
    let mut browser = stage.browser();
    stage.code(&mut browser).await;
    let page = browser.get(url.as_str()).await;
    let back = browser.submit(&page, &[]).await;
    assert_eq!(back.location.unwrap(), format!("{BACK_AFTER_LOGOUT}?state=s"));
}
