//! The installation's signing key (Ed25519, RFC 8032), in a file of its own beside the journal.

use super::hex::{Hex, Signature};
use crate::replace::replace;
use crate::sha256::Sha256;
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, fchown};
use std::path::{Path, PathBuf};
use thiserror::Error;
use zeroize::Zeroizing;

/// The key's file in the data directory.
pub const KEY_FILE: &str = "evidence.key";

/// What stands before the 32 bytes of an Ed25519 key in a SubjectPublicKeyInfo (RFC 8410 section 4, DER).
const SPKI: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// What signatures are checked with; no secret.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PublicKey(Hex<32>);

impl PublicKey {
    /// The 32 bytes of RFC 8032.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0.0
    }

    /// SHA-256 of the 32 bytes, for people to compare.
    #[must_use]
    pub fn fingerprint(&self) -> Sha256 {
        Sha256::of(&[self.bytes()])
    }

    /// The 32 bytes as base64.
    #[must_use]
    pub fn base64(&self) -> String {
        STANDARD.encode(self.bytes())
    }

    /// As a SubjectPublicKeyInfo in PEM (RFC 7468), which `openssl pkey -pubin` reads.
    #[must_use]
    pub fn pem(&self) -> String {
        let der = [&SPKI[..], self.bytes()].concat();
        format!(
            "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
            STANDARD.encode(der)
        )
    }

    /// Every key in a text of PEM blocks; what stands outside the blocks is not looked at. `None`: there is none, or a
    /// block that is not an Ed25519 key.
    #[must_use]
    pub fn all_in(text: &str) -> Option<Vec<Self>> {
        let blocks = pem_blocks(text, "PUBLIC KEY")?;
        let key = |der: &Zeroizing<Vec<u8>>| {
            let bytes: [u8; 32] = der.strip_prefix(&SPKI)?.try_into().ok()?;
            Some(Self::from(bytes))
        };
        let keys: Vec<_> = blocks.iter().map(key).collect::<Option<_>>()?;
        (!keys.is_empty()).then_some(keys)
    }

    /// Whether the signature is of this message by this key.
    pub(super) fn verifies(&self, message: &[u8], signature: &Signature) -> bool {
        UnparsedPublicKey::new(&ED25519, self.bytes())
            .verify(message, &signature.0)
            .is_ok()
    }
}

impl From<[u8; 32]> for PublicKey {
    fn from(bytes: [u8; 32]) -> Self {
        Self(Hex(bytes))
    }
}

/// The contents of the blocks of this kind, in order. `None`: one is not closed, or not base64.
fn pem_blocks(text: &str, kind: &str) -> Option<Vec<Zeroizing<Vec<u8>>>> {
    let (begin, end) = (format!("-----BEGIN {kind}-----"), format!("-----END {kind}-----"));
    let block = |rest: &str| {
        let (inside, _) = rest.split_once(&end)?;
        let digits: Zeroizing<String> = Zeroizing::new(inside.split_whitespace().collect());
        STANDARD.decode(digits.as_bytes()).ok().map(Zeroizing::new)
    };
    text.split(&begin).skip(1).map(block).collect()
}

/// The key that signs. Its memory is wiped by the library when it is dropped.
pub(super) struct EvidenceKey {
    pair: Ed25519KeyPair,
    public: PublicKey,
}

