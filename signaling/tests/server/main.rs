//! The server in one piece: real sockets, TLS, HTTP, WebSocket, journal and relay.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod stage;

mod admin;
mod as_owner;
mod browser;
mod clock;
mod command_line;
mod doctor;
mod entry;
mod headers;
mod ice_tcp;
mod log;
mod measuring;
mod metrics;
mod pages;
mod procedure;
mod restart;
mod samples;
mod sign_in;
mod socket;
mod start;
mod status;
mod turn;
mod whip;
