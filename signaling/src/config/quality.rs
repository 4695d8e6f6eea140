//! `[quality]`: the threshold profile of equal terms.

use super::Invalid;
use serde::{Deserialize, Serialize};

/// The section.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Quality {
    /// The name of a built-in profile, or the path of a profile file.
    pub profile: String,
}

impl Default for Quality {
    fn default() -> Self {
        Self {
            profile: "likvardig-1".into(),
        }
    }
}

impl Quality {
    pub(super) fn validate(&self) -> Result<(), Invalid> {
        if self.profile.trim().is_empty() {
            return Err(Invalid::new(
                "quality.profile",
                "is empty; name a profile, e.g. likvardig-1, or a file",
            ));
        }
        Ok(())
    }
}
