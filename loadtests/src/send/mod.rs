//! What goes out: packets of the media files, when they are due. Time is passed in.

pub mod cadence;
pub mod picture;
mod redundant;
pub mod sound;

pub use picture::LayerSender;
pub use sound::SoundSender;

use bytes::Bytes;
use rtc::rtp::{Header, Packet};
use rtc::shared::error::Result;

/// One outgoing RTP stream: what stays the same from packet to packet, and the sequence number.
#[derive(Clone, Debug)]
pub struct Stream {
    /// Its source (RFC 3550).
    pub ssrc: u32,
    /// As negotiated.
    pub payload_type: u8,
    /// Header extensions that every packet carries (RFC 8285), by their negotiated number.
    pub extensions: Vec<(u8, Bytes)>,
    sequence: u16,
    timestamp: u32,
}

impl Stream {
    /// A stream that starts at random numbers, as RFC 3550 section 5.1 asks.
    #[must_use]
    pub fn new(ssrc: u32, payload_type: u8, extensions: Vec<(u8, Bytes)>) -> Self {
        Self {
            ssrc,
            payload_type,
            extensions,
            sequence: rand::random(),
            timestamp: rand::random(),
        }
    }

    /// The next packet, `elapsed` ticks of the stream's clock after the first.
    fn packet(&mut self, elapsed: u32, marker: bool, payload: Bytes) -> Result<Packet> {
        let mut header = Header {
            version: 2,
            marker,
            payload_type: self.payload_type,
            sequence_number: self.sequence,
            timestamp: self.timestamp.wrapping_add(elapsed),
            ssrc: self.ssrc,
            ..Header::default()
        };
        for (id, value) in &self.extensions {
            header.set_extension(*id, value.clone())?;
        }
        self.sequence = self.sequence.wrapping_add(1);
        Ok(Packet { header, payload })
    }
}
