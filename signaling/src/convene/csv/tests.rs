//! Rosters as secretaries save them.

use super::{Column, Problem, Trouble, read};
use crate::convene::Invitee;
use crate::meeting::Role;
use crate::meeting::roster::MAX_ROSTER;
use proptest::prelude::*;

const SWEDISH: &str = "Roll;Namn;Mandat;Parti;Inträdesordning;Personnummer\r\n\
    Ordförande;Åsa Påhittad;1;Parti Ä;;\r\n\
    Sekreterare;Sekreterare 1;;;;\r\n\
    Ledamot;Ledamot 2;2;Parti B;;\r\n\
    Ersättare;Ersättare 1;3;Parti B;1;\r\n";

fn troubles(text: &str) -> Vec<Trouble> {
    read(text.as_bytes()).unwrap_err()
}

fn found(text: &str) -> Vec<(Option<u32>, &'static str)> {
    troubles(text).iter().map(|one| (one.row, one.problem.code())).collect()
}

fn people(file: &[u8]) -> Vec<Invitee> {
    read(file).unwrap().participants
}

#[test]
fn a_roster_is_read_however_the_spreadsheet_writes_it() {
    let expected = people(SWEDISH.as_bytes());
    assert_eq!(expected.len(), 4);
    assert_eq!((expected[0].role, &*expected[0].name), (Role::Chair, "Åsa Påhittad"));
    assert_eq!(expected[3].order_of_entry, Some(1));
    let windows_1252: Vec<u8> = SWEDISH.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let utf_16: Vec<u8> = "\u{feff}"
        .chars()
        .chain(SWEDISH.chars())
        .collect::<String>()
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let variants = [
        format!("\u{feff}{SWEDISH}").into_bytes(),
        windows_1252,
        utf_16,
        SWEDISH.replace(';', ",").into_bytes(),
        SWEDISH.replace(';', "\t").into_bytes(),
        SWEDISH.replace("\r\n", "\n").into_bytes(),
        format!("sep=;\r\n{SWEDISH}").into_bytes(),
        format!("{SWEDISH};;;;;\r\n;;;;;\r\n").into_bytes(),
    ];
    for variant in variants {
        assert_eq!(people(&variant), expected);
    }
}

#[test]
fn headers_are_swedish_or_english_in_any_order_and_others_are_told() {
    let english = "E-mail,order_of_entry,Name,Role\n,,Member 1,member\n,,Chair 1,Chair\n,2,Substitute 1,substitute\n";
    let roster = read(english.as_bytes()).unwrap();
    assert_eq!(roster.ignored, ["E-mail"]);
    assert_eq!(roster.participants[2].order_of_entry, Some(2));
    assert_eq!(roster.participants[2].mandate, Some(1), "so that the order has a seat");
    let two = "Förnamn;Efternamn;Uppdrag\nÅsa;Påhittad;Ordf.\n";
    assert_eq!(people(two.as_bytes())[0].name, "Åsa Påhittad");
}

#[test]
fn a_comma_or_a_quote_within_a_name_is_part_of_it() {
    let text = "Namn,Roll\n\"Påhittad, Åsa\",Ordförande\n\"Ledamot \"\"Två\"\"\",Ledamot\n";
    let names: Vec<_> = people(text.as_bytes()).into_iter().map(|one| one.name).collect();
    assert_eq!(names, ["Påhittad, Åsa", "Ledamot \"Två\""]);
}

#[test]
fn a_comma_without_quotes_that_moves_cells_is_told() {
    let text = "Roll,Namn,Parti\nOrdförande,A,S\nLedamot,Svensson, Åsa,S\nLedamot,B,M,,\n";
    assert_eq!(found(text), [(Some(3), "beyond_the_headers")]);
    let told = &troubles(text)[0];
    assert_eq!((told.column.as_deref(), told.value.as_deref()), (None, Some("S")));
    // A header that is empty is none, at the end; in between it has a place.
    let note = "Roll;Namn;;Parti;\nOrdförande;A;;S;kommer sent\n";
    assert_eq!(found(note), [(Some(2), "beyond_the_headers")]);
    assert_eq!(
        people("Roll;Namn;;Parti;\nOrdförande;A;kommer sent;S;\n".as_bytes()).len(),
        1
    );
}

