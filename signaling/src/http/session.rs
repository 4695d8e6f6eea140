//! The session cookie.

use super::Doors;
use axum::http::HeaderMap;
use axum::http::header::COOKIE;
use lika_auth::session::{ABSOLUTE_LIMIT_MS, COOKIE as NAME};
use lika_auth::{Session, SessionToken};

/// The session token that the browser presents, if any.
pub fn presented(headers: &HeaderMap) -> Option<SessionToken> {
    presented_cookie(headers, NAME).and_then(SessionToken::parse)
}

/// The value of a cookie that the browser presents, if any.
pub(super) fn presented_cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(one, _)| *one == name).map(|(_, value)| value)
}

/// `Set-Cookie` when the session is over.
pub(super) fn no_cookie() -> String {
    format!("{NAME}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0")
}

/// `Set-Cookie` for a new session.
#[must_use]
pub fn cookie(token: &SessionToken) -> String {
    let seconds = ABSOLUTE_LIMIT_MS / 1000;
    format!(
        "{NAME}={}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={seconds}",
        token.reveal().as_str()
    )
}

/// The session in force that the browser presents, if any. A store that fails lets nobody in.
pub async fn signed_in(doors: &Doors, headers: &HeaderMap) -> Option<Session> {
    in_force(doors, presented(headers)?).await
}

/// The session of this token, if it is in force. A store that fails lets nobody in.
pub async fn in_force(doors: &Doors, token: SessionToken) -> Option<Session> {
    let now_ms = doors.clock.now_ms();
    match doors.identities.ask(move |store| store.session(&token, now_ms)).await {
        Ok(Ok(session)) => session,
        Ok(Err(error)) => {
            tracing::error!(%error, "a session could not be looked up");
            None
        }
        Err(error) => {
            tracing::error!(%error, "a session could not be looked up");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{cookie, presented};
    use axum::http::{HeaderMap, HeaderValue};
    use lika_auth::SessionToken;

    #[test]
    fn the_cookie_comes_back_among_others() {
        let token = SessionToken::random().unwrap();
        let set = cookie(&token);
        assert!(set.ends_with("; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=86400"));
        let pair = set.split(';').next().unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(
            "cookie",
            HeaderValue::from_str(&format!("lika=x; {pair}; other=1")).unwrap(),
        );
        assert_eq!(presented(&headers), Some(token));
        headers.insert("cookie", HeaderValue::from_static("__Host-lika=short"));
        assert_eq!(presented(&headers), None);
    }
}
