//! Outbound protection.

use super::cipher::{Cipher, PacketId};
use super::keys::{KeyError, MasterKey};
use super::window::{Indices, Refused, SEAL_WINDOW, words};
use super::{MAX_OUTBOUND_SSRCS, RTCP_HEADER};
use crate::SrtpProfile;
use thiserror::Error;

/// Protects everything that is sent to one peer. There is one, and it never protects the same packet index twice: a
/// retransmission is RTX (RFC 4588) or the identical sealed bytes.
pub struct Sealer {
    cipher: Cipher,
    rtp: Indices<{ words(SEAL_WINDOW) }>,
    /// One counter for all SSRCs: each still sees only rising indices, and nothing grows.
    next_rtcp_index: u32,
}

/// Why a packet was not sealed. Its buffer is as before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SealError {
    /// Shorter than its header.
    #[error("not sealed: shorter than its header; this is a fault in the relay, report it")]
    Malformed,
    /// The sequence number has been sealed, or is too old to know.
    #[error("not sealed: sequence number used before; send the sealed bytes again or use RTX")]
    Reused,
    /// [`MAX_OUTBOUND_SSRCS`] is reached.
    #[error("not sealed: too many outbound SSRCs; the peer must join again")]
    TooManySsrcs,
    /// All indices of the key are used (RFC 3711 section 9.2), or the cipher refused.
    #[error("not sealed: the key is used up; the peer must join again")]
    Exhausted,
}

impl Sealer {
    /// `master` is [`super::KeyingMaterial::local`].
    pub fn new(profile: SrtpProfile, master: &MasterKey) -> Result<Self, KeyError> {
        Ok(Self {
            cipher: Cipher::new(profile, master)?,
            rtp: Indices::new(MAX_OUTBOUND_SSRCS),
            next_rtcp_index: 0,
        })
    }

    /// Protects the RTP packet that occupies `packet[start..]`, of which `header_len` bytes (fixed header, CSRCs and
    /// extensions) stay in the clear, and appends the tag. Does not allocate when [`super::MAX_OVERHEAD`] bytes are
    /// free in `packet`.
    ///
    /// Sequence numbers may skip and come late (within [`super::SEAL_WINDOW`]), but each is sealed once. An SSRC should
    /// begin below 2^15: a receiver that misses packets before the first wrap cannot know of it.
    pub fn seal_rtp(&mut self, packet: &mut Vec<u8>, start: usize, header_len: usize) -> Result<(), SealError> {
        let (ssrc, sequence) = packet
            .get(start..)
            .and_then(|rtp| PacketId::of_rtp(rtp, header_len))
            .ok_or(SealError::Malformed)?;
        // Claimed first: whatever happens next, this index is never used again.
        let index = self.rtp.claim(ssrc, sequence)?;
        self.cipher
            .seal_rtp(packet, start, header_len, PacketId { ssrc, index })
            .map_err(|_| SealError::Exhausted)
    }

    /// Protects the RTCP compound that occupies `packet[start..]`; appends index and tag. Does not allocate when
    /// [`super::MAX_OVERHEAD`] bytes are free in `packet`.
    pub fn seal_rtcp(&mut self, packet: &mut Vec<u8>, start: usize) -> Result<(), SealError> {
        let ssrc = packet
            .get(start..)
            .and_then(PacketId::of_rtcp)
            .ok_or(SealError::Malformed)?;
        debug_assert!(packet.len() - start >= RTCP_HEADER);
        let index = self.next_rtcp_index;
        if index >= 1 << 31 {
            return Err(SealError::Exhausted);
        }
        self.next_rtcp_index += 1;
        let id = PacketId {
            ssrc,
            index: index.into(),
        };
        self.cipher
            .seal_rtcp(packet, start, id)
            .map_err(|_| SealError::Exhausted)
    }
}

impl From<Refused> for SealError {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Used => Self::Reused,
            Refused::TooManySsrcs => Self::TooManySsrcs,
        }
    }
}
