//! An SDP offer, and the answer to it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lika_sfu::dtls::Fingerprint;
use lika_sfu::ice::{Candidate, Credentials};
use lika_sfu::sdp::{Local, Offer, SlotSources, answer};
use std::net::SocketAddr;
use std::sync::LazyLock;

static ICE: LazyLock<Credentials> = LazyLock::new(|| Credentials::new("relay", "0123456789012345678901").unwrap());

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(offer) = Offer::parse(text) else { return };
    let fingerprint = Fingerprint::of(b"relay");
    let candidates = [Candidate::Udp(SocketAddr::from(([192, 0, 2, 1], 9)))];
    let local = Local { ice: &ICE, fingerprint: &fingerprint, candidates: &candidates, version: 1 };
    let answer = answer(&offer, &local, |n| {
        let first = 3 * n as u32;
        Some(SlotSources { sound: first, picture: first + 1, rtx: first + 2 })
    });
    assert_eq!(answer.matches("\r\nm=").count(), offer.sections.len());
});
