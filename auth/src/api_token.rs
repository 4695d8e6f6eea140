//! API tokens: named, with an end, and good for what their scopes say and nothing more.

use crate::store::{IdentityStore, StoreError};
use crate::{Digest, Secret};
use rusqlite::{OptionalExtension as _, Row, params};
use std::fmt;
use std::str::FromStr;
use thiserror::Error;
use zeroize::Zeroizing;

/// Tokens at once: a handful of systems, each with one for every year.
pub const MAX_API_TOKENS: usize = 100;
/// The longest name of a token, in characters.
pub const MAX_TOKEN_NAME: usize = 60;
/// Stands first, so that whoever finds one, in a log or a repository, sees what it is.
const PREFIX: &str = "lika_";

/// What follows `Authorization: Bearer`: 256 random bits after a prefix.
pub struct ApiToken(Secret<32>);

impl ApiToken {
    /// Reads one that somebody presents. `None`: it cannot be one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Secret::parse(text.strip_prefix(PREFIX)?).map(Self)
    }

    /// As it is given to its owner, once.
    #[must_use]
    pub fn reveal(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("{PREFIX}{}", self.0.reveal().as_str()))
    }

    fn digest(&self) -> Digest {
        Digest::of("lika api", self.0.bytes())
    }
}

/// One kind of thing that a token may be good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Scope {
    /// Seeing meetings and their rosters.
    MeetingsRead,
    /// Convening meetings, and making and taking back invitations.
    MeetingsWrite,
    /// The public record of a meeting, and its report.
    ExportsRead,
    /// What was said and decided at secret items too.
    ExportsSecret,
    /// All but the last of these, in test meetings alone.
    LoadTest,
}

/// There is no such scope.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "behörigheten {0:?} finns inte; det finns meetings:read, meetings:write, exports:read, exports:secret och loadtest / \
     there is no scope {0:?}; there are meetings:read, meetings:write, exports:read, exports:secret and loadtest"
)]
pub struct UnknownScope(String);

impl Scope {
    /// Every one.
    pub const ALL: [Self; 5] = [
        Self::MeetingsRead,
        Self::MeetingsWrite,
        Self::ExportsRead,
        Self::ExportsSecret,
        Self::LoadTest,
    ];

    /// As it is written.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::MeetingsRead => "meetings:read",
            Self::MeetingsWrite => "meetings:write",
            Self::ExportsRead => "exports:read",
            Self::ExportsSecret => "exports:secret",
            Self::LoadTest => "loadtest",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Scope {
    type Err = UnknownScope;

    fn from_str(text: &str) -> Result<Self, UnknownScope> {
        let found = Self::ALL.into_iter().find(|scope| scope.name() == text);
        found.ok_or_else(|| UnknownScope(text.into()))
    }
}

/// What a caller may do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scopes(u8);

impl Scopes {
    /// An administrator's.
    #[must_use]
    pub fn all() -> Self {
        Scope::ALL.into_iter().collect()
    }

    /// Whether this is among them.
    #[must_use]
    pub const fn contain(self, scope: Scope) -> bool {
        self.0 & (1 << scope as u8) != 0
    }

    /// Whether this may be done: with any meeting, or, if it is a test meeting, by who runs load tests.
    #[must_use]
    pub const fn permit(self, scope: Scope, test_meeting: bool) -> bool {
        let by_test = test_meeting && !matches!(scope, Scope::ExportsSecret) && self.contain(Scope::LoadTest);
        by_test || self.contain(scope)
    }

    fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL.into_iter().filter(move |scope| self.contain(*scope))
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<T: IntoIterator<Item = Scope>>(scopes: T) -> Self {
        Self(scopes.into_iter().fold(0, |all, scope| all | 1 << scope as u8))
    }
}

/// With spaces between them, as in OAuth (RFC 6749 section 3.3).
impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.iter().map(Scope::name).collect();
        f.write_str(&names.join(" "))
    }
}

/// What a token gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiGrant {
    /// What it is called in lists and logs: the name of a system, not of a person.
    pub name: String,
    /// What it may do.
    pub scopes: Scopes,
    /// Since when.
    pub made_ms: i64,
    /// Until when.
    pub expires_ms: i64,
}

