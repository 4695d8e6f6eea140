//! The data directory: everything that must survive.

use crate::journal::{FILE, Journal, JournalError};
use lika_auth::{IdentityStore, PeopleStore, StoreError};
use std::fs::{DirBuilder, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// The file of invitations, sessions and bearer tokens.
pub const IDENTITIES: &str = "identity.sqlite";
/// The file of names.
pub const PEOPLE: &str = "people.sqlite";

/// Makes the file for this user alone, if it is not there: a directory that was there before may let others in.
fn private(path: &Path) -> io::Result<()> {
    let made = OpenOptions::new().append(true).create(true).mode(0o600).open(path);
    made.map(drop)
}

/// The stores of one data directory. The journal's lock keeps every other lika out.
pub struct Data {
    /// What has happened.
    pub journal: Journal,
    /// Invitations, sessions and bearer tokens.
    pub identities: IdentityStore,
    /// Names.
    pub people: PeopleStore,
}

/// Why the data directory cannot be used.
#[derive(Debug, Error)]
pub enum DataError {
    /// It cannot be created.
    #[error("cannot create the data directory {path}: {source}; check storage.data_dir and its permissions")]
    Create {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The service is confined to other directories, or the disk can only be read.
    #[error(
        "Tjänsten får inte skriva i storage.data_dir {path}. Kör systemctl edit lika, skriv raderna [Service] och \
         ReadWritePaths={path}, och likadant med systemctl edit lika-backup. Katalogen ska finnas och ägas av lika: install -d -m 700 -o lika \
         -g lika {path}. Får den det redan är disken monterad skrivskyddad.\n\
         The service may not write in storage.data_dir {path}. Run systemctl edit lika, write the lines [Service] and \
         ReadWritePaths={path}, and the same with systemctl edit lika-backup. The directory must be there and be lika's: install -d -m 700 -o \
         lika -g lika {path}. If it may already, the disk is mounted read-only."
    )]
    ReadOnly {
        /// The directory.
        path: PathBuf,
    },
    /// See [`JournalError`].
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl DataError {
    /// Something of the directory could not be made.
    pub(crate) fn creating(path: &Path, directory: &Path, source: io::Error) -> Self {
        if source.kind() == io::ErrorKind::ReadOnlyFilesystem {
            return Self::ReadOnly { path: directory.into() };
        }
        Self::Create {
            path: path.into(),
            source,
        }
    }
}

impl Data {
    /// Opens the directory, or creates it for this user alone.
    ///
    /// # Errors
    /// [`DataError`]; another lika using the directory is one.
    pub fn open(directory: &Path) -> Result<Self, DataError> {
        let create = DirBuilder::new().recursive(true).mode(0o700).create(directory);
        create.map_err(|source| DataError::creating(directory, directory, source))?;
        for file in [FILE, IDENTITIES, PEOPLE].map(|file| directory.join(file)) {
            private(&file).map_err(|source| DataError::creating(&file, directory, source))?;
        }
        // First the journal, which has the lock.
        let journal = Journal::open(directory)?;
        let identities = IdentityStore::open(&directory.join(IDENTITIES))?;
        let people = PeopleStore::open(&directory.join(PEOPLE))?;
        Ok(Self {
            journal,
            identities,
            people,
        })
    }
}
