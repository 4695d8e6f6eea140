//! The relying parties, and how they prove who they are.

use super::keys::claims_of;
use super::params::Params;
use super::refusal::Refusal;
use super::table::Seen;
use super::{Authentication, Client, ProviderError};
use crate::Secret;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::{Map, Value};

/// The one `client_assertion_type` (RFC 7523 section 2.2).
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// An assertion may be good for so long from now, in seconds; it is remembered as long.
const ASSERTION_LIFETIME_S: i64 = 5 * 60;

const WRONG_SECRET: Refusal = Refusal::InvalidClient("the client's secret is wrong");
const BAD_ASSERTION: Refusal = Refusal::InvalidClient(
    "the client's assertion is not signed with its key, expired, too long-lived, used before or for somebody else",
);

/// A public key of a client, with what it may sign with.
pub(super) struct ClientKey {
    key: DecodingKey,
    algorithms: &'static [Algorithm],
}

impl ClientKey {
    fn of_pem(pem: &str) -> Option<Self> {
        let elliptic = DecodingKey::from_ec_pem(pem.as_bytes()).map(|key| Self {
            key,
            algorithms: &[Algorithm::ES256],
        });
        let rsa = || {
            DecodingKey::from_rsa_pem(pem.as_bytes()).map(|key| Self {
                key,
                algorithms: &[Algorithm::RS256, Algorithm::PS256],
            })
        };
        elliptic.or_else(|_| rsa()).ok()
    }

    pub(super) fn claims_of(&self, token: &str) -> Option<Map<String, Value>> {
        claims_of(token, &self.key, self.algorithms)
    }
}

enum Proof {
    Secret(Secret<32>),
    Key(ClientKey),
}

pub(super) struct Registered {
    pub(super) client: Client,
    proof: Proof,
}

impl Registered {
    pub(super) fn new(client: Client) -> Result<Self, ProviderError> {
        let proof = match &client.authentication {
            Authentication::Secret(secret) => Proof::Secret(secret.clone()),
            Authentication::PublicKey(pem) => {
                let key = ClientKey::of_pem(pem).ok_or_else(|| ProviderError::ClientKey(client.id.clone()))?;
                Proof::Key(key)
            }
        };
        Ok(Self { client, proof })
    }

    pub(super) fn key(&self) -> Option<&ClientKey> {
        match &self.proof {
            Proof::Key(key) => Some(key),
            Proof::Secret(_) => None,
        }
    }
}

/// What a client shows at an endpoint of its own: one of the three ways (RFC 6749 section 2.3, RFC 7523 section 2.2).
enum Shown<'a> {
    Secret { id: String, secret: String },
    Assertion(&'a str),
}

impl<'a> Shown<'a> {
    fn read(params: &'a Params, authorization: Option<&str>) -> Result<Self, Refusal> {
        let assertion = params.get("client_assertion");
        match (authorization, params.get("client_secret"), assertion) {
            (Some(header), None, None) => {
                let (id, secret) =
                    basic(header).ok_or(Refusal::InvalidClient("that is no HTTP Basic authentication"))?;
                Ok(Self::Secret { id, secret })
            }
            (None, Some(secret), None) => Ok(Self::Secret {
                id: params.require("client_id", "client_id is missing")?.to_owned(),
                secret: secret.to_owned(),
            }),
            (None, None, Some(assertion)) => Ok(Self::Assertion(assertion)),
            (None, None, None) => Err(Refusal::InvalidClient("the client does not authenticate")),
            _ => Err(Refusal::InvalidRequest("the client authenticates in two ways")),
        }
    }
}

/// Both parts are form-encoded before they are put together (RFC 6749 section 2.3.1).
fn basic(header: &str) -> Option<(String, String)> {
    let (scheme, credentials) = header.split_once(' ')?;
    let decoded = String::from_utf8(STANDARD.decode(credentials.trim()).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    let plain = |part: &str| {
        let encoded = format!("x={part}");
        let (_, value) = url::form_urlencoded::parse(encoded.as_bytes()).next()?;
        Some(value.into_owned())
    };
    scheme
        .eq_ignore_ascii_case("basic")
        .then(|| Some((plain(id)?, plain(secret)?)))?
}

/// Which client this is.
pub(super) struct Authenticator<'a> {
    pub(super) clients: &'a [Registered],
    pub(super) seen: &'a mut Seen,
    /// What an assertion may name as its audience: the issuer or an endpoint (RFC 7523 section 3, RFC 9126 section 2).
    pub(super) audiences: &'a [String],
    pub(super) now_ms: i64,
}