/// Why a token is not made.
#[derive(Debug, Error)]
pub enum ApiGrantError {
    /// Its name is empty, too long or no single line.
    #[error(
        "Namnet måste vara en rad med 1 till {MAX_TOKEN_NAME} tecken.\n\
         The name must be one line of 1 to {MAX_TOKEN_NAME} characters."
    )]
    Name,
    /// It has no scope.
    #[error(
        "En nyckel utan behörighet kan ingenting; ange minst en.\n\
         A token without a scope can do nothing; name at least one."
    )]
    NoScope,
    /// There is one of that name.
    #[error(
        "Det finns redan en nyckel som heter {0:?}; återkalla den eller välj ett annat namn.\n\
         There is a token named {0:?}; revoke it, or choose another name."
    )]
    Taken(String),
    /// There are as many as there may be.
    #[error(
        "Det finns {MAX_API_TOKENS} nycklar; återkalla dem som ingen använder.\n\
         There are {MAX_API_TOKENS} tokens; revoke those that nobody uses."
    )]
    Full,
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<rusqlite::Error> for ApiGrantError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

const COLUMNS: &str = "name, scopes, made_ms, expires_ms";

impl IdentityStore {
    /// Makes an API token. It is told here and never again.
    ///
    /// # Errors
    /// [`ApiGrantError`].
    pub fn grant_api(&mut self, grant: &ApiGrant) -> Result<ApiToken, ApiGrantError> {
        let name = grant.name.trim();
        let length = name.chars().take(MAX_TOKEN_NAME + 1).count();
        if length == 0 || length > MAX_TOKEN_NAME || name.chars().any(char::is_control) {
            return Err(ApiGrantError::Name);
        }
        if grant.scopes == Scopes::default() {
            return Err(ApiGrantError::NoScope);
        }
        let token = ApiToken(Secret::random().map_err(StoreError::from)?);
        let granting = self.db.transaction()?;
        let taken = "SELECT EXISTS (SELECT 1 FROM api_token WHERE name = ?1)";
        if granting.query_row(taken, [name], |row| row.get(0))? {
            return Err(ApiGrantError::Taken(name.into()));
        }
        let there: usize = granting.query_row("SELECT count(*) FROM api_token", [], |row| row.get(0))?;
        if there >= MAX_API_TOKENS {
            return Err(ApiGrantError::Full);
        }
        granting.execute(
            "INSERT INTO api_token (digest, name, scopes, made_ms, expires_ms) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![
                token.digest().as_bytes(),
                name,
                grant.scopes.to_string(),
                grant.made_ms,
                grant.expires_ms
            ],
        )?;
        granting.commit()?;
        Ok(token)
    }

    /// What the token gives; `None`: unknown, expired or revoked, which its holder is not told apart. It is found by its
    /// digest, so that how long the search takes tells nothing of the token.
    ///
    /// # Errors
    /// When the store does not work.
    pub fn api_grant(&self, token: &ApiToken, now_ms: i64) -> Result<Option<ApiGrant>, StoreError> {
        let query = format!("SELECT {COLUMNS} FROM api_token WHERE digest = ?1");
        let found = self.db.query_row(&query, [token.digest().as_bytes()], grant_of);
        Ok(found.optional()?.filter(|grant| now_ms < grant.expires_ms))
    }

    /// Every token by its name, those that have expired too.
    ///
    /// # Errors
    /// When the store does not work.
    pub fn api_grants(&self) -> Result<Vec<ApiGrant>, StoreError> {
        let query = format!("SELECT {COLUMNS} FROM api_token ORDER BY name");
        let mut query = self.db.prepare(&query)?;
        let grants = query.query_map([], grant_of)?;
        Ok(grants.collect::<Result<_, _>>()?)
    }

    /// Takes a token back; whether there was one.
    ///
    /// # Errors
    /// When the store does not work.
    pub fn revoke_api(&mut self, name: &str) -> Result<bool, StoreError> {
        Ok(self.db.execute("DELETE FROM api_token WHERE name = ?1", [name])? > 0)
    }
}

/// A scope that this program does not know is worth nothing.
fn grant_of(row: &Row<'_>) -> Result<ApiGrant, rusqlite::Error> {
    let scopes: String = row.get(1)?;
    Ok(ApiGrant {
        name: row.get(0)?,
        scopes: scopes.split(' ').filter_map(|scope| scope.parse().ok()).collect(),
        made_ms: row.get(2)?,
        expires_ms: row.get(3)?,
    })
}

#[cfg(test)]
mod tests {
    use super::{ApiGrant, ApiGrantError, ApiToken, MAX_API_TOKENS, Scope, Scopes};
    use crate::store::in_memory;

