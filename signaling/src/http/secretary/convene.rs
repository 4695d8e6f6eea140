//! Convening a meeting with a form.

use super::asked::{self, Sent};
use super::page::{Page, cell, table};
use super::rules::{ADJOURNMENT_LIMIT, RECONNECT_LIMIT, RETURNS, Rules};
use super::words::Words;
use super::{Secretary, form_data, links, to};
use crate::convene::csv::{self, Trouble};
use crate::convene::{ConveneError, Invitee, Matter, Notice, When};
use crate::http::Doors;
use crate::http::office::{Asked, Outcome, Refused};
use crate::meeting::MeetingId;
use crate::meeting::identity::FRESH_WITHIN_MS;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use lika_auth::html::escape;
use lika_auth::{Assurance, RequestKey, Secret};

const HOUR_MS: i64 = 60 * 60 * 1000;

/// What was written in the form.
#[derive(Default)]
struct Form {
    title: String,
    body: String,
    date: String,
    starts: String,
    ends: String,
    place: String,
    requires: Assurance,
    council: bool,
    rules: Rules,
    rehearsal: bool,
    agenda: String,
    roster_file: Vec<u8>,
    roster_text: String,
    /// So that a form sent twice convenes one meeting.
    key: String,
    /// All but the key, as it was sent: the same key with anything else is another meeting.
    sent: Vec<u8>,
}

/// Why there is no meeting.
enum Wrong {
    Rows(Vec<Trouble>),
    Text(String),
}

impl Form {
    /// `None`: it is no such form.
    fn read(content_type: &str, body: &[u8]) -> Option<Self> {
        let fields = form_data::fields(form_data::boundary(content_type)?, body)?;
        let mut form = Self::default();
        for field in fields {
            let text = || String::from_utf8_lossy(field.value).trim().to_owned();
            if field.name != "key" {
                form.sent.extend_from_slice(field.name.as_bytes());
                form.sent.extend_from_slice(&field.value.len().to_be_bytes());
                form.sent.extend_from_slice(field.value);
            }
            match &*field.name {
                "title" => form.title = text(),
                "body" => form.body = text(),
                "date" => form.date = text(),
                "starts" => form.starts = text(),
                "ends" => form.ends = text(),
                "place" => form.place = text(),
                "requires" => form.requires = level(&text()),
                "council" => form.council = true,
                RECONNECT_LIMIT => form.rules.reconnect_limit = text(),
                ADJOURNMENT_LIMIT => form.rules.adjournment_limit = text(),
                RETURNS => form.rules.returns = text(),
                "rehearsal" => form.rehearsal = true,
                "agenda" => form.agenda = text(),
                "roster_file" => form.roster_file = field.value.to_vec(),
                "roster_text" => form.roster_text = String::from_utf8_lossy(field.value).into_owned(),
                "key" => form.key = text(),
                _ => {}
            }
        }
        Some(form)
    }

    fn with_another_key(self) -> Result<Self, Refused> {
        let key = Secret::<16>::random().map_err(|_| Refused::Unavailable)?;
        Ok(Self {
            key: key.reveal().to_string(),
            ..self
        })
    }

    /// The meeting, and the columns that were not used.
    fn notice(&self, words: &Words) -> Result<(Notice, Vec<String>), Wrong> {
        let roster = match (self.roster_file.is_empty(), self.roster_text.trim().is_empty()) {
            (false, _) => csv::read(&self.roster_file),
            (true, false) => csv::read(self.roster_text.as_bytes()),
            (true, true) => return Err(Wrong::Text(words.roster_none.into())),
        };
        let csv::Roster { participants, ignored } = roster.map_err(Wrong::Rows)?;
        Ok((self.with(words, participants)?, ignored))
    }

    fn with(&self, words: &Words, participants: Vec<Invitee>) -> Result<Notice, Wrong> {
        Ok(Notice {
            title: self.title.clone(),
            body: self.body.clone(),
            starts: self.time(words, &self.starts)?,
            ends: self.time(words, &self.ends)?,
            place: Some(self.place.clone()).filter(|place| !place.is_empty()),
            test: self.rehearsal,
            requires: self.requires,
            fresh_within_hours: u16::try_from(FRESH_WITHIN_MS / HOUR_MS).unwrap_or(u16::MAX),
            rulebook: self.rules.rulebook(words, self.council).map_err(Wrong::Text)?,
            participants,
            items: self.agenda.lines().filter_map(matter).collect(),
        })
    }

