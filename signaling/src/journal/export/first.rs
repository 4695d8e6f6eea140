//! The first version of the exported file, without signatures; only read. A header line, then one line for each event.

use super::super::chain::{Body, Chain, Head, Link};
use super::super::{Flawed, VerifyError};
use super::{canonical, read_line};
use crate::meeting::MeetingId;
use crate::sha256::Sha256;
use serde::{Deserialize, Serialize};
use std::io::BufRead;

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

/// Verifies the rest of a file whose first line this is.
pub(super) fn verify(mut text: Vec<u8>, mut file: impl BufRead) -> Result<(MeetingId, Head), VerifyError> {
    let header: Header = canonical(&text).ok_or(VerifyError::NotAJournal)?;
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
        body: Body::Plain(body.into_owned()),
    })
}
