//! The server in one piece: real sockets, TLS, HTTP, WebSocket, journal and relay.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod stage;

mod admin;
mod browser;
mod command_line;
mod entry;
mod headers;
mod ice_tcp;
mod measuring;
mod pages;
mod procedure;
mod restart;
mod samples;
mod sign_in;
mod socket;
mod start;
mod turn;
mod whip;
