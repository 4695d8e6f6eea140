//! The roll call (upprop, requirement R17): one by one, shown to all.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What somebody answers when called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "answer", rename_all = "snake_case", deny_unknown_fields)]
pub enum Answer {
    /// Answered by their own press.
    Confirmed {
        /// Whether they see the others.
        sees: bool,
        /// Whether they hear the others.
        hears: bool,
        /// Whether they are heard.
        heard: bool,
    },
    /// Noted as present by chair or secretary.
    NotedPresent {},
    /// Noted as not answering.
    NotedAbsent {},
}
