//! What sealing and opening one RTP packet costs, beside `rtc-srtp`, which copies. `cargo bench -p lika-sfu`.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

use lika_sfu::SrtpProfile;
use lika_sfu::srtp::{MAX_OVERHEAD, MasterKey, Opener, Sealer};
use rtc_crypto::RTCCryptoProvider as _;
use rtc_crypto::providers::AwsLcRsProvider;
use rtc_srtp::context::Context;
use rtc_srtp::option::srtp_replay_protection;
use rtc_srtp::protection_profile::ProtectionProfile;
use std::hint::black_box;
use std::time::{Duration, Instant};

const PACKET: usize = 1100;
const HEADER: usize = 20;
/// Packets of one pass: what a relay has in hand at once, small enough for the cache.
const BATCH: usize = 64;
const PASSES: usize = 2000;

fn main() {
    println!("{PACKET} bytes, nanoseconds per packet (median of {PASSES} passes of {BATCH})");
    for (profile, theirs, key, salt) in [
        (SrtpProfile::AeadAes128Gcm, ProtectionProfile::AeadAes128Gcm, 16, 12),
        (SrtpProfile::AeadAes256Gcm, ProtectionProfile::AeadAes256Gcm, 32, 12),
        (
            SrtpProfile::Aes128CmHmacSha1_80,
            ProtectionProfile::Aes128CmHmacSha1_80,
            16,
            14,
        ),
    ] {
        let (key, salt) = (vec![1; key], vec![2; salt]);
        let [seal, open] = ours(profile, &key, &salt);
        println!("{profile}: seal {seal}, open {open}");
        let [seal, open] = oracle(theirs, &key, &salt);
        println!("{profile}, rtc-srtp: seal {seal}, open {open}");
    }
}

fn ours(profile: SrtpProfile, key: &[u8], salt: &[u8]) -> [u128; 2] {
    let master = MasterKey::new(profile, key, salt).unwrap();
    let mut sealer = Sealer::new(profile, &master).unwrap();
    let mut opener = Opener::new(profile, &master).unwrap();
    let mut packets = vec![Vec::new(); BATCH];
    let mut sequence = 0u16;
    medians(|| {
        for packet in &mut packets {
            packet.clear(); // keeps its capacity from pass to pass
            packet.extend(rtp(sequence));
            packet.reserve(MAX_OVERHEAD);
            sequence = sequence.wrapping_add(1);
        }
        let seal = timed(|| {
            for packet in &mut packets {
                sealer.seal_rtp(packet, 0, HEADER).unwrap();
            }
        });
        let open = timed(|| {
            for packet in &mut packets {
                assert_eq!(opener.open_rtp(packet, HEADER), Ok(PACKET));
            }
        });
        [seal, open]
    })
}

fn oracle(profile: ProtectionProfile, key: &[u8], salt: &[u8]) -> [u128; 2] {
    let provider = AwsLcRsProvider::new();
    let context = || {
        Context::new(
            key,
            salt,
            profile,
            Some(srtp_replay_protection(1024)),
            None,
            provider.crypto(),
        )
        .unwrap()
    };
    let (mut sealer, mut opener) = (context(), context());
    let mut sequence = 0u16;
    medians(|| {
        let plain: Vec<Vec<u8>> = (0..BATCH as u16).map(|n| rtp(sequence.wrapping_add(n))).collect();
        sequence = sequence.wrapping_add(BATCH as u16);
        let mut sealed = Vec::with_capacity(BATCH);
        let seal = timed(|| sealed.extend(plain.iter().map(|packet| sealer.encrypt_rtp(packet).unwrap())));
        let open = timed(|| {
            for packet in &sealed {
                black_box(opener.decrypt_rtp(packet).unwrap());
            }
        });
        [seal, open]
    })
}

fn rtp(sequence: u16) -> Vec<u8> {
    let mut packet = vec![7; PACKET];
    packet[..2].copy_from_slice(&[0x90, 96]);
    packet[2..4].copy_from_slice(&sequence.to_be_bytes());
    packet[12..16].copy_from_slice(&[0xbe, 0xde, 0, 1]);
    packet
}

fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

fn medians(mut pass: impl FnMut() -> [Duration; 2]) -> [u128; 2] {
    let mut passes: Vec<[Duration; 2]> = (0..PASSES).map(|_| pass()).collect();
    [0, 1].map(|which| {
        passes.sort_unstable_by_key(|pass| pass[which]);
        passes[PASSES / 2][which].as_nanos() / BATCH as u128
    })
}
