//! An OpenID Connect provider for the demonstration and the tests: whoever uses it says who they are.
//!
//! Its pages say that it is not BankID. It speaks OpenID Connect Core 1.0 with the code flow alone, PKCE (RFC 7636),
//! pushed requests (RFC 9126), signed request objects (RFC 9101), `private_key_jwt` (RFC 7523), `iss` in the answer
//! (RFC 9207), RP-Initiated Logout 1.0 and Back-Channel Logout 1.0, with the levels, claims and user message of the
//! Swedish OpenID Connect Profile. What it decides takes the time as an argument; around that lies a shell of HTTP.
//!
//! It is no provider for a real meeting: [`TestProvider`] must not be started where real persons decide.
//!
//! Its pages may redirect to clients of their own origin only, when the server forbids forms to lead elsewhere
//! (`form-action 'self'`, which browsers apply to the redirect that answers a form as well).

mod authorize;
mod back_channel;
mod client;
mod discovery;
mod http;
mod keys;
mod level;
mod logout;
mod message;
mod number;
mod page;
mod params;
mod provider;
mod refusal;
mod request;
mod table;
mod token;
mod words;

use crate::Secret;
use crate::secret::NoRandomness;
use keys::SigningKey;
use provider::Provider;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use thiserror::Error;

pub use keys::KeyError;
pub use number::test_number;

/// The claim of the personal identity number, twelve digits (Claims and Scopes Specification for the Swedish OpenID
/// Connect Profile section 2.3).
pub const NUMBER_CLAIM: &str = "https://id.oidc.se/claim/personalIdentityNumber";

/// The parameter with what is shown while the person signs.
const USER_MESSAGE: &str = "https://id.oidc.se/param/userMessage";

/// The name of the cookie that knows a browser again.
pub const COOKIE: &str = "__Host-lika-test-identity";

/// How ID tokens and logout tokens are signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SigningAlgorithm {
    /// ECDSA with P-256 and SHA-256.
    #[default]
    Es256,
    /// RSASSA-PKCS1-v1_5 with SHA-256 and 2048 bits.
    Rs256,
}

/// How a client proves that it is itself.
#[derive(Clone, Debug)]
pub enum Authentication {
    /// `client_secret_basic` or `client_secret_post`, with [`Secret::reveal`]'s text as the secret.
    Secret(Secret<32>),
    /// `private_key_jwt`: a public key in PEM (SubjectPublicKeyInfo), P-256 for ES256 or RSA for RS256 and PS256. Request
    /// objects are signed with it too.
    PublicKey(String),
}

/// A relying party.
#[derive(Clone, Debug)]
pub struct Client {
    /// Its `client_id`.
    pub id: String,
    /// See [`Authentication`].
    pub authentication: Authentication,
    /// Where it may have answers sent, letter by letter.
    pub redirect_uris: Vec<String>,
    /// Where it may have persons sent who have logged out, letter by letter.
    pub post_logout_redirect_uris: Vec<String>,
    /// Where it is told that somebody has logged out (Back-Channel Logout 1.0 section 2.2).
    pub back_channel_logout_uri: Option<String>,
}

/// Somebody who can be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestPerson {
    /// Twelve digits that are nobody's; see [`test_number`].
    pub number: String,
    /// The name shown, and the claim `name`.
    pub name: String,
    /// The claim `groups`.
    pub groups: Vec<String>,
}

/// What a provider is made of.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The address under which [`TestProvider::routes`] is reached, without a slash at the end.
    pub issuer: String,
    /// See [`Client`].
    pub clients: Vec<Client>,
    /// See [`TestPerson`].
    pub people: Vec<TestPerson>,
    /// See [`SigningAlgorithm`].
    pub algorithm: SigningAlgorithm,
    /// What back-channel logout is sent with: it knows which certificates to trust.
    pub http: reqwest::Client,
}

/// A provider cannot be made of these settings.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ProviderError {
    /// Not a URL, or one with what an issuer and a redirect URI may not have.
    #[error("the test provider cannot use the address {0}; it needs an absolute URL without a fragment")]
    Address(String),
    /// Not a public key that the provider can use.
    #[error("the public key of client {0} is neither P-256 nor RSA in PEM")]
    ClientKey(String),
    /// See [`KeyError`].
    #[error(transparent)]
    Key(#[from] KeyError),
    /// See [`NoRandomness`].
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
}

/// A running provider; a clone is another handle to it.
#[derive(Clone)]
pub struct TestProvider {
    shared: Arc<Shared>,
}

struct Shared {
    provider: Mutex<Provider>,
    algorithm: SigningAlgorithm,
    http: reqwest::Client,
    now_ms: Box<dyn Fn() -> i64 + Send + Sync>,
}

impl TestProvider {
    /// `now` tells milliseconds since 1970-01-01 UTC. Makes a signing key; RSA takes a while.
    ///
    /// # Errors
    /// [`ProviderError`].
    pub fn new(settings: Settings, now: impl Fn() -> i64 + Send + Sync + 'static) -> Result<Self, ProviderError> {
        let (algorithm, http) = (settings.algorithm, settings.http.clone());
        let provider = Provider::new(settings, SigningKey::generate(algorithm)?)?;
        Ok(Self {
            shared: Arc::new(Shared {
                provider: Mutex::new(provider),
                algorithm,
                http,
                now_ms: Box::new(now),
            }),
        })
    }

    /// What it answers, to be nested under the issuer's path.
    pub fn routes(&self) -> axum::Router {
        http::routes(self.clone())
    }

    /// Signs with a new key from now on. The public keys before it are still published.
    ///
    /// # Errors
    /// When no key can be made.
    pub fn rotate(&self) -> Result<(), KeyError> {
        let key = SigningKey::generate(self.shared.algorithm)?;
        self.provider().rotate(key);
        Ok(())
    }

    /// Replaces those who can be chosen. Who is not among them any longer is signed in no longer.
    pub fn set_people(&self, people: Vec<TestPerson>) {
        self.provider().set_people(people);
    }

    fn provider(&self) -> MutexGuard<'_, Provider> {
        self.shared.provider.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now_ms(&self) -> i64 {
        (self.shared.now_ms)()
    }
}

impl std::fmt::Debug for TestProvider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TestProvider(..)")
    }
}
