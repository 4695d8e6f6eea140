//! What a room's pictures are encoded with: H.264 while everybody in it decodes that, else VP8, which everybody does.
//!
//! Whoever waits in the lobby counts: admission is a change of audience, and nobody's picture stops for it.

use super::peer::Peer;
use super::{PeerIndex, Relay};
use crate::sdp::Offer;
use crate::{JoinError, PictureCodec, Reception, RoomId};
use std::time::{Duration, Instant};

/// How long everybody must have decoded H.264 before it is used, so that somebody who reloads a page does not turn
/// everyone's picture over twice.
const SETTLED: Duration = Duration::from_secs(10);

/// The choice of one room.
#[derive(Debug, Default)]
pub(super) struct Choice {
    codec: PictureCodec,
    /// Since when everybody decodes H.264.
    suits_since: Option<Instant>,
}

impl Choice {
    /// Chooses anew: VP8 at once, H.264 when that has suited everybody for a while.
    fn make(&mut self, now: Instant, suits_everybody: bool) -> PictureCodec {
        self.suits_since = self.suits_since.or(Some(now)).filter(|_| suits_everybody);
        let has_settled = |since: Instant| now.saturating_duration_since(since) >= SETTLED;
        self.codec = match self.suits_since {
            None => PictureCodec::Vp8,
            Some(since) if has_settled(since) => PictureCodec::H264,
            Some(_) => self.codec,
        };
        self.codec
    }
}

impl Peer {
    /// Whether it is shown pictures, in at least one slot.
    fn watches(&self) -> bool {
        self.reception != Reception::Nothing && self.slots.iter().any(|slot| slot.has_picture())
    }

    /// What it is to encode its picture with in a room that has chosen `codec`.
    pub(super) fn encodes(&self, codec: PictureCodec) -> PictureCodec {
        let offered = self.publication.picture.codecs.unwrap_or_default();
        let mut able = [codec, PictureCodec::Vp8, PictureCodec::H264].into_iter();
        able.find(|codec| offered.has(*codec)).unwrap_or_default()
    }

    /// Whether it decodes `codec` wherever it is shown a picture.
    fn decodes(&self, codec: PictureCodec) -> bool {
        !self.watches() || self.slots.iter().all(|slot| !slot.has_picture() || slot.decodes(codec))
    }
}

impl Relay {
    /// Reads an offer to be answered in `room`.
    ///
    /// # Errors
    /// When it cannot be used, or sends H.264 alone and that is switched off or somebody does not decode it. Whoever
    /// comes later and does not is let in: a person comes before an encoder, and is told why there is no picture.
    pub(super) fn read_offer(&self, room: RoomId, offer: &str) -> Result<Offer, JoinError> {
        let mut offer = Offer::parse(offer).map_err(|error| JoinError::Offer(error.to_string()))?;
        let needs_h264 = offer
            .picture_sent()
            .is_some_and(|codecs| !codecs.has(PictureCodec::Vp8));
        if needs_h264 && !self.config.h264 {
            return Err(JoinError::NotVp8("H.264 is switched off (media.h264)"));
        }
        if needs_h264 && !self.everybody_decodes(room, PictureCodec::H264) {
            return Err(JoinError::NotVp8("somebody in the meeting does not decode H.264"));
        }
        if !self.config.h264 {
            offer.leave_out_h264();
        }
        Ok(offer)
    }

    /// What the room's pictures are to be encoded with.
    pub(super) fn choose_codec(&mut self, now: Instant, room: RoomId) -> PictureCodec {
        let suits_everybody = self.config.h264 && self.everybody_decodes(room, PictureCodec::H264);
        let choice = self.rooms.get_mut(&room).map(|room| &mut room.codec);
        choice.map_or_else(PictureCodec::default, |choice| choice.make(now, suits_everybody))
    }

    fn everybody_decodes(&self, room: RoomId, codec: PictureCodec) -> bool {
        let members = self.rooms.get(&room).map(|room| &room.members[..]).unwrap_or_default();
        let peer = |index: &PeerIndex| self.peers.get(index.0)?.as_deref();
        members.iter().filter_map(peer).all(|peer| peer.decodes(codec))
    }
}
