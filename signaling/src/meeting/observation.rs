//! What the system notices about the meeting; nobody asks for it and nobody can refuse it.

use super::{EndpointId, ParticipantId, Proof, Reading, Subject};

/// One thing noticed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Observation {
    /// A device of the participant is connected: a first time, anew, or after a loss.
    Connected {
        /// Whose; the session has said so.
        participant: ParticipantId,
        /// Which device.
        endpoint: EndpointId,
        /// What the device has shown of who uses it.
        proof: Proof,
    },
    /// A device has shown who uses it, or has shown it better than before.
    IdentityShown {
        /// Whose; the session has said so.
        participant: ParticipantId,
        /// Which device.
        endpoint: EndpointId,
        /// What it has shown.
        proof: Proof,
    },
    /// The connection to the device is gone, for longer than the server waits for it to come back by itself.
    Disconnected {
        /// Whose.
        participant: ParticipantId,
        /// Which device.
        endpoint: EndpointId,
    },
    /// The server has just started and replayed this meeting: no connection of before is there any longer.
    ServerRestarted {},
    /// The verdict finds something amber or red: new, or worse or better than before.
    Alert {
        /// What it is about.
        subject: Subject,
        /// How bad it is.
        reading: Reading,
    },
    /// It has been red three times in five minutes.
    AlertUnstable {
        /// What it is about.
        subject: Subject,
    },
    /// It no longer holds.
    AlertOver {
        /// What it was about.
        subject: Subject,
    },
}
