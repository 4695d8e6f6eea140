//! A payload of H.264, as a publisher may write it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lika_sfu::PictureCodec;
use lika_sfu::rtp::h264::parse;
use lika_sfu::rtp::vp8::Offset;

fuzz_target!(|payload: &[u8]| {
    let Some(read) = parse(payload) else { return };
    assert_eq!(read.codec, PictureCodec::H264);
    assert!(read.size.is_none() || read.key_frame);
    // Nothing in it is numbered.
    let mut rewritten = payload.to_vec();
    read.rewrite(&mut rewritten, Offset { picture_id: 4711, base_index: 42 });
    assert_eq!(rewritten, payload);
});
