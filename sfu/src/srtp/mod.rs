//! SRTP and SRTCP (RFC 3711), with AES-GCM (RFC 7714) wherever the peer has it.
//!
//! [`Sealer`] and [`Opener`] are the only owners of a peer's SRTP state: one of each, made once from the keys that
//! DTLS agreed on, never copied and never restored. Two writers with the same key would use a GCM nonce twice, which
//! gives the key away.
//!
//! Everything happens in place in the caller's buffer, without allocation, over `aws-lc-rs`. The crate `rtc-srtp` is
//! the oracle in the tests and not used here: it copies each packet, keeps a state for every SSRC that an
//! unauthenticated packet names, and takes SRTCP without the encryption flag as authentic.

mod cipher;
mod keys;
mod opener;
mod sealer;
mod window;

#[cfg(test)]
mod oracle;

pub use cipher::MAX_OVERHEAD;
pub use keys::{KeyError, KeyingMaterial, MasterKey};
pub use opener::{OpenError, Opener};
pub use sealer::{SealError, Sealer};
pub use window::{REPLAY_WINDOW, SEAL_WINDOW};

/// SSRCs that one peer may send from: microphone, three camera layers, a presentation, each with RTX, and a hundred
/// restarts of them. A further one is refused; forgetting an old one would let its packets be replayed.
pub const MAX_INBOUND_SSRCS: usize = 256;

/// SSRCs that one peer is sent: sound, picture and RTX of [`crate::limits::MAX_SLOTS`] slots, and as many again.
pub const MAX_OUTBOUND_SSRCS: usize = 1024;

/// The fixed part of an RTP header (RFC 3550 section 5.1).
const MIN_RTP_HEADER: usize = 12;

/// What stays in the clear in SRTCP: the first header and the sender's SSRC (RFC 3711 section 3.4).
const RTCP_HEADER: usize = 8;
