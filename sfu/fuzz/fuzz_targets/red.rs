//! Redundant sound, as a publisher may write it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lika_sfu::rtp::red::Red;

fuzz_target!(|bytes: &[u8]| {
    let Some((codec, payload)) = bytes.split_first() else { return };
    let codec = codec & 0x7f;
    let Some(red) = Red::parse(payload, codec) else { return };
    assert!(!red.primary().is_empty() && red.reach() < 1 << 14);
    let mut written = Vec::new();
    red.write(codec ^ 1, &mut written);
    let again = Red::parse(&written, codec ^ 1).expect("as readable as before");
    assert_eq!((again.primary(), again.reach()), (red.primary(), red.reach()));
});
