//! The events in an exported file, which has been verified before.

use crate::journal::Stored;
use crate::meeting::Event;
use crate::meeting::event::EventError;
use crate::samples::text_of;
use crate::sha256::Sha256;
use serde::Deserialize;
use std::io::{self, BufRead as _};
use std::path::Path;
use thiserror::Error;

/// Why the events of an export cannot be told.
#[derive(Debug, Error)]
pub enum ExportError {
    /// The file.
    #[error("filen går inte att läsa / the file cannot be read: {0}")]
    Io(#[from] io::Error),
    /// An event.
    #[error("händelse / event {seq}: {source}")]
    Event {
        /// Its number.
        seq: u64,
        /// Why.
        source: EventError,
    },
    /// There is none.
    #[error("filen är ingen export av ett sammanträde / the file is no export of a meeting")]
    NoEvents,
}

/// A line: an event of version 2 of the export, or of version 1, or something else (header, samples, checkpoints). Of an
/// event that is withheld the text is missing, and it is no event here.
#[derive(Deserialize)]
#[serde(untagged)]
enum Exported {
    Second { event: Written },
    First(Written),
}

#[derive(Deserialize)]
struct Written {
    seq: u64,
    at_ms: i64,
    hash: Sha256,
    body: String,
}

/// Every event of an exported file, in order.
///
/// # Errors
/// [`ExportError`].
pub fn events_of_export(path: &Path) -> Result<Vec<Stored>, ExportError> {
    let mut events = Vec::new();
    for line in text_of(path)?.split(b'\n') {
        let Ok(Exported::Second { event } | Exported::First(event)) = serde_json::from_slice(&line?) else {
            continue;
        };
        let Written { seq, at_ms, hash, body } = event;
        let event = Event::decode(&body).map_err(|source| ExportError::Event { seq, source })?;
        events.push(Stored {
            seq,
            at_ms,
            hash,
            event,
        });
    }
    if events.is_empty() {
        return Err(ExportError::NoEvents);
    }
    Ok(events)
}
