//! When and where an invitation is to, and which requests have convened which meeting.

use crate::Digest;
use crate::store::{IdentityStore, StoreError};
use rusqlite::{Connection, OptionalExtension as _, params};

/// For how long a repeated request is recognised, in milliseconds: a program that tries again does so within a day.
pub const REQUEST_LASTS_MS: i64 = 24 * 60 * 60 * 1000;
/// Requests remembered. The oldest gives way.
const MAX_REQUESTS: usize = 1000;

/// When and where a meeting is, as far as its notice (kallelse) says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Occasion {
    /// When it begins, in milliseconds since 1970-01-01 UTC.
    pub starts_ms: Option<i64>,
    /// When it is thought to end.
    pub ends_ms: Option<i64>,
    /// Where: the chamber.
    pub place: Option<String>,
    /// A rehearsal (provsammanträde) or a load test: nothing in it counts.
    pub test: bool,
}

/// What is known of a request that somebody may send again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// Nothing; it is remembered from here on.
    New,
    /// It is being carried out, or its server stopped meanwhile.
    Underway,
    /// It has convened this meeting.
    Done(u64),
    /// It was another request with the same key.
    Different,
}

/// Who asks, and what their name for the request is.
#[derive(Clone, Copy, Debug)]
pub struct RequestKey(Digest);

impl RequestKey {
    /// `caller`'s own name for it.
    #[must_use]
    pub fn of(caller: &str, name: &str) -> Self {
        let both = [caller.as_bytes(), name.as_bytes()].join(&0);
        Self(Digest::of("lika request", &both))
    }
}

impl IdentityStore {
    /// Notes the occasion of a meeting, in place of what was noted before.
    ///
    /// # Errors
    /// When the store does not work.
    pub fn note_occasion(&mut self, meeting: u64, occasion: &Occasion) -> Result<(), StoreError> {
        Ok(note(&self.db, meeting, occasion)?)
    }

    /// The occasion of a meeting; nothing is known of one that an older program convened.
    ///
    /// # Errors
    /// When the store does not work.
    pub fn occasion(&self, meeting: u64) -> Result<Occasion, StoreError> {
        let mut query = self
            .db
            .prepare_cached("SELECT starts_ms, ends_ms, place, test FROM occasion WHERE meeting = ?1")?;
        let found = query.query_row([meeting], |row| {
            Ok(Occasion {
                starts_ms: row.get(0)?,
                ends_ms: row.get(1)?,
                place: row.get(2)?,
                test: row.get(3)?,
            })
        });
        Ok(found.optional()?.unwrap_or_default())
    }

    /// Begins a request, unless it is known.
    ///
    /// # Errors
    /// When the store does not work.
    pub fn begin_request(&mut self, key: &RequestKey, body: &[u8], now_ms: i64) -> Result<Known, StoreError> {
        let body = Digest::of("lika request body", body);
        let beginning = self.db.transaction()?;
        let found: Option<([u8; 32], Option<u64>)> = beginning
            .query_row(
                "SELECT body, meeting FROM request WHERE key = ?1 AND at_ms > ?2",
                params![key.0.as_bytes(), now_ms - REQUEST_LASTS_MS],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .optional()?;
        let known = match found {
            Some((other, _)) if other != *body.as_bytes() => Known::Different,
            Some((_, Some(meeting))) => Known::Done(meeting),
            Some((_, None)) => Known::Underway,
            None => {
                beginning.execute(
                    "DELETE FROM request WHERE key IN (SELECT key FROM request ORDER BY at_ms DESC LIMIT -1 OFFSET ?1)",
                    [MAX_REQUESTS - 1],
                )?;
                beginning.execute(
                    "INSERT OR REPLACE INTO request (key, body, at_ms) VALUES (?1, ?2, ?3)",
                    params![key.0.as_bytes(), body.as_bytes(), now_ms],
                )?;
                Known::New
            }
        };
        beginning.commit()?;
        Ok(known)
    }

    /// The request has convened this meeting; `None`: it has failed, and may be sent again.
    ///
    /// # Errors
    /// When the store does not work.
    pub fn end_request(&mut self, key: &RequestKey, meeting: Option<u64>) -> Result<(), StoreError> {
        match meeting {
            Some(meeting) => self.db.execute(
                "UPDATE request SET meeting = ?2 WHERE key = ?1",
                params![key.0.as_bytes(), meeting],
            )?,
            None => self
                .db
                .execute("DELETE FROM request WHERE key = ?1", [key.0.as_bytes()])?,
        };
        Ok(())
    }
}

pub(crate) fn note(db: &Connection, meeting: u64, occasion: &Occasion) -> Result<(), rusqlite::Error> {
    db.execute(
        "INSERT OR REPLACE INTO occasion (meeting, starts_ms, ends_ms, place, test) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![
            meeting,
            occasion.starts_ms,
            occasion.ends_ms,
            occasion.place,
            occasion.test
        ],
    )?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Known, MAX_REQUESTS, Occasion, REQUEST_LASTS_MS, RequestKey};
    use crate::store::in_memory;

    #[test]
    fn an_occasion_is_kept_and_an_unknown_one_is_empty() {
        let mut store = in_memory();
        let occasion = Occasion {
            starts_ms: Some(1000),
            ends_ms: None,
            place: Some("Sessionssalen".into()),
            test: true,
        };
        store.note_occasion(7, &occasion).unwrap();
        assert_eq!(store.occasion(7).unwrap(), occasion);
        assert_eq!(store.occasion(8).unwrap(), Occasion::default());
    }

    #[test]
    fn a_request_sent_again_is_known_by_its_callers_key_and_its_body() {
        let mut store = in_memory();
        let key = RequestKey::of("Ärendesystem", "42");
        assert_eq!(store.begin_request(&key, b"a", 0).unwrap(), Known::New);
        assert_eq!(store.begin_request(&key, b"a", 1).unwrap(), Known::Underway);
        store.end_request(&key, Some(7)).unwrap();
        assert_eq!(store.begin_request(&key, b"a", 2).unwrap(), Known::Done(7));
        assert_eq!(store.begin_request(&key, b"b", 2).unwrap(), Known::Different);
        let others = RequestKey::of("Annat system", "42");
        assert_eq!(store.begin_request(&others, b"a", 2).unwrap(), Known::New);
        assert_eq!(store.begin_request(&key, b"a", REQUEST_LASTS_MS).unwrap(), Known::New);
    }

    #[test]
    fn what_failed_may_be_sent_again() {
        let mut store = in_memory();
        let key = RequestKey::of("a", "1");
        store.begin_request(&key, b"a", 0).unwrap();
        store.end_request(&key, None).unwrap();
        assert_eq!(store.begin_request(&key, b"b", 1).unwrap(), Known::New);
    }

    #[test]
    fn no_more_requests_are_remembered_than_there_is_room_for() {
        let mut store = in_memory();
        for number in 0..MAX_REQUESTS + 3 {
            let key = RequestKey::of("a", &number.to_string());
            store.begin_request(&key, b"", number as i64).unwrap();
        }
        let rows: usize = store
            .db
            .query_row("SELECT count(*) FROM request", [], |row| row.get(0))
            .unwrap();
        assert_eq!(rows, MAX_REQUESTS);
        let now_ms = MAX_REQUESTS as i64 + 3;
        let oldest = RequestKey::of("a", "0");
        assert_eq!(store.begin_request(&oldest, b"", now_ms).unwrap(), Known::New);
    }
}
