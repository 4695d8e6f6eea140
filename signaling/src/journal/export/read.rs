//! Verifying the exported file, line by line, to its end.

use super::super::chain::{Chain, Head};
use super::super::checkpoint::Checkpoints;
use super::super::key::PublicKey;
use super::super::keys::Trust;
use super::super::samples::{Samples, mark_in};
use super::super::{Flaw, Flawed, Place, Verified, VerifyError};
use super::{End, EventLine, FORMAT, Header, Line, canonical, first, read_line};
use crate::samples::MAX_LINE_BYTES;
use crate::sha256::{Hashing, Sha256};
use serde::Deserialize;
use std::io::{self, BufRead};

/// Read before the rest, so that a newer file is told from none.
#[derive(Deserialize)]
struct Version {
    lika_journal: u32,
}

/// Verifies a file of whichever version. `given`: the keys that are trusted; none: those of the file itself.
pub(in super::super) fn verify(mut file: impl BufRead, given: &[PublicKey]) -> Result<Verified, VerifyError> {
    let mut text = Vec::new();
    match read_line(&mut file, &mut text) {
        Err(error) if !is_torn(&error) => return Err(error.into()),
        Ok(_) | Err(_) => {}
    }
    let Version { lika_journal } = serde_json::from_slice(&text).map_err(|_| VerifyError::NotAJournal)?;
    match lika_journal {
        1 => first(text, file, given),
        FORMAT => {
            let header = canonical(&text).ok_or(VerifyError::NotAJournal)?;
            Verification::of(header, given)?.run(text, file)
        }
        newer if newer > FORMAT => Err(VerifyError::Newer { found: newer.into() }),
        _ => Err(VerifyError::NotAJournal),
    }
}

/// A file of the first version, which nothing signs: to whom the key matters, it may be anybody's.
fn first(text: Vec<u8>, file: impl BufRead, given: &[PublicKey]) -> Result<Verified, VerifyError> {
    let (meeting, head) = first::verify(text, file)?;
    if !given.is_empty() {
        return Err(Flaw::Unsigned.at(meeting, Place::Event(1)).into());
    }
    Ok(Verified::unsigned((meeting, head)))
}

/// Whether the compression is at fault and not the disk.
fn is_torn(error: &io::Error) -> bool {
    use io::ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};
    matches!(error.kind(), InvalidData | InvalidInput | UnexpectedEof)
}

struct Verification {
    header: Header,
    given: bool,
    trust: Trust,
    chain: Chain,
    checkpoints: Checkpoints,
    samples: Samples,
    /// How many events came without their text.
    withheld: u64,
}

impl Verification {
    fn of(header: Header, given: &[PublicKey]) -> Result<Self, Flawed> {
        let meeting = header.meeting;
        Ok(Self {
            given: !given.is_empty(),
            trust: Trust::establish(meeting, &header.keys, given)?,
            chain: Chain::of(meeting),
            checkpoints: Checkpoints::of(meeting),
            samples: Samples::of(meeting),
            withheld: 0,
            header,
        })
    }

    /// `text` is the header.
    fn run(mut self, mut text: Vec<u8>, mut file: impl BufRead) -> Result<Verified, VerifyError> {
        let mut content = Hashing::start();
        loop {
            content.add(&text);
            let read = read_line(&mut file, &mut text);
            if !read.or_else(|error| self.broken(self.due(), error))? {
                return Err(self.cut_off().into());
            }
            match canonical(&text).ok_or_else(|| self.unreadable(&text))? {
                Line::End(end) => {
                    self.end(&end, content.digest())?;
                    break;
                }
                line => self.accept(line)?,
            }
        }
        let read = read_line(&mut file, &mut text);
        if read.or_else(|error| self.broken(Place::End, error))? {
            return Err(self.flawed(Place::End, Flaw::NotLast).into());
        }
        Ok(self.verified())
    }

