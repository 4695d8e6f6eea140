//! One meeting: who is invited, their links, and the records.

use super::asked::At;
use super::page::{Page, cell, fact, table, when};
use super::words::Words;
use super::{Secretary, links, to};
use crate::http::Doors;
use crate::http::office::{Full, Line};
use crate::meeting::{MeetingId, ParticipantId};
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use lika_auth::html::escape;
use serde::Deserialize;

/// What has just been done.
#[derive(Deserialize)]
pub(super) struct Done {
    revoked: Option<u32>,
    /// The form that convenes was sent once more.
    before: Option<u8>,
}

/// `GET /admin/meetings/{meeting}`
pub(super) async fn show(
    State(doors): State<Doors>,
    secretary: Secretary,
    At(Path(meeting)): At<Path<u32>>,
    At(Query(Done { revoked, before })): At<Query<Done>>,
) -> Response {
    let words = secretary.words;
    let full = match doors.meeting(MeetingId(meeting.into())).await {
        Ok(full) => full,
        Err(refused) => return secretary.refused(&refused),
    };
    let mut page = Page::new(words, &full.summary.title);
    if let Some(line) = full
        .participants
        .iter()
        .find(|line| revoked == Some(line.participant.0))
    {
        page = page.done(&format!("{}: {}", name(words, line), words.revoked));
    }
    if before.is_some() {
        page = page.done(words.before);
    }
    let page = page
        .html(&facts(words, &full))
        .html(&section(words.participants, &participants(words, &full)))
        .html(&section(
            words.records,
            &records(words, meeting, full.summary.occasion.starts_ms.is_some()),
        ));
    page.back().show().into_response()
}

fn section(heading: &str, content: &str) -> String {
    format!("<section>\n<h2>{}</h2>\n{content}\n</section>", escape(heading))
}

fn facts(words: &Words, full: &Full) -> String {
    let summary = &full.summary;
    let mut facts = fact(words.body, &summary.body) + &fact(words.when, &when(words, &summary.occasion));
    if let Some(place) = &summary.occasion.place {
        facts += &fact(words.place, place);
    }
    facts += &fact(words.phase, words.phase_name(&summary.phase));
    facts += &fact(words.requires, words.level_name(full.requires));
    let item = |item: &crate::meeting::Item| {
        let secret = if item.secret {
            format!(" ({})", words.secret)
        } else {
            String::new()
        };
        format!("<li>{}{}</li>", escape(&item.title), escape(&secret))
    };
    let items: String = full.items.iter().map(item).collect();
    if !items.is_empty() {
        facts += &format!("<dt>{}</dt><dd><ol>{items}</ol></dd>\n", escape(words.agenda));
    }
    format!("<dl>\n{facts}</dl>")
}

fn name<'a>(words: &'a Words, line: &'a Line) -> &'a str {
    line.name.as_deref().unwrap_or(words.erased)
}

fn participants(words: &Words, full: &Full) -> String {
    let row = |line: &Line| {
        let name = name(words, line);
        let party = line.seat.as_ref().and_then(|seat| seat.party.as_deref());
        let texts = [words.role_name(line.role), party.unwrap_or_default()]
            .map(cell)
            .concat();
        let address = format!(
            "/admin/meetings/{}/participants/{}",
            full.summary.meeting.0, line.participant.0
        );
        let whom = escape(name);
        let spoken = format!("<span class=\"only-spoken\">: {whom}</span>");
        let new_link = format!(
            "<form method=\"post\" action=\"{address}/link\"><button class=\"quiet\">{}{spoken}</button></form>",
            escape(words.new_link)
        );
        let revoke = format!(
            "<a class=\"button grave\" href=\"{address}/revoke\">{}{spoken}</a>",
            escape(words.revoke)
        );
        format!(
            "<td>{}</td><th scope=\"row\">{whom}</th>{texts}<td>{new_link}{revoke}</td>",
            line.participant.0
        )
    };
    let headers = [words.number, words.name, words.role, words.party, words.invitation];
    let table = table(words.participants, &headers, full.participants.iter().map(row));
    format!(
        "{table}\n<form method=\"post\" action=\"/admin/meetings/{}/invitations\">\n<p class=\"hint\" id=\"all-hint\">{}</p>\n\
         <button class=\"quiet\" aria-describedby=\"all-hint\">{}</button>\n</form>",
        full.summary.meeting.0,
        escape(words.new_links_hint),
        escape(words.new_links)
    )
}

