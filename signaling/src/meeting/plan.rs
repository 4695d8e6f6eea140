//! What a meeting is created from, checked once.

use super::item::MAX_ITEMS;
use super::phase::plain_text;
use super::roster::{Entry, MAX_ROSTER};
use super::{Event, Item, Role, Rulebook};
use lika_auth::Assurance;
use std::collections::BTreeSet;
use thiserror::Error;

/// The longest title, name of a body or party, in characters: one line on a page.
pub const MAX_NAME_CHARS: usize = 200;

/// A meeting to be created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Its title.
    pub title: String,
    /// The body that meets.
    pub body: String,
    /// Who is invited, in the roster's order; vice chairs stand by in that order.
    pub roster: Vec<Entry>,
    /// The level of assurance of everybody inside.
    pub requires: Assurance,
    /// How old a login may be at an item of its own level, in milliseconds.
    pub fresh_within_ms: i64,
    /// The agenda.
    pub items: Vec<Item>,
    /// What differs between municipalities.
    pub rulebook: Rulebook,
}

/// Why a meeting cannot be created.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PlanError {
    /// A text is empty, too long or has control characters.
    #[error("the {0} must be one line of 1 to {MAX_NAME_CHARS} characters")]
    Text(&'static str),
    /// Nobody or several with the chair.
    #[error("the roster has {0} chairs; name exactly one, others are vice chairs")]
    Chairs(usize),
    /// Too many people.
    #[error("the roster has {0} participants; at most {MAX_ROSTER} fit")]
    TooMany(usize),
    /// Two members with one mandate.
    #[error("two members of the roster have mandate {0}; a substitute's place is given by order_of_entry")]
    MandateTwice(u16),
    /// Too many items.
    #[error("the agenda has {0} items; at most {MAX_ITEMS} fit")]
    TooManyItems(usize),
    /// Somebody is invited to an item that is not there.
    #[error("participant {participant} is invited to item {item}, which the agenda does not have")]
    NoSuchItem {
        /// Who, in the roster's order.
        participant: usize,
        /// Which.
        item: u16,
    },
    /// Nobody without whom the meeting cannot be is invited to an item alone.
    #[error("participant {0} is invited to one item; only guests can be")]
    OnlyGuests(usize),
    /// A secret item that asks for nothing.
    #[error("item {0} is secret and requires nothing but the invitation; it must require loa2, loa3 or loa4")]
    OpenSecret(usize),
    /// Nobody would ever be fresh enough.
    #[error("a login must be fresh for at least a minute and at most a week")]
    Freshness,
}

/// A login is fresh for at least this long: signing takes some of it.
const LEAST_FRESH_MS: i64 = 60 * 1000;
/// And at most this long.
const MOST_FRESH_MS: i64 = 7 * 24 * 60 * 60 * 1000;

impl Plan {
    /// The first event of the meeting.
    ///
    /// # Errors
    /// [`PlanError`], naming what to change.
    pub fn created(&self) -> Result<Event, PlanError> {
        let title = one_line(&self.title, "title")?;
        let body = one_line(&self.body, "name of the body")?;
        for party in self
            .roster
            .iter()
            .filter_map(|entry| entry.seat.as_ref()?.party.as_ref())
        {
            one_line(party, "party")?;
        }
        let items = self.items.iter().map(Item::checked).collect::<Result<Vec<_>, _>>()?;
        if items.len() > MAX_ITEMS {
            return Err(PlanError::TooManyItems(items.len()));
        }
        if let Some(at) = items
            .iter()
            .position(|item| item.secret && item.requires == Assurance::Open)
        {
            return Err(PlanError::OpenSecret(at + 1));
        }
        if !(LEAST_FRESH_MS..=MOST_FRESH_MS).contains(&self.fresh_within_ms) {
            return Err(PlanError::Freshness);
        }
        self.check_guests()?;
        if self.roster.len() > MAX_ROSTER {
            return Err(PlanError::TooMany(self.roster.len()));
        }
        let chairs = self.roster.iter().filter(|entry| entry.role == Role::Chair).count();
        if chairs == 1 {
            self.check_mandates()?;
        }
        match chairs {
            1 => Ok(Event::Created {
                title,
                body,
                roster: self.roster.clone(),
                requires: self.requires,
                fresh_within_ms: self.fresh_within_ms,
                items,
                rulebook: self.rulebook,
            }),
            chairs => Err(PlanError::Chairs(chairs)),
        }
    }
}

impl Plan {
    fn check_mandates(&self) -> Result<(), PlanError> {
        let elected = |entry: &&Entry| matches!(entry.role, Role::Chair | Role::ViceChair | Role::Member);
        let mut taken = BTreeSet::new();
        let members = self.roster.iter().filter(elected);
        let twice = members
            .filter_map(|entry| entry.seat.as_ref())
            .find(|seat| !taken.insert(seat.mandate));
        twice.map_or(Ok(()), |seat| Err(PlanError::MandateTwice(seat.mandate)))
    }

    fn check_guests(&self) -> Result<(), PlanError> {
        for (participant, entry) in (1..).zip(&self.roster) {
            let Some(item) = entry.only_item else { continue };
            if entry.role != Role::Guest {
                return Err(PlanError::OnlyGuests(participant));
            }
            if item.0 == 0 || usize::from(item.0) > self.items.len() {
                return Err(PlanError::NoSuchItem {
                    participant,
                    item: item.0,
                });
            }
        }
        Ok(())
    }
}

impl Item {
    fn checked(&self) -> Result<Self, PlanError> {
        let title = one_line(&self.title, "title of an item")?;
        Ok(Self { title, ..self.clone() })
    }
}

fn one_line(text: &str, what: &'static str) -> Result<String, PlanError> {
    let line = plain_text(text, MAX_NAME_CHARS).filter(|line| !line.contains('\n'));
    line.map(str::to_owned).ok_or(PlanError::Text(what))
}
