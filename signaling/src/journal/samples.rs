//! A meeting's samples held against what its events say of them. Pure.

use super::flaw::{Flaw, Flawed, Place};
use crate::meeting::{MeetingId, SamplesMark};
use crate::samples::Chain;
use crate::sha256::Sha256;
use serde::Deserialize;
use std::collections::BTreeMap;

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
    chain: Chain,
    /// By number of lines: the digest there, and the event that says so.
    marks: BTreeMap<u64, (Sha256, u64)>,
}

impl Samples {
    pub(super) const fn of(meeting: MeetingId) -> Self {
        Self {
            meeting,
            chain: Chain::START,
            marks: BTreeMap::new(),
        }
    }

    pub(super) const fn lines(&self) -> u64 {
        self.chain.lines()
    }

    /// What an event says. Two events that say different things of the same line cannot both be right.
    pub(super) fn mark(&mut self, event: u64, mark: &SamplesMark) -> Result<(), Flawed> {
        let (digest, _) = *self.marks.entry(mark.lines).or_insert((mark.digest, event));
        let zero = mark.lines == 0 && mark.digest != Sha256::ZERO;
        if digest != mark.digest || zero {
            return Err(self.flawed(mark.lines, Flaw::NotAsMarked { event }));
        }
        Ok(())
    }

    /// The next line.
    pub(super) fn accept(&mut self, line: &str) -> Result<(), Flawed> {
        if self.lines() == u64::MAX {
            return Err(self.flawed(u64::MAX, Flaw::Unreadable));
        }
        self.arrive(self.chain.with(line.as_bytes()))
    }

    /// The next lines, withheld up to here.
    pub(super) fn skip(&mut self, to: SamplesMark) -> Result<(), Flawed> {
        if to.lines <= self.lines() {
            return Err(self.flawed(self.lines().saturating_add(1), Flaw::NotThere { found: to.lines }));
        }
        self.arrive(Chain::at(to))
    }

    fn arrive(&mut self, chain: Chain) -> Result<(), Flawed> {
        self.chain = chain;
        let SamplesMark { lines, digest } = chain.mark();
        match self.marks.get(&lines) {
            Some(&(said, event)) if said != digest => Err(self.flawed(lines, Flaw::NotAsMarked { event })),
            _ => Ok(()),
        }
    }

    /// No more: at least as many as the events speak of.
    pub(super) fn end(&self) -> Result<(), Flawed> {
        match self.marks.last_key_value() {
            Some((&said, _)) if said > self.lines() => Err(self.flawed(self.lines() + 1, Flaw::CutOff { said })),
            _ => Ok(()),
        }
    }

    const fn flawed(&self, line: u64, flaw: Flaw) -> Flawed {
        flaw.at(self.meeting, Place::Sample(line))
    }
}
