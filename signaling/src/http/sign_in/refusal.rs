//! What a person sees when a login does not come about, and what the operator reads in the log.

use crate::http::notice::Notice;
use lika_auth::oidc::{OidcError, ProviderError, TransactionError};
use std::fmt::Display;

pub(super) fn explain(provider: &str, error: &OidcError) -> Notice {
    tracing::warn!(provider, %error, "a login did not come about");
    match error {
        OidcError::Provider(ProviderError::Denied) => Notice::LoginCancelled,
        OidcError::Provider(ProviderError::LevelNotMet) | OidcError::Level(_) => Notice::LevelNotMet,
        OidcError::Provider(ProviderError::Unavailable) | OidcError::Http(_) | OidcError::Metadata(_) => {
            Notice::ProviderDown
        }
        OidcError::Callback(_) => Notice::LoginOver,
        _ => Notice::LoginRefused,
    }
}

pub(super) fn no_login(provider: &str, error: TransactionError) -> Notice {
    tracing::warn!(provider, %error, "a callback was refused");
    match error {
        TransactionError::Unknown | TransactionError::Expired => Notice::LoginOver,
        TransactionError::OtherBrowser => Notice::LoginElsewhere,
        TransactionError::Full => Notice::TryAgain,
    }
}

/// Without an identity nobody can be matched; the person is not taken for somebody else.
pub(super) fn no_identity(provider: &str) -> Notice {
    tracing::error!(
        provider,
        "the provider sends no identity; see identity_claim and scopes of the provider's settings"
    );
    Notice::LoginRefused
}

/// It is ours to repair.
pub(super) fn report(provider: &str, error: &dyn Display) -> Notice {
    tracing::error!(provider, %error, "nobody can log in");
    Notice::TryAgain
}