    fn accept(&mut self, line: Line<'_>) -> Result<(), Flawed> {
        let begun = self.samples.lines() > 0;
        let sample = Place::Sample(self.samples.lines().saturating_add(1));
        match line {
            Line::Event(_) if begun => Err(self.flawed(self.next_event(), Flaw::OutOfPlace)),
            Line::Event(line) => self.event(line),
            Line::Checkpoint(_) if begun => {
                Err(self.flawed(Place::Checkpoint(self.checkpoints.count() + 1), Flaw::OutOfPlace))
            }
            Line::Checkpoint(checkpoint) => {
                let head = self.chain.head();
                self.checkpoints.accept(&checkpoint, &head, &mut self.trust)
            }
            Line::Sample(_) | Line::SamplesWithheld(_) if !self.header.samples => {
                Err(self.flawed(sample, Flaw::OutOfPlace))
            }
            Line::Sample(line) => self.samples.accept(&line),
            Line::SamplesWithheld(to) => self.samples.skip(to),
            // Whoever reads the lines takes it.
            Line::End(_) => Ok(()),
        }
    }

    fn event(&mut self, line: EventLine<'_>) -> Result<(), Flawed> {
        let link = line.link().ok_or_else(|| self.chain.unreadable())?;
        self.chain.accept(&link)?;
        let Some(text) = link.body.text() else {
            self.withheld += 1;
            return Ok(());
        };
        match mark_in(text) {
            Some(mark) if self.header.samples => self.samples.mark(link.seq, &mark),
            _ => Ok(()),
        }
    }

    fn end(&mut self, end: &End, content: Sha256) -> Result<(), Flawed> {
        self.complete()?;
        if self.header.samples {
            self.samples.end()?;
        }
        let counted = (
            self.chain.head().events,
            self.checkpoints.count(),
            self.samples.lines(),
            content,
        );
        if (end.events, end.checkpoints, end.samples, end.digest) != counted {
            return Err(self.flawed(Place::End, Flaw::WrongContent));
        }
        let message = end.message(self.header.meeting);
        self.trust.check_last(end.key, &message, &end.signature)
    }

    /// Whether events and checkpoints are as many as the header says.
    fn complete(&self) -> Result<(), Flawed> {
        self.chain.end(Head {
            events: self.header.events,
            hash: self.header.head,
        })?;
        self.checkpoints.end(self.header.checkpoints)
    }

    /// The file ends without a closing line.
    fn cut_off(&self) -> Flawed {
        match self.complete() {
            Err(flawed) => flawed,
            Ok(()) => self.flawed(Place::End, Flaw::Missing),
        }
    }

    fn unreadable(&self, text: &[u8]) -> Flawed {
        if text.ends_with(b"\n") || text.len() as u64 == MAX_LINE_BYTES {
            self.flawed(self.due(), Flaw::Unreadable)
        } else {
            self.cut_off()
        }
    }

    fn broken<T>(&self, place: Place, error: io::Error) -> Result<T, VerifyError> {
        if is_torn(&error) {
            return Err(self.flawed(place, Flaw::Torn).into());
        }
        Err(error.into())
    }

    /// Where the next line is expected to be.
    const fn due(&self) -> Place {
        let (samples, checkpoints) = (self.samples.lines(), self.checkpoints.count());
        if samples > 0 {
            Place::Sample(samples.saturating_add(1))
        } else if self.chain.head().events < self.header.events {
            self.next_event()
        } else if checkpoints < self.header.checkpoints {
            Place::Checkpoint(checkpoints + 1)
        } else {
            Place::End
        }
    }

    const fn next_event(&self) -> Place {
        Place::Event(self.chain.head().events + 1)
    }

    const fn flawed(&self, place: Place, flaw: Flaw) -> Flawed {
        flaw.at(self.header.meeting, place)
    }

    fn verified(self) -> Verified {
        Verified {
            meetings: vec![(self.header.meeting, self.chain.head())],
            checkpoints: self.checkpoints.count(),
            unsigned: Vec::new(),
            withheld: self.withheld,
            samples: self.header.samples.then(|| self.samples.lines()),
            keys: self.header.keys.iter().map(|one| one.key).collect(),
            key_given: self.given,
        }
    }
}
