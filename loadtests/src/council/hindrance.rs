//! What did not happen as it should at a meeting, and how it is told.

use crate::language::Language;
use lika::protocol::Refusal;
use serde::Serialize;

/// What was to happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Deed {
    /// The roll call.
    RollCall,
    /// An item is called, or ends.
    Item,
    /// Somebody asks for the floor, speaks, and ends.
    Speech,
    /// The chair closes the deliberation.
    EndOfDebate,
    /// The chair confirms who is present.
    PresenceCheck,
    /// The question is put.
    Question,
    /// A vote.
    Vote,
    /// The gavel falls.
    Gavel,
    /// A reservation.
    Reservation,
    /// Somebody who left comes back.
    Return,
    /// The meeting is closed.
    Close,
}

/// Something that did not happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Hindrance {
    /// What.
    pub deed: Deed,
    /// What the server answered; `null`: it did not happen in time.
    pub refusal: Option<Refusal>,
}

impl Hindrance {
    /// Whether it waited until terms were equal.
    pub(super) const fn is_about_terms(&self) -> bool {
        matches!(self.refusal, Some(Refusal::EqualTermsBroken | Refusal::VoteSuspended))
    }

    /// For people: "propositionen (något annat kommer först i ordningen)".
    pub(super) fn told(&self, language: Language) -> String {
        let deed = self.deed.told(language);
        match self.refusal {
            Some(reason) => format!("{deed} ({})", refusal(language, reason)),
            None => format!(
                "{deed} ({})",
                language.of("hann inte bli klart", "was not done in time")
            ),
        }
    }
}

impl Deed {
    const fn told(self, language: Language) -> &'static str {
        match self {
            Self::RollCall => language.of("uppropet", "the roll call"),
            Self::Item => language.of("ärendets början eller slut", "the item's beginning or end"),
            Self::Speech => language.of("ett anförande", "a speech"),
            Self::EndOfDebate => language.of("att avsluta överläggningen", "closing the deliberation"),
            Self::PresenceCheck => language.of("närvarokontrollen", "the check of presence"),
            Self::Question => language.of("propositionen", "the question"),
            Self::Vote => language.of("voteringen", "the vote"),
            Self::Gavel => language.of("klubbslaget", "the gavel"),
            Self::Reservation => language.of("reservationen", "the reservation"),
            Self::Return => language.of("återkomsten efter en paus", "the return after a pause"),
            Self::Close => language.of("att avsluta sammanträdet", "closing the meeting"),
        }
    }
}

/// Why somebody dropped out: the server's word for it, or another cause as it was told.
pub(super) fn departure(language: Language, reason: &str) -> String {
    let word = serde_json::from_value::<Refusal>(reason.into());
    match (word, reason) {
        (Ok(reason), _) => refusal(language, reason).to_owned(),
        (Err(_), "left") => language.of("lämnade sammanträdet", "left the meeting").to_owned(),
        (Err(_), other) => other.to_owned(),
    }
}

/// Why the server refused something.
const fn refusal(language: Language, reason: Refusal) -> &'static str {
    match reason {
        Refusal::EqualTermsBroken | Refusal::VoteSuspended => {
            language.of("villkoren var inte likvärdiga", "terms were not equal")
        }
        Refusal::NotQuorate => language.of("för få tjänstgör", "too few serve"),
        Refusal::SomebodyMissing => language.of("en tjänstgörande saknas", "somebody who serves is missing"),
        Refusal::OutOfStep | Refusal::OutOfOrder => language.of(
            "något annat kommer först i ordningen",
            "something else comes before it in the order",
        ),
        Refusal::WrongPhase | Refusal::MeetingOver => {
            language.of("sammanträdet är inte i det läget", "the meeting is not at that point")
        }
        Refusal::WrongPlace | Refusal::ConnectionLost => language.of(
            "deltagaren är inte inne i sammanträdet",
            "the participant is not in the meeting",
        ),
        Refusal::NotAllowed | Refusal::IdentityNeeded => {
            language.of("deltagaren får inte göra det", "the participant may not do that")
        }
        Refusal::NotServing | Refusal::ServedOut | Refusal::Disqualified => {
            language.of("deltagaren tjänstgör inte", "the participant does not serve")
        }
        Refusal::AlreadySo => language.of("det är redan gjort", "it is so already"),
        Refusal::TooFast => language.of("för många meddelanden", "too many messages"),
        Refusal::RelayFull => language.of("reläet är fullt eller överlastat", "the relay is full or overloaded"),
        Refusal::SignedOut => language.of("blev utloggad", "was signed out"),
        Refusal::TakenOver => language.of("öppnade sidan på en annan enhet", "opened the page on another device"),
        Refusal::NoSuchMeeting => language.of("sammanträdet finns inte längre", "the meeting is there no longer"),
        Refusal::Draining => language.of(
            "servern stoppas för underhåll",
            "the server is being stopped for maintenance",
        ),
        Refusal::JournalUnavailable => language.of(
            "journalen kan inte skrivas (är disken full?)",
            "the journal cannot be written (is the disk full?)",
        ),
        Refusal::WrongProtocol | Refusal::Malformed => language.of(
            "server och lasttest är av olika version",
            "server and load test are of different versions",
        ),
        _ => language.of("servern vägrade", "the server refused"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_read_words_of_their_own_language() {
        let refused = Hindrance {
            deed: Deed::Question,
            refusal: Some(Refusal::OutOfStep),
        };
        assert_eq!(
            refused.told(Language::Sv),
            "propositionen (något annat kommer först i ordningen)"
        );
        let late = Hindrance {
            deed: Deed::RollCall,
            refusal: None,
        };
        assert_eq!(late.told(Language::En), "the roll call (was not done in time)");
    }

    #[test]
    fn whoever_drops_out_does_so_for_a_reason_in_words() {
        assert_eq!(departure(Language::Sv, "signed_out"), "blev utloggad");
        assert_eq!(departure(Language::En, "left"), "left the meeting");
        assert_eq!(departure(Language::Sv, "connection refused"), "connection refused");
    }
}
