//! The way to the relay, and whose each peer is.

use crate::meeting::MeetingId;
use lika_sfu::worker::{Overloaded, Place, Pool};
use lika_sfu::{Command, PeerId, RoomId};
use std::sync::Arc;

/// Gives orders to the relay; never blocks. Each meeting has one of its own, which knows the worker its room lives on.
#[derive(Clone)]
pub struct Relay {
    workers: Arc<dyn Workers>,
    /// Where the meeting's room is.
    place: Place,
    /// Peers that are to leave, though a mailbox had no room for the order. Bounded as the worker's peers are.
    owed: Vec<(Place, PeerId)>,
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

    /// Whoever has left must not go on hearing: the order is repeated until it is taken.
    pub(super) fn leave(&mut self, peer: PeerId) {
        self.leave_at(self.place, peer);
    }

    fn leave_at(&mut self, place: Place, peer: PeerId) {
        if !self.order_at(place, Command::Leave { peer }) {
            self.owed.push((place, peer));
        }
    }

    /// Orders what could not be ordered before; once a second.
    pub(super) fn settle(&mut self) {
        for (place, peer) in std::mem::take(&mut self.owed) {
            self.leave_at(place, peer);
        }
    }

    /// Closes a room wherever it is.
    pub(super) fn close(&self, room: RoomId) {
        for place in self.workers.places() {
            self.order_at(place, Command::CloseRoom { room });
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
    use lika_sfu::{Command, PeerId};
    use std::sync::mpsc;

    #[test]
    fn a_leave_is_ordered_again_until_it_is_taken() {
        let (tell, ordered) = mpsc::channel();
        let (make_room, room) = mpsc::channel();
        let room = std::sync::Mutex::new(room);
        let mut relay = Relay::through(move |command| {
            let Command::Leave { peer } = command else {
                panic!("only leaves")
            };
            let has_room = room.lock().unwrap().try_recv().is_ok();
            has_room.then(|| tell.send(peer).unwrap()).ok_or(Overloaded)
        });
        relay.leave(PeerId(7));
        relay.settle();
        assert!(ordered.try_recv().is_err(), "the mailbox was full");
        make_room.send(()).unwrap();
        relay.settle();
        assert_eq!(ordered.try_recv(), Ok(PeerId(7)));
        make_room.send(()).unwrap();
        relay.settle();
        assert!(ordered.try_recv().is_err(), "once is enough");
    }
}
