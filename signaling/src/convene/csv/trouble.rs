//! What is wrong with a file, in words that say what to do.

use super::{Column, MAX_COLUMNS};
use crate::meeting::plan::MAX_NAME_CHARS;
use crate::meeting::roster::MAX_ROSTER;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// The row as the spreadsheet numbers it, from 1; `None`: the whole file.
    pub row: Option<u32>,
    /// The column's header in the file.
    pub column: Option<String>,
    /// What is written there, or its beginning; never somebody's identity.
    pub value: Option<String>,
    /// What is wrong.
    pub problem: Problem,
}

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// It is no text.
    Workbook,
    /// It says that it is UTF-16, and is not.
    Encoding,
    /// There is nothing in it, or the header alone.
    Empty,
    /// More people than a roster has room for.
    TooMany,
    /// More columns than any roster has.
    TooManyColumns,
    /// More is wrong than is told.
    More,
    /// Nobody has the chair.
    NoChair,
    /// A column without which nothing is known.
    NoColumn(Column),
    /// A header nearly as a known one.
    MisspeltColumn(Column),
    /// Two columns for the same.
    ColumnTwice,
    /// More cells than headers: a separator within one of them has moved the rest.
    BeyondTheHeaders,
    /// A cell that is not read has several lines: a quote without its end has swallowed rows.
    SeveralLines,
    /// The name is missing.
    NoName,
    /// Too long, or not one line.
    NotALine,
    /// The role is missing.
    NoRole,
    /// The role is none.
    UnknownRole,
    /// No number from 1.
    NotANumber,
    /// Ten digits.
    NoCentury,
    /// No personal identity number.
    NoIdentity,
    /// Written as a quantity.
    IdentityAsQuantity,
    /// No number is left for a mandate.
    NoMandateLeft,
    /// A second chair; the first one's row.
    SecondChair(u32),
    /// A mandate that another member has; that one's row.
    MandateTwice(u32),
    /// A person who is there already; that row.
    IdentityTwice(u32),
}

impl Trouble {
    pub(super) const fn of_file(problem: Problem) -> Self {
        Self {
            row: None,
            column: None,
            value: None,
            problem,
        }
    }

    pub(super) const fn at(row: u32, column: String, problem: Problem) -> Self {
        Self {
            row: Some(row),
            column: Some(column),
            value: None,
            problem,
        }
    }
}

