//! Master keys, and the session keys derived from them (RFC 3711 section 4.3).

use crate::SrtpProfile;
use aws_lc_rs::cipher::{AES_128, AES_256, EncryptingKey, EncryptionContext, UnboundCipherKey};
use std::fmt;
use thiserror::Error;
use zeroize::Zeroizing;

/// One direction's master key and master salt. Wiped when dropped, never printed.
#[derive(Clone)]
pub struct MasterKey {
    key: Zeroizing<Vec<u8>>,
    salt: Zeroizing<Vec<u8>>,
}

/// Both directions' master keys, as DTLS-SRTP gives them (RFC 5764 section 4.2).
#[derive(Clone)]
pub struct KeyingMaterial {
    /// Protects what the relay sends.
    pub local: MasterKey,
    /// Protects what the peer sends.
    pub remote: MasterKey,
}

/// Keys that do not fit the profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the SRTP key does not have the length that its profile needs; this is a fault in the relay, report it")]
pub struct KeyError;

impl MasterKey {
    /// Takes a key and a salt of the lengths that `profile` needs.
    pub fn new(profile: SrtpProfile, key: &[u8], salt: &[u8]) -> Result<Self, KeyError> {
        if key.len() != key_len(profile) || salt.len() != salt_len(profile) {
            return Err(KeyError);
        }
        Ok(Self {
            key: key.to_vec().into(),
            salt: salt.to_vec().into(),
        })
    }

    /// The session key for `label`, filling `out`: the AES-CM key stream from `label` and the salt (RFC 3711 section
    /// 4.3.3). The key derivation rate is 0, as in all of WebRTC. A 96-bit salt is padded with zeros on the right.
    pub(super) fn derive(&self, label: Label, out: &mut [u8]) -> Result<(), KeyError> {
        let mut iv = [0; 16];
        for (to, from) in iv.iter_mut().zip(self.salt.iter()) {
            *to = *from;
        }
        iv[7] ^= label as u8;
        let algorithm = if self.key.len() == 32 { &AES_256 } else { &AES_128 };
        let key = UnboundCipherKey::new(algorithm, &self.key).map_err(|_| KeyError)?;
        let key = EncryptingKey::ctr(key).map_err(|_| KeyError)?;
        out.fill(0);
        key.less_safe_encrypt(out, EncryptionContext::Iv128(iv.into()))
            .map_err(|_| KeyError)?;
        Ok(())
    }
}

/// What a derived key is for (RFC 3711 section 4.3.1).
#[derive(Clone, Copy)]
pub(super) enum Label {
    RtpEncryption = 0,
    RtpAuthentication = 1,
    RtpSalt = 2,
    RtcpEncryption = 3,
    RtcpAuthentication = 4,
    RtcpSalt = 5,
}

impl KeyingMaterial {
    /// How many bytes the DTLS exporter must give for `profile`.
    pub fn exported_len(profile: SrtpProfile) -> usize {
        2 * (key_len(profile) + salt_len(profile))
    }

    /// Divides what the exporter gave to the DTLS *server*: client key, server key, client salt, server salt (RFC 5764
    /// section 4.2).
    pub fn from_exporter(profile: SrtpProfile, exported: &[u8]) -> Result<Self, KeyError> {
        if exported.len() != Self::exported_len(profile) {
            return Err(KeyError);
        }
        let (keys, salts) = exported.split_at(2 * key_len(profile));
        let (client_key, server_key) = keys.split_at(key_len(profile));
        let (client_salt, server_salt) = salts.split_at(salt_len(profile));
        Ok(Self {
            local: MasterKey::new(profile, server_key, server_salt)?,
            remote: MasterKey::new(profile, client_key, client_salt)?,
        })
    }

    /// The same keys seen from the other end.
    pub fn reversed(self) -> Self {
        Self {
            local: self.remote,
            remote: self.local,
        }
    }
}

fn key_len(profile: SrtpProfile) -> usize {
    match profile {
        SrtpProfile::AeadAes128Gcm | SrtpProfile::Aes128CmHmacSha1_80 => 16,
        SrtpProfile::AeadAes256Gcm => 32,
    }
}

fn salt_len(profile: SrtpProfile) -> usize {
    match profile {
        SrtpProfile::AeadAes128Gcm | SrtpProfile::AeadAes256Gcm => 12,
        SrtpProfile::Aes128CmHmacSha1_80 => 14,
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey")
    }
}

impl fmt::Debug for KeyingMaterial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyingMaterial")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        (0..text.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
            .collect()
    }

    /// RFC 3711 appendix B.3.
    #[test]
    fn session_keys_are_those_of_the_rfc() {
        let profile = SrtpProfile::Aes128CmHmacSha1_80;
        let master = MasterKey::new(
            profile,
            &hex("E1F97A0D3E018BE0D64FA32C06DE4139"),
            &hex("0EC675AD498AFEEBB6960B3AABE6"),
        )
        .unwrap();
        let derive = |label, len| {
            let mut out = vec![0; len];
            master.derive(label, &mut out).unwrap();
            out
        };
        assert_eq!(
            derive(Label::RtpEncryption, 16),
            hex("C61E7A93744F39EE10734AFE3FF7A087")
        );
        assert_eq!(derive(Label::RtpSalt, 14), hex("30CBBC08863D8C85D49DB34A9AE1"));
        assert_eq!(
            derive(Label::RtpAuthentication, 94),
            hex(concat!(
                "CEBE321F6FF7716B6FD4AB49AF256A156D38BAA48F0A0ACF3C34E2359E6CDBCE",
                "E049646C43D9327AD175578EF72270986371C10C9A369AC2F94A8C5FBCDDDC25",
                "6D6E919A48B610EF17C2041E474035766B68642C59BBFC2F34DB60DBDFB2"
            ))
        );
    }

    #[test]
    fn keys_of_the_wrong_length_are_refused() {
        assert!(MasterKey::new(SrtpProfile::AeadAes128Gcm, &[0; 32], &[0; 12]).is_err());
        assert!(MasterKey::new(SrtpProfile::AeadAes128Gcm, &[0; 16], &[0; 14]).is_err());
        assert!(KeyingMaterial::from_exporter(SrtpProfile::AeadAes256Gcm, &[0; 87]).is_err());
    }

    #[test]
    fn keys_are_not_printed() {
        let keys = KeyingMaterial::from_exporter(SrtpProfile::AeadAes128Gcm, &[77; 56]).unwrap();
        assert_eq!(format!("{keys:?} {:?}", keys.local), "KeyingMaterial MasterKey");
    }
}
