//! What the operator says about a provider.

use super::http::{self, HttpSetupError};
use super::profile::{Asking, Family, IdentityKind, Profile, UserMessage};
use crate::Assurance;
use jsonwebtoken::{Algorithm, EncodingKey};
use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;
use thiserror::Error;
use url::Url;
use zeroize::Zeroizing;

/// A request to a provider takes no longer, from connecting to the last byte: a person waits for it.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

/// A secret text from the configuration. It is wiped when dropped and never printed.
#[derive(Clone)]
pub struct SecretText(Zeroizing<String>);

/// How we show the provider that we are who we are.
#[derive(Clone, Debug)]
pub enum ClientAuthentication {
    /// `client_secret_basic` (RFC 6749 section 2.3.1).
    ClientSecret(SecretText),
    /// `client_secret_post`.
    ClientSecretPost(SecretText),
    /// `private_key_jwt` (RFC 7523).
    PrivateKeyJwt {
        /// The private key, PKCS#8 or SEC1/PKCS#1, as PEM.
        pem: SecretText,
        /// The name that the provider knows its public key by.
        kid: Option<String>,
        /// What it signs with.
        alg: SigningAlgorithm,
    },
}

/// What we sign with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SigningAlgorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// RSASSA-PSS with SHA-256.
    Ps256,
    /// ECDSA on P-256 with SHA-256.
    Es256,
}

/// Whom an assertion is made for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AssertionAudience {
    /// The provider's issuer identifier (RFC 9126 section 2; FAPI 2.0): good for no other provider's endpoint.
    #[default]
    Issuer,
    /// The token endpoint's address, for providers that have OpenID Connect Core 1.0 section 9 alone.
    TokenEndpoint,
}

/// One provider. Every `None` means: as the family does.
#[derive(Clone, Debug)]
pub struct ProviderSettings {
    /// What the configuration calls it; in addresses and logs.
    pub id: String,
    /// What persons call it.
    pub name: String,
    /// See [`Family`].
    pub family: Family,
    /// The issuer identifier, exactly as the provider writes it.
    pub issuer: String,
    /// What the provider calls us.
    pub client_id: String,
    /// See [`ClientAuthentication`].
    pub authentication: ClientAuthentication,
    /// Where the person comes back to, exactly as registered with the provider.
    pub redirect_uri: String,
    /// Where the person lands after logging out at the provider.
    pub post_logout_redirect_uri: Option<String>,
    /// Beside `openid`.
    pub scopes: Option<Vec<String>>,
    /// What the provider's words for levels are worth.
    pub levels: Option<Vec<(String, Assurance)>>,
    /// What is asked for, whatever the level wanted.
    pub acr_values: Option<Vec<String>>,
    /// How it is asked for.
    pub asking: Option<Asking>,
    /// The claim that says the level.
    pub level_claim: Option<String>,
    /// The claim with the person's identity.
    pub identity_claim: Option<String>,
    /// What that claim holds.
    pub identity_kind: Option<IdentityKind>,
    /// The claim that lists groups or roles.
    pub groups_claim: Option<String>,
    /// How a text reaches the person.
    pub user_message: Option<UserMessage>,
    /// Certificate authorities (PEM) that are trusted for this provider beside the system's.
    pub ca_file: Option<PathBuf>,
    /// Refuse to send a request through the browser (RFC 9126).
    pub require_par: bool,
    /// Sign requests (RFC 9101). Takes [`ClientAuthentication::PrivateKeyJwt`].
    pub signed_requests: Option<bool>,
    /// See [`AssertionAudience`].
    pub assertion_audience: AssertionAudience,
    /// Further parameters of every request that the provider asks for.
    pub parameters: BTreeMap<String, String>,
    /// See [`REQUEST_TIMEOUT`].
    pub timeout: Duration,
}

