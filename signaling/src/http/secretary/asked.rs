//! What a request says, read for a person: what cannot be read is told on a page, in their language.

use super::language;
use super::page::Page;
use super::words::Words;
use crate::http::Doors;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};

/// Something in the address.
pub(super) struct At<T>(pub(super) T);

impl<T: FromRequestParts<Doors>> FromRequestParts<Doors> for At<T> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, doors: &Doors) -> Result<Self, Response> {
        let read = T::from_request_parts(parts, doors).await;
        // Whatever is wrong with it, no such page is linked to.
        read.map(Self)
            .map_err(|_| told(language::of(&parts.headers), StatusCode::NOT_FOUND))
    }
}

/// Something that was sent.
pub(super) struct Sent<T>(pub(super) T);

impl<T: FromRequest<Doors>> FromRequest<Doors> for Sent<T> {
    type Rejection = Response;

    async fn from_request(request: Request, doors: &Doors) -> Result<Self, Response> {
        let words = language::of(request.headers());
        let read = T::from_request(request, doors).await;
        read.map(Self)
            .map_err(|refused| told(words, refused.into_response().status()))
    }
}

/// A request that cannot be read.
pub(super) fn told(words: &'static Words, status: StatusCode) -> Response {
    let text = match status {
        StatusCode::NOT_FOUND => words.not_found,
        StatusCode::PAYLOAD_TOO_LARGE => words.too_large,
        _ => words.unreadable,
    };
    let page = Page::new(words, words.office).alarm(text).back();
    (status, page.show()).into_response()
}
