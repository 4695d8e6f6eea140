//! `/api/rosters`

use super::meetings::media_type;
use super::problem::Problem;
use super::told::RosterRead;
use crate::convene::csv;
use crate::http::admin::Caller;
use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::HeaderMap;
use lika_auth::Scope;

/// Reads a roster from a spreadsheet (CSV) and tells what is wrong in it
///
/// Scope `meetings:write` or `loadtest`. Nothing is kept: convene with the same text as `roster_csv`. Separated by semicolons,
/// commas or tabs; UTF-8, UTF-16 or Windows-1252; headers in Swedish or English. It is read whole or not at all: otherwise
/// the answer is 422 with every row that is wrong.
#[utoipa::path(
    post, path = "/api/rosters", tag = "meetings",
    request_body(content((String = "text/csv")), description = "The file, byte by byte as the spreadsheet saved it"),
    responses((status = 200, description = "The roster", body = RosterRead))
)]
pub(super) async fn check(
    caller: Caller,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<RosterRead>, Problem> {
    caller.may(Scope::MeetingsWrite, true)?;
    let body = body?;
    if !matches!(
        media_type(&headers),
        "" | "text/csv" | "text/plain" | "application/vnd.ms-excel"
    ) {
        return Err(Problem::media_type("send text/csv"));
    }
    let roster = csv::read(&body).map_err(|troubles| Problem::bad_rows(&troubles))?;
    Ok(Json(roster.into()))
}
