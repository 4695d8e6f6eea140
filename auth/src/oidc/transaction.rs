//! One login under way.

use crate::secret::NoRandomness;
use crate::{Assurance, Secret};

/// What a login is to reach.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// At least this level.
    pub level: Assurance,
    /// How long before this request the person may have logged in at the provider, in seconds. The provider must then say
    /// when it was.
    pub max_age_s: Option<u64>,
    /// Plain text shown while signing, where the provider can: which meeting this is for.
    pub user_message: Option<String>,
    /// The person is to log in anew (`prompt=login`) and not be recognised from before. Where the provider says when the
    /// person logged in, it is checked; with `max_age_s` 0 it must say.
    pub again: bool,
    /// The person's language (BCP 47), such as `sv`.
    pub language: Option<String>,
}

/// A login under way: what its callback is compared with. It is kept by the server alone and used once.
#[derive(Clone, Debug)]
pub struct Transaction {
    pub(super) provider: String,
    pub(super) state: Secret<32>,
    pub(super) nonce: Secret<32>,
    pub(super) verifier: Secret<32>,
    pub(super) level: Assurance,
    pub(super) max_age_s: Option<u64>,
    pub(super) again: bool,
    pub(super) begun_ms: i64,
}

impl Transaction {
    pub(super) fn begin(provider: &str, wanted: &Wanted, now_ms: i64) -> Result<Self, NoRandomness> {
        Ok(Self {
            provider: provider.to_owned(),
            state: Secret::random()?,
            nonce: Secret::random()?,
            verifier: Secret::random()?,
            level: wanted.level,
            max_age_s: wanted.max_age_s,
            again: wanted.again,
            begun_ms: now_ms,
        })
    }

    /// Which provider it is with: its id in the settings.
    #[must_use]
    pub fn provider(&self) -> &str {
        &self.provider
    }

    /// The level wanted.
    #[must_use]
    pub const fn level(&self) -> Assurance {
        self.level
    }

    /// When it was begun.
    #[must_use]
    pub const fn begun_ms(&self) -> i64 {
        self.begun_ms
    }
}
