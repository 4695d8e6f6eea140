//! Exports and reports by the API.

use crate::calls::token;
use crate::stage::Stage;
use lika::journal::verify_file;
use lika_auth::Scope;
use reqwest::{Method, StatusCode};

#[tokio::test]
async fn an_export_is_whole_and_verifies() {
    let stage = Stage::set().await;
    let token = token(&stage, "Arkiv", &[Scope::ExportsRead]);
    let pages = stage.in_session().await;
    for path in ["/api/meetings/1/export", "/api/meetings/1/export?samples=false"] {
        let answer = stage.call(Method::GET, path).by(&token).send().await;
        assert_eq!((answer.status, &*answer.kind), (StatusCode::OK, "application/gzip"));
        assert_eq!(answer.headers["content-length"], answer.bytes.len().to_string());
        let name = "attachment; filename=\"meeting-1.jsonl.gz\"";
        assert_eq!(answer.headers["content-disposition"], name);
        let file = stage.directory.path().join("export.jsonl.gz");
        std::fs::write(&file, &answer.bytes).unwrap();
        verify_file(&file).unwrap();
    }
    drop(pages);
    let left = std::fs::read_dir(stage.directory.path()).unwrap();
    let mut names = left.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert!(!names.any(|name| name.starts_with(".tmp")), "nothing is left behind");
}

#[tokio::test]
async fn a_report_comes_in_either_language_as_a_file() {
    let stage = Stage::set().await;
    let token = token(&stage, "Arkiv", &[Scope::ExportsRead]);
    for (query, tag) in [("", "sv"), ("?language=sv", "sv"), ("?language=en", "en")] {
        let path = format!("/api/meetings/1/report{query}");
        let answer = stage.call(Method::GET, &path).by(&token).send().await;
        assert_eq!(answer.kind, "text/html; charset=utf-8");
        assert_eq!(
            answer.headers["content-disposition"],
            "attachment; filename=\"meeting-1.html\""
        );
        assert!(answer.text().contains(&format!("<html lang=\"{tag}\">")), "{path}");
        assert!(answer.text().contains("Sammanträde 1"));
    }
    let other = stage
        .call(Method::GET, "/api/meetings/1/report?language=de")
        .by(&token)
        .send()
        .await;
    assert_eq!((other.status, &*other.code()), (StatusCode::BAD_REQUEST, "malformed"));
}
