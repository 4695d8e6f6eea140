//! The key that the journal signs with: made at the first start, and exchanged for a new one on command.

use super::key::{EvidenceKey, KEY_FILE, KeyError, PublicKey};
use super::keys::{KeyRecord, MAX_KEYS};
use super::lock::DirectoryLock;
use super::{FILE, JournalError, Reader, schema};
use crate::replace::rename;
use rusqlite::{Connection, params};
use std::path::{Path, PathBuf};

/// Beside the key's file: a new key that takes over as soon as the journal has it.
const NEXT: &str = "evidence.key.next";

/// The key in use, and where it is kept.
pub(super) struct Signer {
    key: EvidenceKey,
    directory: PathBuf,
}

/// The public key of a data directory, beside a running server too.
///
/// # Errors
/// [`KeyError`]; that there is no key yet is one.
pub fn public_key(data_directory: &Path) -> Result<PublicKey, KeyError> {
    Signer::read(data_directory).map(|signer| signer.public())
}

/// Makes a new key where the old one is gone for good. Nothing introduces it: who trusts the old key does not trust the
/// new one by that.
///
/// # Errors
/// `InUse`, `Key`, or the storage's own.
pub fn lose_key(data_directory: &Path, at_ms: i64) -> Result<PublicKey, JournalError> {
    let _lock = DirectoryLock::take(data_directory)?;
    let path = data_directory.join(FILE);
    let mut db = Connection::open(&path)?;
    schema::keep_copy(&db, &path)?;
    schema::prepare(&mut db)?;
    let signer = Signer::take_over(&Reader::over(db), data_directory, None, at_ms)?;
    Ok(signer.public())
}

impl Signer {
    /// The key in the file; the first time a new one. It must be the one that the journal had last.
    pub(super) fn open(reader: &Reader, directory: &Path, at_ms: i64) -> Result<Self, JournalError> {
        let keys = reader.keys()?;
        let path = directory.join(KEY_FILE);
        let Some(last) = keys.last() else {
            let key = match EvidenceKey::read(&path)? {
                Some(key) => key,
                None => make(&path)?,
            };
            insert(reader, 1, &KeyRecord::first(key.public(), at_ms))?;
            return Ok(Self::of(key, directory));
        };
        let found = EvidenceKey::read(&path)?.filter(|key| key.public() == last.key);
        match found {
            Some(key) => Ok(Self::of(key, directory)),
            None => Self::finish_takeover(directory, last),
        }
    }

    /// The key in the file.
    pub(super) fn read(directory: &Path) -> Result<Self, KeyError> {
        let path = directory.join(KEY_FILE);
        let key = EvidenceKey::read(&path)?.ok_or(KeyError::NotThere(path))?;
        Ok(Self::of(key, directory))
    }

    pub(super) fn of(key: EvidenceKey, directory: &Path) -> Self {
        Self {
            key,
            directory: directory.into(),
        }
    }

    pub(super) const fn key(&self) -> &EvidenceKey {
        &self.key
    }

    pub(super) const fn public(&self) -> PublicKey {
        self.key.public()
    }

    pub(super) fn rotate(&mut self, reader: &Reader, at_ms: i64) -> Result<(), JournalError> {
        *self = Self::take_over(reader, &self.directory, Some(&self.key), at_ms)?;
        Ok(())
    }

    /// First the new key is on the disk, then the journal has it, then it replaces the old one: whenever the program
    /// ends in between, the key that the journal had last is there.
    fn take_over(
        reader: &Reader,
        directory: &Path,
        old: Option<&EvidenceKey>,
        at_ms: i64,
    ) -> Result<Self, JournalError> {
        let keys = reader.keys()?;
        if keys.len() >= MAX_KEYS {
            return Err(KeyError::TooMany.into());
        }
        let key = make(&directory.join(NEXT))?;
        let record = match keys.last() {
            Some(last) => KeyRecord::taking_over(&key, last.key, old, at_ms),
            None => KeyRecord::first(key.public(), at_ms),
        };
        insert(reader, keys.len() + 1, &record)?;
        Self::finish_takeover(directory, &record)
    }

    fn finish_takeover(directory: &Path, last: &KeyRecord) -> Result<Self, JournalError> {
        let (path, next) = (directory.join(KEY_FILE), directory.join(NEXT));
        let key = EvidenceKey::read(&next)?.filter(|key| key.public() == last.key);
        let key = key.ok_or_else(|| KeyError::Lost(path.clone()))?;
        rename(&next, &path).map_err(|source| KeyError::File { path, source })?;
        Ok(Self::of(key, directory))
    }
}

fn make(path: &Path) -> Result<EvidenceKey, KeyError> {
    let key = EvidenceKey::generate()?;
    key.write(path)?;
    Ok(key)
}

fn insert(reader: &Reader, number: usize, record: &KeyRecord) -> Result<(), JournalError> {
    reader.db.execute(
        "INSERT INTO signing_key (number, key, at_ms, old, new) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![
            number as u64,
            record.key.bytes(),
            record.at_ms,
            record.old.map(|signature| signature.0),
            record.new.map(|signature| signature.0)
        ],
    )?;
    Ok(())
}