#[test]
fn a_quote_without_its_end_that_swallows_people_is_told() {
    let number = lika_auth::test_provider::test_number(1);
    let of_no_use = "Roll;Namn;E-post;Personnummer\nOrdförande;A;a@b;\nLedamot;B;\"c@d;\nLedamot;C;e@f;";
    assert_eq!(found(of_no_use), [(Some(3), "several_lines")]);
    assert_eq!(troubles(of_no_use)[0].column.as_deref(), Some("E-post"));
    let of_another = troubles(&format!("{of_no_use}{number}\n"));
    assert_eq!(of_another[0].value, None, "{of_another:?}");
    let beside = "Roll;Namn;Förnamn;Efternamn\nOrdförande;A B;A;B\nLedamot;C D;C;\"D\nLedamot;E F;E;F\n";
    assert_eq!(found(beside), [(Some(3), "several_lines")]);
    let two_lines = "Roll;Namn\nOrdförande;\"A\nB\"\n";
    assert_eq!(found(two_lines), [(Some(2), "not_a_line")]);
}

#[test]
fn everything_that_is_wrong_is_told_at_once_with_the_spreadsheets_row() {
    let text = "Roll;Namn;Mandat;Personnummer\n\
        Ordförande;Ordförande 1;1;\n\
        \n\
        Ledamott;Ledamot 1;ett;\n\
        Ledamot;;2;900101-0000\n\
        ;Ledamot 3;0;199001010000\n\
        Ordförande;Ordförande 2;1;1,99001E+11\n\
        Ordförande;Ordförande 3;1;\n";
    assert_eq!(
        found(text),
        [
            (Some(4), "unknown_role"),
            (Some(4), "not_a_number"),
            (Some(5), "no_name"),
            (Some(5), "no_century"),
            (Some(6), "no_role"),
            (Some(6), "not_a_number"),
            (Some(6), "no_identity"),
            (Some(7), "identity_as_quantity"),
            (Some(8), "second_chair"),
            (Some(8), "mandate_twice"),
        ]
    );
    let told = format!("{:?}", troubles(text));
    assert!(
        told.contains("Ledamott") && !told.contains("0000") && !told.contains("E+11"),
        "{told}"
    );
}

#[test]
fn a_header_that_is_missing_doubled_or_misspelt_is_told_with_the_right_one() {
    assert_eq!(found("Namn;Parti\nA;B\n"), [(Some(1), "no_column")]);
    assert_eq!(found("Roll;Namn;Namn\nA;B;C\n"), [(Some(1), "column_twice")]);
    let misspelt = troubles("Roll;Namn;Personnumer\nOrdförande;A;\n");
    assert_eq!(misspelt[0].problem, Problem::MisspeltColumn(Column::Identity));
    assert_eq!(misspelt[0].column.as_deref(), Some("Personnumer"));
}

#[test]
fn a_file_that_is_no_roster_is_told_what_to_do() {
    for (file, code) in [
        (&b"PK\x03\x04rest"[..], "workbook"),
        (b"\xd0\xcf\x11\xe0rest", "workbook"),
        (b"\xff\xfea", "encoding"),
        (b"", "empty"),
        (b"Roll;Namn\n", "empty"),
        (b"Roll;Namn\nLedamot;Ledamot 1\n", "no_chair"),
    ] {
        assert_eq!(read(file).unwrap_err()[0].problem.code(), code, "{file:?}");
    }
    let many = format!("Roll;Namn\nOrdförande;A\n{}", "Ledamot;B\n".repeat(MAX_ROSTER));
    assert_eq!(found(&many), [(None, "too_many")]);
}

#[test]
fn a_file_with_a_thousand_columns_or_one_endless_header_is_soon_refused() {
    let wide = format!("Roll;Namn{}\nOrdförande;A\n", ";Rol".repeat(100_000));
    assert_eq!(found(&wide), [(None, "too_many_columns")]);
    let endless = format!("Roll;Namn;{}\nOrdförande;A;\n", "personnumer".repeat(40_000));
    let ignored = read(endless.as_bytes()).unwrap().ignored;
    assert_eq!(ignored[0].chars().count(), super::column::MAX_HEADER_CHARS);
}

