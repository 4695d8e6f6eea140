//! What the benchmark and its relay say to each other: JSON, one message a line, over the relay's standard streams.

use serde::{Deserialize, Serialize};
use std::net::SocketAddr;

/// To the relay.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub(super) enum Request {
    /// A participant comes.
    Join { peer: u64, offer: String, speaks: bool },
    /// A participant goes.
    Leave { peer: u64 },
    /// What the process has used so far.
    Usage,
    /// What sealing and sending alone cost on this core.
    Floor {
        receivers: usize,
        packet_bytes: usize,
        run: usize,
        every_us: u64,
        drain_core: usize,
    },
}

/// From the relay.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub(super) enum Response {
    /// Listening.
    Ready { address: SocketAddr },
    /// The answer to an offer.
    Joined { peer: u64, sdp: String },
    /// The offer was refused.
    Refused { peer: u64, reason: String },
    /// CPU time and resident memory of the process, and the datagrams that reached it.
    Usage {
        cpu_ns: u64,
        resident_bytes: u64,
        received: u64,
    },
    /// CPU time of one packet.
    Floor { ns_per_packet: f64 },
    /// It cannot go on.
    Failed { reason: String },
}
