//! A connectivity check from anyone.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lika_sfu::ice::{Agent, Credentials, StunError, is_stun, local_ufrag};
use std::net::SocketAddr;
use std::sync::LazyLock;
use std::time::Instant;

static CREDENTIALS: LazyLock<[Credentials; 2]> =
    LazyLock::new(|| ["relay", "peer"].map(|ufrag| Credentials::new(ufrag, "0123456789012345678901").unwrap()));

fuzz_target!(|bytes: &[u8]| {
    let [local, remote] = CREDENTIALS.clone();
    let mut agent = Agent::new(local, remote);
    let from = SocketAddr::from(([192, 0, 2, 1], 9)).into();
    is_stun(bytes);
    local_ufrag(bytes);
    let mut response = vec![];
    match agent.handle(Instant::now(), bytes, from, &mut response) {
        Ok(_) => assert!(is_stun(&response) && agent.path() == Some(from)),
        Err(StunError::Malformed | StunError::NotARequest | StunError::Fingerprint) => assert!(response.is_empty()),
        Err(_) => assert!(is_stun(&response) && agent.path().is_none()),
    }
});
