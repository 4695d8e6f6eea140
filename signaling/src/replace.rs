//! A file that is there whole or not at all: written beside its place, brought to the disk, and moved there.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// Writes a file that its owner alone may read. Whoever reads the name finds what was there before, or everything that
/// `content` wrote; after an error what was there before is untouched.
///
/// # Errors
/// Those of `content`, and the file system's.
pub fn replace<E: From<io::Error>>(path: &Path, content: impl FnOnce(&mut File) -> Result<(), E>) -> Result<(), E> {
    let beside = beside(path);
    remove(&beside)?;
    // A new file: neither a link that somebody laid out is followed, nor permissions of before kept.
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&beside)?;
    let written = content(&mut file).and_then(|()| {
        file.sync_all()?;
        Ok(rename(&beside, path)?)
    });
    if written.is_err() {
        // The first error is the one to tell.
        let _ = remove(&beside);
    }
    written
}

/// Moves a file, the new name on the disk when it returns.
///
/// # Errors
/// The file system's.
pub fn rename(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)?;
    let directory = to.parent().filter(|directory| !directory.as_os_str().is_empty());
    File::open(directory.unwrap_or(Path::new(".")))?.sync_all()
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".part");
    name.into()
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::replace;
    use std::fs::{self, Permissions};
    use std::io::{self, Write as _};
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    #[test]
    fn a_file_is_replaced_whole_for_its_owner_alone() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("export");
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        // Left by somebody: open to all, and pointing elsewhere.
        let elsewhere = directory.path().join("elsewhere");
        fs::write(&elsewhere, "theirs").unwrap();
        symlink(&elsewhere, directory.path().join("export.part")).unwrap();
        replace(&path, |file| file.write_all(b"new")).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read(&elsewhere).unwrap(), b"theirs");
    }

    #[test]
    fn what_fails_leaves_what_was_there_and_nothing_else() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("export");
        fs::write(&path, "old").unwrap();
        let failed = replace(&path, |file| {
            file.write_all(b"ne")?;
            Err(io::Error::other("full"))
        });
        assert_eq!(failed.unwrap_err().to_string(), "full");
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }
}
