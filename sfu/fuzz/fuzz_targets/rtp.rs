//! An RTP packet as it lies in the datagram, before and after decryption.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lika_sfu::rtp::Header;
use lika_sfu::rtp::vp8::{Offset, parse};

fuzz_target!(|bytes: &[u8]| {
    let Ok(header) = Header::parse(bytes) else { return };
    assert!(header.len <= bytes.len());
    header.extensions(bytes).for_each(|(_, value)| assert!(value.len() <= 255));
    let Ok(payload) = header.payload(bytes) else { return };
    let Some(before) = parse(payload) else { return };
    let mut rewritten = payload.to_vec();
    before.rewrite(&mut rewritten, Offset { picture_id: 4711, base_index: 42 });
    let after = parse(&rewritten).unwrap();
    after.rewrite(&mut rewritten, Offset { picture_id: 4711u16.wrapping_neg(), base_index: 42u8.wrapping_neg() });
    assert_eq!(rewritten, payload);
});
