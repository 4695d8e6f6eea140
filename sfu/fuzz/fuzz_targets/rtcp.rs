//! A decrypted RTCP compound of a peer that has been let in.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lika_sfu::rtcp::{Packet, packets};

fuzz_target!(|bytes: &[u8]| {
    for packet in packets(bytes).flatten() {
        let parts = match packet {
            Packet::Nack { lost, .. } => lost.into_iter().count() / 17,
            Packet::SenderReport(_, blocks) | Packet::ReceiverReport(blocks) => blocks.count(),
            Packet::FullIntra(streams) => streams.count(),
            Packet::Arrivals(arrivals) => arrivals.count() / 2048,
            _ => 0,
        };
        assert!(4 * parts <= bytes.len(), "more than was sent");
    }
});
