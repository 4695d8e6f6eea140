//! What publishers are asked to send: see `docs/allocation.md`.

use super::{PeerIndex, Relay};
use crate::allocation::lowest::Receiver;
use crate::{Event, RoomId};
use std::time::Instant;

impl Relay {
    /// Tells the publishers of the room what to send, as far as that has changed.
    pub(super) fn ask_publishers(&mut self, now: Instant, room: RoomId) {
        let Some(lowest_bps) = self.rate_lowest(now, room) else {
            return;
        };
        let codec = self.choose_codec(now, room);
        let members = self.rooms[&room].members.clone();
        for index in members {
            let Some(peer) = self.peer(index).filter(|peer| peer.publishes_picture()) else {
                continue;
            };
            let (id, highest, codec) = (peer.id, peer.highest_wanted, peer.encodes(codec));
            if let Some(publishing) = peer.asked.update(now, highest, lowest_bps, codec) {
                self.events.push_back(Event::Publish { peer: id, publishing });
            }
        }
    }

    /// The rate of the room's lowest layer.
    fn rate_lowest(&mut self, now: Instant, room: RoomId) -> Option<u32> {
        let peers = || {
            let members = self.rooms.get(&room)?.members.iter();
            Some(members.filter_map(|PeerIndex(place)| self.peers.get(*place)?.as_deref()))
        };
        let pictures = peers()?.filter(|peer| peer.publishes_picture()).count();
        let receivers: Vec<Receiver> = peers()?.filter_map(|peer| peer.downlink.receiver).collect();
        let lowest = &mut self.rooms.get_mut(&room)?.lowest;
        lowest.update(now, pictures, &receivers);
        Some(lowest.bps())
    }
}
