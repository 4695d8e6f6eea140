//! The meetings.

use super::Secretary;
use super::asked::At;
use super::page::{Page, cell, table, when};
use crate::http::Doors;
use crate::http::office;
use crate::meeting::MeetingId;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use lika_auth::html::escape;
use serde::Deserialize;

/// Meetings on a page: as many as a screen has room for.
const SHOWN: usize = 25;

/// Where the page begins.
#[derive(Deserialize)]
pub(super) struct From {
    before: Option<u64>,
}

/// `GET /admin`
pub(super) async fn list(
    State(doors): State<Doors>,
    secretary: Secretary,
    At(Query(From { before })): At<Query<From>>,
) -> Response {
    let page = office::Page {
        limit: SHOWN,
        before: before.map(MeetingId),
        tests: false,
    };
    let (meetings, next) = match doors.meetings(page).await {
        Ok(found) => found,
        Err(refused) => return secretary.refused(&refused),
    };
    let words = secretary.words;
    let convene = format!(
        "<p><a class=\"button\" href=\"/admin/meetings/new\">{}</a></p>",
        escape(words.convene)
    );
    let page = Page::new(words, words.meetings).html(&convene);
    if meetings.is_empty() {
        return page
            .html(&format!("<p>{}</p>", escape(words.no_meetings)))
            .show()
            .into_response();
    }
    let row = |one: &office::Summary| {
        let title = format!(
            "<th scope=\"row\"><a href=\"/admin/meetings/{}\">{}</a></th>",
            one.meeting.0,
            escape(&one.title)
        );
        let rest = [
            one.body.as_str(),
            &when(words, &one.occasion),
            words.phase_name(&one.phase),
        ];
        title + &rest.map(cell).concat()
    };
    let headers = [words.meeting, words.body, words.when, words.phase];
    let mut page = page.html(&table(words.meetings, &headers, meetings.iter().map(row)));
    if let Some(MeetingId(next)) = next {
        let older = format!("<p><a href=\"/admin?before={next}\">{}</a></p>", escape(words.older));
        page = page.html(&older);
    }
    page.show().into_response()
}
