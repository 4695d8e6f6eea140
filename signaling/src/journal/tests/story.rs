//! A meeting with everything that an export can hold: samples, a secret item, a change of keys.

use super::super::{Journal, PublicKey, public_key};
use crate::equal_terms::Matrix;
use crate::meeting::{
    Event, Item, ItemId, Measured, MeetingId, NameCommitment, ParticipantId, Plan, ProfileMark, Role, Rulebook,
    roster::Entry,
};
use crate::samples::Chain;
use crate::sha256::Sha256;
use flate2::{Compression, write::GzEncoder};
use lika_auth::Assurance;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use tempfile::TempDir;

const CHAIR: ParticipantId = ParticipantId(1);
/// One sample line a second, over the whole meeting.
pub(super) const SAMPLES: u64 = 40;
/// The seconds, from the beginning, that the secret item takes.
pub(super) const SECRET: std::ops::RangeInclusive<u64> = 20..=30;

pub(super) struct Story {
    directory: TempDir,
    pub(super) meeting: MeetingId,
    /// The first key of the installation.
    pub(super) key: PublicKey,
    events: u64,
}

impl Story {
    pub(super) fn told() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut journal = Journal::open(directory.path()).unwrap();
        let key = public_key(directory.path()).unwrap();
        let (meeting, _) = journal.create(&created(), 0).unwrap();
        write_samples(directory.path(), meeting);
        let mut story = Self {
            directory,
            meeting,
            key,
            events: 1,
        };
        story.happens(&mut journal, 1, &[Event::Opened { by: CHAIR }]);
        story.happens(&mut journal, 2, &[begun(1)]);
        story.happens(&mut journal, 5, &[measured(5), decided("Enligt förslaget.")]);
        story.happens(&mut journal, 10, &[measured(10), adjourned()]);
        story.happens(&mut journal, 12, &[Event::Resumed { by: CHAIR }]);
        story.happens(&mut journal, 14, &[ended(1)]);
        journal.rotate_key(15_000).unwrap();
        story.happens(&mut journal, *SECRET.start(), &[begun(2)]);
        story.happens(&mut journal, 25, &[measured(25), decided("Hemligheten.")]);
        story.happens(&mut journal, *SECRET.end(), &[ended(2)]);
        journal.checkpoint(meeting, 31_000).unwrap();
        let correction = Event::Corrected {
            event: 12,
            text: "Hemligheten, rättad.".into(),
            by: CHAIR,
        };
        story.happens(&mut journal, 35, &[correction]);
        story.happens(&mut journal, 38, &[measured(38), Event::Closed { by: CHAIR }]);
        story
    }

    pub(super) fn path(&self) -> &Path {
        self.directory.path()
    }

    fn happens(&mut self, journal: &mut Journal, second: u64, events: &[Event]) {
        journal
            .append(self.meeting, self.events, events, at_ms(second))
            .unwrap();
        self.events += events.len() as u64;
    }
}

pub(super) fn at_ms(second: u64) -> i64 {
    second.cast_signed() * 1_000
}

pub(super) fn sample(second: u64) -> String {
    format!(
        "{{\"input\":{{\"second\":{{\"at_ms\":{},\"legs\":[\"å\\\"\"]}}}}}}",
        at_ms(second)
    )
}

/// Two segments, as the server leaves them.
fn write_samples(directory: &Path, meeting: MeetingId) {
    let folder = directory.join("samples").join(meeting.0.to_string());
    fs::create_dir_all(&folder).unwrap();
    for (name, seconds) in [("000001", 0..15), ("000002", 15..SAMPLES)] {
        let file = fs::File::create(folder.join(format!("{name}.jsonl.gz"))).unwrap();
        let mut file = GzEncoder::new(file, Compression::fast());
        for second in seconds {
            writeln!(file, "{}", sample(second)).unwrap();
        }
        file.finish().unwrap();
    }
}

fn created() -> Event {
    let item = |title: &str, secret| Item {
        title: title.into(),
        requires: if secret { Assurance::Loa3 } else { Assurance::Open },
        secret,
    };
    Plan {
        title: "Sammanträde".into(),
        body: "Nämnden".into(),
        roster: vec![Entry {
            role: Role::Chair,
            name: NameCommitment::to("Deltagare", &[1; 32]),
            seat: None,
            only_item: None,
        }],
        requires: Assurance::Open,
        fresh_within_ms: 60_000,
        items: vec![item("Budget", false), item("Ett enskilt ärende", true)],
        rulebook: Rulebook::default(),
    }
    .created()
    .unwrap()
}

/// What was measured when the samples had come to this second.
fn measured(second: u64) -> Event {
    let chain = (0..second).fold(Chain::START, |chain, second| chain.with(sample(second).as_bytes()));
    Event::Measured {
        measured: Box::new(Measured {
            at_ms: Some(at_ms(second)),
            profile: ProfileMark {
                name: "likvardig-1".into(),
                version: 1,
                digest: Sha256::ZERO,
            },
            people: Vec::new(),
            matrix: Matrix::default(),
            samples: Some(chain.mark()),
        }),
    }
}

fn begun(item: u16) -> Event {
    Event::ItemBegun {
        item: ItemId(item),
        by: CHAIR,
        since_ms: 0,
        moved_out: Vec::new(),
    }
}

fn ended(item: u16) -> Event {
    Event::ItemEnded {
        item: ItemId(item),
        by: CHAIR,
        at_ms: 0,
    }
}

fn adjourned() -> Event {
    Event::Adjourned {
        by: CHAIR,
        reason: "Bild saknas.".into(),
        since_ms: 10_000,
    }
}

fn decided(decision: &str) -> Event {
    Event::Decided {
        number: 1,
        item: None,
        decision: decision.into(),
        by: CHAIR,
        at_ms: 0,
        despite: None,
        afterwards: false,
    }
}
