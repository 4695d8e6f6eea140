//! Who administers the installation, and what programs with a token may do: the machine's own token and whoever has
//! logged in with the configured group may do everything, an API token what its scopes say.

use super::session::presented_cookie;
use super::{Connection, Doors, origin};
use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use lika_auth::{AdminToken, Administrators, ApiToken, Scope, Scopes};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The cookie of an administrator who has logged in.
pub(super) const COOKIE: &str = "__Host-lika-admin";
/// What the log calls the machine's own token, and whoever has logged in.
const LOCAL: &str = "the administrator's token";
const LOGGED_IN: &str = "an administrator who logged in";

/// Somebody who has proved what they may do.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    name: Arc<str>,
    scopes: Scopes,
}

/// Why a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NotAllowed {
    TooManyAttempts,
    Unknown,
    ForeignOrigin,
    /// Known, but the token does not have this scope.
    Scope(Scope),
    /// No token that is known has anything to do with it: it failed to be looked up.
    Unavailable,
}

impl Caller {
    fn administrator(name: &str) -> Self {
        Self {
            name: name.into(),
            scopes: Scopes::all(),
        }
    }

    /// What the log calls them: a token's name, never a person's.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Whether they may do this, with a test meeting or with any.
    pub(super) fn may(&self, scope: Scope, test_meeting: bool) -> Result<(), NotAllowed> {
        let permitted = self.scopes.permit(scope, test_meeting);
        permitted.then_some(()).ok_or(NotAllowed::Scope(scope))
    }
}

/// The administrators who have logged in, and the local token.
#[derive(Clone)]
pub(super) struct Admins(Arc<Mutex<Administrators>>);

impl Admins {
    pub(super) fn new(local: Option<&AdminToken>) -> Self {
        Self(Arc::new(Mutex::new(Administrators::new(local))))
    }

    fn list(&self) -> MutexGuard<'_, Administrators> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `Set-Cookie` for an administrator who has just logged in; `None`: no token can be made.
    pub(super) fn sign_in(&self, now_ms: i64) -> Option<String> {
        let token = self.list().sign_in(now_ms).ok()?;
        let value = token.reveal();
        Some(format!(
            "{COOKIE}={}; Path=/; Secure; HttpOnly; SameSite=Strict",
            value.as_str()
        ))
    }

    /// The browser's administrator, if it has one, signs out; `Set-Cookie` for that.
    pub(super) fn sign_out(&self, headers: &HeaderMap) -> String {
        if let Some(token) = presented_cookie(headers, COOKIE).and_then(AdminToken::parse) {
            self.list().sign_out(&token);
        }
        format!("{COOKIE}=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0")
    }

    fn knows(&self, token: &str, now_ms: i64, by: Presence) -> bool {
        AdminToken::parse(token).is_some_and(|token| match by {
            Presence::Working => self.list().admits(&token, now_ms),
            Presence::Watching => self.list().knows(&token, now_ms),
        })
    }

    /// Whether this is the machine's own token.
    pub(super) fn is_local(&self, token: &str) -> bool {
        AdminToken::parse(token).is_some_and(|token| self.list().is_local(&token))
    }
}

/// Whether somebody is behind a request, so that they stay logged in, or a page that asks by itself.
#[derive(Clone, Copy)]
enum Presence {
    Working,
    Watching,
}

impl FromRequestParts<Doors> for Caller {
    type Rejection = NotAllowed;

    async fn from_request_parts(parts: &mut Parts, doors: &Doors) -> Result<Self, NotAllowed> {
        caller(parts, doors, Presence::Working).await
    }
}

/// The caller of a page that asks anew by itself: nobody stays logged in by it.
pub(super) struct Watcher(pub(super) Caller);

impl FromRequestParts<Doors> for Watcher {
    type Rejection = NotAllowed;

    async fn from_request_parts(parts: &mut Parts, doors: &Doors) -> Result<Self, NotAllowed> {
        caller(parts, doors, Presence::Watching).await.map(Self)
    }
}

async fn caller(parts: &Parts, doors: &Doors, by: Presence) -> Result<Caller, NotAllowed> {
    let connection = parts.extensions.get::<Connection>();
    let peer = connection.map(|connection| connection.peer.ip());
    let foreign_cookie = !parts.headers.contains_key(AUTHORIZATION) && origin::is_foreign(doors, &parts.headers);
    let known = find(doors, &parts.headers, peer, by).await?;
    if foreign_cookie {
        return Err(NotAllowed::ForeignOrigin);
    }
    Ok(known)
}

/// Whoever sends these headers. Requests are counted, and apart from them those by nobody who is known: a program that
/// asks for much is not mistaken for one that guesses.
async fn find(doors: &Doors, headers: &HeaderMap, peer: Option<IpAddr>, by: Presence) -> Result<Caller, NotAllowed> {
    if peer.is_some_and(|peer| !doors.requests.may_try(peer)) {
        return Err(NotAllowed::TooManyAttempts);
    }
    let known = match headers.get(AUTHORIZATION) {
        Some(said) => by_token(doors, said.to_str().unwrap_or_default()).await?,
        None => by_cookie(doors, headers, by),
    };
    match known {
        Some(caller) => Ok(caller),
        None if peer.is_some_and(|peer| !doors.guesses.may_try(peer)) => Err(NotAllowed::TooManyAttempts),
        None => Err(NotAllowed::Unknown),
    }
}

/// Whoever has logged in with this browser.
pub(super) fn signed_in(doors: &Doors, headers: &HeaderMap, peer: Option<IpAddr>) -> Result<Caller, NotAllowed> {
    if peer.is_some_and(|peer| !doors.requests.may_try(peer)) {
        return Err(NotAllowed::TooManyAttempts);
    }
    by_cookie(doors, headers, Presence::Working).ok_or(NotAllowed::Unknown)
}

fn by_cookie(doors: &Doors, headers: &HeaderMap, by: Presence) -> Option<Caller> {
    let cookie = presented_cookie(headers, COOKIE)?;
    let known = doors.admins.knows(cookie, doors.clock.now_ms(), by);
    known.then(|| Caller::administrator(LOGGED_IN))
}

/// `Authorization: Bearer` (RFC 6750 section 2.1).
async fn by_token(doors: &Doors, said: &str) -> Result<Option<Caller>, NotAllowed> {
    let token = said
        .split_once(' ')
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    let Some(token) = token.map(|(_, token)| token.trim()) else {
        return Ok(None);
    };
    if doors.admins.is_local(token) {
        return Ok(Some(Caller::administrator(LOCAL)));
    }
    let (Some(token), now_ms) = (ApiToken::parse(token), doors.clock.now_ms()) else {
        return Ok(None);
    };
    match doors.identities.ask(move |store| store.api_grant(&token, now_ms)).await {
        Ok(Ok(grant)) => Ok(grant.map(|grant| Caller {
            name: grant.name.into(),
            scopes: grant.scopes,
        })),
        Ok(Err(error)) => {
            tracing::error!(%error, "an API token could not be looked up");
            Err(NotAllowed::Unavailable)
        }
        Err(error) => {
            tracing::error!(%error, "an API token could not be looked up");
            Err(NotAllowed::Unavailable)
        }
    }
}
