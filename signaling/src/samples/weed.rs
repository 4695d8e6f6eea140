//! Retention: samples go by decision, once they are not needed, and the journal stays whole (requirement R36).

use super::segments::{self, directory_of, meetings};
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

/// Removes the samples of a meeting that may go on, for good. How far they had come stays, so that what comes later builds
/// on it and an export is whole. Whether there were any.
///
/// # Errors
/// The file system's.
pub fn weed_unfinished(data_directory: &Path, meeting: MeetingId) -> io::Result<bool> {
    let directory = directory_of(data_directory, meeting);
    Ok(directory.exists() && segments::forget(&directory)?)
}
