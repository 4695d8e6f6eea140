//! Events as they are written: JSON with the version beside it.

use super::Event;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The version of the events this program writes. It grows when an event changes its meaning or shape; a new kind of
/// event needs a new version as well, since older programs cannot carry it out.
/// Version 2 has what people prove of who they are, the agenda and pauses. Version 3 has who serves, the way to a
/// decision, votes, roll calls and what was measured at them. All that older versions wrote is read as before.
pub const VERSION: u16 = 4;

/// An event as it is written: the version beside it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(rename = "v")]
    _version: u16,
    event: Event,
}

/// Read before the rest, so that a newer event is told from a broken one.
#[derive(Deserialize)]
struct Version {
    v: u16,
}

/// Why an event cannot be read.
#[derive(Debug, Error)]
pub enum EventError {
    /// Written by a newer program.
    #[error("the event is of version {0}, this program knows {VERSION}; update lika")]
    Newer(u16),
    /// Not an event.
    #[error("not an event: {0}")]
    Malformed(#[from] serde_json::Error),
}

impl Event {
    /// The text that is journaled: JSON, `{"v":2,"event":{"type":...}}`.
    ///
    /// # Errors
    /// None in practice; serde's signature has one.
    pub fn encode(&self) -> Result<String, serde_json::Error> {
        #[derive(Serialize)]
        struct Writing<'a> {
            v: u16,
            event: &'a Event,
        }
        serde_json::to_string(&Writing {
            v: VERSION,
            event: self,
        })
    }

    /// The event in a journaled text.
    ///
    /// # Errors
    /// [`EventError`]: from a newer program, or broken.
    pub fn decode(text: &str) -> Result<Self, EventError> {
        match serde_json::from_str(text)? {
            Version { v: 1..=VERSION } => Ok(serde_json::from_str::<Written>(text)?.event),
            Version { v } => Err(EventError::Newer(v)),
        }
    }
}
