//! What the pages say, in Swedish and English.

/// The language that comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Language {
    #[default]
    Swedish,
    English,
}

impl Language {
    /// The first of `ui_locales` that the pages have.
    pub(super) fn of<'a>(mut wanted: impl Iterator<Item = &'a str>) -> Self {
        wanted
            .find_map(|locale| match locale.split('-').next() {
                Some(tag) if tag.eq_ignore_ascii_case("sv") => Some(Self::Swedish),
                Some(tag) if tag.eq_ignore_ascii_case("en") => Some(Self::English),
                _ => None,
            })
            .unwrap_or_default()
    }

    pub(super) const fn tag(self) -> &'static str {
        match self {
            Self::Swedish => "sv",
            Self::English => "en",
        }
    }

    pub(super) const fn other(self) -> Self {
        match self {
            Self::Swedish => Self::English,
            Self::English => Self::Swedish,
        }
    }
}

/// The same in both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Words {
    sv: &'static str,
    en: &'static str,
}

impl Words {
    const fn new(sv: &'static str, en: &'static str) -> Self {
        Self { sv, en }
    }

    pub(super) const fn in_language(self, language: Language) -> &'static str {
        match language {
            Language::Swedish => self.sv,
            Language::English => self.en,
        }
    }
}

pub(super) const BANNER: Words = Words::new("Testlegitimering – inte BankID", "Test identities – not BankID");
pub(super) const NOT_REAL: Words = Words::new(
    "Identiteten är inte äkta: den som använder sidan väljer själv vem den är. Bara för test och demonstration.",
    "The identity is not real: whoever uses this page chooses who to be. For tests and demonstrations only.",
);
pub(super) const CHOOSE: Words = Words::new("Vem är du?", "Who are you?");
pub(super) const SERVICE: Words = Words::new("Tjänst", "Service");
pub(super) const MESSAGE: Words = Words::new("Meddelande från tjänsten", "Message from the service");
pub(super) const PERSON: Words = Words::new("Person", "Person");
pub(super) const NOBODY: Words = Words::new("Det finns ingen att välja.", "There is nobody to choose.");
pub(super) const LEVEL: Words = Words::new("Tillitsnivå", "Level of assurance");
pub(super) const SIGN: Words = Words::new("Legitimera", "Identify");
pub(super) const CANCEL: Words = Words::new("Avbryt", "Cancel");
pub(super) const LOG_OUT: Words = Words::new("Logga ut", "Log out");
pub(super) const LOG_OUT_QUESTION: Words = Words::new("Vill du logga ut?", "Do you want to log out?");
pub(super) const SIGNED_IN_AS: Words = Words::new("Du är legitimerad som", "You are identified as");
pub(super) const LOGGED_OUT: Words = Words::new("Du är utloggad", "You are logged out");
pub(super) const CLOSE: Words = Words::new("Du kan stänga fliken.", "You may close this tab.");
pub(super) const REFUSED: Words = Words::new("Det gick inte att legitimera", "The identification failed");
pub(super) const START_AGAIN: Words = Words::new(
    "Gå tillbaka till tjänsten och börja om därifrån.",
    "Go back to the service and start again from there.",
);
pub(super) const REASON: Words = Words::new("Orsak", "Reason");

#[cfg(test)]
mod tests {
    use super::Language;

    #[test]
    fn the_first_known_language_counts() {
        let of = |locales: &str| Language::of(locales.split(' '));
        assert_eq!(of("en-GB sv"), Language::English);
        assert_eq!(of("fi sv-FI en"), Language::Swedish);
        assert_eq!(of(""), Language::Swedish);
    }
}
