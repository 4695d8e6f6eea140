//! What the control plane tells the relay.

use crate::{Audience, PeerId, RoomId};
use std::fmt;
use thiserror::Error;

/// Where an answer goes: called exactly once, on the worker's thread, so it must not block.
pub type Reply = Box<dyn FnOnce(Result<Answer, JoinError>) + Send>;

/// One order to the relay. Orders about a peer or room that is gone are ignored: it may have left a moment ago.
pub enum Command {
    /// A peer comes with its first offer (RFC 8829); the reply has the answer. The room opens with its first peer.
    Join {
        /// The room to enter.
        room: RoomId,
        /// The new peer; must not be in use.
        peer: PeerId,
        /// The SDP offer, at most [`crate::limits::MAX_SDP_BYTES`].
        offer: String,
        /// Who hears and sees it, and whom it hears and sees.
        audience: Audience,
        /// How its receive slots are filled.
        reception: Reception,
        /// Gets the answer.
        reply: Reply,
    },
    /// A further offer of a peer that has joined: more slots, or an ICE restart. DTLS and SSRCs stay.
    Renegotiate {
        /// The peer.
        peer: PeerId,
        /// The whole new offer.
        offer: String,
        /// Gets the answer.
        reply: Reply,
    },
    /// The peer's circles changed (admitted, given the floor, moved to the lobby).
    SetAudience {
        /// The peer.
        peer: PeerId,
        /// Its new place.
        audience: Audience,
    },
    /// The highest layer of `source` that `receiver` wants, and how much it matters; every other source stays at the
    /// lowest layer and the least priority.
    SelectLayer {
        /// Who receives.
        receiver: PeerId,
        /// Whose picture.
        source: PeerId,
        /// The layer wanted.
        layer: Layer,
        /// Who comes first when the receiver's line does not carry all.
        priority: Priority,
    },
    /// Whom the room's `Reception::Programme` receivers are shown.
    SetProgramme {
        /// The room.
        room: RoomId,
        /// The source, or nobody.
        source: Option<PeerId>,
    },
    /// The peer leaves; its slots elsewhere become free.
    Leave {
        /// The peer.
        peer: PeerId,
    },
    /// All peers of the room leave.
    CloseRoom {
        /// The room.
        room: RoomId,
    },
}

/// How the receive slots of a peer are filled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reception {
    /// Each other participant gets a slot of its own and keeps it while there.
    #[default]
    Everyone,
    /// The first slot shows the room's programme (see [`Command::SetProgramme`]).
    Programme,
    /// Nothing is received.
    Nothing,
}

/// A simulcast layer, lowest first (`a=simulcast`, RFC 8853).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Layer {
    /// Thumbnail; every picture source has it.
    #[default]
    Low,
    /// Half size.
    Mid,
    /// Full size.
    High,
}

/// Whose picture comes first on a line that does not carry all, first to last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Priority {
    /// Has the floor.
    Speaker,
    /// Shows the presentation, or the chamber.
    Presentation,
    /// Enlarged by the receiver.
    Enlarged,
    /// Leads the meeting.
    Chair,
    /// Everybody else.
    #[default]
    Rest,
}

/// The relay's answer to an offer.
#[derive(Clone, PartialEq, Eq)]
pub struct Answer {
    /// The SDP answer.
    pub sdp: String,
    /// How many receive slots the peer has now.
    pub slots: u16,
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The SDP holds the ICE password, which must not reach a log.
        f.debug_struct("Answer")
            .field("slots", &self.slots)
            .finish_non_exhaustive()
    }
}

/// Why an offer was not answered.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum JoinError {
    /// The offer cannot be read or asks for something the relay does not do.
    #[error("the offer cannot be used: {0}; send a BUNDLE offer with rtcp-mux, Opus and VP8 (or H.264 baseline)")]
    Offer(String),
    /// The peer's name is taken.
    #[error("{0} has already joined; leave first or renegotiate")]
    PeerExists(PeerId),
    /// The peer is not here.
    #[error("{0} has not joined; send Join first")]
    NoSuchPeer(PeerId),
    /// The picture offered is H.264 alone, and may not be.
    #[error("the picture must be VP8: {0}")]
    NotVp8(&'static str),
    /// A bound of [`crate::limits`] is reached.
    #[error("no room for more: {0}")]
    Full(&'static str),
    /// The worker has too little time left for another room; see [`crate::worker::Load`].
    #[error(
        "the relay has no power left for another meeting; wait until one is over, or give it more workers (media.workers)"
    )]
    Overloaded,
    /// The room failed while the offer was read; see [`crate::Event::RoomFailed`].
    #[error("the meeting's media failed and were ended; join again")]
    RoomFailed,
}