/// Why the key file cannot be used.
#[derive(Debug, Error)]
pub enum KeyError {
    /// It cannot be read or written.
    #[error(
        "Nyckelfilen {path} kan inte användas: {source}. Kontrollera att lika får läsa och skriva den.\n\
         The key file {path} cannot be used: {source}. Check that lika may read and write it."
    )]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Others may read it.
    #[error(
        "Nyckelfilen {path} kan läsas av andra (mode {mode:03o}). Kör: chmod 600 {path}\n\
         The key file {path} can be read by others (mode {mode:03o}). Run: chmod 600 {path}"
    )]
    Exposed {
        /// Which.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// It is not a key.
    #[error(
        "Filen {0} är ingen Ed25519-nyckel (PKCS#8 i PEM). Återställ den från säkerhetskopian.\n\
         The file {0} is not an Ed25519 key (PKCS#8 in PEM). Restore it from its backup."
    )]
    Malformed(PathBuf),
    /// There is none.
    #[error(
        "Nyckelfilen {0} finns inte. Den skapas när servern startar första gången; har den funnits ska den \
         återställas från säkerhetskopian.\n\
         There is no key file {0}. It is made when the server first starts; if there was one, restore it from its backup."
    )]
    NotThere(PathBuf),
    /// The journal was signed with a key that is not there.
    #[error(
        "Journalen är undertecknad med en nyckel som inte finns i {0}. Återställ filen från säkerhetskopian. \
         Är nyckeln borta för gott: lika journal rotate-key --lost.\n\
         The journal was signed with a key that is not in {0}. Restore the file from its backup. \
         If the key is gone for good: lika journal rotate-key --lost."
    )]
    Lost(PathBuf),
    /// There have been too many keys.
    #[error(
        "Installationen har redan haft {max} nycklar; fler får inte plats.\n\
         The installation has had {max} keys already; there is no room for more.",
        max = super::keys::MAX_KEYS
    )]
    TooMany,
    /// The library gave no key or signature.
    #[error(
        "Datorn ger inga slumptal, så ingen nyckel kan skapas.\n\
         The machine gives no random numbers, so no key can be made."
    )]
    Randomness,
}

impl EvidenceKey {
    pub(super) fn generate() -> Result<Self, KeyError> {
        Ed25519KeyPair::generate()
            .map(Self::of)
            .map_err(|_| KeyError::Randomness)
    }

    fn of(pair: Ed25519KeyPair) -> Self {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(pair.public_key().as_ref());
        Self {
            pair,
            public: bytes.into(),
        }
    }

    /// From the file; `None` if there is no file. One that others may read is refused.
    pub(super) fn read(path: &Path) -> Result<Option<Self>, KeyError> {
        let failed = |source| KeyError::File {
            path: path.into(),
            source,
        };
        let mode = match fs::metadata(path) {
            Ok(file) => file.permissions().mode() & 0o777,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        if mode & 0o077 != 0 {
            let path = path.into();
            return Err(KeyError::Exposed { path, mode });
        }
        let text = Zeroizing::new(fs::read_to_string(path).map_err(failed)?);
        let blocks = pem_blocks(&text, "PRIVATE KEY").unwrap_or_default();
        let pair = match &blocks[..] {
            [only] => Ed25519KeyPair::from_pkcs8(only).ok(),
            _ => None,
        };
        let pair = pair.ok_or_else(|| KeyError::Malformed(path.into()))?;
        Ok(Some(Self::of(pair)))
    }

    /// Into the file, for its owner alone, whole or not at all. An administrator who makes a new key does not lock out
    /// the server: the file stays the old one's owner's, or the data directory's.
    pub(super) fn write(&self, path: &Path) -> Result<(), KeyError> {
        let failed = |source| KeyError::File {
            path: path.into(),
            source,
        };
        let der = self.pair.to_pkcs8v1().map_err(|_| KeyError::Randomness)?;
        let digits = Zeroizing::new(STANDARD.encode(der.as_ref()));
        let write = |file: &mut fs::File| {
            let directory = path.parent().unwrap_or(path);
            let owner = fs::metadata(path).or_else(|_| fs::metadata(directory))?;
            if file.metadata()?.uid() != owner.uid() {
                fchown(&*file, Some(owner.uid()), Some(owner.gid()))?;
            }
            write!(
                file,
                "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
                digits.as_str()
            )
        };
        replace(path, write).map_err(failed)
    }

    pub(super) const fn public(&self) -> PublicKey {
        self.public
    }

    pub(super) fn sign(&self, message: &[u8]) -> Signature {
        let mut bytes = [0; 64];
        bytes.copy_from_slice(self.pair.sign(message).as_ref());
        Hex(bytes)
    }

    /// The key of this seed (RFC 8032 section 5.1.5), for tests and the documented example.
    #[cfg(test)]
    pub(super) fn of_seed(seed: [u8; 32]) -> Self {
        Self::of(Ed25519KeyPair::from_seed_unchecked(&seed).unwrap())
    }
}
