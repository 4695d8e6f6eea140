//! What comes over a connection: packets by the slot that they belong to, and requests for key frames.

use super::connection::{Place, Places};
use super::key_frame_requests::requested_ssrcs;
use futures_util::stream::{self, BoxStream, StreamExt};
use rtc::rtp::Packet;
use std::sync::Arc;
use webrtc::media_stream::track_local::{TrackLocal, TrackLocalEvent};
use webrtc::media_stream::track_remote::{TrackRemote, TrackRemoteEvent};

/// What comes over the connection.
pub(super) enum Incoming {
    /// A place begins to be filled.
    Opened {
        place: Place,
        ssrc: u32,
        track: Arc<dyn TrackRemote>,
    },
    /// A packet.
    Packet(Place, Packet),
    /// A key frame of the own picture with this source is wanted.
    KeyFrameRequest(u32),
}

/// Everything that comes on a received track, once it is known which slot it belongs to.
pub(super) fn listen(track: Arc<dyn TrackRemote>, places: Places) -> BoxStream<'static, Incoming> {
    let start = (track, places, None);
    stream::unfold(start, |(track, places, mut place)| async move {
        loop {
            let incoming = match track.poll().await? {
                TrackRemoteEvent::OnOpen(opened) => {
                    place = places.of(opened.receiver_id);
                    let track = Arc::clone(&track);
                    place.map(|place| Incoming::Opened {
                        place,
                        ssrc: opened.ssrc,
                        track,
                    })
                }
                TrackRemoteEvent::OnRtpPacket(packet) => place.map(|place| Incoming::Packet(place, packet)),
                _ => None,
            };
            if let Some(incoming) = incoming {
                return Some((incoming, (track, places, place)));
            }
        }
    })
    .boxed()
}

/// The key frames asked for, by source.
pub(super) fn listen_to_requests(track: Arc<dyn TrackLocal>) -> BoxStream<'static, Incoming> {
    let packets = stream::unfold(track, |track| async move {
        let TrackLocalEvent::OnRtcpPacket(packets) = track.poll().await? else {
            return None;
        };
        Some((packets, track))
    });
    packets
        .flat_map(|packets| {
            let ssrcs: Vec<u32> = packets
                .iter()
                .flat_map(|packet| requested_ssrcs(packet.as_ref()))
                .collect();
            stream::iter(ssrcs.into_iter().map(Incoming::KeyFrameRequest))
        })
        .boxed()
}
