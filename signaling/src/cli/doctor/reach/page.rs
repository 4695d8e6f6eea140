//! The page that the device opens, and what it asks and tells.

use super::probe::Probe;
use crate::http::headers;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use lika_sfu::PeerId;
use serde::{Deserialize, Serialize};

const PAGE: &str = include_str!("reach.html");
const SCRIPT: &str = include_str!("reach.js");
const STYLE: &str = include_str!("reach.css");
/// The longest body: an offer of one sound and one picture.
const MAX_BODY: usize = 64 * 1024;

/// How a device fared on one way.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct Attempt {
    /// `udp` or `tcp`.
    pub(super) way: String,
    /// Whether ICE and DTLS came up.
    pub(super) connected: bool,
    /// How long that took, in milliseconds.
    pub(super) milliseconds: u32,
}

#[derive(Serialize)]
struct Answered {
    peer: u64,
    sdp: String,
}

#[derive(Deserialize)]
struct Told {
    peer: u64,
    #[serde(flatten)]
    attempt: Attempt,
}

pub(super) fn routes(probe: Probe) -> Router {
    Router::new()
        .route("/reach/{token}", get(page))
        .route("/reach/{token}/script.js", get(script))
        .route("/reach/{token}/style.css", get(style))
        .route("/reach/{token}/offer", post(offer))
        .route("/reach/{token}/attempt", post(attempt))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(axum::middleware::map_response(headers::strict))
        .with_state(probe)
}

/// Nobody but who has seen the address.
fn known(probe: &Probe, token: &str) -> Result<(), StatusCode> {
    (probe.token() == token).then_some(()).ok_or(StatusCode::NOT_FOUND)
}

async fn page(State(probe): State<Probe>, Path(token): Path<String>) -> Result<Html<String>, StatusCode> {
    known(&probe, &token)?;
    Ok(Html(PAGE.replace("{token}", &token)))
}

async fn script(State(probe): State<Probe>, Path(token): Path<String>) -> Result<impl IntoResponse, StatusCode> {
    known(&probe, &token)?;
    Ok(([(CONTENT_TYPE, "text/javascript; charset=utf-8")], SCRIPT))
}

async fn style(State(probe): State<Probe>, Path(token): Path<String>) -> Result<impl IntoResponse, StatusCode> {
    known(&probe, &token)?;
    Ok(([(CONTENT_TYPE, "text/css; charset=utf-8")], STYLE))
}

async fn offer(State(probe): State<Probe>, Path(token): Path<String>, offer: String) -> Result<Response, StatusCode> {
    known(&probe, &token)?;
    let (peer, answer) = probe.answer(offer).await.ok_or(StatusCode::SERVICE_UNAVAILABLE)?;
    let sdp = match answer {
        Ok(answer) => answer.sdp,
        Err(error) => return Ok((StatusCode::BAD_REQUEST, error.to_string()).into_response()),
    };
    Ok(Json(Answered { peer: peer.0, sdp }).into_response())
}

async fn attempt(
    State(probe): State<Probe>,
    Path(token): Path<String>,
    Json(told): Json<Told>,
) -> Result<Json<bool>, StatusCode> {
    known(&probe, &token)?;
    if !matches!(told.attempt.way.as_str(), "udp" | "tcp") {
        return Err(StatusCode::BAD_REQUEST);
    }
    Ok(Json(probe.tell(PeerId(told.peer), told.attempt).await))
}