impl<'a> Authenticator<'a> {
    pub(super) fn authenticate(
        &mut self,
        params: &Params,
        authorization: Option<&str>,
    ) -> Result<&'a Registered, Refusal> {
        let registered = match Shown::read(params, authorization)? {
            Shown::Secret { id, secret } => self.by_secret(&id, &secret)?,
            Shown::Assertion(assertion) => self.by_assertion(params, assertion)?,
        };
        match params.get("client_id") {
            Some(id) if id != registered.client.id => Err(Refusal::InvalidRequest("client_id is another client's")),
            _ => Ok(registered),
        }
    }

    fn by_secret(&self, id: &str, secret: &str) -> Result<&'a Registered, Refusal> {
        let registered = find(self.clients, id).ok_or(WRONG_SECRET)?;
        match (&registered.proof, Secret::parse(secret)) {
            (Proof::Secret(right), Some(shown)) if *right == shown => Ok(registered),
            _ => Err(WRONG_SECRET),
        }
    }

    fn by_assertion(&mut self, params: &Params, assertion: &str) -> Result<&'a Registered, Refusal> {
        if params.get("client_assertion_type") != Some(JWT_BEARER) {
            return Err(Refusal::InvalidRequest("client_assertion_type is not that of a JWT"));
        }
        let said: Map<String, Value> =
            jsonwebtoken::dangerous::insecure_decode_claims(assertion).map_err(|_| BAD_ASSERTION)?;
        let id = said.get("sub").and_then(Value::as_str).ok_or(BAD_ASSERTION)?;
        let registered = find(self.clients, id).ok_or(BAD_ASSERTION)?;
        let claims = registered.key().and_then(|key| key.claims_of(assertion));
        self.judge(id, &claims.ok_or(BAD_ASSERTION)?).ok_or(BAD_ASSERTION)?;
        Ok(registered)
    }

    /// RFC 7523 section 3, with what OpenID Connect Core 1.0 section 9 requires.
    fn judge(&mut self, id: &str, claims: &Map<String, Value>) -> Option<()> {
        let text = |name| claims.get(name).and_then(Value::as_str);
        let now_s = self.now_ms.div_euclid(1000);
        let expires_s = claims.get("exp").and_then(Value::as_i64)?;
        let begins_s = claims.get("nbf").and_then(Value::as_i64).unwrap_or(now_s);
        let in_time = begins_s <= now_s && now_s < expires_s && expires_s <= now_s.saturating_add(ASSERTION_LIFETIME_S);
        let for_us = audience(claims).is_some_and(|audience| self.audiences.iter().any(|own| own == audience));
        let judged = text("iss") == Some(id) && text("sub") == Some(id) && in_time && for_us;
        let until_ms = expires_s.saturating_mul(1000);
        (judged && self.seen.is_new(id, text("jti")?, until_ms, self.now_ms)).then_some(())
    }
}

pub(super) fn find<'a>(clients: &'a [Registered], id: &str) -> Option<&'a Registered> {
    clients.iter().find(|registered| registered.client.id == id)
}

/// The one audience: what is meant for others as well is not accepted.
pub(super) fn audience(claims: &Map<String, Value>) -> Option<&str> {
    match claims.get("aud")? {
        Value::String(only) => Some(only),
        Value::Array(several) => match several.as_slice() {
            [only] => only.as_str(),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{audience, basic};
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use serde_json::json;

    #[test]
    fn basic_authentication_is_form_encoded() {
        let header = format!("Basic {}", STANDARD.encode("https%3A%2F%2Fclient:a+b%2B"));
        assert_eq!(basic(&header), Some(("https://client".into(), "a b+".into())));
        for bad in ["Basic", "Basic !", "Bearer YTpi", ""] {
            assert_eq!(basic(bad), None, "{bad}");
        }
    }

    #[test]
    fn an_audience_is_one() {
        let of = |aud| audience(json!({ "aud": aud }).as_object().unwrap()).map(str::to_owned);
        assert_eq!(of(json!("a")), Some("a".into()));
        assert_eq!(of(json!(["a"])), Some("a".into()));
        assert_eq!(of(json!(["a", "b"])), None);
        assert_eq!(of(json!(1)), None);
    }
}