    /// A time of the day, if there is one.
    fn time(&self, words: &Words, clock: &str) -> Result<Option<When>, Wrong> {
        if clock.is_empty() {
            return match self.date.is_empty() || !self.starts.is_empty() {
                true => Ok(None),
                false => Err(Wrong::Text(words.bad_time.into())),
            };
        }
        let when = When::parse(&format!("{} {clock}", self.date));
        when.map(Some).ok_or_else(|| Wrong::Text(words.bad_time.into()))
    }
}

fn level(text: &str) -> Assurance {
    match text {
        "loa2" => Assurance::Loa2,
        "loa3" => Assurance::Loa3,
        "loa4" => Assurance::Loa4,
        _ => Assurance::Open,
    }
}

/// A line of the agenda: secret if a star stands before it.
fn matter(line: &str) -> Option<Matter> {
    let (secret, title) = match line.trim().strip_prefix('*') {
        Some(title) => (true, title.trim()),
        None => (false, line.trim()),
    };
    (!title.is_empty()).then(|| Matter {
        title: title.to_owned(),
        secret,
        requires: None,
    })
}

/// `GET /admin/meetings/new`
pub(super) async fn form(secretary: Secretary) -> Response {
    let words = secretary.words;
    match Form::default().with_another_key() {
        Ok(form) => Page::new(words, words.convene)
            .html(&written(words, &form))
            .back()
            .show()
            .into_response(),
        Err(refused) => secretary.refused(&refused),
    }
}

/// `POST /admin/meetings`
pub(super) async fn convene(
    State(doors): State<Doors>,
    secretary: Secretary,
    headers: HeaderMap,
    Sent(body): Sent<Bytes>,
) -> Response {
    let words = secretary.words;
    let content_type = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let Some(form) = content_type.and_then(|kind| Form::read(kind, &body)) else {
        return asked::told(words, StatusCode::BAD_REQUEST);
    };
    let (notice, ignored) = match form.notice(words) {
        Ok(read) => read,
        Err(wrong) => return again(words, &form, &wrong),
    };
    let asked = Asked {
        key: RequestKey::of(secretary.caller.name(), &form.key),
        body: form.sent.clone(),
    };
    match doors.convene(&secretary.caller, notice, Some(asked)).await {
        Ok(Outcome::Convened { invitations, .. }) => {
            let mut page = Page::new(words, words.convened).done(words.once);
            if !ignored.is_empty() {
                page = page.html(&format!(
                    "<p>{} {}</p>",
                    escape(words.ignored),
                    escape(&ignored.join(", "))
                ));
            }
            page.html(&links::shown(words, &doors, &invitations))
                .back()
                .show()
                .into_response()
        }
        // The links have been shown once; where new ones are made is the meeting's own page.
        Ok(Outcome::Before(MeetingId(meeting))) => to(&format!("/admin/meetings/{meeting}?before=1")),
        Err(Refused::OtherRequest) => match form.with_another_key() {
            Ok(form) => again(words, &form, &Wrong::Text(words.other_request.into())),
            Err(refused) => secretary.refused(&refused),
        },
        Err(Refused::Meeting(error)) => again(words, &form, &Wrong::Text(words.cannot_be(&error))),
        Err(refused) => secretary.refused(&refused),
    }
}

/// The form once more, with what is wrong above it.
fn again(words: &'static Words, form: &Form, wrong: &Wrong) -> Response {
    let report = match wrong {
        Wrong::Text(text) => format!("<p>{}</p>", escape(text)),
        Wrong::Rows(troubles) => {
            let headers = [words.row, words.column, words.written, words.remedy];
            table(words.remedy, &headers, troubles.iter().map(|one| row(words, one)))
        }
    };
    let alarm = format!(
        "<div class=\"alarm\" role=\"alert\">\n<h2>{}</h2>\n<p>{}</p>\n{report}\n</div>",
        escape(words.not_convened),
        escape(words.choose_again)
    );
    let page = Page::new(words, words.convene)
        .html(&alarm)
        .html(&written(words, form))
        .back();
    (StatusCode::UNPROCESSABLE_ENTITY, page.show()).into_response()
}

