//! Restoring a backup. Nothing in the data directory counts until all of it has been read and the journal has verified; the
//! journal comes last into its place.

use super::BackupError;
use super::entry::{ROSTER_KEY, SAMPLES};
use super::make::Hashed;
use super::manifest::{self, FileEntry, Manifest};
use super::staging::Staging;
use crate::data::{IDENTITIES, PEOPLE};
use crate::journal::{DirectoryLock, FILE as JOURNAL, KEY_FILE, LOCK_FILE, PublicKey, Verified, verify_file_by};
use crate::sha256::Hashing;
use flate2::read::GzDecoder;
use lika_auth::IdentityStore;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, BufReader, Read, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;
use tar::{Archive, Entry};

/// What may be in a directory that counts as empty: the lock, and what a file system of its own has.
const NOTHING: [&str; 2] = [LOCK_FILE, "lost+found"];

/// What the name of the directory begins with that everything is unpacked in.
const STAGED: &str = "restoring-";

/// What was restored.
#[derive(Debug)]
pub struct Restored {
    /// What was in the backup.
    pub manifest: Manifest,
    /// What the journal was found to be.
    pub journal: Verified,
    /// Whether the roster's key was in the backup and another one is in its place, which stays.
    pub other_roster_key: bool,
    /// The API tokens that are in force again: some may have been revoked after the backup was made.
    pub api_tokens: Vec<String>,
}

/// Puts a backup into an empty data directory, whose journal then verifies: by these public keys if there are any.
///
/// # Errors
/// [`BackupError`]; then the directory is as empty as before.
pub fn restore(
    archive: &Path,
    data_dir: &Path,
    roster_key: &Path,
    trusted: &[PublicKey],
    at_ms: i64,
) -> Result<Restored, BackupError> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(data_dir);
    made.map_err(BackupError::at(data_dir))?;
    must_be_owner(data_dir)?;
    must_be_empty(data_dir)?;
    let _lock = DirectoryLock::take(data_dir)?;
    let staging = Staging::in_directory(data_dir, STAGED).map_err(BackupError::at(data_dir))?;
    let manifest = unpack(archive, staging.path())?;
    let journal = verify_file_by(&staging.path().join(JOURNAL), trusted)?;
    let api_tokens = without_sessions(&staging.path().join(IDENTITIES), at_ms)?;
    let other_roster_key = move_in(staging.path(), data_dir, roster_key)?;
    Ok(Restored {
        manifest,
        journal,
        other_roster_key,
        api_tokens,
    })
}

/// Ends the sessions in the copy, which people may have been put out of after it was made. The API tokens in force.
fn without_sessions(identities: &Path, at_ms: i64) -> Result<Vec<String>, BackupError> {
    let mut store = IdentityStore::open(identities)?;
    store.end_every_session()?;
    let grants = store.api_grants()?.into_iter();
    Ok(grants
        .filter(|grant| at_ms < grant.expires_ms)
        .map(|grant| grant.name)
        .collect())
}

/// Whoever else writes there, root too, leaves files that the server cannot use.
pub(super) fn must_be_owner(data_dir: &Path) -> Result<(), BackupError> {
    let owner = data_dir.metadata().map_err(BackupError::at(data_dir))?.uid();
    let own = tempfile::tempfile().and_then(|file| file.metadata());
    if own.map_err(BackupError::at(&std::env::temp_dir()))?.uid() == owner {
        return Ok(());
    }
    Err(BackupError::NotOwner {
        directory: data_dir.into(),
        owner,
    })
}

fn must_be_empty(data_dir: &Path) -> Result<(), BackupError> {
    for entry in data_dir.read_dir().map_err(BackupError::at(data_dir))? {
        let name = entry.map_err(BackupError::at(data_dir))?.file_name();
        // What a killed restoration left is removed before this one begins.
        let left = name.to_string_lossy().starts_with(STAGED);
        if !left && !NOTHING.iter().any(|nothing| name == *nothing) {
            return Err(BackupError::NotEmpty {
                directory: data_dir.into(),
                found: name.to_string_lossy().into_owned(),
            });
        }
    }
    Ok(())
}

