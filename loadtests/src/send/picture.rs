//! One simulcast layer of the picture.

use super::Stream;
use super::cadence::Cadence;
use crate::media::{Picture, ivf::Ivf};
use bytes::{BufMut, Bytes, BytesMut};
use lika_sfu::Layer;
use rtc::rtp::Packet;
use rtc::shared::error::Result;
use std::sync::Arc;
use std::time::Instant;

/// RTP clock of video (RFC 7741 section 4.1).
const CLOCK_RATE: u32 = 90_000;
/// Payload bytes a packet: within an IPv6 path of 1280 with SRTP and extensions.
const MAX_PAYLOAD: usize = 1100;

/// Sends one layer of a picture in a loop.
#[derive(Debug)]
pub struct LayerSender {
    layer: Layer,
    picture: Arc<Picture>,
    cursor: usize,
    cadence: Cadence,
    picture_id: u16,
    stream: Stream,
    frozen: bool,
    inactive: bool,
    /// Bytes that a frame has at least.
    least: usize,
}

impl LayerSender {
    /// Starts at the key frame nearest to `offset` frames into the loop.
    #[must_use]
    pub fn new(stream: Stream, layer: Layer, picture: Arc<Picture>, offset: usize, start: Instant) -> Self {
        let ivf = picture.layer(layer);
        let cursor = ivf.key_frame_from(offset % ivf.frames.len().max(1));
        let cadence = Cadence::new(start, ivf.rate);
        Self {
            layer,
            cursor,
            cadence,
            picture_id: rand::random(),
            stream,
            frozen: false,
            inactive: false,
            least: 0,
            picture,
        }
    }

    /// The stream's source.
    #[must_use]
    pub fn ssrc(&self) -> u32 {
        self.stream.ssrc
    }

    /// When something is due next.
    #[must_use]
    pub fn next(&self) -> Instant {
        self.cadence.next()
    }

    /// Puts the packets of the frames due into `out`; returns how many frames that was.
    ///
    /// # Errors
    /// When an extension does not fit its header.
    pub fn send(&mut self, now: Instant, out: &mut Vec<Packet>) -> Result<u32> {
        let mut frames = 0;
        while let Some(beat) = self.cadence.beat(now) {
            if self.frozen || self.inactive {
                continue;
            }
            let Some(frame) = self.ivf().frames.get(self.cursor).cloned() else {
                continue;
            };
            self.cursor = (self.cursor + 1) % self.ivf().frames.len();
            let elapsed = beat.wrapping_mul(u64::from(CLOCK_RATE)) / u64::from(self.ivf().rate);
            self.packetize((elapsed & 0xffff_ffff) as u32, &frame.data, out)?;
            frames += 1;
        }
        Ok(frames)
    }

    /// A key frame was asked for (PLI, FIR): the loop jumps to the next one.
    pub fn request_key_frame(&mut self) {
        self.cursor = self.ivf().key_frame_from(self.cursor);
    }

    /// Shows this; if it is something else than before, from its first frame on.
    pub fn show(&mut self, picture: &Arc<Picture>) {
        if !Arc::ptr_eq(&self.picture, picture) {
            self.picture = Arc::clone(picture);
            self.cursor = 0;
        }
    }

    /// Whether the camera gives no new pictures, so that nothing is encoded.
    pub fn freeze(&mut self, frozen: bool) {
        self.frozen = frozen;
    }

    /// Whether the layer is sent; it begins with a key frame.
    pub fn activate(&mut self, active: bool) {
        if active && self.inactive {
            self.request_key_frame();
        }
        self.inactive = !active;
    }

    /// Makes frames as long as an encoder's that uses `bps` bits a second. What is added stands behind the frame's last
    /// partition, where no decoder looks (RFC 6386 section 9.5).
    pub fn fill(&mut self, bps: u32) {
        self.least = (bps / 8 / self.ivf().rate.max(1)) as usize;
    }

    fn ivf(&self) -> &Ivf {
        self.picture.layer(self.layer)
    }

