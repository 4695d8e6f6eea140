//! ICE user name fragments and passwords (RFC 8839 section 5.4).

use rand::RngExt as _;
use std::fmt;
use thiserror::Error;
use zeroize::Zeroizing;

/// What ICE allows in user name fragments and passwords.
const ICE_CHARS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
/// Of our own: 48 bits, 6 of which name the worker; RFC 8839 asks for 24.
const UFRAG_LEN: usize = 8;
/// Of our own: 144 bits; RFC 8839 asks for 128.
const PWD_LEN: usize = 24;

/// One side's user name fragment and password. The password is wiped when dropped and never printed.
#[derive(Clone)]
pub struct Credentials {
    ufrag: String,
    pwd: Zeroizing<String>,
}

/// An `a=ice-ufrag` or `a=ice-pwd` that RFC 8839 does not allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("ICE needs a user name fragment of 4 to 256 and a password of 22 to 256 letters, digits, + and /")]
pub struct CredentialsError;

impl Credentials {
    /// New random ones.
    pub fn generate() -> Self {
        Self {
            ufrag: random(UFRAG_LEN),
            pwd: random(PWD_LEN).into(),
        }
    }

    /// New random ones whose user name fragment begins with the number of the worker: a TCP connection, which comes to
    /// a port that all workers share, finds its worker by it.
    pub fn generate_on(worker: u8) -> Self {
        let mut credentials = Self::generate();
        let letter = ICE_CHARS[usize::from(worker) % ICE_CHARS.len()];
        credentials
            .ufrag
            .replace_range(..1, char::from(letter).encode_utf8(&mut [0; 4]));
        credentials
    }

    /// Those of an SDP.
    pub fn new(ufrag: &str, pwd: &str) -> Result<Self, CredentialsError> {
        let allowed = |text: &str| text.bytes().all(|byte| ICE_CHARS.contains(&byte));
        if !(4..=256).contains(&ufrag.len()) || !(22..=256).contains(&pwd.len()) || !allowed(ufrag) || !allowed(pwd) {
            return Err(CredentialsError);
        }
        Ok(Self {
            ufrag: ufrag.to_owned(),
            pwd: pwd.to_owned().into(),
        })
    }

    /// The user name fragment.
    pub fn ufrag(&self) -> &str {
        &self.ufrag
    }

    /// The password: a secret, for the SDP answer only.
    pub fn pwd(&self) -> &str {
        &self.pwd
    }
}

/// The worker that a user name fragment of [`Credentials::generate_on`] is of.
pub fn worker_of(ufrag: &str) -> Option<u8> {
    let first = ufrag.bytes().next()?;
    let number = ICE_CHARS.iter().position(|letter| *letter == first)?;
    u8::try_from(number).ok()
}

/// `len` characters of 6 bits each.
fn random(len: usize) -> String {
    let mut bytes = Zeroizing::new([0u8; PWD_LEN]);
    rand::rng().fill(bytes.as_mut());
    bytes
        .iter()
        .take(len)
        .map(|byte| char::from(ICE_CHARS[usize::from(byte % 64)]))
        .collect()
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("ufrag", &self.ufrag)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generated_ones_are_valid_and_differ() {
        let (one, other) = (Credentials::generate(), Credentials::generate());
        assert!(Credentials::new(one.ufrag(), one.pwd()).is_ok());
        assert_ne!(one.ufrag(), other.ufrag());
        assert_ne!(one.pwd(), other.pwd());
    }

    #[test]
    fn the_ufrag_tells_the_worker() {
        for worker in [0, 1, 25, 63] {
            let credentials = Credentials::generate_on(worker);
            assert_eq!(worker_of(credentials.ufrag()), Some(worker));
            assert_eq!(credentials.ufrag().len(), UFRAG_LEN);
        }
        assert_eq!((worker_of(""), worker_of("-abc")), (None, None));
    }

    #[test]
    fn what_the_rfc_forbids_is_refused() {
        let pwd = "a".repeat(22);
        assert!(Credentials::new("abcd", &pwd).is_ok());
        assert!(Credentials::new("abc", &pwd).is_err());
        assert!(Credentials::new("ab:d", &pwd).is_err());
        assert!(Credentials::new("abcd", &pwd[1..]).is_err());
        assert!(Credentials::new(&"a".repeat(257), &pwd).is_err());
    }

    #[test]
    fn the_password_is_not_printed() {
        let credentials = Credentials::generate();
        assert!(!format!("{credentials:?}").contains(credentials.pwd()));
    }
}
