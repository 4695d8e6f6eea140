//! A meeting as it is written down before it is convened: by a secretary in a file, by a program, or in a form.

use super::{ConveneError, HOUR_MS, TEST_PREFIX, When};
use crate::meeting::identity::FRESH_WITHIN_MS;
use crate::meeting::item::SECRET_REQUIRES;
use crate::meeting::{Item, Role, Rulebook};
use lika_auth::oidc::{IdentityError, IdentityNumber};
use lika_auth::{Assurance, Occasion};
use serde::Deserialize;
use std::fmt;
use zeroize::Zeroizing;

/// A meeting as the secretary writes it down (TOML).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notice {
    /// Its title.
    pub title: String,
    /// The body that meets.
    pub body: String,
    /// When it begins.
    pub starts: Option<When>,
    /// When it is thought to end.
    pub ends: Option<When>,
    /// Where: the chamber.
    pub place: Option<String>,
    /// Whether it is a rehearsal (provsammanträde) or a load test; its title says so.
    #[serde(default)]
    pub test: bool,
    /// The level of assurance of everybody inside; left out: the invitation is enough.
    #[serde(default)]
    pub requires: Assurance,
    /// How many hours old a login may be at an item of its own level.
    #[serde(default = "fresh_within_hours")]
    pub fresh_within_hours: u16,
    /// What differs between municipalities.
    #[serde(default)]
    pub rulebook: Rulebook,
    /// Who is invited, in the roster's order.
    #[serde(rename = "participant")]
    pub participants: Vec<Invitee>,
    /// The agenda, in its order.
    #[serde(default, rename = "item")]
    pub items: Vec<Matter>,
}

/// An item of the agenda.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Matter {
    /// Its title.
    pub title: String,
    /// Whether it is dealt with in secrecy.
    #[serde(default)]
    pub secret: bool,
    /// The level of assurance of everybody who is there; left out: `loa3` for a secret item, otherwise the meeting's.
    pub requires: Option<Assurance>,
}

/// One who is invited.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Invitee {
    /// What they are.
    pub role: Role,
    /// The name shown.
    pub name: String,
    /// The number of their mandate in the body.
    pub mandate: Option<u16>,
    /// The mandate's party.
    pub party: Option<String>,
    /// For a substitute: the place in the order of entry (inträdesordning), from 1.
    pub order_of_entry: Option<u16>,
    /// For a guest: the one item they are invited to, by its place in the agenda.
    pub item: Option<u16>,
    /// The personal identity number (personnummer, 12 digits), or what the provider's identity claim is to say: whoever
    /// logs in as this participant must have it. It is hashed here and not kept.
    pub identity: Option<IdentityText>,
}

/// What a roster says of somebody's identity; does not print.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "Written")]
pub struct IdentityText(Zeroizing<String>);

/// A number is easily written without quotes; an error about it would tell it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Text(String),
    Number(u64),
}

impl From<Written> for IdentityText {
    fn from(written: Written) -> Self {
        match written {
            Written::Text(text) => text.into(),
            Written::Number(number) => number.to_string().into(),
        }
    }
}

impl fmt::Debug for IdentityText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdentityText(..)")
    }
}

impl IdentityText {
    /// Digits are a personal identity number and must be a right one; anything else is what a provider calls the person.
    pub(crate) fn read(&self) -> Result<IdentityNumber, IdentityError> {
        if self.0.chars().all(|c| c.is_ascii_digit() || "-+ ".contains(c)) {
            IdentityNumber::swedish(&self.0)
        } else {
            IdentityNumber::text(&self.0)
        }
    }
}

impl From<String> for IdentityText {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

const fn fresh_within_hours() -> u16 {
    (FRESH_WITHIN_MS / HOUR_MS) as u16
}

/// As many digits as a personal identity number has of a birth date: a text with so many is not told again, in whichever
/// field it was written.
const TELLING_DIGITS: usize = 6;

/// Whether a text may have somebody's personal identity number in it.
pub(crate) fn may_tell_identity(text: &str) -> bool {
    text.chars().filter(char::is_ascii_digit).count() >= TELLING_DIGITS
}

/// Whether what a parser says of a text quotes something that may have one.
pub(crate) fn may_quote_identity(said: &str) -> bool {
    said.split(['`', '"']).skip(1).any(may_tell_identity)
}

impl Notice {
    /// Reads a roster file.
    ///
    /// # Errors
    /// With the line and what is wrong in it.
    pub fn parse(text: &str) -> Result<Self, ConveneError> {
        toml::from_str(text).map_err(|error| {
            let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            ConveneError::Roster {
                line: 1 + before.matches('\n').count(),
                problem: match error.message() {
                    telling if may_quote_identity(telling) => "a value is of another kind than it must be".to_owned(),
                    message => message.to_owned(),
                },
            }
        })
    }

    /// When and where.
    #[must_use]
    pub fn occasion(&self) -> Occasion {
        Occasion {
            starts_ms: self.starts.map(|when| when.at_ms),
            ends_ms: self.ends.map(|when| when.at_ms),
            place: self.place.clone(),
            test: self.test,
        }
    }

    /// The title, which says of a test that it is one.
    #[must_use]
    pub fn full_title(&self) -> String {
        let title = self.title.trim();
        if self.test && !title.starts_with(TEST_PREFIX) {
            format!("{TEST_PREFIX}{title}")
        } else {
            title.to_owned()
        }
    }
}

impl Matter {
    pub(super) fn item(&self) -> Item {
        let usual = if self.secret { SECRET_REQUIRES } else { Assurance::Open };
        Item {
            title: self.title.clone(),
            requires: self.requires.unwrap_or(usual),
            secret: self.secret,
        }
    }
}
