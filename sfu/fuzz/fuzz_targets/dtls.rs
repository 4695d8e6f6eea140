//! Datagrams of a DTLS client, each with two bytes of length before it; a length with the highest bit set also lets the
//! next deadline pass. Where a datagram has [`COOKIE`], it gets the cookie that the server asks for.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lika_sfu::dtls::{Association, Event, Fingerprint, Identity};
use std::sync::LazyLock;
use std::time::Instant;

const COOKIE: [u8; 20] = [0xc0; 20];

static IDENTITY: LazyLock<Identity> = LazyLock::new(|| Identity::generate().unwrap());

fuzz_target!(|bytes: &[u8]| {
    let mut now = Instant::now();
    let mut association = Association::new(IDENTITY.clone(), Fingerprint::of(b"nobody has this certificate"));
    let mut cookie = COOKIE;
    let mut rest = bytes;
    while let Some((length, after)) = rest.split_first_chunk::<2>() {
        let length = u16::from_be_bytes(*length);
        let (datagram, after) = after.split_at(after.len().min(usize::from(length & 0x7fff)));
        rest = after;
        let mut datagram = datagram.to_vec();
        if let Some(at) = datagram.windows(COOKIE.len()).position(|bytes| bytes == COOKIE) {
            datagram[at..at + COOKIE.len()].copy_from_slice(&cookie);
        }
        association.handle(now, &datagram);
        if let Some(deadline) = association.deadline().filter(|_| length & 0x8000 != 0) {
            now = now.max(deadline);
            association.handle_timeout(now);
        }
        while let Some(datagram) = association.poll_transmit() {
            // HelloVerifyRequest (3): record and handshake header, version, length, cookie.
            if datagram.get(13) == Some(&3) {
                cookie.copy_from_slice(&datagram[28..48]);
            }
        }
        while let Some(event) = association.poll_event() {
            assert!(!matches!(event, Event::Established { .. }));
        }
    }
});