    fn grant(name: &str) -> ApiGrant {
        ApiGrant {
            name: name.into(),
            scopes: [Scope::MeetingsRead, Scope::LoadTest].into_iter().collect(),
            made_ms: 0,
            expires_ms: 1000,
        }
    }

    #[test]
    fn an_api_token_is_good_until_it_expires_or_is_revoked() {
        let mut store = in_memory();
        let token = store.grant_api(&grant("Ärendesystem")).unwrap();
        let presented = ApiToken::parse(&token.reveal()).unwrap();
        assert_eq!(store.api_grant(&presented, 999).unwrap(), Some(grant("Ärendesystem")));
        assert_eq!(store.api_grant(&presented, 1000).unwrap(), None);
        assert!(store.revoke_api("Ärendesystem").unwrap());
        assert!(!store.revoke_api("Ärendesystem").unwrap());
        assert_eq!(store.api_grant(&presented, 0).unwrap(), None);
    }

    #[test]
    fn another_token_or_one_of_another_kind_is_nothing() {
        let mut store = in_memory();
        let token = store.grant_api(&grant("a")).unwrap().reveal();
        assert!(ApiToken::parse(token.trim_start_matches("lika_")).is_none());
        let other = ApiToken(crate::Secret::random().unwrap());
        assert_eq!(store.api_grant(&other, 0).unwrap(), None);
    }

    #[test]
    fn the_token_itself_is_not_stored() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("identity.sqlite");
        let token = crate::IdentityStore::open(&path)
            .unwrap()
            .grant_api(&grant("a"))
            .unwrap();
        let stored = std::fs::read(&path).unwrap();
        let found = |what: &[u8]| stored.windows(what.len()).any(|bytes| bytes == what);
        assert!(found(token.digest().as_bytes()));
        assert!(!found(token.0.bytes()) && !found(token.0.reveal().as_bytes()));
    }

    #[test]
    fn names_are_single_and_tokens_bounded() {
        let mut store = in_memory();
        for wrong in ["", "  ", "a\nb", &"a".repeat(61)] {
            assert!(
                matches!(store.grant_api(&grant(wrong)), Err(ApiGrantError::Name)),
                "{wrong}"
            );
        }
        let nothing = ApiGrant {
            scopes: Scopes::default(),
            ..grant("a")
        };
        assert!(matches!(store.grant_api(&nothing), Err(ApiGrantError::NoScope)));
        for number in 0..MAX_API_TOKENS {
            store.grant_api(&grant(&number.to_string())).unwrap();
        }
        assert!(matches!(store.grant_api(&grant("7")), Err(ApiGrantError::Taken(_))));
        assert!(matches!(store.grant_api(&grant("more")), Err(ApiGrantError::Full)));
        assert_eq!(store.api_grants().unwrap().len(), MAX_API_TOKENS);
    }

    #[test]
    fn whoever_runs_load_tests_may_do_what_is_asked_with_test_meetings_alone() {
        let load: Scopes = [Scope::LoadTest].into_iter().collect();
        for scope in [Scope::MeetingsRead, Scope::MeetingsWrite, Scope::ExportsRead] {
            assert!(load.permit(scope, true) && !load.permit(scope, false), "{scope}");
            assert!(Scopes::all().permit(scope, false));
        }
        assert!(!load.permit(Scope::ExportsSecret, true));
        let read: Scopes = [Scope::MeetingsRead].into_iter().collect();
        assert!(read.permit(Scope::MeetingsRead, false) && !read.permit(Scope::MeetingsWrite, true));
    }

    #[test]
    fn scopes_are_written_and_read() {
        assert_eq!(
            Scopes::all().to_string(),
            "meetings:read meetings:write exports:read exports:secret loadtest"
        );
        let told = "meetings".parse::<Scope>().unwrap_err().to_string();
        assert!(
            told.starts_with("behörigheten") && told.contains("there is no scope"),
            "{told}"
        );
        assert!(told.contains("meetings:read"), "{told}");
    }

    #[test]
    fn why_no_token_is_made_is_told_in_swedish_and_in_english() {
        for error in [
            ApiGrantError::Name,
            ApiGrantError::NoScope,
            ApiGrantError::Taken("a".into()),
            ApiGrantError::Full,
        ] {
            assert_eq!(error.to_string().lines().count(), 2, "{error}");
        }
    }
}
