//! Makes of a retransmission (RTX, RFC 4588) the packet that it repeats, before any other interceptor sees it: the one that
//! asks for lost packets would go on asking, since `rtc` itself does so only behind them.

use rtc::interceptor::{Interceptor, Packet, StreamInfo, TaggedPacket};
use rtc::sansio::Protocol;
use rtc::shared::error::Error;
use std::collections::{HashMap, VecDeque};
use std::time::Instant;

/// Bytes of the original sequence number, in front of the payload (RFC 4588 section 4).
const ORIGINAL_SEQUENCE: usize = 2;

/// An interceptor; stands before the one that asks for lost packets.
#[derive(Default)]
pub(super) struct Retransmissions {
    /// By the source of the retransmissions: source and payload type of what they repeat.
    originals: HashMap<u32, (u32, u8)>,
    incoming: VecDeque<TaggedPacket>,
    outgoing: VecDeque<TaggedPacket>,
}

impl Retransmissions {
    /// Before [`rtc::interceptor::Slot::NackGenerator`], behind what stands nearer to the wire.
    pub(super) const SLOT: usize = 6_500;

    /// Whether the packet is one that goes on: as it came, or as what it repeats.
    fn restore(&self, packet: &mut rtc::rtp::Packet) -> bool {
        let Some(&(ssrc, payload_type)) = self.originals.get(&packet.header.ssrc) else {
            return true;
        };
        let Some(&sequence) = packet.payload.first_chunk::<ORIGINAL_SEQUENCE>() else {
            return false;
        };
        packet.header.ssrc = ssrc;
        packet.header.payload_type = payload_type;
        packet.header.sequence_number = u16::from_be_bytes(sequence);
        packet.payload = packet.payload.slice(ORIGINAL_SEQUENCE..);
        true
    }
}

impl Protocol<TaggedPacket, TaggedPacket, ()> for Retransmissions {
    type Rout = TaggedPacket;
    type Wout = TaggedPacket;
    type Eout = ();
    type Error = Error;
    type Time = Instant;

    fn handle_read(&mut self, mut packet: TaggedPacket) -> Result<(), Error> {
        let goes_on = match &mut packet.message.packet {
            Packet::Rtp(rtp) => self.restore(rtp),
            _ => true,
        };
        if goes_on {
            self.incoming.push_back(packet);
        }
        Ok(())
    }

    fn poll_read(&mut self) -> Option<TaggedPacket> {
        self.incoming.pop_front()
    }

    fn handle_write(&mut self, packet: TaggedPacket) -> Result<(), Error> {
        self.outgoing.push_back(packet);
        Ok(())
    }

    fn poll_write(&mut self) -> Option<TaggedPacket> {
        self.outgoing.pop_front()
    }
}

impl Interceptor for Retransmissions {
    fn bind_local_stream(&mut self, _info: &StreamInfo) {}
    fn unbind_local_stream(&mut self, _info: &StreamInfo) {}

    fn bind_remote_stream(&mut self, info: &StreamInfo) {
        if let Some(repeats) = info.ssrc_rtx {
            self.originals.insert(repeats, (info.ssrc, info.payload_type));
        }
    }

    fn unbind_remote_stream(&mut self, info: &StreamInfo) {
        self.originals.retain(|_, (ssrc, _)| *ssrc != info.ssrc);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use rtc::rtp::Header;

    fn packet(ssrc: u32, payload: &'static [u8]) -> rtc::rtp::Packet {
        let header = Header {
            ssrc,
            payload_type: 97,
            sequence_number: 7,
            ..Header::default()
        };
        let payload = Bytes::from_static(payload);
        rtc::rtp::Packet { header, payload }
    }

    #[test]
    fn a_retransmission_becomes_what_it_repeats_and_all_else_stays() {
        let mut restores = Retransmissions::default();
        let stream = StreamInfo {
            ssrc: 1,
            payload_type: 96,
            ssrc_rtx: Some(2),
            ..StreamInfo::default()
        };
        restores.bind_remote_stream(&stream);
        let mut again = packet(2, b"\x01\x02picture");
        assert!(restores.restore(&mut again));
        let Header {
            ssrc,
            payload_type,
            sequence_number,
            ..
        } = again.header;
        assert_eq!((ssrc, payload_type, sequence_number), (1, 96, 0x102));
        assert_eq!(again.payload[..], *b"picture");
        let mut other = packet(3, b"\x01\x02picture");
        assert!(restores.restore(&mut other) && other == packet(3, b"\x01\x02picture"));
        assert!(!restores.restore(&mut packet(2, b"\x01")), "without its number");
        restores.unbind_remote_stream(&stream);
        assert!(restores.restore(&mut packet(2, b"\x01")));
    }
}