fn records(words: &Words, meeting: u32, has_time: bool) -> String {
    let link = |query: &str, what: &str| {
        format!(
            "<li><a href=\"/admin/meetings/{meeting}/{query}\">{}</a></li>\n",
            escape(what)
        )
    };
    let mut open = link("report", words.report) + &link("export", words.export);
    if has_time {
        open += &link("calendar", words.calendar);
    }
    let secret = link("report?secret=true", words.report) + &link("export?secret=true", words.export);
    format!(
        "<ul>\n{open}</ul>\n<details>\n<summary>{}</summary>\n<p>{}</p>\n<ul>\n{secret}</ul>\n</details>",
        escape(words.secret_records),
        escape(words.secret_warning)
    )
}

/// `POST …/link`
pub(super) async fn new_link(
    State(doors): State<Doors>,
    secretary: Secretary,
    At(Path((meeting, participant))): At<Path<(u32, u32)>>,
) -> Response {
    let (id, participant) = (MeetingId(meeting.into()), ParticipantId(participant));
    let invited = match doors.invite(&secretary.caller, id, participant).await {
        Ok(invited) => invited,
        Err(refused) => return secretary.refused(&refused),
    };
    let words = secretary.words;
    let whom = invited.name.clone().unwrap_or_else(|| words.erased.to_owned());
    let back = format!(
        "<p><a href=\"/admin/meetings/{meeting}\">{}</a></p>",
        escape(&invited.title)
    );
    let page = Page::new(words, &format!("{}: {whom}", words.new_link_made)).done(words.once);
    let table = links::shown(words, &doors, &[invited]);
    page.html(&table).html(&back).show().into_response()
}

/// `POST …/invitations`: a new link for everybody who may have one.
pub(super) async fn new_links(
    State(doors): State<Doors>,
    secretary: Secretary,
    At(Path(meeting)): At<Path<u32>>,
) -> Response {
    let invited = match doors.invite_all(&secretary.caller, MeetingId(meeting.into())).await {
        Ok(invited) => invited,
        Err(refused) => return secretary.refused(&refused),
    };
    let words = secretary.words;
    let back = format!(
        "<p><a href=\"/admin/meetings/{meeting}\">{}</a></p>",
        escape(words.to_meeting)
    );
    let page = Page::new(words, words.new_links_made).done(words.once);
    let table = links::shown(words, &doors, &invited);
    page.html(&table).html(&back).show().into_response()
}

/// `GET …/revoke`: asks before.
pub(super) async fn ask(
    State(doors): State<Doors>,
    secretary: Secretary,
    At(Path((meeting, participant))): At<Path<(u32, u32)>>,
) -> Response {
    let words = secretary.words;
    let full = match doors.meeting(MeetingId(meeting.into())).await {
        Ok(full) => full,
        Err(refused) => return secretary.refused(&refused),
    };
    let Some(line) = full.participants.iter().find(|line| line.participant.0 == participant) else {
        return secretary.refused(&crate::http::office::Refused::NoSuchParticipant);
    };
    let form = format!(
        "<p>{}</p>\n<form method=\"post\" class=\"ways\">\n<button class=\"grave\">{}</button>\n\
         <a href=\"/admin/meetings/{meeting}\">{}</a>\n</form>",
        escape(words.revoke_what),
        escape(words.revoke),
        escape(words.keep)
    );
    let title = format!("{} {}?", words.revoke_whom, name(words, line));
    Page::new(words, &title).html(&form).show().into_response()
}

/// `POST …/revoke`
pub(super) async fn revoke(
    State(doors): State<Doors>,
    secretary: Secretary,
    At(Path((meeting, participant))): At<Path<(u32, u32)>>,
) -> Response {
    let (id, whom) = (MeetingId(meeting.into()), ParticipantId(participant));
    match doors.revoke(&secretary.caller, id, whom).await {
        Ok(()) => to(&format!("/admin/meetings/{meeting}?revoked={participant}")),
        Err(refused) => secretary.refused(&refused),
    }
}
