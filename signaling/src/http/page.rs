//! The page, embedded in the binary.

use super::notice::Notice;
use axum::http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rust_embed::{EmbeddedFile, RustEmbed};

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/web/dist"]
struct Built;

/// Vite puts what has its content's hash in its name there.
const HASHED: &str = "assets/";

/// The address without an invitation.
pub(super) async fn front() -> Notice {
    Notice::Front
}

/// The meeting. The page is the same for everybody; the WebSocket asks for the session.
pub(super) async fn meeting(headers: HeaderMap) -> Response {
    match Built::get("index.html") {
        Some(page) => serve(page, "text/html; charset=utf-8", "no-cache", &headers),
        None => Notice::PageNotBuilt.into_response(),
    }
}

/// Any other file of the page.
pub(super) async fn file(uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    let Some(file) = Built::get(path).filter(|_| path != "index.html") else {
        let wants_page = headers
            .get(ACCEPT)
            .is_some_and(|accept| accept.as_bytes().starts_with(b"text/html"));
        return if wants_page {
            Notice::NotFound.into_response()
        } else {
            StatusCode::NOT_FOUND.into_response()
        };
    };
    let kind = mime_guess::from_path(path).first_or_octet_stream();
    let caching = if path.starts_with(HASHED) {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    serve(file, kind.as_ref(), caching, &headers)
}

fn serve(file: EmbeddedFile, kind: &str, caching: &str, headers: &HeaderMap) -> Response {
    let tag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(file.metadata.sha256_hash()));
    if headers
        .get(IF_NONE_MATCH)
        .is_some_and(|known| known.as_bytes() == tag.as_bytes())
    {
        return (StatusCode::NOT_MODIFIED, [(ETAG, tag), (CACHE_CONTROL, caching.into())]).into_response();
    }
    let headers = [
        (CONTENT_TYPE, kind.to_owned()),
        (CACHE_CONTROL, caching.into()),
        (ETAG, tag),
    ];
    (headers, file.data).into_response()
}
