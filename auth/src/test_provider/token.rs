//! The token endpoint, and UserInfo.

use super::NUMBER_CLAIM;
use super::params::Params;
use super::provider::{ACCESS_LIFETIME_MS, Provider};
use super::refusal::Refusal;
use super::request::AuthorizationRequest;
use crate::Digest;
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

/// An ID token is read at once; so long is it good, in seconds.
const ID_TOKEN_LIFETIME_S: i64 = 5 * 60;
/// RFC 7636 section 4.1.
const VERIFIER_CHARACTERS: std::ops::RangeInclusive<usize> = 43..=128;

const BAD_CODE: Refusal = Refusal::InvalidGrant("the code is unknown, used, expired or for another client or address");

/// One login of somebody to one client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Login {
    pub(super) client: String,
    pub(super) number: String,
    pub(super) acr: &'static str,
    pub(super) auth_time_s: i64,
    pub(super) sid: String,
    pub(super) nonce: Option<String>,
}

/// What a code stands for.
pub(super) struct Code {
    login: Login,
    redirect_uri: String,
    challenge: String,
    use_: Use,
}

/// A used code is remembered, so that its token can be revoked when it comes again (RFC 6749 section 4.1.2).
enum Use {
    Unused,
    Used { access_token: Option<String> },
}

impl Code {
    pub(super) fn new(login: Login, request: &AuthorizationRequest) -> Self {
        Self {
            login,
            redirect_uri: request.reply_to.redirect_uri.clone(),
            challenge: request.challenge.clone(),
            use_: Use::Unused,
        }
    }

    fn is_for(&self, client: &str, params: &Params) -> bool {
        let verifier = params.get("code_verifier").unwrap_or_default();
        let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()));
        self.login.client == client
            && params.get("redirect_uri") == Some(&self.redirect_uri)
            && VERIFIER_CHARACTERS.contains(&verifier.len())
            && verify_slices_are_equal(challenge.as_bytes(), self.challenge.as_bytes()).is_ok()
    }
}

impl Provider {
    /// Exchanges a code for tokens (OpenID Connect Core 1.0 section 3.1.3).
    pub(super) fn token(
        &mut self,
        params: &Params,
        authorization: Option<&str>,
        now_ms: i64,
    ) -> Result<Value, Refusal> {
        let client = self.authenticate(params, authorization, now_ms)?;
        if params.get("grant_type") != Some("authorization_code") {
            return Err(Refusal::UnsupportedGrantType);
        }
        let ticket = params.require("code", "code is missing")?;
        let login = self.spend(ticket, &client, params, now_ms)?;
        let access_token = self.access.issue(login.clone(), now_ms)?;
        let access_token = access_token.as_str();
        if let Some(code) = self.codes.find_mut(ticket, now_ms) {
            code.use_ = Use::Used {
                access_token: Some(access_token.to_owned()),
            };
        }
        Ok(json!({
            "access_token": access_token,
            "token_type": "Bearer",
            "expires_in": ACCESS_LIFETIME_MS / 1000,
            "scope": "openid",
            "id_token": self.id_token(&login, access_token, now_ms)?,
        }))
    }

    /// A code is used up by whatever client shows it, even one that it is not for: then it has leaked.
    fn spend(&mut self, ticket: &str, client: &str, params: &Params, now_ms: i64) -> Result<Login, Refusal> {
        let code = self.codes.find_mut(ticket, now_ms).ok_or(BAD_CODE)?;
        match std::mem::replace(&mut code.use_, Use::Used { access_token: None }) {
            Use::Unused if code.is_for(client, params) => Ok(code.login.clone()),
            Use::Unused | Use::Used { access_token: None } => Err(BAD_CODE),
            Use::Used {
                access_token: Some(token),
            } => {
                self.access.take(&token, now_ms);
                Err(BAD_CODE)
            }
        }
    }

    fn id_token(&self, login: &Login, access_token: &str, now_ms: i64) -> Result<String, Refusal> {
        let now_s = now_ms.div_euclid(1000);
        let mut claims = self.person_claims(&login.number).ok_or(BAD_CODE)?;
        let about_the_login = json!({
            "iss": self.issuer,
            "aud": login.client,
            "exp": now_s + ID_TOKEN_LIFETIME_S,
            "iat": now_s,
            "auth_time": login.auth_time_s,
            "acr": login.acr,
            "sid": login.sid,
            "at_hash": half_hash(access_token),
        });
        if let Value::Object(more) = about_the_login {
            claims.extend(more);
        }
        if let Some(nonce) = &login.nonce {
            claims.insert("nonce".into(), nonce.as_str().into());
        }
        self.keys.sign("JWT", &claims).map_err(|_| Refusal::ServerError)
    }

    /// The claims of the person whom an access token is about (OpenID Connect Core 1.0 section 5.3).
    pub(super) fn user_info(&self, authorization: Option<&str>, now_ms: i64) -> Result<Map<String, Value>, Refusal> {
        let unknown = Refusal::InvalidToken("the access token is unknown, expired or revoked");
        let (scheme, token) = authorization.and_then(|header| header.split_once(' ')).ok_or(unknown)?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(unknown);
        }
        let login = self.access.find(token, now_ms).ok_or(unknown)?;
        self.person_claims(&login.number).ok_or(unknown)
    }

    fn person_claims(&self, number: &str) -> Option<Map<String, Value>> {
        let person = self.person(number)?;
        let claims = json!({
            "sub": subject(number),
            "name": person.name,
            NUMBER_CLAIM: person.number,
            "groups": person.groups,
        });
        match claims {
            Value::Object(claims) => Some(claims),
            _ => None,
        }
    }
}

/// The same for a person at every login, and not the number itself.
pub(super) fn subject(number: &str) -> String {
    URL_SAFE_NO_PAD.encode(Digest::of("lika test identity subject", number.as_bytes()).as_bytes())
}

/// OpenID Connect Core 1.0 section 3.1.3.6: the left half of the hash.
fn half_hash(token: &str) -> String {
    let hash = digest(&SHA256, token.as_bytes());
    let (left, _) = hash.as_ref().split_at(hash.as_ref().len() / 2);
    URL_SAFE_NO_PAD.encode(left)
}
