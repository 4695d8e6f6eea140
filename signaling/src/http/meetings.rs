//! `POST /api/meetings`: an administrator convenes a meeting while the server runs.

use super::Doors;
use super::admin::{Administrator, NotAllowed};
use crate::convene::{ConveneError, Notice};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// Why a meeting is not convened, as a problem (RFC 9457).
pub(super) enum Problem {
    NotAllowed(NotAllowed),
    Convene(ConveneError),
}

/// The body is the roster file (TOML), as `lika meeting create` reads it. The invitations are told here and never again.
pub(super) async fn convene(
    State(doors): State<Doors>,
    administrator: Result<Administrator, NotAllowed>,
    roster: String,
) -> Result<Response, Problem> {
    administrator.map_err(Problem::NotAllowed)?;
    let now_ms = doors.clock.now_ms();
    let expires_ms = now_ms + i64::from(doors.invitation_days.get()) * DAY_MS;
    let mut notice = Notice::parse(&roster)?;
    if doors.stores.for_tests {
        notice = notice.with_test_identities();
    }
    let convened = notice
        .convene_in(&doors.stores, doors.providers.keys(), now_ms, expires_ms)
        .await?;
    tracing::info!(meeting = convened.meeting.0, "convened by an administrator");
    let link = |(participant, token): &(crate::meeting::ParticipantId, lika_auth::InvitationToken)| {
        let address = format!("{}/i/{}", doors.origin, token.reveal().as_str());
        json!({ "participant": participant, "invitation": address })
    };
    let invitations: Vec<_> = convened.invitations.iter().map(link).collect();
    let answer = json!({ "meeting": convened.meeting, "invitations": invitations });
    Ok((StatusCode::CREATED, Json(answer)).into_response())
}

impl From<ConveneError> for Problem {
    fn from(error: ConveneError) -> Self {
        Self::Convene(error)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, detail) = match self {
            Self::NotAllowed(reason) => return reason.into_response(),
            Self::Convene(error @ (ConveneError::Journal(_) | ConveneError::Store(_) | ConveneError::NoAnswer(_))) => {
                tracing::error!(%error, "a meeting could not be convened");
                let detail = "the data directory cannot be written; see the log".to_owned();
                (StatusCode::SERVICE_UNAVAILABLE, detail)
            }
            Self::Convene(error) => (StatusCode::UNPROCESSABLE_ENTITY, error.to_string()),
        };
        super::problem(status, &detail)
    }
}
