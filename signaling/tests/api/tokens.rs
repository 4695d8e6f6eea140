//! API tokens: made, listed and revoked beside the running server.

use crate::calls::token;
use crate::stage::Stage;
use lika_auth::{IdentityStore, Scope};
use reqwest::{Method, StatusCode};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn lika(config: &Path, arguments: &[&str]) -> Output {
    let (subcommands, rest) = arguments.split_at(2);
    let mut command = Command::new(env!("CARGO_BIN_EXE_lika"));
    command.args(subcommands).arg("--config").arg(config).args(rest);
    command.output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn written(stage: &Stage) -> PathBuf {
    let path = stage.directory.path().join("lika.toml");
    std::fs::write(&path, toml::to_string(&stage.config).unwrap()).unwrap();
    path
}

async fn status(stage: &Stage, token: &str) -> StatusCode {
    stage.call(Method::GET, "/api/meetings").by(token).send().await.status
}

#[tokio::test]
async fn a_token_made_on_the_command_line_works_until_it_is_revoked_there() {
    let stage = Stage::set().await;
    let config = written(&stage);
    let scopes = "meetings:read,exports:read";
    let made = lika(
        &config,
        &["token", "create", "--name", "Ärendesystem", "--scope", scopes],
    );
    assert!(made.status.success(), "{}", text(&made.stderr));
    let token = text(&made.stdout).trim().to_owned();
    assert!(token.starts_with("lika_") && token.len() == 48, "{token}");
    assert_eq!(status(&stage, &token).await, StatusCode::OK);
    let listed = text(&lika(&config, &["token", "list"]).stdout);
    assert!(
        listed.contains("Ärendesystem\tmeetings:read exports:read\t"),
        "{listed}"
    );
    assert!(!listed.contains(&token), "{listed}");
    let again = lika(
        &config,
        &["token", "create", "--name", "Ärendesystem", "--scope", "loadtest"],
    );
    assert!(text(&again.stderr).contains("revoke"), "{}", text(&again.stderr));
    let unknown = lika(&config, &["token", "create", "--name", "b", "--scope", "everything"]);
    assert!(
        text(&unknown.stderr).contains("meetings:write"),
        "{}",
        text(&unknown.stderr)
    );
    assert!(lika(&config, &["token", "revoke", "Ärendesystem"]).status.success());
    assert_eq!(status(&stage, &token).await, StatusCode::UNAUTHORIZED);
    assert!(!lika(&config, &["token", "revoke", "Ärendesystem"]).status.success());
}

#[tokio::test]
async fn a_token_that_is_wrong_or_expired_is_refused_and_not_told_which() {
    let stage = Stage::set().await;
    let good = token(&stage, "a", &[Scope::MeetingsRead]);
    let path = stage.directory.path().join("identity.sqlite");
    let mut store = IdentityStore::open(&path).unwrap();
    let grants = store.api_grants().unwrap();
    let expired = lika_auth::ApiGrant {
        name: "b".into(),
        expires_ms: grants[0].made_ms,
        ..grants[0].clone()
    };
    let expired = store.grant_api(&expired).unwrap().reveal().to_string();
    let mut bodies = Vec::new();
    for wrong in [&expired[..], &good[..good.len() - 1], &good[5..], "lika_", ""] {
        let answer = stage.call(Method::GET, "/api/meetings").by(wrong).send().await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{wrong}");
        assert_eq!(answer.headers["www-authenticate"], "Bearer realm=\"lika\"");
        bodies.push(answer.text());
    }
    assert!(bodies.windows(2).all(|two| two[0] == two[1]));
    assert_eq!(status(&stage, &good).await, StatusCode::OK);
}

#[tokio::test]
async fn who_guesses_must_wait_and_who_has_a_token_need_not() {
    let two = NonZeroU32::new(2).unwrap();
    let stage = Stage::set_until(|config| config.limits.entries_per_minute = two, 3_600_000).await;
    let good = token(&stage, "a", &[Scope::MeetingsRead]);
    for expected in [
        StatusCode::UNAUTHORIZED,
        StatusCode::UNAUTHORIZED,
        StatusCode::TOO_MANY_REQUESTS,
    ] {
        assert_eq!(status(&stage, "lika_guess").await, expected);
    }
    let link = stage.get("/i/AAAAAAAAAAAAAAAAAAAAAA").await.status();
    assert_eq!(
        link,
        StatusCode::NOT_FOUND,
        "whoever guesses tokens locks nobody out of a meeting"
    );
    assert_eq!(status(&stage, &good).await, StatusCode::OK);
    // Ten requests a minute for each attempt; four have been made.
    for _ in 0..16 {
        assert_eq!(status(&stage, &good).await, StatusCode::OK);
    }
    let answer = stage.call(Method::GET, "/api/meetings").by(&good).send().await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(answer.headers["retry-after"], "60");
}
