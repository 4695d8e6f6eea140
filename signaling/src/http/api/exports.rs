//! Records: the signed export, and the report.

use super::problem::Problem;
use super::{PathRejection, meeting_of};
use crate::http::Doors;
use crate::http::admin::Caller;
use crate::journal::Parts;
use crate::meeting::MeetingId;
use crate::report;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use lika_auth::Scope;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

/// What is exported.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct Exported {
    /// With what was said and decided at secret items: needs `exports:secret`, and the file is as secret as they are.
    #[serde(default)]
    #[param(default = false)]
    secret: bool,
    /// With the samples, if they are kept.
    #[serde(default = "yes")]
    #[param(default = true)]
    samples: bool,
}

const fn yes() -> bool {
    true
}

/// What is reported.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct Reported {
    /// With the texts of secret items: needs `exports:secret`, and the report is as secret as they are.
    #[serde(default)]
    #[param(default = false)]
    secret: bool,
    #[serde(default)]
    #[param(inline)]
    language: Language,
}

/// The language of a report.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Language {
    #[default]
    Sv,
    En,
}

/// The journal and samples of a meeting, signed, as one compressed file
///
/// Scope `exports:read`; `lika journal verify` checks the file, docs/evidence.md has its format.
#[utoipa::path(
    get, path = "/api/meetings/{meeting}/export", tag = "records",
    params(("meeting" = u64, Path, description = "The meeting's number"), Exported),
    responses(
        (status = 200, description = "JSON lines, gzip", content_type = "application/gzip", body = Vec<u8>),
        (status = 409, description = "An older program wrote a secret item so that it cannot be left out", body = Problem,
            content_type = "application/problem+json")
    )
)]
pub(super) async fn export(
    State(doors): State<Doors>,
    caller: Caller,
    path: Result<Path<u64>, PathRejection>,
    exported: Result<Query<Exported>, QueryRejection>,
) -> Result<Response, Problem> {
    let meeting = meeting_of(path)?;
    let Query(Exported { secret, samples }) = exported?;
    permit(&doors, &caller, meeting, secret).await?;
    let record = doors.export(&caller, meeting, Parts { secret, samples }).await?;
    let headers = [
        (CONTENT_TYPE, "application/gzip".to_owned()),
        (CONTENT_LENGTH, record.length.to_string()),
        (CONTENT_DISPOSITION, attachment(meeting, secret, "jsonl.gz")),
    ];
    Ok((headers, record.into_body()).into_response())
}

/// The report of a meeting (HTML): who served, the quality, every alarm and decision
///
/// Scope `exports:read`.
#[utoipa::path(
    get, path = "/api/meetings/{meeting}/report", tag = "records",
    params(("meeting" = u64, Path, description = "The meeting's number"), Reported),
    responses((status = 200, description = "The report", content_type = "text/html", body = String))
)]
pub(super) async fn report(
    State(doors): State<Doors>,
    caller: Caller,
    path: Result<Path<u64>, PathRejection>,
    reported: Result<Query<Reported>, QueryRejection>,
) -> Result<Response, Problem> {
    let meeting = meeting_of(path)?;
    let Query(Reported { secret, language }) = reported?;
    permit(&doors, &caller, meeting, secret).await?;
    let language = match language {
        Language::Sv => report::Language::Sv,
        Language::En => report::Language::En,
    };
    let html = doors.report(&caller, meeting, language, secret).await?;
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8".to_owned()),
        (CONTENT_DISPOSITION, attachment(meeting, secret, "html")),
    ];
    Ok((headers, html).into_response())
}

async fn permit(doors: &Doors, caller: &Caller, meeting: MeetingId, secret: bool) -> Result<(), Problem> {
    let test = doors.occasion(meeting).await?.test;
    caller.may(Scope::ExportsRead, test)?;
    if secret {
        caller.may(Scope::ExportsSecret, test)?;
    }
    Ok(())
}

/// A file, not a page: it is kept, and a report brings its own style, which this site's pages may not.
pub(in crate::http) fn attachment(MeetingId(meeting): MeetingId, secret: bool, kind: &str) -> String {
    let secret = if secret { "-secret" } else { "" };
    format!("attachment; filename=\"meeting-{meeting}{secret}.{kind}\"")
}
