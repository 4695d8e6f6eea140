//! When each peer is to be looked at: a heap with one entry for each, so that those for whom nothing is due cost nothing.

use super::PeerIndex;
use std::time::Instant;

/// One time for each peer, the earliest first.
#[derive(Debug, Default)]
pub(super) struct Timers {
    /// A binary heap: the children of place `n` are at `2n + 1` and `2n + 2` and not earlier than it.
    heap: Vec<(Instant, PeerIndex)>,
    /// Where each peer stands in the heap.
    places: Vec<Option<usize>>,
}

impl Timers {
    /// The earliest time.
    pub(super) fn next(&self) -> Option<Instant> {
        self.heap.first().map(|(at, _)| *at)
    }

    /// How many peers have a time.
    pub(super) fn len(&self) -> usize {
        self.heap.len()
    }

    /// Sets a peer's time, whatever it was.
    pub(super) fn set(&mut self, peer: PeerIndex, at: Instant) {
        let place = self.place(peer).unwrap_or_else(|| {
            if self.places.len() <= peer.0 {
                self.places.resize(peer.0 + 1, None);
            }
            self.heap.push((at, peer));
            self.heap.len() - 1
        });
        self.heap[place].0 = at;
        self.settle(place);
    }

    /// Forgets a peer.
    pub(super) fn remove(&mut self, peer: PeerIndex) {
        let Some(place) = self.place(peer) else { return };
        self.places[peer.0] = None;
        self.heap.swap_remove(place);
        if place < self.heap.len() {
            self.settle(place);
        }
    }

    /// Takes out the peer whose time came first, if it has come.
    pub(super) fn pop_due(&mut self, now: Instant) -> Option<PeerIndex> {
        let (_, peer) = *self.heap.first().filter(|(at, _)| *at <= now)?;
        self.remove(peer);
        Some(peer)
    }

    fn place(&self, peer: PeerIndex) -> Option<usize> {
        self.places.get(peer.0).copied().flatten()
    }

    /// Moves the entry at `place` up or down to where it belongs.
    fn settle(&mut self, mut place: usize) {
        while let Some(parent) = place.checked_sub(1).map(|place| place / 2)
            && self.heap[place].0 < self.heap[parent].0
        {
            self.swap(place, parent);
            place = parent;
        }
        while let Some(child) = self.earlier_child(place)
            && self.heap[child].0 < self.heap[place].0
        {
            self.swap(place, child);
            place = child;
        }
        self.places[self.heap[place].1.0] = Some(place);
    }

    fn earlier_child(&self, place: usize) -> Option<usize> {
        let children = (2 * place + 1..2 * place + 3).filter(|child| *child < self.heap.len());
        children.min_by_key(|child| self.heap[*child].0)
    }

    /// The entry that comes to `to` has its place noted; the other is still moving.
    fn swap(&mut self, moving: usize, to: usize) {
        self.heap.swap(moving, to);
        self.places[self.heap[moving].1.0] = Some(moving);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;
    use std::time::Duration;

    #[derive(Clone, Debug)]
    enum Step {
        Set(usize, u64),
        Remove(usize),
        Pass(u64),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            6 => (0usize..40, 0u64..200).prop_map(|(peer, in_ms)| Step::Set(peer, in_ms)),
            1 => (0usize..40).prop_map(Step::Remove),
            2 => (0u64..60).prop_map(Step::Pass),
        ]
    }

    proptest! {
        #[test]
        fn what_is_due_is_what_a_list_searched_from_end_to_end_would_give(steps in prop::collection::vec(step(), 0..400)) {
            let mut now = Instant::now();
            let mut timers = Timers::default();
            let mut list: BTreeMap<usize, Instant> = BTreeMap::new();
            for step in steps {
                match step {
                    Step::Set(peer, in_ms) => {
                        let at = now + Duration::from_millis(in_ms);
                        timers.set(PeerIndex(peer), at);
                        list.insert(peer, at);
                    }
                    Step::Remove(peer) => {
                        timers.remove(PeerIndex(peer));
                        list.remove(&peer);
                    }
                    Step::Pass(ms) => {
                        now += Duration::from_millis(ms);
                        let mut last = None;
                        while let Some(peer) = timers.pop_due(now) {
                            let at = list.remove(&peer.0);
                            prop_assert!(at.is_some_and(|at| at <= now) && at >= last, "in order, and due");
                            last = at;
                        }
                        prop_assert!(list.values().all(|at| *at > now), "none is forgotten");
                    }
                }
                prop_assert_eq!(timers.next(), list.values().min().copied());
                let time = |peer| timers.place(PeerIndex(peer)).map(|place| timers.heap[place].0);
                prop_assert!((0..40).all(|peer| time(peer) == list.get(&peer).copied()));
                prop_assert_eq!(timers.len(), list.len());
            }
        }
    }
}
