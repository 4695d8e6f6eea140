//! `[storage]`: where everything that must survive is kept.

use super::Invalid;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// The section.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Storage {
    /// The directory of the journal, the identities, the names and the samples.
    pub data_dir: PathBuf,
    /// Whether everything the judge is told is kept, so that a meeting can be judged again.
    pub keep_samples: bool,
}

impl Default for Storage {
    fn default() -> Self {
        Self {
            data_dir: "/var/lib/lika".into(),
            keep_samples: true,
        }
    }
}

impl Storage {
    pub(super) fn validate(&self) -> Result<(), Invalid> {
        if self.data_dir.is_absolute() {
            return Ok(());
        }
        Err(Invalid::new(
            "storage.data_dir",
            "must be an absolute path, so that it does not depend on where lika starts",
        ))
    }
}
