//! Which of a meeting's events are withheld from an export for the public: what happened between the beginning and the
//! end of a secret item, and corrections of that. Pure.

use crate::meeting::{Event, Item, ItemId};
use std::collections::BTreeSet;

/// Follows a meeting's events in order.
#[derive(Default)]
pub(super) struct Secrecy {
    secret_items: BTreeSet<ItemId>,
    /// The stretch that is open, and those that are over: from the beginning to the end of a secret item, in
    /// milliseconds since 1970-01-01 UTC.
    since_ms: Option<i64>,
    over: Vec<(i64, i64)>,
    withheld: BTreeSet<u64>,
}

impl Secrecy {
    /// Whether this event, the next of the meeting, is withheld.
    pub(super) fn withholds(&mut self, seq: u64, at_ms: i64, event: &Event) -> bool {
        let secret = match event {
            Event::Created { items, .. } => {
                self.secret_items = secret_items(items);
                false
            }
            Event::ItemBegun { item, .. } => {
                self.ended(at_ms);
                self.since_ms = self.secret_items.contains(item).then_some(at_ms);
                false
            }
            Event::ItemEnded { .. } | Event::Closed { .. } => {
                self.ended(at_ms);
                false
            }
            Event::Corrected { event, .. } => self.since_ms.is_some() || self.withheld.contains(event),
            _ => self.since_ms.is_some(),
        };
        if secret {
            self.withheld.insert(seq);
        }
        secret
    }

    /// Whether something was measured during a secret item. What has no time of its own is, if there was one.
    pub(super) fn covers(&self, at_ms: Option<i64>) -> bool {
        let Some(at_ms) = at_ms else {
            return self.since_ms.is_some() || !self.over.is_empty();
        };
        let within = |&(since, until): &(i64, i64)| (since..=until).contains(&at_ms);
        self.since_ms.is_some_and(|since| at_ms >= since) || self.over.iter().any(within)
    }

    fn ended(&mut self, at_ms: i64) {
        self.over.extend(self.since_ms.take().map(|since| (since, at_ms)));
    }
}

fn secret_items(items: &[Item]) -> BTreeSet<ItemId> {
    let numbered = (1..).map(ItemId).zip(items);
    numbered.filter(|(_, item)| item.secret).map(|(id, _)| id).collect()
}
