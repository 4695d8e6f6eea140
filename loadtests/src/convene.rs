//! Convening a test's meeting at a running server (`POST /api/meetings`), with the bearer token of an administrator.

use crate::delegate::server::{Invitation, Server, ServerError};
use lika::meeting::ParticipantId;
use reqwest::StatusCode;
use serde::Deserialize;
use std::fmt::{self, Write as _};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// What every page of the meeting shows as its title.
const TITLE: &str = "LASTTEST – inget sammanträde (load test, not a meeting)";
const BODY: &str = "Lasttest";
/// Items of the agenda; a long test goes on with the last.
pub const ITEMS: usize = 8;

/// The administrator's or load test's token; does not print.
#[derive(Clone, PartialEq, Eq)]
pub struct BearerToken(String);

impl fmt::Debug for BearerToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BearerToken")
    }
}

/// Why there is no meeting to test with.
#[derive(Debug, Error)]
pub enum ConveneError {
    /// The token's file.
    #[error("the token file {path}: {problem}")]
    TokenFile {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// The server is away.
    #[error(transparent)]
    Server(#[from] ServerError),
    /// The token is not accepted.
    #[error(
        "the server does not accept the token ({0}); make one with \
         `lika token create --name lasttest --scope loadtest`"
    )]
    Token(StatusCode),
    /// Too many attempts.
    #[error(
        "the server lets in no more attempts from this address now; wait a minute, or raise limits.entries_per_minute"
    )]
    TooFast,
    /// The meeting is not accepted.
    #[error("the server does not convene the meeting ({status}): {detail}")]
    Refused {
        /// Its status.
        status: StatusCode,
        /// Its own words.
        detail: String,
    },
    /// The answer is of another kind.
    #[error("the server's answer is not of this version: {0}")]
    Answer(String),
}

impl BearerToken {
    /// Reads a file that has the token alone.
    ///
    /// # Errors
    /// When it cannot be read or has no token.
    pub fn read(path: &Path) -> Result<Self, ConveneError> {
        let wrong = |problem: String| ConveneError::TokenFile {
            path: path.into(),
            problem,
        };
        let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
        let token = text.trim();
        let plain = |c: char| c.is_ascii_graphic();
        if token.is_empty() || !token.chars().all(plain) {
            return Err(wrong("is empty or has more in it than a token".into()));
        }
        Ok(Self(token.into()))
    }

    /// The token itself, for a header or a proof.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

/// One who is invited.
#[derive(Clone, Debug)]
pub struct Invited {
    /// As the server numbers them.
    pub who: ParticipantId,
    /// Their link.
    pub link: String,
}

/// A meeting that was convened.
#[derive(Clone, Debug)]
pub struct Convened {
    /// Its number.
    pub meeting: u64,
    /// Everybody, the chair first.
    pub invited: Vec<Invited>,
}

#[derive(Deserialize)]
struct Answer {
    meeting: u64,
    invitations: Vec<Told>,
}

#[derive(Deserialize)]
struct Told {
    participant: ParticipantId,
    invitation: String,
}

#[derive(Deserialize)]
struct Problem {
    detail: Option<String>,
}

/// Convenes a meeting of `people`, the chair first.
///
/// # Errors
/// [`ConveneError`].
pub async fn convene(server: &Server, token: &BearerToken, people: usize) -> Result<Convened, ConveneError> {
    let (status, body) = server.post("/api/meetings", token.reveal(), roster(people)).await?;
    match status {
        StatusCode::CREATED => convened(&body, people),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Err(ConveneError::Token(status)),
        StatusCode::TOO_MANY_REQUESTS => Err(ConveneError::TooFast),
        _ => {
            let problem: Option<Problem> = serde_json::from_str(&body).ok();
            let detail = problem.and_then(|problem| problem.detail).unwrap_or_default();
            Err(ConveneError::Refused { status, detail })
        }
    }
}

/// Takes back everybody's invitations, so that nobody can come to a meeting that could not be closed.
///
/// # Errors
/// [`ConveneError`], at the first that is not taken back.
pub async fn revoke(server: &Server, token: &BearerToken, convened: &Convened) -> Result<(), ConveneError> {
    let meeting = convened.meeting;
    for one in &convened.invited {
        let path = format!("/api/meetings/{meeting}/participants/{}/invitations", one.who.0);
        let status = server.delete(&path, token.reveal()).await?;
        if !status.is_success() {
            let detail = String::new();
            return Err(ConveneError::Refused { status, detail });
        }
    }
    Ok(())
}

fn convened(body: &str, people: usize) -> Result<Convened, ConveneError> {
    let answer: Answer = serde_json::from_str(body).map_err(|error| ConveneError::Answer(error.to_string()))?;
    if answer.invitations.len() != people {
        let told = format!("{} invitations for {people}", answer.invitations.len());
        return Err(ConveneError::Answer(told));
    }
    let invited = answer.invitations.into_iter().map(|told| {
        Invitation::parse(&told.invitation)?;
        Ok(Invited {
            who: told.participant,
            link: told.invitation,
        })
    });
    Ok(Convened {
        meeting: answer.meeting,
        invited: invited.collect::<Result<_, ConveneError>>()?,
    })
}

/// A council: a chair and members, evidently of a test.
fn roster(people: usize) -> String {
    // A token with the scope `loadtest` convenes no other.
    let mut text = format!("title = \"{TITLE}\"\nbody = \"{BODY}\"\ntest = true\n");
    for number in 1..=people {
        let role = if number == 1 { "chair" } else { "member" };
        let name = name(number);
        let _ = write!(
            text,
            "[[participant]]\nrole = \"{role}\"\nname = \"{name} (lasttest)\"\nmandate = {number}\n"
        );
    }
    for item in 1..=ITEMS {
        let _ = write!(text, "[[item]]\ntitle = \"Lasttest, ärende {item}\"\n");
    }
    text
}

/// What a delegate is called.
#[must_use]
pub fn name(number: usize) -> String {
    if number == 1 {
        "Ordförande".into()
    } else {
        format!("Ledamot {number}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lika::convene::Notice;

    #[test]
    fn the_roster_says_that_it_is_a_test() {
        let notice = Notice::parse(&roster(40)).unwrap();
        assert_eq!((notice.participants.len(), notice.items.len()), (40, ITEMS));
        assert!(notice.test && notice.title.contains("LASTTEST"));
        assert!(notice.participants.iter().all(|one| one.name.contains("lasttest")));
    }

    #[test]
    fn an_answer_with_others_is_not_taken() {
        let body = r#"{"meeting":3,"invitations":[{"participant":1,"invitation":"https://x/i/abc"}]}"#;
        let one = convened(body, 1).unwrap();
        assert_eq!((one.meeting, one.invited[0].who), (3, ParticipantId(1)));
        assert!(convened(body, 2).is_err() && convened("{}", 1).is_err());
    }

    #[test]
    fn a_token_is_read_from_its_file_and_never_printed() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("token");
        std::fs::write(&file, "s3cret\n").unwrap();
        let token = BearerToken::read(&file).unwrap();
        assert!(!format!("{token:?}").contains("s3cret") && token.reveal() == "s3cret");
        std::fs::write(&file, "two words\n").unwrap();
        assert!(BearerToken::read(&file).is_err());
        let missing = BearerToken::read(Path::new("/no/such")).unwrap_err().to_string();
        assert!(missing.contains("/no/such"));
    }
}
