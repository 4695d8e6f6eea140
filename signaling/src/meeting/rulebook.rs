//! What differs between municipalities' standing orders: the meeting's rulebook, journaled with its creation.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Settings of one meeting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Rulebook {
    /// How long a serving member may be gone before a substitute may step in, in minutes from the break; 0: no clock
    /// (requirement R5).
    #[schema(maximum = 255)]
    pub reconnect_limit_minutes: u8,
    /// How long an adjournment for a break lasts before the chair is asked, in minutes; 0: no clock.
    #[schema(maximum = 255)]
    pub adjournment_limit_minutes: u8,
    /// Whether a member who was replaced by a substitute of another party may serve again, since the balance of the
    /// parties changed (requirement R7).
    pub return_when_party_changed: bool,
    /// Whether this is a council (fullmäktige), where somebody disqualified may stay and follow as the public may.
    pub council: bool,
}

impl Default for Rulebook {
    fn default() -> Self {
        Self {
            reconnect_limit_minutes: 5,
            adjournment_limit_minutes: 10,
            return_when_party_changed: true,
            council: false,
        }
    }
}
