//! The secretary's page: what the API does, for a person. It works without script, with a keyboard and a screen reader;
//! Swedish first, English by the browser's wish or by the link at the top.

mod asked;
mod convene;
mod form_data;
mod language;
mod links;
mod list;
mod meeting;
mod page;
mod records;
mod rules;
mod sign_in;
mod words;

use super::admin::{Caller, NotAllowed, signed_in};
use super::headers::FORMS;
use super::metrics::Fault;
use super::notice::Notice;
use super::office::Refused;
use super::origin::is_foreign;
use super::{Connection, Doors};
use axum::Router;
use axum::extract::FromRequestParts;
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use page::Page;
use words::Words;

/// Its front.
pub(super) const PATH: &str = "/admin";

/// Every address of the page.
pub(super) fn routes() -> Router<Doors> {
    let participant = "/admin/meetings/{meeting}/participants/{participant}";
    Router::new()
        .route(PATH, get(list::list))
        .route("/admin/sign-in", get(sign_in::form).post(sign_in::sign_in))
        .route("/admin/sign-out", post(sign_in::sign_out))
        .route("/admin/language/{tag}", get(language::choose))
        .route("/admin/meetings/new", get(convene::form))
        .route("/admin/meetings", get(async || to(PATH)).post(convene::convene))
        .route("/admin/meetings/{meeting}", get(meeting::show))
        .route("/admin/meetings/{meeting}/links", post(links::table))
        .route("/admin/meetings/{meeting}/invitations", post(meeting::new_links))
        .route(
            "/admin/meetings/{meeting}/calendar",
            get(records::calendar).post(links::calendar),
        )
        .route(&format!("{participant}/link"), post(meeting::new_link))
        .route(
            &format!("{participant}/revoke"),
            get(meeting::ask).post(meeting::revoke),
        )
        .route(page::STYLE_PATH, get(style))
        .route(page::SCRIPT_PATH, get(script))
        .layer(axum::middleware::map_response(sends_forms))
}

/// Those whose answers may take as long as the API's records.
pub(super) fn slow_routes() -> Router<Doors> {
    Router::new()
        .route("/admin/meetings/{meeting}/export", get(records::export))
        .route("/admin/meetings/{meeting}/report", get(records::report))
        .layer(axum::middleware::map_response(sends_forms))
}

async fn sends_forms(mut response: Response) -> Response {
    let (name, value) = FORMS;
    response.headers_mut().insert(name, value);
    response
}

async fn style() -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("style.css"))
}

async fn script() -> impl IntoResponse {
    (
        [(CONTENT_TYPE, "text/javascript; charset=utf-8")],
        include_str!("copy.js"),
    )
}

/// Whoever has logged in, and their language.
struct Secretary {
    caller: Caller,
    words: &'static Words,
}

/// Why the page is not shown.
enum Turned {
    /// To the login.
    Away,
    /// What was sent would be lost on the way to the login.
    LoggedOut,
    TooManyAttempts,
    ForeignForm,
}

impl FromRequestParts<Doors> for Secretary {
    type Rejection = Turned;

    async fn from_request_parts(parts: &mut Parts, doors: &Doors) -> Result<Self, Turned> {
        let connection = parts.extensions.get::<Connection>();
        let peer = connection.map(|connection| connection.peer.ip());
        let caller = match signed_in(doors, &parts.headers, peer) {
            Ok(caller) => caller,
            Err(NotAllowed::TooManyAttempts) => return Err(Turned::TooManyAttempts),
            Err(_) if parts.method.is_safe() || is_foreign(doors, &parts.headers) => return Err(Turned::Away),
            Err(_) => return Err(Turned::LoggedOut),
        };
        if parts.method != Method::GET && is_foreign(doors, &parts.headers) {
            return Err(Turned::ForeignForm);
        }
        let words = language::of(&parts.headers);
        Ok(Self { caller, words })
    }
}

impl IntoResponse for Turned {
    fn into_response(self) -> Response {
        match self {
            Self::Away => to("/admin/sign-in"),
            Self::LoggedOut => Notice::AdministratorOut.into_response(),
            Self::TooManyAttempts => Notice::TooManyAttempts.into_response(),
            Self::ForeignForm => Notice::ForeignForm.into_response(),
        }
    }
}

/// Goes on there with a GET.
fn to(address: &str) -> Response {
    (StatusCode::SEE_OTHER, [(LOCATION, address.to_owned())]).into_response()
}

impl Secretary {
    /// What could not be done, as a page.
    fn refused(&self, refused: &Refused) -> Response {
        let words = self.words;
        let (status, text) = match refused {
            Refused::NoSuchMeeting | Refused::NoSuchParticipant => (StatusCode::NOT_FOUND, words.not_found),
            Refused::NoTime => (StatusCode::CONFLICT, words.no_time),
            Refused::Meeting(_) | Refused::OtherRequest => (StatusCode::UNPROCESSABLE_ENTITY, words.not_convened),
            Refused::CannotWithhold => (StatusCode::CONFLICT, words.cannot_withhold),
            Refused::Underway => (StatusCode::CONFLICT, words.underway),
            Refused::Busy => (StatusCode::SERVICE_UNAVAILABLE, words.busy),
            Refused::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, words.unavailable),
        };
        let page = Page::new(words, words.office).alarm(text).back();
        let mut answer = (status, page.show()).into_response();
        if matches!(refused, Refused::Unavailable) {
            answer.extensions_mut().insert(Fault);
        }
        answer
    }
}
