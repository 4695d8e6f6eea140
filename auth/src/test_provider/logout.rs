//! Logging out: RP-Initiated Logout 1.0, and what the clients are told by Back-Channel Logout 1.0.

use super::client::{Registered, audience};
use super::params::Params;
use super::provider::{Browser, Provider, Session, form_of};
use super::refusal::Refusal;
use super::token::subject;
use serde_json::{Map, Value, json};
use url::Url;

/// A logout token is read at once; so long is it good, in seconds (Back-Channel Logout 1.0 section 2.4).
const LOGOUT_TOKEN_LIFETIME_S: i64 = 2 * 60;
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// A logout that a client asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct LogoutRequest {
    pub(super) client: Option<String>,
    pub(super) return_to: Option<String>,
    pub(super) state: Option<String>,
}

/// A logout token, and where it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LogoutNotice {
    pub(super) uri: String,
    pub(super) token: String,
}

/// Nobody is signed in any longer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct LoggedOut {
    pub(super) notices: Vec<LogoutNotice>,
    /// Where the browser goes; `None`: it is told so here.
    pub(super) location: Option<String>,
}

impl Provider {
    /// Reads a request (RP-Initiated Logout 1.0 section 2). The address to return to is compared letter by letter.
    pub(super) fn logout_request(&self, params: &Params) -> Result<LogoutRequest, Refusal> {
        let hint = params
            .get("id_token_hint")
            .map(|token| self.hinted_client(token))
            .transpose()?;
        let client = match (params.get("client_id"), hint) {
            (Some(named), Some(hinted)) if named != hinted => {
                return Err(Refusal::InvalidRequest("id_token_hint is for another client"));
            }
            (named, hinted) => named.map(str::to_owned).or(hinted),
        };
        let registered = client.as_deref().map(|id| self.client(id)).transpose()?;
        let return_to = params.get("post_logout_redirect_uri");
        if return_to.is_some_and(|uri| !may_return_to(registered, uri)) {
            return Err(Refusal::InvalidRequest(
                "post_logout_redirect_uri is not registered for the client",
            ));
        }
        Ok(LogoutRequest {
            client,
            return_to: return_to.map(str::to_owned),
            state: params.get("state").map(str::to_owned),
        })
    }

    /// Ends the session of the browser whose form this is.
    pub(super) fn log_out(
        &mut self,
        form: &Params,
        browser: Option<&Browser>,
        now_ms: i64,
    ) -> Result<LoggedOut, Refusal> {
        let browser = form_of(form, browser)?;
        let request = self.logout_request(form)?;
        let session = self.sessions.take(&browser.reveal(), now_ms);
        let notices = session.map(|session| self.notices(&session, now_ms));
        Ok(LoggedOut {
            notices: notices.transpose()?.unwrap_or_default(),
            location: request.location(),
        })
    }

    fn hinted_client(&self, token: &str) -> Result<String, Refusal> {
        let claims: Map<String, Value> = self.keys.open(token).unwrap_or_default();
        let own = claims.get("iss").and_then(Value::as_str) == Some(&self.issuer);
        let client = audience(&claims).filter(|_| own);
        client
            .map(str::to_owned)
            .ok_or(Refusal::InvalidRequest("id_token_hint is no ID token of this provider"))
    }

    fn notices(&self, session: &Session, now_ms: i64) -> Result<Vec<LogoutNotice>, Refusal> {
        let told = session.clients.iter().filter_map(|id| self.client(id).ok());
        told.filter_map(|registered| {
            let uri = registered.client.back_channel_logout_uri.clone()?;
            let token = self.logout_token(session, &registered.client.id, now_ms);
            Some(token.map(|token| LogoutNotice { uri, token }))
        })
        .collect()
    }

    fn logout_token(&self, session: &Session, client: &str, now_ms: i64) -> Result<String, Refusal> {
        let now_s = now_ms.div_euclid(1000);
        let claims = json!({
            "iss": self.issuer,
            "sub": subject(&session.number),
            "aud": client,
            "iat": now_s,
            "exp": now_s + LOGOUT_TOKEN_LIFETIME_S,
            "jti": Browser::random()?.reveal().as_str(),
            "sid": session.sid,
            "events": { EVENT: {} },
        });
        self.keys.sign("logout+jwt", &claims).map_err(|_| Refusal::ServerError)
    }
}

impl LogoutRequest {
    pub(super) fn location(&self) -> Option<String> {
        let mut url = Url::parse(self.return_to.as_deref()?).ok()?;
        if let Some(state) = &self.state {
            url.query_pairs_mut().append_pair("state", state);
        }
        Some(url.into())
    }
}

fn may_return_to(registered: Option<&Registered>, uri: &str) -> bool {
    let own = registered.map(|registered| registered.client.post_logout_redirect_uris.as_slice());
    own.unwrap_or_default().iter().any(|known| known == uri)
}
