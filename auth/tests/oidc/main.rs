//! The relying party against a provider that lies.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it fails")]
#![allow(clippy::needless_pass_by_value, reason = "JSON literals read best as values")]

mod callbacks;
mod certificates;
mod diagnosis;
mod keys;
mod levels;
mod logout;
mod metadata;
mod network;
mod provider;
mod requests;
mod tokens;
mod user_info;

use lika_auth::Assurance;
use lika_auth::oidc::{
    Authenticated, ClientAuthentication, Family, OidcError, ProviderSettings, RelyingParty, SecretText,
    SigningAlgorithm, Wanted,
};
use provider::{CLIENT_ID, CLIENT_SECRET, NOW_MS, Provider, REDIRECT_URI, Script};
use std::time::Duration;

/// A provider and our relying party of it.
struct Pair {
    provider: Provider,
    party: RelyingParty,
}

fn settings(provider: &Provider) -> ProviderSettings {
    let mut settings = ProviderSettings::new(
        "bankid",
        Family::SwedishOidc,
        &provider.issuer,
        CLIENT_ID,
        ClientAuthentication::ClientSecret(SecretText::new(CLIENT_SECRET)),
        REDIRECT_URI,
    );
    // What must not wait for ever is seen soon.
    settings.timeout = Duration::from_secs(5);
    settings
}

fn with_key() -> ClientAuthentication {
    ClientAuthentication::PrivateKeyJwt {
        pem: SecretText::new(keys::CLIENT.pem.clone()),
        kid: Some("ours".into()),
        alg: SigningAlgorithm::Es256,
    }
}

fn loa3() -> Wanted {
    Wanted {
        level: Assurance::Loa3,
        ..Wanted::default()
    }
}

impl Pair {
    async fn new(script: Script) -> Self {
        Self::configured(script, |_| {}).await
    }

    async fn configured(script: Script, change: impl FnOnce(&mut ProviderSettings)) -> Self {
        let provider = Provider::start(script).await;
        let mut settings = settings(&provider);
        change(&mut settings);
        let party = RelyingParty::new(settings).unwrap();
        Self { provider, party }
    }

    async fn log_in(&self) -> Result<Authenticated, OidcError> {
        self.log_in_wanting(&loa3()).await
    }

    async fn log_in_wanting(&self, wanted: &Wanted) -> Result<Authenticated, OidcError> {
        self.log_in_at(wanted, NOW_MS).await
    }

    async fn log_in_at(&self, wanted: &Wanted, now_ms: i64) -> Result<Authenticated, OidcError> {
        let (transaction, url) = self.party.begin(wanted, now_ms).await?;
        let callback = self.provider.log_in(&url);
        self.party.finish(transaction, &callback, now_ms).await
    }
}
