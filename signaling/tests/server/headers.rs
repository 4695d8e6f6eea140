//! What every response tells the browser to refuse.

use crate::stage::Stage;
use reqwest::StatusCode;

#[tokio::test]
async fn every_answer_is_strict() {
    let stage = Stage::set().await;
    for path in [
        "/",
        "/meeting",
        "/healthz",
        "/nothing",
        "/i/AAAAAAAAAAAAAAAAAAAAAA",
        "/ws",
    ] {
        let answer = stage.get(path).await;
        let headers = answer.headers();
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(
            policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{path}"
        );
        assert!(!policy.contains("unsafe"), "{path}");
        assert_eq!(headers["x-content-type-options"], "nosniff", "{path}");
        assert_eq!(headers["cross-origin-opener-policy"], "same-origin", "{path}");
        assert!(
            headers["permissions-policy"]
                .to_str()
                .unwrap()
                .contains("camera=(self)"),
            "{path}"
        );
        assert!(headers.contains_key("strict-transport-security"), "{path}");
    }
}

#[tokio::test]
async fn health_and_readiness_are_told() {
    let stage = Stage::set().await;
    assert_eq!(stage.get("/healthz").await.status(), StatusCode::OK);
    assert_eq!(stage.get("/readyz").await.status(), StatusCode::OK);
    assert_eq!(stage.get("/nothing").await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_page_is_served_and_its_files_kept() {
    let stage = Stage::set().await;
    let page = stage.get("/meeting").await;
    let built = page.status() == StatusCode::OK;
    let text = page.text().await.unwrap();
    if !built {
        assert!(text.contains("npm --prefix signaling/web run build"), "{text}");
        return;
    }
    let script = text
        .split("src=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .unwrap();
    let script = stage.get(script).await;
    assert_eq!(script.headers()["content-type"], "text/javascript");
    assert_eq!(script.headers()["cache-control"], "public, max-age=31536000, immutable");
}
