//! The TURN servers that pages and devices may use, and credentials for them: each gets its own, which run out
//! (draft-uberti-behave-turn-rest-00). The TURN server knows them by a secret that it shares with this program; it
//! needs no list of users.

use crate::config;
use crate::meeting::{MeetingId, ParticipantId};
use crate::protocol::{Credential, IceServer};
use aws_lc_rs::hmac::{self, HMAC_SHA1_FOR_LEGACY_USE_ONLY};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lika_auth::session::ABSOLUTE_LIMIT_MS;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use thiserror::Error;
use zeroize::Zeroizing;

/// 128 bits in base64url are 22 characters; anything shorter could be guessed from credentials that were given out.
const MIN_SECRET: usize = 22;

/// The servers of the configuration; none by default. Does not print the secret.
#[derive(Clone, Debug, Default)]
pub struct TurnServers(Option<Servers>);

#[derive(Clone, Debug)]
struct Servers {
    urls: Vec<String>,
    secret: hmac::Key,
}

/// Why the secret cannot be used.
#[derive(Debug, Error)]
pub enum TurnError {
    /// No file, or no permission.
    #[error("cannot read the TURN server's secret {path}: {source}; see turn.secret_file")]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Not a secret.
    #[error(
        "the TURN server's secret in {0} has fewer than {MIN_SECRET} characters; make one with: openssl rand -hex 32"
    )]
    TooShort(PathBuf),
}

impl TurnServers {
    /// Reads the secret.
    ///
    /// # Errors
    /// [`TurnError`], saying what to do.
    pub fn open(config: &config::Turn) -> Result<Self, TurnError> {
        let Some(path) = &config.secret_file else {
            return Ok(Self::default());
        };
        let urls = config.urls.clone();
        Ok(Self(Some(Servers {
            urls,
            secret: read_secret(path)?,
        })))
    }

    /// What a participant's page is given: nothing if there is no server.
    #[must_use]
    pub fn for_page(&self, meeting: MeetingId, participant: ParticipantId, now_ms: i64) -> Vec<IceServer> {
        self.given_to(&format!("{}-{}", meeting.0, participant.0), now_ms)
    }

    /// What a player is given, which is no participant.
    #[must_use]
    pub fn for_player(&self, meeting: MeetingId, now_ms: i64) -> Vec<IceServer> {
        self.given_to(&format!("{}-player", meeting.0), now_ms)
    }

    fn given_to(&self, whom: &str, now_ms: i64) -> Vec<IceServer> {
        let servers = self.0.iter();
        servers.map(|servers| servers.with_credentials(whom, now_ms)).collect()
    }
}

impl Servers {
    /// Good for as long as the longest session, since a page that stays connected gets no newer ones. The numbers tell the
    /// TURN server's log and quota one participant from another, and say nothing of who that is.
    fn with_credentials(&self, whom: &str, now_ms: i64) -> IceServer {
        let good_until = now_ms.saturating_add(ABSOLUTE_LIMIT_MS) / 1000;
        let username = format!("{good_until}:{whom}");
        let password = hmac::sign(&self.secret, username.as_bytes());
        IceServer {
            urls: self.urls.clone(),
            username,
            credential: Credential(STANDARD.encode(password)),
        }
    }
}

fn read_secret(path: &Path) -> Result<hmac::Key, TurnError> {
    let text = fs::read_to_string(path).map(Zeroizing::new);
    let text = text.map_err(|source| TurnError::Read {
        path: path.into(),
        source,
    })?;
    let secret = text.trim();
    if secret.chars().count() < MIN_SECRET {
        return Err(TurnError::TooShort(path.into()));
    }
    // SHA-1 is what the draft and coturn have; nothing else here uses it. As a MAC it is not broken (RFC 6194 section 3.3).
    Ok(hmac::Key::new(HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::{TurnError, TurnServers};
    use crate::config::Turn;
    use crate::meeting::{MeetingId, ParticipantId};
    use std::fs;

    fn opened(secret: &str) -> Result<TurnServers, TurnError> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("turn.secret");
        fs::write(&path, secret).unwrap();
        TurnServers::open(&Turn {
            urls: vec!["turns:turn.example.se:443?transport=tcp".into()],
            secret_file: Some(path),
        })
    }

    /// The password by another program: `printf 1732600000:7-3 | openssl dgst -sha1 -hmac SECRET -binary | base64`.
    #[test]
    fn credentials_are_a_participants_own_and_run_out() {
        let servers = opened("0123456789abcdef0123456789abcdef\n").unwrap();
        let day_before_ms = (1_732_600_000 - 86_400) * 1000;
        let [server] = &servers.for_page(MeetingId(7), ParticipantId(3), day_before_ms)[..] else {
            panic!("one server")
        };
        assert_eq!(server.urls, ["turns:turn.example.se:443?transport=tcp"]);
        assert_eq!(server.username, "1732600000:7-3");
        assert_eq!(server.credential.0, "D3beDZIjPjQPgA+ZQ1c1ozS/TdE=");
    }

    #[test]
    fn neither_secret_nor_credential_prints() {
        let servers = opened("0123456789abcdef0123456789abcdef").unwrap();
        assert!(!format!("{servers:?}").contains("0123456789abcdef"));
        let given = servers.for_page(MeetingId(7), ParticipantId(3), 0);
        assert!(!format!("{given:?}").contains(given[0].credential.0.as_str()));
    }

    #[test]
    fn a_secret_that_is_missing_or_short_is_named_and_not_shown() {
        let short = opened("hemligt").unwrap_err().to_string();
        assert!(short.contains("turn.secret") && !short.contains("hemligt"), "{short}");
        let nowhere = Turn {
            urls: vec!["turn:a".into()],
            secret_file: Some("/nowhere/turn.secret".into()),
        };
        let missing = TurnServers::open(&nowhere).unwrap_err().to_string();
        assert!(
            missing.contains("/nowhere/turn.secret") && missing.contains("turn.secret_file"),
            "{missing}"
        );
    }

    #[test]
    fn without_a_server_nothing_is_given() {
        let none = TurnServers::open(&Turn::default()).unwrap();
        assert!(none.for_page(MeetingId(1), ParticipantId(1), 0).is_empty());
    }
}
