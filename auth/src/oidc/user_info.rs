//! The UserInfo response (OpenID Connect Core 1.0 section 5.3). Done here and not by openidconnect: its request panics on an
//! access token that cannot be a header's value, and its verifier takes RS256 alone for signed responses.

use super::error::{OidcError, TokenError};
use super::http::Http;
use super::keys::{Claims, check_times, is_audience, text, verify};
use openidconnect::core::CoreJsonWebKeySet;
use openidconnect::http::{HeaderValue, Method, header};
use openidconnect::{AccessToken, HttpRequest, HttpResponse};
use url::Url;

/// Whom a UserInfo response must be from, for and about.
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a str,
    pub(super) client_id: &'a str,
    pub(super) subject: &'a str,
    pub(super) now_ms: i64,
}

/// Asks for the response. It is read by [`read`].
pub(super) async fn fetch(http: &Http, endpoint: &Url, access_token: &AccessToken) -> Result<HttpResponse, OidcError> {
    let malformed = |what: &str| OidcError::UserInfo(TokenError::Malformed(what.into()));
    let bearer = HeaderValue::from_str(&format!("Bearer {}", access_token.secret()))
        .map_err(|_| malformed("the access token cannot be sent"))?;
    let mut request = HttpRequest::new(Vec::new());
    *request.method_mut() = Method::GET;
    *request.uri_mut() = endpoint.as_str().parse().map_err(|_| malformed("its address"))?;
    let headers = request.headers_mut();
    headers.insert(header::AUTHORIZATION, bearer);
    headers.insert(
        header::ACCEPT,
        HeaderValue::from_static("application/json, application/jwt"),
    );
    let answer = http.send(request).await?;
    match answer.status().is_success() {
        true => Ok(answer),
        false => Err(malformed(&format!("it is answered with status {}", answer.status()))),
    }
}

/// Reads and checks a response, signed or not.
pub(super) fn read(
    answer: &HttpResponse,
    keys: &CoreJsonWebKeySet,
    expected: &Expected<'_>,
) -> Result<Claims, TokenError> {
    let claims = match is_signed(answer) {
        true => signed(answer.body(), keys, expected)?,
        false => {
            serde_json::from_slice(answer.body()).map_err(|_| TokenError::Malformed("it is no JSON object".into()))?
        }
    };
    if text(&claims, "sub") != Some(expected.subject) {
        return Err(TokenError::Subject);
    }
    Ok(claims)
}

fn is_signed(answer: &HttpResponse) -> bool {
    answer
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .is_some_and(|kind| kind.to_ascii_lowercase().starts_with("application/jwt"))
}

fn signed(body: &[u8], keys: &CoreJsonWebKeySet, expected: &Expected<'_>) -> Result<Claims, TokenError> {
    let token = std::str::from_utf8(body).map_err(|_| TokenError::Malformed("it is no text".into()))?;
    let claims = verify(token.trim(), keys, &["jwt", "jose", "userinfo+jwt"])?;
    if text(&claims, "iss") != Some(expected.issuer) {
        return Err(TokenError::Issuer);
    }
    if !is_audience(&claims, expected.client_id) {
        return Err(TokenError::Audience);
    }
    check_times(&claims, expected.now_ms)?;
    Ok(claims)
}
