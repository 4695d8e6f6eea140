//! What a report is made of: the events and samples of a meeting, of a data directory or an export, and what is left out.

use super::strips::Recording;
use crate::journal::secrecy::Secrecy;
use crate::journal::{PublicKey, Stored, VerifyError, verify_file_by};
use crate::meeting::Event;
use crate::meeting::event::EventError;
use crate::samples::{Lines, ReadError, text_of};
use crate::sha256::Sha256;
use serde::Deserialize;
use std::io::{self, BufRead as _};
use std::path::Path;
use thiserror::Error;

/// A meeting to be told of.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Source {
    /// Its events, in order.
    pub events: Vec<Stored>,
    /// Its samples, if there are any.
    pub recording: Option<Recording>,
    /// Where they are from.
    pub origin: Origin,
}

/// Where a report's events are from, and how many of them it tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// How many events the journal has of the meeting.
    pub events: u64,
    /// The hash of the last of them.
    pub head: Sha256,
    /// Those that are left out, in order.
    pub withheld: Vec<Withheld>,
    /// What is known of who made the record.
    pub signature: Signature,
}

/// Events that stand next to each other and are left out: those of a secret item, or a correction of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Withheld {
    /// The number of the first.
    pub seq: u64,
    /// How many they are.
    pub events: u64,
    /// When the earliest was stored, in milliseconds since 1970-01-01 UTC.
    pub from_ms: i64,
    /// When the latest was.
    pub to_ms: i64,
}

/// What is known of who made the record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Signature {
    /// It is the installation's own journal; no signature was checked.
    #[default]
    Own,
    /// It is a file that fits together; anybody may have made it.
    NotChecked,
    /// It is a file signed with the key of this fingerprint, or with one that is connected with it.
    Checked(Sha256),
}

/// Why an export cannot be told of.
#[derive(Debug, Error)]
pub enum SourceError {
    /// It is not whole.
    #[error(transparent)]
    Verify(#[from] VerifyError),
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
    /// The samples.
    #[error(transparent)]
    Samples(#[from] ReadError),
    /// There is none.
    #[error("filen är ingen export av ett sammanträde / the file is no export of a meeting")]
    NoEvents,
}

impl Source {
    /// Of the events that the journal has, and the directory of the samples, if there is one. Without `secret`, it has what
    /// an export for the public has.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn of_journal(events: Vec<Stored>, samples: &Path, secret: bool) -> Result<Self, ReadError> {
        let (mut source, secrecy) = Self::of_events(events, secret);
        if samples.exists() {
            source.recording = recording(samples, &secrecy, secret)?;
        }
        Ok(source)
    }

    /// The events alone.
    pub(super) fn of_events(events: Vec<Stored>, secret: bool) -> (Self, Secrecy) {
        let last = events.last();
        let mut source = Self {
            origin: Origin {
                events: last.map_or(0, |stored| stored.seq),
                head: last.map_or(Sha256::ZERO, |stored| stored.hash),
                ..Origin::default()
            },
            ..Self::default()
        };
        let mut secrecy = Secrecy::default();
        for stored in events {
            if secrecy.withholds(stored.seq, stored.at_ms, &stored.event) && !secret {
                source.origin.withhold(stored.seq, stored.at_ms);
            } else {
                source.events.push(stored);
            }
        }
        (source, secrecy)
    }

    /// Of an exported file, which is verified by these keys, or, if there are none, for whether it fits together.
    ///
    /// # Errors
    /// [`SourceError`].
    pub fn of_export(path: &Path, keys: &[PublicKey], secret: bool) -> Result<Self, SourceError> {
        let verified = verify_file_by(path, keys)?;
        let (mut source, mut secrecy) = (Self::default(), Secrecy::default());
        for line in text_of(path)?.split(b'\n') {
            let Ok(Exported::Second { event } | Exported::First(event)) = serde_json::from_slice(&line?) else {
                continue;
            };
            let (seq, at_ms) = (event.seq, event.at_ms);
            match event.stored()? {
                Some(stored) if secret || !secrecy.withholds(seq, at_ms, &stored.event) => source.events.push(stored),
                _ => source.origin.withhold(seq, at_ms),
            }
        }
        let Some((_, head)) = verified.meetings.first().filter(|_| !source.events.is_empty()) else {
            return Err(SourceError::NoEvents);
        };
        source.origin.events = head.events;
        source.origin.head = head.hash;
        source.origin.signature = match keys.first() {
            Some(key) => Signature::Checked(key.fingerprint()),
            None => Signature::NotChecked,
        };
        source.recording = recording(path, &secrecy, secret)?;
        Ok(source)
    }
}

impl Default for Origin {
    fn default() -> Self {
        Self {
            events: 0,
            head: Sha256::ZERO,
            withheld: Vec::new(),
            signature: Signature::default(),
        }
    }
}

impl Origin {
    fn withhold(&mut self, seq: u64, at_ms: i64) {
        match self.withheld.last_mut() {
            Some(last) if last.seq.saturating_add(last.events) == seq => {
                last.events += 1;
                last.from_ms = last.from_ms.min(at_ms);
                last.to_ms = last.to_ms.max(at_ms);
            }
            _ => self.withheld.push(Withheld {
                seq,
                events: 1,
                from_ms: at_ms,
                to_ms: at_ms,
            }),
        }
    }
}

/// None if there are no samples.
fn recording(path: &Path, secrecy: &Secrecy, secret: bool) -> Result<Option<Recording>, ReadError> {
    let is_left_out = |at_ms| !secret && secrecy.covers(Some(at_ms));
    match Lines::open(path).and_then(|mut lines| Recording::read(&mut lines, is_left_out)) {
        Ok(recording) => Ok(Some(recording)),
        Err(ReadError::NoSamples(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// A line: an event of version 2 of the export, or of version 1, or something else (header, samples, checkpoints).
#[derive(Deserialize)]
#[serde(untagged)]
enum Exported {
    Second { event: Written },
    First(Written),
}

/// Of an event that is withheld the text is missing.
#[derive(Deserialize)]
struct Written {
    seq: u64,
    at_ms: i64,
    hash: Sha256,
    body: Option<String>,
}

impl Written {
    fn stored(self) -> Result<Option<Stored>, SourceError> {
        let Self { seq, at_ms, hash, body } = self;
        let Some(body) = body else {
            return Ok(None);
        };
        let event = Event::decode(&body).map_err(|source| SourceError::Event { seq, source })?;
        Ok(Some(Stored {
            seq,
            at_ms,
            hash,
            event,
        }))
    }
}
