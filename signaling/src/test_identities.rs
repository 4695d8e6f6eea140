//! Identities for demonstrations and tests: the embedded provider, where whoever comes says who they are. It is started
//! by `identity.test_identities` alone, and then every page says so.

use crate::clock::Clock;
use crate::config::{Config, TEST_PROVIDER, callback_url, logout_url, signed_out_url};
use crate::convene::Notice;
use crate::data::Data;
use crate::journal::JournalError;
use crate::meeting::Role;
use axum::Router;
use lika_auth::oidc::http::{HttpSetupError, trusting};
use lika_auth::oidc::{ClientAuthentication, Family, ProviderSettings, SecretText};
use lika_auth::secret::NoRandomness;
use lika_auth::test_provider::{
    Authentication, Client, ProviderError, Settings, SigningAlgorithm, TestPerson, TestProvider, test_number,
};
use lika_auth::{Secret, StoreError};
use std::collections::BTreeMap;
use thiserror::Error;

/// Where the provider is.
pub const PATH: &str = "/test-identities";
/// What it calls this installation.
const CLIENT: &str = "lika";

/// Whose number the administrator has: of no place in a roster.
pub const ADMINISTRATOR: u32 = 9_999;

/// Why there is no test provider.
#[derive(Debug, Error)]
pub enum TestIdentitiesError {
    /// See [`ProviderError`].
    #[error(transparent)]
    Provider(#[from] ProviderError),
    /// See [`HttpSetupError`].
    #[error(transparent)]
    Http(#[from] HttpSetupError),
    /// See [`NoRandomness`].
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
    /// See [`JournalError`].
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The provider, and how this installation logs people in there.
pub struct TestIdentities {
    provider: TestProvider,
    /// For the relying party.
    pub settings: ProviderSettings,
}

impl TestIdentities {
    /// `None`: they are not switched on. Whoever is in a roster can be chosen.
    ///
    /// # Errors
    /// [`TestIdentitiesError`].
    pub fn open(config: &Config, data: &Data, clock: &Clock) -> Result<Option<Self>, TestIdentitiesError> {
        let Some(certificate) = config
            .server
            .tls
            .cert_file
            .as_ref()
            .filter(|_| config.identity.test_identities)
        else {
            return Ok(None);
        };
        tracing::warn!("identities are for tests: everybody may choose who they are (identity.test_identities)");
        let (url, secret) = (&config.server.public_url, Secret::<32>::random()?);
        let (issuer, redirect_uri) = (format!("{url}{PATH}"), callback_url(url, TEST_PROVIDER));
        let authentication = ClientAuthentication::ClientSecret(SecretText::new(secret.reveal().as_str()));
        let client = Client {
            id: CLIENT.into(),
            authentication: Authentication::Secret(secret),
            redirect_uris: vec![redirect_uri.clone()],
            post_logout_redirect_uris: vec![signed_out_url(url)],
            back_channel_logout_uri: Some(logout_url(url, TEST_PROVIDER)),
        };
        let family = Family::SwedishOidc;
        let settings = ProviderSettings {
            name: "Testlegitimering".into(),
            post_logout_redirect_uri: Some(signed_out_url(url)),
            ca_file: Some(certificate.clone()),
            signed_requests: Some(false),
            groups_claim: Some("groups".into()),
            ..ProviderSettings::new(TEST_PROVIDER, family, &issuer, CLIENT, authentication, &redirect_uri)
        };
        let provider = Settings {
            issuer,
            clients: vec![client],
            people: people(config, data)?,
            algorithm: SigningAlgorithm::default(),
            http: trusting(certificate)?,
        };
        let clock = clock.clone();
        Ok(Some(Self {
            provider: TestProvider::new(provider, move || clock.wall_ms())?,
            settings,
        }))
    }

    /// What the provider answers, to be nested at [`PATH`].
    pub fn routes(&self) -> Router {
        self.provider.routes()
    }
}

/// Everybody of every roster, by the name in the newest, and an administrator if there can be one.
fn people(config: &Config, data: &Data) -> Result<Vec<TestPerson>, TestIdentitiesError> {
    let mut names = BTreeMap::new();
    for (meeting, _) in data.journal.meetings()? {
        for person in data.people.of(meeting.0)? {
            names.insert(person.whom.participant, person.name);
        }
    }
    let person = |(participant, name)| TestPerson {
        number: test_number(participant),
        name,
        groups: Vec::new(),
    };
    let administrator = |group: &String| TestPerson {
        number: test_number(ADMINISTRATOR),
        name: "Administratör".into(),
        groups: vec![group.clone()],
    };
    let administrator = config.identity.admin_group.iter().map(administrator);
    Ok(names.into_iter().map(person).chain(administrator).collect())
}

impl Notice {
    /// Gives everybody who has no identity the test provider's for their place in the roster. Devices have none.
    #[must_use]
    pub fn with_test_identities(mut self) -> Self {
        for (participant, one) in (1..).zip(&mut self.participants) {
            if one.role != Role::Chamber && one.identity.is_none() {
                one.identity = Some(test_number(participant).into());
            }
        }
        self
    }
}
