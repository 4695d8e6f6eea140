//! The hash chain of one meeting: pure.

use super::flaw::{Flaw, Flawed, Place};
use super::hex::Salt;
use crate::meeting::MeetingId;
use crate::sha256::Sha256;

/// Stands first in what is hashed, so that the digest of an event is never the digest of anything else. In version 1
/// the text itself was hashed.
const DOMAIN_1: &[u8] = b"lika journal event v1\0";
/// In version 2 a salted digest of the text is.
const DOMAIN: &[u8] = b"lika journal event v2\0";
/// And that digest is of this.
const BODY_DOMAIN: &[u8] = b"lika journal body v1\0";

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

/// An event's text, as it enters the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Body {
    /// By itself, as journals of version 1 had it.
    Plain(String),
    /// By a digest together with a salt, so that it can be withheld without breaking the chain.
    Salted { salt: Salt, text: String },
    /// The digest alone; the text is withheld.
    Withheld(Sha256),
}

impl Body {
    /// `None` if it is withheld.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Plain(text) | Self::Salted { text, .. } => Some(text),
            Self::Withheld(_) => None,
        }
    }

    /// Without its text; `None` where the chain needs the text itself.
    pub(super) fn withheld(&self) -> Option<Self> {
        match self {
            Self::Plain(_) => None,
            Self::Salted { salt, text } => Some(Self::Withheld(body_digest(salt, text))),
            Self::Withheld(digest) => Some(Self::Withheld(*digest)),
        }
    }
}

fn body_digest(salt: &Salt, text: &str) -> Sha256 {
    Sha256::of(&[BODY_DOMAIN, &salt.0, text.as_bytes()])
}

/// One event in its chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) seq: u64,
    pub(super) at_ms: i64,
    pub(super) prev: Sha256,
    pub(super) hash: Sha256,
    pub(super) body: Body,
}

impl Link {
    /// The next event after `head`.
    pub(super) fn after(head: &Head, meeting: MeetingId, at_ms: i64, body: Body) -> Self {
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

    /// Where the chain ends with this one.
    pub(super) const fn head(&self) -> Head {
        Head {
            events: self.seq,
            hash: self.hash,
        }
    }

    /// SHA-256 of domain, meeting, number, time, the hash before, and the text or its digest; integers 64 bits
    /// big-endian.
    fn digest(&self, meeting: MeetingId) -> Sha256 {
        let withheld;
        let (domain, last): (_, &[u8]) = match &self.body {
            Body::Plain(text) => (DOMAIN_1, text.as_bytes()),
            Body::Salted { salt, text } => {
                withheld = body_digest(salt, text);
                (DOMAIN, withheld.as_bytes())
            }
            Body::Withheld(digest) => (DOMAIN, digest.as_bytes()),
        };
        Sha256::of(&[
            domain,
            &meeting.0.to_be_bytes(),
            &self.seq.to_be_bytes(),
            &self.at_ms.to_be_bytes(),
            self.prev.as_bytes(),
            last,
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

    /// Where it has come to.
    pub(super) const fn head(&self) -> Head {
        self.head
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
        self.head = link.head();
        Ok(())
    }

    /// No more events: the chain must end where it is said to end.
    pub(super) fn end(&self, said: Head) -> Result<Head, Flawed> {
        if self.head.events < said.events {
            return Err(self.flawed(self.head.events + 1, Flaw::CutOff { said: said.events }));
        }
        if self.head != said {
            return Err(self.flawed(self.head.events, Flaw::WrongEnd { said: said.events }));
        }
        Ok(self.head)
    }

    /// The next event cannot even be read.
    pub(super) const fn unreadable(&self) -> Flawed {
        self.flawed(self.head.events + 1, Flaw::Unreadable)
    }

    const fn flawed(&self, seq: u64, flaw: Flaw) -> Flawed {
        flaw.at(self.meeting, Place::Event(seq))
    }
}
