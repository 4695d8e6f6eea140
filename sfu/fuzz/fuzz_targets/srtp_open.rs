//! SRTP and SRTCP from anyone: the first byte chooses the profile and the length of the header.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lika_sfu::SrtpProfile;
use lika_sfu::srtp::{KeyingMaterial, Opener, Sealer};

fuzz_target!(|bytes: &[u8]| {
    let Some((choice, packet)) = bytes.split_first() else {
        return;
    };
    let profile = match choice % 3 {
        0 => SrtpProfile::AeadAes128Gcm,
        1 => SrtpProfile::AeadAes256Gcm,
        _ => SrtpProfile::Aes128CmHmacSha1_80,
    };
    let header_len = usize::from(choice / 3);
    let exported = vec![7; KeyingMaterial::exported_len(profile)];
    let keys = KeyingMaterial::from_exporter(profile, &exported).unwrap();
    let mut opener = Opener::new(profile, &keys.local).unwrap();
    assert!(opener.open_rtp(&mut packet.to_vec(), header_len).is_err());
    assert!(opener.open_rtcp(&mut packet.to_vec()).is_err());

    // The same bytes as our own packet: what is sealed opens again, and only once.
    let mut sealer = Sealer::new(profile, &keys.local).unwrap();
    let mut sealed = packet.to_vec();
    if sealer.seal_rtp(&mut sealed, 0, header_len).is_ok() {
        let replay = sealed.clone();
        assert_eq!(opener.open_rtp(&mut sealed, header_len), Ok(packet.len()));
        assert!(sealed.starts_with(packet));
        assert!(opener.open_rtp(&mut replay.clone(), header_len).is_err());
    }
    let mut sealed = packet.to_vec();
    if sealer.seal_rtcp(&mut sealed, 0).is_ok() {
        assert_eq!(opener.open_rtcp(&mut sealed), Ok(packet.len()));
        assert!(sealed.starts_with(packet));
    }
});
