//! The authorization endpoint, and the one for pushed requests.

use super::client::audience;
use super::level::Level;
use super::params::Params;
use super::provider::{Browser, Provider, Session, Transaction, browser_digest, form_of};
use super::refusal::Refusal;
use super::request::{AuthorizationRequest, Prompt, Refused, ReturnAddress};
use super::token::{Code, Login};
use serde_json::{Map, Value};
use url::Url;

/// How an address of a pushed request begins (RFC 9126 section 2.2).
const PUSHED_PREFIX: &str = "urn:ietf:params:oauth:request_uri:";

const BAD_REQUEST_OBJECT: Refusal = Refusal::InvalidRequestObject(
    "the request object is not signed with the client's key, expired, or for somebody else",
);

/// What happens to a browser.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The person is asked, under this ticket.
    Ask { transaction: String, new: Option<Browser> },
    /// It goes back to the client.
    Return { to: String, signed_in: Option<String> },
}

impl Provider {
    /// Keeps a request; its `request_uri`.
    pub(super) fn push(
        &mut self,
        params: &Params,
        authorization: Option<&str>,
        now_ms: i64,
    ) -> Result<String, Refusal> {
        let client = self.authenticate(params, authorization, now_ms)?;
        if params.get("request_uri").is_some() {
            return Err(Refusal::InvalidRequest("a pushed request has no request_uri"));
        }
        let request = self.read(params, &client, now_ms).map_err(|refused| refused.refusal)?;
        let ticket = self.pushed.issue(request, now_ms)?;
        Ok(format!("{PUSHED_PREFIX}{}", ticket.as_str()))
    }

    /// Answers a request at once, or has the person asked.
    pub(super) fn authorize(
        &mut self,
        params: &Params,
        browser: Option<&Browser>,
        now_ms: i64,
    ) -> Result<Step, Refused> {
        let client = params.require("client_id", "client_id is missing")?;
        self.client(client)?;
        let request = match params.get("request_uri") {
            Some(uri) => self.pushed_request(uri, client, now_ms)?,
            None => self.read(params, client, now_ms)?,
        };
        if let Some(session) = self.sufficient_session(&request, browser, now_ms) {
            let to = self.grant(&request, &session, now_ms);
            let to = to.map_err(|refusal| request.refused(refusal))?;
            self.note_client(browser, &request.reply_to.client, now_ms);
            return Ok(Step::Return { to, signed_in: None });
        }
        if request.prompt == Prompt::Never {
            return Err(request.refused(Refusal::LoginRequired));
        }
        self.ask(request, browser, now_ms)
    }

    /// The request that a person of this browser is asked about.
    pub(super) fn asked(
        &self,
        transaction: &str,
        browser: Option<&Browser>,
        now_ms: i64,
    ) -> Result<&AuthorizationRequest, Refusal> {
        let found = self.transactions.find(transaction, now_ms).ok_or(Refusal::Over)?;
        let own = browser.is_some_and(|browser| browser_digest(browser) == found.browser);
        own.then_some(&found.request).ok_or(Refusal::Over)
    }

    /// The person has chosen.
    pub(super) fn decide(&mut self, form: &Params, browser: Option<&Browser>, now_ms: i64) -> Result<Step, Refused> {
        let browser = form_of(form, browser)?;
        let transaction = form.get("transaction").ok_or(Refusal::Over)?;
        let request = self.asked(transaction, Some(browser), now_ms)?.clone();
        let choice = self.choice(form)?;
        self.transactions.take(transaction, now_ms);
        let outcome = match choice {
            Some((number, level)) => self.sign_in(&request, browser, (number, level), now_ms),
            None => Err(Refusal::AccessDenied),
        };
        outcome.map_err(|refusal| request.refused(refusal))
    }

    /// Who, and at which level; `None`: nobody, the person cancelled.
    fn choice(&self, form: &Params) -> Result<Option<(String, Level)>, Refusal> {
        if form.get("decision") != Some("sign") {
            return Ok(None);
        }
        let person = form.get("person").and_then(|number| self.person(number));
        let level = form.get("level").and_then(Level::of_digit);
        match (person, level) {
            (Some(person), Some(level)) => Ok(Some((person.number.clone(), level))),
            _ => Err(Refusal::InvalidRequest("no person or no level is chosen")),
        }
    }

    fn sign_in(
        &mut self,
        request: &AuthorizationRequest,
        browser: &Browser,
        (number, level): (String, Level),
        now_ms: i64,
    ) -> Result<Step, Refusal> {
        if request.wanted.delivers(level).is_none() {
            return Err(Refusal::UnmetAuthenticationRequirements);
        }
        let session = Session {
            number,
            level,
            auth_time_s: now_ms.div_euclid(1000),
            sid: Browser::random()?.reveal().to_string(),
            clients: vec![request.reply_to.client.clone()],
        };
        let to = self.grant(request, &session, now_ms)?;
        self.sessions.take(&browser.reveal(), now_ms);
        let cookie = self.sessions.issue(session, now_ms)?;
        Ok(Step::Return {
            to,
            signed_in: Some(cookie.to_string()),
        })
    }

