//! Where the invitations come from: the command line, a file, or the first lines of standard input.

use crate::delegate::server::{Invitation, ServerError};
use std::io::{self, BufRead};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// A council of 101, their substitutes and guests.
const MAX_INVITATIONS: usize = 256;

/// Why the invitations cannot be used.
#[derive(Debug, Error)]
pub enum InvitationsError {
    /// There are none.
    #[error("there is no invitation; give --invitation LINK for each delegate, or --invitations-file FILE (or -)")]
    None,
    /// Too many.
    #[error("more than {MAX_INVITATIONS} invitations; start several programs")]
    TooMany,
    /// One is bad.
    #[error("invitation {number}: {source}")]
    Bad {
        /// Which, from 1.
        number: usize,
        /// Why.
        source: ServerError,
    },
    /// The file cannot be read.
    #[error("{path} cannot be read: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Reads one invitation a line. In a file, empty lines and those beginning with # are skipped; on standard input (`-`)
/// an empty line ends the list, and what follows are commands.
///
/// # Errors
/// When there is none, or one is bad.
pub(super) fn gather(given: &[String], file: Option<&Path>) -> Result<Vec<Invitation>, InvitationsError> {
    let mut lines = given.to_vec();
    if let Some(path) = file {
        let unreadable = |source| InvitationsError::Unreadable {
            path: path.into(),
            source,
        };
        if path.as_os_str() == "-" {
            lines.extend(until_empty_line(io::stdin().lock()).map_err(unreadable)?);
        } else {
            let text = std::fs::read_to_string(path).map_err(unreadable)?;
            let meant = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with('#');
            lines.extend(text.lines().filter(meant).map(str::to_owned));
        }
    }
    parse(&lines)
}

fn until_empty_line(input: impl BufRead) -> io::Result<Vec<String>> {
    input
        .lines()
        .take_while(|line| line.as_ref().map_or(true, |line| !line.trim().is_empty()))
        .collect()
}

fn parse(lines: &[String]) -> Result<Vec<Invitation>, InvitationsError> {
    if lines.is_empty() {
        return Err(InvitationsError::None);
    }
    if lines.len() > MAX_INVITATIONS {
        return Err(InvitationsError::TooMany);
    }
    let invitation = |(number, line): (usize, &String)| {
        Invitation::parse(line).map_err(|source| InvitationsError::Bad { number, source })
    };
    (1..).zip(lines).map(invitation).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn standard_input_is_read_to_the_empty_line() {
        let lines = until_empty_line(&b"https://x/i/one\ntwo\n\ncut 1\n"[..]).unwrap();
        assert_eq!(lines, ["https://x/i/one", "two"]);
    }

    #[test]
    fn none_bad_and_unreadable_are_told_apart() {
        assert!(matches!(gather(&[], None), Err(InvitationsError::None)));
        let bad = gather(&["good".into(), "not/a/token".into()], None).unwrap_err();
        assert!(bad.to_string().starts_with("invitation 2:"), "{bad}");
        let missing = gather(&[], Some(Path::new("/no/such/file"))).unwrap_err();
        assert!(missing.to_string().contains("/no/such/file"));
        assert!(matches!(
            gather(&vec!["x".into(); 300], None),
            Err(InvitationsError::TooMany)
        ));
    }
}
