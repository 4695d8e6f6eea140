//! RTCP (RFC 3550 section 6, RFC 4585, RFC 5104), read and written in place: receivers report so often that reading
//! must not allocate. `rtc-rtcp` is the oracle in the tests and not used here: it makes each packet, and each part of a
//! transport-wide feedback, a value of its own on the heap.

mod arrivals;
mod read;
mod write;

pub use arrivals::{Arrival, Arrivals};
pub use read::{Malformed, Packet, packets};
pub use write::{MAX_BLOCKS, compounds, nack, picture_loss, receiver_report, sender_report};

/// Packet types.
mod kind {
    pub(super) const SENDER_REPORT: u8 = 200;
    pub(super) const RECEIVER_REPORT: u8 = 201;
    pub(super) const TRANSPORT_FEEDBACK: u8 = 205;
    pub(super) const PAYLOAD_FEEDBACK: u8 = 206;
}

/// Formats of feedback packets.
mod format {
    pub(super) const NACK: u8 = 1;
    pub(super) const ARRIVALS: u8 = 15;
    pub(super) const PICTURE_LOSS: u8 = 1;
    pub(super) const FULL_INTRA: u8 = 4;
    pub(super) const APPLICATION: u8 = 15;
}

/// The first word of every packet.
const HEADER: usize = 4;

/// What a receiver says of one stream (RFC 3550 section 6.4.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReceptionBlock {
    /// The stream.
    pub ssrc: u32,
    /// Share lost since the last report, in 256ths.
    pub fraction_lost: u8,
    /// Packets lost since the beginning; 24 bits.
    pub total_lost: u32,
    /// Extended highest sequence number.
    pub highest: u32,
    /// In media time units.
    pub jitter: u32,
    /// Middle 32 bits of the last sender report's NTP time; 0: none came.
    pub last_sender_report: u32,
    /// Since that report, in 65536ths of a second.
    pub delay: u32,
}

impl ReceptionBlock {
    const LEN: usize = 24;
}

/// What a sender says of one stream (RFC 3550 section 6.4.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SenderInfo {
    /// The stream.
    pub ssrc: u32,
    /// Wall clock, NTP format.
    pub ntp: u64,
    /// The media clock then.
    pub rtp: u32,
    /// Packets sent, modulo 2^32.
    pub packets: u32,
    /// Payload bytes sent, modulo 2^32.
    pub octets: u32,
}
