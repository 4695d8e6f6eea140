//! The meeting relay's control plane.

pub mod backup;
pub mod cli;
pub mod clock;
pub mod conference;
pub mod config;
pub mod control;
pub mod convene;
pub mod data;
pub mod equal_terms;
pub mod http;
pub mod journal;
pub mod keeper;
pub mod meeting;
pub mod metrics;
pub mod protocol;
pub mod reload;
pub mod replace;
pub mod report;
pub mod samples;
pub mod server;
pub mod sha256;
pub mod test_identities;
pub mod turn;
pub mod ws;