/// What is wrong with the settings of a provider.
#[derive(Debug, Error)]
pub enum SettingsError {
    /// Not an address, or not a safe one.
    #[error(
        "provider {id}: {key} is \"{value}\"; it must be an https address (http to this computer alone, for tests)"
    )]
    Address {
        /// Which provider.
        id: String,
        /// Which setting.
        key: &'static str,
        /// What it says.
        value: String,
    },
    /// A setting that must not be empty.
    #[error("provider {id}: {key} is empty; the provider tells it when the service is registered")]
    Empty {
        /// Which provider.
        id: String,
        /// Which setting.
        key: &'static str,
    },
    /// The key does not fit.
    #[error(
        "provider {id}: the private key cannot be used ({reason}); it must be PEM and of the kind that {alg:?} takes"
    )]
    Key {
        /// Which provider.
        id: String,
        /// What does not fit.
        reason: String,
        /// What it should sign with.
        alg: SigningAlgorithm,
    },
    /// Signed requests without a key.
    #[error(
        "provider {id}: signed requests need private_key_jwt with a private key; set one, or signed_requests = false"
    )]
    NothingToSignWith {
        /// Which provider.
        id: String,
    },
    /// The trust in certificates cannot be set up.
    #[error("provider {id}: {source}")]
    Http {
        /// Which provider.
        id: String,
        /// Why.
        source: HttpSetupError,
    },
}

impl SecretText {
    /// Wraps a text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    pub(super) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretText(..)")
    }
}

impl SigningAlgorithm {
    /// As JOSE writes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Ps256 => "PS256",
            Self::Es256 => "ES256",
        }
    }

    pub(super) const fn jose(self) -> Algorithm {
        match self {
            Self::Rs256 => Algorithm::RS256,
            Self::Ps256 => Algorithm::PS256,
            Self::Es256 => Algorithm::ES256,
        }
    }

    pub(super) fn key(self, pem: &str) -> Result<EncodingKey, jsonwebtoken::errors::Error> {
        match self {
            Self::Rs256 | Self::Ps256 => EncodingKey::from_rsa_pem(pem.as_bytes()),
            Self::Es256 => EncodingKey::from_ec_pem(pem.as_bytes()),
        }
    }
}

impl ProviderSettings {
    /// A provider that does as its family does.
    #[must_use]
    pub fn new(
        id: &str,
        family: Family,
        issuer: &str,
        client_id: &str,
        authentication: ClientAuthentication,
        redirect_uri: &str,
    ) -> Self {
        Self {
            id: id.to_owned(),
            name: id.to_owned(),
            family,
            issuer: issuer.to_owned(),
            client_id: client_id.to_owned(),
            authentication,
            redirect_uri: redirect_uri.to_owned(),
            post_logout_redirect_uri: None,
            scopes: None,
            levels: None,
            acr_values: None,
            asking: None,
            level_claim: None,
            identity_claim: None,
            identity_kind: None,
            groups_claim: None,
            user_message: None,
            ca_file: None,
            require_par: false,
            signed_requests: None,
            assertion_audience: AssertionAudience::default(),
            parameters: BTreeMap::new(),
            timeout: REQUEST_TIMEOUT,
        }
    }

    /// The family's defaults with these settings applied.
    #[must_use]
    pub fn profile(&self) -> Profile {
        let family = self.family.profile();
        let has_key = matches!(self.authentication, ClientAuthentication::PrivateKeyJwt { .. });
        Profile {
            scopes: self.scopes.clone().unwrap_or(family.scopes),
            asking: self.asking.unwrap_or(family.asking),
            asked: self.acr_values.clone().or(family.asked),
            levels: self.levels.clone().unwrap_or(family.levels),
            level_claims: self
                .level_claim
                .clone()
                .map_or(family.level_claims, |claim| vec![claim]),
            identity_claims: self
                .identity_claim
                .clone()
                .map_or(family.identity_claims, |claim| vec![claim]),
            identity_kind: self.identity_kind.unwrap_or(family.identity_kind),
            groups_claim: self.groups_claim.clone().or(family.groups_claim),
            user_message: self.user_message.unwrap_or(family.user_message),
            signed_requests: self.signed_requests.unwrap_or(family.signed_requests && has_key),
            ..family
        }
    }

