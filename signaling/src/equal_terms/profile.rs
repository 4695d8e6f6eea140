//! The threshold profile: a named, versioned file that a municipality can copy, change and decide upon.

use super::Level;
use super::rows::{RowName, Span, Worse};
use super::window::LONGEST_WINDOW_S;
use crate::sha256::Sha256;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;
use thiserror::Error;

/// The limits a meeting is judged by.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// Its name, such as `likvardig`.
    pub name: String,
    /// Its version, from 1: another number whenever a value changes.
    pub version: u32,
    /// What it relaxes compared with `likvardig`, by the keys of this file; shown wherever the profile is used.
    pub relaxes: Vec<String>,
    /// When alerts clear and when they are unstable.
    pub alert: AlertTimes,
    limits: BTreeMap<RowName, Limits>,
    digest: Sha256,
    text: String,
}

/// Hysteresis of the alerts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlertTimes {
    /// An alert clears after this long without a bad second.
    pub clear_s: u32,
    /// So many reds ...
    pub unstable_reds: u32,
    /// ... within this long make the alert unstable.
    pub unstable_within_s: u32,
}

/// The limits of one row, in the row's unit. A figure at the limit is bad when more is worse, and good when less is.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// From here on amber; `None`: never amber.
    pub amber: Option<f64>,
    /// From here on red.
    pub red: f64,
    /// The window that is pooled; `None` for rows that measure how long something lasts.
    pub window_s: Option<u32>,
}

impl Profile {
    /// `likvardig-1`: the default (docs/equal-terms.md has the source of each number).
    ///
    /// # Errors
    /// None for the file as shipped; a test reads it.
    pub fn likvardig() -> Result<Self, ProfileError> {
        Self::parse(include_str!("../../profiles/likvardig-1.toml"))
    }

    /// `test-small-1`: for browsers at 320x180 and 10 frames/s on a small machine.
    ///
    /// # Errors
    /// None for the file as shipped; a test reads it.
    pub fn test_small() -> Result<Self, ProfileError> {
        Self::parse(include_str!("../../profiles/test-small.toml"))
    }

    /// Reads a profile file (TOML).
    ///
    /// # Errors
    /// Says which key is wrong and what it may be.
    pub fn parse(text: &str) -> Result<Self, ProfileError> {
        let table: toml::Table = text.parse()?;
        check_keys(&table)?;
        let file: File = table.try_into()?;
        let profile = Self {
            name: file.name,
            version: file.version,
            relaxes: file.relaxes,
            alert: file.alert,
            limits: file.row,
            digest: Sha256::of(&[text.as_bytes()]),
            text: text.to_owned(),
        };
        profile.validate()?;
        Ok(profile)
    }

    /// Name and version, as the journal records it: `likvardig-1`.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{}-{}", self.name, self.version)
    }

    /// SHA-256 of the text that it was read from: two profiles of one name and version may still differ.
    #[must_use]
    pub const fn digest(&self) -> Sha256 {
        self.digest
    }

    /// The text of its file, as it was read.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The limits of a row.
    #[must_use]
    pub fn limits(&self, row: RowName) -> Option<&Limits> {
        self.limits.get(&row)
    }

    /// The longest window of any row.
    pub(super) fn longest_window_s(&self) -> u32 {
        self.limits
            .values()
            .filter_map(|limits| limits.window_s)
            .max()
            .unwrap_or(1)
    }

    pub(super) fn span(&self, row: RowName, at_ms: i64) -> Span {
        let window_s = self.limits(row).and_then(|limits| limits.window_s).unwrap_or(0);
        Span { at_ms, window_s }
    }

    /// How a figure of a row stands.
    pub(super) fn level(&self, row: RowName, figure: f64) -> Level {
        self.limits(row)
            .map_or(Level::Unknown, |limits| limits.level(row.worse(), figure))
    }

    fn validate(&self) -> Result<(), ProfileError> {
        let named = !self.name.is_empty()
            && self
                .name
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        require(
            named,
            "name",
            "small letters a-z, digits and hyphens, such as \"likvardig\"",
        )?;
        require(self.version >= 1, "version", "1 or more")?;
        require(
            (1..=600).contains(&self.alert.clear_s),
            "alert.clear_s",
            "1 to 600 seconds",
        )?;
        require(
            (2..=20).contains(&self.alert.unstable_reds),
            "alert.unstable_reds",
            "2 to 20",
        )?;
        require(
            (10..=3600).contains(&self.alert.unstable_within_s),
            "alert.unstable_within_s",
            "10 to 3600 seconds",
        )?;
        for relaxed in &self.relaxes {
            let known = keys().iter().any(|key| key == relaxed);
            require(
                known,
                "relaxes",
                "keys of this file, such as \"row.picture_size_enlarged\" or \"alert.clear_s\"",
            )?;
        }
        RowName::ALL.iter().try_for_each(|row| self.validate_row(*row))
    }

    fn validate_row(&self, row: RowName) -> Result<(), ProfileError> {
        let key = format!("row.{row}");
        let limits = self
            .limits(row)
            .ok_or_else(|| ProfileError::Missing { key: key.clone() })?;
        let usable = |limit: f64| limit.is_finite() && limit > 0.0 && limit <= row.unit().most();
        require(usable(limits.red), &format!("{key}.red"), row.unit().range())?;
        if let Some(amber) = limits.amber {
            require(usable(amber), &format!("{key}.amber"), row.unit().range())?;
            let ordered = match row.worse() {
                Worse::Above => amber <= limits.red,
                Worse::Below => amber >= limits.red,
            };
            require(ordered, &format!("{key}.amber"), "a limit that is reached before red")?;
        }
        let window = format!("{key}.window_s");
        match (row.pooled(), limits.window_s) {
            (true, Some(seconds)) => require((2..=LONGEST_WINDOW_S).contains(&seconds), &window, "2 to 60 seconds"),
            (true, None) => Err(ProfileError::Missing { key: window }),
            (false, None) => Ok(()),
            (false, Some(_)) => require(
                false,
                &window,
                "left out: this row measures how long something has lasted",
            ),
        }
    }
}

