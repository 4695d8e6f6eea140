//! Whose line of the roster an identity is, without keeping the identity: of each personal identity number the store has
//! a keyed hash alone (HMAC-SHA-256, RFC 2104), and the key is in a file of its own outside the database.
//!
//! Twelve digits are soon tried through, so a plain hash would tell the number to whoever has the database. With the
//! key beside it, stealing one of the two is not enough.

use crate::Identity;
use crate::store::{IdentityStore, StoreError};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;
use rusqlite::{Connection, params};
use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _, fchown};
use std::path::{Path, PathBuf};
use thiserror::Error;
use zeroize::Zeroizing;

/// A key: 256 random bits, as long as the hash (RFC 2104 section 3).
pub type RosterKey = crate::Secret<32>;

/// Keys kept after they have been replaced: as many as there are rotations while meetings still wait.
pub const MAX_KEYS: usize = 8;

/// What is hashed before an identity, so that no other use of the key gives the same.
const IDENTITY: &[u8] = b"lika roster v1\0";
/// And before what a provider calls a person, which may be the number itself.
const SUBJECT: &[u8] = b"lika subject v1\0";

/// The keys of an installation, the one in use first.
pub struct RosterKeys(Vec<RosterKey>);

/// The keyed hash of an identity, by one of the keys.
#[derive(Clone, Copy)]
pub struct KeyedIdentity(pub(crate) [u8; 32]);

/// Why the key file cannot be used.
#[derive(Debug, Error)]
pub enum KeyError {
    /// It cannot be read or written.
    #[error("cannot use the key file {path}: {source}; see identity.key_file")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Others may read it.
    #[error("the key file {path} can be read by others (mode {mode:03o}); make it readable for lika alone: chmod 600")]
    Exposed {
        /// Which.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// It is not a list of keys.
    #[error("line {line} of the key file {path} is not a key; restore the file from its backup")]
    Malformed {
        /// Which.
        path: PathBuf,
        /// Where, from 1.
        line: usize,
    },
    /// There are too many keys.
    #[error(
        "the key file {0} has {MAX_KEYS} keys already; remove those whose meetings are over: lika identity forget-keys"
    )]
    Full(PathBuf),
    /// No randomness.
    #[error(transparent)]
    Randomness(#[from] crate::secret::NoRandomness),
}

impl RosterKeys {
    /// Reads the key file, or makes one with a first key: one key a line, base64url, readable for its owner alone.
    ///
    /// # Errors
    /// [`KeyError`], saying what to do. A file that others may read is refused.
    pub fn open(path: &Path) -> Result<Self, KeyError> {
        let failed = |source| KeyError::File {
            path: path.into(),
            source,
        };
        match fs::metadata(path) {
            Ok(file) => {
                let mode = file.permissions().mode() & 0o777;
                if mode & 0o077 != 0 {
                    return Err(KeyError::Exposed {
                        path: path.into(),
                        mode,
                    });
                }
                Self::parse(path, &Zeroizing::new(fs::read_to_string(path).map_err(failed)?))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let keys = Self(vec![RosterKey::random()?]);
                keys.write(path).map_err(failed)?;
                Ok(keys)
            }
            Err(error) => Err(failed(error)),
        }
    }

    /// Puts a new key first. Those before it are kept for the meetings convened with them.
    ///
    /// # Errors
    /// [`KeyError`]; the file is then as it was.
    pub fn rotate(&mut self, path: &Path) -> Result<(), KeyError> {
        if self.0.len() >= MAX_KEYS {
            return Err(KeyError::Full(path.into()));
        }
        self.0.insert(0, RosterKey::random()?);
        self.write(path).map_err(|source| KeyError::File {
            path: path.into(),
            source,
        })
    }

