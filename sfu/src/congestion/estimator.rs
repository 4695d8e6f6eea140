//! The estimate for one receiver: everything else in this folder, together.

use super::groups::Groups;
use super::loss::Loss;
use super::probe::Prober;
use super::queue::Queue;
use super::rate::Rate;
use super::sent::{Sent, SentPackets};
use super::throughput::Throughput;
use super::trend::Trend;
use super::{Budget, Usage};
use crate::rtcp::Arrival;
use std::time::{Duration, Instant};

/// The least that is ever estimated: speech for one and its overhead. Growth from here takes seconds, not minutes.
const MIN_BPS: f64 = 60_000.0;
/// Sending goes on this long without feedback before the estimate falls.
const FEEDBACK_PATIENCE: Duration = Duration::from_millis(1000);
/// What is left of the estimate after each further such time.
const UNHEARD: f64 = 0.7;
/// Share of the estimate from which it counts as used.
const USED: f64 = 0.7;
/// A packet that is so much later than a round trip is lost.
const LATE: Duration = Duration::from_millis(250);
/// What a probe proved holds so long against the delay that the probe itself made.
const PROVED_FOR: Duration = Duration::from_millis(600);
/// Pictures leave at most so much faster than the line is thought to carry, or than is granted on it: what leaves faster is
/// a queue on the path, and speech waits behind it.
const HASTE: f64 = 1.5;
/// So much of it leaves at once: frames that come together.
const AT_ONCE: Duration = Duration::from_millis(10);
/// Until a round trip is measured.
const USUAL_ROUND_TRIP: Duration = Duration::from_millis(100);

/// How much one receiver's line carries.
#[derive(Debug)]
pub struct Estimator {
    origin: Instant,
    sent: SentPackets,
    groups: Groups,
    trend: Trend,
    rate: Rate,
    loss: Loss,
    queue: Queue,
    throughput: Throughput,
    /// What leaves, as [`Estimator::throughput`] is what arrives.
    sending: Throughput,
    prober: Prober,
    round_trip: Duration,
    heard: Option<Instant>,
    /// A receiver's own estimate (REMB), if it sends one.
    told: Option<f64>,
    /// What the last probe proved, and when.
    proved: Option<(Instant, f64)>,
    /// What may leave now without haste.
    pace: Budget,
    /// What is sent on the whole, in bits a second.
    granted: u64,
}

impl Estimator {
    /// Begins with an estimate of `bps`.
    #[must_use]
    pub fn new(now: Instant, bps: u64) -> Self {
        Self {
            origin: now,
            sent: SentPackets::default(),
            groups: Groups::default(),
            trend: Trend::default(),
            rate: Rate::new((bps as f64).max(MIN_BPS)),
            loss: Loss::default(),
            queue: Queue::default(),
            throughput: Throughput::default(),
            sending: Throughput::default(),
            prober: Prober::default(),
            round_trip: USUAL_ROUND_TRIP,
            heard: None,
            told: None,
            proved: None,
            pace: Budget::new(AT_ONCE),
            granted: 0,
        }
    }

    /// Notes a packet of `bytes` that leaves now; gives its transport-wide number.
    pub fn note(&mut self, now: Instant, bytes: usize) -> u16 {
        let probe = self.prober.running();
        self.prober.sent(bytes);
        if self.paced_bps().is_some() {
            self.pace.take(bytes);
        }
        let bytes_on_the_line = bytes.min(usize::from(u16::MAX)) as u16;
        self.sending
            .add(now.saturating_duration_since(self.origin), bytes_on_the_line);
        self.sent.note(now, bytes, probe)
    }

    /// How many bytes of pictures may leave now, so that what leaves after them does not wait; `None`: any number.
    pub fn room(&mut self, now: Instant) -> Option<usize> {
        let bps = self.paced_bps()?;
        Some(self.pace.in_hand(now, bps))
    }

    /// How fast pictures may leave; `None`: nothing is known of the line yet, or it is being probed.
    fn paced_bps(&self) -> Option<u64> {
        let estimate = self.estimate().filter(|_| !self.is_probing())?;
        Some((estimate.max(self.granted) as f64 * HASTE) as u64)
    }

    /// What is sent from now on, in bits a second: it may be more than the estimate, as long as that is not certain.
    pub const fn grant(&mut self, bps: u64) {
        self.granted = bps;
    }

