//! Retention: samples go by decision, once they are not needed, and the journal stays whole (requirement R36).

use super::segments::{directory_of, meetings};
use crate::meeting::MeetingId;
use std::io;
use std::path::Path;

/// The meetings of a data directory of which there are samples.
///
/// # Errors
/// The file system's.
pub fn kept(data_directory: &Path) -> io::Result<Vec<MeetingId>> {
    meetings(data_directory)
}

/// Removes a meeting's samples, for good. Whether there were any.
///
/// # Errors
/// The file system's.
pub fn weed(data_directory: &Path, meeting: MeetingId) -> io::Result<bool> {
    match std::fs::remove_dir_all(directory_of(data_directory, meeting)) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}
