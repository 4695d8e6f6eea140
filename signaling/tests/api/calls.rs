//! A program that uses the API.

use crate::stage::{HOUR_MS, Stage};
use lika::clock::Clock;
use lika::config::Config;
use lika_auth::{AdminToken, ApiGrant, IdentityStore, Scope};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::fs::Permissions;
use std::num::NonZeroU32;
use std::os::unix::fs::PermissionsExt as _;

/// What was answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) kind: String,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) bytes: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap()
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.bytes.clone()).unwrap()
    }

    /// The problem's code; every refusal has one.
    pub(crate) fn code(&self) -> String {
        assert_eq!(self.kind, "application/problem+json", "{}", self.text());
        let problem = self.json();
        assert_eq!(problem["status"], self.status.as_u16());
        assert_eq!(
            problem["type"],
            format!("urn:lika:problem:{}", problem["code"].as_str().unwrap())
        );
        assert!(!problem["detail"].as_str().unwrap().is_empty());
        problem["code"].as_str().unwrap().to_owned()
    }
}

/// A token with these scopes, good for an hour.
pub(crate) fn token(stage: &Stage, name: &str, scopes: &[Scope]) -> String {
    let made_ms = Clock::system().now_ms();
    let grant = ApiGrant {
        name: name.into(),
        scopes: scopes.iter().copied().collect(),
        made_ms,
        expires_ms: made_ms + 3_600_000,
    };
    let path = stage.directory.path().join("identity.sqlite");
    let token = IdentityStore::open(&path).unwrap().grant_api(&grant).unwrap();
    token.reveal().to_string()
}

pub(crate) struct Call<'a> {
    stage: &'a Stage,
    request: reqwest::RequestBuilder,
}

impl Stage {
    /// With a token of the machine, and no bound that a table of requests would reach.
    pub(crate) async fn with_many_requests() -> (Self, String) {
        let token = AdminToken::random().unwrap().reveal().to_string();
        let written = token.clone();
        let administered = move |config: &mut Config| {
            let file = config.storage.data_dir.join("admin.token");
            std::fs::write(&file, written + "\n").unwrap();
            std::fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
            config.identity.admin_token_file = Some(file);
            config.limits.entries_per_minute = NonZeroU32::new(10_000).unwrap();
        };
        (Self::set_until(administered, HOUR_MS).await, token)
    }

    pub(crate) fn call(&self, method: Method, path: &str) -> Call<'_> {
        let request = self.http().request(method, self.url(path));
        Call { stage: self, request }
    }
}

impl Call<'_> {
    pub(crate) fn by(self, token: &str) -> Self {
        let request = self.request.header(AUTHORIZATION, format!("Bearer {token}"));
        Self { request, ..self }
    }

    pub(crate) fn header(self, name: &str, value: &str) -> Self {
        let request = self.request.header(name, value);
        Self { request, ..self }
    }

    pub(crate) fn body(self, kind: &str, body: impl Into<reqwest::Body>) -> Self {
        let request = self.request.header(CONTENT_TYPE, kind).body(body);
        Self { request, ..self }
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string())
    }

    pub(crate) async fn send(self) -> Answer {
        let _ = self.stage;
        let answer = self.request.send().await.unwrap();
        let kind = answer.headers().get(CONTENT_TYPE);
        Answer {
            status: answer.status(),
            kind: kind.map(|kind| kind.to_str().unwrap().to_owned()).unwrap_or_default(),
            headers: answer.headers().clone(),
            bytes: answer.bytes().await.unwrap().to_vec(),
        }
    }
}

/// Its first of March is ahead, and no more than two years.
pub(crate) fn next_year() -> i16 {
    jiff::Zoned::now().year() + 1
}

/// A meeting as a program describes it.
pub(crate) fn new_meeting(test: bool) -> Value {
    json!({
        "title": "Sammanträde 2",
        "body": "Nämnden",
        "starts": format!("{}-03-01T18:00:00+01:00", next_year()),
        "place": "Sessionssalen",
        "test": test,
        "participants": [
            { "role": "chair", "name": "Ordförande 2", "mandate": 1, "party": "Parti A" },
            { "role": "member", "name": "Ledamot 2", "mandate": 2, "party": "Parti B" },
        ],
        "items": [{ "title": "Ärende 1" }],
    })
}
