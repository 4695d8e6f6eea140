//! The body of a ClientHello.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lika_sfu::dtls::best_srtp_profile;

fuzz_target!(|bytes: &[u8]| {
    best_srtp_profile(bytes);
});
