//! Copies of a database as it was before its layout was changed, for going back to the older program: beside it, named for
//! the layout. A copy knows nothing of what is erased later, so erasing takes the copies away too.

use rusqlite::Connection;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// A copy cannot be kept, so the database is left as it is.
#[derive(Debug, Error)]
#[error(
    "no copy of the database can be kept in {path} before it is brought forward ({source}); make room there, then start again"
)]
pub struct CopyError {
    /// Where it should have been.
    pub path: PathBuf,
    /// Why not.
    pub source: CopyProblem,
}

/// Why a copy cannot be kept.
#[derive(Debug, Error)]
pub enum CopyProblem {
    /// SQLite's word.
    #[error(transparent)]
    Database(#[from] rusqlite::Error),
    /// The file system's.
    #[error(transparent)]
    File(#[from] io::Error),
}

/// Keeps a copy of the database at `path`: `identity.sqlite` of the first layout becomes `identity.layout-1.sqlite`. One that
/// is there already is replaced: it is older.
///
/// # Errors
/// [`CopyError`]; then there is no new copy.
pub fn keep(db: &Connection, path: &Path, word: &str, number: impl std::fmt::Display) -> Result<(), CopyError> {
    let kept = path.with_extension(format!("{word}-{number}.sqlite"));
    let partial = kept.with_extension("partial");
    let copy = || -> Result<(), CopyProblem> {
        let _ = fs::remove_file(&partial);
        // SQLite fills an empty file that is there; this one nobody else can read.
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&partial)?;
        db.execute("VACUUM INTO ?1", [partial.to_string_lossy()])?;
        file.sync_all()?;
        fs::rename(&partial, &kept)?;
        File::open(kept.parent().unwrap_or(Path::new(".")))?.sync_all()?;
        Ok(())
    };
    copy().map_err(|source| {
        let _ = fs::remove_file(&partial);
        CopyError {
            path: kept.clone(),
            source,
        }
    })
}

/// Removes every copy of the database at `path`. How many there were.
///
/// # Errors
/// The file system's.
pub fn remove(path: &Path) -> io::Result<usize> {
    let (Some(directory), Some(stem)) = (path.parent(), path.file_stem().and_then(|stem| stem.to_str())) else {
        return Ok(0);
    };
    let mut removed = 0;
    for entry in directory.read_dir()? {
        let entry = entry?;
        if entry.file_name().to_str().is_some_and(|name| is_copy(name, stem)) {
            fs::remove_file(entry.path())?;
            removed += 1;
        }
    }
    Ok(removed)
}

/// `identity.layout-1.sqlite`, of `identity`.
fn is_copy(name: &str, stem: &str) -> bool {
    let word = name.strip_prefix(stem).and_then(|rest| rest.strip_prefix('.'));
    let word = word.and_then(|rest| rest.strip_suffix(".sqlite"));
    word.and_then(|word| word.split_once('-'))
        .is_some_and(|(_, number)| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::{keep, remove};
    use rusqlite::Connection;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_copy_is_whole_private_and_removed_on_demand() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("people.sqlite");
        let db = Connection::open(&path).unwrap();
        db.execute_batch("CREATE TABLE person (name TEXT); INSERT INTO person VALUES ('Ledamot 7');")
            .unwrap();
        keep(&db, &path, "layout", 1).unwrap();
        keep(&db, &path, "layout", 1).unwrap();
        let copy = directory.path().join("people.layout-1.sqlite");
        assert_eq!(copy.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        let copied = Connection::open(&copy).unwrap();
        let name: String = copied
            .query_row("SELECT name FROM person", [], |row| row.get(0))
            .unwrap();
        assert_eq!(name, "Ledamot 7");
        assert_eq!(remove(&path).unwrap(), 1);
        assert!(!copy.exists() && path.exists());
        assert_eq!(remove(&path).unwrap(), 0);
    }

    #[test]
    fn without_room_nothing_half_is_left() {
        let directory = tempfile::tempdir().unwrap();
        let db = Connection::open(directory.path().join("people.sqlite")).unwrap();
        let nowhere = directory.path().join("nowhere/people.sqlite");
        let error = keep(&db, &nowhere, "layout", 1).unwrap_err().to_string();
        assert!(error.contains("people.layout-1.sqlite"), "{error}");
    }
}
