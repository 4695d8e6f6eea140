//! The protection of one direction: AES-GCM (RFC 7714) or AES-CM with HMAC-SHA1-80 (RFC 3711), in place.

use super::keys::{KeyError, Label, MasterKey};
use super::{MIN_RTP_HEADER, RTCP_HEADER};
use crate::SrtpProfile;
use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::cipher::{AES_128, EncryptingKey, EncryptionContext, UnboundCipherKey};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::hmac;
use zeroize::Zeroizing;

/// The most bytes that sealing adds to a packet: SRTCP's GCM tag and index. Reserve them, and nothing allocates.
pub const MAX_OVERHEAD: usize = GCM_TAG + ESRTCP_WORD;

const GCM_TAG: usize = 16;
const SHA1_80_TAG: usize = 10;
/// The encryption flag and the 31-bit SRTCP index (RFC 3711 section 3.4).
const ESRTCP_WORD: usize = 4;
const ENCRYPTED: u32 = 1 << 31;

/// What keeps a peer's packets secret and authentic in one direction; it knows no state of any SSRC.
pub(super) enum Cipher {
    Gcm { rtp: Gcm, rtcp: Gcm },
    CmSha1 { rtp: Box<CmSha1>, rtcp: Box<CmSha1> },
}

impl Cipher {
    pub(super) fn new(profile: SrtpProfile, master: &MasterKey) -> Result<Self, KeyError> {
        Ok(match profile {
            SrtpProfile::AeadAes128Gcm | SrtpProfile::AeadAes256Gcm => Self::Gcm {
                rtp: Gcm::new(profile, master, Label::RtpEncryption, Label::RtpSalt)?,
                rtcp: Gcm::new(profile, master, Label::RtcpEncryption, Label::RtcpSalt)?,
            },
            SrtpProfile::Aes128CmHmacSha1_80 => {
                let of_rtp = [Label::RtpEncryption, Label::RtpAuthentication, Label::RtpSalt];
                let of_rtcp = [Label::RtcpEncryption, Label::RtcpAuthentication, Label::RtcpSalt];
                Self::CmSha1 {
                    rtp: Box::new(CmSha1::new(master, of_rtp)?),
                    rtcp: Box::new(CmSha1::new(master, of_rtcp)?),
                }
            }
        })
    }

    /// Encrypts the payload of the RTP packet in `packet[start..]` and appends the tag.
    pub(super) fn seal_rtp(
        &self,
        packet: &mut Vec<u8>,
        start: usize,
        header_len: usize,
        id: PacketId,
    ) -> Result<(), Unspecified> {
        let (header, payload) = packet
            .get_mut(start..)
            .and_then(|rtp| rtp.split_at_mut_checked(header_len))
            .ok_or(Unspecified)?;
        match self {
            Self::Gcm { rtp, .. } => {
                let tag = rtp
                    .key
                    .seal_in_place_separate_tag(rtp.nonce(id), Aad::from(header), payload)?;
                packet.extend_from_slice(tag.as_ref());
            }
            Self::CmSha1 { rtp, .. } => {
                rtp.apply(payload, id)?;
                let tag = rtp.tag(packet.get(start..).ok_or(Unspecified)?, &id.rollover_counter());
                packet.extend_from_slice(truncated(&tag));
            }
        }
        Ok(())
    }

    /// Authenticates and decrypts an RTP packet; gives its length without the tag. After an error its bytes are
    /// meaningless.
    pub(super) fn open_rtp(&self, packet: &mut [u8], header_len: usize, id: PacketId) -> Result<usize, Unspecified> {
        match self {
            Self::Gcm { rtp, .. } => {
                let (header, sealed) = packet.split_at_mut_checked(header_len).ok_or(Unspecified)?;
                let payload = rtp.key.open_in_place(rtp.nonce(id), Aad::from(header), sealed)?;
                Ok(header_len + payload.len())
            }
            Self::CmSha1 { rtp, .. } => {
                let len = packet.len().checked_sub(SHA1_80_TAG).ok_or(Unspecified)?;
                let (body, tag) = packet.split_at_mut(len);
                verify_slices_are_equal(truncated(&rtp.tag(body, &id.rollover_counter())), tag)?;
                rtp.apply(body.get_mut(header_len..).ok_or(Unspecified)?, id)?;
                Ok(len)
            }
        }
    }

