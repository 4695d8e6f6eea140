//! What the relay tells the control plane.

use crate::allocation::publishing::Publishing;
use crate::{PeerId, RoomId, SlotIndex, sample::RoomSample};
use std::time::Duration;

/// One message from the relay.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// ICE and DTLS are up; media can flow.
    Connected {
        /// The peer.
        peer: PeerId,
        /// What DTLS negotiated.
        profile: SrtpProfile,
    },
    /// The peer's media is over; it must join again. Not sent after `Command::Leave`.
    Disconnected {
        /// The peer.
        peer: PeerId,
        /// Why.
        reason: Disconnection,
    },
    /// Nothing authentic has come from these peers for so long (at least [`crate::limits::SILENCE`], in steps of
    /// [`crate::limits::ROOM_STEP`], rounded up). Told as soon as one of them completes another second of silence,
    /// not with the next sample: a lost link must reach the chair in time. All of the room's silent peers are in it,
    /// so that a fault they share can be told as one.
    Silent {
        /// The room.
        room: RoomId,
        /// Who is silent, and for how long.
        peers: Vec<(PeerId, Duration)>,
    },
    /// A receive slot shows somebody else now.
    SlotAssigned {
        /// Whose slot.
        receiver: PeerId,
        /// Which one.
        slot: SlotIndex,
        /// Who is in it; `None`: empty.
        source: Option<PeerId>,
    },
    /// What a publisher is to send of its picture from now on. Until the first of these, what it offered.
    Publish {
        /// The publisher.
        peer: PeerId,
        /// What to send.
        publishing: Publishing,
    },
    /// Once a second and room.
    Sample(Box<RoomSample>),
    /// The room's media failed inside the relay and was ended; its peers must join again.
    RoomFailed {
        /// The room.
        room: RoomId,
    },
}

/// Why a peer's media ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disconnection {
    /// DTLS close_notify (RFC 5246 section 7.2.1).
    ClosedByPeer,
    /// The DTLS handshake failed: wrong fingerprint, no shared profile.
    HandshakeFailed,
    /// No authenticated packet for [`crate::limits::PEER_TIMEOUT`].
    TimedOut,
}

/// The SRTP protection profile in use (RFC 5764, RFC 7714), by its IANA name in `Display`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SrtpProfile {
    /// `SRTP_AEAD_AES_128_GCM`
    AeadAes128Gcm,
    /// `SRTP_AEAD_AES_256_GCM`
    AeadAes256Gcm,
    /// `SRTP_AES128_CM_HMAC_SHA1_80`
    Aes128CmHmacSha1_80,
}

impl std::fmt::Display for SrtpProfile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::AeadAes128Gcm => "SRTP_AEAD_AES_128_GCM",
            Self::AeadAes256Gcm => "SRTP_AEAD_AES_256_GCM",
            Self::Aes128CmHmacSha1_80 => "SRTP_AES128_CM_HMAC_SHA1_80",
        })
    }
}
