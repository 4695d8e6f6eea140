//! Which of a meeting's events are withheld from an export or report for the public: what happened between the beginning
//! and the end of a secret item, and corrections of that. Pure.

use crate::meeting::{Event, Item, ItemId};
use std::collections::BTreeSet;

/// Follows a meeting's events in order.
#[derive(Debug, Default)]
pub(crate) struct Secrecy {
    secret_items: BTreeSet<ItemId>,
    /// The one that is open, and those that are over.
    open: Option<Stretch>,
    over: Vec<Stretch>,
    withheld: BTreeSet<u64>,
}

/// From the beginning to the end of a secret item, in milliseconds since 1970-01-01 UTC, by whatever the clock said.
#[derive(Clone, Copy, Debug)]
struct Stretch {
    earliest_ms: i64,
    latest_ms: i64,
    last_ms: i64,
    /// The clock was set back during it: how far it had gone before, no event says.
    set_back: bool,
}

impl Stretch {
    const fn beginning(at_ms: i64) -> Self {
        Self {
            earliest_ms: at_ms,
            latest_ms: at_ms,
            last_ms: at_ms,
            set_back: false,
        }
    }

    fn with(self, at_ms: i64) -> Self {
        Self {
            earliest_ms: self.earliest_ms.min(at_ms),
            latest_ms: self.latest_ms.max(at_ms),
            last_ms: at_ms,
            set_back: self.set_back || at_ms < self.last_ms,
        }
    }

    const fn covers(&self, at_ms: i64) -> bool {
        at_ms >= self.earliest_ms && (self.set_back || at_ms <= self.latest_ms)
    }
}

impl Secrecy {
    /// Whether this event, the next of the meeting, is withheld.
    pub(crate) fn withholds(&mut self, seq: u64, at_ms: i64, event: &Event) -> bool {
        self.open = self.open.map(|stretch| stretch.with(at_ms));
        let secret = match event {
            Event::Created { items, .. } => {
                self.secret_items = secret_items(items);
                false
            }
            Event::ItemBegun { item, .. } => {
                self.ended();
                self.open = self.secret_items.contains(item).then_some(Stretch::beginning(at_ms));
                false
            }
            Event::ItemEnded { .. } | Event::Closed { .. } => {
                self.ended();
                false
            }
            // Entered afterwards, it is still that item's.
            Event::Decided { item: Some(item), .. } => self.open.is_some() || self.secret_items.contains(item),
            Event::Corrected { event, .. } => self.open.is_some() || self.withheld.contains(event),
            _ => self.open.is_some(),
        };
        if secret {
            self.withheld.insert(seq);
        }
        secret
    }

    /// Whether something was measured during a secret item. What has no time of its own is, if there was one.
    pub(crate) fn covers(&self, at_ms: Option<i64>) -> bool {
        let Some(at_ms) = at_ms else {
            return self.open.is_some() || !self.over.is_empty();
        };
        self.open.is_some_and(|stretch| at_ms >= stretch.earliest_ms)
            || self.over.iter().any(|stretch| stretch.covers(at_ms))
    }

    fn ended(&mut self) {
        self.over.extend(self.open.take());
    }
}

fn secret_items(items: &[Item]) -> BTreeSet<ItemId> {
    let numbered = (1..).map(ItemId).zip(items);
    numbered.filter(|(_, item)| item.secret).map(|(id, _)| id).collect()
}
