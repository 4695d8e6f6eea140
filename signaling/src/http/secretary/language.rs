//! Which language somebody reads.

use super::words::{Words, words};
use super::{PATH, to};
use crate::http::session::presented_cookie;
use crate::report::Language;
use axum::extract::Path;
use axum::http::header::{ACCEPT_LANGUAGE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;

const COOKIE: &str = "__Host-lika-language";

/// What they have chosen, otherwise what their browser asks for first, otherwise Swedish.
pub(super) fn of(headers: &HeaderMap) -> &'static Words {
    let chosen = presented_cookie(headers, COOKIE).and_then(named);
    let asked = headers
        .get(ACCEPT_LANGUAGE)
        .and_then(|value| preferred(value.to_str().ok()?));
    words(chosen.or(asked).unwrap_or_default())
}

fn named(tag: &str) -> Option<Language> {
    match tag {
        "sv" => Some(Language::Sv),
        "en" => Some(Language::En),
        _ => None,
    }
}

/// The language with the highest weight (RFC 9110 section 12.5.4), the first of those with the same.
fn preferred(accepted: &str) -> Option<Language> {
    let languages = accepted.split(',').filter_map(|one| {
        let (range, weight) = one.split_once(";q=").unwrap_or((one, "1"));
        let tag = range.trim().split('-').next()?.to_ascii_lowercase();
        Some((named(&tag)?, weight.trim().parse::<f32>().ok()?))
    });
    let best = languages.reduce(|best, one| if one.1 > best.1 { one } else { best });
    best.map(|(language, _)| language)
}

/// `GET /admin/language/{tag}`
pub(super) async fn choose(Path(tag): Path<String>) -> Response {
    let mut response = to(PATH);
    if let Some(language) = named(&tag) {
        let tag = words(language).tag;
        let cookie = format!("{COOKIE}={tag}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=31536000");
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            response.headers_mut().insert(SET_COOKIE, cookie);
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use super::preferred;
    use crate::report::Language;

    #[test]
    fn the_browser_says_which_language_and_with_what_weight() {
        assert_eq!(preferred("sv-SE,sv;q=0.9,en;q=0.8"), Some(Language::Sv));
        assert_eq!(preferred("en-GB,en;q=0.9"), Some(Language::En));
        assert_eq!(preferred("fi, sv;q=0.3, en;q=0.7"), Some(Language::En));
        assert_eq!(preferred("fi"), None);
        assert_eq!(preferred("en;q=much"), None);
    }
}
