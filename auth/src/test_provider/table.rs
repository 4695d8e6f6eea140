//! What the provider remembers, for a while and up to a number.

use crate::secret::NoRandomness;
use crate::{Digest, Secret};
use std::collections::HashMap;
use zeroize::Zeroizing;

type Key = [u8; 32];

struct Entry<V> {
    value: V,
    expires_ms: i64,
}

/// Values, each found by a random ticket of which the digest alone is kept.
pub(super) struct Table<V> {
    kind: &'static str,
    limit: usize,
    lifetime_ms: i64,
    entries: HashMap<Key, Entry<V>>,
}

impl<V> Table<V> {
    /// `limit`: when it is full, what expires soonest makes room.
    pub(super) fn new(kind: &'static str, limit: usize, lifetime_ms: i64) -> Self {
        Self {
            kind,
            limit,
            lifetime_ms,
            entries: HashMap::new(),
        }
    }

    /// Keeps a value; its ticket.
    pub(super) fn issue(&mut self, value: V, now_ms: i64) -> Result<Zeroizing<String>, NoRandomness> {
        let ticket = Secret::<32>::random()?;
        self.make_room(now_ms);
        let expires_ms = now_ms.saturating_add(self.lifetime_ms);
        self.entries.insert(self.key(&ticket), Entry { value, expires_ms });
        Ok(ticket.reveal())
    }

    pub(super) fn find(&self, ticket: &str, now_ms: i64) -> Option<&V> {
        let entry = self.entries.get(&self.key(&Secret::parse(ticket)?))?;
        (now_ms < entry.expires_ms).then_some(&entry.value)
    }

    pub(super) fn find_mut(&mut self, ticket: &str, now_ms: i64) -> Option<&mut V> {
        let key = self.key(&Secret::parse(ticket)?);
        let entry = self.entries.get_mut(&key)?;
        (now_ms < entry.expires_ms).then_some(&mut entry.value)
    }

    /// Finds it for the last time.
    pub(super) fn take(&mut self, ticket: &str, now_ms: i64) -> Option<V> {
        let key = self.key(&Secret::parse(ticket)?);
        let entry = self.entries.remove(&key)?;
        (now_ms < entry.expires_ms).then_some(entry.value)
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    fn key(&self, ticket: &Secret<32>) -> Key {
        *Digest::of(self.kind, ticket.bytes()).as_bytes()
    }

    fn make_room(&mut self, now_ms: i64) {
        if self.entries.len() < self.limit {
            return;
        }
        self.entries.retain(|_, entry| now_ms < entry.expires_ms);
        if self.entries.len() < self.limit {
            return;
        }
        let soonest = self.entries.iter().min_by_key(|(_, entry)| entry.expires_ms);
        if let Some(key) = soonest.map(|(key, _)| *key) {
            self.entries.remove(&key);
        }
    }
}

/// The assertions that have been used (RFC 7523 section 3, `jti`). None may be forgotten while it is still good, so when
/// this is full no other is accepted.
pub(super) struct Seen {
    limit: usize,
    until_ms: HashMap<Key, i64>,
}

impl Seen {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            limit,
            until_ms: HashMap::new(),
        }
    }

    /// Whether this is the first time; it is known from then on until the time given.
    pub(super) fn is_new(&mut self, client: &str, jti: &str, until_ms: i64, now_ms: i64) -> bool {
        if self.until_ms.len() >= self.limit {
            self.until_ms.retain(|_, until_ms| now_ms < *until_ms);
        }
        let key = *Digest::of("lika test identity assertion", format!("{client}\0{jti}").as_bytes()).as_bytes();
        let known = self.until_ms.get(&key).is_some_and(|until_ms| now_ms < *until_ms);
        if known || self.until_ms.len() >= self.limit {
            return false;
        }
        self.until_ms.insert(key, until_ms);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::{Seen, Table};

    #[test]
    fn a_value_is_found_until_it_expires_or_is_taken() {
        let mut table = Table::new("test", 10, 100);
        let ticket = table.issue("value", 0).unwrap();
        assert_eq!(table.find(&ticket, 99), Some(&"value"));
        assert_eq!(table.find(&ticket, 100), None);
        assert_eq!(table.take(&ticket, 99), Some("value"));
        assert_eq!(table.take(&ticket, 99), None);
        assert_eq!(table.find("no ticket", 0), None);
    }

    #[test]
    fn a_full_table_forgets_what_expires_soonest() {
        let mut table = Table::new("test", 3, 100);
        let tickets: Vec<_> = (0..5).map(|now_ms| table.issue(now_ms, now_ms).unwrap()).collect();
        assert_eq!(table.len(), 3);
        let left: Vec<_> = tickets
            .iter()
            .filter_map(|ticket| table.find(ticket, 5).copied())
            .collect();
        assert_eq!(left, [2, 3, 4]);
    }

    #[test]
    fn a_full_table_forgets_what_is_over_before_what_is_not() {
        let mut table = Table::new("test", 2, 100);
        table.issue(0, 0).unwrap();
        let later = table.issue(1, 50).unwrap();
        table.issue(2, 120).unwrap();
        assert_eq!(table.find(&later, 120), Some(&1));
    }

    #[test]
    fn an_assertion_is_new_once_for_each_client() {
        let mut seen = Seen::new(10);
        assert!(seen.is_new("one", "a", 100, 0));
        assert!(!seen.is_new("one", "a", 100, 99));
        assert!(seen.is_new("other", "a", 100, 0));
    }

    #[test]
    fn no_assertion_is_forgotten_for_another() {
        let mut seen = Seen::new(2);
        assert!(seen.is_new("one", "a", 100, 0));
        assert!(seen.is_new("one", "b", 200, 0));
        assert!(!seen.is_new("one", "c", 200, 99));
        assert!(seen.is_new("one", "c", 200, 100));
    }
}
