//! The report of a meeting, for people: who served, how the quality was, every alarm and decision.
//!
//! [`Account::of`] reads the events and makes the story of them, [`page::render`] writes it as one HTML file. It says
//! what was measured between connected devices, and never more.

pub mod account;
pub mod alarm;
mod export;
pub mod finding;
pub mod page;
pub mod strips;
#[cfg(test)]
mod tests;
pub mod words;

pub use account::Account;
pub use export::{ExportError, events_of_export};
pub use strips::Recording;
pub use words::Language;

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// The place whose time the reports are in.
const PLACE: &str = "Europe/Stockholm";

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
