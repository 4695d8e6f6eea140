//! Making a backup.

use super::entry::{ROSTER_KEY, segment};
use super::manifest::{self, FileEntry, Manifest};
use super::staging::Staging;
use super::{BackupError, restore};
use crate::data::{IDENTITIES, PEOPLE};
use crate::journal::{FILE as JOURNAL, KEY_FILE, Reader, verify_file};
use crate::samples::{directory_of, whole_segments};
use crate::sha256::Hashing;
use flate2::Compression;
use flate2::write::GzEncoder;
use rusqlite::backup::Backup;
use rusqlite::{Connection, OpenFlags};
use std::fs::File;
use std::io::{self, BufReader, Read as _, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tar::{Builder, Header};
use tempfile::NamedTempFile;

/// How long a database may be locked by a writer.
const BUSY_WAIT: Duration = Duration::from_secs(10);

/// How many pages are copied at a time: all, so that they are of one moment.
const EVERY_PAGE: i32 = i32::MAX;
/// How long is waited for a writer between two tries.
const BUSY_PAUSE: Duration = Duration::from_millis(50);

/// What the name of the directory of copies begins with, beside the backup.
const COPIES: &str = ".lika-backup-";

/// Whether the keys go into the backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keys<'a> {
    /// They are backed up apart, which keeps whoever finds the backup from telling who is who.
    Left,
    /// They go in, with the file of the keys that identities are hashed with.
    Included {
        /// Where that file is.
        roster_key: &'a Path,
    },
}

/// A file to be archived.
struct Source {
    path: PathBuf,
    entry: FileEntry,
}

/// Writes a backup of the data directory to a file that nobody else can read; it is there whole or not at all.
///
/// # Errors
/// [`BackupError`]; then there is no file.
pub fn back_up(data_dir: &Path, keys: Keys<'_>, to: &Path, at_ms: i64) -> Result<Manifest, BackupError> {
    if !data_dir.join(JOURNAL).exists() {
        return Err(BackupError::NoJournal(data_dir.into()));
    }
    restore::must_be_owner(data_dir)?;
    if to.exists() {
        return Err(BackupError::Exists(to.into()));
    }
    let beside = beside(to);
    let copies = Staging::in_directory(&beside, COPIES).map_err(BackupError::at(&beside))?;
    let mut sources = databases(data_dir, copies.path())?;
    verify_file(&copies.path().join(JOURNAL))?;
    sources.extend(samples(data_dir, copies.path())?);
    sources.extend(of_keys(data_dir, keys)?);
    let manifest = Manifest::of(sources.iter().map(|source| source.entry.clone()).collect(), at_ms);
    // Among the copies, so that it goes with them if this process is killed.
    let mut archive = NamedTempFile::new_in(copies.path()).map_err(BackupError::at(&beside))?;
    write(archive.as_file_mut(), &manifest, &sources)?;
    let persisted = archive.persist_noclobber(to).map_err(|error| error.error);
    persisted
        .and_then(|_| File::open(&beside)?.sync_all())
        .map_err(BackupError::at(to))?;
    Ok(manifest)
}

fn beside(to: &Path) -> PathBuf {
    match to.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.into(),
        _ => ".".into(),
    }
}

/// Copies of the databases: see the module's text for their order.
fn databases(data_dir: &Path, copies: &Path) -> Result<Vec<Source>, BackupError> {
    let copied = [IDENTITIES, PEOPLE, JOURNAL].map(|name| {
        let copy = copies.join(name);
        copy_database(&data_dir.join(name), &copy)?;
        Source::whole(copy, name.into())
    });
    copied.into_iter().collect()
}

/// As it stands at one moment: a reader of a database in WAL mode holds nobody back.
fn copy_database(from: &Path, to: &Path) -> Result<(), BackupError> {
    let copy = || -> rusqlite::Result<()> {
        // To be read alone; but who opens a database without the right to write leaves its log behind.
        let source = Connection::open_with_flags(from, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        source.busy_timeout(BUSY_WAIT)?;
        let mut copy = Connection::open(to)?;
        Backup::new(&source, &mut copy)?.run_to_completion(EVERY_PAGE, BUSY_PAUSE, None)
    };
    copy().map_err(|source| BackupError::Database {
        path: from.into(),
        source,
    })
}

/// The samples of the meetings in the copied journal, as far as they are whole.
fn samples(data_dir: &Path, copies: &Path) -> Result<Vec<Source>, BackupError> {
    let mut sources = Vec::new();
    for (meeting, _) in Reader::open(copies)?.meetings()? {
        let directory = directory_of(data_dir, meeting);
        let segments = whole_segments(&directory).map_err(BackupError::at(&directory))?;
        for (path, bytes) in segments {
            let name =
                segment(meeting.0, &path).ok_or_else(|| BackupError::not_a_backup(path.display().to_string()))?;
            sources.push(Source::of(path, name, bytes)?);
        }
    }
    Ok(sources)
}

fn of_keys(data_dir: &Path, keys: Keys<'_>) -> Result<Vec<Source>, BackupError> {
    let Keys::Included { roster_key } = keys else {
        return Ok(Vec::new());
    };
    let evidence = Source::whole(data_dir.join(KEY_FILE), KEY_FILE.into())?;
    let mut sources = vec![evidence];
    // Made at the first start of a server: before it there are meetings without.
    if roster_key.exists() {
        sources.push(Source::whole(roster_key.into(), ROSTER_KEY.into())?);
    }
    Ok(sources)
}

impl Source {
    fn whole(path: PathBuf, name: String) -> Result<Self, BackupError> {
        let bytes = path.metadata().map_err(BackupError::at(&path))?.len();
        Self::of(path, name, bytes)
    }

    /// The file's first bytes.
    fn of(path: PathBuf, name: String, bytes: u64) -> Result<Self, BackupError> {
        let mut hashing = Hashed(Hashing::start(), 0);
        let copied = File::open(&path).and_then(|file| io::copy(&mut BufReader::new(file).take(bytes), &mut hashing));
        copied.map_err(BackupError::at(&path))?;
        let entry = FileEntry {
            name,
            bytes: hashing.1,
            sha256: hashing.0.digest(),
        };
        Ok(Self { path, entry })
    }
}

fn write(file: &mut File, manifest: &Manifest, sources: &[Source]) -> Result<(), BackupError> {
    let text = serde_json::to_vec_pretty(manifest).map_err(|error| BackupError::not_a_backup(error.to_string()))?;
    let mut archive = Builder::new(GzEncoder::new(&mut *file, Compression::default()));
    let seconds = u64::try_from(manifest.at_ms / 1000).unwrap_or_default();
    let mut append = |name: &str, bytes: u64, content: &mut dyn io::Read| {
        let mut header = Header::new_gnu();
        header.set_size(bytes);
        header.set_mode(0o600);
        header.set_mtime(seconds);
        archive.append_data(&mut header, name, content)
    };
    append(manifest::NAME, text.len() as u64, &mut text.as_slice())
        .map_err(BackupError::at(Path::new(manifest::NAME)))?;
    for Source { path, entry } in sources {
        let content = File::open(path).map_err(BackupError::at(path))?;
        append(&entry.name, entry.bytes, &mut content.take(entry.bytes)).map_err(BackupError::at(path))?;
    }
    let finished = archive.into_inner().and_then(GzEncoder::finish);
    finished
        .and_then(|file| file.sync_all())
        .map_err(BackupError::at(Path::new(manifest::NAME)))
}

/// Counts and hashes what is written to it.
pub(super) struct Hashed(pub(super) Hashing, pub(super) u64);

impl Write for Hashed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.add(bytes);
        self.1 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
