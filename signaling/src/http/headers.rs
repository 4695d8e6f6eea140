//! Headers of every response: what the browser is to refuse.

use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderValue, Response};

/// Only what this server itself serves (CSP Level 3): no inline script or style, no frame around the page.
const CONTENT_SECURITY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; \
     media-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'none'; \
     form-action 'self'; frame-ancestors 'none'";
/// Camera, microphone, screen and loudspeaker for the page itself; nothing else a browser might offer.
const PERMISSIONS: &str = "camera=(self), microphone=(self), display-capture=(self), speaker-selection=(self), \
     screen-wake-lock=(self), fullscreen=(self), geolocation=(), payment=(), usb=(), serial=(), bluetooth=(), midi=()";

const STRICT: [(HeaderName, &str); 6] = [
    (CONTENT_SECURITY_POLICY, CONTENT_SECURITY),
    // Two years, as browsers' preload lists ask.
    (STRICT_TRANSPORT_SECURITY, "max-age=63072000"),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (HeaderName::from_static("permissions-policy"), PERMISSIONS),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// For pages with forms: with no-referrer a browser says `Origin: null` of a form that is sent (Fetch, section 3.2), and it
/// could not be told from a form of somebody else's. Their addresses have nothing secret in them.
pub(super) const FORMS: (HeaderName, HeaderValue) = (REFERRER_POLICY, HeaderValue::from_static("same-origin"));

/// Adds them. What says nothing about caching is not cached, what says nothing about referrers has none.
pub(crate) async fn strict<B>(mut response: Response<B>) -> Response<B> {
    let headers = response.headers_mut();
    for (name, value) in STRICT {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers
        .entry(REFERRER_POLICY)
        .or_insert(HeaderValue::from_static("no-referrer"));
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}