    /// Encrypts the RTCP compound in `packet[start..]` and appends index and tag.
    pub(super) fn seal_rtcp(&self, packet: &mut Vec<u8>, start: usize, id: PacketId) -> Result<(), Unspecified> {
        let word = (id.index as u32 | ENCRYPTED).to_be_bytes();
        let (header, body) = packet
            .get_mut(start..)
            .and_then(|rtcp| rtcp.split_at_mut_checked(RTCP_HEADER))
            .ok_or(Unspecified)?;
        match self {
            Self::Gcm { rtcp, .. } => {
                let aad = Aad::from(rtcp_associated_data(header, word));
                let tag = rtcp.key.seal_in_place_separate_tag(rtcp.nonce(id), aad, body)?;
                packet.extend_from_slice(tag.as_ref());
                packet.extend_from_slice(&word);
            }
            Self::CmSha1 { rtcp, .. } => {
                rtcp.apply(body, id)?;
                packet.extend_from_slice(&word);
                let tag = rtcp.tag(packet.get(start..).ok_or(Unspecified)?, &[]);
                packet.extend_from_slice(truncated(&tag));
            }
        }
        Ok(())
    }

    /// The index that an SRTCP packet claims; `None`: too short, or not encrypted, which WebRTC never sends and which
    /// must not pass as authentic.
    pub(super) fn rtcp_index(&self, packet: &[u8]) -> Option<u64> {
        let tag_after_index = match self {
            Self::Gcm { .. } => 0,
            Self::CmSha1 { .. } => SHA1_80_TAG,
        };
        let (_, word) = packet
            .get(..packet.len().checked_sub(tag_after_index)?)?
            .split_last_chunk::<ESRTCP_WORD>()?;
        let word = u32::from_be_bytes(*word);
        (word & ENCRYPTED != 0).then_some(u64::from(word & !ENCRYPTED))
    }

    /// Authenticates and decrypts an SRTCP packet; gives the length of the RTCP compound. After an error its bytes are
    /// meaningless.
    pub(super) fn open_rtcp(&self, packet: &mut [u8], id: PacketId) -> Result<usize, Unspecified> {
        match self {
            Self::Gcm { rtcp, .. } => {
                let (packet, word) = packet.split_last_chunk_mut::<ESRTCP_WORD>().ok_or(Unspecified)?;
                let (header, sealed) = packet.split_at_mut_checked(RTCP_HEADER).ok_or(Unspecified)?;
                let aad = Aad::from(rtcp_associated_data(header, *word));
                let body = rtcp.key.open_in_place(rtcp.nonce(id), aad, sealed)?;
                Ok(RTCP_HEADER + body.len())
            }
            Self::CmSha1 { rtcp, .. } => {
                let (body, tag) = packet
                    .split_at_mut_checked(packet.len().checked_sub(SHA1_80_TAG).ok_or(Unspecified)?)
                    .ok_or(Unspecified)?;
                verify_slices_are_equal(truncated(&rtcp.tag(body, &[])), tag)?;
                let len = body.len().checked_sub(ESRTCP_WORD).ok_or(Unspecified)?;
                rtcp.apply(body.get_mut(RTCP_HEADER..len).ok_or(Unspecified)?, id)?;
                Ok(len)
            }
        }
    }
}

/// A packet's name under one key: used twice, the key is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PacketId {
    pub(super) ssrc: u32,
    /// RTP: rollover counter and sequence number, 48 bits. SRTCP: its own counter, 31 bits.
    pub(super) index: u64,
}

