//! Links that have just been made: shown once, copied, downloaded as a table or as calendar files. They come back in the
//! body of a form, since the server itself does not know them; never in an address, where logs and histories keep them.

use super::Secretary;
use super::asked::{At, Sent};
use super::page::{cell, table as table_of};
use super::words::Words;
use crate::http::Doors;
use crate::http::office::{Invited, Refused};
use crate::meeting::MeetingId;
use crate::report::Times;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use lika_auth::InvitationToken;
use lika_auth::html::escape;
use serde::Deserialize;

/// The links shown, by their secret parts, with spaces between.
#[derive(Deserialize)]
pub(super) struct Shown {
    tokens: String,
}

impl Shown {
    fn parsed(&self) -> Vec<InvitationToken> {
        let tokens = self.tokens.split(' ').filter_map(InvitationToken::parse);
        tokens.take(crate::meeting::roster::MAX_ROSTER).collect()
    }
}

/// A table of them.
pub(super) fn shown(words: &Words, doors: &Doors, invited: &[Invited]) -> String {
    let Some(first) = invited.first() else {
        return String::new();
    };
    let meeting = first.meeting.0;
    let all: Vec<_> = invited.iter().map(|one| one.token.reveal()).collect();
    let all: Vec<_> = all.iter().map(|token| token.as_str()).collect();
    let download = format!(
        "<form method=\"post\" action=\"/admin/meetings/{meeting}/links\">\n\
         <input type=\"hidden\" name=\"tokens\" value=\"{}\">\n<button>{}</button>\n</form>",
        all.join(" "),
        escape(words.all_links)
    );
    let row = |one: &Invited| {
        let (number, name) = (one.participant.0, one.name.as_deref().unwrap_or(words.erased));
        let (whom, link) = (escape(name), escape(&one.link(doors)));
        let field = format!(
            "<input class=\"link\" id=\"link-{number}\" readonly value=\"{link}\" aria-label=\"{} {whom}\">",
            escape(words.link_to)
        );
        let copy = format!(
            "<button type=\"button\" class=\"quiet\" hidden data-copy=\"link-{number}\" data-copied=\"{}\" \
             data-whom=\"{whom}\">{}<span class=\"only-spoken\">: {whom}</span></button>",
            escape(words.copied),
            escape(words.copy)
        );
        let calendar = match one.occasion.starts_ms {
            Some(_) => format!(
                "<form method=\"post\" action=\"/admin/meetings/{meeting}/calendar\">\
                 <input type=\"hidden\" name=\"tokens\" value=\"{}\"><button class=\"quiet\">{}\
                 <span class=\"only-spoken\">: {whom}</span></button></form>",
                one.token.reveal().as_str(),
                escape(words.calendar)
            ),
            None => escape(words.no_time),
        };
        format!(
            "<th scope=\"row\">{whom}</th>{}<td>{field} {copy}</td><td>{calendar}</td>",
            cell(words.role_name(one.role))
        )
    };
    let headers = [words.name, words.role, words.link, words.calendar];
    let table = table_of(words.link, &headers, invited.iter().map(row));
    format!("{download}\n<p id=\"said\" class=\"only-spoken\" role=\"status\"></p>\n{table}")
}

/// `POST …/links`: all of them as a table, for sending them out.
pub(super) async fn table(
    State(doors): State<Doors>,
    secretary: Secretary,
    At(Path(meeting)): At<Path<u32>>,
    Sent(Form(shown)): Sent<Form<Shown>>,
) -> Response {
    let invited = match doors.invited(MeetingId(meeting.into()), shown.parsed()).await {
        Ok(invited) => invited,
        Err(refused) => return secretary.refused(&refused),
    };
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (
            CONTENT_DISPOSITION,
            format!("attachment; filename=\"meeting-{meeting}-links.csv\""),
        ),
    ];
    (headers, spreadsheet(secretary.words, &doors, &invited)).into_response()
}

/// As Excel in Sweden opens it: semicolons, and a mark that says UTF-8.
fn spreadsheet(words: &Words, doors: &Doors, invited: &[Invited]) -> String {
    let times = Times::swedish();
    let header = [words.number, words.name, words.role, words.link].map(quoted).join(";");
    let row = |one: &Invited| {
        let name = one.name.as_deref().unwrap_or(words.erased);
        let number = one.participant.0.to_string();
        let cells = [&*number, name, words.role_name(one.role), &one.link(doors)].map(quoted);
        format!("{};{}\r\n", cells.join(";"), quoted(&times.day(one.expires_ms)))
    };
    let rows: String = invited.iter().map(row).collect();
    format!("\u{feff}{header};{}\r\n{rows}", quoted(words.good_until))
}

/// A cell that is text to every spreadsheet program: one that begins as a formula does is not run.
fn quoted(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let mark = if formula { "'" } else { "" };
    format!("\"{mark}{}\"", text.replace('"', "\"\""))
}

/// `POST …/calendar`: somebody's calendar file with their link.
pub(super) async fn calendar(
    State(doors): State<Doors>,
    secretary: Secretary,
    At(Path(meeting)): At<Path<u32>>,
    Sent(Form(shown)): Sent<Form<Shown>>,
) -> Response {
    let invited = match doors.invited(MeetingId(meeting.into()), shown.parsed()).await {
        Ok(invited) => invited,
        Err(refused) => return secretary.refused(&refused),
    };
    let Some(one) = invited.first() else {
        return secretary.refused(&Refused::NoSuchParticipant);
    };
    let Some(file) = one.calendar(&doors) else {
        return secretary.refused(&Refused::NoTime);
    };
    let name = format!("attachment; filename=\"meeting-{meeting}-{}.ics\"", one.participant.0);
    let headers = [
        (CONTENT_TYPE, "text/calendar; charset=utf-8".to_owned()),
        (CONTENT_DISPOSITION, name),
    ];
    (headers, file).into_response()
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn a_cell_is_text_and_never_a_formula() {
        assert_eq!(quoted("Åsa \"Å\" Påhittad; x"), "\"Åsa \"\"Å\"\" Påhittad; x\"");
        for begins in ['=', '+', '-', '@', '\t', '\r'] {
            assert_eq!(quoted(&format!("{begins}1+1")), format!("\"'{begins}1+1\""));
        }
    }
}
