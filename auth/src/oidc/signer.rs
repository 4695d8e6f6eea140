//! What we sign: client assertions (RFC 7523) and request objects (RFC 9101).

use super::error::OidcError;
use super::settings::{ClientAuthentication, SettingsError, SigningAlgorithm};
use crate::Secret;
use jsonwebtoken::{EncodingKey, Header, encode};
use serde_json::{Map, Value, json};

/// How long what we sign is good for: the way to the provider, and clocks that differ.
const LIFE_S: i64 = 120;

/// RFC 7523 section 2.2.
pub(super) const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Our private key.
pub(super) struct Signer {
    key: EncodingKey,
    kid: Option<String>,
    alg: SigningAlgorithm,
}

impl Signer {
    /// `None`: the client has a secret and no key.
    pub(super) fn new(id: &str, authentication: &ClientAuthentication) -> Result<Option<Self>, SettingsError> {
        let ClientAuthentication::PrivateKeyJwt { pem, kid, alg } = authentication else {
            return Ok(None);
        };
        let key = alg.key(pem.expose()).map_err(|error| SettingsError::Key {
            id: id.to_owned(),
            reason: error.to_string(),
            alg: *alg,
        })?;
        Ok(Some(Self {
            key,
            kid: kid.clone(),
            alg: *alg,
        }))
    }

    /// An assertion that we are `client_id`, for one use.
    pub(super) fn assertion(&self, client_id: &str, audience: &str, now_ms: i64) -> Result<String, OidcError> {
        let claims = json!({ "sub": client_id });
        self.sign(
            "JWT",
            claims.as_object().cloned().unwrap_or_default(),
            client_id,
            audience,
            now_ms,
        )
    }

    /// A request object with these parameters.
    pub(super) fn request_object(
        &self,
        parameters: Map<String, Value>,
        client_id: &str,
        issuer: &str,
        now_ms: i64,
    ) -> Result<String, OidcError> {
        self.sign("oauth-authz-req+jwt", parameters, client_id, issuer, now_ms)
    }

    fn sign(
        &self,
        typ: &str,
        mut claims: Map<String, Value>,
        client_id: &str,
        audience: &str,
        now_ms: i64,
    ) -> Result<String, OidcError> {
        let now_s = now_ms.div_euclid(1000);
        let jti = Secret::<16>::random()?.reveal();
        for (name, value) in [
            ("iss", json!(client_id)),
            ("aud", json!(audience)),
            ("iat", json!(now_s)),
            ("nbf", json!(now_s)),
            ("exp", json!(now_s.saturating_add(LIFE_S))),
            ("jti", json!(jti.as_str())),
        ] {
            claims.insert(name.to_owned(), value);
        }
        let mut header = Header::new(self.alg.jose());
        header.typ = Some(typ.to_owned());
        header.kid.clone_from(&self.kid);
        encode(&header, &claims, &self.key)
            .map_err(|error| OidcError::Ours(format!("nothing can be signed with the private key ({error})")))
    }
}
