//! Which column has what.

use super::Problem;
use strsim::normalized_damerau_levenshtein;

/// How like a known header one must be to be thought a slip of the pen: a letter in eight wrong or swapped.
const SLIP: f64 = 0.85;

/// The longest header that is compared with those that are known, and what is told of a longer one, in characters.
pub(super) const MAX_HEADER_CHARS: usize = 60;

/// What is read from a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Column {
    /// What they are.
    Role,
    /// The whole name.
    Name,
    /// Where the name is in two columns: the first.
    GivenName,
    /// And the second.
    FamilyName,
    /// The number of the mandate.
    Mandate,
    /// Its party.
    Party,
    /// A substitute's place in the order of entry.
    OrderOfEntry,
    /// The one item that a guest is invited to.
    Item,
    /// The personal identity number.
    Identity,
}

/// What each is called, the name that people are told first. Written as [`plain`] leaves them.
const NAMES: [(Column, &[&str]); 9] = [
    (Column::Role, &["roll", "role", "uppdrag", "funktion", "befattning"]),
    (Column::Name, &["namn", "name", "fullständigtnamn", "fullname"]),
    (
        Column::GivenName,
        &["förnamn", "tilltalsnamn", "firstname", "givenname"],
    ),
    (Column::FamilyName, &["efternamn", "lastname", "familyname", "surname"]),
    (
        Column::Mandate,
        &[
            "mandat",
            "mandate",
            "mandatnr",
            "mandatnummer",
            "plats",
            "platsnr",
            "seat",
        ],
    ),
    (Column::Party, &["parti", "party", "partibeteckning"]),
    (
        Column::OrderOfEntry,
        &[
            "inträdesordning",
            "orderofentry",
            "inträde",
            "ordning",
            "tursordning",
            "order",
        ],
    ),
    (Column::Item, &["ärende", "item", "ärendenr", "ärendenummer", "punkt"]),
    (
        Column::Identity,
        &[
            "personnummer",
            "identity",
            "personnr",
            "pnr",
            "personalidentitynumber",
            "identitet",
        ],
    ),
];

/// Letters and digits alone, in lower case: `Inträdes-ordning` and `order_of_entry` are words too.
pub(super) fn plain(text: &str) -> String {
    let letters = text.chars().filter(|c| c.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

fn beginning(header: &str) -> String {
    header.chars().take(MAX_HEADER_CHARS).collect()
}

fn until_the_last(headers: &[String]) -> Vec<String> {
    let end = headers
        .iter()
        .rposition(|header| !header.is_empty())
        .map_or(0, |last| last + 1);
    headers.iter().take(end).map(|header| beginning(header)).collect()
}

fn short(header: &str) -> Option<&str> {
    header.chars().nth(MAX_HEADER_CHARS).is_none().then_some(header)
}

impl Column {
    fn named(header: &str) -> Option<Self> {
        let header = plain(short(header)?);
        let found = NAMES.iter().find(|(_, names)| names.contains(&&*header));
        found.map(|(column, _)| *column)
    }

    /// The column that a misspelt header was probably meant for.
    fn like(header: &str) -> Option<Self> {
        let header = plain(short(header)?);
        let alike = |(_, names): &&(Self, &[&str])| {
            let mut likeness = names.iter().map(|name| normalized_damerau_levenshtein(name, &header));
            likeness.any(|likeness| likeness >= SLIP)
        };
        NAMES.iter().find(alike).map(|(column, _)| *column)
    }

    /// What it is called in Swedish; English programs may write [`Column::english`].
    #[must_use]
    pub const fn swedish(self) -> &'static str {
        match self {
            Self::Role => "Roll",
            Self::Name => "Namn",
            Self::GivenName => "Förnamn",
            Self::FamilyName => "Efternamn",
            Self::Mandate => "Mandat",
            Self::Party => "Parti",
            Self::OrderOfEntry => "Inträdesordning",
            Self::Item => "Ärende",
            Self::Identity => "Personnummer",
        }
    }

    /// What it is called in English.
    #[must_use]
    pub const fn english(self) -> &'static str {
        match self {
            Self::Role => "role",
            Self::Name => "name",
            Self::GivenName => "given name",
            Self::FamilyName => "family name",
            Self::Mandate => "mandate",
            Self::Party => "party",
            Self::OrderOfEntry => "order of entry",
            Self::Item => "item",
            Self::Identity => "identity",
        }
    }
}

/// Where each column is.
#[derive(Debug)]
pub(super) struct Columns {
    places: Vec<(Column, usize, String)>,
    /// Every header up to the last that is not empty, or its beginning.
    headers: Vec<String>,
    pub(super) ignored: Vec<String>,
}

impl Columns {
    /// How many of these headers are known.
    pub(super) fn known_in(headers: &[String]) -> usize {
        headers.iter().filter(|header| Column::named(header).is_some()).count()
    }

    /// What is wrong is told with the header it is about.
    pub(super) fn of(headers: &[String]) -> Result<Self, Vec<(String, Problem)>> {
        let (mut columns, mut problems) = (
            Self {
                places: Vec::new(),
                headers: until_the_last(headers),
                ignored: Vec::new(),
            },
            Vec::new(),
        );
        for (at, header) in headers.iter().enumerate() {
            match Column::named(header) {
                Some(column) if columns.place(column).is_some() => {
                    problems.push((header.clone(), Problem::ColumnTwice));
                }
                Some(column) => columns.places.push((column, at, header.clone())),
                None if header.is_empty() => {}
                None => match Column::like(header) {
                    Some(meant) => problems.push((header.clone(), Problem::MisspeltColumn(meant))),
                    None => columns.ignored.push(beginning(header)),
                },
            }
        }
        let named = columns.has(Column::Name) || (columns.has(Column::GivenName) && columns.has(Column::FamilyName));
        for (column, there) in [(Column::Role, columns.has(Column::Role)), (Column::Name, named)] {
            let misspelt = problems
                .iter()
                .any(|(_, problem)| *problem == Problem::MisspeltColumn(column));
            if !there && !misspelt {
                problems.push((column.swedish().into(), Problem::NoColumn(column)));
            }
        }
        if problems.is_empty() {
            Ok(columns)
        } else {
            Err(problems)
        }
    }

    pub(super) fn has(&self, column: Column) -> bool {
        self.place(column).is_some()
    }

    /// What a column is headed in this file.
    pub(super) fn header(&self, column: Column) -> String {
        self.place(column)
            .map_or_else(|| column.swedish().into(), |(_, _, header)| header.clone())
    }

    /// What the row has there; `None`: nothing.
    pub(super) fn cell<'a>(&self, column: Column, cells: &'a [String]) -> Option<&'a str> {
        let (_, at, _) = self.place(column)?;
        cells.get(*at).map(String::as_str).filter(|cell| !cell.is_empty())
    }

    /// What is headed so that it can be told; `None`: beyond the last header.
    pub(super) fn headed(&self, at: usize) -> Option<&str> {
        self.headers.get(at).map(String::as_str)
    }

    /// Whether anything is read from there. Where the whole name has a column, its parts are not.
    pub(super) fn reads(&self, at: usize) -> bool {
        let is_part = |column| matches!(column, Column::GivenName | Column::FamilyName);
        let mut places = self.places.iter();
        places.any(|&(column, place, _)| place == at && !(is_part(column) && self.has(Column::Name)))
    }

    fn place(&self, column: Column) -> Option<&(Column, usize, String)> {
        self.places.iter().find(|(one, ..)| *one == column)
    }
}
