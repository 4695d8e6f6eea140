//! `[media]`: the relay's UDP port and how it is reached.

use super::Invalid;
use serde::{Deserialize, Serialize};
use std::net::{IpAddr, SocketAddr};

/// The section.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Media {
    /// The UDP address to bind.
    pub bind: SocketAddr,
    /// The addresses delegates reach it under.
    pub public_ips: Vec<IpAddr>,
    /// Pin the relay's thread to this core.
    pub core: Option<usize>,
}

impl Default for Media {
    fn default() -> Self {
        Self {
            bind: SocketAddr::from(([0, 0, 0, 0], 10_000)),
            public_ips: vec![IpAddr::from([127, 0, 0, 1])],
            core: None,
        }
    }
}

impl Media {
    pub(super) fn validate(&self) -> Result<(), Invalid> {
        if self.public_ips.is_empty() {
            return Err(Invalid::new(
                "media.public_ips",
                "is empty; name the addresses delegates reach this machine under",
            ));
        }
        if let Some(any) = self.public_ips.iter().find(|ip| ip.is_unspecified()) {
            let problem = format!("has {any}, which nobody can send to; name the machine's own address");
            return Err(Invalid::new("media.public_ips", problem));
        }
        Ok(())
    }
}
