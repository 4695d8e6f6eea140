//! What is in a backup: the first file of the archive.

use super::BackupError;
use super::entry::{Kind, kind};
use crate::sha256::Sha256;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The manifest's own name in the archive.
pub(super) const NAME: &str = "lika-backup.json";
/// The format that this program writes and reads.
const FORMAT: u32 = 1;
/// The longest manifest: some hundred thousand segments of samples.
pub(super) const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// What is in a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The format of the archive.
    pub format: u32,
    /// The version of the program that wrote it.
    pub program: String,
    /// When, in milliseconds since 1970-01-01 UTC.
    pub at_ms: i64,
    /// Every file, in the archive's order.
    pub files: Vec<FileEntry>,
}

/// One file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    /// Its path in the data directory.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// Of its content.
    pub sha256: Sha256,
}

impl Manifest {
    pub(super) fn of(files: Vec<FileEntry>, at_ms: i64) -> Self {
        Self {
            format: FORMAT,
            program: env!("CARGO_PKG_VERSION").into(),
            at_ms,
            files,
        }
    }

    /// Whether the keys are in it.
    #[must_use]
    pub fn has_keys(&self) -> bool {
        self.kinds()
            .any(|kind| matches!(kind, Kind::EvidenceKey | Kind::RosterKey))
    }

    /// The length of all files together.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }

    /// Reads a manifest that may come from anywhere.
    pub(super) fn parse(text: &[u8]) -> Result<Self, BackupError> {
        #[derive(Deserialize)]
        struct Format {
            format: u32,
        }
        let unreadable = |error: serde_json::Error| BackupError::not_a_backup(error.to_string());
        let Format { format } = serde_json::from_slice(text).map_err(unreadable)?;
        if format != FORMAT {
            return Err(BackupError::Newer { found: format });
        }
        let manifest: Self = serde_json::from_slice(text).map_err(unreadable)?;
        let mut names = BTreeSet::new();
        for file in &manifest.files {
            if kind(&file.name).is_none() || !names.insert(file.name.as_str()) {
                return Err(BackupError::not_a_backup(format!(
                    "{:?} does not belong in it",
                    file.name
                )));
            }
        }
        let whole = [crate::journal::FILE, crate::data::IDENTITIES, crate::data::PEOPLE];
        match whole.iter().find(|name| !names.contains(*name)) {
            Some(missing) => Err(BackupError::not_a_backup(format!("it lacks {missing}"))),
            None => Ok(manifest),
        }
    }

    fn kinds(&self) -> impl Iterator<Item = Kind> {
        self.files.iter().filter_map(|file| kind(&file.name))
    }
}

#[cfg(test)]
mod tests {
    use super::{FileEntry, Manifest};
    use crate::sha256::Sha256;

    fn with(names: &[&str]) -> Manifest {
        let file = |name: &&str| FileEntry {
            name: (*name).into(),
            bytes: 1,
            sha256: Sha256::ZERO,
        };
        Manifest::of(names.iter().map(file).collect(), 0)
    }

    fn problem(manifest: &Manifest) -> String {
        let text = serde_json::to_vec(manifest).unwrap();
        Manifest::parse(&text)
            .err()
            .map(|error| error.to_string())
            .unwrap_or_default()
    }

    const WHOLE: [&str; 3] = ["identity.sqlite", "people.sqlite", "journal.sqlite"];

    #[test]
    fn a_manifest_names_lika_s_files_once_and_all_databases() {
        assert_eq!(problem(&with(&WHOLE)), "");
        assert!(!with(&WHOLE).has_keys() && with(&[&WHOLE[..], &["roster.key"]].concat()).has_keys());
        for (more, says) in [
            ("../../etc/cron.d/x", "does not belong"),
            ("/etc/passwd", "does not belong"),
            ("journal.sqlite", "does not belong"),
        ] {
            let problem = problem(&with(&[&WHOLE[..], &[more]].concat()));
            assert!(problem.contains(says), "{more}: {problem}");
        }
        assert!(problem(&with(&WHOLE[..2])).contains("lacks journal.sqlite"));
    }

    #[test]
    fn a_backup_of_a_newer_program_is_told_from_a_damaged_one() {
        let newer = Manifest {
            format: 2,
            ..with(&WHOLE)
        };
        assert!(problem(&newer).contains("Update lika"), "{}", problem(&newer));
        assert!(
            Manifest::parse(b"{}")
                .unwrap_err()
                .to_string()
                .contains("no whole backup")
        );
    }
}
