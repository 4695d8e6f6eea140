//! A roster as a spreadsheet: CSV as Excel, LibreOffice and programs in Sweden write it.
//!
//! Semicolons, commas or tabs; UTF-8, UTF-16 or Windows-1252; headers in Swedish or English, in any order. It is read
//! whole or not at all, and everything that is wrong is told at once, each with its row as the spreadsheet counts it.

mod column;
mod row;
mod text;
mod trouble;

#[cfg(test)]
mod tests;

pub use column::Column;
pub use trouble::{Problem, Trouble};

use super::{Invitee, seats};
use crate::meeting::Role;
use crate::meeting::roster::MAX_ROSTER;
use column::Columns;
use std::collections::BTreeMap;

/// The most columns of a file. Registers that rosters are drawn from have some dozens.
const MAX_COLUMNS: usize = 100;
/// What is told at once of what is wrong: more than anybody corrects before the next try.
const MAX_TROUBLES: usize = 300;

/// A roster that has been read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roster {
    /// Who is invited, in the file's order.
    pub participants: Vec<Invitee>,
    /// Headers of columns that nothing was read from.
    pub ignored: Vec<String>,
}

/// A row with something in it.
struct Row {
    /// As the spreadsheet numbers it, from 1.
    number: u32,
    cells: Vec<String>,
}

/// Reads the file.
///
/// # Errors
/// Everything that is wrong in it, in the rows' order; never empty.
pub fn read(file: &[u8]) -> Result<Roster, Vec<Trouble>> {
    let text = text::decode(file).map_err(|problem| vec![Trouble::of_file(problem)])?;
    let (text, before) = text::without_separator_line(&text);
    let (columns, rows) = columns_and_rows(text, before)?;
    if rows.len() > MAX_ROSTER {
        return Err(vec![Trouble::of_file(Problem::TooMany)]);
    }
    let mut troubles = Vec::new();
    let mut participants = Vec::with_capacity(rows.len());
    for row in &rows {
        match row::invitee(row, &columns) {
            Ok(invitee) => participants.push((row.number, invitee)),
            Err(found) => troubles.extend(found),
        }
    }
    troubles.extend(contradictions(&participants, &columns));
    if troubles.is_empty() && !participants.iter().any(|(_, one)| one.role == Role::Chair) {
        troubles.push(Trouble::of_file(Problem::NoChair));
    }
    if !troubles.is_empty() {
        return Err(in_order(troubles));
    }
    let (numbers, mut participants): (Vec<_>, Vec<_>) = participants.into_iter().unzip();
    seats::number(&mut participants).map_err(|at| {
        let number = (1..)
            .zip(numbers)
            .find_map(|(place, number)| (place == at).then_some(number));
        let trouble = Trouble::at(
            number.unwrap_or(at),
            columns.header(Column::Mandate),
            Problem::NoMandateLeft,
        );
        vec![trouble]
    })?;
    Ok(Roster {
        participants,
        ignored: columns.ignored,
    })
}

/// By their rows; of too many the first, and a word that there are more.
fn in_order(mut troubles: Vec<Trouble>) -> Vec<Trouble> {
    troubles.sort_by_key(|trouble| trouble.row);
    if troubles.len() > MAX_TROUBLES {
        troubles.truncate(MAX_TROUBLES);
        troubles.push(Trouble::of_file(Problem::More));
    }
    troubles
}

/// The separator is the one by which the first row has the most headers that are known.
fn columns_and_rows(text: &str, before: u32) -> Result<(Columns, Vec<Row>), Vec<Trouble>> {
    let candidates = [';', '\t', ','].map(|separator| rows(text, separator, before));
    let known = |rows: &Vec<Row>| rows.first().map_or(0, |row| Columns::known_in(&row.cells));
    // Of several that are as good the first one: `max_by_key` would take the last.
    let best = candidates.into_iter().rev().max_by_key(known).unwrap_or_default();
    let mut rows = best.into_iter();
    let Some(header) = rows.next() else {
        return Err(vec![Trouble::of_file(Problem::Empty)]);
    };
    if header.cells.len() > MAX_COLUMNS {
        return Err(vec![Trouble::of_file(Problem::TooManyColumns)]);
    }
    let columns = Columns::of(&header.cells).map_err(|problems| {
        let troubles = problems.into_iter();
        let at_header = |(column, problem)| Trouble::at(header.number, column, problem);
        troubles.map(at_header).collect::<Vec<_>>()
    })?;
    let rows: Vec<_> = rows.collect();
    if rows.is_empty() {
        return Err(vec![Trouble::of_file(Problem::Empty)]);
    }
    Ok((columns, rows))
}

/// Rows that have something in them. The reader passes over empty lines without counting them; a spreadsheet counts them,
/// and a cell of several lines is one row of it.
fn rows(text: &str, separator: char, before: u32) -> Vec<Row> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator as u8)
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let (mut rows, mut record) = (Vec::new(), csv::StringRecord::new());
    let (mut number, mut next_line) = (before, 1);
    // The text is UTF-8 and in memory: reading it cannot fail, and ends with it.
    while matches!(reader.read_record(&mut record), Ok(true)) {
        // What was read beyond the record's own lines were empty ones before it.
        let own_lines = 1 + record.iter().map(|cell| cell.matches('\n').count() as u64).sum::<u64>();
        let read_lines = reader.position().line().saturating_sub(next_line);
        let empty_lines = u32::try_from(read_lines.saturating_sub(own_lines)).unwrap_or(0);
        number += empty_lines + 1;
        next_line = reader.position().line();
        let cells: Vec<_> = record.iter().map(|cell| cell.trim().to_owned()).collect();
        if cells.iter().any(|cell| !cell.is_empty()) {
            rows.push(Row { number, cells });
        }
        // One more than fits, and the header: that there are too many is seen, and nothing longer is kept.
        if rows.len() > MAX_ROSTER + 1 {
            break;
        }
    }
    rows
}

/// What no row has wrong by itself.
fn contradictions(participants: &[(u32, Invitee)], columns: &Columns) -> Vec<Trouble> {
    let mut troubles = Vec::new();
    let (mut chair, mut mandates, mut identities) = (None, BTreeMap::new(), BTreeMap::new());
    for (number, one) in participants {
        let mut twice = |column: Column, first: u32, problem: fn(u32) -> Problem| {
            troubles.push(Trouble::at(*number, columns.header(column), problem(first)));
        };
        if one.role == Role::Chair {
            match chair {
                Some(first) => twice(Column::Role, first, Problem::SecondChair),
                None => chair = Some(*number),
            }
        }
        if let Some(mandate) = one.mandate.filter(|_| is_elected(one.role))
            && let Some(first) = mandates.insert(mandate, *number)
        {
            twice(Column::Mandate, first, Problem::MandateTwice);
        }
        if let Some(identity) = one.identity.as_ref().and_then(|identity| identity.read().ok())
            && let Some(first) = identities.insert(identity.as_str().to_owned(), *number)
        {
            twice(Column::Identity, first, Problem::IdentityTwice);
        }
    }
    troubles
}

const fn is_elected(role: Role) -> bool {
    matches!(role, Role::Chair | Role::ViceChair | Role::Member)
}
