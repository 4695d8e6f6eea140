//! Reads the SRTP profiles that a ClientHello offers (RFC 5246 section 7.4.1.2, RFC 6347 section 4.2.1, RFC 5764 section
//! 4.1.1).

use crate::SrtpProfile;

/// The extension type of `use_srtp`.
const USE_SRTP: u16 = 14;
/// Client version and random.
const FIXED: usize = 2 + 32;

/// In our order of preference: AES-GCM costs a fifth of HMAC-SHA1, and 128 bits are faster than 256 and enough.
const PREFERENCE: [SrtpProfile; 3] = [
    SrtpProfile::AeadAes128Gcm,
    SrtpProfile::AeadAes256Gcm,
    SrtpProfile::Aes128CmHmacSha1_80,
];

/// The best SRTP profile that the client has; `None`: none that we have, or the message is broken. `body` is a whole
/// ClientHello without its handshake header.
pub fn best_srtp_profile(body: &[u8]) -> Option<SrtpProfile> {
    let offered = use_srtp(body)?;
    let has = |profile| offered.chunks_exact(2).any(|id| id == id_of(profile).to_be_bytes());
    PREFERENCE.into_iter().find(|profile| has(*profile))
}

/// The list of profiles in the `use_srtp` extension, two bytes each.
fn use_srtp(body: &[u8]) -> Option<&[u8]> {
    let after_random = body.get(FIXED..)?;
    let (_session_id, rest) = split_prefixed::<1>(after_random)?;
    let (_cookie, rest) = split_prefixed::<1>(rest)?;
    let (_cipher_suites, rest) = split_prefixed::<2>(rest)?;
    let (_compression_methods, rest) = split_prefixed::<1>(rest)?;
    let (mut extensions, _) = split_prefixed::<2>(rest)?;
    while let Some((kind, rest)) = extensions.split_first_chunk::<2>() {
        let (data, rest) = split_prefixed::<2>(rest)?;
        if u16::from_be_bytes(*kind) == USE_SRTP {
            return split_prefixed::<2>(data).map(|(profiles, _mki)| profiles);
        }
        extensions = rest;
    }
    None
}

/// A vector with a length of `N` bytes before it, and what follows.
fn split_prefixed<const N: usize>(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<N>()?;
    let length = length.iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
    rest.split_at_checked(length)
}

/// The IANA number of a profile (RFC 5764 section 4.1.2, RFC 7714 section 14.2).
fn id_of(profile: SrtpProfile) -> u16 {
    match profile {
        SrtpProfile::Aes128CmHmacSha1_80 => 0x0001,
        SrtpProfile::AeadAes128Gcm => 0x0007,
        SrtpProfile::AeadAes256Gcm => 0x0008,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn hello(extensions: &[(u16, &[u8])]) -> Vec<u8> {
        let mut hello = vec![0xfe, 0xfd];
        hello.extend([7; 32]);
        hello.extend([0, 0]); // session id, cookie
        hello.extend([0, 2, 0xc0, 0x2b]); // cipher suites
        hello.extend([1, 0]); // compression
        let all: Vec<u8> = extensions
            .iter()
            .flat_map(|(kind, data)| [&kind.to_be_bytes()[..], &(data.len() as u16).to_be_bytes(), data].concat())
            .collect();
        hello.extend((all.len() as u16).to_be_bytes());
        hello.extend(all);
        hello
    }

    fn profiles(ids: &[u16]) -> Vec<u8> {
        let list: Vec<u8> = ids.iter().flat_map(|id| id.to_be_bytes()).collect();
        [&(list.len() as u16).to_be_bytes()[..], &list, &[0]].concat()
    }

    #[test]
    fn gcm_wins_in_whatever_order_the_client_asks() {
        for (offered, best) in [
            (&[1, 2, 7, 8][..], Some(SrtpProfile::AeadAes128Gcm)),
            (&[1, 8], Some(SrtpProfile::AeadAes256Gcm)),
            (&[2, 1], Some(SrtpProfile::Aes128CmHmacSha1_80)),
            (&[2, 5, 6], None),
            (&[], None),
        ] {
            let hello = hello(&[(0, b"name"), (USE_SRTP, &profiles(offered)), (23, b"")]);
            assert_eq!(best_srtp_profile(&hello), best, "{offered:?}");
        }
    }

    #[test]
    fn without_use_srtp_there_is_no_profile() {
        assert_eq!(best_srtp_profile(&hello(&[(23, b"")])), None);
    }

    #[test]
    fn every_truncation_is_read_without_panic() {
        let whole = hello(&[(USE_SRTP, &profiles(&[7]))]);
        for end in 0..whole.len() {
            assert_eq!(best_srtp_profile(&whole[..end]), None);
        }
        assert!(best_srtp_profile(&whole).is_some());
    }

    proptest! {
        #[test]
        fn anything_is_read_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            best_srtp_profile(&bytes);
        }
    }
}
