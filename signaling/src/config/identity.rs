//! `[identity]`: who vouches for who people are.

use super::Invalid;
use lika_auth::oidc::{
    AssertionAudience, ClientAuthentication, Family, ProviderSettings, SecretText, SigningAlgorithm,
};
use lika_auth::{AdminToken, Assurance};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Providers shown side by side; more are not told apart on a page.
const MAX_PROVIDERS: usize = 8;
/// The id of the embedded test provider.
pub const TEST_PROVIDER: &str = "test";

/// The section.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Identity {
    /// The file of the keys that personal identity numbers are hashed with; not set: `roster.key` in the data directory.
    pub key_file: Option<PathBuf>,
    /// Lets everybody choose who they are, for demonstrations and tests; every page says so.
    pub test_identities: bool,
    /// A file with the local administrator's token alone in it.
    pub admin_token_file: Option<PathBuf>,
    /// Who logs in with this group, by a provider's groups claim, may convene meetings.
    pub admin_group: Option<String>,
    /// `[[identity.provider]]`
    pub provider: Vec<Provider>,
}

/// An OpenID Connect provider. What is left out is as its family does it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    /// Its name in addresses and logs: letters, digits and hyphens.
    pub id: String,
    /// What people call it, on the button.
    pub name: String,
    /// How it speaks.
    pub family: Family,
    /// Its issuer identifier, letter by letter.
    pub issuer: String,
    /// What it calls this installation.
    pub client_id: String,
    /// A file with the client secret alone in it.
    pub client_secret_file: Option<PathBuf>,
    /// Whether the secret goes in the form instead of the Authorization header.
    #[serde(default)]
    pub client_secret_post: bool,
    /// A file with the private key (PEM) that requests are signed with.
    pub private_key_file: Option<PathBuf>,
    /// The key's name at the provider.
    pub key_id: Option<String>,
    /// RS256, PS256 or ES256, as the key is.
    pub signing_algorithm: Option<String>,
    /// Scopes beside `openid`.
    pub scopes: Option<Vec<String>>,
    /// What its words for levels are worth.
    pub levels: Option<BTreeMap<String, Assurance>>,
    /// What is asked for, whatever the level.
    pub acr_values: Option<Vec<String>>,
    /// The claim that says the level, if it is not `acr`.
    pub level_claim: Option<String>,
    /// The claim with the personal identity number.
    pub identity_claim: Option<String>,
    /// The claim that lists groups.
    pub groups_claim: Option<String>,
    /// Certificate authorities (PEM) trusted for it beside the system's.
    pub ca_file: Option<PathBuf>,
    /// Send no request through the browser.
    #[serde(default)]
    pub require_par: bool,
    /// Sign requests.
    pub signed_requests: Option<bool>,
    /// Make client assertions for the token endpoint's address, for older providers.
    #[serde(default)]
    pub assertion_for_token_endpoint: bool,
    /// Further parameters of every request.
    #[serde(default)]
    pub parameters: BTreeMap<String, String>,
}

impl Identity {
    pub(super) fn validate(&self) -> Result<(), Invalid> {
        if self.provider.len() > MAX_PROVIDERS {
            let problem = format!("has more than {MAX_PROVIDERS} providers; remove those that nobody uses");
            return Err(Invalid::new("identity.provider", problem));
        }
        for (at, one) in self.provider.iter().enumerate() {
            one.validate()?;
            if self.provider.iter().skip(at + 1).any(|other| other.id == one.id) {
                let problem = format!("has {:?} twice; each provider needs an id of its own", one.id);
                return Err(Invalid::new("identity.provider.id", problem));
            }
        }
        Ok(())
    }

    /// The local administrator's token.
    ///
    /// # Errors
    /// When the file cannot be read, has something else in it or can be read by others.
    pub fn admin_token(&self) -> Result<Option<AdminToken>, Invalid> {
        let Some(file) = &self.admin_token_file else {
            return Ok(None);
        };
        let wrong =
            |problem: String| Invalid::new("identity.admin_token_file", format!("{}: {problem}", file.display()));
        let mode = std::fs::metadata(file)
            .map_err(|error| wrong(error.to_string()))?
            .permissions()
            .mode();
        if mode & 0o077 != 0 {
            return Err(wrong("can be read by others; make it lika's alone: chmod 600".into()));
        }
        let text = std::fs::read_to_string(file).map(Zeroizing::new);
        let text = text.map_err(|error| wrong(error.to_string()))?;
        let token = AdminToken::parse(text.trim());
        let how = "is no token; make one: head -c 32 /dev/urandom | basenc --base64url | tr -d =";
        token.map(Some).ok_or_else(|| wrong(how.into()))
    }

    /// Where the keys of the roster are.
    #[must_use]
    pub fn key_file(&self, data_dir: &Path) -> PathBuf {
        self.key_file.clone().unwrap_or_else(|| data_dir.join("roster.key"))
    }
}

impl Provider {
    fn validate(&self) -> Result<(), Invalid> {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
        if self.id.is_empty() || self.id.len() > 32 || !self.id.chars().all(plain) || self.id == TEST_PROVIDER {
            let problem = format!(
                "is {:?}; it must be 1 to 32 letters, digits or hyphens, and not {TEST_PROVIDER:?}",
                self.id
            );
            return Err(Invalid::new("identity.provider.id", problem));
        }
        match (&self.client_secret_file, &self.private_key_file) {
            (Some(_), Some(_)) => Err(Invalid::new(
                "identity.provider.client_secret_file",
                "stands beside private_key_file; the provider's registration says which of the two it is",
            )),
            (None, None) => Err(Invalid::new(
                "identity.provider.private_key_file",
                "is missing; name the file of the private key, or client_secret_file",
            )),
            _ => self.algorithm().map(drop),
        }
    }

