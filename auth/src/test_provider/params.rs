//! Parameters of a request, as a query, a form or the claims of a request object carry them.

use super::refusal::Refusal;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// More of them is no request that this provider knows.
const MAX_PARAMETERS: usize = 40;
/// A longer value belongs to no parameter that this provider knows; a request object is the longest.
const MAX_VALUE_BYTES: usize = 16 * 1024;

/// Each has one value. One without a value counts as left out (RFC 6749 section 3.1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Params(BTreeMap<String, String>);

impl Params {
    /// Reads `application/x-www-form-urlencoded`.
    pub(super) fn read(encoded: &str) -> Result<Self, Refusal> {
        let mut read = Self::default();
        for (name, value) in url::form_urlencoded::parse(encoded.as_bytes()) {
            read.add(name.into_owned(), value.into_owned())?;
        }
        Ok(read)
    }

    /// Reads the claims of a request object (RFC 9101 section 4): numbers and objects stand for their JSON.
    pub(super) fn of_claims(claims: Map<String, Value>) -> Result<Self, Refusal> {
        let mut read = Self::default();
        for (name, value) in claims {
            let text = match value {
                Value::Null => continue,
                Value::String(text) => text,
                other => other.to_string(),
            };
            read.add(name, text)?;
        }
        Ok(read)
    }

    fn add(&mut self, name: String, value: String) -> Result<(), Refusal> {
        if value.len() > MAX_VALUE_BYTES || self.0.len() >= MAX_PARAMETERS {
            return Err(Refusal::InvalidRequest("the request is too large"));
        }
        if value.is_empty() {
            return Ok(());
        }
        match self.0.insert(name, value) {
            None => Ok(()),
            Some(_) => Err(Refusal::InvalidRequest("a parameter is given twice")),
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    pub(super) fn require(&self, name: &str, otherwise: &'static str) -> Result<&str, Refusal> {
        self.get(name).ok_or(Refusal::InvalidRequest(otherwise))
    }

    /// The parts of a value that is a list with spaces.
    pub(super) fn list(&self, name: &str) -> impl Iterator<Item = &str> {
        self.get(name).unwrap_or_default().split_ascii_whitespace()
    }
}

#[cfg(test)]
mod tests {
    use super::Params;

    #[test]
    fn a_form_is_read() {
        let params = Params::read("a=1&b=x+y%C3%A5&c=").unwrap();
        assert_eq!(params.get("a"), Some("1"));
        assert_eq!(params.list("b").collect::<Vec<_>>(), ["x", "yå"]);
        assert_eq!(params.get("c"), None);
    }

    #[test]
    fn a_parameter_given_twice_is_refused() {
        assert!(Params::read("a=1&a=2").is_err());
        assert!(Params::read("a=1&a=1").is_err());
    }

    #[test]
    fn a_request_has_limits() {
        assert!(Params::read(&format!("a={}", "x".repeat(20_000))).is_err());
        let many: String = (0..50).map(|i| format!("p{i}=1&")).collect();
        assert!(Params::read(&many).is_err());
    }

    #[test]
    fn claims_that_are_no_text_stand_for_their_json() {
        let claims = serde_json::json!({ "max_age": 60, "claims": { "id_token": {} }, "state": "s", "nonce": null });
        let params = Params::of_claims(claims.as_object().unwrap().clone()).unwrap();
        assert_eq!(params.get("max_age"), Some("60"));
        assert_eq!(params.get("claims"), Some(r#"{"id_token":{}}"#));
        assert_eq!(params.get("state"), Some("s"));
        assert_eq!(params.get("nonce"), None);
    }
}
