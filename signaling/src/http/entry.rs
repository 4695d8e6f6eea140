//! The invitation link: it becomes a session, and disappears from the address bar.

use super::notice::Notice;
use super::{Connection, Doors, session};
use axum::Extension;
use axum::extract::{Path, State};
use axum::http::header::{LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use lika_auth::{EntryError, InvitationToken};

/// Uses the invitation.
pub(super) async fn enter(
    State(doors): State<Doors>,
    Extension(connection): Extension<Connection>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Response {
    if is_prefetch(&headers) {
        return look().await.into_response();
    }
    if !doors.entries.may_try(connection.peer.ip()) {
        return Notice::TooManyAttempts.into_response();
    }
    let Some(token) = InvitationToken::parse(&token) else {
        return Notice::UnknownInvitation.into_response();
    };
    let (current, now_ms) = (session::presented(&headers), doors.clock.now_ms());
    let entered = doors
        .identities
        .ask(move |store| store.enter(&token, current.as_ref(), now_ms))
        .await;
    match entered {
        Ok(Ok((token, session))) => {
            let (meeting, participant) = (session.whom.meeting, session.whom.participant);
            tracing::info!(meeting, participant, "invitation used");
            (
                StatusCode::SEE_OTHER,
                [(SET_COOKIE, session::cookie(&token)), (LOCATION, "/meeting".into())],
            )
                .into_response()
        }
        Ok(Err(error)) => refuse(&error).into_response(),
        Err(error) => {
            tracing::error!(%error, "an invitation could not be looked up");
            Notice::TryAgain.into_response()
        }
    }
}

/// Somebody looks without entering (HEAD, a browser's prefetch): a one-time link is not used up by it.
pub(super) async fn look() -> StatusCode {
    StatusCode::NO_CONTENT
}

fn is_prefetch(headers: &HeaderMap) -> bool {
    let purpose = headers.get("sec-purpose").or_else(|| headers.get("purpose"));
    purpose.is_some_and(|purpose| purpose.as_bytes().starts_with(b"prefetch"))
}

fn refuse(error: &EntryError) -> Notice {
    match error {
        EntryError::Unknown => Notice::UnknownInvitation,
        EntryError::Used => Notice::UsedInvitation,
        EntryError::Expired => Notice::ExpiredInvitation,
        EntryError::Revoked => Notice::RevokedInvitation,
        EntryError::Store(error) => {
            tracing::error!(%error, "an invitation could not be looked up");
            Notice::TryAgain
        }
    }
}