    /// How many there are.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.0.len()
    }

    /// Keeps the newest, at least one, and forgets the others for good: what was hashed with them is nobody's any more.
    ///
    /// # Errors
    /// [`KeyError`]; the file is then as it was.
    pub fn keep(&mut self, newest: usize, path: &Path) -> Result<(), KeyError> {
        self.0.truncate(newest.max(1));
        self.write(path).map_err(|source| KeyError::File {
            path: path.into(),
            source,
        })
    }

    /// The hash that is stored for an identity from now on.
    #[must_use]
    pub fn hash(&self, identity: &str) -> KeyedIdentity {
        // There is always a key; without one nobody would match.
        let none = || KeyedIdentity([0; 32]);
        self.0.first().map_or_else(none, |key| keyed(key, IDENTITY, identity))
    }

    /// The hashes that may have been stored for an identity.
    #[must_use]
    pub fn hashes(&self, identity: &str) -> Vec<KeyedIdentity> {
        self.0.iter().map(|key| keyed(key, IDENTITY, identity)).collect()
    }

    /// The hashes of what a provider calls a person (`sub`), the one that is stored first.
    #[must_use]
    pub fn subjects(&self, provider: &str, subject: &str) -> Vec<KeyedIdentity> {
        let named = Zeroizing::new(format!("{provider}\0{subject}"));
        self.0.iter().map(|key| keyed(key, SUBJECT, &named)).collect()
    }

    fn parse(path: &Path, text: &str) -> Result<Self, KeyError> {
        let malformed = |line| KeyError::Malformed {
            path: path.into(),
            line,
        };
        let lines = (1..)
            .zip(text.lines().map(str::trim))
            .filter(|(_, line)| !line.is_empty());
        let keys: Vec<_> = lines
            .map(|(line, key)| RosterKey::parse(key).ok_or_else(|| malformed(line)))
            .collect::<Result<_, _>>()?;
        match keys.len() {
            0 => Err(malformed(1)),
            1..=MAX_KEYS => Ok(Self(keys)),
            _ => Err(KeyError::Full(path.into())),
        }
    }

    /// Beside the old file first, so that a full disk costs no key. The new one is its owner's: an administrator who
    /// changes the keys does not lock out the server.
    fn write(&self, path: &Path) -> io::Result<()> {
        let beside = path.with_extension("new");
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&beside)?;
        if let Ok(old) = fs::metadata(path) {
            fchown(&file, Some(old.uid()), Some(old.gid()))?;
        }
        for key in &self.0 {
            writeln!(file, "{}", key.reveal().as_str())?;
        }
        file.sync_all()?;
        fs::rename(beside, path)
    }
}

pub(crate) fn expect(db: &Connection, whom: Identity, identity: &KeyedIdentity) -> Result<(), rusqlite::Error> {
    let mut inserting =
        db.prepare_cached("INSERT OR REPLACE INTO roster (meeting, participant, identity) VALUES (?1, ?2, ?3)")?;
    inserting.execute(params![whom.meeting, whom.participant, identity.0])?;
    Ok(())
}

impl IdentityStore {
    /// Remembers whose identity a participant's must be. Another one than before takes its place.
    ///
    /// # Errors
    /// When the store does not work.
    pub fn expect_identity(&mut self, whom: Identity, identity: &KeyedIdentity) -> Result<(), StoreError> {
        Ok(expect(&self.db, whom, identity)?)
    }

    /// Whether one of these hashes of an identity is the participant's; `None`: the roster has no identity for them, or
    /// they were revoked.
    ///
    /// # Errors
    /// When the store does not work.
    pub fn matches(&self, whom: Identity, hashes: &[KeyedIdentity]) -> Result<Option<bool>, StoreError> {
        let mut query = self
            .db
            .prepare_cached("SELECT identity FROM roster WHERE meeting = ?1 AND participant = ?2 AND NOT revoked")?;
        let mut found = query.query_map(params![whom.meeting, whom.participant], |row| {
            row.get(0).map(KeyedIdentity)
        })?;
        let expected = found.next().transpose()?;
        Ok(expected.map(|expected| hashes.contains(&expected)))
    }

    /// Every roster line of this identity, the newest meeting first.
    ///
    /// # Errors
    /// When the store does not work.
    pub fn roster_lines(&self, hashes: &[KeyedIdentity]) -> Result<Vec<Identity>, StoreError> {
        let mut query = self
            .db
            .prepare_cached("SELECT meeting, participant FROM roster WHERE identity = ?1 AND NOT revoked")?;
        let mut lines = Vec::new();
        for hash in hashes {
            let found = query.query_map([hash.0], |row| {
                Ok(Identity {
                    meeting: row.get(0)?,
                    participant: row.get(1)?,
                })
            })?;
            lines.extend(found.collect::<Result<Vec<_>, _>>()?);
        }
        lines.sort_unstable_by(|one, other| other.cmp(one));
        Ok(lines)
    }
}

