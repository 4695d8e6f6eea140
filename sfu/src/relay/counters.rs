//! Totals of a relay. In = forwarded + withheld + dropped with a reason.

/// Datagrams and packets since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Datagrams that came.
    pub received: u64,
    /// Datagrams that went out.
    pub sent: u64,
    /// Neither STUN, DTLS nor RTP (RFC 7983), or from an address no peer has proved.
    pub strange: u64,
    /// STUN that was not answered with success.
    pub stun_refused: u64,
    /// SRTP or SRTCP that did not open.
    pub not_opened: u64,
    /// Replays and duplicates, refused before decryption.
    pub replayed: u64,
    /// RTP that belongs to nothing negotiated, or cannot be read.
    pub unknown_stream: u64,
    /// Media packets that came in order.
    pub media: u64,
    /// Media packets forwarded, counted per receiver.
    pub forwarded: u64,
    /// Media packets nobody was allowed to have.
    pub withheld: u64,
    /// Packets that could not be sealed.
    pub not_sealed: u64,
    /// Retransmissions to receivers.
    pub resent: u64,
    /// Retransmissions that nobody asked for, to probe a receiver's line.
    pub probes: u64,
    /// Packets that publishers sent again because the relay asked.
    pub repaired: u64,
}
