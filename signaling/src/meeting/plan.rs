//! What a meeting is created from, checked once.

use super::phase::plain_text;
use super::roster::{Entry, MAX_ROSTER};
use super::{Event, Role};
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
}

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
        if self.roster.len() > MAX_ROSTER {
            return Err(PlanError::TooMany(self.roster.len()));
        }
        match self.roster.iter().filter(|entry| entry.role == Role::Chair).count() {
            1 => Ok(Event::Created {
                title,
                body,
                roster: self.roster.clone(),
            }),
            chairs => Err(PlanError::Chairs(chairs)),
        }
    }
}

fn one_line(text: &str, what: &'static str) -> Result<String, PlanError> {
    let line = plain_text(text, MAX_NAME_CHARS).filter(|line| !line.contains('\n'));
    line.map(str::to_owned).ok_or(PlanError::Text(what))
}
