//! Who logged in: what is kept of the tokens.

use super::error::{LevelError, OidcError, foreign};
use super::identity_number::IdentityNumber;
use super::keys::{Claims, seconds, text};
use super::profile::{IdentityKind, Profile};
use super::transaction::Transaction;
use crate::Assurance;
use serde_json::Value;

/// Groups kept of one person; more than a municipality has, and what a claim could otherwise swell to.
const GROUPS_LIMIT: usize = 256;

/// A person who logged in at a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authenticated {
    /// Where: the provider's id in the settings.
    pub provider: String,
    /// What the provider calls the person; unique there, and no identity anywhere else.
    pub subject: String,
    /// The provider's session, to which a back-channel logout refers.
    pub session: Option<String>,
    /// The level reached, at least the one wanted.
    pub assurance: Assurance,
    /// When the person logged in: the provider's word if it says, else the time of the callback.
    pub authenticated_ms: i64,
    /// To be matched with the roster.
    pub identity: Option<IdentityNumber>,
    /// To be shown.
    pub name: Option<String>,
    /// Groups or roles, if the settings name a claim.
    pub groups: Vec<String>,
}

/// The claims of a login: those of the verified ID token, and what the UserInfo response adds.
pub(super) struct Told {
    pub(super) id_token: Claims,
    pub(super) user_info: Claims,
}

impl Told {
    fn find(&self, name: &str) -> Option<&Value> {
        self.id_token.get(name).or_else(|| self.user_info.get(name))
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.find(name)?.as_str()
    }

    /// Whether something is missing that the UserInfo response may have.
    pub(super) fn lacks(&self, profile: &Profile) -> bool {
        let identity = &profile.identity_claims;
        let none_of = |claims: &[String]| !claims.is_empty() && claims.iter().all(|claim| self.find(claim).is_none());
        self.name().is_none()
            || none_of(identity)
            || none_of(&profile.level_claims)
            || profile
                .groups_claim
                .as_ref()
                .is_some_and(|claim| self.find(claim).is_none())
    }

    /// Reads the person out of the claims, if the level suffices.
    pub(super) fn person(
        &self,
        profile: &Profile,
        transaction: &Transaction,
        now_ms: i64,
    ) -> Result<Authenticated, OidcError> {
        let auth_time = seconds(&self.id_token, "auth_time").map_err(OidcError::IdToken)?;
        Ok(Authenticated {
            provider: transaction.provider.clone(),
            subject: text(&self.id_token, "sub").unwrap_or_default().to_owned(),
            session: text(&self.id_token, "sid").map(str::to_owned),
            assurance: self.level(profile, transaction.level)?,
            authenticated_ms: auth_time.map_or(now_ms, |time| time.saturating_mul(1000).min(now_ms)),
            identity: self.identity(profile)?,
            name: self.name(),
            groups: self.groups(profile),
        })
    }

    /// `acr` counts from the signed token alone; a provider's own claim also from its UserInfo response.
    fn level(&self, profile: &Profile, wanted: Assurance) -> Result<Assurance, LevelError> {
        let said = |claim: &String| match claim.as_str() {
            "acr" => text(&self.id_token, claim),
            _ => self.text(claim),
        };
        let said = profile.level_claims.iter().find_map(said).ok_or(LevelError::Missing)?;
        let reached = profile
            .assurance_of(said)
            .ok_or_else(|| LevelError::Unknown(foreign(said)))?;
        match reached >= wanted {
            true => Ok(reached),
            false => Err(LevelError::TooLow { reached, wanted }),
        }
    }

    fn identity(&self, profile: &Profile) -> Result<Option<IdentityNumber>, OidcError> {
        let found = profile.identity_claims.iter().find_map(|claim| self.text(claim));
        let read = match profile.identity_kind {
            IdentityKind::Swedish => IdentityNumber::swedish,
            IdentityKind::Text => IdentityNumber::text,
        };
        Ok(found.map(read).transpose()?)
    }

    fn name(&self) -> Option<String> {
        let name = self.text("name").map(foreign).or_else(|| {
            let (given, family) = (self.text("given_name")?, self.text("family_name")?);
            Some(foreign(&format!("{given} {family}")))
        })?;
        let name = name.trim();
        (!name.is_empty()).then(|| name.to_owned())
    }

