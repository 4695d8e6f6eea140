//! A data directory without a server in it.

use crate::journal::{self, Journal, JournalError};
use anyhow::ensure;
use std::path::Path;

/// In a wrong directory no databases are made.
pub(super) fn must_have_a_journal(directory: &Path) -> anyhow::Result<()> {
    ensure!(
        directory.join(journal::FILE).exists(),
        "inget sammanträde finns i {0}: se storage.data_dir, och att den här användaren får läsa katalogen / there is no \
         meeting in {0}; check storage.data_dir, and that this user may read it",
        directory.display()
    );
    Ok(())
}

/// Keeps a server from starting meanwhile; `None`: one is running.
pub(super) fn hold(directory: &Path) -> anyhow::Result<Option<Journal>> {
    must_have_a_journal(directory)?;
    match Journal::open(directory) {
        Ok(journal) => Ok(Some(journal)),
        Err(JournalError::InUse { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
