//! Administrators: the local token, and those who have logged in with the administrators' group.

use crate::secret::NoRandomness;
use crate::{Digest, Secret};

/// 256 random bits, in a file of the machine or in a cookie.
pub type AdminToken = Secret<32>;

/// For how long after their last request an administrator who has logged in is one: a form takes minutes.
pub const LASTS_MS: i64 = 60 * 60 * 1000;
/// And after the login in any case: a working day.
pub const LASTS_AT_MOST_MS: i64 = 8 * LASTS_MS;
/// Administrators logged in at once. The oldest gives way.
pub const MAX_ADMINISTRATORS: usize = 16;

/// Who administers. Of tokens only digests are kept, and those who have logged in do so again after a restart.
#[derive(Default)]
pub struct Administrators {
    local: Option<Digest>,
    logged_in: Vec<LoggedIn>,
}

struct LoggedIn {
    digest: Digest,
    since_ms: i64,
    seen_ms: i64,
}

impl LoggedIn {
    const fn lasts(&self, now_ms: i64) -> bool {
        now_ms - self.seen_ms < LASTS_MS && now_ms - self.since_ms < LASTS_AT_MOST_MS
    }
}

impl Administrators {
    /// `local`: the token of the machine's administrator; without it there is none.
    #[must_use]
    pub fn new(local: Option<&AdminToken>) -> Self {
        Self {
            local: local.map(digest),
            logged_in: Vec::new(),
        }
    }

    /// Somebody has logged in with the administrators' group.
    ///
    /// # Errors
    /// When the operating system gives no random numbers.
    pub fn sign_in(&mut self, now_ms: i64) -> Result<AdminToken, NoRandomness> {
        let token = AdminToken::random()?;
        self.logged_in.retain(|one| one.lasts(now_ms));
        if self.logged_in.len() >= MAX_ADMINISTRATORS {
            self.logged_in.remove(0);
        }
        self.logged_in.push(LoggedIn {
            digest: digest(&token),
            since_ms: now_ms,
            seen_ms: now_ms,
        });
        Ok(token)
    }

    /// Somebody is an administrator no longer.
    pub fn sign_out(&mut self, token: &AdminToken) {
        let presented = digest(token);
        self.logged_in.retain(|one| one.digest != presented);
    }

    /// Whether this is the token of one who has logged in and is one still.
    #[must_use]
    pub fn knows(&mut self, token: &AdminToken, now_ms: i64) -> bool {
        self.find(token, now_ms).is_some()
    }

    /// The same of one who does something with it, which then lasts anew.
    #[must_use]
    pub fn admits(&mut self, token: &AdminToken, now_ms: i64) -> bool {
        let found = self.find(token, now_ms);
        found.map(|one| one.seen_ms = one.seen_ms.max(now_ms)).is_some()
    }

    fn find(&mut self, token: &AdminToken, now_ms: i64) -> Option<&mut LoggedIn> {
        let presented = digest(token);
        let mut logged_in = self.logged_in.iter_mut();
        logged_in.find(|one| one.digest == presented && one.lasts(now_ms))
    }

    /// Whether this is the machine's own token.
    #[must_use]
    pub fn is_local(&self, token: &AdminToken) -> bool {
        self.local.is_some_and(|local| local == digest(token))
    }
}

fn digest(token: &AdminToken) -> Digest {
    Digest::of("lika administrator", token.bytes())
}

#[cfg(test)]
mod tests {
    use super::{AdminToken, Administrators, LASTS_AT_MOST_MS, LASTS_MS, MAX_ADMINISTRATORS};

    #[test]
    fn the_local_token_and_no_other_is_the_machines() {
        let token = AdminToken::random().unwrap();
        let mut administrators = Administrators::new(Some(&token));
        assert!(administrators.is_local(&token));
        assert!(!administrators.is_local(&AdminToken::random().unwrap()));
        assert!(!administrators.knows(&token, 0), "it is no cookie");
        assert!(!Administrators::new(None).is_local(&token));
    }

    #[test]
    fn whoever_has_logged_in_is_an_administrator_for_an_hour_after_each_request_and_for_a_day() {
        let mut administrators = Administrators::default();
        let token = administrators.sign_in(0).unwrap();
        assert!(!administrators.knows(&token, LASTS_MS) && !administrators.is_local(&token));
        let mut at_ms = 0;
        while at_ms + LASTS_MS - 1 < LASTS_AT_MOST_MS {
            at_ms += LASTS_MS - 1;
            assert!(administrators.admits(&token, at_ms), "{at_ms}");
        }
        assert!(administrators.knows(&token, LASTS_AT_MOST_MS - 1));
        assert!(!administrators.knows(&token, LASTS_AT_MOST_MS));
        let watching = administrators.sign_in(0).unwrap();
        assert!(administrators.knows(&watching, LASTS_MS - 1));
        assert!(
            !administrators.knows(&watching, LASTS_MS),
            "a page that is only looked at"
        );
        administrators.sign_out(&token);
        assert!(!administrators.knows(&token, 0));
        let token = administrators.sign_in(0).unwrap();
        assert!(!administrators.knows(&AdminToken::random().unwrap(), 0));
        for _ in 0..MAX_ADMINISTRATORS {
            administrators.sign_in(0).unwrap();
        }
        assert!(!administrators.knows(&token, 0), "the oldest gave way");
    }
}
