//! The way to the relay, and whose each peer is.

use crate::meeting::MeetingId;
use lika_sfu::worker::{Overloaded, Worker};
use lika_sfu::{Command, PeerId, RoomId};
use std::sync::Arc;

/// Gives orders to the relay; never blocks.
#[derive(Clone)]
pub struct Relay(Arc<dyn Fn(Command) -> Result<(), Overloaded> + Send + Sync>);

impl Relay {
    /// The way to a running worker.
    #[must_use]
    pub fn to(worker: Worker) -> Self {
        Self::through(move |command| worker.send(command))
    }

    /// Another way.
    pub fn through(send: impl Fn(Command) -> Result<(), Overloaded> + Send + Sync + 'static) -> Self {
        Self(Arc::new(send))
    }

    /// Whether the order was taken.
    pub(super) fn order(&self, command: Command) -> bool {
        let taken = (self.0)(command);
        if let Err(error) = &taken {
            tracing::error!(%error, "an order to the relay was dropped");
        }
        taken.is_ok()
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
        Event::Connected { peer, .. } | Event::Disconnected { peer, .. } => MeetingId(peer.0 >> 32),
        Event::SlotAssigned { receiver, .. } => MeetingId(receiver.0 >> 32),
        Event::Sample(sample) => MeetingId(sample.room.0),
        Event::RoomFailed { room } | Event::Silent { room, .. } => MeetingId(room.0),
    }
}
