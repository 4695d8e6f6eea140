//! A meeting to be convened, as a program describes it.

use super::problem::Problem;
use super::told::Level;
use crate::convene::{IdentityText, Invitee, Matter, Notice, When, csv, may_quote_identity};
use crate::meeting::identity::FRESH_WITHIN_MS;
use crate::meeting::{Role, Rulebook};
use jiff::Timestamp;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::error::Category;
use utoipa::ToSchema;

const HOUR_MS: i64 = 60 * 60 * 1000;

/// A meeting to be convened. Its roster is either `participants` or `roster_csv`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct NewMeeting {
    /// One line.
    #[schema(min_length = 1, max_length = 200)]
    title: String,
    /// The body that meets; one line.
    #[schema(min_length = 1, max_length = 200)]
    body: String,
    /// When it begins. Without it there are no calendar files.
    #[schema(format = DateTime)]
    starts: Option<String>,
    /// When it is thought to end: after it begins, within 31 days.
    #[schema(format = DateTime)]
    ends: Option<String>,
    /// The chamber; one line.
    #[schema(min_length = 1, max_length = 200)]
    place: Option<String>,
    /// A rehearsal or a load test: its title begins with `Prov: `. A token with `loadtest` alone convenes no other.
    #[serde(default)]
    test: bool,
    /// Of everybody inside.
    #[serde(default)]
    requires: Level,
    /// How old a login may be at an item of its own level, in hours.
    #[schema(minimum = 1, maximum = 168)]
    fresh_within_hours: Option<u16>,
    /// What differs between municipalities.
    #[serde(default)]
    rulebook: Rulebook,
    /// Who is invited, in the roster's order. Exactly one has the role `chair`.
    #[schema(max_items = 300)]
    participants: Option<Vec<NewParticipant>>,
    /// The roster as CSV, as `POST /api/rosters` reads it.
    roster_csv: Option<String>,
    /// The agenda, in its order.
    #[serde(default)]
    #[schema(max_items = 300)]
    items: Vec<NewItem>,
}

/// Somebody who is invited.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct NewParticipant {
    role: Role,
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    /// The number of the mandate.
    #[schema(maximum = 65535)]
    mandate: Option<u16>,
    #[schema(min_length = 1, max_length = 200)]
    party: Option<String>,
    /// A substitute's place in the order of entry.
    #[schema(maximum = 65535)]
    order_of_entry: Option<u16>,
    /// For a guest: the one item they are invited to, by its place in the agenda.
    #[schema(minimum = 1, maximum = 300)]
    item: Option<u16>,
    /// The personal identity number (12 digits), or what the provider calls the person. It is hashed and not kept.
    #[schema(value_type = Option<String>)]
    identity: Option<Identity>,
}

/// Text alone: a number would have lost its zeros.
#[derive(Debug, Deserialize)]
#[serde(try_from = "Written")]
struct Identity(IdentityText);

/// Whatever else is written is refused in words that do not tell it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Text(String),
    Other(IgnoredAny),
}

impl TryFrom<Written> for Identity {
    type Error = &'static str;

    fn try_from(written: Written) -> Result<Self, Self::Error> {
        match written {
            Written::Text(text) => Ok(Self(text.into())),
            Written::Other(IgnoredAny) => Err("identity must be text, with quotation marks"),
        }
    }
}

/// An item of the agenda.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct NewItem {
    #[schema(min_length = 1, max_length = 200)]
    title: String,
    #[serde(default)]
    secret: bool,
    /// Left out: `loa3` for a secret item, otherwise the meeting's.
    requires: Option<Level>,
}

impl NewMeeting {
    /// Reads the JSON.
    pub(super) fn parse(body: &[u8]) -> Result<Self, Problem> {
        serde_json::from_slice(body).map_err(|error| match error.classify() {
            Category::Data => Problem::unprocessable(said(&error)),
            _ => Problem::malformed(said(&error)),
        })
    }

    /// What it says, or what it lacks.
    pub(super) fn notice(self) -> Result<Notice, Problem> {
        let participants = match (self.participants, self.roster_csv) {
            (Some(participants), None) => participants.into_iter().map(NewParticipant::invitee).collect(),
            (None, Some(file)) => {
                csv::read(file.as_bytes())
                    .map_err(|troubles| Problem::bad_rows(&troubles))?
                    .participants
            }
            _ => {
                return Err(Problem::unprocessable(
                    "give the roster as participants or as roster_csv, one of them",
                ));
            }
        };
        let usual = || u16::try_from(FRESH_WITHIN_MS / HOUR_MS).unwrap_or(u16::MAX);
        Ok(Notice {
            title: self.title,
            body: self.body,
            starts: self.starts.as_deref().map(time).transpose()?,
            ends: self.ends.as_deref().map(time).transpose()?,
            place: self.place,
            test: self.test,
            requires: self.requires.into(),
            fresh_within_hours: self.fresh_within_hours.unwrap_or_else(usual),
            rulebook: self.rulebook,
            participants,
            items: self.items.into_iter().map(NewItem::matter).collect(),
        })
    }
}

/// What serde says of a value has the value in it, which may be an identity in the wrong field.
fn said(error: &serde_json::Error) -> String {
    let said = error.to_string();
    let (what, _) = said.rsplit_once(" at line ").unwrap_or((&said, ""));
    if may_quote_identity(what) {
        let (line, column) = (error.line(), error.column());
        return format!("a value is of another kind than it must be at line {line} column {column}");
    }
    said
}

/// With its offset: a program knows which it means.
fn time(text: &str) -> Result<When, Problem> {
    let at: Timestamp = text.parse().map_err(|_| {
        Problem::unprocessable("starts and ends must be times with an offset (RFC 3339): 2027-03-01T18:00:00+01:00")
    })?;
    let at_ms = at.as_millisecond();
    Ok(When { at_ms })
}

impl NewParticipant {
    fn invitee(self) -> Invitee {
        Invitee {
            role: self.role,
            name: self.name,
            mandate: self.mandate,
            party: self.party,
            order_of_entry: self.order_of_entry,
            item: self.item,
            identity: self.identity.map(|Identity(text)| text),
        }
    }
}

impl NewItem {
    fn matter(self) -> Matter {
        Matter {
            title: self.title,
            secret: self.secret,
            requires: self.requires.map(Into::into),
        }
    }
}
