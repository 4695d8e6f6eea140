//! `[limits]`: what one address or page may ask for.

use super::Invalid;
use serde::{Deserialize, Serialize};
use std::num::NonZeroU32;

/// The section.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Connections open at the same time.
    pub connections: NonZeroU32,
    /// Invitations and bearer tokens one address may try in a minute.
    pub entries_per_minute: NonZeroU32,
    /// For how many days an invitation can be used.
    pub invitation_days: NonZeroU32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: const { NonZeroU32::new(2000).unwrap() },
            entries_per_minute: const { NonZeroU32::new(60).unwrap() },
            invitation_days: const { NonZeroU32::new(14).unwrap() },
        }
    }
}

impl Limits {
    pub(super) fn validate(&self) -> Result<(), Invalid> {
        if self.invitation_days.get() > 366 {
            return Err(Invalid::new(
                "limits.invitation_days",
                "is more than a year; an invitation is for one meeting",
            ));
        }
        Ok(())
    }
}
