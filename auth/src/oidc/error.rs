//! Why a login did not come about.

use super::http::HttpError;
use super::identity_number::IdentityError;
use crate::Assurance;
use crate::secret::NoRandomness;
use thiserror::Error;

/// Why a login, or a message about a logout, was refused. What a provider wrote is shortened and free of control
/// characters; no token, code or identity is told.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum OidcError {
    /// No answer that can be used.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// The metadata is not to be trusted or lacks something.
    #[error("the provider's metadata cannot be used: {0}; check issuer in the settings with `lika doctor oidc`")]
    Metadata(String),
    /// The request was refused before the person saw anything (RFC 9126).
    #[error("the provider refused the request ({code}{}); check client, redirect_uri and scopes", detail(.description))]
    Request {
        /// RFC 6749 section 5.2.
        code: String,
        /// The provider's words.
        description: Option<String>,
    },
    /// We have nothing to send, sign or draw.
    #[error("{0}")]
    Ours(String),
    /// The callback does not belong to this login.
    #[error(transparent)]
    Callback(#[from] CallbackError),
    /// The provider says that the login failed.
    #[error(transparent)]
    Provider(#[from] ProviderError),
    /// The code could not be turned into tokens.
    #[error("the provider gave no token ({code}{}); log in again, and check client authentication if it goes on", detail(.description))]
    Exchange {
        /// RFC 6749 section 5.2.
        code: String,
        /// The provider's words.
        description: Option<String>,
    },
    /// The ID token.
    #[error("the provider's ID token is refused: {0}")]
    IdToken(TokenError),
    /// The UserInfo response.
    #[error("the provider's UserInfo is refused: {0}")]
    UserInfo(TokenError),
    /// The logout token.
    #[error("the logout token is refused: {0}")]
    LogoutToken(TokenError),
    /// The level of assurance.
    #[error(transparent)]
    Level(#[from] LevelError),
    /// The claim with the person's identity.
    #[error("the identity that the provider sent cannot be used: {0}")]
    Identity(#[from] IdentityError),
}

/// Why a callback does not belong to a login that is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum CallbackError {
    /// Another provider's transaction.
    #[error("the login was begun with another provider; begin again")]
    OtherProvider,
    /// Another login's `state`.
    #[error("the answer belongs to another login; begin again")]
    State,
    /// Another issuer's `iss` (RFC 9207): somebody mixes providers up.
    #[error("the answer comes from another provider than the one asked; begin again, and tell the operator")]
    Issuer,
    /// `iss` is missing though the provider says that it sends it.
    #[error("the answer does not say which provider it comes from, though this one always does; begin again")]
    NoIssuer,
    /// Neither code nor error.
    #[error("the answer has no code; begin again")]
    NoCode,
}

/// What a provider answers instead of a code (RFC 6749 section 4.1.2.1, OpenID Connect Core 1.0 section 3.1.2.6, OpenID
/// Connect Core Error Code unmet_authentication_requirements).
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ProviderError {
    /// The person cancelled, or may not.
    #[error("the login was cancelled or denied at the provider; try again")]
    Denied,
    /// The person's e-legitimation does not reach the level.
    #[error("the e-legitimation does not reach the level that is needed; use another one")]
    LevelNotMet,
    /// The person must do something that the provider was not let to ask for.
    #[error("the provider needs the person to log in anew; try again")]
    LoginRequired,
    /// For the moment.
    #[error("the provider is unavailable for the moment; try again in a few minutes")]
    Unavailable,
    /// Our request is at fault.
    #[error("the provider does not accept the request ({code}{}); check client, scopes and levels in the settings", detail(.description))]
    Refused {
        /// RFC 6749 section 4.1.2.1.
        code: String,
        /// The provider's words.
        description: Option<String>,
    },
}

/// Why a token is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TokenError {
    /// There is none.
    #[error("there is none; the client must be registered for OpenID Connect with the scope openid")]
    Missing,
    /// Not a JWT of the kind expected.
    #[error("it cannot be read as what it should be ({0})")]
    Malformed(String),
    /// `none`, a MAC, or another that we do not take.
    #[error("its algorithm is not RS256, PS256 or ES256; have the provider sign with one of those")]
    Algorithm,
    /// No key of that name, also after asking anew.
    #[error("the provider publishes no key that it could be signed with; try again in a minute")]
    UnknownKey,
    /// Signed by somebody else.
    #[error("its signature is wrong")]
    Signature,
    /// `iss`.
    #[error("it is from another issuer")]
    Issuer,
    /// `aud`.
    #[error("it is not for this client, or for others too")]
    Audience,
    /// `azp`.
    #[error("it was made out to another client")]
    AuthorizedParty,
    /// `exp`.
    #[error("it has expired; check both clocks")]
    Expired,
    /// `nbf` or `iat`.
    #[error("it is from the future; check both clocks")]
    NotYet,
    /// `iat`.
    #[error("it is too old; check both clocks")]
    TooOld,
    /// `nonce`.
    #[error("it belongs to another login")]
    Nonce,
    /// `at_hash`.
    #[error("the access token beside it belongs to another login")]
    AccessTokenHash,
    /// `sub`.
    #[error("it is about another person, or about nobody")]
    Subject,
    /// `auth_time` is missing where it was asked for.
    #[error("it does not say when the person logged in, which was asked for")]
    NoAuthenticationTime,
    /// `auth_time` is too long ago, or in the future.
    #[error("the person logged in at another time than was asked for; log in again")]
    AuthenticationTime,
    /// `events` (OpenID Connect Back-Channel Logout 1.0 section 2.4).
    #[error("it does not say that it is about a logout")]
    Events,
    /// It has been here before.
    #[error("it was received before")]
    Replayed,
    /// More of them than can be remembered.
    #[error("too many were received to remember them all; the provider may send it again in a few minutes")]
    TooMany,
}

/// Why the level of assurance does not suffice.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LevelError {
    /// The provider does not say.
    #[error("the provider does not say how the person logged in; have it send acr")]
    Missing,
    /// Nobody told us what it is worth.
    #[error("the provider says \"{0}\", which levels in the settings does not know")]
    Unknown(String),
    /// Less than wanted.
    #[error("the person logged in at {reached:?} and {wanted:?} is needed; use a stronger e-legitimation")]
    TooLow {
        /// What it is worth.
        reached: Assurance,
        /// What was wanted.
        wanted: Assurance,
    },
}

impl From<NoRandomness> for OidcError {
    fn from(error: NoRandomness) -> Self {
        Self::Ours(error.to_string())
    }
}

/// Longest piece of a provider's text that is kept.
const FOREIGN_TEXT_LIMIT: usize = 200;

/// A provider's words, made fit for a log and a page.
pub(super) fn foreign(text: &str) -> String {
    text.chars()
        .filter(|character| !character.is_control())
        .take(FOREIGN_TEXT_LIMIT)
        .collect()
}

fn detail(description: &Option<String>) -> String {
    description
        .as_ref()
        .map_or_else(String::new, |words| format!(": {words}"))
}
