//! What the browser brings back (OpenID Connect Core 1.0 section 3.1.2.5, RFC 9207).

use super::error::{CallbackError, ProviderError, foreign};
use super::transaction::Transaction;
use aws_lc_rs::constant_time::verify_slices_are_equal;
use serde::Deserialize;
use std::fmt;

/// The parameters of the callback. What else is there is passed over.
#[derive(Clone, Default, Deserialize)]
pub struct Callback {
    /// The authorization code.
    pub code: Option<String>,
    /// Which login it belongs to.
    pub state: Option<String>,
    /// Which provider it comes from.
    pub iss: Option<String>,
    /// Why there is no code.
    pub error: Option<String>,
    /// The provider's words about it.
    pub error_description: Option<String>,
}

impl Callback {
    /// Whether the callback belongs to the transaction and comes from its issuer. `iss_expected`: the provider has said
    /// that it always sends `iss`. An error response is held to the same.
    pub(super) fn belongs_to(
        &self,
        transaction: &Transaction,
        issuer: &str,
        iss_expected: bool,
    ) -> Result<(), CallbackError> {
        let state = self.state.as_ref().ok_or(CallbackError::State)?;
        verify_slices_are_equal(state.as_bytes(), transaction.state.reveal().as_bytes())
            .map_err(|_| CallbackError::State)?;
        match &self.iss {
            Some(iss) if iss != issuer => Err(CallbackError::Issuer),
            None if iss_expected => Err(CallbackError::NoIssuer),
            _ => Ok(()),
        }
    }

    /// The code, or why there is none.
    pub(super) fn code(&self) -> Result<&str, Refusal> {
        if let Some(code) = &self.error {
            return Err(Refusal::Provider(provider_error(
                code,
                self.error_description.as_deref(),
            )));
        }
        match &self.code {
            Some(code) if !code.is_empty() => Ok(code),
            _ => Err(Refusal::Callback(CallbackError::NoCode)),
        }
    }
}

/// A callback without a code.
pub(super) enum Refusal {
    Provider(ProviderError),
    Callback(CallbackError),
}

impl From<Refusal> for super::OidcError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Provider(error) => error.into(),
            Refusal::Callback(error) => error.into(),
        }
    }
}

fn provider_error(code: &str, description: Option<&str>) -> ProviderError {
    match code {
        "access_denied" => ProviderError::Denied,
        "unmet_authentication_requirements" => ProviderError::LevelNotMet,
        "login_required" | "interaction_required" | "consent_required" | "account_selection_required" => {
            ProviderError::LoginRequired
        }
        "temporarily_unavailable" | "server_error" => ProviderError::Unavailable,
        _ => ProviderError::Refused {
            code: foreign(code),
            description: description.map(foreign),
        },
    }
}

impl fmt::Debug for Callback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Callback")
            .field("iss", &self.iss)
            .field("error", &self.error)
            .finish_non_exhaustive()
    }
}
