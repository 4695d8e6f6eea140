//! How a request is refused.

use crate::secret::NoRandomness;
use thiserror::Error;

/// An error response: its text is the `error_description`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub(super) enum Refusal {
    #[error("{0}")]
    InvalidRequest(&'static str),
    #[error("{0}")]
    InvalidClient(&'static str),
    #[error("{0}")]
    InvalidGrant(&'static str),
    #[error("{0}")]
    InvalidScope(&'static str),
    #[error("{0}")]
    InvalidRequestUri(&'static str),
    #[error("{0}")]
    InvalidRequestObject(&'static str),
    #[error("{0}")]
    InvalidToken(&'static str),
    #[error("only the authorization code flow is offered")]
    UnsupportedResponseType,
    #[error("only authorization codes are exchanged")]
    UnsupportedGrantType,
    #[error("the person chose to cancel")]
    AccessDenied,
    #[error("nobody is signed in here who meets the request")]
    LoginRequired,
    #[error("the login is at none of the levels that are required")]
    UnmetAuthenticationRequirements,
    /// The form does not come from the page it was in.
    #[error("the form is not from this provider's page")]
    Forged,
    /// What the form or the link belongs to is over.
    #[error("this attempt to sign in is over or belongs to another browser")]
    Over,
    #[error("the test provider cannot make a token")]
    ServerError,
}

impl Refusal {
    /// The value of `error`: RFC 6749 sections 4.1.2.1 and 5.2, RFC 6750 section 3.1, RFC 9101 section 7, OpenID Connect
    /// Core 1.0 section 3.1.2.6, and OpenID Connect Core Error Code `unmet_authentication_requirements` 1.0.
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::InvalidRequest(_) | Self::Forged | Self::Over => "invalid_request",
            Self::InvalidClient(_) => "invalid_client",
            Self::InvalidGrant(_) => "invalid_grant",
            Self::InvalidScope(_) => "invalid_scope",
            Self::InvalidRequestUri(_) => "invalid_request_uri",
            Self::InvalidRequestObject(_) => "invalid_request_object",
            Self::InvalidToken(_) => "invalid_token",
            Self::UnsupportedResponseType => "unsupported_response_type",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::AccessDenied => "access_denied",
            Self::LoginRequired => "login_required",
            Self::UnmetAuthenticationRequirements => "unmet_authentication_requirements",
            Self::ServerError => "server_error",
        }
    }
}

impl From<NoRandomness> for Refusal {
    fn from(_: NoRandomness) -> Self {
        Self::ServerError
    }
}
