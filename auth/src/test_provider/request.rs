//! An authorization request (OpenID Connect Core 1.0 section 3.1.2.1) that can be answered.

use super::Client;
use super::level::Wanted;
use super::message::user_message;
use super::params::Params;
use super::refusal::Refusal;
use super::words::Language;
use serde_json::Value;

/// The challenge of S256 is 32 bytes in base64url (RFC 7636 section 4.2).
const CHALLENGE_CHARACTERS: usize = 43;
/// Longer than any client's.
const MAX_STATE_BYTES: usize = 2048;

/// Where the answer goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ReturnAddress {
    pub(super) client: String,
    pub(super) redirect_uri: String,
    pub(super) state: Option<String>,
}

/// Whether the person is to be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Prompt {
    IfNeeded,
    Never,
    Always,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct AuthorizationRequest {
    pub(super) reply_to: ReturnAddress,
    pub(super) nonce: Option<String>,
    pub(super) challenge: String,
    pub(super) prompt: Prompt,
    pub(super) max_age_s: Option<i64>,
    pub(super) wanted: Wanted,
    pub(super) language: Language,
    /// What the client asks to have shown.
    pub(super) message: Option<String>,
}

/// A refusal, and where it goes. `None`: the person is told, for the client is not known or the address is not its own
/// (RFC 6749 section 4.1.2.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) refusal: Refusal,
    pub(super) reply_to: Option<ReturnAddress>,
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self {
            refusal,
            reply_to: None,
        }
    }
}

impl ReturnAddress {
    /// The address is compared letter by letter (RFC 9700 section 2.1).
    fn read(params: &Params, client: &Client) -> Result<Self, Refusal> {
        let redirect_uri = params.require("redirect_uri", "redirect_uri is missing")?;
        if !client.redirect_uris.iter().any(|registered| registered == redirect_uri) {
            return Err(Refusal::InvalidRequest("redirect_uri is not registered for the client"));
        }
        let state = params.get("state");
        if state.is_some_and(|state| state.len() > MAX_STATE_BYTES) {
            return Err(Refusal::InvalidRequest("state is too long"));
        }
        Ok(Self {
            client: client.id.clone(),
            redirect_uri: redirect_uri.to_owned(),
            state: state.map(str::to_owned),
        })
    }
}

impl AuthorizationRequest {
    pub(super) fn read(params: &Params, client: &Client) -> Result<Self, Refused> {
        let reply_to = ReturnAddress::read(params, client)?;
        Self::read_rest(params, reply_to.clone()).map_err(|refusal| Refused {
            refusal,
            reply_to: Some(reply_to),
        })
    }

    fn read_rest(params: &Params, reply_to: ReturnAddress) -> Result<Self, Refusal> {
        if params.get("response_type") != Some("code") {
            return Err(Refusal::UnsupportedResponseType);
        }
        if params.get("response_mode").is_some_and(|mode| mode != "query") {
            return Err(Refusal::InvalidRequest("only response_mode=query is offered"));
        }
        if !params.list("scope").any(|scope| scope == "openid") {
            return Err(Refusal::InvalidScope("the scope openid is missing"));
        }
        let language = Language::of(params.list("ui_locales"));
        Ok(Self {
            reply_to,
            nonce: params.get("nonce").map(str::to_owned),
            challenge: challenge(params)?,
            prompt: prompt(params)?,
            max_age_s: max_age(params)?,
            wanted: wanted(params)?,
            language,
            message: params
                .get(super::USER_MESSAGE)
                .and_then(|value| user_message(value, language)),
        })
    }
}

/// PKCE is required, and not in its plain form (RFC 7636, RFC 9700 section 2.1.1).
fn challenge(params: &Params) -> Result<String, Refusal> {
    let challenge = params.require("code_challenge", "code_challenge is missing (PKCE is required)")?;
    if params.get("code_challenge_method") != Some("S256") {
        return Err(Refusal::InvalidRequest("code_challenge_method is not S256"));
    }
    let well_formed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if challenge.len() != CHALLENGE_CHARACTERS || !challenge.bytes().all(well_formed) {
        return Err(Refusal::InvalidRequest("code_challenge is not a SHA-256 in base64url"));
    }
    Ok(challenge.to_owned())
}

fn prompt(params: &Params) -> Result<Prompt, Refusal> {
    let mut prompts = params.list("prompt").peekable();
    if prompts.peek().is_none() {
        return Ok(Prompt::IfNeeded);
    }
    let (mut never, mut always) = (false, false);
    for prompt in prompts {
        match prompt {
            "none" => never = true,
            "login" | "consent" | "select_account" => always = true,
            _ => return Err(Refusal::InvalidRequest("that prompt is unknown")),
        }
    }
    match (never, always) {
        (true, true) => Err(Refusal::InvalidRequest("prompt=none stands alone")),
        (true, false) => Ok(Prompt::Never),
        (false, _) => Ok(Prompt::Always),
    }
}

fn max_age(params: &Params) -> Result<Option<i64>, Refusal> {
    let read = |text: &str| text.parse::<u32>().map(i64::from);
    let age = params.get("max_age").map(read).transpose();
    age.map_err(|_| Refusal::InvalidRequest("max_age is no number of seconds"))
}

/// The `claims` parameter (OpenID Connect Core 1.0 section 5.5) goes before `acr_values`, which is a wish only.
fn wanted(params: &Params) -> Result<Wanted, Refusal> {
    let claims: Value = match params.get("claims") {
        Some(json) => serde_json::from_str(json).map_err(|_| Refusal::InvalidRequest("claims is no JSON"))?,
        None => Value::Null,
    };
    let wanted = match claims.pointer("/id_token/acr") {
        Some(acr) => wanted_by_claim(acr),
        None => Wanted::new(params.list("acr_values"), false),
    };
    if wanted.is_hopeless() {
        return Err(Refusal::UnmetAuthenticationRequirements);
    }
    Ok(wanted)
}

fn wanted_by_claim(acr: &Value) -> Wanted {
    let essential = acr.get("essential").and_then(Value::as_bool).unwrap_or(false);
    let values = acr.get("values").and_then(Value::as_array).into_iter().flatten();
    Wanted::new(
        acr.get("value").into_iter().chain(values).filter_map(Value::as_str),
        essential,
    )
}