    /// The receiver reports on packets.
    pub fn take(&mut self, now: Instant, arrivals: impl IntoIterator<Item = Arrival>) {
        let mut newest = None;
        for arrival in arrivals {
            let Some(arrived) = arrival.at else {
                self.sent.missed(arrival.number);
                continue;
            };
            let Some(sent) = self.sent.arrived(arrival.number) else {
                continue;
            };
            newest = newest.max(Some(sent.at));
            self.learn(now, &sent, arrived);
        }
        let Some(newest) = newest else { return };
        self.heard = Some(now);
        let judged_until = now.checked_sub(self.round_trip + LATE).unwrap_or(now);
        for arrived in self.sent.judge(judged_until).filter_map(|sent| sent.fate()) {
            self.loss.add(arrived);
        }
        if let Some(found) = self.prober.expire(now, self.round_trip) {
            self.prove(now, found);
        }
        self.round_trip = now.saturating_duration_since(newest).min(Duration::from_secs(2));
        let arriving = self.throughput.bps();
        let usage = match self.trend.usage() {
            // The queue of a probe is no news; what got through of it will be.
            Usage::Over if self.prober.is_awaited() => Usage::Under,
            // A queue that is as long as it can be grows no longer, and is no less full.
            Usage::Normal if self.queue.stands() && !self.prober.is_awaited() => Usage::Over,
            usage => usage,
        };
        let proved = self
            .proved
            .filter(|(at, _)| now.saturating_duration_since(*at) < PROVED_FOR);
        let through = arriving.map(|bps| proved.map_or(bps, |(_, proved)| bps.max(proved)));
        let certain = self.is_full() || self.is_used();
        self.rate.update(now, (usage, certain), through, self.round_trip);
        if usage == Usage::Over {
            self.prober.discourage(now);
        }
        let arriving = arriving.unwrap_or(0.0);
        self.loss.update(now, self.sending.bps().unwrap_or(arriving), arriving);
        self.loss.lift(self.rate.bps());
        self.queue.update(now);
    }

    /// Whether about as much is sent as the estimate allows. If not, a growing queue is hardly our doing.
    fn is_used(&self) -> bool {
        self.sending.bps().is_none_or(|bps| bps > USED * self.bps())
    }

    fn learn(&mut self, now: Instant, sent: &Sent, arrived: Duration) {
        self.throughput.add(arrived, sent.bytes);
        let left = sent.at.saturating_duration_since(self.origin);
        self.queue.add((arrived.as_secs_f64() - left.as_secs_f64()) * 1e3);
        if let Some(spacing) = self.groups.add(sent.at, arrived) {
            self.trend.add(&spacing);
        }
        if let Some(found) = self.prober.arrived(sent, left, arrived) {
            self.prove(now, found);
        }
    }

    fn prove(&mut self, now: Instant, bps: f64) {
        self.proved = Some((now, bps));
        if bps > self.bps() {
            self.rate.set(now, bps);
            self.loss.lift(0.0);
        }
    }

    /// The receiver's own estimate in bits a second (REMB), for those without transport-wide feedback.
    pub const fn take_told(&mut self, bps: u64) {
        self.told = Some(bps as f64);
    }

    /// What time demands; gives the bytes that the running probe still needs, beyond what is sent anyhow. `wanted` is
    /// the bits a second that would be sent if the line carried everything.
    pub fn tick(&mut self, now: Instant, wanted: u64) -> usize {
        let unheard = self
            .sent
            .unreported_since()
            .map(|at| self.heard.map_or(at, |heard| heard.max(at)))
            .is_some_and(|since| now.saturating_duration_since(since) > FEEDBACK_PATIENCE);
        if unheard && self.heard.is_some() {
            self.heard = Some(now);
            self.rate.set(now, (self.rate.bps() * UNHEARD).max(MIN_BPS));
        }
        let calm = self.heard.is_some() && !unheard && self.trend.usage() == Usage::Normal;
        self.prober.tick(now, self.bps(), wanted as f64, calm)
    }

    /// Whether packets are wanted more often than at each tick.
    #[must_use]
    pub fn is_probing(&self) -> bool {
        self.prober.running().is_some()
    }

    /// What the line carries, in bits a second; `None` as long as the receiver has told nothing.
    #[must_use]
    pub fn estimate(&self) -> Option<u64> {
        match (self.heard, self.told) {
            (Some(_), _) => Some(self.bps() as u64),
            (None, Some(told)) => Some(told.max(MIN_BPS) as u64),
            (None, None) => None,
        }
    }

    /// Whether what is sent now is certainly too much: a queue stands on the path, or it loses more than it does of its
    /// own. The estimate falls sooner, and may do so for a stall that is no fault of the line.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.queue.stands() || self.loss.is_too_much()
    }

    /// From a packet's leaving to its feedback.
    #[must_use]
    pub const fn round_trip(&self) -> Duration {
        self.round_trip
    }

    fn bps(&self) -> f64 {
        let loss = self.loss.limit().unwrap_or(f64::MAX);
        self.rate.bps().min(loss).max(MIN_BPS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// In how many of a thousand milliseconds nothing may leave, while 3 Mbit/s do.
    fn held(granted: u64) -> usize {
        let start = Instant::now();
        let mut line = Estimator::new(start, 10_000_000);
        line.take_told(1_000_000);
        line.grant(granted);
        let full = |ms: &u64| {
            let now = start + Duration::from_millis(*ms);
            line.note(now, 375);
            line.room(now) == Some(0)
        };
        (0..1000).filter(full).count()
    }

    #[test]
    fn what_left_before_anything_was_known_is_not_waited_for() {
        let start = Instant::now();
        let mut line = Estimator::new(start, 10_000_000);
        (0..1000).for_each(|_| {
            line.note(start, 1200);
        });
        assert_eq!(line.room(start), None);
        line.take_told(1_000_000);
        assert!(line.room(start) > Some(0));
    }

    #[test]
    fn what_is_granted_beyond_the_estimate_is_not_held_back() {
        assert_eq!(held(3_000_000), 0);
        assert!(held(0) > 900, "an estimate of a third of it holds it back");
    }
}
