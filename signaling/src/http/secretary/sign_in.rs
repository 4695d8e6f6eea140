//! Coming in: by a login with the administrators' group, or with the machine's own token, once.

use super::asked::Sent;
use super::page::Page;
use super::words::Words;
use super::{PATH, language, to};
use crate::http::notice::Notice;
use crate::http::origin::is_foreign;
use crate::http::{Connection, Doors};
use axum::extract::State;
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Form};
use lika_auth::html::escape;
use serde::Deserialize;

/// The form with the machine's token.
#[derive(Deserialize)]
pub(super) struct Presented {
    token: String,
}

/// `GET /admin/sign-in`
pub(super) async fn form(State(doors): State<Doors>, headers: HeaderMap) -> Response {
    page(&doors, language::of(&headers), None).into_response()
}

/// `POST /admin/sign-in`
pub(super) async fn sign_in(
    State(doors): State<Doors>,
    Extension(connection): Extension<Connection>,
    headers: HeaderMap,
    Sent(Form(Presented { token })): Sent<Form<Presented>>,
) -> Response {
    if is_foreign(&doors, &headers) {
        return Notice::ForeignForm.into_response();
    }
    let words = language::of(&headers);
    if !doors.guesses.may_try(connection.peer.ip()) {
        let refused = page(&doors, words, Some(words.too_many));
        return (StatusCode::TOO_MANY_REQUESTS, refused).into_response();
    }
    let cookie = match doors.admins.is_local(token.trim()) {
        true => doors.admins.sign_in(doors.clock.now_ms()),
        false => None,
    };
    match cookie.and_then(|cookie| HeaderValue::from_str(&cookie).ok()) {
        Some(cookie) => {
            tracing::info!("an administrator signed in with the machine's token");
            let mut response = to(PATH);
            response.headers_mut().insert(SET_COOKIE, cookie);
            response
        }
        None => (StatusCode::FORBIDDEN, page(&doors, words, Some(words.token_wrong))).into_response(),
    }
}

/// `POST /admin/sign-out`
pub(super) async fn sign_out(State(doors): State<Doors>, headers: HeaderMap) -> Response {
    if is_foreign(&doors, &headers) {
        return Notice::ForeignForm.into_response();
    }
    let mut response = to("/admin/sign-in");
    if let Ok(cookie) = HeaderValue::from_str(&doors.admins.sign_out(&headers)) {
        response.headers_mut().insert(SET_COOKIE, cookie);
    }
    response
}

fn page(doors: &Doors, words: &'static Words, wrong: Option<&str>) -> impl IntoResponse + use<> {
    let mut page = Page::outside(words, words.sign_in).html(&format!("<p>{}</p>", escape(words.sign_in_how)));
    if let Some(wrong) = wrong {
        page = page.alarm(wrong);
    }
    if doors.admin_group.is_some() {
        let link = format!(
            "<p><a class=\"button\" href=\"/sign-in\">{}</a></p>",
            escape(words.sign_in_with)
        );
        page = page.html(&link);
    }
    let form = format!(
        "<form method=\"post\" action=\"/admin/sign-in\">\n<div class=\"field\">\n\
         <label for=\"token\">{}</label>\n<p class=\"hint\" id=\"token-hint\">{}</p>\n\
         <input type=\"password\" id=\"token\" name=\"token\" required autocomplete=\"off\" \
         aria-describedby=\"token-hint\">\n</div>\n<button>{}</button>\n</form>",
        escape(words.token),
        escape(words.token_hint),
        escape(words.sign_in)
    );
    page.html(&form).show()
}