/// Everything in the archive, each file as the manifest says.
fn unpack(archive: &Path, staging: &Path) -> Result<Manifest, BackupError> {
    let file = File::open(archive).map_err(BackupError::at(archive))?;
    let damaged = |error: io::Error| BackupError::not_a_backup(error.to_string());
    let mut archive = Archive::new(GzDecoder::new(BufReader::new(file)));
    let mut entries = archive.entries().map_err(damaged)?;
    let manifest = match entries.next() {
        Some(first) => read_manifest(first.map_err(damaged)?)?,
        None => return Err(BackupError::not_a_backup("it is empty")),
    };
    for file in &manifest.files {
        let Some(entry) = entries.next() else {
            return Err(BackupError::not_a_backup(format!("it ends before {}", file.name)));
        };
        take_out(entry.map_err(damaged)?, file, staging)?;
    }
    match entries.next() {
        None => Ok(manifest),
        Some(_) => Err(BackupError::not_a_backup("it has more files than it says")),
    }
}

fn read_manifest(entry: Entry<'_, impl Read>) -> Result<Manifest, BackupError> {
    must_be_file(&entry, manifest::NAME)?;
    let mut text = Vec::new();
    let read = entry.take(manifest::MAX_BYTES).read_to_end(&mut text);
    read.map_err(|error| BackupError::not_a_backup(error.to_string()))?;
    Manifest::parse(&text)
}

fn must_be_file(entry: &Entry<'_, impl Read>, name: &str) -> Result<(), BackupError> {
    if entry.header().entry_type().is_file() && entry.path_bytes() == name.as_bytes() {
        return Ok(());
    }
    let found = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
    Err(BackupError::not_a_backup(format!(
        "it has {found:?} where {name:?} should be"
    )))
}

/// The manifest's names are the only ones that become paths.
fn take_out(entry: Entry<'_, impl Read>, file: &FileEntry, staging: &Path) -> Result<(), BackupError> {
    must_be_file(&entry, &file.name)?;
    let path = staging.join(&file.name);
    if let Some(directory) = path.parent() {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(directory);
        made.map_err(BackupError::at(directory))?;
    }
    let mut content = Both {
        file: private(&path).map_err(BackupError::at(&path))?,
        hashed: Hashed(Hashing::start(), 0),
    };
    // One byte more than it should have, to see whether there is one.
    let copied = io::copy(&mut entry.take(file.bytes.saturating_add(1)), &mut content);
    copied.map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => {
            BackupError::not_a_backup(format!("{}: {error}", file.name))
        }
        _ => BackupError::at(&path)(error),
    })?;
    let Both { file: written, hashed } = content;
    if hashed.1 != file.bytes || hashed.0.digest() != file.sha256 {
        return Err(BackupError::not_a_backup(format!("{} is not what it was", file.name)));
    }
    written.sync_all().map_err(BackupError::at(&path))
}

/// Moves everything to its place, the journal last. Whether another key of the roster is there, which stays.
fn move_in(staging: &Path, data_dir: &Path, roster_key: &Path) -> Result<bool, BackupError> {
    let other_roster_key = move_roster_key(&staging.join(ROSTER_KEY), roster_key)?;
    for name in [SAMPLES, KEY_FILE, PEOPLE, IDENTITIES, JOURNAL] {
        let (from, to) = (staging.join(name), data_dir.join(name));
        if from.exists() {
            fs::rename(&from, &to).map_err(BackupError::at(&to))?;
        }
    }
    let synced = File::open(data_dir).and_then(|directory| directory.sync_all());
    synced.map_err(BackupError::at(data_dir))?;
    Ok(other_roster_key)
}

/// It may lie elsewhere, on another file system too, and be there already.
fn move_roster_key(from: &Path, to: &Path) -> Result<bool, BackupError> {
    if !from.exists() {
        return Ok(false);
    }
    let key = zeroize::Zeroizing::new(fs::read(from).map_err(BackupError::at(from))?);
    match private(to) {
        Ok(mut file) => {
            let written = file.write_all(&key).and_then(|()| file.sync_all());
            written.map_err(BackupError::at(to))?;
            Ok(false)
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let there = zeroize::Zeroizing::new(fs::read(to).map_err(BackupError::at(to))?);
            Ok(*there != *key)
        }
        Err(error) => Err(BackupError::at(to)(error)),
    }
}

fn private(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

struct Both {
    file: File,
    hashed: Hashed,
}

impl io::Write for Both {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hashed.write_all(&bytes[..written])?;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
