//! What the server looks like at one moment: the one value that metrics and status page show.

use super::machine::{Descriptors, Disk};
use crate::conference::Overview;
use crate::journal::TimeSource;
use crate::meeting::MeetingId;
use lika_sfu::relay::Counters;
use lika_sfu::worker::Load;

/// One moment.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// The meetings that are loaded.
    pub meetings: Vec<(MeetingId, Overview)>,
    /// The relay's threads, in their order.
    pub workers: Vec<WorkerSeen>,
    /// The connections to the HTTPS port.
    pub connections: Connections,
    /// Room in the data directory; `None`: not known.
    pub disk: Option<Disk>,
    /// The machine's clock; `None`: not asked.
    pub time: Option<TimeSource>,
    /// How far the server's own clock is ahead of the machine's, in milliseconds.
    pub clock_ahead_ms: i64,
    /// When the certificate in use ends, in seconds since 1970-01-01 UTC; `None`: not known.
    pub certificate_ends_s: Option<i64>,
    /// When the latest backup was made, in seconds since 1970-01-01 UTC; `None`: none is noted.
    pub backed_up_s: Option<i64>,
    /// When the first meeting of the journal was convened, in seconds since 1970-01-01 UTC; `None`: there is none.
    pub journal_begins_s: Option<i64>,
    /// Files and sockets.
    pub descriptors: Option<Descriptors>,
    /// Whether no new meeting is begun.
    pub draining: bool,
}

/// One thread of the relay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WorkerSeen {
    /// How much it has to do.
    pub load: Load,
    /// Its totals; `None`: it did not answer.
    pub counters: Option<Counters>,
}

/// Connections to a port.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Connections {
    /// Open now.
    pub open: u32,
    /// As many as may be.
    pub limit: u32,
}
