//! A fault in one room ends that room's media and nobody else's. Each piece of work is done for one room; a panic in it
//! cannot have touched another room's peers, whose SRTP state stays as it is.

use super::{PeerIndex, Relay};
use crate::{Event, RoomId};
use std::panic::{AssertUnwindSafe, catch_unwind};

impl Relay {
    /// Does a piece of work for one room; `None`: it panicked, and the room is ended.
    pub(super) fn within<R>(&mut self, room: RoomId, work: impl FnOnce(&mut Self) -> R) -> Option<R> {
        // Unwind safe: what the work may have left half done is the room's, and is thrown away.
        let done = catch_unwind(AssertUnwindSafe(|| work(self)));
        if done.is_err() {
            self.fail(room);
        }
        done.ok()
    }

    /// Does a piece of work for the room of one peer; `None`: the peer is gone, or the work panicked and the room is
    /// ended.
    pub(super) fn within_room_of<R>(&mut self, index: PeerIndex, work: impl FnOnce(&mut Self) -> R) -> Option<R> {
        let room = self.peers.get(index.0).and_then(Option::as_ref)?.room;
        self.within(room, work)
    }

    /// Ends a room as it lies, without a word to its peers: their keys may be what broke. They join again.
    fn fail(&mut self, room: RoomId) {
        tracing::error!(
            room = room.0,
            "a room's media failed and are ended; its peers must join again"
        );
        self.rooms.remove(&room);
        for (n, place) in self.peers.iter_mut().enumerate() {
            if let Some(peer) = place.take_if(|peer| peer.room == room) {
                self.counters.pathless += peer.outbox.len() as u64;
            }
            if place.is_none() {
                self.timers.remove(PeerIndex(n));
            }
        }
        // By place, not by name: a peer that was out of its place when the fault happened is gone with it.
        let peers = &self.peers;
        let is_here = |index: &PeerIndex| peers.get(index.0).is_some_and(Option::is_some);
        self.by_id.retain(|_, index| is_here(index));
        self.by_ufrag.retain(|_, index| is_here(index));
        self.by_address.retain(|_, index| is_here(index));
        self.sending.retain(is_here);
        self.events.push_back(Event::RoomFailed { room });
    }
}

#[cfg(test)]
mod tests {
    use crate::dtls::{Fingerprint, Identity};
    use crate::relay::{PeerIndex, Relay, RelayConfig};
    use crate::{Audience, Command, Event, PeerId, Reception, RoomId};
    use std::net::SocketAddr;
    use std::time::Instant;

    const BROKEN: RoomId = RoomId(1);
    const WHOLE: RoomId = RoomId(2);

    fn offer() -> String {
        let fingerprint = Fingerprint::of(b"certificate");
        format!(
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n\
             m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\na=rtcp-mux\r\na=ice-ufrag:abcd\r\n\
             a=ice-pwd:0123456789abcdefghijkl\r\na=setup:actpass\r\na=fingerprint:{fingerprint}\r\n\
             a=rtpmap:111 opus/48000/2\r\n"
        )
    }

    fn relay_with(peers: &[(RoomId, PeerId)]) -> Relay {
        let mut relay = Relay::new(RelayConfig {
            identity: Identity::generate().unwrap(),
            candidates: vec![],
            number: 0,
            h264: true,
            seed: 1,
        });
        for (room, peer) in peers {
            let join = Command::Join {
                room: *room,
                peer: *peer,
                offer: offer(),
                audience: Audience::SPEAKING,
                reception: Reception::Everyone,
                reply: Box::new(|answer| assert!(answer.is_ok())),
            };
            relay.handle_command(Instant::now(), join);
        }
        relay
    }

    #[test]
    fn a_fault_leaves_nothing_of_its_room_and_everything_of_the_others() {
        let mut relay = relay_with(&[(BROKEN, PeerId(1)), (WHOLE, PeerId(2)), (BROKEN, PeerId(3))]);
        for last in 1..=3 {
            let address = SocketAddr::from(([192, 0, 2, last], 5000));
            relay
                .by_address
                .insert(address.into(), PeerIndex(usize::from(last) - 1));
        }
        let done = relay.within(BROKEN, |relay| {
            let _out_of_its_place = relay.peers[2].take();
            panic!("a fault, made on purpose by the test");
        });
        assert_eq!(done, None::<()>);
        assert_eq!(relay.rooms().collect::<Vec<_>>(), [WHOLE]);
        assert_eq!(
            relay.peers.iter().flatten().map(|peer| peer.id).collect::<Vec<_>>(),
            [PeerId(2)]
        );
        let places: [Vec<PeerIndex>; 3] = [
            relay.by_id.values().copied().collect(),
            relay.by_ufrag.values().copied().collect(),
            relay.by_address.values().copied().collect(),
        ];
        assert_eq!(places, [const { PeerIndex(1) }; 3].map(|place| vec![place]));
        let failed: Vec<Event> = std::iter::from_fn(|| relay.poll_event())
            .filter(|event| matches!(event, Event::RoomFailed { .. }))
            .collect();
        assert_eq!(failed, [Event::RoomFailed { room: BROKEN }]);
    }
}
