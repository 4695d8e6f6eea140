//! How much a relay holds, table by table: what has come must be gone when it has left.

use super::Relay;

/// Entries at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tables {
    /// Rooms.
    pub rooms: usize,
    /// Members of all rooms.
    pub members: usize,
    /// Peers by name.
    pub peers: usize,
    /// User name fragments by which peers are found.
    pub ufrags: usize,
    /// Proved addresses.
    pub addresses: usize,
    /// Streams that come.
    pub streams: usize,
    /// Who receives whom.
    pub subscriptions: usize,
    /// Layers asked for.
    pub wishes: usize,
    /// Outboxes and answers that wait to be sent.
    pub sending: usize,
    /// Peers that are to be looked at at some time.
    pub timers: usize,
    /// Events that nobody has taken yet.
    pub events: usize,
}

impl Relay {
    /// Counts what is held.
    #[must_use]
    pub fn tables(&self) -> Tables {
        let peers = || self.peers.iter().flatten();
        Tables {
            rooms: self.rooms.len(),
            members: self.rooms.values().map(|room| room.members.len()).sum(),
            peers: self.by_id.len(),
            ufrags: self.by_ufrag.len(),
            addresses: self.by_address.len(),
            streams: peers().map(|peer| peer.publication.streams()).sum(),
            subscriptions: peers().map(|peer| peer.subscribers.len()).sum(),
            wishes: peers().map(|peer| peer.wanted.len()).sum(),
            sending: self.sending.len() + self.replies.len(),
            timers: self.timers.len(),
            events: self.events.len(),
        }
    }
}
