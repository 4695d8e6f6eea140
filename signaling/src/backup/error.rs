//! Why a backup cannot be made or restored.

use crate::journal::{JournalError, VerifyError};
use lika_auth::StoreError;
use std::io;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Why a backup cannot be made or restored.
#[derive(Debug, Error)]
pub enum BackupError {
    /// There is a file already.
    #[error("{0} finns redan; ange ett annat namn.\n{0} is there already; give another name.")]
    Exists(PathBuf),
    /// There is nothing to back up.
    #[error(
        "Det finns ingen journal i {0}. Kontrollera storage.data_dir, och att du får läsa den.\n\
         There is no journal in {0}. Check storage.data_dir, and that you may read it."
    )]
    NoJournal(PathBuf),
    /// Run by somebody whose files the server could not read or write.
    #[error(
        "Kör som användaren som äger {directory} (nummer {owner}), annars kan servern inte läsa filerna: \
         sudo -u lika lika …\n\
         Run as the user who owns {directory} (number {owner}), or the server cannot read the files: sudo -u lika lika …"
    )]
    NotOwner {
        /// The data directory.
        directory: PathBuf,
        /// Whose it is.
        owner: u32,
    },
    /// The data directory has something in it.
    #[error(
        "{directory} är inte tom: där finns {found}. Flytta undan den, eller ange en annan storage.data_dir; inget har \
         ändrats.\n\
         {directory} is not empty: it has {found}. Move it away, or set another storage.data_dir; nothing was changed."
    )]
    NotEmpty {
        /// Which.
        directory: PathBuf,
        /// One of the things in it.
        found: String,
    },
    /// The archive is something else, cut short or damaged.
    #[error(
        "Filen är ingen hel säkerhetskopia från lika: {0}. Inget har ändrats.\n\
         The file is no whole backup of lika: {0}. Nothing was changed."
    )]
    NotABackup(String),
    /// Written by a newer program.
    #[error(
        "Säkerhetskopian har format {found}, som detta program inte kan. Uppdatera lika; inget har ändrats.\n\
         The backup has format {found}, which this program does not know. Update lika; nothing was changed."
    )]
    Newer {
        /// Its format.
        found: u32,
    },
    /// The journal in it is not whole.
    #[error(transparent)]
    Journal(#[from] VerifyError),
    /// The data directory is used, or its journal cannot be read.
    #[error(transparent)]
    Directory(#[from] JournalError),
    /// The invitations in it cannot be used.
    #[error(transparent)]
    Identities(#[from] StoreError),
    /// A database cannot be copied.
    #[error("{path} går inte att kopiera: {source}\n{path} cannot be copied: {source}")]
    Database {
        /// Which.
        path: PathBuf,
        /// Why.
        source: rusqlite::Error,
    },
    /// A file cannot be read or written.
    #[error("{path} går inte att läsa eller skriva: {source}\n{path} cannot be read or written: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl BackupError {
    pub(super) fn not_a_backup(why: impl Into<String>) -> Self {
        Self::NotABackup(why.into())
    }

    /// What a file system's error is about.
    pub(super) fn at(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::File {
            path: path.into(),
            source,
        }
    }
}
