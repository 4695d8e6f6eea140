//! What is stored instead of a token.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{Context, SHA256};
use std::fmt;

/// The SHA-256 of a token, after a prefix that says which kind it is, so that a token of one kind is never another's.
/// A fast hash is enough: a token is at least 128 random bits.
#[derive(Clone, Copy)]
pub struct Digest([u8; 32]);

impl Digest {
    pub(crate) fn of(kind: &str, token: &[u8]) -> Self {
        let mut context = Context::new(&SHA256);
        context.update(kind.as_bytes());
        context.update(&[0]);
        context.update(token);
        let mut bytes = [0; 32];
        bytes.copy_from_slice(context.finish().as_ref());
        Self(bytes)
    }

    pub(crate) fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// In constant time.
impl PartialEq for Digest {
    fn eq(&self, other: &Self) -> bool {
        verify_slices_are_equal(&self.0, &other.0).is_ok()
    }
}

impl Eq for Digest {}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digest(..)")
    }
}
