//! Against an independent implementation, `rtc-srtp`.

use super::*;
use crate::SrtpProfile;
use proptest::prelude::*;
use rtc_crypto::RTCCryptoProvider as _;
use rtc_crypto::providers::AwsLcRsProvider;
use rtc_srtp::context::Context;
use rtc_srtp::option::{srtcp_replay_protection, srtp_replay_protection};
use rtc_srtp::protection_profile::ProtectionProfile;

const PROFILES: [SrtpProfile; 3] = [
    SrtpProfile::AeadAes128Gcm,
    SrtpProfile::AeadAes256Gcm,
    SrtpProfile::Aes128CmHmacSha1_80,
];
const SSRC: u32 = 0x5501_a0b2;
const HEADER: usize = 12;

fn key(profile: SrtpProfile) -> (Vec<u8>, Vec<u8>) {
    let (key, salt) = match profile {
        SrtpProfile::AeadAes128Gcm => (16, 12),
        SrtpProfile::AeadAes256Gcm => (32, 12),
        SrtpProfile::Aes128CmHmacSha1_80 => (16, 14),
    };
    ((1..=key).collect(), (101..101 + salt).collect())
}

fn master(profile: SrtpProfile) -> MasterKey {
    let (key, salt) = key(profile);
    MasterKey::new(profile, &key, &salt).unwrap()
}

fn pair(profile: SrtpProfile) -> (Sealer, Opener) {
    (
        Sealer::new(profile, &master(profile)).unwrap(),
        Opener::new(profile, &master(profile)).unwrap(),
    )
}

fn oracle(profile: SrtpProfile) -> Context {
    let theirs = match profile {
        SrtpProfile::AeadAes128Gcm => ProtectionProfile::AeadAes128Gcm,
        SrtpProfile::AeadAes256Gcm => ProtectionProfile::AeadAes256Gcm,
        SrtpProfile::Aes128CmHmacSha1_80 => ProtectionProfile::Aes128CmHmacSha1_80,
    };
    let (key, salt) = key(profile);
    let replay = (Some(srtp_replay_protection(1024)), Some(srtcp_replay_protection(1024)));
    Context::new(&key, &salt, theirs, replay.0, replay.1, AwsLcRsProvider::new().crypto()).unwrap()
}

/// An RTP packet with one CSRC and a one-byte header extension if `long`.
fn rtp(ssrc: u32, sequence: u16, payload: &[u8], long: bool) -> (Vec<u8>, usize) {
    let mut packet = vec![if long { 0x91 } else { 0x80 }, 96];
    packet.extend(sequence.to_be_bytes());
    packet.extend(1234u32.to_be_bytes());
    packet.extend(ssrc.to_be_bytes());
    if long {
        packet.extend([0, 0, 0, 9, 0xbe, 0xde, 0, 1, 0x10, 0x7f, 0, 0]);
    }
    let header_len = packet.len();
    packet.extend(payload);
    (packet, header_len)
}

/// A receiver report without blocks, and an SDES-like tail.
fn rtcp(ssrc: u32, tail: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x80, 201, 0, 1];
    packet.extend(ssrc.to_be_bytes());
    packet.extend(tail);
    packet
}

fn seal(sealer: &mut Sealer, plain: &[u8], header_len: usize) -> Vec<u8> {
    let mut packet = plain.to_vec();
    sealer.seal_rtp(&mut packet, 0, header_len).unwrap();
    packet
}

fn open(opener: &mut Opener, sealed: &[u8], header_len: usize) -> Result<Vec<u8>, OpenError> {
    let mut packet = sealed.to_vec();
    let len = opener.open_rtp(&mut packet, header_len)?;
    packet.truncate(len);
    Ok(packet)
}

/// Sequence numbers that wrap several times: one by one around the first wrap, in strides after it.
fn long_run() -> impl Iterator<Item = u16> {
    (65_000u16..=65_535)
        .chain(0..600)
        .chain((0..40u16).map(|n| 600u16.wrapping_add(n.wrapping_mul(9_000))))
}

#[test]
fn what_we_seal_the_oracle_opens_across_wraps() {
    for profile in PROFILES {
        let (mut sealer, _) = pair(profile);
        let mut oracle = oracle(profile);
        for sequence in long_run() {
            let (plain, header_len) = rtp(SSRC, sequence, b"picture", sequence % 2 == 0);
            let sealed = seal(&mut sealer, &plain, header_len);
            assert_eq!(oracle.decrypt_rtp(&sealed).unwrap(), plain, "{profile} {sequence}");
        }
    }
}

