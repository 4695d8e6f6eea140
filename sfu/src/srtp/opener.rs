//! Inbound protection.

use super::MAX_INBOUND_SSRCS;
use super::cipher::{Cipher, PacketId};
use super::keys::{KeyError, MasterKey};
use super::window::{Indices, REPLAY_WINDOW, Refused, words};
use crate::SrtpProfile;
use thiserror::Error;

/// Opens everything that one peer sends. Duplicates and replays are refused before decryption; state changes only by
/// authentic packets.
pub struct Opener {
    cipher: Cipher,
    rtp: Indices<{ words(REPLAY_WINDOW) }>,
    rtcp: Indices<{ words(REPLAY_WINDOW) }>,
}

/// Why a packet was not opened. After [`OpenError::NotAuthentic`] its bytes are meaningless: drop it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum OpenError {
    /// Too short, or SRTCP without encryption.
    #[error("not opened: malformed")]
    Malformed,
    /// Seen before, or too old to know.
    #[error("not opened: duplicate or replay")]
    Replayed,
    /// [`MAX_INBOUND_SSRCS`] is reached.
    #[error("not opened: too many SSRCs from one peer")]
    TooManySsrcs,
    /// The tag is wrong: altered, forged, or protected with another key.
    #[error("not opened: not authentic")]
    NotAuthentic,
}

impl Opener {
    /// `master` is [`super::KeyingMaterial::remote`].
    pub fn new(profile: SrtpProfile, master: &MasterKey) -> Result<Self, KeyError> {
        Ok(Self {
            cipher: Cipher::new(profile, master)?,
            rtp: Indices::new(MAX_INBOUND_SSRCS),
            rtcp: Indices::new(MAX_INBOUND_SSRCS),
        })
    }

    /// Opens an SRTP packet whose first `header_len` bytes (fixed header, CSRCs and extensions) are in the clear. Gives
    /// the length of the plain packet, which is the start of `packet`. Never allocates once the SSRC is known.
    pub fn open_rtp(&mut self, packet: &mut [u8], header_len: usize) -> Result<usize, OpenError> {
        let (ssrc, sequence) = PacketId::of_rtp(packet, header_len).ok_or(OpenError::Malformed)?;
        let index = self.rtp.place(ssrc, sequence)?;
        let id = PacketId { ssrc, index };
        let len = self
            .cipher
            .open_rtp(packet, header_len, id)
            .map_err(|_| OpenError::NotAuthentic)?;
        self.rtp.mark(ssrc, index);
        Ok(len)
    }

    /// Opens an SRTCP packet. Gives the length of the RTCP compound, which is the start of `packet`.
    pub fn open_rtcp(&mut self, packet: &mut [u8]) -> Result<usize, OpenError> {
        let ssrc = PacketId::of_rtcp(packet).ok_or(OpenError::Malformed)?;
        let index = self.cipher.rtcp_index(packet).ok_or(OpenError::Malformed)?;
        self.rtcp.check(ssrc, index)?;
        let id = PacketId { ssrc, index };
        let len = self.cipher.open_rtcp(packet, id).map_err(|_| OpenError::NotAuthentic)?;
        self.rtcp.mark(ssrc, index);
        Ok(len)
    }
}

impl From<Refused> for OpenError {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Used => Self::Replayed,
            Refused::TooManySsrcs => Self::TooManySsrcs,
        }
    }
}
