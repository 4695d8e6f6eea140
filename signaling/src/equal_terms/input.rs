//! Everything that reaches the judge, in order: what is recorded of a meeting, and judged again.

use super::Second;
use crate::meeting::ParticipantId;
use serde::{Deserialize, Serialize};

/// One thing the judge takes in. The same inputs to a new judge of the same profile give the same verdicts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Input {
    /// A second has ended.
    Second(Second),
    /// Between two seconds: how long participants have been silent.
    Silences {
        /// When, milliseconds since 1970-01-01 UTC.
        at_ms: i64,
        /// Who, and for how many milliseconds.
        silent_ms: Vec<(ParticipantId, u32)>,
    },
    /// A presence check found these seen and heard: what was found about them is over, and their windows begin anew.
    Confirmed {
        /// When, milliseconds since 1970-01-01 UTC.
        at_ms: i64,
        /// Whom.
        participants: Vec<ParticipantId>,
    },
}

impl Input {
    /// When it reached the judge, milliseconds since 1970-01-01 UTC.
    #[must_use]
    pub const fn at_ms(&self) -> i64 {
        match self {
            Self::Second(second) => second.at_ms,
            Self::Silences { at_ms, .. } | Self::Confirmed { at_ms, .. } => *at_ms,
        }
    }
}
