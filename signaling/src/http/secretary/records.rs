//! Files of a meeting: the same as a program gets, and words where there are none.

use super::Secretary;
use super::asked::At;
use crate::http::Doors;
use crate::http::api::attachment;
use crate::journal::Parts;
use crate::meeting::MeetingId;
use crate::report::Language;
use axum::extract::{Path, Query, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

/// Whether what was said at secret items is in it.
#[derive(Deserialize)]
pub(super) struct What {
    #[serde(default)]
    secret: bool,
}

/// `GET …/export`
pub(super) async fn export(
    State(doors): State<Doors>,
    secretary: Secretary,
    At(Path(meeting)): At<Path<u32>>,
    At(Query(What { secret })): At<Query<What>>,
) -> Response {
    let meeting = MeetingId(meeting.into());
    let parts = Parts { secret, samples: true };
    let record = match doors.export(&secretary.caller, meeting, parts).await {
        Ok(record) => record,
        Err(refused) => return secretary.refused(&refused),
    };
    let headers = [
        (CONTENT_TYPE, "application/gzip".to_owned()),
        (CONTENT_LENGTH, record.length.to_string()),
        (CONTENT_DISPOSITION, attachment(meeting, secret, "jsonl.gz")),
    ];
    (headers, record.into_body()).into_response()
}

/// `GET …/report`, in the page's language.
pub(super) async fn report(
    State(doors): State<Doors>,
    secretary: Secretary,
    At(Path(meeting)): At<Path<u32>>,
    At(Query(What { secret })): At<Query<What>>,
) -> Response {
    let meeting = MeetingId(meeting.into());
    let language = match secretary.words.tag {
        "sv" => Language::Sv,
        _ => Language::En,
    };
    let html = match doors.report(&secretary.caller, meeting, language, secret).await {
        Ok(html) => html,
        Err(refused) => return secretary.refused(&refused),
    };
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8".to_owned()),
        (CONTENT_DISPOSITION, attachment(meeting, secret, "html")),
    ];
    (headers, html).into_response()
}

/// `GET …/calendar`: without anybody's link.
pub(super) async fn calendar(
    State(doors): State<Doors>,
    secretary: Secretary,
    At(Path(meeting)): At<Path<u32>>,
) -> Response {
    let file = match doors.calendar(MeetingId(meeting.into())).await {
        Ok(file) => file,
        Err(refused) => return secretary.refused(&refused),
    };
    let headers = [
        (CONTENT_TYPE, "text/calendar; charset=utf-8".to_owned()),
        (
            CONTENT_DISPOSITION,
            format!("attachment; filename=\"meeting-{meeting}.ics\""),
        ),
    ];
    (headers, file).into_response()
}
