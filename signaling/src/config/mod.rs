//! The configuration: one TOML file, read strictly. `lika config example` prints every setting with its default and
//! reason.

mod environment;
mod identity;
mod limits;
mod media;
mod metrics;
mod quality;
mod server;
mod storage;
mod turn;
mod unknown_key;

pub use identity::{Identity, Provider, TEST_PROVIDER, callback_url, logout_url, signed_out_url};
pub use limits::Limits;
pub use media::Media;
pub use metrics::Metrics;
pub use quality::{Quality, UnusableProfile};
pub use server::{Acme, Server, Tls};
pub use storage::Storage;
pub use turn::Turn;

use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Every setting with its default and reason, as `lika config example` prints it.
pub const EXAMPLE: &str = include_str!("../../../deploy/lika.example.toml");

/// The whole file; a section or key left out has its default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// `[server]`
    pub server: Server,
    /// `[media]`
    pub media: Media,
    /// `[turn]`
    pub turn: Turn,
    /// `[storage]`
    pub storage: Storage,
    /// `[identity]`
    pub identity: Identity,
    /// `[quality]`
    pub quality: Quality,
    /// `[limits]`
    pub limits: Limits,
    /// `[metrics]`
    pub metrics: Metrics,
}

/// Why the configuration cannot be used.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration {path}: {source}")]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not what it should be; the text has the line, and the nearest known key for an unknown one.
    #[error("{path}: {text}")]
    Syntax {
        /// Which file.
        path: PathBuf,
        /// What is wrong and what to do.
        text: String,
    },
    /// A variable of the environment looks like a setting and is none.
    #[error("{0}")]
    Environment(String),
    /// Settings that cannot be.
    #[error(transparent)]
    Settings(#[from] Problems),
}

/// Every setting that cannot be, one a line.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub struct Problems(pub Vec<Invalid>);

impl fmt::Display for Problems {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, problem) in self.0.iter().enumerate() {
            let between = if at == 0 { "" } else { "\n" };
            write!(out, "{between}{problem}")?;
        }
        Ok(())
    }
}

/// A setting that cannot be.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{key} {problem}")]
pub struct Invalid {
    /// Its key with its section, e.g. `server.public_url`.
    pub key: &'static str,
    /// What is wrong and what to do, as the end of a sentence.
    pub problem: String,
}

impl Invalid {
    pub(crate) fn new(key: &'static str, problem: impl Into<String>) -> Self {
        Self {
            key,
            problem: problem.into(),
        }
    }
}

impl Config {
    /// Reads and validates a file; secrets' files may be named in the environment instead (see [`environment`]).
    ///
    /// # Errors
    /// [`ConfigError`], saying what to change.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Read {
            path: path.into(),
            source,
        })?;
        let mut config = Self::parse(&text).map_err(|text| ConfigError::Syntax {
            path: path.into(),
            text,
        })?;
        let variables = std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value)));
        environment::apply(&mut config, variables).map_err(ConfigError::Environment)?;
        config.validate()?;
        Ok(config)
    }

    fn parse(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|error| unknown_key::explain(&error))
    }

    /// Checks each section.
    ///
    /// # Errors
    /// What is wrong, the first thing in each section.
    pub fn validate(&self) -> Result<(), Problems> {
        let checks = [
            self.server.validate(),
            self.server.validate_tls(),
            self.media.validate(),
            self.turn.validate(),
            self.storage.validate(),
            self.identity.validate(),
            self.test_provider_can_be_reached(),
            self.quality.validate(),
            self.limits.validate(),
        ];
        let mut problems: Vec<Invalid> = checks.into_iter().filter_map(Result::err).collect();
        // One wrong setting may be seen from two sides.
        problems.dedup();
        if problems.is_empty() {
            Ok(())
        } else {
            Err(Problems(problems))
        }
    }

    /// The relying party reaches the test provider as any other: over TLS, trusting its certificate.
    fn test_provider_can_be_reached(&self) -> Result<(), Invalid> {
        if self.identity.test_identities && self.server.tls.cert_file.is_none() {
            return Err(Invalid::new(
                "identity.test_identities",
                "needs a certificate in a file; set server.tls.cert_file and key_file",
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Config, EXAMPLE};

    #[test]
    fn the_example_says_the_defaults_and_every_key() {
        let example: toml::Table = toml::from_str(EXAMPLE).unwrap();
        let uncommented: String = EXAMPLE
            .lines()
            .map(|line| line.strip_prefix("#= ").unwrap_or(line).to_owned() + "\n")
            .collect();
        let whole: toml::Table = toml::from_str(&uncommented).unwrap();
        let parsed = Config::parse(&uncommented).unwrap();
        assert_eq!(Config::parse(EXAMPLE).unwrap(), Config::default(), "defaults");
        for (section, settings) in toml::Table::try_from(parsed).unwrap() {
            let shown = |key: &str| whole.get(&section).and_then(|shown| shown.get(key)).is_some();
            for key in settings.as_table().unwrap().keys() {
                assert!(shown(key), "{section}.{key} is missing in the example");
            }
        }
        assert!(example.len() == 8);
    }

    #[test]
    fn the_example_names_no_path_that_the_package_does_not_bring() {
        for ours in ["docs/", "deploy/"] {
            assert!(!EXAMPLE.contains(ours), "{ours}: it lies in /usr/share/doc/lika");
        }
    }

    #[test]
    fn an_unknown_key_is_named_with_the_nearest_known_one() {
        let text = Config::parse("[server]\nlissten = \"0.0.0.0:1\"\n").unwrap_err();
        assert!(text.contains("unknown key `lissten`, did you mean `listen`?"), "{text}");
        assert!(text.contains("line 2"), "{text}");
    }

    #[test]
    fn everything_wrong_is_said_at_once() {
        let text = "[server]\npublic_url = \"http://lika\"\n[turn]\nurls = [\"turn\"]\n[quality]\nprofile = \"\"\n";
        let problems = Config::parse(text).unwrap().validate().unwrap_err();
        let lines = problems.to_string();
        let lines: Vec<_> = lines.lines().collect();
        for (line, key) in lines
            .iter()
            .zip(["server.public_url", "server.tls", "turn.urls", "quality.profile"])
        {
            assert!(line.starts_with(key), "{line}");
        }
        assert_eq!(lines.len(), 4, "{problems}");
    }

    #[test]
    fn an_unknown_section_is_named_too() {
        let text = Config::parse("[sever]\n").unwrap_err();
        assert!(text.contains("unknown key `sever`, did you mean `server`?"), "{text}");
    }
}
