//! The journal on a real file system, whole and broken.

mod disk;
mod evidence;
mod forged;
mod key;
mod mutations;
mod python;
mod storage;
mod story;
mod tamper;

use super::signer::Signer;
use super::{FILE, Journal, Parts, Reader};
use crate::meeting::{Event, MeetingId, NameCommitment, ParticipantId, Plan, Role, Rulebook, roster::Entry};
use lika_auth::Assurance;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A data directory with one meeting in it.
struct Kept {
    directory: TempDir,
    meeting: MeetingId,
}

impl Kept {
    /// `events` events, with the reasons of adjournments to tell them apart.
    fn with(events: u64) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut journal = Journal::open(directory.path()).unwrap();
        let (meeting, _) = journal.create(&created(), 1_000).unwrap();
        for seq in 1..events {
            journal
                .append(meeting, seq, &[adjourned(seq)], 1_000 + seq.cast_signed())
                .unwrap();
        }
        Self { directory, meeting }
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    fn file(&self) -> PathBuf {
        self.path().join(FILE)
    }

    fn journal(&self) -> Journal {
        Journal::open(self.path()).unwrap()
    }

    /// The lines of an export, not compressed.
    fn export(&self) -> Vec<u8> {
        lines_of(self.path(), self.meeting, EVERYTHING)
    }
}

const EVERYTHING: Parts = Parts {
    secret: true,
    samples: true,
};

/// The lines of an export made at a fixed time, not compressed.
fn lines_of(directory: &Path, meeting: MeetingId, parts: Parts) -> Vec<u8> {
    let (reader, signer) = (Reader::open(directory).unwrap(), Signer::read(directory).unwrap());
    let mut out = Vec::new();
    reader
        .write_lines(meeting, directory, parts, (&signer, 9_000), &mut out)
        .unwrap();
    out
}

fn created() -> Event {
    let entry = |role| Entry {
        role,
        name: NameCommitment::to("Deltagare", &[1; 32]),
        seat: None,
        only_item: None,
    };
    let roster = vec![entry(Role::Chair), entry(Role::Member)];
    Plan {
        title: "Sammanträde".into(),
        body: "Nämnden".into(),
        roster,
        requires: Assurance::Open,
        fresh_within_ms: 60_000,
        items: Vec::new(),
        rulebook: Rulebook::default(),
    }
    .created()
    .unwrap()
}

fn adjourned(number: u64) -> Event {
    Event::Adjourned {
        by: ParticipantId(1),
        reason: format!("skäl \"{number}\""),
        since_ms: 5,
    }
}
