//! Whether there is room for more than is being sent: a short stretch at a higher rate, and what became of it.

use super::sent::Sent;
use crate::allocation::TO_SPARE;
use std::time::{Duration, Instant};

/// A probe's rate over the estimate.
const BOLDNESS: f64 = 2.0;
/// A probe lasts so long, and has so many packets, at least. What it overfills, speech waits behind.
const LENGTH: Duration = Duration::from_millis(40);
const MIN_PACKETS: u32 = 5;
/// A probe that has not got so far by then ends all the same.
const LONGEST: Duration = Duration::from_millis(160);
/// Between two probes, while more is wanted than the estimate allows with room to spare.
const PATIENCE: Duration = Duration::from_millis(1500);
/// At most, after probes that found nothing.
const LONGEST_PATIENCE: Duration = Duration::from_secs(6);
/// Feedback about a probe's last packets comes so much later than a round trip.
const LAST_COMES: Duration = Duration::from_millis(200);
/// A receiver cannot get faster than was sent by more than measuring allows.
const MAX_FASTER: f64 = 2.0;
/// Slower than this share of what was sent: the path's limit was met, and this much below it is safe.
const LIMIT_MET: (f64, f64) = (0.9, 0.95);

/// Probes, one at a time.
#[derive(Debug)]
pub(super) struct Prober {
    running: Option<Running>,
    awaited: Option<Answer>,
    last: Option<Instant>,
    patience: Duration,
    next_id: u8,
}

#[derive(Clone, Copy, Debug)]
struct Running {
    id: u8,
    bps: f64,
    began: Instant,
    bytes: u64,
    packets: u32,
}

/// What came back of a probe that was sent.
#[derive(Clone, Copy, Debug)]
struct Answer {
    id: u8,
    /// What it was sent at; more is never found.
    aimed: f64,
    ended: Instant,
    packets: u32,
    received: Span,
    sent: Span,
}

/// Packets between a first and a last instant, in microseconds.
#[derive(Clone, Copy, Debug, Default)]
struct Span {
    first: Option<i64>,
    last: i64,
    bytes: u64,
    first_bytes: u64,
    last_bytes: u64,
    packets: u32,
}

impl Default for Prober {
    fn default() -> Self {
        Self {
            running: None,
            awaited: None,
            last: None,
            patience: PATIENCE,
            next_id: 0,
        }
    }
}

impl Prober {
    /// The probe that packets leaving now are part of.
    pub(super) fn running(&self) -> Option<u8> {
        self.running.map(|probe| probe.id)
    }

    /// Counts a packet of the running probe.
    pub(super) fn sent(&mut self, bytes: usize) {
        if let Some(probe) = &mut self.running {
            probe.bytes += bytes as u64;
            probe.packets += 1;
        }
    }

    /// Begins or ends probes; gives the bytes still owed to the running one. `wanted` is what would be sent if the path
    /// carried it.
    pub(super) fn tick(&mut self, now: Instant, estimate: f64, wanted: f64, calm: bool) -> usize {
        if let Some(probe) = self.running {
            let passed = now.saturating_duration_since(probe.began);
            if passed >= LENGTH && probe.packets >= MIN_PACKETS || passed >= LONGEST {
                self.end(now, probe);
                return 0;
            }
            let due = probe.bps / 8.0 * passed.as_secs_f64();
            return (due as u64).saturating_sub(probe.bytes) as usize;
        }
        let waited = self
            .last
            .is_none_or(|at| now.saturating_duration_since(at) >= self.patience);
        // Until all that is wanted fits with what must be to spare: less is not given, and would be waited for for ever.
        if calm && waited && self.awaited.is_none() && wanted * TO_SPARE > estimate {
            self.begin(now, (estimate * BOLDNESS).min(wanted * 1.2));
        }
        0
    }

    fn begin(&mut self, now: Instant, bps: f64) {
        self.next_id = self.next_id.wrapping_add(1);
        self.last = Some(now);
        self.running = Some(Running {
            id: self.next_id,
            bps,
            began: now,
            bytes: 0,
            packets: 0,
        });
    }

    fn end(&mut self, now: Instant, probe: Running) {
        self.running = None;
        if probe.packets < MIN_PACKETS {
            self.patience = (self.patience * 2).min(LONGEST_PATIENCE);
            return;
        }
        self.awaited = Some(Answer {
            id: probe.id,
            aimed: probe.bps,
            ended: now,
            packets: probe.packets,
            received: Span::default(),
            sent: Span::default(),
        });
    }

    /// Whether a probe is under way, or its answer.
    pub(super) const fn is_awaited(&self) -> bool {
        self.running.is_some() || self.awaited.is_some()
    }

    /// The path is overfull: the next probe takes its time.
    pub(super) fn discourage(&mut self, now: Instant) {
        self.last = Some(now);
    }

    /// Takes a packet that arrived, with both times from any fixed instant; tells the rate that got through when all of
    /// the probe has come.
    pub(super) fn arrived(&mut self, sent: &Sent, left: Duration, arrived: Duration) -> Option<f64> {
        let answer = self.awaited.as_mut().filter(|answer| sent.probe == Some(answer.id))?;
        let bytes = u64::from(sent.bytes);
        answer.sent.add(left.as_micros() as i64, bytes);
        answer.received.add(arrived.as_micros() as i64, bytes);
        if answer.received.packets < answer.packets {
            return None;
        }
        self.conclude()
    }

    /// What got through when all that comes has come, some of it being lost.
    pub(super) fn expire(&mut self, now: Instant, round_trip: Duration) -> Option<f64> {
        let over = |answer: &Answer| now.saturating_duration_since(answer.ended) > round_trip + LAST_COMES;
        self.awaited.filter(over)?;
        self.conclude()
    }

    fn conclude(&mut self) -> Option<f64> {
        let found = self.awaited.take()?.bps();
        self.patience = match found {
            Some(_) => PATIENCE,
            None => (self.patience * 2).min(LONGEST_PATIENCE),
        };
        found
    }
}

impl Answer {
    fn bps(&self) -> Option<f64> {
        if self.received.packets < MIN_PACKETS {
            return None;
        }
        // The last packet leaves after the sending span, the first arrives before the receiving one.
        let sent = self.sent.bps(self.sent.last_bytes)?;
        let received = self.received.bps(self.received.first_bytes)?;
        if received > sent * MAX_FASTER {
            return None;
        }
        let met = received < sent * LIMIT_MET.0;
        let found = if met {
            received * LIMIT_MET.1
        } else {
            sent.min(received)
        };
        Some(found.min(self.aimed))
    }
}

impl Span {
    fn add(&mut self, at: i64, bytes: u64) {
        if self.first.is_none() {
            (self.first, self.first_bytes) = (Some(at), bytes);
        }
        self.last = self.last.max(at);
        self.last_bytes = bytes;
        self.bytes += bytes;
        self.packets += 1;
    }

    fn bps(&self, without: u64) -> Option<f64> {
        let micros = self.last - self.first?;
        (micros > 0).then(|| (self.bytes - without) as f64 * 8e6 / micros as f64)
    }
}
