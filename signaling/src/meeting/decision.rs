//! The way to a decision (requirements R8 and R20): close the deliberation, check that everybody is there, put the
//! question, pause for a vote, gavel, pause for reservations. In order, each recorded.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Where the meeting is on the way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// The deliberation is open.
    #[default]
    Deliberation,
    /// It is closed; next is the presence check.
    DeliberationClosed,
    /// Everybody who serves has been confirmed; next the question is put.
    PresenceConfirmed,
    /// The question is put; next is the pause in which a vote can be requested.
    QuestionPut,
    /// A vote can be requested; next is the vote, or the gavel.
    VotePause,
    /// A vote goes on.
    Voting,
    /// The vote is closed; next is the gavel.
    VoteClosed,
    /// The gavel has fallen; next is the pause for reservations.
    Decided,
    /// Reservations can be made.
    ReservationPause,
}

/// Why the chair goes on although equal terms are broken, or too few are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Despite {
    /// The member has confirmed by voice or telephone that they see, hear and are heard.
    ConfirmedByMember,
    /// The measurement is at fault: the chair and the chamber see and hear the member.
    MeasurementAtFault,
    /// The disturbance was short, and what was said meanwhile has been repeated.
    Repeated,
    /// The law lets fewer decide at this item (kommunallagen 5:45–46).
    QuorumException,
}
