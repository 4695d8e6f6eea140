//! Signing out: the session, its media, and the session at the provider.

use super::no_binding;
use crate::conference::Input;
use crate::http::Doors;
use crate::http::notice::Notice;
use crate::http::origin::is_foreign;
use crate::http::session::{no_cookie, presented};
use crate::meeting::MeetingId;
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::SET_COOKIE;
use axum::response::{AppendHeaders, IntoResponse, Response};
use lika_auth::{Identity, SessionId};
use serde_json::json;

/// `POST /sign-out`: tells the page where to go next, which may be the provider's own end of session.
pub(in crate::http) async fn sign_out(State(doors): State<Doors>, headers: HeaderMap) -> Result<Response, Notice> {
    if is_foreign(&doors, &headers) {
        return Err(Notice::ForeignForm);
    }
    let now_ms = doors.clock.now_ms();
    let mut next = "/signed-out".to_owned();
    if let Some(token) = presented(&headers) {
        let ended = doors.identities.ask(move |store| store.sign_out(&token, now_ms)).await;
        let ended = ended.map_err(|_| Notice::TryAgain)?.map_err(|error| {
            tracing::error!(%error, "a session could not be ended");
            Notice::TryAgain
        })?;
        if let Some((session, provider)) = ended {
            tell(&doors, session.id, session.whom).await;
            if let Some(address) = end_at_provider(&doors, provider, now_ms).await {
                next = address;
            }
        }
    }
    let cookies = AppendHeaders([
        (SET_COOKIE, no_cookie()),
        (SET_COOKIE, no_binding()),
        (SET_COOKIE, doors.admins.sign_out(&headers)),
    ]);
    Ok((cookies, Json(json!({ "next": next }))).into_response())
}

/// `GET /signed-out`
pub(in crate::http) async fn signed_out() -> Notice {
    Notice::SignedOut
}

async fn end_at_provider(doors: &Doors, provider: Option<String>, now_ms: i64) -> Option<String> {
    let relying_party = doors.providers.find(&provider?)?;
    relying_party.end_session_url(None, now_ms).await.map(String::from)
}

/// The meeting ends what the session's devices send and receive.
pub(super) async fn tell(doors: &Doors, session: SessionId, whom: Identity) {
    if let Ok(mailbox) = doors.hall.find(MeetingId(whom.meeting)).await
        && mailbox.send(Input::SignedOut(session)).await.is_err()
    {
        tracing::debug!(meeting = whom.meeting, "the meeting is over");
    }
}