#[test]
fn what_the_oracle_seals_we_open_across_wraps() {
    for profile in PROFILES {
        let (_, mut opener) = pair(profile);
        let mut oracle = oracle(profile);
        for sequence in long_run() {
            let (plain, header_len) = rtp(SSRC, sequence, b"sound", sequence % 2 == 0);
            let sealed = oracle.encrypt_rtp(&plain).unwrap();
            assert_eq!(
                open(&mut opener, &sealed, header_len),
                Ok(plain),
                "{profile} {sequence}"
            );
            assert_eq!(open(&mut opener, &sealed, header_len), Err(OpenError::Replayed));
        }
    }
}

#[test]
fn rtcp_agrees_both_ways() {
    for profile in PROFILES {
        let (mut sealer, mut opener) = pair(profile);
        let (mut theirs_in, mut theirs_out) = (oracle(profile), oracle(profile));
        for n in 0..200u32 {
            let plain = rtcp(SSRC + n % 3, &n.to_be_bytes());
            let mut packet = vec![9; 5];
            packet.extend(&plain);
            sealer.seal_rtcp(&mut packet, 5).unwrap();
            assert_eq!(theirs_in.decrypt_rtcp(&packet[5..]).unwrap(), plain);

            let mut sealed = theirs_out.encrypt_rtcp(&plain).unwrap().to_vec();
            let replay = sealed.clone();
            let len = opener.open_rtcp(&mut sealed).unwrap();
            assert_eq!(sealed[..len], plain);
            assert_eq!(opener.open_rtcp(&mut replay.clone()), Err(OpenError::Replayed));
        }
    }
}

#[test]
fn unencrypted_rtcp_is_refused() {
    for profile in PROFILES {
        let (mut sealer, mut opener) = pair(profile);
        let mut packet = rtcp(SSRC, b"bye!");
        sealer.seal_rtcp(&mut packet, 0).unwrap();
        let word = packet.len()
            - if profile == SrtpProfile::Aes128CmHmacSha1_80 {
                14
            } else {
                4
            };
        packet[word] &= 0x7f;
        assert_eq!(opener.open_rtcp(&mut packet), Err(OpenError::Malformed));
    }
}

#[test]
fn a_packet_is_sealed_behind_others_in_one_buffer_without_growing_it() {
    for profile in PROFILES {
        let (mut sealer, mut opener) = pair(profile);
        let mut batch = Vec::with_capacity(4 * (100 + MAX_OVERHEAD));
        let at = batch.as_ptr();
        let mut starts = vec![];
        for sequence in 0..4 {
            let (plain, header_len) = rtp(SSRC, sequence, &[7; 80], true);
            starts.push(batch.len());
            batch.extend(&plain);
            sealer
                .seal_rtp(&mut batch, starts[usize::from(sequence)], header_len)
                .unwrap();
        }
        starts.push(batch.len());
        assert_eq!(batch.as_ptr(), at);
        for (sequence, range) in starts.windows(2).enumerate() {
            let (plain, header_len) = rtp(SSRC, sequence as u16, &[7; 80], true);
            assert_eq!(open(&mut opener, &batch[range[0]..range[1]], header_len), Ok(plain));
        }
    }
}

#[test]
fn no_index_is_sealed_twice() {
    for profile in PROFILES {
        let (mut sealer, _) = pair(profile);
        for sequence in [10, 12, 11] {
            seal(&mut sealer, &rtp(SSRC, sequence, b"x", false).0, HEADER);
        }
        for sequence in [10, 11, 12] {
            let (mut packet, _) = rtp(SSRC, sequence, b"y", false);
            let before = packet.clone();
            assert_eq!(sealer.seal_rtp(&mut packet, 0, HEADER), Err(SealError::Reused));
            assert_eq!(packet, before);
        }
        seal(&mut sealer, &rtp(SSRC + 1, 10, b"z", false).0, HEADER);
        seal(
            &mut sealer,
            &rtp(SSRC, 12 + REPLAY_WINDOW as u16, b"x", false).0,
            HEADER,
        );
        let (mut old, _) = rtp(SSRC, 9, b"x", false);
        assert_eq!(sealer.seal_rtp(&mut old, 0, HEADER), Err(SealError::Reused));
    }
}

