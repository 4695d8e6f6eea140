//! The API for programs (REST, JSON): meetings, rosters, invitations and records. docs/api.md tells how it is used;
//! `/api/openapi.json` describes it (OpenAPI 3.1), and a test compares the two tables.

mod document;
mod exports;
mod invitations;
mod meetings;
mod new_meeting;
mod problem;
mod rosters;
mod told;

pub use document::document;
pub(super) use exports::attachment;

use super::Doors;
use super::office::Refused;
use crate::meeting::{MeetingId, ParticipantId};
use axum::Router;
use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::Method;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodRouter, get, post};
use problem::Problem;

/// An address of the API and what is done there.
struct Route {
    path: &'static str,
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "a test compares it with the document and the router")
    )]
    methods: &'static [Method],
    handlers: MethodRouter<Doors>,
    /// Whether an answer may take longer than others do.
    slow: bool,
}

/// Every address. The document has each of them, and no other.
fn table() -> Vec<Route> {
    let route = |path, methods, handlers| Route {
        path,
        methods,
        handlers,
        slow: false,
    };
    let slow = |path, handlers| Route {
        path,
        methods: &[Method::GET],
        handlers,
        slow: true,
    };
    vec![
        route("/api/openapi.json", &[Method::GET], get(document::serve)),
        route(
            "/api/meetings",
            &[Method::GET, Method::POST],
            get(meetings::list).post(meetings::create),
        ),
        route("/api/meetings/{meeting}", &[Method::GET], get(meetings::show)),
        route(
            "/api/meetings/{meeting}/calendar",
            &[Method::GET],
            get(invitations::calendar),
        ),
        route(
            "/api/meetings/{meeting}/participants/{participant}/invitations",
            &[Method::POST, Method::DELETE],
            post(invitations::invite).delete(invitations::revoke),
        ),
        slow("/api/meetings/{meeting}/export", get(exports::export)),
        slow("/api/meetings/{meeting}/report", get(exports::report)),
        route("/api/rosters", &[Method::POST], post(rosters::check)),
    ]
}

/// The addresses whose answers take no longer than any other's.
pub(super) fn routes() -> Router<Doors> {
    gathered(false).route("/api/{*rest}", axum::routing::any(nowhere))
}

/// Those that may take longer; their time has a bound of its own.
pub(super) fn slow_routes() -> Router<Doors> {
    gathered(true)
}

fn gathered(slow: bool) -> Router<Doors> {
    let routes = table().into_iter().filter(|route| route.slow == slow);
    routes
        .fold(Router::new(), |router, route| router.route(route.path, route.handlers))
        .method_not_allowed_fallback(no_such_method)
}

async fn nowhere() -> Problem {
    Problem::not_found("there is no such address; /api/openapi.json has those there are")
}

/// What a program is told that has waited too long.
pub(super) fn timed_out() -> Response {
    Problem::timed_out().into_response()
}

async fn no_such_method() -> Problem {
    Problem::no_such_method()
}

/// The meeting that a path names.
fn meeting_of(path: Result<Path<u64>, PathRejection>) -> Result<MeetingId, Problem> {
    let Path(meeting) = path.map_err(|_| Refused::NoSuchMeeting)?;
    meeting_id(meeting)
}

/// The participant that a path names.
fn participant_of(path: Result<Path<(u64, u32)>, PathRejection>) -> Result<(MeetingId, ParticipantId), Problem> {
    let Path((meeting, participant)) = path.map_err(|_| Refused::NoSuchParticipant)?;
    Ok((meeting_id(meeting)?, ParticipantId(participant)))
}

/// The journal numbers no further than `i64` goes.
fn meeting_id(number: u64) -> Result<MeetingId, Problem> {
    let id = i64::try_from(number).map(|_| MeetingId(number));
    Ok(id.map_err(|_| Refused::NoSuchMeeting)?)
}

#[cfg(test)]
mod tests {
    use super::{document, table};
    use std::collections::BTreeSet;

    #[test]
    fn every_address_is_in_the_document_and_every_one_in_it_is_there() {
        let table = table();
        let routes = table.iter().flat_map(|route| {
            let methods = route.methods.iter();
            methods.map(|method| (route.path.to_owned(), method.as_str().to_lowercase()))
        });
        let document = serde_json::to_value(document()).unwrap();
        let documented = document["paths"].as_object().unwrap().iter().flat_map(|(path, item)| {
            let methods = item.as_object().unwrap().keys();
            methods.map(|method| (path.clone(), method.clone())).collect::<Vec<_>>()
        });
        assert_eq!(routes.collect::<BTreeSet<_>>(), documented.collect::<BTreeSet<_>>());
    }
}
