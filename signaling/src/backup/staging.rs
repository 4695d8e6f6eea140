//! Directories for what a backup or a restoration is made of: nobody else can look in, and they are gone afterwards.

use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use tempfile::TempDir;

/// A directory of one's own, locked as long as it lives.
pub(super) struct Staging {
    directory: TempDir,
    _lock: File,
}

impl Staging {
    /// A new one, in place of those with the same prefix that a killed process left: nobody has them locked.
    pub(super) fn in_directory(beside: &Path, prefix: &str) -> io::Result<Self> {
        remove_left(beside, prefix)?;
        let directory = tempfile::Builder::new()
            .prefix(prefix)
            .permissions(Permissions::from_mode(0o700))
            .tempdir_in(beside)?;
        let lock = File::open(directory.path())?;
        lock.try_lock()?;
        Ok(Self { directory, _lock: lock })
    }

    pub(super) fn path(&self) -> &Path {
        self.directory.path()
    }
}

fn remove_left(beside: &Path, prefix: &str) -> io::Result<()> {
    for entry in beside.read_dir()? {
        let entry = entry?;
        let named = entry.file_name().to_string_lossy().starts_with(prefix);
        if named && entry.file_type()?.is_dir() {
            remove_if_left(&entry.path());
        }
    }
    Ok(())
}

/// Somebody else's stays, whether it is in use or not.
fn remove_if_left(directory: &Path) {
    let removed = File::open(directory).and_then(|lock| {
        lock.try_lock()?;
        fs::remove_dir_all(directory)
    });
    if let Err(error) = removed {
        tracing::debug!(directory = %directory.display(), %error, "a directory of another backup stays");
    }
}

#[cfg(test)]
mod tests {
    use super::Staging;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn nobody_else_can_look_in_and_nothing_is_left() {
        let beside = tempfile::tempdir().unwrap();
        let staging = Staging::in_directory(beside.path(), ".lika-backup-").unwrap();
        let mode = staging.path().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
        drop(staging);
        assert_eq!(beside.path().read_dir().unwrap().count(), 0);
    }

    #[test]
    fn what_a_killed_backup_left_is_removed_and_what_is_in_use_stays() {
        let beside = tempfile::tempdir().unwrap();
        let left = beside.path().join(".lika-backup-left");
        std::fs::create_dir(&left).unwrap();
        std::fs::write(left.join("people.sqlite"), "names").unwrap();
        let other = beside.path().join("lika-backup-mine");
        std::fs::create_dir(&other).unwrap();
        let first = Staging::in_directory(beside.path(), ".lika-backup-").unwrap();
        assert!(!left.exists() && other.exists());
        let second = Staging::in_directory(beside.path(), ".lika-backup-").unwrap();
        assert!(first.path().exists() && second.path().exists());
    }
}
