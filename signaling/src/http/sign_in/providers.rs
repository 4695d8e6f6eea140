//! The providers side by side.

use super::choose::Choices;
use crate::config::{Config, Invalid};
use crate::http::Doors;
use crate::http::notice::{Button, Notice, choice_page};
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};
use lika_auth::oidc::{ProviderSettings, RelyingParty, SettingsError, Transactions};
use lika_auth::{Identity, RosterKeys};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use thiserror::Error;

/// Why people cannot log in.
#[derive(Debug, Error)]
pub enum ProvidersError {
    /// See [`Invalid`].
    #[error(transparent)]
    Setting(#[from] Invalid),
    /// See [`SettingsError`].
    #[error(transparent)]
    Provider(#[from] SettingsError),
}

/// Every provider, the logins under way, and the keys that identities are matched with.
#[derive(Clone)]
pub struct Providers(Arc<Inner>);

struct Inner {
    relying_parties: Vec<RelyingParty>,
    logins: Mutex<Transactions<Option<Identity>>>,
    choices: Mutex<Choices>,
    keys: RosterKeys,
}

impl Providers {
    /// The configured ones, and `more`. Asks none of them anything: one that is down keeps nobody from starting.
    ///
    /// # Errors
    /// [`ProvidersError`], naming the setting.
    pub fn new(
        config: &Config,
        keys: RosterKeys,
        more: impl IntoIterator<Item = ProviderSettings>,
    ) -> Result<Self, ProvidersError> {
        let configured = config.identity.provider.iter();
        let mut relying_parties = configured
            .map(|one| Ok(RelyingParty::new(one.settings(&config.server.public_url)?)?))
            .collect::<Result<Vec<_>, ProvidersError>>()?;
        for settings in more {
            relying_parties.push(RelyingParty::new(settings)?);
        }
        Ok(Self(Arc::new(Inner {
            relying_parties,
            logins: Mutex::default(),
            choices: Mutex::default(),
            keys,
        })))
    }

    pub(super) fn find(&self, id: &str) -> Option<&RelyingParty> {
        self.0.relying_parties.iter().find(|one| one.settings().id == id)
    }

    pub(in crate::http) fn keys(&self) -> &RosterKeys {
        &self.0.keys
    }

    /// The logins under way, each with the roster line that the browser's session had when it began.
    pub(super) fn logins(&self) -> MutexGuard<'_, Transactions<Option<Identity>>> {
        self.0.logins.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn choices(&self) -> MutexGuard<'_, Choices> {
        self.0.choices.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `GET /sign-in`: a button for each provider; with a single one, straight on.
pub(in crate::http) async fn list(State(doors): State<Doors>) -> Response {
    let buttons: Vec<Button> = doors
        .providers
        .0
        .relying_parties
        .iter()
        .map(|one| Button {
            label: one.settings().name.clone(),
            address: format!("/sign-in/{}", one.settings().id),
        })
        .collect();
    match buttons.as_slice() {
        [] => Notice::NoProvider.into_response(),
        [only] => (StatusCode::SEE_OTHER, [(LOCATION, only.address.clone())]).into_response(),
        _ => choice_page(&buttons).into_response(),
    }
}
