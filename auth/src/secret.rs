//! Secrets that neither print nor linger in memory.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::fmt;
use thiserror::Error;
use zeroize::{Zeroize as _, Zeroizing};

/// `N` random bytes. Written as base64url without padding (RFC 4648 section 5), wiped when dropped, compared in constant
/// time, and never printed.
#[derive(Clone)]
pub struct Secret<const N: usize>([u8; N]);

/// The operating system has no randomness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the operating system gives no random numbers; no token can be made")]
pub struct NoRandomness;

impl<const N: usize> Secret<N> {
    /// A new one.
    ///
    /// # Errors
    /// When the operating system gives no random numbers.
    pub fn random() -> Result<Self, NoRandomness> {
        let mut bytes = [0; N];
        aws_lc_rs::rand::fill(&mut bytes).map_err(|_| NoRandomness)?;
        Ok(Self(bytes))
    }

    /// Reads one that somebody presents. `None`: it cannot be one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let decoded = Zeroizing::new(URL_SAFE_NO_PAD.decode(text).ok()?);
        decoded.as_slice().try_into().ok().map(Self)
    }

    /// As it is given to its owner, once.
    #[must_use]
    pub fn reveal(&self) -> Zeroizing<String> {
        Zeroizing::new(URL_SAFE_NO_PAD.encode(self.0))
    }

    pub(crate) const fn from_bytes(bytes: [u8; N]) -> Self {
        Self(bytes)
    }

    pub(crate) const fn bytes(&self) -> &[u8; N] {
        &self.0
    }
}

impl<const N: usize> PartialEq for Secret<N> {
    fn eq(&self, other: &Self) -> bool {
        verify_slices_are_equal(&self.0, &other.0).is_ok()
    }
}

impl<const N: usize> Eq for Secret<N> {}

impl<const N: usize> Drop for Secret<N> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<const N: usize> fmt::Debug for Secret<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::Secret;
    use proptest::prelude::*;

    #[test]
    fn a_secret_is_read_back_and_does_not_print() {
        let secret = Secret::<16>::random().unwrap();
        let text = secret.reveal();
        assert_eq!(text.len(), 22);
        assert_eq!(Secret::parse(&text), Some(secret.clone()));
        assert_ne!(Secret::<16>::random().unwrap(), secret);
        assert!(!format!("{secret:?}").contains(text.as_str()));
    }

    proptest! {
        #[test]
        fn what_is_read_has_one_spelling(text in "[A-Za-z0-9_=+/-]{20,24}") {
            if let Some(secret) = Secret::<16>::parse(&text) {
                prop_assert_eq!(secret.reveal().to_string(), text);
            }
        }
    }
}
