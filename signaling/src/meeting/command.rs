//! What people ask of the meeting.

use super::{AlertId, ItemId, ParticipantId, pause};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// One request by a participant; `decide` answers with events or a refusal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum Command {
    /// Chair or secretary lets somebody in from the lobby.
    Admit {
        /// Whom.
        participant: ParticipantId,
    },
    /// Chair or secretary lets everybody in who waits.
    AdmitAll {},
    /// Chair or secretary moves somebody out of the meeting, or refuses them in the lobby.
    Dismiss {
        /// Whom.
        participant: ParticipantId,
    },
    /// The chair opens the meeting.
    Open {},
    /// The chair closes the meeting for good.
    Close {},
    /// Ask for the floor (begära ordet).
    RequestFloor {},
    /// Take the request back.
    WithdrawRequest {},
    /// The chair gives the floor; opens that microphone in the relay. Whoever had it loses it.
    GiveFloor {
        /// To whom.
        participant: ParticipantId,
    },
    /// The chair takes the floor back, or the speaker yields it.
    EndFloor {},
    /// The chair adjourns.
    Adjourn {
        /// Why, for the minutes; at most 500 characters.
        reason: String,
    },
    /// The chair resumes an adjourned meeting.
    Resume {},
    /// Chair or secretary has seen the alert.
    AcknowledgeAlert {
        /// Which.
        alert: AlertId,
    },
    /// "I am not taking part on equal terms" (requirement R4): an alert at once.
    ReportUnequalTerms {},
    /// The chair begins an item of the agenda; those who may not be there are moved out to the lobby.
    BeginItem {
        /// Which.
        item: ItemId,
    },
    /// The chair ends the item being dealt with; those moved out come back.
    EndItem {},
    /// The chair vouches for somebody without a sufficient login, for the item being dealt with.
    Vouch {
        /// For whom.
        participant: ParticipantId,
    },
    /// Declare a pause: away for a moment, without having left.
    Pause {
        /// What for.
        reason: pause::Reason,
    },
    /// Back from the pause; or the chair ends somebody's.
    EndPause {
        /// Whose.
        participant: ParticipantId,
    },
    /// A vice chair takes over the chair's rights (requirement R31); the chair may take them back.
    TakeChair {},
}