fn keyed(key: &RosterKey, purpose: &[u8], identity: &str) -> KeyedIdentity {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.bytes());
    let mut context = hmac::Context::with_key(&key);
    context.update(purpose);
    context.update(identity.as_bytes());
    let mut hash = [0; 32];
    hash.copy_from_slice(context.sign().as_ref());
    KeyedIdentity(hash)
}

/// In constant time.
impl PartialEq for KeyedIdentity {
    fn eq(&self, other: &Self) -> bool {
        verify_slices_are_equal(&self.0, &other.0).is_ok()
    }
}

impl Eq for KeyedIdentity {}

impl fmt::Debug for KeyedIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyedIdentity(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::{KeyError, RosterKeys};
    use crate::Identity;
    use crate::store::in_memory;
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt as _;

    const NUMBER: &str = "189001019802";
    const MEMBER: Identity = Identity {
        meeting: 2,
        participant: 7,
    };

    #[test]
    fn a_key_file_is_made_for_its_owner_alone_and_read_back() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("roster.key");
        let made = RosterKeys::open(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(RosterKeys::open(&path).unwrap().hash(NUMBER), made.hash(NUMBER));
        fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(
            RosterKeys::open(&path),
            Err(KeyError::Exposed { mode: 0o640, .. })
        ));
    }

    #[test]
    fn a_damaged_key_file_is_named_with_its_line() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("roster.key");
        RosterKeys::open(&path).unwrap();
        let text = fs::read_to_string(&path).unwrap() + "short\n";
        fs::write(&path, text).unwrap();
        assert!(matches!(
            RosterKeys::open(&path),
            Err(KeyError::Malformed { line: 2, .. })
        ));
    }

    #[test]
    fn an_identity_is_found_by_every_key_and_by_no_other_installation() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("roster.key");
        let mut keys = RosterKeys::open(&path).unwrap();
        let mut store = in_memory();
        store.expect_identity(MEMBER, &keys.hash(NUMBER)).unwrap();
        keys.rotate(&path).unwrap();
        let later = Identity { meeting: 3, ..MEMBER };
        store.expect_identity(later, &keys.hash(NUMBER)).unwrap();
        let keys = RosterKeys::open(&path).unwrap();
        assert_eq!(store.matches(MEMBER, &keys.hashes(NUMBER)).unwrap(), Some(true));
        assert_eq!(store.roster_lines(&keys.hashes(NUMBER)).unwrap(), [later, MEMBER]);
        assert_eq!(
            store.matches(MEMBER, &keys.hashes("189001029801")).unwrap(),
            Some(false)
        );
        let other = RosterKeys::open(&directory.path().join("other.key")).unwrap();
        assert_eq!(store.matches(MEMBER, &other.hashes(NUMBER)).unwrap(), Some(false));
        store.revoke(later).unwrap();
        assert_eq!(store.matches(later, &keys.hashes(NUMBER)).unwrap(), None);
        assert_eq!(store.roster_lines(&keys.hashes(NUMBER)).unwrap(), [MEMBER]);
        let anew = crate::Invitation {
            whom: later,
            uses: 1,
            expires_ms: 1,
        };
        store.invite(&anew).unwrap();
        assert_eq!(store.matches(later, &keys.hashes(NUMBER)).unwrap(), Some(true));
        let nobody = Identity {
            participant: 8,
            ..MEMBER
        };
        assert_eq!(store.matches(nobody, &keys.hashes(NUMBER)).unwrap(), None);
    }

    #[test]
    fn a_forgotten_key_matches_nobody_and_the_one_in_use_stays() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("roster.key");
        let mut keys = RosterKeys::open(&path).unwrap();
        let old = keys.hash(NUMBER);
        keys.rotate(&path).unwrap();
        keys.keep(0, &path).unwrap();
        let read = RosterKeys::open(&path).unwrap();
        assert_eq!(read.hashes(NUMBER), [keys.hash(NUMBER)]);
        assert_ne!(read.hash(NUMBER), old);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
