//! How long an answer may take, and what is said when it takes longer.

use super::api;
use super::notice::Notice;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::time::Duration;
use tokio::time::timeout;

/// The answer, or within that time that there is none: as a problem for programs, as a page for people.
pub(super) async fn answered(State(within): State<Duration>, request: Request, next: Next) -> Response {
    let by_program = request.uri().path().starts_with("/api/");
    match timeout(within, next.run(request)).await {
        Ok(response) => response,
        Err(_) if by_program => api::timed_out(),
        Err(_) => Notice::TooSlow.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::answered;
    use axum::Router;
    use axum::body::Body;
    use axum::http::header::CONTENT_TYPE;
    use axum::http::{Request, StatusCode};
    use axum::middleware::from_fn_with_state;
    use axum::routing::get;
    use std::future::pending;
    use std::time::Duration;
    use tower::ServiceExt as _;

    #[tokio::test(start_paused = true)]
    async fn what_takes_too_long_is_said_to_programs_and_to_people() {
        let router: Router = Router::new()
            .route("/{*rest}", get(pending::<()>))
            .layer(from_fn_with_state(Duration::from_secs(45), answered));
        for (path, kind) in [
            ("/api/meetings", "application/problem+json"),
            ("/admin", "text/html; charset=utf-8"),
        ] {
            let request = Request::get(path).body(Body::empty()).unwrap();
            let response = router.clone().oneshot(request).await.unwrap();
            assert_eq!(response.status(), StatusCode::REQUEST_TIMEOUT, "{path}");
            assert_eq!(response.headers()[CONTENT_TYPE], kind);
        }
    }
}