    fn groups(&self, profile: &Profile) -> Vec<String> {
        let claim = profile.groups_claim.as_ref().and_then(|claim| self.find(claim));
        match claim {
            Some(Value::String(group)) => vec![group.clone()],
            Some(Value::Array(groups)) => groups
                .iter()
                .filter_map(Value::as_str)
                .take(GROUPS_LIMIT)
                .map(str::to_owned)
                .collect(),
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Told;
    use crate::Assurance;
    use crate::oidc::error::{LevelError, OidcError};
    use crate::oidc::keys::Claims;
    use crate::oidc::transaction::{Transaction, Wanted};
    use crate::oidc::{Authenticated, Family, Profile};
    use serde_json::{Value, json};

    const LOA2: &str = "http://id.elegnamnden.se/loa/1.0/loa2";
    const LOA3: &str = "http://id.elegnamnden.se/loa/1.0/loa3";

    fn claims(value: &Value) -> Claims {
        value.as_object().unwrap().clone()
    }

    fn person(profile: &Profile, id_token: &Value, user_info: &Value) -> Result<Authenticated, OidcError> {
        let wanted = Wanted {
            level: Assurance::Loa3,
            ..Wanted::default()
        };
        let told = Told {
            id_token: claims(id_token),
            user_info: claims(user_info),
        };
        told.person(profile, &Transaction::begin("bankid", &wanted, 0).unwrap(), 5000)
    }

    #[test]
    fn the_level_must_be_told_known_and_high_enough() {
        let profile = Family::SwedishOidc.profile();
        let level = |id_token: &Value| person(&profile, id_token, &json!({})).map(|person| person.assurance);
        assert_eq!(level(&json!({"acr": LOA3})), Ok(Assurance::Loa3));
        assert_eq!(level(&json!({})), Err(LevelError::Missing.into()));
        assert_eq!(
            level(&json!({"acr": "loa4"})),
            Err(LevelError::Unknown("loa4".into()).into())
        );
        assert!(matches!(
            level(&json!({"acr": LOA2})),
            Err(OidcError::Level(LevelError::TooLow { .. }))
        ));
    }

    #[test]
    fn acr_does_not_count_from_an_unsigned_answer() {
        let profile = Family::SwedishOidc.profile();
        assert_eq!(
            person(&profile, &json!({}), &json!({"acr": LOA3})),
            Err(LevelError::Missing.into())
        );
    }

    #[test]
    fn each_family_finds_level_and_identity_where_its_providers_put_them() {
        let number = "191212121212";
        for (family, id_token, user_info) in [
            (
                Family::SwedishOidc,
                json!({"acr": LOA3}),
                json!({"https://id.oidc.se/claim/personalIdentityNumber": number}),
            ),
            (Family::Signicat, json!({"idp": "sbid"}), json!({"nin": number})),
            (
                Family::Idura,
                json!({"authenticationtype": "urn:grn:authn:se:bankid:same-device", "ssn": number}),
                json!({}),
            ),
            (
                Family::Freja,
                json!({}),
                json!({
                    "https://frejaeid.com/oidc/claims/registrationLevel": "PLUS",
                    "https://frejaeid.com/oidc/claims/personalIdentityNumber": number,
                }),
            ),
            (
                Family::Inera,
                json!({"acr": "http://id.sambi.se/loa/loa3", "personalIdentityNumber": number}),
                json!({}),
            ),
        ] {
            let person = person(&family.profile(), &id_token, &user_info).unwrap();
            assert_eq!(person.identity.unwrap().as_str(), number, "{family:?}");
            assert_eq!(person.assurance, Assurance::Loa3, "{family:?}");
        }
    }

    #[test]
    fn a_broken_number_fails_the_login_and_a_missing_one_does_not() {
        let profile = Family::Inera.profile();
        let number = |number: &Value| {
            let acr = "http://id.sambi.se/loa/loa3";
            person(
                &profile,
                &json!({"acr": acr, "personalIdentityNumber": number}),
                &json!({}),
            )
        };
        assert!(matches!(number(&json!("121212-1212")), Err(OidcError::Identity(_))));
        assert_eq!(number(&Value::Null).unwrap().identity, None);
    }

    #[test]
    fn a_name_is_put_together_and_groups_are_listed() {
        let mut profile = Family::SwedishOidc.profile();
        profile.groups_claim = Some("roles".into());
        let person = person(
            &profile,
            &json!({"acr": LOA3, "auth_time": 3}),
            &json!({"given_name": "Ledamot", "family_name": "7\u{7}", "roles": ["secretary", 7]}),
        )
        .unwrap();
        assert_eq!(person.name.unwrap(), "Ledamot 7");
        assert_eq!(person.groups, ["secretary"]);
        assert_eq!(person.authenticated_ms, 3000);
    }
}