    fn pushed_request(&mut self, uri: &str, client: &str, now_ms: i64) -> Result<AuthorizationRequest, Refusal> {
        let unknown = Refusal::InvalidRequestUri("request_uri is unknown, used or expired");
        let ticket = uri.strip_prefix(PUSHED_PREFIX).ok_or(unknown)?;
        let request = self.pushed.find(ticket, now_ms).ok_or(unknown)?;
        if request.reply_to.client != client {
            return Err(unknown);
        }
        self.pushed.take(ticket, now_ms).ok_or(unknown)
    }

    /// Reads a request. If it has a request object, that alone counts (RFC 9101 section 6.3).
    fn read(&self, params: &Params, client: &str, now_ms: i64) -> Result<AuthorizationRequest, Refused> {
        let registered = self.client(client)?;
        let Some(object) = params.get("request") else {
            return AuthorizationRequest::read(params, &registered.client);
        };
        let claims = registered.key().and_then(|key| key.claims_of(object));
        let claims = claims.ok_or(BAD_REQUEST_OBJECT)?;
        if !self.accepts_object(&claims, client, now_ms) {
            return Err(BAD_REQUEST_OBJECT.into());
        }
        AuthorizationRequest::read(&Params::of_claims(claims)?, &registered.client)
    }

    fn accepts_object(&self, claims: &Map<String, Value>, client: &str, now_ms: i64) -> bool {
        let now_s = now_ms.div_euclid(1000);
        let text = |name| claims.get(name).and_then(Value::as_str);
        let time = |name| claims.get(name).and_then(Value::as_i64);
        text("client_id") == Some(client)
            && text("iss").is_none_or(|issuer| issuer == client)
            && audience(claims) == Some(&self.issuer)
            && (claims.get("exp").is_none() || time("exp").is_some_and(|expires_s| now_s < expires_s))
            && (claims.get("nbf").is_none() || time("nbf").is_some_and(|begins_s| begins_s <= now_s))
    }

    fn sufficient_session(
        &self,
        request: &AuthorizationRequest,
        browser: Option<&Browser>,
        now_ms: i64,
    ) -> Option<Session> {
        let session = self.session(browser, now_ms)?;
        let age_s = now_ms.div_euclid(1000) - session.auth_time_s;
        let young = request.max_age_s.is_none_or(|max_age_s| age_s <= max_age_s);
        let wish = &request.wanted;
        let level = wish.levels.is_empty() || wish.levels.iter().any(|level| *level <= session.level);
        (request.prompt != Prompt::Always && young && level).then(|| session.clone())
    }

    fn ask(&mut self, request: AuthorizationRequest, browser: Option<&Browser>, now_ms: i64) -> Result<Step, Refused> {
        let new = match browser {
            Some(_) => None,
            None => Some(Browser::random().map_err(Refusal::from)?),
        };
        let Some(known) = browser.or(new.as_ref()) else {
            return Err(Refusal::ServerError.into());
        };
        let transaction = Transaction {
            browser: browser_digest(known),
            request,
        };
        let ticket = self.transactions.issue(transaction, now_ms).map_err(Refusal::from)?;
        Ok(Step::Ask {
            transaction: ticket.to_string(),
            new,
        })
    }

    /// A code for the client; the address it is sent to.
    fn grant(&mut self, request: &AuthorizationRequest, session: &Session, now_ms: i64) -> Result<String, Refusal> {
        let level = request.wanted.delivers(session.level);
        let login = Login {
            client: request.reply_to.client.clone(),
            number: session.number.clone(),
            acr: level.ok_or(Refusal::UnmetAuthenticationRequirements)?.acr(),
            auth_time_s: session.auth_time_s,
            sid: session.sid.clone(),
            nonce: request.nonce.clone(),
        };
        let code = Code::new(login, request);
        let code = self.codes.issue(code, now_ms)?;
        request.reply_to.with(&self.issuer, [("code", code.as_str())])
    }

    fn note_client(&mut self, browser: Option<&Browser>, client: &str, now_ms: i64) {
        let session = browser.and_then(|browser| self.sessions.find_mut(&browser.reveal(), now_ms));
        if let Some(session) = session.filter(|session| !session.clients.iter().any(|known| known == client)) {
            session.clients.push(client.to_owned());
        }
    }
}

impl AuthorizationRequest {
    fn refused(&self, refusal: Refusal) -> Refused {
        Refused {
            refusal,
            reply_to: Some(self.reply_to.clone()),
        }
    }
}

impl ReturnAddress {
    /// With an answer: `state` and `iss` belong to every one (RFC 9207 section 2).
    fn with<'a>(&self, issuer: &str, answer: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<String, Refusal> {
        let mut url = Url::parse(&self.redirect_uri).map_err(|_| Refusal::ServerError)?;
        let state = self.state.as_deref().map(|state| ("state", state));
        url.query_pairs_mut()
            .extend_pairs(answer)
            .extend_pairs(state)
            .append_pair("iss", issuer);
        Ok(url.into())
    }

    /// The answer that refuses.
    pub(super) fn with_refusal(&self, issuer: &str, refusal: Refusal) -> Result<String, Refusal> {
        let description = refusal.to_string();
        self.with(issuer, [("error", refusal.code()), ("error_description", &description)])
    }
}
