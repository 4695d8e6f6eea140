//! `GET /sign-in/{provider}`: off to the provider.

use super::refusal::{explain, report};
use super::{Binding, binding, binding_cookie};
use crate::conference::{Entrance, Input};
use crate::http::metrics::failure;
use crate::http::notice::Notice;
use crate::http::{Connection, Doors, signed_in};
use crate::meeting::MeetingId;
use crate::meeting::identity::FRESH_WITHIN_MS;
use crate::meeting::item::SECRET_REQUIRES;
use axum::Extension;
use axum::extract::{Path, State};
use axum::http::header::{LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use lika_auth::oidc::Wanted;
use lika_auth::{Assurance, Session};
use tokio::sync::oneshot;

pub(in crate::http) async fn begin(
    State(doors): State<Doors>,
    Extension(connection): Extension<Connection>,
    Path(provider): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Notice> {
    let gone = go(&doors, &connection, &provider, &headers).await;
    // A login that has begun is counted when it comes back.
    if let Some(outcome) = gone.as_ref().err().and_then(failure) {
        doors.stores.metrics.sign_in(outcome);
    }
    gone
}

async fn go(doors: &Doors, connection: &Connection, provider: &str, headers: &HeaderMap) -> Result<Response, Notice> {
    if !doors.entries.may_try(connection.peer.ip()) {
        return Err(Notice::TooManyAttempts);
    }
    let relying_party = doors.providers.find(provider).ok_or(Notice::NotFound)?;
    let session = signed_in(doors, headers).await;
    let wanted = wanted(doors, session.as_ref()).await;
    let now_ms = doors.clock.wall_ms();
    let begun = relying_party.begin(&wanted, now_ms).await;
    let (transaction, address) = begun.map_err(|error| explain(provider, &error))?;
    let binding = match binding(headers) {
        Some(binding) => binding,
        None => Binding::random().map_err(|error| report(provider, &error))?,
    };
    let whom = session.map(|session| session.whom);
    let kept = doors.providers.logins().put(&binding, transaction, whom, now_ms);
    kept.map_err(|error| report(provider, &error))?;
    let headers = [(SET_COOKIE, binding_cookie(&binding)), (LOCATION, address.into())];
    Ok((StatusCode::SEE_OTHER, headers).into_response())
}

/// As much as the meeting and its items ask for. Whoever has logged in before does it anew: an old login may be why they
/// are here.
async fn wanted(doors: &Doors, session: Option<&Session>) -> Wanted {
    let entrance = match session {
        Some(session) => entrance(doors, MeetingId(session.whom.meeting)).await,
        None => None,
    };
    let fresh_within_ms = entrance
        .as_ref()
        .map_or(FRESH_WITHIN_MS, |entrance| entrance.fresh_within_ms);
    let asked = entrance.as_ref().map(|entrance| entrance.highest);
    Wanted {
        level: asked
            .filter(|&level| level > Assurance::Open)
            .unwrap_or(SECRET_REQUIRES),
        max_age_s: u64::try_from(fresh_within_ms / 1000).ok(),
        user_message: entrance.map(|entrance| format!("Du legitimerar dig för att delta i: {}", entrance.title)),
        again: session.is_some_and(|session| session.authenticated_ms.is_some()),
        language: Some("sv".into()),
    }
}

/// `None`: the meeting is over or cannot be asked; the login says more.
async fn entrance(doors: &Doors, meeting: MeetingId) -> Option<Entrance> {
    let (reply, answer) = oneshot::channel();
    let mailbox = doors.hall.find(meeting).await.ok()?;
    mailbox.send(Input::Entrance { reply }).await.ok()?;
    answer.await.ok()
}
