//! Where a request was made from.

use super::Doors;
use axum::http::HeaderMap;
use axum::http::header::ORIGIN;

/// Whether a page of another origin sends this. Every browser says so of a POST and of a WebSocket (Fetch standard, section
/// 3.2; RFC 6455 section 4.1); a program that does not has no cookie but its own.
pub(crate) fn is_foreign(doors: &Doors, headers: &HeaderMap) -> bool {
    let origin = headers.get(ORIGIN);
    origin.is_some_and(|origin| origin.as_bytes() != doors.origin.as_bytes())
}
