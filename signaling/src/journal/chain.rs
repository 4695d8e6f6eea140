//! The hash chain of one meeting: pure.

use crate::meeting::MeetingId;
use crate::sha256::Sha256;
use std::fmt;
use thiserror::Error;

/// Stands first in what is hashed, so that the digest of an event is never the digest of anything else.
const DOMAIN: &[u8] = b"lika journal event v1\0";

/// Where a chain ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// How many events it has: the number of the last one.
    pub events: u64,
    /// The hash of the last one.
    pub hash: Sha256,
}

impl Head {
    /// Before the first event.
    pub const START: Self = Self {
        events: 0,
        hash: Sha256::ZERO,
    };
}

/// One event in its chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) seq: u64,
    pub(super) at_ms: i64,
    pub(super) prev: Sha256,
    pub(super) hash: Sha256,
    pub(super) body: String,
}

impl Link {
    /// The next event after `head`.
    pub(super) fn after(head: &Head, meeting: MeetingId, at_ms: i64, body: String) -> Self {
        let mut link = Self {
            seq: head.events + 1,
            at_ms,
            prev: head.hash,
            hash: Sha256::ZERO,
            body,
        };
        link.hash = link.digest(meeting);
        link
    }

    /// SHA-256 of domain, meeting, number, time, the hash before, and the exact text; integers 64 bits big-endian.
    fn digest(&self, meeting: MeetingId) -> Sha256 {
        Sha256::of(&[
            DOMAIN,
            &meeting.0.to_be_bytes(),
            &self.seq.to_be_bytes(),
            &self.at_ms.to_be_bytes(),
            self.prev.as_bytes(),
            self.body.as_bytes(),
        ])
    }
}

/// A chain that is being verified, event by event.
pub(super) struct Chain {
    meeting: MeetingId,
    head: Head,
}

impl Chain {
    pub(super) const fn of(meeting: MeetingId) -> Self {
        Self {
            meeting,
            head: Head::START,
        }
    }

    /// The next event; the first bad one is the error.
    pub(super) fn accept(&mut self, link: &Link) -> Result<(), Flawed> {
        let due = self.head.events + 1;
        if link.seq != due {
            return Err(self.flawed(due, Flaw::NotThere { found: link.seq }));
        }
        if link.digest(self.meeting) != link.hash {
            return Err(self.flawed(due, Flaw::Changed));
        }
        if link.prev != self.head.hash {
            return Err(self.flawed(due, Flaw::WrongPrevious));
        }
        self.head = Head {
            events: due,
            hash: link.hash,
        };
        Ok(())
    }

    /// No more events: the chain must end where it is said to end.
    pub(super) fn end(self, said: Head) -> Result<Head, Flawed> {
        if self.head.events < said.events {
            return Err(self.flawed(self.head.events + 1, Flaw::CutOff { said: said.events }));
        }
        if self.head != said {
            return Err(self.flawed(self.head.events, Flaw::WrongEnd { said: said.events }));
        }
        Ok(self.head)
    }

    /// The next event cannot even be read.
    pub(super) fn unreadable(&self) -> Flawed {
        self.flawed(self.head.events + 1, Flaw::Unreadable)
    }

    const fn flawed(&self, seq: u64, flaw: Flaw) -> Flawed {
        Flawed {
            meeting: self.meeting,
            seq,
            flaw,
        }
    }
}

/// The first bad event of a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub struct Flawed {
    /// Of which meeting.
    pub meeting: MeetingId,
    /// Its number.
    pub seq: u64,
    /// What is wrong.
    pub flaw: Flaw,
}

/// What is wrong with an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// Its text, time or hash is not as written.
    Changed,
    /// Another event is in its place: it was taken out, moved or written twice.
    NotThere {
        /// The number of the one that is there.
        found: u64,
    },
    /// It is whole, but was written after another event than the one before it here.
    WrongPrevious,
    /// It and those after it are gone: the record ends too early.
    CutOff {
        /// How many events there should be.
        said: u64,
    },
    /// The record says of itself that it ends elsewhere.
    WrongEnd {
        /// How many events it says there are.
        said: u64,
    },
    /// It is not written as the journal writes.
    Unreadable,
}

impl fmt::Display for Flawed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (MeetingId(meeting), seq) = (self.meeting, self.seq);
        write!(f, "Sammanträde {meeting}, händelse {seq}: ")?;
        match self.flaw {
            Flaw::Changed => f.write_str("innehåll, tid eller kontrollsumma har ändrats.")?,
            Flaw::NotThere { found } => write!(f, "saknas eller är flyttad; på dess plats står händelse {found}.")?,
            Flaw::WrongPrevious => f.write_str("bygger på en annan händelse än den som står före.")?,
            Flaw::CutOff { said } => write!(f, "saknas; journalen ska ha {said} händelser men slutar före denna.")?,
            Flaw::WrongEnd { said } => write!(
                f,
                "är den sista, men journalen uppger ett annat slut ({said} händelser)."
            )?,
            Flaw::Unreadable => f.write_str("går inte att läsa som en journalhändelse.")?,
        }
        write!(f, "\nMeeting {meeting}, event {seq}: ")?;
        match self.flaw {
            Flaw::Changed => f.write_str("its text, time or hash has been changed."),
            Flaw::NotThere { found } => write!(f, "is missing or moved; event {found} is in its place."),
            Flaw::WrongPrevious => f.write_str("builds on another event than the one before it."),
            Flaw::CutOff { said } => write!(
                f,
                "is missing; the journal should have {said} events but ends before it."
            ),
            Flaw::WrongEnd { said } => write!(f, "is the last, but the journal names another end ({said} events)."),
            Flaw::Unreadable => f.write_str("cannot be read as an event of a journal."),
        }
    }
}