#[test]
fn every_altered_byte_is_noticed_and_changes_no_state() {
    for profile in PROFILES {
        let (mut sealer, mut opener) = pair(profile);
        let (plain, header_len) = rtp(SSRC, 500, b"a vote is a vote", true);
        let sealed = seal(&mut sealer, &plain, header_len);
        for at in 0..sealed.len() {
            let mut altered = sealed.clone();
            altered[at] ^= 0x10;
            assert_eq!(
                open(&mut opener, &altered, header_len),
                Err(OpenError::NotAuthentic),
                "{profile} {at}"
            );
        }
        for end in 0..sealed.len() {
            assert!(open(&mut opener, &sealed[..end], header_len).is_err());
        }
        assert_eq!(open(&mut opener, &sealed, header_len), Ok(plain));
    }
}

#[test]
fn forged_ssrcs_do_not_fill_the_table() {
    let (mut sealer, mut opener) = pair(SrtpProfile::AeadAes128Gcm);
    let forged_rtcp = [&rtcp(1, b"")[..], &[0; 16], &(1u32 << 31).to_be_bytes()].concat();
    for ssrc in 0..2 * MAX_INBOUND_SSRCS as u32 {
        let (forged, _) = rtp(ssrc, 1, &[0; 40], false);
        assert_eq!(open(&mut opener, &forged, HEADER), Err(OpenError::NotAuthentic));
        let mut forged = forged_rtcp.clone();
        forged[4..8].copy_from_slice(&ssrc.to_be_bytes());
        assert_eq!(opener.open_rtcp(&mut forged), Err(OpenError::NotAuthentic));
    }
    for ssrc in 0..MAX_INBOUND_SSRCS as u32 {
        let (plain, _) = rtp(ssrc, 1, b"real", false);
        assert_eq!(open(&mut opener, &seal(&mut sealer, &plain, HEADER), HEADER), Ok(plain));
    }
    let (plain, _) = rtp(SSRC, 1, b"one too many", false);
    assert_eq!(
        open(&mut opener, &seal(&mut sealer, &plain, HEADER), HEADER),
        Err(OpenError::TooManySsrcs)
    );
}

proptest! {
    /// Loss, reordering within the window and duplication: each packet comes out once, as it went in.
    #[test]
    fn a_bad_network_changes_nothing(
        first in 0u16..=65_535,
        profile in prop::sample::select(&PROFILES[..]),
        packets in prop::collection::vec((0usize..60, 0.0..1.0), 1..300),
    ) {
        let (mut sealer, mut opener) = pair(profile);
        let plain = |n: usize| rtp(SSRC, first.wrapping_add(n as u16), &n.to_be_bytes(), false).0;
        // The first packet must arrive first: before it, a receiver cannot know of a wrap.
        let mut arrivals = vec![(0, 0)];
        for (n, (delay, chance)) in packets.iter().enumerate().skip(1) {
            if *chance > 0.1 { arrivals.push((n + delay, n)); }
            if *chance > 0.8 { arrivals.push((n + 2 * delay, n)); }
        }
        arrivals[1..].sort_unstable();
        let sealed: Vec<_> = (0..packets.len()).map(|n| seal(&mut sealer, &plain(n), HEADER)).collect();
        let mut seen = std::collections::HashSet::new();
        for (_, n) in arrivals {
            let expected = if seen.insert(n) { Ok(plain(n)) } else { Err(OpenError::Replayed) };
            prop_assert_eq!(open(&mut opener, &sealed[n], HEADER), expected);
        }
    }

    #[test]
    fn anything_is_taken_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..80), header_len in 0usize..100) {
        for profile in PROFILES {
            let (mut sealer, mut opener) = pair(profile);
            prop_assert!(opener.open_rtp(&mut bytes.clone(), header_len).is_err());
            prop_assert!(opener.open_rtcp(&mut bytes.clone()).is_err());
            // Sealing is our own input, but must not panic either.
            let _ = sealer.seal_rtp(&mut bytes.clone(), header_len, header_len);
            let _ = sealer.seal_rtcp(&mut bytes.clone(), header_len);
        }
    }
}
