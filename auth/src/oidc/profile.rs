//! The dialects of OpenID Connect that Swedish providers speak, as data.

use crate::Assurance;
use serde::{Deserialize, Serialize};

/// A family of providers that speak alike. What one of them does otherwise is said in
/// [`ProviderSettings`](super::ProviderSettings).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// The Swedish OpenID Connect Profile (oidc.se), Sweden Connect.
    SwedishOidc,
    /// Signicat's eID Hub with Swedish BankID.
    Signicat,
    /// Idura (formerly Criipto) Verify with Swedish BankID.
    Idura,
    /// Freja.
    Freja,
    /// Inera's IdP: SITHS and BankID for staff.
    Inera,
    /// OpenID Connect Core as it is written.
    Generic,
}

/// How the level is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asking {
    /// As an essential `acr` in the `claims` parameter (OpenID Connect Core 1.0 section 5.5.1.1): the provider fails the
    /// login rather than giving less.
    EssentialClaim,
    /// As `acr_values`, which a provider may overlook.
    AcrValues,
    /// Not at all; the level comes with the person.
    Nothing,
}

/// How a text for the person is carried to the screen where they sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserMessage {
    /// `https://id.oidc.se/param/userMessage` (Authentication Request Parameter Extensions for the Swedish OpenID Connect
    /// Profile, section 2.1).
    SwedishOidc,
    /// `login_hint=message:` and the text in base64.
    LoginHint,
    /// It cannot be.
    Nowhere,
}

/// What a text is that the provider gives as the person's identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdentityKind {
    /// A Swedish personal identity or coordination number; anything else fails the login.
    Swedish,
    /// Such a number if it is one, else any text, such as an employee number.
    Text,
}

/// A family's defaults with the operator's changes applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Beside `openid`.
    pub scopes: Vec<String>,
    /// See [`Asking`].
    pub asking: Asking,
    /// What is asked for whatever the level wanted is; `None`: those of `levels` that suffice.
    pub asked: Option<Vec<String>>,
    /// What the provider says, and what it is worth. In order of preference.
    pub levels: Vec<(String, Assurance)>,
    /// The claims that may say the level; the first one present decides.
    pub level_claims: Vec<String>,
    /// The claims that may have the person's identity; the first one present is taken.
    pub identity_claims: Vec<String>,
    /// See [`IdentityKind`].
    pub identity_kind: IdentityKind,
    /// Whether the identity and the level claims are asked for one by one in the `claims` parameter, always voluntarily:
    /// Inera's IdP fails a login whose essential claim it cannot deliver, and we say better ourselves what is missing.
    pub claims_one_by_one: bool,
    /// The claim that lists groups or roles.
    pub groups_claim: Option<String>,
    /// See [`UserMessage`].
    pub user_message: UserMessage,
    /// Whether every login is asked for with `prompt=login`, not only a repeated one.
    pub always_again: bool,
    /// Whether requests are signed (RFC 9101) where there is a key to do it with.
    pub signed_requests: bool,
}

const LEVELS_OF_SWEDEN: &[(&str, Assurance)] = &[
    ("http://id.elegnamnden.se/loa/1.0/loa2", Assurance::Loa2),
    ("http://id.elegnamnden.se/loa/1.0/loa3", Assurance::Loa3),
    ("http://id.elegnamnden.se/loa/1.0/loa4", Assurance::Loa4),
    ("http://id.swedenconnect.se/loa/1.0/uncertified-loa2", Assurance::Loa2),
    ("http://id.swedenconnect.se/loa/1.0/uncertified-loa3", Assurance::Loa3),
];

const LEVELS_OF_INERA: &[(&str, Assurance)] = &[
    ("http://id.sambi.se/loa/loa2", Assurance::Loa2),
    ("http://id.sambi.se/loa/loa3", Assurance::Loa3),
    ("http://id.sambi.se/loa/loa4", Assurance::Loa4),
    ("http://id.elegnamnden.se/loa/1.0/loa2", Assurance::Loa2),
    ("http://id.elegnamnden.se/loa/1.0/loa3", Assurance::Loa3),
    ("http://id.elegnamnden.se/loa/1.0/loa4", Assurance::Loa4),
];

/// BankID is level 3. The same device comes first: a QR code can be relayed to somebody else's telephone.
const LEVELS_OF_IDURA: &[(&str, Assurance)] = &[
    ("urn:grn:authn:se:bankid:same-device", Assurance::Loa3),
    ("urn:grn:authn:se:bankid:another-device:qr", Assurance::Loa3),
    ("urn:grn:authn:se:bankid", Assurance::Loa3),
];

/// What comes back is the method's name alone.
const LEVELS_OF_SIGNICAT: &[(&str, Assurance)] = &[("idp:sbid", Assurance::Loa3), ("sbid", Assurance::Loa3)];

/// Freja's registration levels; Basic is an e-mail address and worth no more than an invitation.
const LEVELS_OF_FREJA: &[(&str, Assurance)] = &[
    ("BASIC", Assurance::Open),
    ("EXTENDED", Assurance::Loa2),
    ("PLUS", Assurance::Loa3),
];

