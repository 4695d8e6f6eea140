//! Logging in at an OpenID Connect provider: from the button to a session that proves who somebody is.
//!
//! A person begins with an invitation (whose session says which line of which roster they are) or without, and then the
//! identity they prove says it. Where a login leads: back to the meeting, or, when the meeting's page is open in another
//! tab (step-up), to a page that says so.

mod back_channel;
mod begin;
mod callback;
mod choose;
mod providers;
mod refusal;
mod sign_out;

pub(super) use back_channel::logged_out;
pub(super) use begin::begin;
pub(super) use callback::callback;
pub(super) use choose::choose;
pub(super) use providers::list;
pub use providers::{Providers, ProvidersError};
pub(super) use sign_out::{sign_out, signed_out};

use super::session::presented_cookie;
use axum::http::HeaderMap;
use lika_auth::Secret;
use lika_auth::oidc::transactions::TRANSACTION_LIMIT_MS;

/// What ties a login to the browser that began it.
type Binding = Secret<32>;

/// Its cookie.
const LOGIN_COOKIE: &str = "__Host-lika-login";

/// The browser's binding, if it has begun a login.
fn binding(headers: &HeaderMap) -> Option<Binding> {
    presented_cookie(headers, LOGIN_COOKIE).and_then(Binding::parse)
}

/// `Set-Cookie` for a login under way. `Lax`: it comes along when the provider sends the person back.
fn binding_cookie(binding: &Binding) -> String {
    let seconds = TRANSACTION_LIMIT_MS / 1000;
    let value = binding.reveal();
    format!(
        "{LOGIN_COOKIE}={}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={seconds}",
        value.as_str()
    )
}

/// `Set-Cookie` when it is over.
fn no_binding() -> String {
    format!("{LOGIN_COOKIE}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0")
}
