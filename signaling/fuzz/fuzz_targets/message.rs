//! A WebSocket message of a page: read, and if it is one, written and read again the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lika::protocol::ClientMessage;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(message) = serde_json::from_str::<ClientMessage>(text) else { return };
    let written = serde_json::to_string(&message).unwrap();
    let again: ClientMessage = serde_json::from_str(&written).unwrap();
    assert_eq!(serde_json::to_string(&again).unwrap(), written);
});
