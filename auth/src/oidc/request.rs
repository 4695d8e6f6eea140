//! The authentication request (OpenID Connect Core 1.0 section 3.1.2.1): what is asked for, in the provider's dialect.

use super::profile::{Asking, Profile, UserMessage};
use super::transaction::Wanted;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

/// The Swedish profile's parameter, whose value is a JSON object.
const SWEDISH_USER_MESSAGE: &str = "https://id.oidc.se/param/userMessage";

/// In bytes of UTF-8: BankID shows what is at most 1,500 characters in base64, and fails a login with more.
pub const USER_MESSAGE_LIMIT: usize = 1500 / 4 * 3;

/// The parameters of a request, in order.
pub(super) type Parameters = Vec<(String, String)>;

/// The parameters that the dialect adds to the standard ones.
pub(super) fn dialect(profile: &Profile, wanted: &Wanted) -> Vec<(&'static str, String)> {
    let mut parameters = Vec::new();
    if let Some(claims) = claims(profile, wanted) {
        parameters.push(("claims", claims.to_string()));
    }
    if let Some(text) = &wanted.user_message {
        let shown = text.get(..text.floor_char_boundary(USER_MESSAGE_LIMIT));
        let encoded = STANDARD.encode(shown.unwrap_or_default());
        match profile.user_message {
            UserMessage::SwedishOidc => {
                let message = json!({ "message": encoded, "mime_type": "text/plain" });
                parameters.push((SWEDISH_USER_MESSAGE, message.to_string()));
            }
            UserMessage::LoginHint => parameters.push(("login_hint", format!("message:{encoded}"))),
            UserMessage::Nowhere => {}
        }
    }
    parameters
}

/// The `claims` parameter (OpenID Connect Core 1.0 section 5.5).
fn claims(profile: &Profile, wanted: &Wanted) -> Option<Value> {
    let mut id_token = Map::new();
    let mut user_info = Map::new();
    if profile.asking == Asking::EssentialClaim {
        let values = profile.asked_for(wanted.level);
        id_token.insert("acr".into(), json!({ "essential": true, "values": values }));
    }
    if profile.claims_one_by_one {
        let level_claims = profile.level_claims.iter().filter(|claim| *claim != "acr");
        for claim in profile.identity_claims.iter().chain(level_claims) {
            id_token.insert(claim.clone(), Value::Null);
            user_info.insert(claim.clone(), Value::Null);
        }
    }
    let parts = [("id_token", id_token), ("userinfo", user_info)];
    let asked: Map<_, _> = parts
        .into_iter()
        .filter(|(_, claims)| !claims.is_empty())
        .map(|(part, claims)| (part.to_owned(), Value::Object(claims)))
        .collect();
    (!asked.is_empty()).then_some(Value::Object(asked))
}

/// The parameters as a request object has them (RFC 9101 section 4, OpenID Connect Core 1.0 section 6.1): objects and
/// numbers are JSON and not text.
pub(super) fn as_claims(parameters: &[(String, String)]) -> Map<String, Value> {
    parameters
        .iter()
        .map(|(name, value)| {
            let json = match name.as_str() {
                "claims" | SWEDISH_USER_MESSAGE | "max_age" => serde_json::from_str(value).ok(),
                _ => None,
            };
            (name.clone(), json.unwrap_or_else(|| Value::String(value.clone())))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{as_claims, dialect};
    use crate::Assurance;
    use crate::oidc::{Family, Wanted};
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use serde_json::{Value, json};

    fn wanted() -> Wanted {
        Wanted {
            level: Assurance::Loa3,
            user_message: Some("Kommunfullmäktige 3 juni".into()),
            ..Wanted::default()
        }
    }

    fn parameter(family: Family, name: &str) -> Option<String> {
        dialect(&family.profile(), &wanted())
            .into_iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value)
    }

    #[test]
    fn the_swedish_profile_asks_for_the_level_as_an_essential_claim_and_for_the_rest_voluntarily() {
        let claims: Value = serde_json::from_str(&parameter(Family::SwedishOidc, "claims").unwrap()).unwrap();
        assert_eq!(claims["id_token"]["acr"]["essential"], json!(true));
        let values = claims["id_token"]["acr"]["values"].as_array().unwrap();
        assert!(values.contains(&json!("http://id.elegnamnden.se/loa/1.0/loa3")));
        assert!(!values.contains(&json!("http://id.elegnamnden.se/loa/1.0/loa2")));
        assert_eq!(
            claims["userinfo"]["https://id.oidc.se/claim/personalIdentityNumber"],
            Value::Null
        );
    }

    #[test]
    fn inera_is_asked_for_no_claim_that_could_fail_the_login() {
        assert_eq!(parameter(Family::Inera, "claims"), None);
    }

    #[test]
    fn the_text_for_the_person_is_in_base64_where_the_provider_shows_one() {
        let message: Value =
            serde_json::from_str(&parameter(Family::SwedishOidc, "https://id.oidc.se/param/userMessage").unwrap())
                .unwrap();
        let encoded = "S29tbXVuZnVsbG3DpGt0aWdlIDMganVuaQ==";
        assert_eq!(message, json!({"message": encoded, "mime_type": "text/plain"}));
        assert_eq!(
            parameter(Family::Idura, "login_hint"),
            Some(format!("message:{encoded}"))
        );
        assert_eq!(dialect(&Family::Inera.profile(), &wanted()), []);
    }

    #[test]
    fn a_text_that_is_too_long_to_show_is_cut_between_characters() {
        let wanted = Wanted {
            user_message: Some("å".repeat(2000)),
            ..wanted()
        };
        let parameters = dialect(&Family::Idura.profile(), &wanted);
        let encoded = parameters[0].1.strip_prefix("message:").unwrap();
        assert_eq!(STANDARD.decode(encoded).unwrap(), "å".repeat(562).as_bytes());
    }

    #[test]
    fn a_request_object_has_json_where_the_address_has_text() {
        let parameters = [("claims", "{\"id_token\":{}}"), ("max_age", "60"), ("state", "60")];
        let claims = as_claims(&parameters.map(|(name, value)| (name.to_owned(), value.to_owned())));
        assert_eq!(
            Value::Object(claims),
            json!({"claims": {"id_token": {}}, "max_age": 60, "state": "60"})
        );
    }
}
