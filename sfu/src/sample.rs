//! One second of measurements, as plain values. Counts are of that second, not running totals.

use crate::{Layer, PeerId, RoomId, SlotIndex};
use std::time::Duration;

/// Everything measured in one room in one second.
#[derive(Clone, Debug, PartialEq)]
pub struct RoomSample {
    /// The room.
    pub room: RoomId,
    /// One for each peer.
    pub legs: Vec<LegSample>,
    /// One for each occupied receive slot.
    pub edges: Vec<EdgeSample>,
}

/// A peer's own leg: what the relay got from it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LegSample {
    /// Whose.
    pub peer: PeerId,
    /// Whether DTLS is up.
    pub connected: bool,
    /// Time since the last authenticated packet (SRTP, SRTCP or STUN check) from it.
    pub silent_for: Duration,
    /// Round trip between relay and peer, from its receiver reports (RFC 3550 section 6.4.1).
    pub round_trip: Option<Duration>,
    /// What the line towards it carries, in bits a second, as estimated; `None`: it does not report arrivals.
    pub downlink_bps: Option<u64>,
    /// Its sound; `None`: it offered none.
    pub sound: Option<SoundIn>,
    /// Its picture by layer, lowest first; `None`: that layer never came.
    pub picture: [Option<PictureIn>; 3],
    /// Whether its offer has a picture to send, even if no packet came.
    pub offers_picture: bool,
}

/// A second of a peer's sound.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SoundIn {
    /// Packets that should have come (from sequence numbers).
    pub expected: u32,
    /// Packets still missing after repair.
    pub lost: u32,
    /// Packets that came.
    pub received: u32,
    /// Interarrival jitter (RFC 3550 section 6.4.1).
    pub jitter: Duration,
    /// Loudest level of the second in -dBov, 0 loudest, 127 silence (RFC 6464).
    pub loudest: u8,
    /// Packets whose sender said "voice activity" (RFC 6464).
    pub voiced: u32,
    /// Packets not forwarded to anyone because the microphone is closed.
    pub withheld: u32,
}

/// A second of one layer of a peer's picture.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PictureIn {
    /// Packets that should have come.
    pub expected: u32,
    /// Packets still missing after repair.
    pub lost: u32,
    /// Packets that came.
    pub received: u32,
    /// Payload and header bytes.
    pub bytes: u32,
    /// Whole frames (distinct RTP time stamps).
    pub frames: u32,
    /// Key frames.
    pub key_frames: u32,
    /// Time since the newest frame, at the end of the second.
    pub since_last_frame: Duration,
    /// Interarrival jitter.
    pub jitter: Duration,
    /// Picture size of the newest key frame (RFC 6386 section 9.1); 0 = not seen yet.
    pub width: u16,
    /// See `width`.
    pub height: u16,
}

/// What one receiver was sent of one source in one second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EdgeSample {
    /// Who receives.
    pub receiver: PeerId,
    /// Who sends.
    pub source: PeerId,
    /// Where the receiver shows it.
    pub slot: SlotIndex,
    /// Sound packets forwarded.
    pub sound_forwarded: u32,
    /// Share of sound packets the receiver reported lost (RFC 3550 section 6.4.1), 0 to 1; `None`: no report, or none that
    /// tells of anything that has arrived since the one before.
    pub sound_lost: Option<f32>,
    /// The receiver's interarrival jitter for the sound.
    pub sound_jitter: Option<Duration>,
    /// Picture packets forwarded.
    pub picture_forwarded: u32,
    /// Frames forwarded.
    pub picture_frames: u32,
    /// Share of picture packets the receiver reported lost; `None`: as for the sound.
    pub picture_lost: Option<f32>,
    /// The layer being sent; `None`: no picture.
    pub layer: Option<Layer>,
    /// Whether the picture is held back because the receiver's line has no room for it.
    pub waits_for_room: bool,
    /// Whether there is no picture because the receiver does not decode what it is encoded with.
    pub not_decodable: bool,
    /// Packets the receiver asked for again (RFC 4585 section 6.2.1).
    pub nacked: u32,
    /// Key frames the receiver asked for (RFC 4585 section 6.3.1).
    pub key_frame_requests: u32,
}
