//! For whoever watches over the server: is it alive, does it take new people.

use super::Doors;
use axum::extract::State;
use axum::http::StatusCode;

/// The process answers.
pub(super) async fn alive() -> &'static str {
    "alive\n"
}

/// Meetings can be entered: false from the moment the server is told to stop.
pub(super) async fn ready(State(doors): State<Doors>) -> (StatusCode, &'static str) {
    if doors.hall.is_open() {
        (StatusCode::OK, "ready\n")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "stopping\n")
    }
}
