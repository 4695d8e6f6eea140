//! The logins under way, each bound to the browser that began it.

use super::transaction::Transaction;
use crate::{Digest, Secret};
use std::collections::HashMap;
use thiserror::Error;

/// How long a person may take at the provider: BankID's own order lasts 3 minutes, and some fetch their telephone first.
pub const TRANSACTION_LIMIT_MS: i64 = 10 * 60 * 1000;

/// Logins under way at once: several whole county councils. Each is about a kilobyte.
pub const TRANSACTIONS_LIMIT: usize = 4096;

/// Logins under way in one browser: a tab for each, begun anew a few times. More, and the oldest one goes.
pub const BROWSER_LIMIT: usize = 8;

/// Why there is no login to finish or no room for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TransactionError {
    /// Never begun, already used, or begun too long ago to be remembered.
    #[error("no such login is under way; it may have been used or taken too long: begin again")]
    Unknown,
    /// Begun in another browser: a trick to log somebody in as somebody else, or cookies are blocked.
    #[error("the login was begun in another browser, or the browser keeps no cookies; begin again in this one")]
    OtherBrowser,
    /// See [`TRANSACTION_LIMIT_MS`].
    #[error("the login took more than ten minutes; begin again")]
    Expired,
    /// See [`TRANSACTIONS_LIMIT`]. Those who have begun are not pushed out by those who come.
    #[error("too many logins are under way; try again in a few minutes")]
    Full,
}

struct Entry<T> {
    transaction: Transaction,
    browser: Digest,
    payload: T,
}

/// The logins under way, found by the digest of their `state`. `T` is what the web server wants to know again when one is
/// finished: for what it was, and for which meeting.
pub struct Transactions<T> {
    entries: HashMap<[u8; 32], Entry<T>>,
}

impl<T> Default for Transactions<T> {
    fn default() -> Self {
        Self {
            entries: HashMap::new(),
        }
    }
}

impl<T> Transactions<T> {
    /// Remembers a login. `binding` is the secret that the browser has in a `__Host-` cookie.
    ///
    /// # Errors
    /// [`TransactionError::Full`].
    pub fn put(
        &mut self,
        binding: &Secret<32>,
        transaction: Transaction,
        payload: T,
        now_ms: i64,
    ) -> Result<(), TransactionError> {
        let browser = browser(binding);
        self.entries.retain(|_, entry| !is_expired(&entry.transaction, now_ms));
        let mut held: Vec<_> = self
            .entries
            .iter()
            .filter(|(_, entry)| entry.browser == browser)
            .map(|(key, entry)| (entry.transaction.begun_ms, *key))
            .collect();
        held.sort_unstable();
        let surplus = (held.len() + 1).saturating_sub(BROWSER_LIMIT);
        for (_, key) in held.iter().take(surplus) {
            self.entries.remove(key);
        }
        if self.entries.len() >= TRANSACTIONS_LIMIT {
            return Err(TransactionError::Full);
        }
        let entry = Entry {
            browser,
            payload,
            transaction,
        };
        self.entries.insert(key(&entry.transaction.state), entry);
        Ok(())
    }

    /// Takes out the login that this `state` belongs to. Whatever comes of it, it is gone: a `state` that turns up in
    /// another browser has leaked, and one that has leaked is good for nothing more.
    ///
    /// # Errors
    /// [`TransactionError`].
    pub fn take(
        &mut self,
        state: &str,
        binding: &Secret<32>,
        now_ms: i64,
    ) -> Result<(Transaction, T), TransactionError> {
        let entry = Secret::parse(state)
            .and_then(|state| self.entries.remove(&key(&state)))
            .ok_or(TransactionError::Unknown)?;
        if entry.browser != browser(binding) {
            return Err(TransactionError::OtherBrowser);
        }
        if is_expired(&entry.transaction, now_ms) {
            return Err(TransactionError::Expired);
        }
        Ok((entry.transaction, entry.payload))
    }

    /// How many are under way, those included that nobody will finish.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

fn is_expired(transaction: &Transaction, now_ms: i64) -> bool {
    now_ms.saturating_sub(transaction.begun_ms) >= TRANSACTION_LIMIT_MS
}

fn key(state: &Secret<32>) -> [u8; 32] {
    *Digest::of("lika oidc state", state.bytes()).as_bytes()
}

fn browser(binding: &Secret<32>) -> Digest {
    Digest::of("lika oidc browser", binding.bytes())
}

#[cfg(test)]
mod tests {
    use super::{BROWSER_LIMIT, TRANSACTION_LIMIT_MS, TRANSACTIONS_LIMIT, TransactionError, Transactions};
    use crate::Secret;
    use crate::oidc::transaction::{Transaction, Wanted};
    use proptest::prelude::*;
    use zeroize::Zeroizing;