    /// Checks what can be checked without asking the provider.
    ///
    /// # Errors
    /// [`SettingsError`], the first thing wrong.
    pub fn validate(&self) -> Result<(), SettingsError> {
        let id = || self.id.clone();
        for (key, value) in [("id", &self.id), ("client_id", &self.client_id)] {
            if value.is_empty() {
                return Err(SettingsError::Empty { id: id(), key });
            }
        }
        let addresses = [
            ("issuer", Some(&self.issuer)),
            ("redirect_uri", Some(&self.redirect_uri)),
            ("post_logout_redirect_uri", self.post_logout_redirect_uri.as_ref()),
        ];
        for (key, value) in addresses {
            let Some(value) = value else { continue };
            if !Url::parse(value).is_ok_and(|url| http::is_safe(&url) && url.fragment().is_none()) {
                let value = value.clone();
                return Err(SettingsError::Address { id: id(), key, value });
            }
        }
        match &self.authentication {
            ClientAuthentication::PrivateKeyJwt { pem, alg, .. } => {
                alg.key(pem.expose()).map_err(|error| SettingsError::Key {
                    id: id(),
                    reason: error.to_string(),
                    alg: *alg,
                })?;
            }
            ClientAuthentication::ClientSecret(secret) | ClientAuthentication::ClientSecretPost(secret) => {
                if secret.expose().is_empty() {
                    let key = "client_secret";
                    return Err(SettingsError::Empty { id: id(), key });
                }
                if self.signed_requests == Some(true) {
                    return Err(SettingsError::NothingToSignWith { id: id() });
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{ClientAuthentication, ProviderSettings, SecretText, SettingsError, SigningAlgorithm};
    use crate::oidc::Family;

    fn settings() -> ProviderSettings {
        ProviderSettings::new(
            "bankid",
            Family::SwedishOidc,
            "https://idp.example",
            "lika",
            ClientAuthentication::ClientSecret(SecretText::new("hemligt")),
            "https://lika.example/oidc/callback",
        )
    }

    #[test]
    fn settings_that_fit_are_taken() {
        settings().validate().unwrap();
    }

    #[test]
    fn an_address_without_tls_is_refused_but_to_this_computer() {
        for (issuer, good) in [
            ("http://idp.example", false),
            ("http://127.0.0.1:9000", true),
            ("http://localhost:9000/a", true),
            ("ftp://idp.example", false),
            ("idp.example", false),
        ] {
            let mut settings = settings();
            settings.issuer = issuer.to_owned();
            assert_eq!(settings.validate().is_ok(), good, "{issuer}");
        }
    }

    #[test]
    fn signed_requests_need_a_key() {
        let mut settings = settings();
        assert!(
            !settings.profile().signed_requests,
            "the family's wish alone is no error"
        );
        settings.signed_requests = Some(true);
        assert!(matches!(
            settings.validate(),
            Err(SettingsError::NothingToSignWith { .. })
        ));
    }

    #[test]
    fn a_broken_key_is_refused_and_not_printed() {
        let mut settings = settings();
        settings.authentication = ClientAuthentication::PrivateKeyJwt {
            pem: SecretText::new("no key"),
            kid: None,
            alg: SigningAlgorithm::Es256,
        };
        let error = settings.validate().unwrap_err();
        assert!(matches!(error, SettingsError::Key { .. }));
        assert!(!format!("{error} {error:?} {settings:?}").contains("no key"));
    }

    #[test]
    fn what_the_operator_says_wins_over_the_family() {
        let mut settings = settings();
        settings.levels = Some(vec![("high".into(), crate::Assurance::Loa3)]);
        settings.identity_claim = Some("pnr".into());
        let profile = settings.profile();
        assert_eq!(profile.asked_for(crate::Assurance::Loa3), ["high"]);
        assert_eq!(profile.identity_claims, ["pnr"]);
        assert_eq!(profile.scopes, Family::SwedishOidc.profile().scopes);
    }
}
