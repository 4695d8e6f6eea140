//! The API for programs and the secretary's page, by HTTP against a real server.

#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "../server/browser.rs"]
#[allow(dead_code, reason = "the server's other tests use the rest")]
mod browser;
#[path = "../server/stage.rs"]
#[allow(dead_code, reason = "the server's other tests use the rest")]
mod stage;

mod calls;
mod document;
mod meetings;
mod records;
mod rosters;
mod scopes;
mod secretary;
mod tokens;