    fn begin(now_ms: i64) -> (Transaction, Zeroizing<String>) {
        let transaction = Transaction::begin("bankid", &Wanted::default(), now_ms).unwrap();
        let state = transaction.state.reveal();
        (transaction, state)
    }

    fn browser() -> Secret<32> {
        Secret::random().unwrap()
    }

    #[test]
    fn a_login_is_finished_once_in_the_browser_that_began_it() {
        let (mut table, mine) = (Transactions::default(), browser());
        let (transaction, state) = begin(0);
        table.put(&mine, transaction, "meeting 7", 0).unwrap();
        assert_eq!(table.take(&state, &mine, 1).unwrap().1, "meeting 7");
        assert!(matches!(table.take(&state, &mine, 2), Err(TransactionError::Unknown)));
    }

    #[test]
    fn another_browser_cannot_finish_it_and_ends_it() {
        let (mut table, mine) = (Transactions::default(), browser());
        let (transaction, state) = begin(0);
        table.put(&mine, transaction, (), 0).unwrap();
        assert!(matches!(
            table.take(&state, &browser(), 1),
            Err(TransactionError::OtherBrowser)
        ));
        assert!(matches!(table.take(&state, &mine, 2), Err(TransactionError::Unknown)));
    }

    #[test]
    fn a_login_that_takes_too_long_is_refused() {
        let (mut table, mine) = (Transactions::default(), browser());
        let (transaction, state) = begin(0);
        table.put(&mine, transaction, (), 0).unwrap();
        assert!(matches!(
            table.take(&state, &mine, TRANSACTION_LIMIT_MS),
            Err(TransactionError::Expired)
        ));
    }

    #[test]
    fn a_browser_with_too_many_loses_its_oldest_and_nobody_elses() {
        let (mut table, mine, other) = (Transactions::default(), browser(), browser());
        let (transaction, others) = begin(0);
        table.put(&other, transaction, 0, 0).unwrap();
        let mut states = Vec::new();
        for now_ms in 1..=BROWSER_LIMIT as i64 + 1 {
            let (transaction, state) = begin(now_ms);
            table.put(&mine, transaction, now_ms, now_ms).unwrap();
            states.push(state);
        }
        assert_eq!(table.len(), BROWSER_LIMIT + 1);
        assert!(matches!(
            table.take(&states[0], &mine, 20),
            Err(TransactionError::Unknown)
        ));
        assert!(table.take(&states[1], &mine, 20).is_ok());
        assert!(table.take(&others, &other, 20).is_ok());
    }

    #[test]
    fn a_full_table_keeps_those_under_way_until_they_expire() {
        let mut table = Transactions::default();
        let (first, state) = begin(0);
        let mine = browser();
        table.put(&mine, first, (), 0).unwrap();
        for _ in 1..TRANSACTIONS_LIMIT {
            table.put(&browser(), begin(0).0, (), 0).unwrap();
        }
        assert_eq!(table.put(&browser(), begin(1).0, (), 1), Err(TransactionError::Full));
        assert!(table.take(&state, &mine, 1).is_ok());
        table
            .put(&browser(), begin(TRANSACTION_LIMIT_MS).0, (), TRANSACTION_LIMIT_MS)
            .unwrap();
        assert_eq!(table.len(), 1, "the expired ones made room");
    }

    proptest! {
        #[test]
        fn no_login_is_taken_twice_or_by_another(steps in prop::collection::vec((0usize..4, 0usize..6, 0usize..4), 0..40)) {
            let browsers: Vec<_> = (0..4).map(|_| browser()).collect();
            let mut table = Transactions::default();
            let mut begun: Vec<(Zeroizing<String>, usize, bool)> = Vec::new();
            for (now, (kind, which, who)) in steps.into_iter().enumerate() {
                if kind < 2 || begun.is_empty() {
                    let (transaction, state) = begin(now as i64);
                    table.put(&browsers[who], transaction, (), now as i64).unwrap();
                    begun.push((state, who, false));
                } else {
                    let index = which % begun.len();
                    let (state, owner, used) = &mut begun[index];
                    if table.take(state, &browsers[who], now as i64).is_ok() {
                        prop_assert!(*owner == who && !*used);
                    }
                    *used = true;
                }
            }
        }
    }
}