#[test]
fn of_too_much_that_is_wrong_the_first_is_told_and_that_there_is_more() {
    let rows = "x;;y\n".repeat(MAX_ROSTER - 1);
    let told = troubles(&format!("Roll;Namn;Mandat\nOrdförande;A;1\n{rows}"));
    assert_eq!(told.len(), super::MAX_TROUBLES + 1);
    assert_eq!(told[0].row, Some(3));
    assert_eq!(told[super::MAX_TROUBLES].problem, Problem::More);
}

#[test]
fn a_number_that_has_slipped_into_another_column_is_not_told_again() {
    let number = lika_auth::test_provider::test_number(1);
    let dashed = format!("{}-{}", &number[..8], &number[8..]);
    for cell in [&number, &dashed] {
        let text = format!("Roll;Namn;Mandat\n{cell};A;{cell}\n{cell};\"{cell}\tB\";1\n");
        let told = troubles(&text);
        assert_eq!(told.len(), 4, "{told:?}");
        assert!(told.iter().all(|one| one.value.is_none()), "{told:?}");
    }
}

#[test]
fn numbers_of_mandates_run_out() {
    let text = "Roll;Namn;Mandat;Parti\nOrdförande;A;65535;\n\nLedamot;B;;Parti B\n";
    assert_eq!(found(text), [(Some(4), "no_mandate_left")]);
    let last = text.replace("65535", "65534");
    assert_eq!(people(last.as_bytes())[1].mandate, Some(65535));
}

#[test]
fn the_same_person_twice_is_told() {
    let number = lika_auth::test_provider::test_number(1);
    let text = format!("Roll;Namn;Personnummer\nOrdförande;A;{number}\nLedamot;B;{number}\n");
    assert_eq!(found(&text), [(Some(3), "identity_twice")]);
}

/// A row that is good, or with one thing wrong.
#[derive(Clone, Debug)]
enum Line {
    Good,
    Blank,
    NoName,
    BadRole(String),
    BadMandate(String),
}

impl Line {
    fn written(&self, separator: char) -> String {
        let cells = match self {
            Self::Good => ["Ledamot", "Ledamot 1", ""],
            Self::Blank => ["", "", ""],
            Self::NoName => ["Ledamot", "", ""],
            Self::BadRole(role) => [role, "Ledamot 1", ""],
            Self::BadMandate(mandate) => ["Ledamot", "Ledamot 1", mandate],
        };
        cells.join(&separator.to_string()) + "\n"
    }

    const fn is_bad(&self) -> bool {
        !matches!(self, Self::Good | Self::Blank)
    }
}

fn line() -> impl Strategy<Value = Line> {
    prop_oneof![
        Just(Line::Good),
        Just(Line::Blank),
        Just(Line::NoName),
        "[x-z]{1,8}".prop_map(Line::BadRole),
        "[a-z-]{1,8}".prop_map(Line::BadMandate),
    ]
}

proptest! {
    #[test]
    fn whatever_the_file_reading_it_ends(file in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = read(&file);
    }

    #[test]
    fn whatever_the_text_the_report_is_never_empty(text in "(Roll;Namn;Mandat\n)?[a-zÅÄÖ0-9;,\t\"\n ]{0,200}") {
        if let Err(troubles) = read(text.as_bytes()) {
            prop_assert!(!troubles.is_empty());
            for one in troubles {
                prop_assert!(!one.problem.swedish().is_empty() && one.problem.swedish() != one.problem.english());
            }
        }
    }

    #[test]
    fn every_bad_row_is_named_and_no_good_one(lines in prop::collection::vec(line(), 0..60), separator in "[;,\t]") {
        let separator = separator.chars().next().unwrap();
        let header: String = ["Roll", "Namn", "Mandat"].join(&separator.to_string());
        let chair = ["Ordförande", "A", ""].join(&separator.to_string());
        let body: String = lines.iter().map(|line| line.written(separator)).collect();
        let text = format!("{header}\n{chair}\n{body}");
        let bad: Vec<_> = (3..).zip(&lines).filter(|(_, line)| line.is_bad()).map(|(row, _)| Some(row)).collect();
        match read(text.as_bytes()) {
            Ok(roster) => {
                prop_assert!(bad.is_empty());
                let good = lines.iter().filter(|line| matches!(line, Line::Good)).count();
                prop_assert_eq!(roster.participants.len(), good + 1);
            }
            Err(troubles) => {
                let named: Vec<_> = troubles.iter().map(|one| one.row).collect();
                prop_assert_eq!(named, bad);
            }
        }
    }
}
