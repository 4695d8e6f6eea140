//! Who administers the installation: whoever has the local token, or logged in with the configured group.

use super::session::presented_cookie;
use super::{Connection, Doors, origin};
use axum::extract::FromRequestParts;
use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use lika_auth::{AdminToken, Administrators};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The cookie of an administrator who has logged in.
const COOKIE: &str = "__Host-lika-admin";

/// The proof that the request is an administrator's.
pub(super) struct Administrator;

/// Why it is not.
pub(super) enum NotAllowed {
    TooManyAttempts,
    NoAdministrator,
    ForeignOrigin,
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

    fn knows(&self, token: &str, now_ms: i64) -> bool {
        AdminToken::parse(token).is_some_and(|token| self.list().knows(&token, now_ms))
    }

    fn is_local(&self, token: &str) -> bool {
        AdminToken::parse(token).is_some_and(|token| self.list().is_local(&token))
    }
}

impl FromRequestParts<Doors> for Administrator {
    type Rejection = NotAllowed;

    async fn from_request_parts(parts: &mut Parts, doors: &Doors) -> Result<Self, NotAllowed> {
        let peer = parts
            .extensions
            .get::<Connection>()
            .map(|connection| connection.peer.ip());
        if peer.is_some_and(|peer| !doors.entries.may_try(peer)) {
            return Err(NotAllowed::TooManyAttempts);
        }
        if let Some(bearer) = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()) {
            let token = bearer
                .split_once(' ')
                .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
            let known = token.is_some_and(|(_, token)| doors.admins.is_local(token.trim()));
            return known.then_some(Self).ok_or(NotAllowed::NoAdministrator);
        }
        let cookie = presented_cookie(&parts.headers, COOKIE).ok_or(NotAllowed::NoAdministrator)?;
        if origin::is_foreign(doors, &parts.headers) {
            return Err(NotAllowed::ForeignOrigin);
        }
        let known = doors.admins.knows(cookie, doors.clock.now_ms());
        known.then_some(Self).ok_or(NotAllowed::NoAdministrator)
    }
}

impl IntoResponse for NotAllowed {
    fn into_response(self) -> Response {
        match self {
            Self::TooManyAttempts => super::problem(StatusCode::TOO_MANY_REQUESTS, "too many attempts; wait a minute"),
            Self::ForeignOrigin => super::problem(StatusCode::FORBIDDEN, "the request comes from another origin"),
            Self::NoAdministrator => {
                let advice = "send Authorization: Bearer with the token of identity.admin_token_file, or log in with the \
                              group of identity.admin_group";
                let answer = super::problem(StatusCode::UNAUTHORIZED, advice);
                ([(WWW_AUTHENTICATE, "Bearer realm=\"lika\"")], answer).into_response()
            }
        }
    }
}
