//! A meeting's samples as they lie in the data directory: `samples/<meeting>/NNNNNN.jsonl.gz`.

use crate::meeting::MeetingId;
use flate2::bufread::MultiGzDecoder;
use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader};
use std::path::{Path, PathBuf};

/// Every line of a meeting's samples, in order. `None`: none are kept.
///
/// # Errors
/// When the directory cannot be read.
pub fn sample_lines(
    data_directory: &Path,
    meeting: MeetingId,
) -> io::Result<Option<impl Iterator<Item = io::Result<String>>>> {
    let directory = data_directory.join("samples").join(meeting.0.to_string());
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut segments: Vec<PathBuf> = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<_>>()?;
    segments.retain(|path| path.to_string_lossy().ends_with(".jsonl.gz"));
    segments.sort();
    Ok((!segments.is_empty()).then(|| segments.into_iter().flat_map(|path| lines_of(&path))))
}

/// The lines of one segment; a last one that was still being written when the program ended is not one yet.
fn lines_of(path: &Path) -> impl Iterator<Item = io::Result<String>> + use<> {
    let opened = File::open(path).map(|file| BufReader::new(MultiGzDecoder::new(BufReader::new(file))));
    let (mut file, mut failed) = match opened {
        Ok(file) => (Some(file), None),
        Err(error) => (None, Some(error)),
    };
    std::iter::from_fn(move || {
        if let Some(error) = failed.take() {
            return Some(Err(error));
        }
        let mut line = String::new();
        match file.as_mut()?.read_line(&mut line) {
            Ok(_) if line.ends_with('\n') => {
                line.pop();
                Some(Ok(line))
            }
            Err(error) if error.kind() != io::ErrorKind::UnexpectedEof => {
                file = None;
                Some(Err(error))
            }
            Ok(_) | Err(_) => {
                file = None;
                None
            }
        }
    })
}
