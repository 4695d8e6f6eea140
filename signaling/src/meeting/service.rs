//! Who serves (tjänstgör): mandates and those who hold them just now, substitutes in their order, quorum.

use serde::{Deserialize, Serialize};

/// Why somebody began to serve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Beginning {
    /// There when the meeting was opened.
    Opening,
    /// Came later, to their own seat.
    Arrival,
    /// Steps in for a member who is not there.
    StepsIn,
    /// Serves their own seat again, which the rulebook allows.
    Returns,
}

/// Why somebody no longer serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// Not there, and replaced by a substitute.
    Replaced,
    /// Not there, and noted as absent.
    Absent,
    /// The member whose seat it is has come.
    MemberCame,
    /// Disqualified at the item (jäv).
    Disqualified,
    /// The disqualification is over, for which they stepped in.
    DisqualificationOver,
    /// Moved out of the meeting.
    Dismissed,
    /// The meeting is over.
    Closed,
}
