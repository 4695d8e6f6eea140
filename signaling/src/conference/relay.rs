//! The way to the relay, and whose each peer is.

use crate::meeting::MeetingId;
use lika_sfu::worker::{Overloaded, Place, Pool};
use lika_sfu::{Command, PeerId, RoomId};
use std::sync::Arc;

/// Gives orders to the relay; never blocks. Each meeting has one of its own, which knows the worker its room lives on.
pub struct Relay {
    workers: Arc<dyn Workers>,
    /// Where the meeting's room is.
    place: Place,
    /// Who is to leave, though a mailbox had no room for the order. Bounded as the worker's peers and rooms are.
    owed: Vec<(Place, Farewell)>,
}

/// An order that must not be lost: whoever has left must not go on hearing.
#[derive(Clone, Copy, Debug)]
enum Farewell {
    Peer(PeerId),
    Room(RoomId),
}

/// The relay's threads, as seen from here.
trait Workers: Send + Sync {
    fn send(&self, place: Place, command: Command) -> Result<(), Overloaded>;
    fn least_loaded(&self) -> Place;
    fn places(&self) -> Vec<Place>;
}

impl Relay {
    /// The way to running workers.
    #[must_use]
    pub fn to(workers: Arc<Pool>) -> Self {
        Self::over(workers)
    }

    /// Another way.
    pub fn through(send: impl Fn(Command) -> Result<(), Overloaded> + Send + Sync + 'static) -> Self {
        Self::over(Arc::new(send))
    }

    fn over(workers: Arc<dyn Workers>) -> Self {
        Self {
            workers,
            place: Place::default(),
            owed: Vec::new(),
        }
    }

    /// Another meeting's way, which owes nothing yet.
    pub(super) fn for_meeting(&self) -> Self {
        Self::over(Arc::clone(&self.workers))
    }

    /// For a room that is about to open: the worker with most time left. The room stays there until it is empty.
    pub(super) fn choose_worker(&mut self) {
        self.place = self.workers.least_loaded();
    }

    /// Whether the order was taken.
    pub(super) fn order(&self, command: Command) -> bool {
        self.order_at(self.place, command)
    }

    fn order_at(&self, place: Place, command: Command) -> bool {
        let taken = self.workers.send(place, command);
        if let Err(error) = &taken {
            tracing::error!(%error, "an order to the relay was dropped");
        }
        taken.is_ok()
    }

    /// Somebody has left. The order is repeated until it is taken.
    pub(super) fn leave(&mut self, peer: PeerId) {
        self.see_off(self.place, Farewell::Peer(peer));
    }

    /// Closes a room wherever it is. The order is repeated until it is taken.
    pub(super) fn close(&mut self, room: RoomId) {
        for place in self.workers.places() {
            self.see_off(place, Farewell::Room(room));
        }
    }

    fn see_off(&mut self, place: Place, farewell: Farewell) {
        let order = match farewell {
            Farewell::Peer(peer) => Command::Leave { peer },
            Farewell::Room(room) => Command::CloseRoom { room },
        };
        if !self.order_at(place, order) {
            self.owed.push((place, farewell));
        }
    }

    /// Whether something could not be ordered.
    pub(super) const fn is_owed(&self) -> bool {
        !self.owed.is_empty()
    }

    /// Orders what could not be ordered before; once a second.
    pub(super) fn settle(&mut self) {
        for (place, farewell) in std::mem::take(&mut self.owed) {
            self.see_off(place, farewell);
        }
    }
}

impl Workers for Pool {
    fn send(&self, place: Place, command: Command) -> Result<(), Overloaded> {
        self.send(place, command)
    }

    fn least_loaded(&self) -> Place {
        self.least_loaded()
    }

    fn places(&self) -> Vec<Place> {
        self.places().collect()
    }
}

impl<F: Fn(Command) -> Result<(), Overloaded> + Send + Sync> Workers for F {
    fn send(&self, _place: Place, command: Command) -> Result<(), Overloaded> {
        self(command)
    }

    fn least_loaded(&self) -> Place {
        Place::default()
    }

    fn places(&self) -> Vec<Place> {
        vec![Place::default()]
    }
}

/// A meeting's room has the meeting's number.
pub(super) const fn room(meeting: MeetingId) -> RoomId {
    RoomId(meeting.0)
}

/// A peer's upper half is the meeting's number, so that the relay's events find their way without a table.
pub(super) const fn peer(meeting: MeetingId, number: u32) -> PeerId {
    PeerId(meeting.0 << 32 | number as u64)
}

/// Which meeting an event of the relay is for.
pub(super) fn addressee(event: &lika_sfu::Event) -> MeetingId {
    use lika_sfu::Event;
    match event {
        Event::Connected { peer, .. } | Event::Disconnected { peer, .. } | Event::Publish { peer, .. } => {
            MeetingId(peer.0 >> 32)
        }
        Event::SlotAssigned { receiver, .. } => MeetingId(receiver.0 >> 32),
        Event::Sample(sample) => MeetingId(sample.room.0),
        Event::RoomFailed { room } | Event::Silent { room, .. } => MeetingId(room.0),
    }
}

#[cfg(test)]
mod tests {
    use super::Relay;
    use lika_sfu::worker::Overloaded;
    use lika_sfu::{Command, PeerId, RoomId};
    use std::sync::mpsc;

    #[test]
    fn a_farewell_is_ordered_again_until_it_is_taken() {
        let (tell, ordered) = mpsc::channel();
        let (make_room, room) = mpsc::channel();
        let room = std::sync::Mutex::new(room);
        let mut relay = Relay::through(move |command| {
            let number = match command {
                Command::Leave { peer } => peer.0,
                Command::CloseRoom { room } => room.0,
                _ => panic!("only farewells"),
            };
            let has_room = room.lock().unwrap().try_recv().is_ok();
            has_room.then(|| tell.send(number).unwrap()).ok_or(Overloaded)
        });
        relay.leave(PeerId(7));
        relay.close(RoomId(8));
        relay.settle();
        assert!(ordered.try_recv().is_err() && relay.is_owed(), "the mailbox was full");
        for number in [7, 8] {
            make_room.send(()).unwrap();
            relay.settle();
            assert_eq!(ordered.try_recv(), Ok(number));
        }
        assert!(!relay.is_owed());
        make_room.send(()).unwrap();
        relay.settle();
        assert!(ordered.try_recv().is_err(), "once is enough");
    }
}
