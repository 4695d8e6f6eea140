//! The exported file: a header line, then one line for each event, all JSON.

use super::chain::{Chain, Flawed, Head, Link};
use super::{JournalError, VerifyError};
use crate::meeting::MeetingId;
use crate::sha256::Sha256;
use serde::{Deserialize, Serialize};
use std::io::{self, BufRead, Write};

/// The version of the exported format.
const FORMAT: u32 = 1;

/// The longest line that is read, in bytes: the longest event with every character escaped, and the rest.
const MAX_LINE_BYTES: u64 = 6 * super::MAX_EVENT_BYTES as u64 + 1024;

/// The first line. Number and head say where the chain ends, so that a cut tail shows.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    lika_journal: u32,
    meeting: MeetingId,
    events: u64,
    head: Sha256,
}

/// One event.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line<'a> {
    seq: u64,
    at_ms: i64,
    prev: Sha256,
    hash: Sha256,
    #[serde(borrow)]
    body: std::borrow::Cow<'a, str>,
}

pub(super) fn header(out: &mut impl Write, meeting: MeetingId, head: Head) -> Result<(), JournalError> {
    write_line(
        out,
        &Header {
            lika_journal: FORMAT,
            meeting,
            events: head.events,
            head: head.hash,
        },
    )
}

pub(super) fn line(out: &mut impl Write, link: &Link) -> Result<(), JournalError> {
    let Link {
        seq,
        at_ms,
        prev,
        hash,
        ref body,
    } = *link;
    write_line(
        out,
        &Line {
            seq,
            at_ms,
            prev,
            hash,
            body: body.into(),
        },
    )
}

fn write_line(out: &mut impl Write, line: &impl Serialize) -> Result<(), JournalError> {
    let mut text = serde_json::to_vec(line)?;
    text.push(b'\n');
    out.write_all(&text).map_err(JournalError::Export)
}

/// Verifies an exported file to its end.
pub(super) fn verify(mut file: impl BufRead) -> Result<(MeetingId, Head), VerifyError> {
    let mut text = Vec::new();
    read_line(&mut file, &mut text)?;
    let header: Header = canonical(&text).ok_or(VerifyError::NotAJournal)?;
    if header.lika_journal > FORMAT {
        return Err(VerifyError::Newer {
            found: header.lika_journal.into(),
        });
    }
    let mut chain = Chain::of(header.meeting);
    while read_line(&mut file, &mut text)? {
        chain.accept(&link(&text, &chain)?)?;
    }
    let head = chain.end(Head {
        events: header.events,
        hash: header.head,
    })?;
    Ok((header.meeting, head))
}

fn link(text: &[u8], chain: &Chain) -> Result<Link, Flawed> {
    let Line {
        seq,
        at_ms,
        prev,
        hash,
        body,
    } = canonical(text).ok_or_else(|| chain.unreadable())?;
    Ok(Link {
        seq,
        at_ms,
        prev,
        hash,
        body: body.into_owned(),
    })
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
