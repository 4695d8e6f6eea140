//! Administrators, and the meetings that they convene while the server runs.

use crate::stage::{MEMBER, Stage};
use lika::test_identities::ADMINISTRATOR;
use lika_auth::AdminToken;
use reqwest::StatusCode;
use reqwest::header::AUTHORIZATION;
use serde_json::Value;

const ROSTER: &str = "title = 'Nämnden'\nbody = 'Nämnden'\nparticipant = [{ role = 'chair', name = 'Ordförande' }]";

async fn convene(stage: &Stage, token: &str, roster: &str) -> (StatusCode, Value) {
    let request = stage.http().post(stage.url("/api/meetings")).body(roster.to_owned());
    let answer = request
        .header(AUTHORIZATION, format!("Bearer {token}"))
        .send()
        .await
        .unwrap();
    (answer.status(), answer.json().await.unwrap())
}

#[tokio::test]
async fn the_machines_administrator_convenes_a_meeting_while_the_server_runs() {
    let (stage, token) = Stage::with_administrators().await;
    let (status, convened) = convene(&stage, &token, ROSTER).await;
    assert_eq!((status, &convened["meeting"]), (StatusCode::CREATED, &Value::from(2)));
    let link = convened["invitations"][0]["invitation"].as_str().unwrap();
    assert!(link.starts_with(&stage.url("/i/")));
    let mut browser = stage.browser();
    assert_eq!(browser.get(link).await.location.as_deref(), Some("/meeting"));
    assert_eq!(stage.page_with(&browser.session()).await.meeting.body, "Nämnden");
}

#[tokio::test]
async fn nobody_else_convenes_a_meeting() {
    let (stage, token) = Stage::with_administrators().await;
    let other = AdminToken::random().unwrap().reveal().to_string();
    for wrong in [&*other, "", &token[1..], "x"] {
        assert_eq!(convene(&stage, wrong, ROSTER).await.0, StatusCode::UNAUTHORIZED);
    }
    let mut member = stage.browser();
    member.logs_in(MEMBER.0, 4).await;
    let origin = stage.config.server.public_url.clone();
    let refused = member.post("/api/meetings", &[], &origin).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED, "a member is no administrator");
}

#[tokio::test]
async fn who_logs_in_with_the_group_is_an_administrator_on_this_sites_pages_alone() {
    let (stage, _) = Stage::with_administrators().await;
    let mut browser = stage.browser();
    let arrived = browser.logs_in(ADMINISTRATOR, 3).await;
    assert!(arrived.body.contains("administratör"), "{}", arrived.body);
    let convene = |origin: &str| {
        let (mut browser, origin) = (browser.clone(), origin.to_owned());
        async move { browser.post_text("/api/meetings", ROSTER, &origin).await.status }
    };
    assert_eq!(convene("https://elsewhere.example").await, StatusCode::FORBIDDEN);
    assert_eq!(convene(&stage.config.server.public_url).await, StatusCode::CREATED);
}

#[tokio::test]
async fn a_roster_that_cannot_be_read_is_explained_without_telling_whose_identity_is_in_it() {
    let (stage, token) = Stage::with_administrators().await;
    for (identity, told) in [
        ("'19900101-0000'", "participant 1"),
        ("199001010000", "participant 1"),
        ("['19900101-0000']", "line 3"),
        ("'199001010000' x", "line 3"),
    ] {
        let roster = ROSTER.replace(
            "name = 'Ordförande'",
            &format!("name = 'Ordförande', identity = {identity}"),
        );
        let (status, problem) = convene(&stage, &token, &roster).await;
        let detail = problem["detail"].as_str().unwrap();
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{detail}");
        assert!(detail.contains(told), "{detail}");
        assert!(!detail.contains("0000"), "{detail}");
    }
}

#[tokio::test]
async fn a_token_file_that_others_can_read_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("admin.token");
    let identity = lika::config::Identity {
        admin_token_file: Some(file.clone()),
        ..Default::default()
    };
    assert!(
        identity.admin_token().unwrap_err().to_string().contains("admin.token"),
        "missing"
    );
    std::fs::write(&file, "not a token").unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert!(identity.admin_token().unwrap_err().to_string().contains("chmod 600"));
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    assert!(identity.admin_token().unwrap_err().to_string().contains("basenc"));
}
