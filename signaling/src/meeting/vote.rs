//! The open vote (öppen omröstning, requirement R22): everybody at once, yes, no or abstain, each member's vote recorded.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What somebody votes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// Ja.
    Yes,
    /// Nej.
    No,
    /// Avstår.
    Abstain,
}

/// Where a vote stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(rename = "VoteState")]
pub enum State {
    /// Votes are taken.
    Open,
    /// Equal terms are broken: no votes are taken.
    Suspended,
    /// It is over.
    Closed,
}
