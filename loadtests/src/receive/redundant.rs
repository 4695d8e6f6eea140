//! Redundant sound (RED, RFC 2198) as a receiver reads it.

use crate::delegate::connection::{OPUS, RED};
use crate::media::ogg::FRAME_SAMPLES;
use bytes::Bytes;
use lika_sfu::rtp::red::Red;
use rtc::rtp::Packet;

/// The newest frame of a sound packet, and how many before it are in it once more.
#[must_use]
pub fn frames(packet: &Packet) -> (Bytes, u32) {
    let redundant = (packet.header.payload_type == RED)
        .then(|| Red::parse(&packet.payload, OPUS))
        .flatten();
    redundant.map_or_else(
        || (packet.payload.clone(), 0),
        |red| (packet.payload.slice_ref(red.primary()), red.reach() / FRAME_SAMPLES),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use rtc::rtp::Header;

    fn packet(payload_type: u8, payload: &'static [u8]) -> Packet {
        let header = Header {
            payload_type,
            ..Header::default()
        };
        let payload = Bytes::from_static(payload);
        Packet { header, payload }
    }

    #[test]
    fn plain_sound_is_one_frame_and_redundant_sound_as_many_as_it_says() {
        assert_eq!(frames(&packet(OPUS, b"one")), (Bytes::from_static(b"one"), 0));
        // 960 ticks back, three bytes; then the newest.
        let redundant = b"\xef\x0f\x00\x03\x6fonetwo";
        assert_eq!(frames(&packet(RED, redundant)), (Bytes::from_static(b"two"), 1));
        assert_eq!(frames(&packet(RED, b"\xef\x0f")).1, 0, "cut short");
    }
}
