//! A checkpoint: the installation's signature on where a meeting's chain had come to, and when.

use super::chain::Head;
use super::flaw::{Flaw, Flawed, Place};
use super::hex::Signature;
use super::key::{EvidenceKey, PublicKey};
use super::keys::Trust;
use super::time_source::{Synchronised, TimeSource};
use crate::meeting::{Event, MeetingId};
use crate::sha256::Sha256;
use serde::{Deserialize, Serialize};

/// Stands first in what is signed.
const DOMAIN: &[u8] = b"lika checkpoint v1\0";
/// Stands for a largest error that is not known.
const NOT_KNOWN: u64 = u64::MAX;

/// One checkpoint, numbered from 1 in its meeting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Checkpoint {
    pub(super) number: u64,
    /// How many events there were.
    pub(super) events: u64,
    /// The hash of the last of them.
    pub(super) head: Sha256,
    /// When it was signed, in milliseconds since 1970-01-01 UTC.
    pub(super) at_ms: i64,
    pub(super) synchronised: Synchronised,
    pub(super) max_error_ms: Option<u64>,
    /// The digest of the checkpoint before; zero before the first.
    pub(super) previous: Sha256,
    pub(super) key: PublicKey,
    pub(super) signature: Signature,
}

/// Where a meeting's checkpoints have come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Last {
    pub(super) number: u64,
    pub(super) events: u64,
    pub(super) digest: Sha256,
}

impl Last {
    pub(super) const NONE: Self = Self {
        number: 0,
        events: 0,
        digest: Sha256::ZERO,
    };
}

impl Checkpoint {
    /// The next after `last`.
    pub(super) fn sign(
        key: &EvidenceKey,
        meeting: MeetingId,
        last: &Last,
        head: &Head,
        at_ms: i64,
        time: TimeSource,
    ) -> Self {
        let mut checkpoint = Self {
            number: last.number + 1,
            events: head.events,
            head: head.hash,
            at_ms,
            synchronised: time.synchronised,
            max_error_ms: time.max_error_ms,
            previous: last.digest,
            key: key.public(),
            signature: super::hex::Hex([0; 64]),
        };
        checkpoint.signature = key.sign(&checkpoint.message(meeting));
        checkpoint
    }

    /// What is signed: every part has a fixed length; integers 64 bits big-endian.
    fn message(&self, meeting: MeetingId) -> Vec<u8> {
        let synchronised = match self.synchronised {
            Synchronised::Unknown => 0,
            Synchronised::Yes => 1,
            Synchronised::No => 2,
        };
        [
            DOMAIN,
            self.key.bytes(),
            &meeting.0.to_be_bytes(),
            &self.number.to_be_bytes(),
            &self.events.to_be_bytes(),
            self.head.as_bytes(),
            &self.at_ms.to_be_bytes(),
            &[synchronised],
            &self.max_error_ms.unwrap_or(NOT_KNOWN).to_be_bytes(),
            self.previous.as_bytes(),
        ]
        .concat()
    }

    /// SHA-256 of what is signed and the signature: what the next one names.
    pub(super) fn digest(&self, meeting: MeetingId) -> Sha256 {
        Sha256::of(&[&self.message(meeting), &self.signature.0])
    }

    pub(super) fn last(&self, meeting: MeetingId) -> Last {
        Last {
            number: self.number,
            events: self.events,
            digest: self.digest(meeting),
        }
    }
}

/// A meeting's checkpoints that are being verified.
pub(super) struct Checkpoints {
    meeting: MeetingId,
    last: Last,
}

impl Checkpoints {
    pub(super) const fn of(meeting: MeetingId) -> Self {
        Self {
            meeting,
            last: Last::NONE,
        }
    }

    pub(super) const fn last(&self) -> Last {
        self.last
    }

    pub(super) const fn count(&self) -> u64 {
        self.last.number
    }

    /// The next one, which stands where the chain has come to `head`.
    pub(super) fn accept(&mut self, checkpoint: &Checkpoint, head: &Head, trust: &mut Trust) -> Result<(), Flawed> {
        let due = self.last.number + 1;
        let flawed = |flaw: Flaw| Err(flaw.at(self.meeting, Place::Checkpoint(due)));
        if checkpoint.number != due {
            return flawed(Flaw::NotThere {
                found: checkpoint.number,
            });
        }
        // The number that stands for "not known" is no number.
        if checkpoint.max_error_ms == Some(NOT_KNOWN) {
            return flawed(Flaw::Unreadable);
        }
        let (message, signature) = (checkpoint.message(self.meeting), &checkpoint.signature);
        trust.check(Place::Checkpoint(due), checkpoint.key, &message, signature)?;
        if (checkpoint.events, checkpoint.head) != (head.events, head.hash) {
            return flawed(Flaw::WrongHead);
        }
        if checkpoint.previous != self.last.digest {
            return flawed(Flaw::WrongPrevious);
        }
        self.last = checkpoint.last(self.meeting);
        Ok(())
    }

    /// No more: there must be as many as is said.
    pub(super) fn end(&self, said: u64) -> Result<(), Flawed> {
        let count = self.last.number;
        if count < said {
            return Err(Flaw::CutOff { said }.at(self.meeting, Place::Checkpoint(count + 1)));
        }
        if count > said {
            return Err(Flaw::WrongEnd { said }.at(self.meeting, Place::Checkpoint(count)));
        }
        Ok(())
    }
}

/// Whether an event is signed at once, together with its being stored; the others within a minute.
pub(super) const fn is_signed_at_once(event: &Event) -> bool {
    matches!(
        event,
        Event::Opened { .. }
            | Event::Adjourned { .. }
            | Event::Closed { .. }
            | Event::RollCallEnded { .. }
            | Event::VoteClosed { .. }
            | Event::Decided { .. }
    )
}
