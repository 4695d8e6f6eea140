//! Invitations, and calendar files.

use super::problem::Problem;
use super::told::InvitationTold;
use super::{PathRejection, meeting_of, participant_of};
use crate::http::Doors;
use crate::http::admin::Caller;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use lika_auth::Scope;

/// Makes a new invitation link for somebody in the roster
///
/// Scope `meetings:write`. Links from before stay good until they are used: revoke first if one is in the wrong hands.
#[utoipa::path(
    post, path = "/api/meetings/{meeting}/participants/{participant}/invitations", tag = "invitations",
    params(("meeting" = u64, Path, description = "The meeting's number"),
        ("participant" = u32, Path, description = "The number in the roster, from 1")),
    responses((status = 201, description = "The invitation, told this once", body = InvitationTold))
)]
pub(super) async fn invite(
    State(doors): State<Doors>,
    caller: Caller,
    path: Result<Path<(u64, u32)>, PathRejection>,
) -> Result<Response, Problem> {
    let (meeting, participant) = participant_of(path)?;
    caller.may(Scope::MeetingsWrite, doors.occasion(meeting).await?.test)?;
    let invited = doors.invite(&caller, meeting, participant).await?;
    Ok((StatusCode::CREATED, Json(InvitationTold::new(&invited, &doors))).into_response())
}

/// Takes back somebody's invitations, sessions and device tokens
///
/// Scope `meetings:write`. Their sound and picture end within a second, and a login lets them in no more until they are
/// invited anew.
#[utoipa::path(
    delete, path = "/api/meetings/{meeting}/participants/{participant}/invitations", tag = "invitations",
    params(("meeting" = u64, Path, description = "The meeting's number"),
        ("participant" = u32, Path, description = "The number in the roster, from 1")),
    responses((status = 204, description = "They are taken back"))
)]
pub(super) async fn revoke(
    State(doors): State<Doors>,
    caller: Caller,
    path: Result<Path<(u64, u32)>, PathRejection>,
) -> Result<StatusCode, Problem> {
    let (meeting, participant) = participant_of(path)?;
    caller.may(Scope::MeetingsWrite, doors.occasion(meeting).await?.test)?;
    doors.revoke(&caller, meeting, participant).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The meeting as a calendar file (iCalendar), without anybody's link
///
/// Scope `meetings:read`. A file with the personal link comes with each invitation, in `calendar`.
#[utoipa::path(
    get, path = "/api/meetings/{meeting}/calendar", tag = "invitations",
    params(("meeting" = u64, Path, description = "The meeting's number")),
    responses(
        (status = 200, description = "The calendar file", body = String, content_type = "text/calendar"),
        (status = 409, description = "The meeting has no time", body = Problem,
            content_type = "application/problem+json")
    )
)]
pub(super) async fn calendar(
    State(doors): State<Doors>,
    caller: Caller,
    path: Result<Path<u64>, PathRejection>,
) -> Result<Response, Problem> {
    let meeting = meeting_of(path)?;
    caller.may(Scope::MeetingsRead, doors.occasion(meeting).await?.test)?;
    let file = doors.calendar(meeting).await?;
    let name = format!("attachment; filename=\"meeting-{}.ics\"", meeting.0);
    let headers = [
        (CONTENT_TYPE, "text/calendar; charset=utf-8".to_owned()),
        (CONTENT_DISPOSITION, name),
    ];
    Ok((headers, file).into_response())
}
