//! The meters of one receive slot: what is shown and played of whoever is in it.

use super::report::SlotSecond;
use crate::receive::{PictureMeter, SoundMeter};
use rtc::rtcp::payload_feedbacks::picture_loss_indication::PictureLossIndication;
use rtc::rtp::{Header, Packet};
use std::sync::Arc;
use std::time::{Duration, Instant};
use webrtc::error::Result;
use webrtc::media_stream::track_remote::TrackRemote;

/// One slot's meters.
#[derive(Default)]
pub(super) struct SlotMeters {
    sound: SoundMeter,
    picture: PictureMeter,
    picture_track: Option<(Arc<dyn TrackRemote>, u32)>,
    /// Of the speech that came: milliseconds under way, and how many packets.
    under_way: (f64, u32),
}

impl SlotMeters {
    /// The slot's picture comes on this track.
    pub(super) fn shows(&mut self, track: Arc<dyn TrackRemote>, ssrc: u32) {
        self.picture_track = Some((track, ssrc));
    }

    /// A packet of the sound came, of this level in -dBov, and with so many frames before it once more; `under_way`: how
    /// long it took, if it is known.
    pub(super) fn sound(
        &mut self,
        now: Instant,
        header: &Header,
        (level, repeated): (Option<u8>, u32),
        under_way: Option<Duration>,
    ) {
        if let Some(time) = under_way {
            self.under_way.0 += time.as_secs_f64() * 1e3;
            self.under_way.1 += 1;
        }
        self.sound.packet(now, header, level, repeated);
    }

    /// A packet of the picture came.
    pub(super) fn picture(&mut self, now: Instant, packet: &Packet) {
        let header = &packet.header;
        self.picture
            .packet(now, header.sequence_number, header.marker, &packet.payload);
    }

    /// Whether the decoder gets to few of the frames.
    pub(super) fn starve(&mut self, starved: bool) {
        self.picture.starve(starved);
    }

    /// Gives up holes that were not filled in time, and asks for a key frame where one is needed.
    pub(super) async fn repair(&mut self, now: Instant) -> Result<()> {
        let asks = self.picture.tick(now);
        if let Some((track, ssrc)) = self.picture_track.as_ref().filter(|_| asks) {
            let request = PictureLossIndication {
                sender_ssrc: 0,
                media_ssrc: *ssrc,
            };
            track.write_rtcp(vec![Box::new(request)]).await?;
        }
        Ok(())
    }

    /// What was shown and played since the last call.
    pub(super) fn take(&mut self, now: Instant, slot: u16) -> SlotSecond {
        let (sum, count) = std::mem::take(&mut self.under_way);
        SlotSecond {
            slot,
            picture: self.picture.take(now),
            sound: self.sound.take(now),
            under_way_ms: (count > 0).then(|| sum / f64::from(count)),
        }
    }
}