impl Problem {
    /// Its name for programs; it stays.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Workbook => "workbook",
            Self::Encoding => "encoding",
            Self::Empty => "empty",
            Self::TooMany => "too_many",
            Self::TooManyColumns => "too_many_columns",
            Self::More => "more",
            Self::NoChair => "no_chair",
            Self::NoColumn(_) => "no_column",
            Self::MisspeltColumn(_) => "misspelt_column",
            Self::ColumnTwice => "column_twice",
            Self::BeyondTheHeaders => "beyond_the_headers",
            Self::SeveralLines => "several_lines",
            Self::NoName => "no_name",
            Self::NotALine => "not_a_line",
            Self::NoRole => "no_role",
            Self::UnknownRole => "unknown_role",
            Self::NotANumber => "not_a_number",
            Self::NoCentury => "no_century",
            Self::NoIdentity => "no_identity",
            Self::IdentityAsQuantity => "identity_as_quantity",
            Self::NoMandateLeft => "no_mandate_left",
            Self::SecondChair(_) => "second_chair",
            Self::MandateTwice(_) => "mandate_twice",
            Self::IdentityTwice(_) => "identity_twice",
        }
    }

    /// What is wrong and what to do, in Swedish.
    #[must_use]
    pub fn swedish(self) -> String {
        match self {
            Self::Workbook => "Filen är en arbetsbok. Välj Spara som i kalkylprogrammet och typen CSV.".into(),
            Self::Encoding => "Filens text går inte att läsa. Spara den på nytt som CSV UTF-8.".into(),
            Self::Empty => "Det finns inga rader. Filen ska ha en rubrikrad och sedan en rad för varje person.".into(),
            Self::TooMany => format!("Filen har fler än {MAX_ROSTER} rader, som är det mesta ett sammanträde rymmer."),
            Self::TooManyColumns => format!("Filen har fler än {MAX_COLUMNS} kolumner. Ta bort dem som inte hör till röstlängden."),
            Self::More => "Det finns fler fel än de som visas. Rätta dessa först och försök igen.".into(),
            Self::NoChair => "Ingen är ordförande. Ge en person rollen Ordförande.".into(),
            Self::NoColumn(column) => format!("Kolumnen {} saknas. Lägg till den i rubrikraden.", column.swedish()),
            Self::MisspeltColumn(column) => format!("Rubriken är okänd. Skriv {} om det är vad som menas.", column.swedish()),
            Self::ColumnTwice => "Kolumnen finns två gånger. Ta bort den ena.".into(),
            Self::BeyondTheHeaders => "Raden har fler rutor än det finns rubriker. Har ett namn ett skiljetecken i sig: sätt citattecken om det. Är det en anteckning: ge kolumnen en rubrik.".into(),
            Self::SeveralLines => "Rutan har flera rader, som om ett citattecken saknas och följande personer har hamnat i den. Skriv den på en rad.".into(),
            Self::NoName => "Namnet saknas. Skriv det, eller ta bort raden.".into(),
            Self::NotALine => format!("Texten måste vara en rad med högst {MAX_NAME_CHARS} tecken. Korta den."),
            Self::NoRole => "Rollen saknas. Skriv till exempel Ledamot eller Ersättare.".into(),
            Self::UnknownRole => "Rollen är okänd. Skriv Ordförande, Vice ordförande, Sekreterare, Ledamot, Ersättare, Gäst eller Lokal.".into(),
            Self::NotANumber => "Det är inget heltal från 1 till 65535. Skriv talet med siffror, eller lämna rutan tom.".into(),
            Self::NoCentury => "Personnumret har tio siffror. Skriv tolv, med århundradet.".into(),
            Self::NoIdentity => "Det är inget personnummer. Kontrollera siffrorna, eller lämna rutan tom.".into(),
            Self::IdentityAsQuantity => "Kalkylprogrammet har gjort om personnumret till ett avrundat tal. Ge kolumnen formatet Text och skriv numren på nytt.".into(),
            Self::NoMandateLeft => "Personen har inget mandat, och inget nummer är ledigt. Numrera mandaten från 1.".into(),
            Self::SecondChair(row) => format!("Rad {row} är redan ordförande. Ge bara en person den rollen; andra är vice ordförande."),
            Self::MandateTwice(row) => format!("Rad {row} har samma mandat. Ge var och en sitt nummer."),
            Self::IdentityTwice(row) => format!("Rad {row} har samma personnummer. Rätta det, eller ta bort den ena raden."),
        }
    }

    /// What is wrong and what to do, in English.
    #[must_use]
    pub fn english(self) -> String {
        match self {
            Self::Workbook => "The file is a workbook. Choose Save as in the spreadsheet program, and the type CSV.".into(),
            Self::Encoding => "The file's text cannot be read. Save it anew as CSV UTF-8.".into(),
            Self::Empty => "There are no rows. The file must have a row of headers and then one for each person.".into(),
            Self::TooMany => format!("The file has more than {MAX_ROSTER} rows, the most that a meeting has room for."),
            Self::TooManyColumns => format!("The file has more than {MAX_COLUMNS} columns. Remove those that do not belong to the roster."),
            Self::More => "More is wrong than is shown. Correct this first and try again.".into(),
            Self::NoChair => "Nobody is the chair. Give one person the role Chair.".into(),
            Self::NoColumn(column) => format!("The column {} is missing. Add it to the headers.", column.english()),
            Self::MisspeltColumn(column) => format!("The header is unknown. Write {} if that is what is meant.", column.english()),
            Self::ColumnTwice => "The column is there twice. Remove one.".into(),
            Self::BeyondTheHeaders => "The row has more cells than there are headers. If a name has a separator in it, put it in quotes. If it is a note, give the column a header.".into(),
            Self::SeveralLines => "The cell has several lines, as if a quote is missing and the people after it have ended up in it. Write it on one line.".into(),
            Self::NoName => "The name is missing. Write it, or remove the row.".into(),
            Self::NotALine => format!("The text must be one line of at most {MAX_NAME_CHARS} characters. Shorten it."),
            Self::NoRole => "The role is missing. Write for instance Member or Substitute.".into(),
            Self::UnknownRole => "The role is unknown. Write Chair, Vice chair, Secretary, Member, Substitute, Guest or Chamber.".into(),
            Self::NotANumber => "It is no whole number from 1 to 65535. Write it in digits, or leave the cell empty.".into(),
            Self::NoCentury => "The personal identity number has ten digits. Write twelve, with the century.".into(),
            Self::NoIdentity => "It is no personal identity number. Check the digits, or leave the cell empty.".into(),
            Self::IdentityAsQuantity => "The spreadsheet program has made the number a rounded quantity. Give the column the format Text and write the numbers anew.".into(),
            Self::NoMandateLeft => "The person has no mandate, and no number is left. Number the mandates from 1.".into(),
            Self::SecondChair(row) => format!("Row {row} is the chair already. Give one person alone that role; others are vice chairs."),
            Self::MandateTwice(row) => format!("Row {row} has the same mandate. Give each its number."),
            Self::IdentityTwice(row) => format!("Row {row} has the same personal identity number. Correct it, or remove one of the rows."),
        }
    }
}
