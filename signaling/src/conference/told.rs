//! What is told without waiting: by the relay's threads, which must not wait, and by tasks that tell how something stands.
//!
//! It is taken in the order of telling. If more waits than usual, what newer tellings have overtaken is forgotten: nothing
//! that is still so is lost, however far behind whoever takes it in has fallen.

use super::Input;
use lika_sfu::{Event, PeerId, RoomId, SlotIndex};
use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// So much may wait before it is looked for what has been overtaken. A newcomer to a full council makes a few hundred
/// tellings. What is left then is bounded by what can be told about: each peer's slots and state, each room's second.
const PLENTY: usize = 1024;

/// What newer tellings overtake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    /// Whether a peer is connected.
    Connection(PeerId),
    /// Who is in a slot.
    Slot(PeerId, SlotIndex),
    /// What a publisher is to send.
    Publishing(PeerId),
    /// Who is silent in a room.
    Silence(RoomId),
    /// A room's second: without it that second is not measured.
    Second(RoomId),
    /// That a room has failed.
    Failure(RoomId),
    /// How the sessions stand.
    Sessions,
}

/// Something told.
pub trait Telling {
    /// Of two tellings of one subject the newer says all that is still so. `None`: nothing overtakes it.
    fn subject(&self) -> Option<Subject>;
}

impl Telling for Event {
    fn subject(&self) -> Option<Subject> {
        Some(match *self {
            Self::Connected { peer, .. } | Self::Disconnected { peer, .. } => Subject::Connection(peer),
            Self::SlotAssigned { receiver, slot, .. } => Subject::Slot(receiver, slot),
            Self::Publish { peer, .. } => Subject::Publishing(peer),
            Self::Silent { room, .. } => Subject::Silence(room),
            Self::Sample(ref sample) => Subject::Second(sample.room),
            Self::RoomFailed { room } => Subject::Failure(room),
        })
    }
}

impl Telling for Input {
    fn subject(&self) -> Option<Subject> {
        match self {
            Self::Relay(event) => event.subject(),
            Self::LookedAfter { .. } => Some(Subject::Sessions),
            _ => None,
        }
    }
}

/// Both ends of what is told: any number of tellers, one who takes it in.
pub struct Told<T>(Arc<Shared<T>>);

struct Shared<T> {
    waiting: Mutex<Waiting<T>>,
    more: Notify,
}

struct Waiting<T> {
    tellings: VecDeque<T>,
    /// As many as may wait before it is looked again for what has been overtaken.
    plenty: usize,
}

impl<T> Clone for Told<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T: Telling> Told<T> {
    pub(super) fn nothing() -> Self {
        let waiting = Waiting {
            tellings: VecDeque::new(),
            plenty: PLENTY,
        };
        Self(Arc::new(Shared {
            waiting: Mutex::new(waiting),
            more: Notify::new(),
        }))
    }

    /// Never waits for whoever takes it in.
    pub(super) fn tell(&self, telling: T) {
        self.waiting().take(telling);
        self.0.more.notify_one();
    }

    /// The oldest, as soon as there is one. Nothing is lost if this is given up.
    pub(super) async fn next(&self) -> T {
        loop {
            if let Some(telling) = self.waiting().tellings.pop_front() {
                return telling;
            }
            self.0.more.notified().await;
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting().tellings.is_empty()
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting<T>> {
        // Nobody leaves it half changed.
        self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Telling> Waiting<T> {
    fn take(&mut self, telling: T) {
        if self.tellings.len() >= self.plenty {
            self.forget_overtaken();
        }
        self.tellings.push_back(telling);
    }

    fn forget_overtaken(&mut self) {
        let before = self.tellings.len();
        let mut newer = HashSet::new();
        let mut is_so = |telling: &T| telling.subject().is_none_or(|subject| newer.insert(subject));
        let mut kept: VecDeque<T> = VecDeque::with_capacity(before);
        while let Some(telling) = self.tellings.pop_back() {
            if is_so(&telling) {
                kept.push_front(telling);
            }
        }
        let left = kept.len();
        tracing::warn!(
            before,
            left,
            "far behind: what newer tellings have overtaken is forgotten"
        );
        self.tellings = kept;
        self.plenty = PLENTY.max(2 * left);
    }
}

#[cfg(test)]
mod tests {
    use super::{PLENTY, Told};
    use lika_sfu::{Event, PeerId, SlotIndex};

    fn assigned(receiver: u64, source: u64) -> Event {
        Event::SlotAssigned {
            receiver: PeerId(receiver),
            slot: SlotIndex(0),
            source: Some(PeerId(source)),
        }
    }

    async fn all(told: &Told<Event>) -> Vec<Event> {
        let mut all = Vec::new();
        while !told.is_empty() {
            all.push(told.next().await);
        }
        all
    }

    #[tokio::test]
    async fn it_is_taken_in_the_order_of_telling() {
        let told = Told::nothing();
        let few: Vec<Event> = (0..10).map(|n| assigned(n % 2, n)).collect();
        few.iter().cloned().for_each(|event| told.tell(event));
        assert_eq!(all(&told).await, few, "nothing is forgotten while there is room");
    }

    #[tokio::test]
    async fn whoever_is_far_behind_finds_how_things_stand_and_not_how_they_stood() {
        let told = Told::nothing();
        let receivers = 40;
        for source in 0..1000 {
            (0..receivers).for_each(|receiver| told.tell(assigned(receiver, source)));
        }
        assert!(told.waiting().tellings.len() <= PLENTY, "it is bounded");
        let mut last = vec![None; receivers as usize];
        for event in all(&told).await {
            let Event::SlotAssigned { receiver, source, .. } = event else {
                unreachable!("nothing else was told")
            };
            last[receiver.0 as usize] = source;
        }
        assert_eq!(last, vec![Some(PeerId(999)); receivers as usize]);
    }

    #[tokio::test]
    async fn more_than_plenty_that_is_all_still_so_is_all_kept() {
        let told = Told::nothing();
        let many = 3 * PLENTY as u64;
        (0..many).for_each(|receiver| told.tell(assigned(receiver, 7)));
        assert_eq!(all(&told).await.len() as u64, many);
    }

    #[tokio::test]
    async fn whoever_waits_is_woken() {
        let told = Told::nothing();
        let (teller, taker) = (told.clone(), tokio::spawn(async move { told.next().await }));
        tokio::task::yield_now().await;
        teller.tell(assigned(1, 2));
        assert_eq!(taker.await.unwrap(), assigned(1, 2));
    }
}
