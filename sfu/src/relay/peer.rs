//! One peer: its transport, what it publishes and what it receives.

use super::PeerIndex;
use super::catch_up::CatchUp;
use super::downlink::Downlink;
use super::publication::Publication;
use crate::allocation::publishing::Asked;
use crate::dtls::Association;
use crate::feedback::ArrivalTimes;
use crate::forward::{Outbox, Slot};
use crate::ice::{Agent, TransportAddress};
use crate::sdp::SlotSources;
use crate::srtp::{Opener, Sealer};
use crate::{Audience, Layer, PeerId, Priority, Reception, RoomId};
use rustc_hash::FxHashMap;
use std::time::{Duration, Instant};

/// A peer of a room.
pub(super) struct Peer {
    pub(super) id: PeerId,
    pub(super) room: RoomId,
    pub(super) audience: Audience,
    pub(super) reception: Reception,
    pub(super) ice: Agent,
    /// Addresses from which authentic checks came, oldest first.
    pub(super) addresses: Vec<TransportAddress>,
    pub(super) dtls: Association,
    pub(super) srtp: Option<Srtp>,
    pub(super) publication: Publication,
    pub(super) asked: Asked,
    /// The highest layer of its picture that anybody wants.
    pub(super) highest_wanted: Layer,
    pub(super) slots: Vec<Slot>,
    pub(super) catch_up: CatchUp,
    /// Layers asked for, by source, and how much they matter.
    pub(super) wanted: FxHashMap<PeerId, (Layer, Priority)>,
    pub(super) downlink: Downlink,
    /// Who receives this peer, rebuilt with each change of room or audience.
    pub(super) subscribers: Vec<Subscriber>,
    pub(super) outbox: Outbox,
    pub(super) sending: bool,
    pub(super) arrival_times: ArrivalTimes,
    pub(super) next_arrival_times: Instant,
    pub(super) next_report: Instant,
    pub(super) last_heard: Instant,
    /// When media last came from it or went to it.
    pub(super) stirred: Instant,
    /// Whole seconds of silence already told.
    pub(super) silence_told: u64,
    pub(super) round_trip: Option<Duration>,
    pub(super) answers: u64,
    pub(super) ssrcs: Ssrcs,
}

/// The SSRCs the relay uses towards one peer, numbered from a random one: its own for RTCP, then three for each slot.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ssrcs {
    base: u32,
}

impl Ssrcs {
    /// `random` may be any number.
    pub(super) const fn new(random: u32) -> Self {
        // Neither 0 nor 1, which some receivers use for themselves, nor close to the end.
        Self {
            base: (random & 0x3fff_ffff) | 0x4000_0000,
        }
    }

    /// For the relay's RTCP.
    pub(super) const fn own(self) -> u32 {
        self.base
    }

    /// For receive slot `slot`.
    pub(super) const fn slot(self, slot: usize) -> SlotSources {
        let first = self.base + 1 + 3 * slot as u32;
        SlotSources {
            sound: first,
            picture: first + 1,
            rtx: first + 2,
        }
    }

    /// The slot an SSRC of [`Ssrcs::slot`] belongs to.
    pub(super) fn slot_of(self, ssrc: u32) -> Option<usize> {
        Some(ssrc.checked_sub(self.base + 1)? as usize / 3)
    }
}

/// The two ends of a peer's SRTP.
pub(super) struct Srtp {
    pub(super) opener: Opener,
    pub(super) sealer: Sealer,
}

/// A receiver of a source, and the slot it is shown in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Subscriber {
    pub(super) receiver: PeerIndex,
    pub(super) slot: usize,
    pub(super) hears: bool,
    pub(super) sees: bool,
}

impl Peer {
    /// Whether it is connected and sends a picture.
    pub(super) const fn publishes_picture(&self) -> bool {
        self.srtp.is_some() && self.publication.picture.codecs.is_some()
    }

    /// Something authentic came from `from`.
    pub(super) fn heard(&mut self, now: Instant, from: TransportAddress) {
        self.last_heard = now;
        self.ice.heard(now, from);
    }

    /// Whether `source` may be heard by this peer.
    pub(super) const fn hears(&self, source: &Audience) -> bool {
        source.sound_to.meets(self.audience.hears)
    }

    /// Whether `source` may be seen by this peer.
    pub(super) const fn sees(&self, source: &Audience) -> bool {
        source.picture_to.meets(self.audience.sees)
    }

    /// Seals an RTCP compound into the outbox; whether that was possible.
    pub(super) fn send_rtcp(&mut self, compound: &[u8]) -> bool {
        let Some(srtp) = &mut self.srtp else { return false };
        let pushed = self.outbox.push(|bytes, start| {
            bytes.extend_from_slice(compound);
            srtp.sealer.seal_rtcp(bytes, start)
        });
        pushed.unwrap_or_else(|error| {
            tracing::debug!(peer = self.id.0, %error, "RTCP was not sent");
            false
        })
    }
}
