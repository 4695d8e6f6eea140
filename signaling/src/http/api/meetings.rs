//! `/api/meetings`

use super::new_meeting::NewMeeting;
use super::problem::Problem;
use super::told::{InvitationTold, MeetingConvened, MeetingFull, MeetingList};
use super::{PathRejection, meeting_of};
use crate::convene::Notice;
use crate::http::Doors;
use crate::http::admin::Caller;
use crate::http::office::{Asked, Outcome, Page};
use crate::meeting::MeetingId;
use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use lika_auth::{RequestKey, Scope};
use serde::Deserialize;
use utoipa::IntoParams;

/// The header by which a request that is sent again is recognised (draft-ietf-httpapi-idempotency-key-header).
const KEY: &str = "idempotency-key";
/// The longest key: a UUID has 36 characters.
const MAX_KEY: usize = 200;

/// Which meetings.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct Which {
    /// At most so many.
    #[serde(default = "usual_limit")]
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: usize,
    /// Those with lower numbers than this.
    #[param(minimum = 1, required = false)]
    before: Option<u64>,
}

const fn usual_limit() -> usize {
    20
}

/// Lists meetings, the newest first
///
/// Scope `meetings:read`. With `loadtest` alone: test meetings.
#[utoipa::path(
    get, path = "/api/meetings", tag = "meetings", params(Which),
    responses((status = 200, description = "The meetings", body = MeetingList))
)]
pub(super) async fn list(
    State(doors): State<Doors>,
    caller: Caller,
    which: Result<Query<Which>, QueryRejection>,
) -> Result<Json<MeetingList>, Problem> {
    caller.may(Scope::MeetingsRead, true)?;
    let Query(Which { limit, before }) = which?;
    // Numbers are int64 in the document.
    let is_number = |before: &u64| (1..=i64::MAX.unsigned_abs()).contains(before);
    if !(1..=100).contains(&limit) || !before.iter().all(is_number) {
        return Err(Problem::malformed(
            "limit must be from 1 to 100, and before a meeting's number, at least 1",
        ));
    }
    let page = Page {
        limit,
        before: before.map(MeetingId),
        tests: caller.may(Scope::MeetingsRead, false).is_err(),
    };
    let (meetings, next) = doors.meetings(page).await?;
    Ok(Json(MeetingList::new(meetings, limit, next)))
}

/// Shows a meeting with its agenda and roster
///
/// Scope `meetings:read`.
#[utoipa::path(
    get, path = "/api/meetings/{meeting}", tag = "meetings",
    params(("meeting" = u64, Path, description = "The meeting's number")),
    responses((status = 200, description = "The meeting", body = MeetingFull))
)]
pub(super) async fn show(
    State(doors): State<Doors>,
    caller: Caller,
    path: Result<Path<u64>, PathRejection>,
) -> Result<Json<MeetingFull>, Problem> {
    let meeting = meeting_of(path)?;
    caller.may(Scope::MeetingsRead, doors.occasion(meeting).await?.test)?;
    Ok(Json(doors.meeting(meeting).await?.into()))
}

/// Convenes a meeting
///
/// Scope `meetings:write`, or `loadtest` for a test meeting. The body is JSON, or the roster file (TOML) that `lika meeting
/// create` reads. The links are told in the answer and never again. A request with an `Idempotency-Key` may be sent again
/// for a day: it convenes one meeting, and the second answer is 200 without the links.
#[utoipa::path(
    post, path = "/api/meetings", tag = "meetings",
    params(("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 200, pattern = "^[!-~]+$",
        description = "The caller's own name for this request")),
    request_body(content((NewMeeting = "application/json"), (String = "application/toml")), description = "The meeting"),
    responses(
        (status = 201, description = "It is convened", body = MeetingConvened,
            headers(("Location" = String, description = "Its address"))),
        (status = 200, description = "The same request had convened it before", body = MeetingConvened),
        (status = 409, description = "The same request is being carried out", body = Problem,
            content_type = "application/problem+json")
    )
)]
pub(super) async fn create(
    State(doors): State<Doors>,
    caller: Caller,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    caller.may(Scope::MeetingsWrite, true)?;
    let body = body?;
    let notice = notice(&headers, &body)?;
    caller.may(Scope::MeetingsWrite, notice.test)?;
    let asked = key(&headers)?.map(|key| Asked {
        key: RequestKey::of(caller.name(), &key),
        body: body.to_vec(),
    });
    let (status, told) = match doors.convene(&caller, notice, asked).await? {
        Outcome::Convened { meeting, invitations } => {
            let invitations = invitations.iter().map(|one| InvitationTold::new(one, &doors)).collect();
            (StatusCode::CREATED, convened(meeting, false, invitations))
        }
        Outcome::Before(meeting) => (StatusCode::OK, convened(meeting, true, Vec::new())),
    };
    let location = format!("/api/meetings/{}", told.meeting);
    Ok((status, [(LOCATION, location)], Json(told)).into_response())
}

const fn convened(MeetingId(meeting): MeetingId, repeated: bool, invitations: Vec<InvitationTold>) -> MeetingConvened {
    MeetingConvened {
        meeting,
        repeated,
        invitations,
    }
}

/// What is to be convened. A body of no type, or of plain text, is the roster file too: so was it before there was JSON.
fn notice(headers: &HeaderMap, body: &[u8]) -> Result<Notice, Problem> {
    match media_type(headers) {
        "application/json" => NewMeeting::parse(body)?.notice(),
        "" | "application/toml" | "text/plain" => {
            let text = std::str::from_utf8(body).map_err(|_| Problem::malformed("the roster is not UTF-8"))?;
            Notice::parse(text).map_err(|error| Problem::unprocessable(error.to_string()))
        }
        _ => Err(Problem::media_type("send application/json or application/toml")),
    }
}

/// Without its parameters.
pub(super) fn media_type(headers: &HeaderMap) -> &str {
    let kind = headers.get(CONTENT_TYPE).map(|kind| kind.to_str().unwrap_or("?"));
    kind.unwrap_or_default().split(';').next().unwrap_or_default().trim()
}

fn key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(key) = headers.get(KEY) else {
        return Ok(None);
    };
    let plain = |key: &&str| (1..=MAX_KEY).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic());
    let key = key.to_str().ok().filter(plain);
    let key = key.ok_or_else(|| Problem::malformed("Idempotency-Key must be 1 to 200 visible ASCII characters"))?;
    Ok(Some(key.to_owned()))
}