    /// RFC 7741 section 4.2: the descriptor with a picture number of 15 bits, as browsers send it.
    fn packetize(&mut self, elapsed: u32, frame: &Bytes, out: &mut Vec<Packet>) -> Result<()> {
        let number = self.picture_id & 0x7fff;
        self.picture_id = self.picture_id.wrapping_add(1);
        let filled;
        let frame = if frame.len() < self.least {
            let mut longer = BytesMut::from(&frame[..]);
            longer.resize(self.least, 0);
            filled = longer.freeze();
            &filled
        } else {
            frame
        };
        let count = frame.len().div_ceil(MAX_PAYLOAD);
        for (i, part) in frame.chunks(MAX_PAYLOAD).enumerate() {
            let mut payload = BytesMut::with_capacity(4 + part.len());
            payload.put_u8(if i == 0 { 0x90 } else { 0x80 });
            payload.put_u8(0x80);
            payload.put_u16(0x8000 | number);
            payload.put_slice(part);
            out.push(self.stream.packet(elapsed, i + 1 == count, payload.freeze())?);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::Wardrobe;
    use crate::receive::PictureMeter;
    use std::time::Duration;

    fn sender(offset: usize, start: Instant) -> (LayerSender, Wardrobe) {
        let wardrobe = Wardrobe::open().unwrap();
        let stream = Stream::new(
            7,
            96,
            vec![(1, Bytes::from_static(b"0")), (2, Bytes::from_static(b"m"))],
        );
        (
            LayerSender::new(stream, Layer::Mid, wardrobe.figure(1), offset, start),
            wardrobe,
        )
    }

    /// What a receiver shows of `seconds` of the sender's packets.
    fn shown(sender: &mut LayerSender, meter: &mut PictureMeter, from: Instant, seconds: u64) -> u32 {
        let mut out = Vec::new();
        for millisecond in 0..seconds * 1000 {
            let now = from + Duration::from_millis(millisecond);
            sender.send(now, &mut out).unwrap();
            for packet in out.drain(..) {
                meter.packet(
                    now,
                    packet.header.sequence_number,
                    packet.header.marker,
                    &packet.payload,
                );
            }
        }
        meter.take(from + Duration::from_secs(seconds)).decoded
    }

    #[test]
    fn a_receiver_shows_every_frame_and_its_size() {
        let start = Instant::now();
        let (mut sender, _) = sender(20, start);
        let mut meter = PictureMeter::default();
        assert_eq!(shown(&mut sender, &mut meter, start, 10), 150);
        assert_eq!(meter.take(start).size, (320, 180));
    }

    #[test]
    fn a_key_frame_comes_at_the_next_beat_after_it_is_asked_for() {
        let start = Instant::now();
        let (mut sender, _) = sender(0, start);
        let mut out = Vec::new();
        sender.send(start, &mut out).unwrap();
        sender.request_key_frame();
        out.clear();
        sender.send(sender.next(), &mut out).unwrap();
        assert!(out[0].payload[4] & 1 == 0, "the first packet begins a key frame");
        assert!(out.last().unwrap().header.marker);
        assert_eq!(out[0].header.get_extension(2).unwrap().as_ref(), b"m");
    }

    #[test]
    fn filled_frames_have_the_rate_and_are_shown_as_before() {
        let start = Instant::now();
        let (mut sender, _) = sender(0, start);
        sender.fill(500_000);
        let mut meter = PictureMeter::default();
        assert_eq!(shown(&mut sender, &mut meter, start, 3), 45);
        let mut out = Vec::new();
        for millisecond in 3000..4000 {
            sender
                .send(start + Duration::from_millis(millisecond), &mut out)
                .unwrap();
        }
        let bytes: usize = out.iter().map(|packet| packet.payload.len()).sum();
        assert!((60_000..90_000).contains(&bytes), "{bytes}");
    }

    #[test]
    fn frozen_sends_nothing_and_black_starts_anew() {
        let start = Instant::now();
        let (mut sender, wardrobe) = sender(0, start);
        let mut meter = PictureMeter::default();
        sender.freeze(true);
        assert_eq!(shown(&mut sender, &mut meter, start, 2), 0);
        sender.freeze(false);
        sender.show(&wardrobe.black);
        assert_eq!(shown(&mut sender, &mut meter, start + Duration::from_secs(2), 1), 15);
    }

    #[test]
    fn a_layer_that_nobody_wants_is_not_sent_and_begins_again_with_a_key_frame() {
        let start = Instant::now();
        let (mut sender, _) = sender(3, start);
        let mut out = Vec::new();
        sender.activate(false);
        assert_eq!(sender.send(start + Duration::from_secs(1), &mut out).unwrap(), 0);
        sender.activate(true);
        assert!(sender.send(sender.next(), &mut out).unwrap() > 0);
        assert!(out[0].payload[4] & 1 == 0, "the first packet begins a key frame");
    }
}
