//! One process for each data directory.

use super::JournalError;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;

/// The file that is locked: not the journal's own, whose locks belong to SQLite.
pub(crate) const FILE: &str = "journal.lock";

/// Held for as long as it lives. The operating system lets it go when the process ends, in whatever way.
pub(crate) struct DirectoryLock {
    _file: File,
}

impl DirectoryLock {
    pub(crate) fn take(directory: &Path) -> Result<Self, JournalError> {
        let path = directory.join(FILE);
        let opened = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
        let file = opened.map_err(|source| JournalError::Directory {
            path: path.clone(),
            source,
        })?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(JournalError::InUse {
                path: directory.to_owned(),
            }),
            Err(TryLockError::Error(source)) => Err(JournalError::Directory { path, source }),
        }
    }
}