fn row(words: &Words, trouble: &Trouble) -> String {
    let row = trouble
        .row
        .map_or_else(|| words.whole_file.to_owned(), |row| row.to_string());
    let (column, value) = (trouble.column.as_deref(), trouble.value.as_deref());
    let rest = [
        column.unwrap_or_default(),
        value.unwrap_or_default(),
        &words.trouble(trouble.problem),
    ]
    .map(cell);
    format!("<th scope=\"row\">{}</th>{}", escape(&row), rest.concat())
}

/// The form, with what was written in it.
fn written(words: &Words, form: &Form) -> String {
    let groups = [
        field(
            words,
            "title",
            words.title,
            Some(words.title_hint),
            "maxlength=\"190\" required",
            &form.title,
        ),
        field(
            words,
            "body",
            words.body,
            Some(words.body_hint),
            "maxlength=\"200\" required",
            &form.body,
        ),
        times(words, form),
        field(words, "place", words.place, None, "maxlength=\"200\"", &form.place),
        levels(words, form.requires),
        check("council", words.council, words.council_hint, form.council),
        form.rules.fields(words),
        check("rehearsal", words.rehearsal, words.rehearsal_hint, form.rehearsal),
        text_area("agenda", words.agenda, words.agenda_hint, &form.agenda),
        roster(words, form),
    ];
    format!(
        "<form method=\"post\" action=\"/admin/meetings\" enctype=\"multipart/form-data\">\n\
         <input type=\"hidden\" name=\"key\" value=\"{}\">\n{}<button>{}</button>\n</form>",
        escape(&form.key),
        groups.concat(),
        escape(words.convene)
    )
}

fn field(words: &Words, name: &str, label: &str, hint: Option<&str>, more: &str, value: &str) -> String {
    let optional = if more.contains("required") {
        String::new()
    } else {
        format!(" ({})", words.optional)
    };
    let (hint, described) = match hint {
        Some(hint) => (
            format!("<p class=\"hint\" id=\"{name}-hint\">{}</p>\n", escape(hint)),
            format!(" aria-describedby=\"{name}-hint\""),
        ),
        None => (String::new(), String::new()),
    };
    format!(
        "<div class=\"field\">\n<label for=\"{name}\">{}{}</label>\n{hint}\
         <input type=\"text\" id=\"{name}\" name=\"{name}\" value=\"{}\" {more}{described}>\n</div>\n",
        escape(label),
        escape(&optional),
        escape(value)
    )
}

fn times(words: &Words, form: &Form) -> String {
    let part = |name: &str, label: &str, kind: &str, value: &str| {
        format!(
            "<div class=\"field\">\n<label for=\"{name}\">{}</label>\n\
             <input type=\"{kind}\" id=\"{name}\" name=\"{name}\" value=\"{}\">\n</div>\n",
            escape(label),
            escape(value)
        )
    };
    let parts = part("date", words.date, "date", &form.date)
        + &part("starts", words.starts, "time", &form.starts)
        + &part("ends", words.ends, "time", &form.ends);
    format!(
        "<fieldset>\n<legend>{}</legend>\n<p class=\"hint\">{}</p>\n<div class=\"row\">\n{parts}</div>\n</fieldset>\n",
        escape(words.when),
        escape(words.time_hint)
    )
}

fn levels(words: &Words, chosen: Assurance) -> String {
    let option = |(value, level): (&str, Assurance)| {
        let selected = if level == chosen { " selected" } else { "" };
        format!(
            "<option value=\"{value}\"{selected}>{}</option>\n",
            escape(words.level_name(level))
        )
    };
    let levels = [
        ("open", Assurance::Open),
        ("loa2", Assurance::Loa2),
        ("loa3", Assurance::Loa3),
        ("loa4", Assurance::Loa4),
    ];
    format!(
        "<div class=\"field\">\n<label for=\"requires\">{}</label>\n<select id=\"requires\" name=\"requires\">\n{}\
         </select>\n</div>\n",
        escape(words.requires),
        levels.map(option).concat()
    )
}

