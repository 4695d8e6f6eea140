//! The calendar file (iCalendar, RFC 5545) that comes with an invitation.

use crate::meeting::MeetingId;
use icalendar::{Calendar, Component as _, Event, EventLike as _};
use jiff::Timestamp;
use lika_auth::Occasion;

/// How long a meeting is thought to last whose notice does not say.
const USUAL_MS: i64 = 2 * 60 * 60 * 1000;

/// What is written into a calendar.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// Which meeting.
    pub meeting: MeetingId,
    /// Its title.
    pub title: &'a str,
    /// The body that meets.
    pub body: &'a str,
    /// When and where.
    pub occasion: &'a Occasion,
    /// The address of this installation.
    pub public_url: &'a str,
    /// Somebody's invitation link: then the file is theirs alone.
    pub link: Option<&'a str>,
}

impl Entry<'_> {
    /// The file, made at `now_ms`; `None`: it is not known when the meeting begins. A meeting's file and somebody's own have
    /// one identifier, so that a calendar that has the one replaces it by the other.
    #[must_use]
    pub fn write(&self, now_ms: i64) -> Option<String> {
        let starts_ms = self.occasion.starts_ms?;
        let ends_ms = self.occasion.ends_ms.unwrap_or(starts_ms + USUAL_MS);
        let host = self.public_url.split("//").last().unwrap_or_default();
        let mut event = Event::new();
        event
            .uid(&format!("meeting-{}@{host}", self.meeting.0))
            .add_property("DTSTAMP", utc(now_ms)?)
            .add_property("DTSTART", utc(starts_ms)?)
            .add_property("DTEND", utc(ends_ms)?)
            .summary(self.title)
            .description(&self.description());
        if let Some(place) = &self.occasion.place {
            event.location(place);
        }
        if let Some(link) = self.link {
            event.url(link).class(icalendar::Class::Private);
        }
        let mut calendar = Calendar::new();
        calendar
            .append_property(("PRODID", "-//Lika//lika//SV"))
            .append_property(("METHOD", "PUBLISH"))
            .push(event.done());
        Some(calendar.done().to_string())
    }

    fn description(&self) -> String {
        let (sv, en) = match self.link {
            Some(link) => (
                format!("Din personliga länk till sammanträdet: {link}\nDen är din egen: skicka den inte vidare."),
                format!("Your personal link to the meeting: {link}\nIt is yours alone: do not pass it on."),
            ),
            None => (
                "Öppna den personliga länken i din inbjudan för att delta på distans.".to_owned(),
                "Open the personal link in your invitation to take part remotely.".to_owned(),
            ),
        };
        format!("{}\n\n{sv}\n\n{en}", self.body)
    }
}

/// `20270301T170000Z` (section 3.3.5, form 2).
fn utc(at_ms: i64) -> Option<String> {
    let at = Timestamp::from_millisecond(at_ms).ok()?;
    Some(at.strftime("%Y%m%dT%H%M%SZ").to_string())
}

#[cfg(test)]
mod tests {
    use super::Entry;
    use crate::meeting::MeetingId;
    use icalendar::{Calendar, Component as _, EventLike as _};
    use lika_auth::Occasion;

    const STARTS_MS: i64 = 1_803_920_400_000;
    const LINK: &str = "https://lika.example/i/AAAAAAAAAAAAAAAAAAAAAA";

    fn entry<'a>(occasion: &'a Occasion, link: Option<&'a str>) -> Entry<'a> {
        Entry {
            meeting: MeetingId(7),
            title: "Nämnden; budget, \"m.m.\" \\ och en så lång rubrik att raden måste vikas mitt i åäö åäö åäö",
            body: "Nämnden",
            occasion,
            public_url: "https://lika.example",
            link,
        }
    }

    fn evening() -> Occasion {
        Occasion {
            starts_ms: Some(STARTS_MS),
            ends_ms: None,
            place: Some("Sessionssalen, Stadshuset".into()),
            test: false,
        }
    }

    #[test]
    fn another_program_reads_what_was_written() {
        let occasion = evening();
        let entry = entry(&occasion, Some(LINK));
        let text = entry.write(0).unwrap();
        for line in text.split("\r\n") {
            assert!(line.len() <= 75 && !line.contains('\n'), "RFC 5545 section 3.1: {line}");
        }
        let calendar: Calendar = text.parse().unwrap();
        let event = calendar.events().next().unwrap();
        assert_eq!(event.get_summary(), Some(entry.title));
        assert_eq!(event.get_location(), occasion.place.as_deref());
        assert_eq!(event.property_value("DTSTART"), Some("20270301T170000Z"));
        assert_eq!(event.property_value("DTEND"), Some("20270301T190000Z"));
        assert_eq!(event.property_value("DTSTAMP"), Some("19700101T000000Z"));
        assert_eq!(event.get_url(), Some(LINK));
        assert_eq!(event.get_uid(), Some("meeting-7@lika.example"));
        assert_eq!(event.property_value("CLASS"), Some("PRIVATE"));
        let description = event.get_description().unwrap();
        assert!(
            description.contains(LINK) && description.lines().count() == 7,
            "{description}"
        );
        assert_eq!(calendar.property_value("METHOD"), Some("PUBLISH"));
    }

    #[test]
    fn a_meetings_file_has_nobodys_link_and_a_meeting_without_a_time_has_none() {
        let occasion = evening();
        let text = entry(&occasion, None).write(0).unwrap();
        assert!(!text.contains("/i/") && !text.contains("CLASS"), "{text}");
        assert_eq!(entry(&Occasion::default(), Some(LINK)).write(0), None);
    }
}
