//! The story of a meeting, from its events.

mod people;
mod telling;
mod voting;
mod what;

pub use people::{Person, Place, Served, Stay};
pub use voting::{Answered, Found, Vote, VoteEnd};
pub use what::{Decision, What};

use super::alarm::Alarm;
use super::finding::Finding;
use super::source::{Origin, Source};
use crate::meeting::{ItemId, ParticipantId, ProfileMark};
use std::collections::BTreeMap;
use telling::Telling;

/// Everything the report tells.
#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    /// The meeting's title.
    pub title: String,
    /// The body that met.
    pub body: String,
    /// When it was opened, in milliseconds since 1970-01-01 UTC, as all times here.
    pub opened_ms: Option<i64>,
    /// When it was closed.
    pub closed_ms: Option<i64>,
    /// Where this is from, and what is left out.
    pub origin: Origin,
    /// Everybody who is invited.
    pub people: Vec<Person>,
    /// Who served, and when.
    pub service: Vec<Served>,
    /// The items of the agenda.
    pub items: BTreeMap<ItemId, Text>,
    /// What happened, in order.
    pub entries: Vec<Entry>,
    /// Every alert, amber ones too.
    pub alarms: Vec<Alarm>,
    /// The threshold profiles that were judged by.
    pub profiles: Vec<ProfileMark>,
}

/// Words that somebody wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// The words.
    pub text: String,
    /// Whether they were written at a secret item.
    pub secret: bool,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The number of its event.
    pub seq: u64,
    /// When it was stored.
    pub at_ms: i64,
    /// What.
    pub what: What,
    /// What was measured then.
    pub finding: Option<Finding>,
    /// What was measured when it ended: of a roll call and a vote.
    pub at_end: Option<Finding>,
    /// How it is to be read instead.
    pub corrections: Vec<Correction>,
}

/// A correction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correction {
    /// When.
    pub at_ms: i64,
    /// By whom.
    pub by: ParticipantId,
    /// How it should be read.
    pub text: Text,
}

impl Account {
    /// The story that events and samples tell.
    #[must_use]
    pub fn of(source: &Source) -> Self {
        let mut telling = Telling::default();
        if let Some(recording) = &source.recording {
            telling.profiles.clone_from(&recording.profiles);
        }
        source.events.iter().for_each(|stored| telling.take(stored));
        telling.end(source.origin.clone())
    }

    /// The decisions, in order.
    pub fn decisions(&self) -> impl Iterator<Item = (&Entry, &Decision)> {
        self.entries.iter().filter_map(|entry| match &entry.what {
            What::Decided(decision) => Some((entry, decision)),
            _ => None,
        })
    }
}
