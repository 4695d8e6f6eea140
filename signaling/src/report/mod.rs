//! The report of a meeting, for people: who served, how the quality was, every alarm and decision.
//!
//! [`Source`] has the events, of which [`Account::of`] makes the story; [`page::render`] writes it as one HTML file. It says
//! what was measured between connected devices, and never more.

pub mod account;
pub mod alarm;
pub mod finding;
pub mod page;
pub mod severity;
pub mod source;
pub mod strips;
#[cfg(test)]
mod tests;
pub mod words;

pub use account::Account;
pub use source::Source;
pub use strips::Recording;
pub use words::Language;

use crate::meeting::ParticipantId;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use lika_auth::Person;
use page::{Page, render};
use std::collections::BTreeMap;

/// The place whose time the reports are in.
pub(crate) const PLACE: &str = "Europe/Stockholm";

/// The report of a meeting (HTML), with the names that are kept. `secret`: with what happened at secret items.
#[must_use]
pub fn report(source: &Source, people: Vec<Person>, language: Language, secret: bool) -> String {
    let names: BTreeMap<ParticipantId, String> = people
        .into_iter()
        .map(|person| (ParticipantId(person.whom.participant), person.name))
        .collect();
    render(&Page {
        account: &Account::of(source),
        recording: source.recording.as_ref(),
        names: &names,
        language,
        secret,
        times: Times::swedish(),
    })
}

/// A time in UTC, to the millisecond.
#[must_use]
pub fn clock_ms(at_ms: i64) -> String {
    Timestamp::from_millisecond(at_ms).map_or_else(|_| at_ms.to_string(), |at| format!("{at:.3}"))
}

/// How times are written: in Swedish time, or in UTC on a machine that has no table of time zones.
#[derive(Clone, Debug)]
pub struct Times {
    zone: TimeZone,
}

impl Times {
    /// Swedish time if possible.
    #[must_use]
    pub fn swedish() -> Self {
        let zone = TimeZone::get(PLACE).unwrap_or(TimeZone::UTC);
        Self { zone }
    }

    /// The zone's name.
    #[must_use]
    pub fn zone(&self) -> &str {
        self.zone.iana_name().unwrap_or("UTC")
    }

    /// `2027-01-15`
    #[must_use]
    pub fn day(&self, at_ms: i64) -> String {
        self.written("%Y-%m-%d", at_ms)
    }

    /// `09:00:00`
    #[must_use]
    pub fn clock(&self, at_ms: i64) -> String {
        self.written("%H:%M:%S", at_ms)
    }

    /// `09:00`
    #[must_use]
    pub fn minute(&self, at_ms: i64) -> String {
        self.written("%H:%M", at_ms)
    }

    fn written(&self, form: &str, at_ms: i64) -> String {
        Timestamp::from_millisecond(at_ms).map_or_else(
            |_| at_ms.to_string(),
            |at| at.to_zoned(self.zone.clone()).strftime(form).to_string(),
        )
    }
}
