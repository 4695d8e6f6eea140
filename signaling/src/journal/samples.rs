//! The samples' own chain: each line is hashed together with the hash before it. Pure.

use super::flaw::{Flaw, Flawed, Place};
use crate::meeting::{MeetingId, SamplesMark};
use crate::sha256::Sha256;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Stands first in what is hashed.
const DOMAIN: &[u8] = b"lika sample v1\0";

/// Where the samples have come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SampleHead {
    pub(super) lines: u64,
    pub(super) digest: Sha256,
}

impl SampleHead {
    pub(super) const START: Self = Self {
        lines: 0,
        digest: Sha256::ZERO,
    };

    pub(super) fn after(self, line: &str) -> Self {
        Self {
            lines: self.lines + 1,
            digest: Sha256::of(&[DOMAIN, self.digest.as_bytes(), line.as_bytes()]),
        }
    }
}

/// When a line was measured, in milliseconds since 1970-01-01 UTC, if it says (docs/samples.md).
pub(super) fn measured_at(line: &str) -> Option<i64> {
    #[derive(Deserialize)]
    struct Timed {
        at_ms: i64,
    }
    #[derive(Deserialize)]
    struct Taken {
        second: Option<Timed>,
        silences: Option<Timed>,
        confirmed: Option<Timed>,
    }
    #[derive(Deserialize)]
    struct Sample {
        begun: Option<Timed>,
        input: Option<Taken>,
        verdict: Option<Timed>,
        gap: Option<Timed>,
    }
    let line = serde_json::from_str::<Sample>(line).ok()?;
    let taken = line
        .input
        .and_then(|input| input.second.or(input.silences).or(input.confirmed));
    let timed = taken.or(line.verdict).or(line.begun).or(line.gap)?;
    Some(timed.at_ms)
}

/// What an event's text says of the samples, if it is of the kind that does.
pub(super) fn mark_in(body: &str) -> Option<SamplesMark> {
    #[derive(Deserialize)]
    struct Written {
        event: Kind,
    }
    #[derive(Deserialize)]
    struct Kind {
        measured: Option<Marked>,
    }
    #[derive(Deserialize)]
    struct Marked {
        samples: Option<SamplesMark>,
    }
    // Most events are of other kinds, and need not be read for this.
    if !body.contains("\"samples\"") {
        return None;
    }
    serde_json::from_str::<Written>(body).ok()?.event.measured?.samples
}

/// A meeting's samples that are being verified against what its events say of them.
pub(super) struct Samples {
    meeting: MeetingId,
    head: SampleHead,
    /// By number of lines: the digest there, and the event that says so.
    marks: BTreeMap<u64, (Sha256, u64)>,
}

impl Samples {
    pub(super) const fn of(meeting: MeetingId) -> Self {
        Self {
            meeting,
            head: SampleHead::START,
            marks: BTreeMap::new(),
        }
    }

    pub(super) const fn lines(&self) -> u64 {
        self.head.lines
    }

    /// What an event says. Two events that say different things of the same line cannot both be right.
    pub(super) fn mark(&mut self, event: u64, mark: &SamplesMark) -> Result<(), Flawed> {
        let (digest, _) = *self.marks.entry(mark.lines).or_insert((mark.digest, event));
        let zero = mark.lines == 0 && mark.digest != Sha256::ZERO;
        if digest != mark.digest || zero {
            return Err(Flaw::NotAsMarked { event }.at(self.meeting, Place::Sample(mark.lines)));
        }
        Ok(())
    }

    /// The next line.
    pub(super) fn accept(&mut self, line: &str) -> Result<(), Flawed> {
        self.arrive(self.head.after(line))
    }

    /// The next lines, withheld up to here.
    pub(super) fn skip(&mut self, to: SampleHead) -> Result<(), Flawed> {
        if to.lines <= self.head.lines {
            return Err(Flaw::NotThere { found: to.lines }.at(self.meeting, Place::Sample(self.head.lines + 1)));
        }
        self.arrive(to)
    }

    fn arrive(&mut self, head: SampleHead) -> Result<(), Flawed> {
        self.head = head;
        match self.marks.get(&head.lines) {
            Some(&(digest, event)) if digest != head.digest => {
                Err(Flaw::NotAsMarked { event }.at(self.meeting, Place::Sample(head.lines)))
            }
            _ => Ok(()),
        }
    }

    /// No more: at least as many as the events speak of.
    pub(super) fn end(&self) -> Result<(), Flawed> {
        match self.marks.last_key_value() {
            Some((&said, _)) if said > self.head.lines => {
                Err(Flaw::CutOff { said }.at(self.meeting, Place::Sample(self.head.lines + 1)))
            }
            _ => Ok(()),
        }
    }
}
