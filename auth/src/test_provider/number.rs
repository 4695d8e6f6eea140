//! Personal identity numbers that are nobody's.

const FIRST_YEAR: u32 = 1890;
const YEARS: u32 = 10;
const MONTHS: u32 = 12;
/// Every month has these.
const DAYS: u32 = 28;
/// The birth numbers from here to 999 are those of the Swedish Tax Agency's own test numbers.
const FIRST_BIRTH_NUMBER: u32 = 980;
const BIRTH_NUMBERS: u32 = 20;

/// The personal identity number of the test person with this number: twelve digits, YYYYMMDDNNNC, whose last is the
/// check digit that a real one has (Luhn's, over the last ten). It is obviously made up: the birth year is one of the
/// 1890s, so no living person has it. The numbers repeat after 67 200 participants.
#[must_use]
pub fn test_number(participant: u32) -> String {
    let day = participant % (YEARS * MONTHS * DAYS);
    let series = participant / (YEARS * MONTHS * DAYS) % BIRTH_NUMBERS;
    let (year, month, date) = (
        FIRST_YEAR + day / (MONTHS * DAYS),
        1 + day / DAYS % MONTHS,
        1 + day % DAYS,
    );
    let number = format!("{year:04}{month:02}{date:02}{:03}", FIRST_BIRTH_NUMBER + series);
    let check = check_digit(&number);
    format!("{number}{check}")
}

/// Luhn's check digit of what follows the century.
fn check_digit(number: &str) -> u32 {
    let digits = number.chars().skip(2).filter_map(|digit| digit.to_digit(10));
    let sum: u32 = digits
        .enumerate()
        .map(|(place, digit)| {
            let weighted = digit * if place % 2 == 0 { 2 } else { 1 };
            weighted / 10 + weighted % 10
        })
        .sum();
    (10 - sum % 10) % 10
}

#[cfg(test)]
mod tests {
    use super::{check_digit, test_number};
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_check_digit_is_the_tax_agencys() {
        // The example of the Tax Agency's brochure on personal identity numbers (SKV 704).
        assert_eq!(check_digit("19640823323"), 4);
        assert_eq!(test_number(0), "189001019802");
        assert_eq!(test_number(7), "189001089805");
    }

    #[test]
    fn no_two_of_a_council_have_the_same() {
        let numbers: BTreeSet<_> = (0..67_200).map(test_number).collect();
        assert_eq!(numbers.len(), 67_200);
        assert_eq!(test_number(67_200), test_number(0));
    }

    proptest! {
        #[test]
        fn every_number_is_well_formed_and_of_the_1890s(participant: u32) {
            let number = test_number(participant);
            prop_assert_eq!(number.len(), 12);
            prop_assert!(number.starts_with("189"));
            prop_assert!(number.chars().all(|digit| digit.is_ascii_digit()));
            prop_assert_eq!(number[11..].parse::<u32>().unwrap(), check_digit(&number[..11]));
        }
    }
}
