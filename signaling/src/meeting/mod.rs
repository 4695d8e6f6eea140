//! The meeting: a pure, event-sourced state machine. No async, no I/O, no clock.

pub mod command;
pub mod participant;

pub use command::Command;
pub use participant::{Attendance, ParticipantId, Role};

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// An alert of one meeting, numbered from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(transparent)]
pub struct AlertId(pub u32);

/// Where the meeting stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "phase", rename_all = "snake_case")]
pub enum Phase {
    /// Not opened yet; the lobby fills.
    #[default]
    Planned,
    /// In session.
    Open,
    /// Adjourned (ajournerat).
    Adjourned {
        /// The chair's reason.
        reason: String,
        /// Since when, in milliseconds since 1970-01-01 UTC.
        #[ts(type = "number")]
        since_ms: i64,
    },
    /// Over.
    Closed,
}
