//! The exported file: JSON lines, compressed. A header, each event and after it the checkpoints that sign it, the
//! samples, and a closing line that signs every byte before it. docs/evidence.md has it byte by byte.

mod first;
mod read;
mod write;

pub use write::Parts;

pub(super) use read::verify;

use super::chain::{Body, Link};
use super::checkpoint::Checkpoint;
use super::hex::{Salt, Signature};
use super::key::PublicKey;
use super::keys::KeyRecord;
use crate::meeting::{MeetingId, SamplesMark};
use crate::samples::MAX_LINE_BYTES;
use crate::sha256::Sha256;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::io::{self, BufRead};

/// The version of the exported format.
const FORMAT: u32 = 2;

/// Stands first in what the closing line signs.
const END_DOMAIN: &[u8] = b"lika export v1\0";

/// The first line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    lika_journal: u32,
    program: String,
    meeting: MeetingId,
    /// How many, and the hash of the last one, so that a cut tail shows.
    events: u64,
    head: Sha256,
    checkpoints: u64,
    /// Whether what was said at secret items is included.
    secret: bool,
    /// Whether the samples are.
    samples: bool,
    keys: Vec<KeyRecord>,
}

/// Every other line.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line<'a> {
    #[serde(borrow)]
    Event(EventLine<'a>),
    Checkpoint(Checkpoint),
    /// One line of the samples, exactly as it is kept.
    #[serde(borrow)]
    Sample(Cow<'a, str>),
    /// The samples up to here are withheld; the next line builds on this digest.
    SamplesWithheld(SamplesMark),
    End(End),
}

/// With salt and text; with the text alone, in the first version of the chain; or with the digest alone, withheld.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EventLine<'a> {
    seq: u64,
    at_ms: i64,
    prev: Sha256,
    hash: Sha256,
    #[serde(skip_serializing_if = "Option::is_none")]
    salt: Option<Salt>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    body: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<Sha256>,
}

/// The last line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct End {
    events: u64,
    checkpoints: u64,
    samples: u64,
    /// When it was exported, in milliseconds since 1970-01-01 UTC.
    at_ms: i64,
    /// Of every byte before this line.
    digest: Sha256,
    pub(super) key: PublicKey,
    pub(super) signature: Signature,
}

impl End {
    pub(super) fn message(&self, meeting: MeetingId) -> Vec<u8> {
        [
            END_DOMAIN,
            self.key.bytes(),
            &meeting.0.to_be_bytes(),
            &self.events.to_be_bytes(),
            &self.checkpoints.to_be_bytes(),
            &self.samples.to_be_bytes(),
            &self.at_ms.to_be_bytes(),
            self.digest.as_bytes(),
        ]
        .concat()
    }
}

impl<'a> From<&'a Link> for EventLine<'a> {
    fn from(link: &'a Link) -> Self {
        let (salt, digest) = match &link.body {
            Body::Plain(_) => (None, None),
            Body::Salted { salt, .. } => (Some(*salt), None),
            Body::Withheld(digest) => (None, Some(*digest)),
        };
        Self {
            seq: link.seq,
            at_ms: link.at_ms,
            prev: link.prev,
            hash: link.hash,
            salt,
            body: link.body.text().map(Cow::Borrowed),
            digest,
        }
    }
}

impl EventLine<'_> {
    /// `None` unless it has one of the three shapes.
    fn link(self) -> Option<Link> {
        let body = match (self.salt, self.body, self.digest) {
            (Some(salt), Some(text), None) => {
                let text = text.into_owned();
                Body::Salted { salt, text }
            }
            (None, Some(text), None) => Body::Plain(text.into_owned()),
            (None, None, Some(digest)) => Body::Withheld(digest),
            _ => return None,
        };
        Some(Link {
            seq: self.seq,
            at_ms: self.at_ms,
            prev: self.prev,
            hash: self.hash,
            body,
        })
    }
}

/// What a line says, if it is written exactly as the journal writes it: one meaning has one spelling, so that no byte
/// can change unseen.
fn canonical<'a, T: Serialize + Deserialize<'a>>(text: &'a [u8]) -> Option<T> {
    let text = text.strip_suffix(b"\n")?;
    let line: T = serde_json::from_slice(text).ok()?;
    (serde_json::to_vec(&line).ok()? == text).then_some(line)
}

/// Whether there was one. A line that is too long comes without its end, and so is not canonical.
fn read_line(file: &mut impl BufRead, text: &mut Vec<u8>) -> io::Result<bool> {
    text.clear();
    io::Read::take(file, MAX_LINE_BYTES).read_until(b'\n', text)?;
    Ok(!text.is_empty())
}
