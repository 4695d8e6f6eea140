//! The signing keys that an installation has had, the first one first; each introduced by the one before it.

use super::flaw::{Flaw, Flawed, Place};
use super::hex::Signature;
use super::key::{EvidenceKey, PublicKey};
use crate::meeting::MeetingId;
use serde::{Deserialize, Serialize};

/// The most keys of an installation: one a year for longer than archives keep their formats.
pub(super) const MAX_KEYS: usize = 64;

/// Stands first in what is signed when a key takes over.
const DOMAIN: &[u8] = b"lika key rotation v1\0";

/// One key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KeyRecord {
    pub(super) key: PublicKey,
    /// Since when, in milliseconds since 1970-01-01 UTC.
    pub(super) at_ms: i64,
    /// The takeover signed by the key before; `None` for the first, and where the one before was lost.
    pub(super) old: Option<Signature>,
    /// The takeover signed by this key; `None` for the first.
    pub(super) new: Option<Signature>,
}

impl KeyRecord {
    pub(super) const fn first(key: PublicKey, at_ms: i64) -> Self {
        Self {
            key,
            at_ms,
            old: None,
            new: None,
        }
    }

    /// `key` takes over after `before`; signed by that one too, if it is still there.
    pub(super) fn taking_over(key: &EvidenceKey, before: PublicKey, old: Option<&EvidenceKey>, at_ms: i64) -> Self {
        let message = rotation(before, key.public(), at_ms);
        Self {
            key: key.public(),
            at_ms,
            old: old.map(|old| old.sign(&message)),
            new: Some(key.sign(&message)),
        }
    }
}

/// What both keys sign.
fn rotation(before: PublicKey, key: PublicKey, at_ms: i64) -> Vec<u8> {
    [DOMAIN, before.bytes(), key.bytes(), &at_ms.to_be_bytes()].concat()
}

/// The keys of one file that are trusted. A signature by one of them counts as long as no newer one has signed.
pub(super) struct Trust {
    meeting: MeetingId,
    keys: Vec<(PublicKey, bool)>,
    /// How many keys are out of use: older than the newest that has signed.
    past: usize,
}

impl Trust {
    /// With `given`, the keys among them and those connected with them by takeovers that both keys signed. Without,
    /// every key that the file names: which proves that the file is whole, not whose it is.
    pub(super) fn establish(meeting: MeetingId, records: &[KeyRecord], given: &[PublicKey]) -> Result<Self, Flawed> {
        let flawed = |index: usize, flaw: Flaw| Err(flaw.at(meeting, Place::Key(index as u64 + 1)));
        if records.is_empty() || records.len() > MAX_KEYS {
            return flawed(records.len(), Flaw::Unreadable);
        }
        for (index, record) in records.iter().enumerate() {
            if !is_introduced(index.checked_sub(1).and_then(|before| records.get(before)), record) {
                return flawed(index, Flaw::BadSignature);
            }
        }
        let mut keys: Vec<_> = records
            .iter()
            .map(|one| (one.key, given.is_empty() || given.contains(&one.key)))
            .collect();
        let joined: Vec<_> = records.iter().map(|one| one.old.is_some()).collect();
        spread(&mut keys, &joined);
        if !keys.iter().any(|(_, trusted)| *trusted) {
            return flawed(0, Flaw::UnknownKey);
        }
        Ok(Self { meeting, keys, past: 0 })
    }

    /// Checks the signature on a whole export. The exporter signs with the newest key that it names: whoever has a key
    /// that is out of use cannot sign for the time after it by naming the one that replaced it.
    pub(super) fn check_last(&mut self, key: PublicKey, message: &[u8], signature: &Signature) -> Result<(), Flawed> {
        self.check(Place::End, key, message, signature)?;
        match self.keys.last() {
            Some(&(newest, _)) if newest == key => Ok(()),
            _ => Err(Flaw::OldKey.at(self.meeting, Place::End)),
        }
    }

    /// Checks one signature.
    pub(super) fn check(
        &mut self,
        place: Place,
        key: PublicKey,
        message: &[u8],
        signature: &Signature,
    ) -> Result<(), Flawed> {
        let flawed = |flaw: Flaw| Err(flaw.at(self.meeting, place));
        let Some(index) = self.keys.iter().position(|&(one, trusted)| one == key && trusted) else {
            return flawed(Flaw::UnknownKey);
        };
        if index < self.past {
            return flawed(Flaw::OldKey);
        }
        if !key.verifies(message, signature) {
            return flawed(Flaw::BadSignature);
        }
        self.past = index;
        Ok(())
    }
}

fn is_introduced(before: Option<&KeyRecord>, record: &KeyRecord) -> bool {
    let Some(before) = before else {
        return record.old.is_none() && record.new.is_none();
    };
    let message = rotation(before.key, record.key, record.at_ms);
    let by_old = record.old.is_none_or(|old| before.key.verifies(&message, &old));
    by_old && record.new.is_some_and(|new| record.key.verifies(&message, &new))
}

/// Trust passes between neighbours that are joined, both ways.
fn spread(keys: &mut [(PublicKey, bool)], joined: &[bool]) {
    for index in 1..keys.len() {
        if joined[index] && keys[index - 1].1 {
            keys[index].1 = true;
        }
    }
    for index in (1..keys.len()).rev() {
        if joined[index] && keys[index].1 {
            keys[index - 1].1 = true;
        }
    }
}
