//! The test provider, over HTTP, as a relying party and a browser meet it.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it fails")]
#![allow(clippy::needless_pass_by_value, reason = "JSON literals read best as values")]

mod authorization;
mod browser;
mod client_authentication;
mod codes;
mod login;
mod logout;
mod pages;
mod relying_party;
mod stage;
