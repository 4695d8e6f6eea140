//! What a program is told when something is not done: a problem (RFC 9457) with a code that stays.

use super::told::RowProblem;
use crate::convene::csv::Trouble;
use crate::http::admin::NotAllowed;
use crate::http::metrics::Fault;
use crate::http::office::Refused;
use axum::Json;
use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

/// A minute, after which those who asked too often may ask again.
/// The code of what a fault of the server's is behind.
const UNAVAILABLE: &str = "unavailable";
const WAIT: HeaderValue = HeaderValue::from_static("60");

/// A problem (RFC 9457, application/problem+json).
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct Problem {
    /// `urn:lika:problem:` and the code.
    #[serde(rename = "type")]
    kind: Box<str>,
    /// The HTTP status in words.
    title: &'static str,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// What is wrong, for programs; it stays as it is from version to version.
    code: &'static str,
    /// What is wrong and what to do, for people.
    detail: Box<str>,
    /// Everything that is wrong in a roster (code `bad_rows`).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    rows: Option<Vec<RowProblem>>,
    /// The scope that the token does not have (code `scope_missing`).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    scope: Option<&'static str>,
}

impl Problem {
    pub(super) fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            kind: format!("urn:lika:problem:{code}").into(),
            title: status.canonical_reason().unwrap_or_default(),
            status: status.as_u16(),
            code,
            detail: detail.into().into(),
            rows: None,
            scope: None,
        }
    }

    pub(super) fn not_found(detail: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", detail)
    }

    pub(super) fn no_such_method() -> Self {
        let detail = "this address takes other methods; see the Allow header, and /api/openapi.json";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", detail)
    }

    pub(super) fn timed_out() -> Self {
        let detail = "it took too long; see whether it was done, and otherwise ask again in a while";
        Self::new(StatusCode::REQUEST_TIMEOUT, "timed_out", detail)
    }

    pub(super) fn malformed(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "malformed", detail)
    }

    pub(super) fn unprocessable(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_meeting", detail)
    }

    pub(super) fn media_type(detail: &str) -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "media_type", detail)
    }

    pub(super) fn bad_rows(troubles: &[Trouble]) -> Self {
        let detail = format!(
            "nothing was read: {} in the roster must be corrected, see rows",
            match troubles.len() {
                1 => "one thing".to_owned(),
                several => format!("{several} things"),
            }
        );
        Self {
            rows: Some(troubles.iter().map(RowProblem::from).collect()),
            ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_rows", detail)
        }
    }
}

impl From<NotAllowed> for Problem {
    fn from(reason: NotAllowed) -> Self {
        match reason {
            NotAllowed::TooManyAttempts => Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                "too_many_requests",
                "too many attempts; wait a minute",
            ),
            NotAllowed::Unknown => Self::new(
                StatusCode::UNAUTHORIZED,
                "not_known",
                "send Authorization: Bearer with an API token (lika token create) or the token of \
                 identity.admin_token_file, or log in with the group of identity.admin_group",
            ),
            NotAllowed::ForeignOrigin => Self::new(
                StatusCode::FORBIDDEN,
                "foreign_origin",
                "the request comes from another origin",
            ),
            NotAllowed::Scope(scope) => Self {
                scope: Some(scope.name()),
                ..Self::new(
                    StatusCode::FORBIDDEN,
                    "scope_missing",
                    format!("the token does not have the scope {scope}"),
                )
            },
            NotAllowed::Unavailable => Self::from(Refused::Unavailable),
        }
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::NoSuchMeeting => Self::new(
                StatusCode::NOT_FOUND,
                "no_such_meeting",
                "there is no such meeting; GET /api/meetings lists those there are",
            ),
            Refused::NoSuchParticipant => Self::new(
                StatusCode::NOT_FOUND,
                "no_such_participant",
                "the meeting has no such participant; GET /api/meetings/{meeting} lists them",
            ),
            Refused::NoTime => Self::new(
                StatusCode::CONFLICT,
                "no_time",
                "the meeting was convened without a time; give starts when convening",
            ),
            Refused::CannotWithhold => Self::new(
                StatusCode::CONFLICT,
                "cannot_withhold",
                "an older lika wrote a secret item so that its text cannot be left out; export with secret=true, and keep \
                 the file secret",
            ),
            Refused::Busy => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "busy",
                "other records are being written; ask again in a minute",
            ),
            Refused::Underway => Self::new(
                StatusCode::CONFLICT,
                "underway",
                "the same request is being carried out; ask again in a while, or list the meetings",
            ),
            Refused::OtherRequest => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "key_used",
                "this Idempotency-Key was sent with another body; each request needs its own",
            ),
            Refused::Meeting(error) => Self::unprocessable(error.to_string()),
            Refused::Unavailable => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                UNAVAILABLE,
                "the data directory cannot be used; see the server's log",
            ),
        }
    }
}

impl From<QueryRejection> for Problem {
    fn from(rejection: QueryRejection) -> Self {
        Self::malformed(rejection.body_text())
    }
}

impl From<BytesRejection> for Problem {
    fn from(rejection: BytesRejection) -> Self {
        match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Self::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "too_large",
                "the body is larger than any roster; at most 512 KiB",
            ),
            _ => Self::malformed(rejection.body_text()),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let is_fault = self.code == UNAVAILABLE;
        let mut response = (status, Json(self)).into_response();
        if is_fault {
            response.extensions_mut().insert(Fault);
        }
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        match status {
            StatusCode::UNAUTHORIZED => {
                let realm = HeaderValue::from_static("Bearer realm=\"lika\"");
                headers.insert(WWW_AUTHENTICATE, realm);
            }
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
                headers.insert(RETRY_AFTER, WAIT);
            }
            _ => {}
        }
        response
    }
}

/// A caller who is refused before the request is looked at.
impl IntoResponse for NotAllowed {
    fn into_response(self) -> Response {
        Problem::from(self).into_response()
    }
}
