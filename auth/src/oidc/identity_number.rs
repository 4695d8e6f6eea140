//! The person's identity as the provider gives it: a Swedish number, or a text.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use std::fmt;
use thiserror::Error;
use zeroize::Zeroizing;

/// Longest text taken as an identity; employee and subject identifiers are far shorter.
const TEXT_LIMIT: usize = 255;

/// A coordination number has 60 added to the day of birth.
const COORDINATION_DAYS: u32 = 60;

/// A personal identity number, a coordination number (12 digits, no hyphen), or another text. It is wiped when dropped
/// and never printed; it is for matching with the roster under a key, not for storing.
#[derive(Clone)]
pub struct IdentityNumber(Zeroizing<String>);

/// Why a text is no identity. The text itself is not told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum IdentityError {
    /// Ten digits say no century, and guessing it could match another person.
    #[error("the number has ten digits; have the provider send twelve, with the century")]
    NoCentury,
    /// Its digits, date or check digit do not fit.
    #[error("it is not a Swedish personal identity or coordination number; check which claim the provider sends it in")]
    NotANumber,
    /// Empty, too long or with control characters.
    #[error("it is empty, longer than {TEXT_LIMIT} bytes or has control characters")]
    NotAText,
}

impl IdentityNumber {
    /// Reads 12 digits, with or without a hyphen before the last four (Folkbokföringslagen 1991:481, section 18; the last
    /// digit is a Luhn check digit over the other nine without the century).
    ///
    /// # Errors
    /// [`IdentityError`].
    pub fn swedish(text: &str) -> Result<Self, IdentityError> {
        let text = text.trim();
        let mut digits = Zeroizing::new(String::with_capacity(12));
        for (position, character) in text.chars().enumerate() {
            match character {
                '0'..='9' if digits.len() < 12 => digits.push(character),
                '-' if position == 8 => {}
                '-' | '+' if position == 6 => return Err(IdentityError::NoCentury),
                _ => return Err(IdentityError::NotANumber),
            }
        }
        match digits.len() {
            12 if has_birthday(&digits) && has_check_digit(&digits) => Ok(Self(digits)),
            10 => Err(IdentityError::NoCentury),
            _ => Err(IdentityError::NotANumber),
        }
    }

    /// Reads a Swedish number if it is one, else takes the text without the white space around it.
    ///
    /// # Errors
    /// [`IdentityError::NotAText`].
    pub fn text(text: &str) -> Result<Self, IdentityError> {
        if let Ok(number) = Self::swedish(text) {
            return Ok(number);
        }
        let text = text.trim();
        if text.is_empty() || text.len() > TEXT_LIMIT || text.chars().any(char::is_control) {
            return Err(IdentityError::NotAText);
        }
        Ok(Self(Zeroizing::new(text.to_owned())))
    }

    /// The 12 digits, or the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// In constant time.
impl PartialEq for IdentityNumber {
    fn eq(&self, other: &Self) -> bool {
        verify_slices_are_equal(self.0.as_bytes(), other.0.as_bytes()).is_ok()
    }
}

impl Eq for IdentityNumber {}

fn has_birthday(digits: &str) -> bool {
    let part = |from: usize, to: usize| digits.get(from..to).and_then(|part| part.parse::<u32>().ok());
    let (Some(century), Some(month), Some(day)) = (part(0, 2), part(4, 6), part(6, 8)) else {
        return false;
    };
    let day = if day > COORDINATION_DAYS {
        day - COORDINATION_DAYS
    } else {
        day
    };
    (18..=20).contains(&century) && (1..=12).contains(&month) && (1..=31).contains(&day)
}

fn has_check_digit(digits: &str) -> bool {
    let sum: u32 = digits
        .chars()
        .skip(2)
        .filter_map(|digit| digit.to_digit(10))
        .enumerate()
        .map(|(place, digit)| if place % 2 == 0 { digit * 2 } else { digit })
        .map(|product| product / 10 + product % 10)
        .sum();
    sum.is_multiple_of(10)
}

impl fmt::Debug for IdentityNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdentityNumber(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::{IdentityError, IdentityNumber};
    use proptest::prelude::*;

    /// From the Tax Agency's published test numbers.
    const TEST_PERSON: &str = "191212121212";

    #[test]
    fn twelve_digits_are_read_with_and_without_a_hyphen() {
        for text in [TEST_PERSON, "19121212-1212", "  191212121212\n"] {
            assert_eq!(IdentityNumber::swedish(text).unwrap().as_str(), TEST_PERSON);
        }
    }

    #[test]
    fn a_coordination_number_is_read() {
        assert!(IdentityNumber::swedish("197010632391").is_ok());
    }

    #[test]
    fn ten_digits_are_refused_since_they_have_no_century() {
        for text in ["1212121212", "121212-1212", "121212+1212"] {
            assert_eq!(IdentityNumber::swedish(text), Err(IdentityError::NoCentury), "{text}");
        }
    }

    #[test]
    fn wrong_check_digit_month_day_or_century_is_refused() {
        for text in [
            "191212121213",
            "191213121211",
            "191212001212",
            "171212121212",
            "19121212--212",
            "",
        ] {
            assert_eq!(IdentityNumber::swedish(text), Err(IdentityError::NotANumber), "{text}");
        }
    }

    #[test]
    fn another_text_is_taken_trimmed() {
        assert_eq!(IdentityNumber::text(" anna.test \n").unwrap().as_str(), "anna.test");
        assert_eq!(
            IdentityNumber::text("19121212-1212").unwrap().as_str(),
            TEST_PERSON,
            "a number has one spelling"
        );
        for text in ["  ", "a\0b", &"x".repeat(300)] {
            assert_eq!(IdentityNumber::text(text), Err(IdentityError::NotAText));
        }
    }

    #[test]
    fn it_does_not_print() {
        let number = IdentityNumber::swedish(TEST_PERSON).unwrap();
        assert!(!format!("{number:?}").contains("1212"));
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in ".{0,40}") {
            let _ = IdentityNumber::swedish(&text);
            let _ = IdentityNumber::text(&text);
        }

        #[test]
        fn one_wrong_digit_is_noticed(place in 2usize..12, change in 1u8..10) {
            let mut digits = TEST_PERSON.as_bytes().to_vec();
            digits[place] = b'0' + (digits[place] - b'0' + change) % 10;
            prop_assert!(IdentityNumber::swedish(std::str::from_utf8(&digits).unwrap()).is_err());
        }
    }
}
