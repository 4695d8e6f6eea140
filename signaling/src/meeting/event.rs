//! What has happened in the meeting: what the journal stores and the minutes are drawn from.

use super::floor::Ending;
use super::roster::Entry;
use super::{AlertId, EndpointId, Item, ItemId, ParticipantId, Proof, Reading, Subject, identity, pause};
use lika_auth::Assurance;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The version of the events this program writes. It grows when an event changes its meaning or shape; a new kind of
/// event needs a new version as well, since older programs cannot carry it out.
/// Version 2 has what people prove of who they are, the agenda and pauses; all that version 1 wrote is read as before.
pub const VERSION: u16 = 2;

/// One thing that happened. People are named by pseudonym; `by` is who did it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Event {
    /// The meeting was created; always the first event.
    Created {
        /// Its title.
        title: String,
        /// The body that meets.
        body: String,
        /// Who is invited; participant 1 first.
        roster: Vec<Entry>,
        /// The level of assurance of everybody inside.
        #[serde(default)]
        requires: Assurance,
        /// How old a login may be at an item of its own level, in milliseconds.
        #[serde(default = "fresh_within_ms")]
        fresh_within_ms: i64,
        /// The agenda; item 1 first.
        #[serde(default)]
        items: Vec<Item>,
    },
    /// A device of the participant connected: to the lobby, or back into the meeting if they had been admitted.
    Connected {
        /// Whose.
        participant: ParticipantId,
        /// Which.
        endpoint: EndpointId,
        /// What the device has shown of who uses it.
        #[serde(default)]
        proof: Proof,
    },
    /// A device showed who uses it: the roster's person, or somebody else.
    IdentityShown {
        /// Whose.
        participant: ParticipantId,
        /// Which.
        endpoint: EndpointId,
        /// What it showed.
        proof: Proof,
    },
    /// The connection to a device is gone.
    Disconnected {
        /// Whose.
        participant: ParticipantId,
        /// Which.
        endpoint: EndpointId,
    },
    /// The server started anew: every connection is gone and measurement starts afresh, so that measured alerts end
    /// here and are raised again if what they say still holds.
    ServerRestarted {},
    /// Let in. Holds until `Dismissed`, also over lost connections.
    Admitted {
        /// Who.
        participant: ParticipantId,
        /// By whom; chair and secretary let themselves in.
        by: ParticipantId,
    },
    /// Moved out of the meeting or refused in the lobby.
    Dismissed {
        /// Who.
        participant: ParticipantId,
        /// By whom.
        by: ParticipantId,
    },
    /// The meeting was opened.
    Opened {
        /// By whom.
        by: ParticipantId,
    },
    /// The meeting was adjourned.
    Adjourned {
        /// By whom.
        by: ParticipantId,
        /// The reason given.
        reason: String,
        /// When, in milliseconds since 1970-01-01 UTC.
        since_ms: i64,
    },
    /// The meeting was resumed.
    Resumed {
        /// By whom.
        by: ParticipantId,
    },
    /// The meeting was closed for good; what was open (requests, alerts) ends with it.
    Closed {
        /// By whom.
        by: ParticipantId,
    },
    /// An item of the agenda began. The speaker list begins anew.
    ItemBegun {
        /// Which.
        item: ItemId,
        /// By whom.
        by: ParticipantId,
        /// When, in milliseconds since 1970-01-01 UTC.
        since_ms: i64,
        /// Who was inside and may not be there: in the lobby from here on.
        moved_out: Vec<ParticipantId>,
    },
    /// The item ended; those moved out are back.
    ItemEnded {
        /// Which.
        item: ItemId,
        /// By whom.
        by: ParticipantId,
    },
    /// The chair knows this person and vouches for them at this item.
    Vouched {
        /// For whom.
        participant: ParticipantId,
        /// At which item.
        item: ItemId,
        /// Who vouches.
        by: ParticipantId,
    },
    /// Declared a pause.
    PauseBegan {
        /// Who.
        participant: ParticipantId,
        /// What for.
        reason: pause::Reason,
        /// When, in milliseconds since 1970-01-01 UTC.
        since_ms: i64,
    },
    /// The pause is over.
    PauseEnded {
        /// Whose.
        participant: ParticipantId,
    },
    /// The chair's rights passed to this person.
    ChairTaken {
        /// Who has them now.
        by: ParticipantId,
    },
    /// Asked for the floor; last in the list.
    FloorRequested {
        /// Who.
        participant: ParticipantId,
    },
    /// Took the request back.
    RequestWithdrawn {
        /// Who.
        participant: ParticipantId,
    },
    /// Got the floor; the microphone opens.
    FloorGiven {
        /// Who.
        participant: ParticipantId,
        /// By whom.
        by: ParticipantId,
    },
    /// The speaker's connection is gone: nobody has the floor, but it is kept for a short while.
    FloorInterrupted {
        /// Who had it.
        participant: ParticipantId,
        /// When, in milliseconds since 1970-01-01 UTC.
        since_ms: i64,
    },
    /// The speaker was back in time and has the floor again.
    FloorReturned {
        /// Who.
        participant: ParticipantId,
    },
    /// The floor, or the right to get it back, ended.
    FloorEnded {
        /// Whose.
        participant: ParticipantId,
        /// Why.
        why: Ending,
    },
    /// An alert (larm) was raised.
    AlertRaised {
        /// Its number.
        alert: AlertId,
        /// What it is about.
        subject: Subject,
        /// How bad it is.
        reading: Reading,
        /// When, in milliseconds since 1970-01-01 UTC.
        since_ms: i64,
    },
    /// The alert stands otherwise now.
    AlertChanged {
        /// Which.
        alert: AlertId,
        /// How bad it is.
        reading: Reading,
        /// When, in milliseconds since 1970-01-01 UTC.
        at_ms: i64,
    },
    /// Three reds in five minutes: it stays until acknowledged.
    AlertUnstable {
        /// Which.
        alert: AlertId,
    },
    /// What an unstable alert says no longer holds; it waits to be acknowledged.
    AlertSettled {
        /// Which.
        alert: AlertId,
    },
    /// Chair or secretary has seen it.
    AlertAcknowledged {
        /// Which.
        alert: AlertId,
        /// By whom.
        by: ParticipantId,
    },
    /// It is over.
    AlertCleared {
        /// Which.
        alert: AlertId,
    },
}