impl PacketId {
    /// The SSRC and sequence number of an RTP packet, unless it is too short for them or for `header_len`.
    pub(super) fn of_rtp(packet: &[u8], header_len: usize) -> Option<(u32, u16)> {
        if header_len < MIN_RTP_HEADER || packet.len() < header_len {
            return None;
        }
        let sequence = packet.get(2..4)?.try_into().ok()?;
        let ssrc = packet.get(8..12)?.try_into().ok()?;
        Some((u32::from_be_bytes(ssrc), u16::from_be_bytes(sequence)))
    }

    /// The SSRC of an RTCP packet's sender.
    pub(super) fn of_rtcp(packet: &[u8]) -> Option<u32> {
        Some(u32::from_be_bytes(packet.get(4..RTCP_HEADER)?.try_into().ok()?))
    }

    /// Authenticated with each RTP packet under HMAC-SHA1 (RFC 3711 section 4.2).
    fn rollover_counter(self) -> [u8; 4] {
        ((self.index >> 16) as u32).to_be_bytes()
    }
}

/// AES-GCM of RTP or of RTCP.
pub(super) struct Gcm {
    key: LessSafeKey,
    salt: Zeroizing<[u8; 12]>,
}

impl Gcm {
    fn new(profile: SrtpProfile, master: &MasterKey, encryption: Label, salt: Label) -> Result<Self, KeyError> {
        let algorithm = if profile == SrtpProfile::AeadAes256Gcm {
            &AES_256_GCM
        } else {
            &AES_128_GCM
        };
        let mut key = Zeroizing::new([0; 32]);
        let key = key.get_mut(..algorithm.key_len()).ok_or(KeyError)?;
        master.derive(encryption, key)?;
        let mut session_salt = Zeroizing::new([0; 12]);
        master.derive(salt, session_salt.as_mut())?;
        let key = LessSafeKey::new(UnboundKey::new(algorithm, key).map_err(|_| KeyError)?);
        Ok(Self {
            key,
            salt: session_salt,
        })
    }

    /// RFC 7714 sections 8.1 and 9.1. RTP's 48-bit and SRTCP's 31-bit index end at the same byte.
    fn nonce(&self, id: PacketId) -> Nonce {
        let mut nonce = *self.salt;
        xor(&mut nonce[2..6], &id.ssrc.to_be_bytes());
        xor(&mut nonce[6..12], &id.index.to_be_bytes()[2..]);
        Nonce::assume_unique_for_key(nonce)
    }
}

/// AES counter mode and HMAC-SHA1 of RTP or of RTCP.
pub(super) struct CmSha1 {
    key: EncryptingKey,
    salt: Zeroizing<[u8; 14]>,
    authentication: hmac::Key,
}

impl CmSha1 {
    fn new(master: &MasterKey, [encryption, authentication, salt]: [Label; 3]) -> Result<Self, KeyError> {
        let mut key = Zeroizing::new([0; 16]);
        master.derive(encryption, key.as_mut())?;
        let key = UnboundCipherKey::new(&AES_128, key.as_ref())
            .and_then(EncryptingKey::ctr)
            .map_err(|_| KeyError)?;
        let mut auth = Zeroizing::new([0; 20]);
        master.derive(authentication, auth.as_mut())?;
        let authentication = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, auth.as_ref());
        let mut session_salt = Zeroizing::new([0; 14]);
        master.derive(salt, session_salt.as_mut())?;
        Ok(Self {
            key,
            salt: session_salt,
            authentication,
        })
    }

    /// Encrypts or decrypts: the key stream of RFC 3711 section 4.1.1.
    fn apply(&self, body: &mut [u8], id: PacketId) -> Result<(), Unspecified> {
        let mut iv = [0; 16];
        iv[..14].copy_from_slice(self.salt.as_ref());
        xor(&mut iv[4..8], &id.ssrc.to_be_bytes());
        xor(&mut iv[8..14], &id.index.to_be_bytes()[2..]);
        self.key
            .less_safe_encrypt(body, EncryptionContext::Iv128(iv.into()))
            .map(|_| ())
    }

    fn tag(&self, packet: &[u8], rollover_counter: &[u8]) -> hmac::Tag {
        let mut context = hmac::Context::with_key(&self.authentication);
        context.update(packet);
        context.update(rollover_counter);
        context.sign()
    }
}

