//! Sends logout tokens.

use super::logout::LogoutNotice;
use reqwest::header::CONTENT_TYPE;
use std::time::Duration;
use tokio::task::JoinSet;

/// A client that does not answer keeps the person who logs out waiting no longer.
const ANSWER_WITHIN: Duration = Duration::from_secs(3);

/// Tells every client at once (Back-Channel Logout 1.0 section 2.5). Who cannot be told is named in the log.
pub(super) async fn send(http: &reqwest::Client, notices: Vec<LogoutNotice>) {
    let mut calls: JoinSet<()> = notices
        .into_iter()
        .map(|notice| {
            let http = http.clone();
            async move { tell(&http, &notice).await }
        })
        .collect();
    while calls.join_next().await.is_some() {}
}

async fn tell(http: &reqwest::Client, notice: &LogoutNotice) {
    let body = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("logout_token", &notice.token)
        .finish();
    let call = http
        .post(&notice.uri)
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .timeout(ANSWER_WITHIN)
        .body(body)
        .send();
    match call.await.and_then(reqwest::Response::error_for_status) {
        Ok(_) => tracing::debug!(uri = notice.uri, "a client was told of a logout"),
        Err(error) => tracing::warn!(uri = notice.uri, %error, "a client could not be told of a logout"),
    }
}
