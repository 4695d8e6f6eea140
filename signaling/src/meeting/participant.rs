//! Who takes part: names, roles and seats.

use serde::{Deserialize, Serialize};
use std::fmt;
use ts_rs::TS;
use utoipa::ToSchema;

/// A participant of one meeting, numbered from 1 in the order of the roster. A pseudonym: the name lives outside the
/// journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(transparent)]
pub struct ParticipantId(pub u32);

impl fmt::Display for ParticipantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "participant {}", self.0)
    }
}

/// A device of a participant, for as long as the server runs. The server numbers them; no number is used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EndpointId(pub u64);

/// What a participant is at the meeting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Ordförande.
    Chair,
    /// Vice ordförande, standing by in the roster's order.
    ViceChair,
    /// Sekreterare.
    Secretary,
    /// Ledamot.
    Member,
    /// Ersättare.
    Substitute,
    /// Föredragande, inbjuden: may speak, neither moves nor votes.
    Guest,
    /// A device of the chamber (sammanträdeslokal), not a person.
    Chamber,
}

/// Where a participant is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Attendance {
    /// Invited, not connected.
    #[default]
    Away,
    /// Connected, waiting in the lobby.
    Lobby,
    /// Inside the meeting.
    Inside,
    /// Was inside; the connection is gone.
    Lost,
    /// Refused by chair or secretary.
    Dismissed,
}