/// The first 80 bits of a tag.
fn truncated(tag: &hmac::Tag) -> &[u8] {
    &tag.as_ref()[..SHA1_80_TAG]
}

fn rtcp_associated_data(header: &[u8], word: [u8; ESRTCP_WORD]) -> [u8; RTCP_HEADER + ESRTCP_WORD] {
    let mut data = [0; RTCP_HEADER + ESRTCP_WORD];
    data[..RTCP_HEADER].copy_from_slice(header);
    data[RTCP_HEADER..].copy_from_slice(&word);
    data
}

fn xor(to: &mut [u8], from: &[u8]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to ^= from;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SALT: &str = "517569642070726f2071756f";
    const RTP: &str = concat!(
        "8040f17b8041f8d35501a0b247616c6c6961206573742",
        "06f6d6e69732064697669736120696e207061727465732074726573"
    );
    const RTCP: &str = concat!(
        "81c8000d4d6172734e5450314e545032525450200000042a0000e9304c756e61",
        "deadbeefdeadbeefdeadbeefdeadbeefdeadbeef"
    );

    fn hex(text: &str) -> Vec<u8> {
        (0..text.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
            .collect()
    }

    /// The RFC's examples give session keys, not master keys.
    fn cipher(key_len: u8) -> Cipher {
        let algorithm = if key_len == 16 { &AES_128_GCM } else { &AES_256_GCM };
        let key: Vec<u8> = (0..key_len).collect();
        let gcm = || Gcm {
            key: LessSafeKey::new(UnboundKey::new(algorithm, &key).unwrap()),
            salt: Zeroizing::new(hex(SALT).try_into().unwrap()),
        };
        Cipher::Gcm {
            rtp: gcm(),
            rtcp: gcm(),
        }
    }

    /// RFC 7714 sections 16.1.1 and 16.2.1.
    #[test]
    fn rtp_is_as_in_the_rfc() {
        let sealed_128 = concat!(
            "8040f17b8041f8d35501a0b2f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a",
            "51c7d19b36de3adf8833899d7f27beb16a9152cf765ee4390cce"
        );
        let sealed_256 = concat!(
            "8040f17b8041f8d35501a0b232b1de78a822fe12ef9f78fa332e33aab18012389a58e2f3b50b2a02",
            "76ffae0f1ba63799b87b7aa3db36dfffd6b0f9bb7878d7a76c13"
        );
        for (key_len, sealed) in [(16, sealed_128), (32, sealed_256)] {
            let id = PacketId {
                ssrc: 0x5501_a0b2,
                index: 0xf17b,
            };
            let mut packet = hex(RTP);
            cipher(key_len).seal_rtp(&mut packet, 0, 12, id).unwrap();
            assert_eq!(packet, hex(sealed));
            assert_eq!(cipher(key_len).open_rtp(&mut packet, 12, id), Ok(hex(RTP).len()));
            assert!(packet.starts_with(&hex(RTP)));
        }
    }

    /// RFC 7714 section 17.1.
    #[test]
    fn rtcp_is_as_in_the_rfc() {
        let id = PacketId {
            ssrc: 0x4d61_7273,
            index: 0x5d4,
        };
        let mut packet = hex(RTCP);
        cipher(16).seal_rtcp(&mut packet, 0, id).unwrap();
        let sealed = concat!(
            "81c8000d4d61727363e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32dc676a5f1730d6fda",
            "4ce09b4686303ded0bb9275bc84aa45896cf4d2fc5abf87245d9eade800005d4"
        );
        assert_eq!(packet, hex(sealed));
        assert_eq!(cipher(16).rtcp_index(&packet), Some(0x5d4));
        assert_eq!(cipher(16).open_rtcp(&mut packet, id), Ok(hex(RTCP).len()));
        assert!(packet.starts_with(&hex(RTCP)));
    }
}
