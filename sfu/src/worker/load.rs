//! How much of its time a worker works, and from when on it takes no more rooms.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// Over what time the load is measured: long enough for bursts of key frames, short enough to refuse in time.
const PERIOD: Duration = Duration::from_secs(1);
/// From this load on, in thousandths, new rooms are refused. What is left carries the people who are still to come to
/// the rooms that run, and keeps the queue short: at 70 % a datagram waits on average two and a half times its own work.
const REFUSE_FROM: u16 = 700;
/// Below this load, in thousandths, new rooms are taken again; lower, so that one room does not come and go.
const TAKE_BELOW: u16 = 500;

/// The load of one worker at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Load {
    /// Time not spent waiting, in thousandths of the last full second. Time in which the processor was taken away
    /// counts: the media wait for that as well.
    pub busy: u16,
    /// Peers on the worker.
    pub peers: u16,
}

/// Measures one worker's load. Time is passed in.
#[derive(Debug)]
pub(super) struct Meter {
    since: Instant,
    worked: Duration,
    woke: Instant,
    busy: u16,
    overloaded: bool,
}

impl Meter {
    pub(super) const fn new(now: Instant) -> Self {
        Self {
            since: now,
            worked: Duration::ZERO,
            woke: now,
            busy: 0,
            overloaded: false,
        }
    }

    /// Waiting is over.
    pub(super) fn wakes(&mut self, now: Instant) {
        self.woke = now;
        self.close_period(now);
    }

    /// Waiting begins.
    pub(super) fn rests(&mut self, now: Instant) {
        self.worked += now.saturating_duration_since(self.woke);
        self.woke = now;
        self.close_period(now);
    }

    fn close_period(&mut self, now: Instant) {
        let period = now.saturating_duration_since(self.since);
        if period < PERIOD {
            return;
        }
        let thousandths = self.worked.as_micros() * 1000 / period.as_micros();
        self.busy = u16::try_from(thousandths.min(1000)).unwrap_or(1000);
        self.overloaded = self.busy >= if self.overloaded { TAKE_BELOW } else { REFUSE_FROM };
        self.worked = Duration::ZERO;
        self.since = now;
    }

    pub(super) const fn busy(&self) -> u16 {
        self.busy
    }

    /// Whether new rooms are to be refused.
    pub(super) const fn is_overloaded(&self) -> bool {
        self.overloaded
    }
}

/// Where a worker's thread shows its load, and others read it: one value, written whole.
#[derive(Clone, Debug, Default)]
pub(super) struct Gauge(Arc<AtomicU32>);

impl Gauge {
    pub(super) fn show(&self, load: Load) {
        self.0
            .store(u32::from(load.busy) << 16 | u32::from(load.peers), Ordering::Relaxed);
    }

    pub(super) fn read(&self) -> Load {
        let shown = self.0.load(Ordering::Relaxed);
        Load {
            busy: (shown >> 16) as u16,
            peers: shown as u16,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Works `share` thousandths of each of 20 spells of 100 ms.
    fn two_seconds(meter: &mut Meter, now: &mut Instant, share: u32) {
        for _ in 0..20 {
            meter.wakes(*now);
            let work = Duration::from_micros(u64::from(share) * 100);
            meter.rests(*now + work);
            *now += Duration::from_millis(100);
        }
        meter.wakes(*now);
    }

    #[test]
    fn the_load_is_the_share_of_time_not_spent_waiting() {
        let mut now = Instant::now();
        let mut meter = Meter::new(now);
        two_seconds(&mut meter, &mut now, 300);
        assert_eq!(meter.busy(), 300);
        two_seconds(&mut meter, &mut now, 0);
        assert_eq!(meter.busy(), 0);
    }

    #[test]
    fn rooms_are_refused_from_one_load_on_and_taken_again_below_another() {
        let mut now = Instant::now();
        let mut meter = Meter::new(now);
        let refused = [690, 700, 600, 500, 490, 600, 710].map(|share| {
            two_seconds(&mut meter, &mut now, share);
            meter.is_overloaded()
        });
        assert_eq!(refused, [false, true, true, true, false, false, true]);
    }

    #[test]
    fn a_worker_that_slept_long_is_not_overloaded_when_it_wakes() {
        let mut now = Instant::now();
        let mut meter = Meter::new(now);
        two_seconds(&mut meter, &mut now, 1000);
        meter.rests(now);
        assert!(meter.is_overloaded());
        meter.wakes(now + Duration::from_secs(60));
        assert!(!meter.is_overloaded());
    }

    #[test]
    fn what_is_shown_is_what_is_read() {
        let gauge = Gauge::default();
        let load = Load { busy: 999, peers: 1024 };
        gauge.show(load);
        assert_eq!(gauge.read(), load);
    }
}