    fn algorithm(&self) -> Result<SigningAlgorithm, Invalid> {
        match self.signing_algorithm.as_deref() {
            None | Some("RS256") => Ok(SigningAlgorithm::Rs256),
            Some("PS256") => Ok(SigningAlgorithm::Ps256),
            Some("ES256") => Ok(SigningAlgorithm::Es256),
            Some(other) => Err(Invalid::new(
                "identity.provider.signing_algorithm",
                format!("is {other:?}; it must be RS256, PS256 or ES256"),
            )),
        }
    }

    /// What the relying party needs to know; reads the secret or the key.
    ///
    /// # Errors
    /// When a file cannot be read, naming it.
    pub fn settings(&self, public_url: &str) -> Result<ProviderSettings, Invalid> {
        Ok(ProviderSettings {
            name: self.name.clone(),
            post_logout_redirect_uri: Some(signed_out_url(public_url)),
            scopes: self.scopes.clone(),
            levels: self.levels.clone().map(|levels| levels.into_iter().collect()),
            acr_values: self.acr_values.clone(),
            level_claim: self.level_claim.clone(),
            identity_claim: self.identity_claim.clone(),
            groups_claim: self.groups_claim.clone(),
            ca_file: self.ca_file.clone(),
            require_par: self.require_par,
            signed_requests: self.signed_requests,
            assertion_audience: if self.assertion_for_token_endpoint {
                AssertionAudience::TokenEndpoint
            } else {
                AssertionAudience::Issuer
            },
            parameters: self.parameters.clone(),
            ..ProviderSettings::new(
                &self.id,
                self.family,
                &self.issuer,
                &self.client_id,
                self.authentication()?,
                &callback_url(public_url, &self.id),
            )
        })
    }

    fn authentication(&self) -> Result<ClientAuthentication, Invalid> {
        if let Some(file) = &self.private_key_file {
            return Ok(ClientAuthentication::PrivateKeyJwt {
                pem: read("identity.provider.private_key_file", file)?,
                kid: self.key_id.clone(),
                alg: self.algorithm()?,
            });
        }
        let file = self.client_secret_file.as_deref().unwrap_or(Path::new(""));
        let secret = read("identity.provider.client_secret_file", file)?;
        Ok(if self.client_secret_post {
            ClientAuthentication::ClientSecretPost(secret)
        } else {
            ClientAuthentication::ClientSecret(secret)
        })
    }
}

/// Where a provider sends people back to, as it is registered there.
#[must_use]
pub fn callback_url(public_url: &str, provider: &str) -> String {
    format!("{public_url}/sign-in/{provider}/callback")
}

/// Where people land who have logged out at a provider.
#[must_use]
pub fn signed_out_url(public_url: &str) -> String {
    format!("{public_url}/signed-out")
}

/// Where a provider tells that somebody has logged out (back-channel logout).
#[must_use]
pub fn logout_url(public_url: &str, provider: &str) -> String {
    format!("{public_url}/sign-in/{provider}/logout")
}

fn read(key: &'static str, file: &Path) -> Result<SecretText, Invalid> {
    match std::fs::read_to_string(file).map(Zeroizing::new) {
        Ok(text) => Ok(SecretText::new(text.trim())),
        Err(error) => Err(Invalid::new(key, format!("{} cannot be read: {error}", file.display()))),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Config;
    use super::Identity;

    fn section(text: &str) -> Result<Identity, String> {
        let identity = Config::parse(text)?.identity;
        identity.validate().map_err(|error| error.to_string())?;
        Ok(identity)
    }

    const PROVIDER: &str = "[[identity.provider]]\nid = 'bankid'\nname = 'BankID'\nfamily = 'signicat'\n\
                            issuer = 'https://id.example.se'\nclient_id = 'lika'\nclient_secret_file = '/secret'\n";

    #[test]
    fn providers_are_read_and_checked() {
        assert_eq!(section(PROVIDER).unwrap().provider.len(), 1);
        let wrong = |change: (&str, &str)| section(&PROVIDER.replace(change.0, change.1)).unwrap_err();
        assert!(wrong(("'bankid'", "'bank/id'")).contains("identity.provider.id"));
        assert!(wrong(("'bankid'", "'test'")).contains("identity.provider.id"));
        assert!(wrong(("client_secret_file = '/secret'", "")).contains("private_key_file"));
        assert!(wrong(("name =", "private_key_file = '/k'\nname =")).contains("registration"));
        assert!(wrong(("name =", "signing_algorithm = 'HS256'\nname =")).contains("HS256"));
        assert!(wrong(("client_id", "klient_id")).contains("client_id"));
        let twice = section(&format!("{PROVIDER}{PROVIDER}")).unwrap_err();
        assert!(twice.contains("twice"), "{twice}");
    }

    #[test]
    fn a_secret_that_cannot_be_read_is_named_and_addresses_are_the_installations_own() {
        let one = section(PROVIDER).unwrap().provider.remove(0);
        let error = one.settings("https://lika.example.se").unwrap_err().to_string();
        assert!(error.contains("/secret"), "{error}");
        let directory = tempfile::tempdir().unwrap();
        let secret = directory.path().join("secret");
        std::fs::write(&secret, "hush\n").unwrap();
        let one = super::Provider {
            client_secret_file: Some(secret),
            ..one
        };
        let settings = one.settings("https://lika.example.se").unwrap();
        assert_eq!(settings.redirect_uri, "https://lika.example.se/sign-in/bankid/callback");
        assert!(!format!("{settings:?}").contains("hush"));
    }
}
