//! What the conversation and the media of a delegate say to each other.

use lika::protocol::{PictureLayer, Report};

/// What the conversation asks of the media.
#[derive(Debug)]
pub enum Order {
    /// Drop the connection if there is one, and offer a fresh one.
    Connect {
        /// Names it in everything that follows, so that what belongs to an abandoned one is told apart.
        attempt: u32,
        /// Receive slots.
        slots: u16,
    },
    /// The answer to the attempt's offer.
    Answer {
        /// Which.
        attempt: u32,
        /// The SDP.
        sdp: String,
    },
    /// The microphone opens (true) or closes.
    Speak(bool),
    /// The slots that have somebody in them.
    Occupied(Vec<u16>),
    /// What anybody wants of the picture.
    Publish {
        /// The highest layer.
        highest: PictureLayer,
        /// Bits a second of the lowest.
        lowest_bps: u32,
    },
}

/// What the media tell the conversation.
#[derive(Debug)]
pub enum Message {
    /// What happened to an attempt to connect.
    Attempt(u32, Progress),
    /// A second's report.
    Report(Box<Report>),
}

/// What happened to an attempt to connect.
#[derive(Debug)]
pub enum Progress {
    /// Its offer.
    Offered(String),
    /// Sound and picture flow.
    Up,
    /// It failed; a fresh one is needed.
    Down(String),
}
