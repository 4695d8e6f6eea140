//! One row becomes one who is invited.

use super::column::{Column, Columns, plain};
use super::{Problem, Row, Trouble};
use crate::convene::{IdentityText, Invitee, may_tell_identity};
use crate::meeting::Role;
use crate::meeting::plan::MAX_NAME_CHARS;
use lika_auth::oidc::IdentityError;

/// What each role is called, as [`plain`] leaves it.
const ROLES: [(Role, &[&str]); 7] = [
    (Role::Chair, &["ordförande", "ordf", "chair", "chairperson"]),
    (
        Role::ViceChair,
        &[
            "viceordförande",
            "viceordf",
            "vordf",
            "1viceordförande",
            "2viceordförande",
            "förstevice",
            "andrevice",
            "försteviceordförande",
            "andreviceordförande",
            "1eviceordförande",
            "2eviceordförande",
            "vicechair",
        ],
    ),
    (Role::Secretary, &["sekreterare", "sekr", "secretary"]),
    (Role::Member, &["ledamot", "led", "member"]),
    (Role::Substitute, &["ersättare", "ers", "suppleant", "substitute"]),
    (
        Role::Guest,
        &[
            "gäst",
            "föredragande",
            "inbjuden",
            "tjänsteperson",
            "tjänsteman",
            "guest",
            "presenter",
            "official",
        ],
    ),
    (
        Role::Chamber,
        &["lokal", "sal", "sammanträdeslokal", "sessionssal", "chamber"],
    ),
];

/// Everything that is wrong with the row, or whom it invites.
pub(super) fn invitee(row: &Row, columns: &Columns) -> Result<Invitee, Vec<Trouble>> {
    let mut reading = Reading {
        row,
        columns,
        troubles: Vec::new(),
    };
    reading.shape();
    let name = reading.name();
    let role = reading.role();
    let mandate = reading.number(Column::Mandate);
    let party = reading.party();
    let order_of_entry = reading.number(Column::OrderOfEntry);
    let item = reading.number(Column::Item);
    let identity = reading.identity();
    match (name, role) {
        (Some(name), Some(role)) if reading.troubles.is_empty() => Ok(Invitee {
            role,
            name,
            mandate,
            party,
            order_of_entry,
            item,
            identity,
        }),
        _ => Err(reading.troubles),
    }
}

/// What is told of a cell, in characters.
const TOLD_CHARS: usize = 40;

/// Its beginning; `None`: it may have somebody's identity in it.
fn told(cell: &str) -> Option<String> {
    let beginning = cell.chars().filter(|c| !c.is_control()).take(TOLD_CHARS);
    (!may_tell_identity(cell)).then(|| beginning.collect())
}

struct Reading<'a> {
    row: &'a Row,
    columns: &'a Columns,
    troubles: Vec<Trouble>,
}

impl<'a> Reading<'a> {
    fn cell(&self, column: Column) -> Option<&'a str> {
        self.columns.cell(column, &self.row.cells)
    }

    /// A row that was taken apart in the wrong places has somebody else's cells where nobody looks.
    fn shape(&mut self) {
        for (at, cell) in self.row.cells.iter().enumerate() {
            let header = self.columns.headed(at);
            let problem = match header {
                None if !cell.is_empty() => Problem::BeyondTheHeaders,
                Some(_) if !self.columns.reads(at) && cell.contains('\n') => Problem::SeveralLines,
                _ => continue,
            };
            self.troubles.push(Trouble {
                row: Some(self.row.number),
                column: header.filter(|header| !header.is_empty()).map(str::to_owned),
                value: told(cell),
                problem,
            });
        }
    }

    /// Columns that have slipped put somebody's personal identity number where something else should be.
    fn trouble(&mut self, column: Column, value: Option<&str>, problem: Problem) {
        self.troubles.push(Trouble {
            value: value.and_then(told),
            ..Trouble::at(self.row.number, self.columns.header(column), problem)
        });
    }

    fn name(&mut self) -> Option<String> {
        let parts = [Column::Name, Column::GivenName, Column::FamilyName].map(|column| self.cell(column));
        let name = match parts {
            [Some(name), ..] => name.to_owned(),
            [None, given, family] => [given, family].into_iter().flatten().collect::<Vec<_>>().join(" "),
        };
        if name.is_empty() {
            self.trouble(Column::Name, None, Problem::NoName);
            return None;
        }
        self.line(Column::Name, &name)
    }

    fn party(&mut self) -> Option<String> {
        let party = self.cell(Column::Party)?;
        self.line(Column::Party, party)
    }

    fn line(&mut self, column: Column, text: &str) -> Option<String> {
        let fits = text.chars().take(MAX_NAME_CHARS + 1).count() <= MAX_NAME_CHARS;
        if fits && !text.chars().any(char::is_control) {
            return Some(text.to_owned());
        }
        self.trouble(column, Some(text), Problem::NotALine);
        None
    }

    fn role(&mut self) -> Option<Role> {
        let Some(cell) = self.cell(Column::Role) else {
            self.trouble(Column::Role, None, Problem::NoRole);
            return None;
        };
        let word = plain(cell);
        let found = ROLES.iter().find(|(_, words)| words.contains(&&*word));
        if found.is_none() {
            self.trouble(Column::Role, Some(cell), Problem::UnknownRole);
        }
        found.map(|(role, _)| *role)
    }

    fn number(&mut self, column: Column) -> Option<u16> {
        let cell = self.cell(column)?;
        let number = cell.parse().ok().filter(|number| *number > 0);
        if number.is_none() {
            self.trouble(column, Some(cell), Problem::NotANumber);
        }
        number
    }

    /// What was written is not told again: the report may be shown to others.
    fn identity(&mut self) -> Option<IdentityText> {
        let cell = self.cell(Column::Identity)?;
        // A spreadsheet that took the number for a quantity: 1,99E+11.
        if cell.contains("E+") && cell.starts_with(|c: char| c.is_ascii_digit()) {
            self.trouble(Column::Identity, None, Problem::IdentityAsQuantity);
            return None;
        }
        let identity = IdentityText::from(cell.to_owned());
        match identity.read() {
            Ok(_) => return Some(identity),
            Err(IdentityError::NoCentury) => self.trouble(Column::Identity, None, Problem::NoCentury),
            Err(_) => self.trouble(Column::Identity, None, Problem::NoIdentity),
        }
        None
    }
}
