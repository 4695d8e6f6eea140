//! The clocks of a break (requirement R5): how long a member is waited for, and how long an adjournment lasts. They
//! remind the chair and never act.

use super::ParticipantId;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(tag = "clock", rename_all = "snake_case", deny_unknown_fields)]
pub enum Clock {
    /// A serving member's connection is lost.
    Reconnect {
        /// Whose.
        participant: ParticipantId,
    },
    /// The meeting is adjourned.
    Adjournment {},
}
