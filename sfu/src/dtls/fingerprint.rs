//! `a=fingerprint` (RFC 8122): the hash of a certificate.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{Algorithm, SHA256, SHA384, SHA512, digest};
use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// A certificate's hash, compared in constant time. Parses and prints as the value of `a=fingerprint`:
/// `sha-256 8F:0C:…`.
#[derive(Clone)]
pub struct Fingerprint {
    hash: &'static Hash,
    digest: Vec<u8>,
}

/// A fingerprint that cannot be used. MD5 and SHA-1 are not accepted: they no longer name one certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a DTLS fingerprint must be sha-256, sha-384 or sha-512, a space, and the hash as hexadecimal with colons")]
pub struct FingerprintError;

struct Hash {
    name: &'static str,
    algorithm: &'static Algorithm,
}

static HASHES: [Hash; 3] = [
    Hash {
        name: "sha-256",
        algorithm: &SHA256,
    },
    Hash {
        name: "sha-384",
        algorithm: &SHA384,
    },
    Hash {
        name: "sha-512",
        algorithm: &SHA512,
    },
];

impl Fingerprint {
    /// The SHA-256 of a certificate in DER.
    pub fn of(certificate: &[u8]) -> Self {
        Self::with(&HASHES[0], certificate)
    }

    /// Whether this is the fingerprint of `certificate` (DER).
    pub fn matches(&self, certificate: &[u8]) -> bool {
        *self == Self::with(self.hash, certificate)
    }

    fn with(hash: &'static Hash, certificate: &[u8]) -> Self {
        Self {
            hash,
            digest: digest(hash.algorithm, certificate).as_ref().to_vec(),
        }
    }
}

impl PartialEq for Fingerprint {
    fn eq(&self, other: &Self) -> bool {
        self.hash.name == other.hash.name && verify_slices_are_equal(&self.digest, &other.digest).is_ok()
    }
}

impl Eq for Fingerprint {}

impl FromStr for Fingerprint {
    type Err = FingerprintError;

    fn from_str(text: &str) -> Result<Self, FingerprintError> {
        let (name, hex) = text.trim().split_once(' ').ok_or(FingerprintError)?;
        let hash = HASHES
            .iter()
            .find(|hash| hash.name.eq_ignore_ascii_case(name))
            .ok_or(FingerprintError)?;
        let digest = hex
            .trim_start()
            .split(':')
            .map(byte)
            .collect::<Option<Vec<u8>>>()
            .ok_or(FingerprintError)?;
        if digest.len() != hash.algorithm.output_len() {
            return Err(FingerprintError);
        }
        Ok(Self { hash, digest })
    }
}

/// Exactly two hexadecimal digits.
fn byte(text: &str) -> Option<u8> {
    let two_digits = text.len() == 2 && text.bytes().all(|digit| digit.is_ascii_hexdigit());
    if two_digits {
        u8::from_str_radix(text, 16).ok()
    } else {
        None
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.hash.name)?;
        for (at, byte) in self.digest.iter().enumerate() {
            write!(f, "{}{byte:02X}", if at == 0 { ' ' } else { ':' })?;
        }
        Ok(())
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SHA-256 of nothing (FIPS 180-4).
    const EMPTY: &str = concat!(
        "sha-256 E3:B0:C4:42:98:FC:1C:14:9A:FB:F4:C8:99:6F:B9:24:",
        "27:AE:41:E4:64:9B:93:4C:A4:95:99:1B:78:52:B8:55"
    );

    #[test]
    fn prints_and_parses_as_in_sdp() {
        let fingerprint = Fingerprint::of(b"");
        assert_eq!(fingerprint.to_string(), EMPTY);
        assert_eq!(EMPTY.to_lowercase().parse(), Ok(fingerprint));
    }

    #[test]
    fn longer_hashes_match_too() {
        for hash in &HASHES {
            let fingerprint: Fingerprint = Fingerprint::with(hash, b"certificate").to_string().parse().unwrap();
            assert!(fingerprint.matches(b"certificate"));
            assert!(!fingerprint.matches(b"another"));
        }
    }

    #[test]
    fn broken_ones_are_refused() {
        for text in [
            "",
            "sha-256",
            "sha-256 ",
            "sha-1 AB:CD",
            "sha-256 AB:CD",
            &EMPTY[..EMPTY.len() - 1],
            "sha-256 +1",
        ] {
            assert_eq!(text.parse::<Fingerprint>(), Err(FingerprintError), "{text}");
        }
        assert!(EMPTY.replace("E3", "+3").parse::<Fingerprint>().is_err());
    }
}
