//! The lite agent of one peer: answers its checks, follows its choice of path, and its moves.

use super::credentials::Credentials;
use super::request::{Request, StunError};
use super::response;
use super::transport_address::TransportAddress;
use aws_lc_rs::hmac;
use rtc_stun::error_code::{CODE_BAD_REQUEST, CODE_ROLE_CONFLICT, CODE_UNAUTHORIZED, CODE_UNKNOWN_ATTRIBUTE};
use std::fmt;
use std::time::{Duration, Instant};

/// After so long without anything authentic over the path, a check from elsewhere moves it, also without
/// USE-CANDIDATE: a network address translator has given the peer another address, and the peer, which does not see
/// that, has nothing to nominate. 25 sound packets in a row do not get lost on a path that works.
const PATH_SILENCE: Duration = Duration::from_millis(500);

/// Checks with wrong credentials that are answered with an error, in each second: enough to tell a peer that is mistaken,
/// and nothing for whoever floods us with forgeries, or would let us flood another.
const REFUSALS_A_SECOND: u32 = 10;

/// Answers one peer's connectivity checks and knows the path to it.
pub struct Agent {
    session: Session,
    /// Before an ICE restart; its checks are answered until the first one of the new session.
    previous: Option<Session>,
    path: Path,
    /// When something authentic last came over the path.
    path_heard: Option<Instant>,
    /// The second that runs, and how many checks with wrong credentials came in it.
    refused: Option<(Instant, u32)>,
}

/// An authentic connectivity check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Check {
    /// The peer has chosen the address that the check came from.
    pub nominated: bool,
}

/// The credentials of both sides between two restarts.
struct Session {
    local: Credentials,
    remote: Credentials,
    key: hmac::Key,
}

#[derive(Clone, Copy)]
enum Path {
    None,
    /// Valid, but not chosen by the peer: used until it chooses.
    Valid(TransportAddress),
    Nominated(TransportAddress),
}

impl Agent {
    /// `local` is ours, for the answer; `remote` is of the offer.
    pub fn new(local: Credentials, remote: Credentials) -> Self {
        Self {
            session: Session::new(local, remote),
            previous: None,
            path: Path::None,
            path_heard: None,
            refused: None,
        }
    }

    /// ICE restart (RFC 8445 section 9): new credentials on both sides. Media stays on the old path, and the old
    /// credentials are accepted, until the peer checks with the new ones; the path changes when it nominates.
    pub fn restart(&mut self, local: Credentials, remote: Credentials) {
        self.previous = Some(std::mem::replace(&mut self.session, Session::new(local, remote)));
    }

    /// Our credentials, the newest.
    pub fn local(&self) -> &Credentials {
        &self.session.local
    }

    /// The peer's credentials, the newest.
    pub fn remote(&self) -> &Credentials {
        &self.session.remote
    }

    /// Our user name fragment before the last restart, while it is still accepted.
    pub fn previous_ufrag(&self) -> Option<&str> {
        self.previous.as_ref().map(|session| session.local.ufrag())
    }

    /// Something authentic other than a check came from `from`.
    pub fn heard(&mut self, now: Instant, from: TransportAddress) {
        if self.path() == Some(from) {
            self.path_heard = Some(now);
        }
    }

    /// Where to send: the address last nominated; before any nomination, the first that proved valid. If that falls
    /// silent, the address of the next valid check.
    pub fn path(&self) -> Option<TransportAddress> {
        match self.path {
            Path::None => None,
            Path::Valid(address) | Path::Nominated(address) => Some(address),
        }
    }

    /// Verifies a connectivity check and appends to `response` what must be sent back to `from`: also after an error,
    /// nothing if nothing was appended (a flood of wrong credentials is answered a few times a second).
    pub fn handle(
        &mut self,
        now: Instant,
        datagram: &[u8],
        from: TransportAddress,
        response: &mut Vec<u8>,
    ) -> Result<Check, StunError> {
        let request = Request::parse(datagram)?;
        let id = request.transaction;
        if !request.is_signed() {
            if self.tells_why(now) {
                response::error(id, CODE_BAD_REQUEST, &[], None, response)?;
            }
            return Err(StunError::Unauthenticated);
        }
        let of_previous = self.previous.as_ref().is_some_and(|session| session.signed(&request));
        if !of_previous && !self.session.signed(&request) {
            if self.tells_why(now) {
                response::error(id, CODE_UNAUTHORIZED, &[], None, response)?;
            }
            return Err(StunError::WrongCredentials);
        }
        let session = match &self.previous {
            Some(previous) if of_previous => previous,
            _ => &self.session,
        };
        let pwd = session.local.pwd();
        let unknown = request.unknown.types();
        if !unknown.is_empty() {
            response::error(id, CODE_UNKNOWN_ATTRIBUTE, unknown, Some(pwd), response)?;
            return Err(StunError::UnknownAttribute);
        }
        if request.controlled {
            response::error(id, CODE_ROLE_CONFLICT, &[], Some(pwd), response)?;
            return Err(StunError::RoleConflict);
        }
        response::success(id, from.address, pwd, response)?;
        if !of_previous {
            self.previous = None;
        }
        let silent = self
            .path_heard
            .is_none_or(|at| now.saturating_duration_since(at) >= PATH_SILENCE);
        self.path = self.path.after(from, request.use_candidate, silent);
        self.heard(now, from);
        Ok(Check {
            nominated: request.use_candidate,
        })
    }
}

impl Agent {
    /// Whether another check with wrong credentials is answered.
    fn tells_why(&mut self, now: Instant) -> bool {
        let running = |(since, _): &(Instant, u32)| now.saturating_duration_since(*since) < Duration::from_secs(1);
        let (since, count) = self.refused.filter(running).unwrap_or((now, 0));
        self.refused = Some((since, count.saturating_add(1)));
        count < REFUSALS_A_SECOND
    }
}

impl Session {
    fn new(local: Credentials, remote: Credentials) -> Self {
        // A request is signed with the password of whom it goes to (RFC 8445 section 7.2.2).
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, local.pwd().as_bytes());
        Self { local, remote, key }
    }

    fn signed(&self, request: &Request<'_>) -> bool {
        let username = request.username.unwrap_or_default();
        let expected = username
            .strip_prefix(self.local.ufrag().as_bytes())
            .and_then(|rest| rest.strip_prefix(b":"))
            .is_some_and(|remote| remote == self.remote.ufrag().as_bytes());
        expected && request.is_signed_with(&self.key)
    }
}

impl Path {
    fn after(self, from: TransportAddress, nominated: bool, silent: bool) -> Self {
        match self {
            _ if nominated => Self::Nominated(from),
            Self::None => Self::Valid(from),
            Self::Valid(before) | Self::Nominated(before) if silent && before != from => Self::Valid(from),
            kept => kept,
        }
    }
}

impl fmt::Debug for Agent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Agent")
            .field("session", &self.session.local)
            .field("path", &self.path())
            .finish()
    }
}
