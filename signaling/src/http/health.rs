//! For whoever watches over the server: is it alive, does it take new people.

use super::Doors;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;

/// Not counted among the answers: load balancers ask every few seconds, and "not now" is a good answer.
pub(super) fn routes() -> Router<Doors> {
    Router::new().route("/healthz", get(alive)).route("/readyz", get(ready))
}

/// The process answers.
async fn alive() -> &'static str {
    "alive\n"
}

/// Meetings can be opened and entered: not while the server drains, nor from the moment it is told to stop.
async fn ready(State(doors): State<Doors>) -> (StatusCode, &'static str) {
    if !doors.hall.is_open() {
        (StatusCode::SERVICE_UNAVAILABLE, "stopping\n")
    } else if doors.hall.draining().is_some() {
        (StatusCode::SERVICE_UNAVAILABLE, "draining\n")
    } else {
        (StatusCode::OK, "ready\n")
    }
}