impl Limits {
    fn level(&self, worse: Worse, figure: f64) -> Level {
        let reached = |limit: f64| match worse {
            Worse::Above => figure >= limit,
            Worse::Below => figure < limit,
        };
        if reached(self.red) {
            Level::Red
        } else if self.amber.is_some_and(reached) {
            Level::Amber
        } else {
            Level::Green
        }
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.name, self.version)
    }
}

/// Why a profile cannot be used.
#[derive(Debug, Error)]
pub enum ProfileError {
    /// Not TOML, or a value of the wrong kind.
    #[error("the threshold profile cannot be read: {0}")]
    Toml(#[from] toml::de::Error),
    /// A key the profile does not have.
    #[error("the threshold profile has no key `{key}`; did you mean `{nearest}`?")]
    UnknownKey {
        /// The key found.
        key: String,
        /// The known one most like it.
        nearest: String,
    },
    /// A key is not there.
    #[error("the threshold profile lacks `{key}`; copy it from profiles/likvardig-1.toml")]
    Missing {
        /// The key.
        key: String,
    },
    /// A value is out of range.
    #[error("`{key}` of the threshold profile must be {expected}")]
    Value {
        /// Its key.
        key: String,
        /// What it may be.
        expected: String,
    },
}

#[derive(Deserialize)]
struct File {
    name: String,
    version: u32,
    #[serde(default)]
    relaxes: Vec<String>,
    alert: AlertTimes,
    row: BTreeMap<RowName, Limits>,
}

fn require(holds: bool, key: &str, expected: &str) -> Result<(), ProfileError> {
    let value = || ProfileError::Value {
        key: key.to_owned(),
        expected: expected.to_owned(),
    };
    if holds { Ok(()) } else { Err(value()) }
}

/// Every key a profile may have, tables included.
fn keys() -> Vec<String> {
    let fixed = [
        "name",
        "version",
        "relaxes",
        "alert",
        "alert.clear_s",
        "alert.unstable_reds",
        "alert.unstable_within_s",
        "row",
    ];
    let mut keys: Vec<String> = fixed.iter().map(|key| (*key).to_owned()).collect();
    for row in RowName::ALL {
        keys.push(format!("row.{row}"));
        keys.extend(
            ["amber", "red", "window_s"]
                .iter()
                .map(|limit| format!("row.{row}.{limit}")),
        );
    }
    keys
}

fn check_keys(table: &toml::Table) -> Result<(), ProfileError> {
    let known = keys();
    let mut found = Vec::new();
    collect_keys("", table, &mut found);
    for key in found {
        if known.contains(&key) {
            continue;
        }
        let nearest = known
            .iter()
            .max_by(|a, b| likeness(a, &key).total_cmp(&likeness(b, &key)));
        return Err(ProfileError::UnknownKey {
            nearest: nearest.cloned().unwrap_or_default(),
            key,
        });
    }
    Ok(())
}

fn likeness(known: &str, found: &str) -> f64 {
    strsim::normalized_damerau_levenshtein(known, found)
}

fn collect_keys(prefix: &str, table: &toml::Table, found: &mut Vec<String>) {
    for (name, value) in table {
        let key = format!("{prefix}{name}");
        if let toml::Value::Table(inner) = value {
            found.push(key.clone());
            collect_keys(&format!("{key}."), inner, found);
        } else {
            found.push(key);
        }
    }
}
