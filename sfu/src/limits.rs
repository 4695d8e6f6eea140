//! Every bound of the relay, with its reason.

use std::time::Duration;

/// Longest SDP read. A hundred slots measure 197 KB in Chromium; twice that and some.
pub const MAX_SDP_BYTES: usize = 512 * 1024;
/// Media sections in one offer: 2 x 128 slots and the peer's own.
pub const MAX_MEDIA_SECTIONS: usize = 260;
/// Receive slots of a peer: a full council of 101 and room to spare.
pub const MAX_SLOTS: usize = 128;
/// Peers in one room: 101 members, their second devices, guests.
pub const MAX_PEERS_PER_ROOM: usize = 256;
/// Peers on one worker.
pub const MAX_PEERS: usize = 1024;
/// Largest datagram handled; larger is dropped. Ethernet's MTU rounded up.
pub const MAX_DATAGRAM: usize = 2048;
/// A peer from which nothing authentic came for this long is gone; it must join again.
pub const PEER_TIMEOUT: Duration = Duration::from_secs(60);
/// Silence worth telling: a peer that sends anything sends 50 sound packets a second, also with a closed microphone.
pub const SILENCE: Duration = Duration::from_secs(2);
/// How often a room is looked at as a whole: who is silent, which layer everybody is shown. Longer than the 20 ms between
/// sound packets, so that peers who fall silent together are told together.
pub const ROOM_STEP: Duration = Duration::from_millis(100);
/// Bits a second of past pictures sent to one newcomer, or twice what comes meanwhile if that is more: twice what forty
/// thumbnails take, so that a line that carries the meeting is not flooded by joining it.
pub const CATCH_UP_BPS: u64 = 12_000_000;
/// Commands waiting for the worker; more are refused with [`crate::JoinError::Full`] or dropped with an error log.
pub const MAILBOX: usize = 4096;
/// SSRCs one peer may publish under: microphone, three layers, their retransmissions, and restarts of them.
pub const MAX_PUBLISHED_SSRCS: usize = 64;
/// Addresses one peer may be reached at: its interfaces and their address families. The oldest is forgotten.
pub const MAX_ADDRESSES: usize = 8;
