//! What a client asks to have shown while the person signs.

use super::words::Language;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::Value;

/// More is not read in the moment of signing.
const MAX_CHARACTERS: usize = 2000;

/// The text in a user message: an object whose `message` is text in base64, with a variant for each language
/// (`message#sv`; Authentication Request Parameter Extensions for the Swedish OpenID Connect Profile 1.1 section 2.1).
/// The text in base64 alone is understood as well. What cannot be read is not shown.
pub(super) fn user_message(value: &str, language: Language) -> Option<String> {
    let encoded = match serde_json::from_str::<Value>(value) {
        Ok(Value::Object(object)) => {
            let tagged = object.get(&format!("message#{}", language.tag()));
            tagged.or_else(|| object.get("message"))?.as_str()?.to_owned()
        }
        _ => value.to_owned(),
    };
    let bytes = STANDARD
        .decode(&encoded)
        .or_else(|_| URL_SAFE_NO_PAD.decode(encoded.trim_end_matches('=')))
        .ok()?;
    let text = String::from_utf8(bytes).ok()?;
    Some(text.chars().take(MAX_CHARACTERS).collect())
}

#[cfg(test)]
mod tests {
    use super::{MAX_CHARACTERS, user_message};
    use crate::test_provider::words::Language;
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use serde_json::json;

    #[test]
    fn a_message_is_read_in_the_persons_language() {
        let [plain, swedish] = ["Sign in", "Legitimera dig för sammanträdet"].map(|text| STANDARD.encode(text));
        let value = json!({ "message": plain, "message#sv": swedish, "mime_type": "text/plain" }).to_string();
        assert_eq!(
            user_message(&value, Language::Swedish).as_deref(),
            Some("Legitimera dig för sammanträdet")
        );
        assert_eq!(user_message(&value, Language::English).as_deref(), Some("Sign in"));
    }

    #[test]
    fn a_bare_text_is_read() {
        assert_eq!(
            user_message(&STANDARD.encode("å>?"), Language::Swedish).as_deref(),
            Some("å>?")
        );
    }

    #[test]
    fn nonsense_is_not_shown_and_a_flood_is_cut() {
        for bad in ["{}", "!", r#"{"message":1}"#, "/w=="] {
            assert_eq!(user_message(bad, Language::Swedish), None, "{bad}");
        }
        let long = user_message(&STANDARD.encode("x".repeat(9000)), Language::Swedish).unwrap();
        assert_eq!(long.len(), MAX_CHARACTERS);
    }
}
