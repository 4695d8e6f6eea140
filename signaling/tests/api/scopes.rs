//! Which token may do what, as a table: every operation with every scope.

use crate::calls::{new_meeting, token};
use crate::stage::Stage;
use lika_auth::Scope;
use reqwest::{Method, StatusCode};
use serde_json::Value;

/// The content type, and the body for a test meeting or a real one.
type Body = (&'static str, fn(bool) -> String);

/// An operation, with what it answers where it is permitted, and the scopes that permit it: with a meeting that counts,
/// and with a test meeting.
struct Row {
    method: Method,
    path: &'static str,
    body: Option<Body>,
    done: StatusCode,
    real: &'static [Scope],
    test: &'static [Scope],
}

const READ: &[Scope] = &[Scope::MeetingsRead];
const READ_TEST: &[Scope] = &[Scope::MeetingsRead, Scope::LoadTest];
const WRITE: &[Scope] = &[Scope::MeetingsWrite];
const WRITE_TEST: &[Scope] = &[Scope::MeetingsWrite, Scope::LoadTest];
const RECORD: &[Scope] = &[Scope::ExportsRead];
const RECORD_TEST: &[Scope] = &[Scope::ExportsRead, Scope::LoadTest];

const fn row(
    method: Method,
    path: &'static str,
    done: StatusCode,
    real: &'static [Scope],
    test: &'static [Scope],
) -> Row {
    Row {
        method,
        path,
        body: None,
        done,
        real,
        test,
    }
}

fn table() -> Vec<Row> {
    let invitations = "/api/meetings/MEETING/participants/2/invitations";
    vec![
        // Whoever runs load tests sees the list, of test meetings alone.
        row(Method::GET, "/api/meetings", StatusCode::OK, READ_TEST, READ_TEST),
        row(Method::GET, "/api/meetings/MEETING", StatusCode::OK, READ, READ_TEST),
        row(
            Method::GET,
            "/api/meetings/MEETING/calendar",
            StatusCode::OK,
            READ,
            READ_TEST,
        ),
        row(Method::POST, invitations, StatusCode::CREATED, WRITE, WRITE_TEST),
        row(Method::DELETE, invitations, StatusCode::NO_CONTENT, WRITE, WRITE_TEST),
        row(
            Method::GET,
            "/api/meetings/MEETING/export",
            StatusCode::OK,
            RECORD,
            RECORD_TEST,
        ),
        row(
            Method::GET,
            "/api/meetings/MEETING/report",
            StatusCode::OK,
            RECORD,
            RECORD_TEST,
        ),
        // Secrets take both.
        row(
            Method::GET,
            "/api/meetings/MEETING/export?secret=true",
            StatusCode::OK,
            &[],
            &[],
        ),
        row(
            Method::GET,
            "/api/meetings/MEETING/report?secret=true",
            StatusCode::OK,
            &[],
            &[],
        ),
        Row {
            body: Some(("application/json", |test| new_meeting(test).to_string())),
            ..row(Method::POST, "/api/meetings", StatusCode::CREATED, WRITE, WRITE_TEST)
        },
        Row {
            body: Some(("text/csv", |_| "Roll;Namn\nOrdförande;Ordförande 1\n".into())),
            ..row(Method::POST, "/api/rosters", StatusCode::OK, WRITE_TEST, WRITE_TEST)
        },
    ]
}

async fn answered(stage: &Stage, row: &Row, meeting: &str, test: bool, token: Option<&str>) -> StatusCode {
    let mut call = stage.call(row.method.clone(), &row.path.replace("MEETING", meeting));
    if let Some((kind, body)) = row.body {
        call = call.body(kind, body(test));
    }
    if let Some(token) = token {
        call = call.by(token);
    }
    let answer = call.send().await;
    if answer.status == StatusCode::FORBIDDEN {
        assert_eq!(answer.code(), "scope_missing");
        assert!(answer.json()["scope"].is_string());
    }
    answer.status
}

#[tokio::test]
async fn every_operation_takes_its_scope_and_no_other() {
    let (stage, administrator) = Stage::with_many_requests().await;
    let mut meetings = Vec::new();
    for test in [false, true] {
        let made = stage.call(Method::POST, "/api/meetings").by(&administrator);
        let made = made.json(&new_meeting(test)).send().await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
        meetings.push((made.json()["meeting"].to_string(), test));
    }
    let tokens = Scope::ALL.map(|scope| (scope, token(&stage, scope.name(), &[scope])));
    for row in table() {
        let what = format!("{} {}", row.method, row.path);
        for (meeting, test) in &meetings {
            let permitting = if *test { row.test } else { row.real };
            let unknown = answered(&stage, &row, meeting, *test, None).await;
            assert_eq!(unknown, StatusCode::UNAUTHORIZED, "{what}");
            for (scope, token) in &tokens {
                let expected = match permitting.contains(scope) {
                    true => row.done,
                    false => StatusCode::FORBIDDEN,
                };
                let status = answered(&stage, &row, meeting, *test, Some(token)).await;
                assert_eq!(status, expected, "{what} with {scope}, test {test}");
            }
            let status = answered(&stage, &row, meeting, *test, Some(&administrator)).await;
            assert_eq!(status, row.done, "{what} by the administrator");
        }
    }
}

#[tokio::test]
async fn secrets_take_both_scopes() {
    let stage = Stage::set().await;
    let both = token(&stage, "Arkiv", &[Scope::ExportsRead, Scope::ExportsSecret]);
    for path in [
        "/api/meetings/1/export?secret=true",
        "/api/meetings/1/report?secret=true",
    ] {
        let answer = stage.call(Method::GET, path).by(&both).send().await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        let name = answer.headers["content-disposition"].to_str().unwrap();
        assert!(name.contains("-secret."), "{name}");
    }
}

#[tokio::test]
async fn whoever_runs_load_tests_sees_no_other_meeting() {
    let stage = Stage::set().await;
    let load = token(&stage, "Belastning", &[Scope::LoadTest]);
    let made = stage
        .call(Method::POST, "/api/meetings")
        .by(&load)
        .json(&new_meeting(true))
        .send()
        .await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
    let list = stage.call(Method::GET, "/api/meetings").by(&load).send().await.json();
    let meetings = list["meetings"].as_array().unwrap();
    assert_eq!(meetings.len(), 1);
    assert_eq!(meetings[0]["test"], Value::Bool(true));
    assert_eq!(meetings[0]["title"], "Prov: Sammanträde 2");
    let unknown = stage.call(Method::GET, "/api/meetings/99").by(&load).send().await;
    assert_eq!(
        unknown.status,
        StatusCode::FORBIDDEN,
        "which meetings there are is not told"
    );
}