const fn fresh_within_ms() -> i64 {
    identity::FRESH_WITHIN_MS
}

/// An event as it is written: the version beside it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(rename = "v")]
    _version: u16,
    event: Event,
}

/// Read before the rest, so that a newer event is told from a broken one.
#[derive(Deserialize)]
struct Version {
    v: u16,
}

/// Why an event cannot be read.
#[derive(Debug, Error)]
pub enum EventError {
    /// Written by a newer program.
    #[error("the event is of version {0}, this program knows {VERSION}; update lika")]
    Newer(u16),
    /// Not an event.
    #[error("not an event: {0}")]
    Malformed(#[from] serde_json::Error),
}

impl Event {
    /// The text that is journaled: JSON, `{"v":2,"event":{"type":...}}`.
    ///
    /// # Errors
    /// None in practice; serde's signature has one.
    pub fn encode(&self) -> Result<String, serde_json::Error> {
        #[derive(Serialize)]
        struct Writing<'a> {
            v: u16,
            event: &'a Event,
        }
        serde_json::to_string(&Writing {
            v: VERSION,
            event: self,
        })
    }

    /// The event in a journaled text.
    ///
    /// # Errors
    /// [`EventError`]: from a newer program, or broken.
    pub fn decode(text: &str) -> Result<Self, EventError> {
        match serde_json::from_str(text)? {
            Version { v: 1..=VERSION } => Ok(serde_json::from_str::<Written>(text)?.event),
            Version { v } => Err(EventError::Newer(v)),
        }
    }
}
