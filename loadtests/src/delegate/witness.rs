//! What somebody who stands beside a delegate sees: every message to its page, and each second of its media as they were
//! really shown and played. The server knows nothing of this.

use super::departures::Departures;
use super::report::SlotSecond;
use lika::meeting::Command;
use lika::protocol::{CameraState, ServerMessage};
use std::time::{Instant, SystemTime};
use tokio::sync::mpsc;

/// What is seen, with the delegate's number.
pub type Sight = (usize, Witnessed);

/// Something seen.
#[derive(Clone, Debug)]
pub enum Witnessed {
    /// The server said something to the page.
    Said {
        /// When it was read.
        at: Instant,
        /// The same on the wall's clock.
        clock: SystemTime,
        /// What.
        message: Box<ServerMessage>,
    },
    /// A second of the media has ended.
    Second(Box<MediaSecond>),
}

/// One second of a delegate's media.
#[derive(Clone, Debug, Default)]
pub struct MediaSecond {
    /// When it ended; `None` in hand-made ones.
    pub at: Option<Instant>,
    /// What the own camera gave.
    pub camera: CameraState,
    /// Frames of voice that the person spoke, whatever became of them.
    pub voiced: u32,
    /// Whether the page reported it.
    pub reported: bool,
    /// Round trip of the path in use, in milliseconds.
    pub round_trip_ms: Option<f64>,
    /// What was shown and played of the others.
    pub slots: Vec<SlotSecond>,
}

/// Who stands beside a delegate. By default nobody.
#[derive(Default)]
pub struct Beside {
    /// Where it is told what is seen.
    pub witness: Option<mpsc::Sender<Sight>>,
    /// What the person at the page presses.
    pub commands: Option<mpsc::Receiver<Command>>,
    /// Whether the page shows whoever has the floor large, in the highest layer. Those who come with `join` do not: a
    /// browser on the same machine would have to encode it.
    pub enlarges_speaker: bool,
    /// The meeting's frames of speech.
    pub departures: Departures,
}