impl Family {
    /// The family's defaults.
    #[must_use]
    pub fn profile(self) -> Profile {
        match self {
            Self::SwedishOidc => swedish_oidc(),
            Self::Signicat => Profile {
                scopes: owned(&["profile", "nin"]),
                asking: Asking::AcrValues,
                asked: Some(owned(&["idp:sbid"])),
                levels: levels(LEVELS_OF_SIGNICAT),
                level_claims: owned(&["acr", "idp"]),
                identity_claims: owned(&["nin"]),
                ..bare()
            },
            Self::Idura => Profile {
                asking: Asking::AcrValues,
                levels: levels(LEVELS_OF_IDURA),
                level_claims: owned(&["acr", "authenticationtype"]),
                identity_claims: owned(&["ssn"]),
                user_message: UserMessage::LoginHint,
                ..bare()
            },
            Self::Freja => Profile {
                scopes: owned(&["profile", "https://frejaeid.com/oidc/scopes/personalIdentityNumber"]),
                asking: Asking::Nothing,
                levels: levels(LEVELS_OF_FREJA),
                level_claims: owned(&["acr", "https://frejaeid.com/oidc/claims/registrationLevel"]),
                identity_claims: owned(&["https://frejaeid.com/oidc/claims/personalIdentityNumber"]),
                claims_one_by_one: true,
                ..bare()
            },
            Self::Inera => Profile {
                scopes: owned(&["personal_identity_number"]),
                asking: Asking::AcrValues,
                levels: levels(LEVELS_OF_INERA),
                identity_claims: owned(&["personalIdentityNumber", "personal_identity_number"]),
                ..bare()
            },
            Self::Generic => Profile {
                scopes: owned(&["profile"]),
                asking: Asking::AcrValues,
                levels: levels(LEVELS_OF_SWEDEN),
                identity_kind: IdentityKind::Text,
                ..bare()
            },
        }
    }
}

fn swedish_oidc() -> Profile {
    Profile {
        scopes: owned(&[
            "https://id.oidc.se/scope/naturalPersonInfo",
            "https://id.oidc.se/scope/naturalPersonNumber",
        ]),
        asking: Asking::EssentialClaim,
        levels: levels(LEVELS_OF_SWEDEN),
        identity_claims: owned(&[
            "https://id.oidc.se/claim/personalIdentityNumber",
            "https://id.oidc.se/claim/coordinationNumber",
        ]),
        claims_one_by_one: true,
        user_message: UserMessage::SwedishOidc,
        always_again: true,
        signed_requests: true,
        ..bare()
    }
}

fn bare() -> Profile {
    Profile {
        scopes: Vec::new(),
        asking: Asking::Nothing,
        asked: None,
        levels: Vec::new(),
        level_claims: owned(&["acr"]),
        identity_claims: Vec::new(),
        identity_kind: IdentityKind::Swedish,
        claims_one_by_one: false,
        groups_claim: None,
        user_message: UserMessage::Nowhere,
        always_again: false,
        signed_requests: false,
    }
}

impl Profile {
    /// What to ask for so that the level wanted is reached, in order of preference.
    #[must_use]
    pub fn asked_for(&self, wanted: Assurance) -> Vec<&str> {
        match &self.asked {
            Some(fixed) => fixed.iter().map(String::as_str).collect(),
            None => self
                .levels
                .iter()
                .filter(|(_, assurance)| *assurance >= wanted)
                .map(|(acr, _)| acr.as_str())
                .collect(),
        }
    }

    /// What the provider's word is worth; `None`: a word nobody told us of.
    #[must_use]
    pub fn assurance_of(&self, acr: &str) -> Option<Assurance> {
        self.levels
            .iter()
            .find(|(known, _)| known == acr)
            .map(|(_, assurance)| *assurance)
    }
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn levels(known: &[(&str, Assurance)]) -> Vec<(String, Assurance)> {
    known
        .iter()
        .map(|(acr, assurance)| ((*acr).to_owned(), *assurance))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::Family;
    use crate::Assurance;

    const FAMILIES: [Family; 6] = [
        Family::SwedishOidc,
        Family::Signicat,
        Family::Idura,
        Family::Freja,
        Family::Inera,
        Family::Generic,
    ];

    #[test]
    fn every_family_can_reach_level_three_and_says_where_the_level_is() {
        for family in FAMILIES {
            let profile = family.profile();
            assert!(!profile.asked_for(Assurance::Loa3).is_empty(), "{family:?}");
            assert_eq!(profile.level_claims[0], "acr", "{family:?}");
        }
    }

    #[test]
    fn what_suffices_for_a_higher_level_suffices_for_a_lower_one() {
        let profile = Family::SwedishOidc.profile();
        let four = profile.asked_for(Assurance::Loa4);
        assert_eq!(four, ["http://id.elegnamnden.se/loa/1.0/loa4"]);
        assert!(four.iter().all(|acr| profile.asked_for(Assurance::Loa2).contains(acr)));
    }

    #[test]
    fn a_word_that_nobody_told_us_of_is_worth_nothing() {
        for family in FAMILIES {
            let profile = family.profile();
            assert_eq!(profile.assurance_of("urn:made-up:loa4"), None);
            assert_eq!(profile.assurance_of(""), None);
        }
    }

    #[test]
    fn bankid_on_the_same_device_is_asked_for_first() {
        let profile = Family::Idura.profile();
        assert!(profile.asked_for(Assurance::Loa3)[0].ends_with(":same-device"));
    }

    #[test]
    fn names_in_the_configuration_are_snake_case() {
        assert_eq!(serde_json::to_string(&Family::SwedishOidc).unwrap(), "\"swedish_oidc\"");
    }
}
