//! A decrypted RTCP compound of a peer that has been let in.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rtc_rtcp::transport_feedbacks::transport_layer_nack::TransportLayerNack;

fuzz_target!(|bytes: &[u8]| {
    let Ok(packets) = rtc_rtcp::packet::unmarshal(&mut &bytes[..]) else { return };
    for packet in packets {
        if let Some(nack) = packet.as_any().downcast_ref::<TransportLayerNack>() {
            nack.nacks.iter().for_each(|pair| assert!(pair.packet_list().len() <= 17));
        }
    }
});
