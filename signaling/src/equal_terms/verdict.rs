//! What the judge says once a second.

use super::alerts::{Alert, Transition};
use super::{Cause, Direction, Level, Matrix};
use crate::meeting::ParticipantId;
use crate::protocol::{DirectionView, QualityView};
use serde::Serialize;

/// How everybody stands after a second, and what changed about the alerts.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Verdict {
    /// The second's time.
    pub at_ms: i64,
    /// One for each participant present, by number.
    pub participants: Vec<ParticipantVerdict>,
    /// What is bad for most people at once, and so is the relay's or its network's.
    pub relay: Vec<DirectionVerdict>,
    /// Every sender -> receiver edge.
    pub matrix: Matrix,
    /// What to journal and show.
    pub transitions: Vec<Transition>,
}

/// How one participant stands.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ParticipantVerdict {
    /// Who.
    pub participant: ParticipantId,
    /// Each direction that is expected of them.
    pub directions: Vec<DirectionVerdict>,
}

/// One direction of one participant.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct DirectionVerdict {
    /// Which.
    pub direction: Direction,
    /// How it stands.
    pub level: Level,
    /// The worst row, if amber or red.
    pub cause: Option<Cause>,
    /// The figure behind it, in the cause's unit.
    pub figure: Option<f64>,
    /// How many others are affected.
    pub affected: u32,
}

impl From<&Alert> for DirectionVerdict {
    fn from(alert: &Alert) -> Self {
        Self {
            direction: alert.key.direction,
            level: alert.level,
            cause: Some(alert.cause),
            figure: Some(alert.figure),
            affected: alert.affected,
        }
    }
}

impl From<&ParticipantVerdict> for QualityView {
    fn from(verdict: &ParticipantVerdict) -> Self {
        let view = |found: &DirectionVerdict| DirectionView {
            direction: found.direction,
            level: found.level,
            cause: found.cause,
            figure: found.figure,
        };
        Self {
            participant: verdict.participant,
            directions: verdict.directions.iter().map(view).collect(),
        }
    }
}