fn check(name: &str, label: &str, hint: &str, checked: bool) -> String {
    let checked = if checked { " checked" } else { "" };
    format!(
        "<div class=\"field check\">\n<input type=\"checkbox\" id=\"{name}\" name=\"{name}\" value=\"yes\"{checked} \
         aria-describedby=\"{name}-hint\"> <label for=\"{name}\">{}</label>\n\
         <p class=\"hint\" id=\"{name}-hint\">{}</p>\n</div>\n",
        escape(label),
        escape(hint)
    )
}

fn text_area(name: &str, label: &str, hint: &str, value: &str) -> String {
    format!(
        "<div class=\"field\">\n<label for=\"{name}\">{}</label>\n<p class=\"hint\" id=\"{name}-hint\">{}</p>\n\
         <textarea id=\"{name}\" name=\"{name}\" aria-describedby=\"{name}-hint\" spellcheck=\"false\">\n{}</textarea>\n\
         </div>\n",
        escape(label),
        escape(hint),
        escape(value)
    )
}

fn roster(words: &Words, form: &Form) -> String {
    format!(
        "<fieldset>\n<legend>{}</legend>\n<p class=\"hint\" id=\"roster-hint\">{}</p>\n<div class=\"field\">\n\
         <label for=\"roster_file\">{}</label>\n<input type=\"file\" id=\"roster_file\" name=\"roster_file\" \
         accept=\".csv,.txt,text/csv,text/plain\" aria-describedby=\"roster-hint\">\n</div>\n{}</fieldset>\n",
        escape(words.roster),
        escape(words.roster_hint),
        escape(words.roster_file),
        text_area(
            "roster_text",
            words.roster_text,
            words.roster_text_hint,
            &form.roster_text
        )
    )
}

impl Words {
    /// Why the meeting cannot be as it is described.
    fn cannot_be(&self, error: &ConveneError) -> String {
        use crate::meeting::PlanError;
        let sv = self.tag == "sv";
        match error {
            ConveneError::Plan(PlanError::NoSuchItem { participant, item }) if sv => {
                format!("Person {participant} i röstlängden är inbjuden till ärende {item}, som inte finns.")
            }
            ConveneError::Plan(PlanError::OnlyGuests(participant)) if sv => {
                format!(
                    "Person {participant} i röstlängden är inbjuden till ett enda ärende; det kan bara gäster vara."
                )
            }
            ConveneError::NoMandateLeft(participant) if sv => {
                format!(
                    "Person {participant} i röstlängden har inget mandat, och inget nummer är ledigt. Numrera mandaten från 1."
                )
            }
            ConveneError::Plan(PlanError::TooManyItems(items)) if sv => format!("{items} ärenden är för många."),
            ConveneError::Plan(PlanError::Text(_)) if sv => {
                "Rubriken, organet och varje ärende måste vara en rad med 1 till 200 tecken.".into()
            }
            ConveneError::Occasion(crate::convene::OccasionError::Ends) if sv => {
                "Sammanträdet måste sluta efter att det har börjat, och en sluttid behöver en starttid.".into()
            }
            ConveneError::Occasion(crate::convene::OccasionError::TooFar) if sv => {
                "Sammanträdet börjar om mer än två år. Kontrollera årtalet.".into()
            }
            ConveneError::Occasion(crate::convene::OccasionError::Past) if sv => {
                "Sammanträdet börjar för mer än ett dygn sedan. Kontrollera årtalet.".into()
            }
            ConveneError::Occasion(crate::convene::OccasionError::Place) if sv => {
                "Lokalen måste vara en rad med högst 200 tecken.".into()
            }
            other if sv => format!("Uppgifterna går inte ihop: {other}"),
            other => other.to_string(),
        }
    }

    fn trouble(&self, problem: csv::Problem) -> String {
        match self.tag {
            "sv" => problem.swedish(),
            _ => problem.english(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::matter;

    #[test]
    fn a_star_makes_an_item_secret() {
        let read = |line| matter(line).map(|one| (one.title, one.secret));
        assert_eq!(read(" Budget "), Some(("Budget".into(), false)));
        assert_eq!(read("* Upphandling"), Some(("Upphandling".into(), true)));
        assert_eq!((read("  "), read("*")), (None, None));
    }
}
