//! Lets requests for a key frame (PLI, FIR) through to the delegate: only it can answer them. All other feedback is
//! for the interceptors before this one.

use rtc::interceptor::{Attribute, Interceptor, Packet, StreamInfo, TaggedPacket};
use rtc::rtcp::payload_feedbacks::full_intra_request::FullIntraRequest;
use rtc::rtcp::payload_feedbacks::picture_loss_indication::PictureLossIndication;
use rtc::sansio::Protocol;
use rtc::shared::error::Error;
use std::collections::VecDeque;
use std::time::Instant;

/// An interceptor; stands last on the way in.
#[derive(Default)]
pub(super) struct KeyFrameRequests {
    incoming: VecDeque<TaggedPacket>,
    outgoing: VecDeque<TaggedPacket>,
}

impl KeyFrameRequests {
    /// Beyond every slot with a name.
    pub(super) const SLOT: usize = 60_000;
}

/// The sources that a request is about; none if it is no request for a key frame.
pub(super) fn requested_ssrcs(packet: &dyn rtc::rtcp::Packet) -> Vec<u32> {
    let packet = packet.as_any();
    if let Some(loss) = packet.downcast_ref::<PictureLossIndication>() {
        vec![loss.media_ssrc]
    } else if let Some(request) = packet.downcast_ref::<FullIntraRequest>() {
        request.fir.iter().map(|entry| entry.ssrc).collect()
    } else {
        Vec::new()
    }
}

impl Protocol<TaggedPacket, TaggedPacket, ()> for KeyFrameRequests {
    type Rout = TaggedPacket;
    type Wout = TaggedPacket;
    type Eout = ();
    type Error = Error;
    type Time = Instant;

    fn handle_read(&mut self, mut packet: TaggedPacket) -> Result<(), Error> {
        if let Packet::Rtcp(packets) = &mut packet.message.packet {
            packets.retain(|packet| !requested_ssrcs(packet.as_ref()).is_empty());
            if packets.is_empty() {
                return Ok(());
            }
            packet.message.add(Attribute::DeliverToApplication);
        }
        self.incoming.push_back(packet);
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

impl Interceptor for KeyFrameRequests {
    fn bind_local_stream(&mut self, _info: &StreamInfo) {}
    fn unbind_local_stream(&mut self, _info: &StreamInfo) {}
    fn bind_remote_stream(&mut self, _info: &StreamInfo) {}
    fn unbind_remote_stream(&mut self, _info: &StreamInfo) {}
}
