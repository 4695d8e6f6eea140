//! What becomes of a packet for one receiver.

/// One packet, one receiver: exactly one of these (see [`crate::relay::Counters`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is in the receiver's outbox.
    Sent,
    /// The receiver is shown another layer, or waits for a key frame.
    OtherLayer,
    /// The receiver's line has no room for this picture.
    NoRoom,
    /// The receiver is still being shown what was before; this comes when its turn does.
    Behind,
    /// Of a temporal layer that is not sent.
    LeftOut,
    /// Older than what the receiver is shown now, or not kept any longer.
    TooOld,
    /// The slot has no such section, or none in this codec.
    NotNegotiated,
    /// The receiver has no keys yet.
    NotConnected,
    /// It could not be sealed.
    NotSealed,
    /// The receiver's outbox was full.
    Overflowed,
}
