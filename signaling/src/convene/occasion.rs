//! When and where: what a notice (kallelse) says of it, and how long its invitations last.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use lika_auth::Occasion;
use serde::{Deserialize, Deserializer};
use std::num::NonZeroU32;
use thiserror::Error;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// A notice is sent no earlier: a year's plan of meetings, and some to spare.
const MOST_AHEAD_MS: i64 = 2 * 366 * DAY_MS;
/// Nor later: one that begins just now, or a clock that is wrong.
const MOST_BEFORE_MS: i64 = DAY_MS;
/// A meeting lasts no longer; it may be adjourned to another day.
const LONGEST_MS: i64 = 31 * DAY_MS;
/// The longest name of a place, in characters: one line on a page.
const MAX_PLACE_CHARS: usize = 200;
/// What stands before a test meeting's title.
pub const TEST_PREFIX: &str = "Prov: ";

/// Why a meeting cannot be then and there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum OccasionError {
    /// It ends before it begins, or has an end and no beginning.
    #[error("the meeting must end after it starts, and at most 31 days later; give starts, and ends after it")]
    Ends,
    /// Too far ahead.
    #[error("the meeting starts more than two years ahead; check the year")]
    TooFar,
    /// It has been.
    #[error("the meeting starts more than a day ago; check the year")]
    Past,
    /// The place is no line.
    #[error("the place must be one line of 1 to {MAX_PLACE_CHARS} characters")]
    Place,
}

/// A time as a notice writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct When {
    /// In milliseconds since 1970-01-01 UTC.
    pub at_ms: i64,
}

impl When {
    /// With its offset (RFC 3339), or as clocks in Sweden show it: `2027-03-01 18:00`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let exact = text.parse::<Timestamp>().ok();
        let at = exact.or_else(|| {
            let local: DateTime = text.parse().ok().filter(|_| text.contains(':'))?;
            let zone = TimeZone::get(crate::report::PLACE).ok()?;
            Some(local.to_zoned(zone).ok()?.timestamp())
        })?;
        Some(Self {
            at_ms: at.as_millisecond(),
        })
    }
}

impl<'de> Deserialize<'de> for When {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let how = "no time; write 2027-03-01T18:00:00+01:00, or 2027-03-01 18:00 for Swedish time";
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom(how))
    }
}

/// An occasion that can be.
pub(super) fn checked(occasion: &Occasion, now_ms: i64) -> Result<Occasion, OccasionError> {
    let Occasion { starts_ms, ends_ms, .. } = *occasion;
    let follows = |starts: i64, ends: i64| ends > starts && ends - starts <= LONGEST_MS;
    match (starts_ms, ends_ms) {
        (None, Some(_)) => return Err(OccasionError::Ends),
        (Some(starts), Some(ends)) if !follows(starts, ends) => return Err(OccasionError::Ends),
        (Some(starts), _) if starts > now_ms + MOST_AHEAD_MS => return Err(OccasionError::TooFar),
        (Some(starts), _) if starts < now_ms - MOST_BEFORE_MS => return Err(OccasionError::Past),
        _ => {}
    }
    let place = match occasion.place.as_deref().map(str::trim) {
        None => None,
        Some(place) => Some(one_line(place, MAX_PLACE_CHARS).ok_or(OccasionError::Place)?.to_owned()),
    };
    Ok(Occasion {
        place,
        ..occasion.clone()
    })
}

fn one_line(text: &str, max_chars: usize) -> Option<&str> {
    let fits = !text.is_empty() && text.chars().take(max_chars + 1).count() <= max_chars;
    (fits && !text.chars().any(char::is_control)).then_some(text)
}

/// Until when an invitation made now can be used: for so many days, and in any case until the day after the meeting.
#[must_use]
pub fn invitation_expires_ms(now_ms: i64, days: NonZeroU32, occasion: &Occasion) -> i64 {
    let usual = now_ms + i64::from(days.get()) * DAY_MS;
    let over = occasion.ends_ms.or(occasion.starts_ms).map(|over| over + DAY_MS);
    usual.max(over.unwrap_or(usual))
}

#[cfg(test)]
mod tests {
    use super::{DAY_MS, OccasionError, When, checked, invitation_expires_ms};
    use lika_auth::Occasion;
    use std::num::NonZeroU32;

    #[test]
    fn times_are_read_with_an_offset_or_as_clocks_in_sweden_show_them() {
        let at = |text| When::parse(text).map(|when| when.at_ms);
        let winter = at("2027-03-01T17:00:00Z");
        assert!(winter.is_some());
        assert_eq!(at("2027-03-01T18:00:00+01:00"), winter);
        assert_eq!(at("2027-03-01 18:00"), winter);
        assert_eq!(at(" 2027-03-01T18:00 "), winter);
        assert_eq!(at("2027-07-01 18:00"), at("2027-07-01T16:00:00Z"), "summer time");
        for wrong in ["", "2027-03-01", "18:00", "2027-13-01 18:00", "in the evening"] {
            assert_eq!(at(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_meeting_ends_after_it_starts_and_soon_enough() {
        let occasion = |starts_ms, ends_ms| Occasion {
            starts_ms,
            ends_ms,
            ..Occasion::default()
        };
        assert!(checked(&occasion(None, None), 0).is_ok());
        assert!(checked(&occasion(Some(5), Some(6)), 0).is_ok());
        assert_eq!(checked(&occasion(None, Some(6)), 0), Err(OccasionError::Ends));
        assert_eq!(checked(&occasion(Some(6), Some(6)), 0), Err(OccasionError::Ends));
        assert_eq!(
            checked(&occasion(Some(0), Some(32 * DAY_MS)), 0),
            Err(OccasionError::Ends)
        );
        assert_eq!(
            checked(&occasion(Some(800 * DAY_MS), None), 0),
            Err(OccasionError::TooFar)
        );
        let now_ms = 900 * DAY_MS;
        assert!(checked(&occasion(Some(899 * DAY_MS), None), now_ms).is_ok());
        let past = checked(&occasion(Some(899 * DAY_MS - 1), None), now_ms);
        assert_eq!(past, Err(OccasionError::Past));
        let nowhere = Occasion {
            place: Some("  ".into()),
            ..Occasion::default()
        };
        assert_eq!(checked(&nowhere, 0), Err(OccasionError::Place));
    }

    #[test]
    fn an_invitation_outlasts_its_meeting() {
        let days = NonZeroU32::new(14).unwrap();
        let on = |starts_ms| Occasion {
            starts_ms,
            ..Occasion::default()
        };
        assert_eq!(invitation_expires_ms(0, days, &on(None)), 14 * DAY_MS);
        assert_eq!(invitation_expires_ms(0, days, &on(Some(3 * DAY_MS))), 14 * DAY_MS);
        assert_eq!(invitation_expires_ms(0, days, &on(Some(20 * DAY_MS))), 21 * DAY_MS);
    }
}
