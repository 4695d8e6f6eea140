//! The status page for whoever looks after the server.

use crate::stage::{MEMBER, Stage};
use reqwest::StatusCode;
use reqwest::header::{ACCEPT, ACCEPT_LANGUAGE, AUTHORIZATION};
use serde_json::Value;

/// With a bearer token, a wish for a language and a form.
async fn ask(stage: &Stage, token: &str, language: &str, form: &str) -> reqwest::Response {
    let request = stage.http().get(stage.url("/status"));
    let request = request.header(AUTHORIZATION, format!("Bearer {token}"));
    let request = request.header(ACCEPT_LANGUAGE, language).header(ACCEPT, form);
    request.send().await.unwrap()
}

#[tokio::test]
async fn an_administrator_sees_the_meetings_as_numbers_in_the_browsers_language() {
    let (stage, token) = Stage::with_administrators().await;
    let (_chair, _member, _other) = stage.in_session().await;
    let swedish = ask(&stage, &token, "sv-SE,en;q=0.5", "text/html")
        .await
        .text()
        .await
        .unwrap();
    let english = ask(&stage, &token, "en-GB", "text/html").await.text().await.unwrap();
    for (page, tag, phase, warning) in [
        (
            &swedish,
            "<html lang=\"sv\">",
            "<td>Pågår</td>",
            "vem som helst kan välja vem hen är",
        ),
        (
            &english,
            "<html lang=\"en\">",
            "<td>In session</td>",
            "anybody can choose who they are",
        ),
    ] {
        assert!(page.contains(tag), "{page}");
        let row = format!("<tr><th scope=\"row\">1</th>{phase}<td>3</td><td>0</td><td>0</td><td>5</td>");
        assert!(page.contains(&row), "{page}");
        assert!(page.contains(warning), "{page}");
        assert!(page.contains(env!("CARGO_PKG_VERSION")), "{page}");
        for name in ["Ledamot", "Sekreterare", "Kommunfullmäktige", "Sammanträde 1"] {
            assert!(!page.contains(name), "{name}");
        }
        // The content security policy would refuse them.
        assert!(
            !page.contains("<script") && !page.contains("style=") && !page.contains("onload="),
            "{page}"
        );
    }
}

#[tokio::test]
async fn a_program_gets_the_same_as_json() {
    let (stage, token) = Stage::with_administrators().await;
    let (_chair, _member, _other) = stage.in_session().await;
    let status: Value = ask(&stage, &token, "", "application/json").await.json().await.unwrap();
    let meeting = &status["meetings"][0];
    assert_eq!((&meeting["meeting"], &meeting["phase"]), (&1.into(), &"open".into()));
    assert_eq!((&meeting["inside"], &meeting["invited"]), (&3.into(), &5.into()));
    assert_eq!(status["relay"][0]["up"], true);
    assert_eq!(status["connections"]["limit"], 2000);
    let kinds: Vec<&str> = status["warnings"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|one| one["kind"].as_str())
        .collect();
    assert!(
        kinds.contains(&"test_identities") && kinds.contains(&"only_loopback"),
        "{kinds:?}"
    );
}

#[tokio::test]
async fn a_meeting_is_there_before_anybody_comes_and_its_phase_is_told() {
    let (stage, token) = Stage::with_administrators().await;
    let phase = async || {
        let status: Value = ask(&stage, &token, "", "application/json").await.json().await.unwrap();
        status["meetings"][0]["phase"].as_str().unwrap().to_owned()
    };
    assert_eq!(phase().await, "planned");
    let (mut chair, _member, _other) = stage.in_session().await;
    let reason = "Paus".to_owned();
    chair.command(lika::meeting::Command::Adjourn { reason }).await.unwrap();
    assert_eq!(phase().await, "adjourned");
}

#[tokio::test]
async fn nobody_else_sees_it() {
    let (stage, token) = Stage::with_administrators().await;
    for wrong in ["", "x", &token[1..]] {
        let refused = ask(&stage, wrong, "sv", "text/html").await;
        assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
        let page = refused.text().await.unwrap();
        assert!(
            page.contains("Bara för administratörer") && page.contains("/sign-in"),
            "{page}"
        );
        let refused = ask(&stage, wrong, "sv", "application/json").await;
        assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(refused.headers()["content-type"], "application/problem+json");
    }
    let mut member = stage.browser();
    member.logs_in(MEMBER.0, 4).await;
    assert_eq!(member.get("/status").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn who_logs_in_with_the_group_sees_it() {
    let (stage, _) = Stage::with_administrators().await;
    let mut browser = stage.browser();
    browser.logs_in(lika::test_identities::ADMINISTRATOR, 3).await;
    let page = browser.get("/status").await;
    assert!(
        page.status == StatusCode::OK && page.body.contains("Serverns tillstånd"),
        "{}",
        page.body
    );
}
