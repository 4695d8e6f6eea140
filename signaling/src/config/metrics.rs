//! `[metrics]`: the port that Prometheus reads.

use serde::{Deserialize, Serialize};
use std::net::SocketAddr;

/// The section.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Metrics {
    /// Whether there is such a port.
    pub enabled: bool,
    /// The TCP address to bind; plain HTTP.
    pub listen: SocketAddr,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            enabled: true,
            listen: SocketAddr::from(([127, 0, 0, 1], 9464)),
        }
    }
}
