//! When the latest backup was made: a note in the data directory, for whoever watches the server. Backups are made by
//! another process, which may fail for weeks with nobody looking.

use crate::replace::replace;
use jiff::Timestamp;
use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::path::Path;

/// The note: the time by RFC 3339, UTC. It is not backed up itself.
const FILE: &str = "latest-backup";
/// More than any time takes.
const LONGEST: u64 = 64;

/// Notes that a backup made now is there.
///
/// # Errors
/// The file system's.
pub fn note(data_dir: &Path, at_ms: i64) -> io::Result<()> {
    let at = Timestamp::from_millisecond(at_ms).map_err(io::Error::other)?;
    replace(&data_dir.join(FILE), |file| writeln!(file, "{at}"))
}

/// When the latest backup was made, in seconds since 1970-01-01 UTC; `None`: none is noted.
#[must_use]
pub fn latest_s(data_dir: &Path) -> Option<i64> {
    let mut noted = String::new();
    let file = File::open(data_dir.join(FILE)).ok()?;
    file.take(LONGEST).read_to_string(&mut noted).ok()?;
    noted.trim().parse().ok().map(Timestamp::as_second)
}

#[cfg(test)]
mod tests {
    use super::{FILE, latest_s, note};

    #[test]
    fn the_latest_is_noted_and_what_is_no_time_is_none() {
        let directory = tempfile::tempdir().unwrap();
        assert_eq!(latest_s(directory.path()), None);
        note(directory.path(), 1_800_000_000_000).unwrap();
        note(directory.path(), 1_800_000_060_999).unwrap();
        assert_eq!(latest_s(directory.path()), Some(1_800_000_060));
        for other in ["", "yesterday", &"9".repeat(100)] {
            std::fs::write(directory.path().join(FILE), other).unwrap();
            assert_eq!(latest_s(directory.path()), None, "{other}");
        }
    }
}
