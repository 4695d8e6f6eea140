//! The life of an installation: real processes, sockets and files, and what goes wrong with them.

#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "../server/browser.rs"]
#[allow(dead_code, reason = "shared with the tests of the server")]
mod browser;
mod house;
mod lacking;
#[path = "../server/stage.rs"]
#[allow(dead_code, reason = "shared with the tests of the server")]
mod stage;

mod acme;
mod backup;
mod certificate;
mod drain;
mod failures;
mod full_disk;
mod profile;
mod proxies;
mod update;
mod weeding;
