//! `[quality]`: the threshold profile of equal terms.

use super::Invalid;
use crate::equal_terms::{Profile, ProfileError};
use serde::{Deserialize, Serialize};
use std::io;
use std::path::PathBuf;
use thiserror::Error;

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

/// Why the threshold profile cannot be used.
#[derive(Debug, Error)]
pub enum UnusableProfile {
    /// Neither a name that is known nor a file.
    #[error(
        "names {path:?}, which is no built-in threshold profile (those are {built_in}) and no readable file: {source}"
    )]
    Unreadable {
        /// What was configured.
        path: PathBuf,
        /// The names that are known.
        built_in: String,
        /// Why it cannot be read.
        source: io::Error,
    },
    /// The file is not a profile.
    #[error("names {path:?}, in which {source}")]
    File {
        /// Which file.
        path: PathBuf,
        /// What is wrong in it.
        source: ProfileError,
    },
    /// A profile as shipped cannot be read, which a test rules out.
    #[error(transparent)]
    BuiltIn(#[from] ProfileError),
}

impl Quality {
    pub(super) fn validate(&self) -> Result<(), Invalid> {
        if self.profile.trim().is_empty() {
            return Err(Invalid::new(
                "quality.profile",
                "is empty; name a profile, e.g. likvardig-1, or a file",
            ));
        }
        let unusable = |error: UnusableProfile| Invalid::new("quality.profile", error.to_string());
        self.threshold_profile().map(drop).map_err(unusable)
    }

    /// Reads the profile: a built-in one by its name, or one from a file.
    ///
    /// # Errors
    /// [`UnusableProfile`], as the end of a sentence that begins with the setting's name.
    pub fn threshold_profile(&self) -> Result<Profile, UnusableProfile> {
        let built_in = [Profile::likvardig()?, Profile::test_small()?];
        if let Some(named) = built_in.iter().find(|profile| profile.id() == self.profile) {
            return Ok(named.clone());
        }
        let path = PathBuf::from(&self.profile);
        match std::fs::read_to_string(&path) {
            Ok(text) => Profile::parse(&text).map_err(|source| UnusableProfile::File { path, source }),
            Err(source) => {
                let built_in = built_in.each_ref().map(Profile::id).join(" and ");
                Err(UnusableProfile::Unreadable { path, built_in, source })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Quality;

    const LIKVARDIG: &str = include_str!("../../profiles/likvardig-1.toml");

    fn named(profile: &str) -> Quality {
        Quality {
            profile: profile.to_owned(),
        }
    }

    /// What `lika config check` says of a profile file with this change.
    fn problem(from: &str, to: &str) -> String {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("egen-1.toml");
        assert!(LIKVARDIG.contains(from), "{from}");
        std::fs::write(&path, LIKVARDIG.replacen(from, to, 1)).unwrap();
        let error = named(path.to_str().unwrap()).validate().expect_err(to).to_string();
        assert!(error.starts_with("quality.profile names"), "{error}");
        assert!(error.contains("egen-1.toml"), "{error}");
        error
    }

    #[test]
    fn built_in_profiles_and_files_are_known() {
        assert_eq!(named("test-small-1").threshold_profile().unwrap().id(), "test-small-1");
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("egen.toml");
        std::fs::write(&path, LIKVARDIG.replacen("name = \"likvardig\"", "name = \"egen\"", 1)).unwrap();
        let own = named(path.to_str().unwrap());
        assert!(own.validate().is_ok());
        assert_eq!(own.threshold_profile().unwrap().id(), "egen-1");
    }

    #[test]
    fn a_file_that_is_not_there_is_named_beside_what_is_built_in() {
        let error = named("likvardig").validate().unwrap_err().to_string();
        let says =
            "names \"likvardig\", which is no built-in threshold profile (those are likvardig-1 and test-small-1)";
        assert!(error.contains(says), "{error}");
    }

    #[test]
    fn mistakes_in_a_file_are_told_with_what_would_be_right() {
        for (from, to, says) in [
            (
                "[row.sound_ahead]",
                "[row.sound_ahed]",
                "`row.sound_ahed`; did you mean `row.sound_ahead`?",
            ),
            (
                "[row.unacknowledged]\namber = 5\nred = 8\n",
                "",
                "lacks `row.unacknowledged`",
            ),
            (
                "[row.sound_behind]\namber = 100",
                "[row.sound_behind]\namber = 200",
                "`row.sound_behind.amber` of the threshold profile must be a limit that is reached before red",
            ),
            (
                "amber = 921600",
                "amber = 1000",
                "`row.chamber_size_sent.amber` of the threshold profile must be a limit that is reached before red",
            ),
            (
                "[row.microphone_dead]\nred = 2",
                "[row.microphone_dead]\nred = 601",
                "`row.microphone_dead.red` of the threshold profile must be more than 0 and at most 600 seconds",
            ),
            ("version = 1", "version = \"1\"", "invalid type: string"),
        ] {
            let error = problem(from, to);
            assert!(error.contains(says), "{to}: {error}");
        }
    }
}
