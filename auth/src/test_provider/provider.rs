//! What the provider knows.

use super::client::{Authenticator, Registered, find};
use super::keys::{KeyRing, SigningKey};
use super::level::Level;
use super::params::Params;
use super::refusal::Refusal;
use super::request::AuthorizationRequest;
use super::table::{Seen, Table};
use super::token::{Code, Login};
use super::{ProviderError, Settings, TestPerson};
use crate::{Digest, Secret};
use jsonwebtoken::jwk::JwkSet;
use url::Url;

/// The unfinished business of every table, far above what a meeting and its tests come to.
const MAX_ENTRIES: usize = 2_000;
/// A client that logs in once a second uses a few hundred assertions before the first of them expires.
const MAX_ASSERTIONS: usize = 10_000;
/// A pushed request is used at once (RFC 9126 section 2.2).
pub(super) const PUSHED_LIFETIME_MS: i64 = 60 * 1000;
/// A person may take so long to choose.
const TRANSACTION_LIFETIME_MS: i64 = 10 * 60 * 1000;
/// A code is exchanged at once (RFC 6749 section 4.1.2).
const CODE_LIFETIME_MS: i64 = 60 * 1000;
/// UserInfo is asked right after the login.
pub(super) const ACCESS_LIFETIME_MS: i64 = 5 * 60 * 1000;
/// A meeting day.
const SESSION_LIFETIME_MS: i64 = 24 * 60 * 60 * 1000;

/// A browser, by the secret in its cookie.
pub(super) type Browser = Secret<32>;

/// Somebody who is signed in at the provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Session {
    pub(super) number: String,
    pub(super) level: Level,
    pub(super) auth_time_s: i64,
    pub(super) sid: String,
    /// The clients that have been told.
    pub(super) clients: Vec<String>,
}

/// A request that a person is looking at.
pub(super) struct Transaction {
    pub(super) browser: Digest,
    pub(super) request: AuthorizationRequest,
}

pub(super) struct Provider {
    pub(super) issuer: String,
    /// The issuer's path.
    pub(super) path: String,
    pub(super) clients: Vec<Registered>,
    pub(super) people: Vec<TestPerson>,
    pub(super) keys: KeyRing,
    pub(super) pushed: Table<AuthorizationRequest>,
    pub(super) transactions: Table<Transaction>,
    pub(super) codes: Table<Code>,
    pub(super) access: Table<Login>,
    pub(super) sessions: Table<Session>,
    seen: Seen,
    audiences: Vec<String>,
}

impl Provider {
    pub(super) fn new(settings: Settings, key: SigningKey) -> Result<Self, ProviderError> {
        let path = address(&settings.issuer)?.path().trim_end_matches('/').to_owned();
        for client in &settings.clients {
            for uri in client.redirect_uris.iter().chain(&client.post_logout_redirect_uris) {
                address(uri)?;
            }
        }
        let clients = settings.clients.into_iter().map(Registered::new);
        let own = ["", "/token", "/par"].map(|endpoint| format!("{}{endpoint}", settings.issuer));
        Ok(Self {
            issuer: settings.issuer,
            path,
            clients: clients.collect::<Result<_, _>>()?,
            people: settings.people,
            keys: KeyRing::new(key),
            pushed: Table::new("lika test identity request", MAX_ENTRIES, PUSHED_LIFETIME_MS),
            transactions: Table::new("lika test identity transaction", MAX_ENTRIES, TRANSACTION_LIFETIME_MS),
            codes: Table::new("lika test identity code", MAX_ENTRIES, CODE_LIFETIME_MS),
            access: Table::new("lika test identity access", MAX_ENTRIES, ACCESS_LIFETIME_MS),
            sessions: Table::new("lika test identity session", MAX_ENTRIES, SESSION_LIFETIME_MS),
            seen: Seen::new(MAX_ASSERTIONS),
            audiences: own.into(),
        })
    }

    pub(super) fn rotate(&mut self, key: SigningKey) {
        self.keys.rotate(key);
    }

    pub(super) fn set_people(&mut self, people: Vec<TestPerson>) {
        self.people = people;
    }

    pub(super) fn jwks(&self) -> JwkSet {
        self.keys.published()
    }

    pub(super) fn person(&self, number: &str) -> Option<&TestPerson> {
        self.people.iter().find(|person| person.number == number)
    }

    pub(super) fn client(&self, id: &str) -> Result<&Registered, Refusal> {
        find(&self.clients, id).ok_or(Refusal::InvalidClient("client_id is not registered"))
    }

    /// Which client it is that calls an endpoint of its own; its id.
    pub(super) fn authenticate(
        &mut self,
        params: &Params,
        authorization: Option<&str>,
        now_ms: i64,
    ) -> Result<String, Refusal> {
        let mut authenticator = Authenticator {
            clients: &self.clients,
            seen: &mut self.seen,
            audiences: &self.audiences,
            now_ms,
        };
        let registered = authenticator.authenticate(params, authorization)?;
        Ok(registered.client.id.clone())
    }

    /// The session of a browser whose person can still be chosen.
    pub(super) fn session(&self, browser: Option<&Browser>, now_ms: i64) -> Option<&Session> {
        let session = self.sessions.find(&browser?.reveal(), now_ms)?;
        self.person(&session.number).is_some().then_some(session)
    }
}

/// By which a transaction knows its browser.
pub(super) fn browser_digest(browser: &Browser) -> Digest {
    Digest::of("lika test identity browser", browser.bytes())
}

/// What a form of this browser carries and a page of somebody else cannot know.
pub(super) fn form_token(browser: &Browser) -> Secret<32> {
    Secret::from_bytes(*Digest::of("lika test identity form", browser.bytes()).as_bytes())
}

/// The browser, if the form is from a page that it was shown.
pub(super) fn form_of<'a>(form: &Params, browser: Option<&'a Browser>) -> Result<&'a Browser, Refusal> {
    let browser = browser.ok_or(Refusal::Forged)?;
    let shown = form.get("form_token").and_then(Secret::parse).ok_or(Refusal::Forged)?;
    (shown == form_token(browser)).then_some(browser).ok_or(Refusal::Forged)
}

fn address(text: &str) -> Result<Url, ProviderError> {
    let url = Url::parse(text).ok();
    url.filter(|url| url.has_host() && url.fragment().is_none())
        .ok_or_else(|| ProviderError::Address(text.to_owned()))
}
