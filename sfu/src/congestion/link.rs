//! The estimator on a simulated line, in virtual time: what it must find, and how fast.

use super::Estimator;
use crate::rtcp::Arrival;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::collections::VecDeque;
use std::time::{Duration, Instant};

const STEP: Duration = Duration::from_millis(1);
const FEEDBACK_EVERY: u32 = 100;
const PACKET: usize = 1000;

/// A line with a bottleneck and its sender.
struct Line {
    now: Instant,
    start: Instant,
    estimator: Estimator,
    /// Bits a second that the line carries, and that there are to send.
    capacity: f64,
    wanted: f64,
    delay: Duration,
    jitter: Duration,
    loss: f64,
    max_queue: Duration,
    free_at: Instant,
    budget: f64,
    random: StdRng,
    flight: VecDeque<(u16, Option<Instant>)>,
    reports: VecDeque<(Instant, Vec<Arrival>)>,
    history: Vec<(Duration, u64)>,
    queue_drops: u32,
}

impl Line {
    fn new(seed: u64, capacity: f64, wanted: f64) -> Self {
        let now = Instant::now();
        Self {
            now,
            start: now,
            estimator: Estimator::new(now, 300_000),
            capacity,
            wanted,
            delay: Duration::from_millis(25),
            jitter: Duration::ZERO,
            loss: 0.0,
            max_queue: Duration::from_millis(300),
            free_at: now,
            budget: 0.0,
            random: StdRng::seed_from_u64(seed),
            flight: VecDeque::new(),
            reports: VecDeque::new(),
            history: Vec::new(),
            queue_drops: 0,
        }
    }

    fn send(&mut self, bytes: usize) {
        let number = self.estimator.note(self.now, bytes);
        let wait = self.free_at.saturating_duration_since(self.now);
        let mut arrives = None;
        if wait > self.max_queue {
            self.queue_drops += 1;
        } else {
            self.free_at = self.free_at.max(self.now) + Duration::from_secs_f64(bytes as f64 * 8.0 / self.capacity);
            if !self.random.random_bool(self.loss) {
                let jitter = self.jitter.mul_f64(self.random.random());
                arrives = Some(self.free_at + self.delay + jitter);
            }
        }
        self.flight.push_back((number, arrives));
    }

    fn step(&mut self, n: u32) {
        self.now += STEP;
        let owed = self.estimator.tick(self.now, self.wanted as u64);
        let rate = self.wanted.min(self.estimator.estimate().unwrap_or(300_000) as f64);
        self.budget += rate / 8.0 * STEP.as_secs_f64();
        while self.budget >= PACKET as f64 {
            self.budget -= PACKET as f64;
            self.send(PACKET);
        }
        for _ in 0..owed / PACKET {
            self.send(PACKET);
        }
        if n.is_multiple_of(FEEDBACK_EVERY) {
            self.feed_back();
        }
        while self.reports.front().is_some_and(|(at, _)| *at <= self.now) {
            if let Some((_, arrivals)) = self.reports.pop_front() {
                self.estimator.take(self.now, arrivals);
            }
        }
        self.history
            .push((self.now - self.start, self.estimator.estimate().unwrap_or(0)));
    }

    /// What has arrived, and what is missing before it.
    fn feed_back(&mut self) {
        let Some(last) = self
            .flight
            .iter()
            .rposition(|(_, at)| at.is_some_and(|at| at <= self.now))
        else {
            return;
        };
        let arrivals = self
            .flight
            .drain(..=last)
            .map(|(number, at)| Arrival {
                number,
                at: at.map(|at| at.saturating_duration_since(self.start) + Duration::from_secs(500)),
            })
            .collect();
        self.reports.push_back((self.now + self.delay, arrivals));
    }

    fn run(&mut self, seconds: f64) {
        for n in 0..(seconds * 1000.0) as u32 {
            self.step(n);
        }
    }

    /// Mean estimate of the last `seconds`, over the line's capacity.
    fn share(&self, seconds: usize) -> f64 {
        let last = &self.history[self.history.len() - seconds * 1000..];
        last.iter().map(|(_, bps)| *bps as f64).sum::<f64>() / last.len() as f64 / self.capacity
    }

    /// Seconds from `from` until the estimate holds `condition`.
    fn until(&self, from: f64, condition: impl Fn(f64) -> bool) -> f64 {
        self.history
            .iter()
            .find(|(at, bps)| at.as_secs_f64() > from && condition(*bps as f64))
            .map_or(f64::INFINITY, |(at, _)| at.as_secs_f64() - from)
    }
}

#[test]
fn finds_what_the_line_carries() {
    for (seed, capacity) in [0.3e6, 0.6e6, 1.2e6, 3e6, 8e6].into_iter().enumerate() {
        let mut line = Line::new(seed as u64, capacity, 10e6);
        line.run(30.0);
        let share = line.share(10);
        assert!((0.7..1.1).contains(&share), "{share:.2} of {capacity}");
    }
}

#[test]
fn finds_it_through_jitter_and_loss() {
    for seed in 0..4 {
        let mut line = Line::new(seed, 1.5e6, 10e6);
        (line.jitter, line.loss) = (Duration::from_millis(15), 0.05);
        line.run(40.0);
        let share = line.share(10);
        assert!((0.7..1.1).contains(&share), "seed {seed}: {share:.2}");
    }
}

#[test]
fn follows_a_drop_and_a_recovery() {
    let mut line = Line::new(1, 4e6, 4e6);
    line.run(20.0);
    line.capacity = 0.6e6;
    line.run(20.0);
    let fell = line.until(20.0, |bps| bps < 0.66e6);
    assert!(fell < 3.0, "{fell:.2} s");
    let share = line.share(10);
    assert!((0.7..1.1).contains(&share), "{share:.2}");
    line.capacity = 4e6;
    line.run(20.0);
    let rose = line.until(40.0, |bps| bps > 3.6e6);
    assert!(rose < 15.0, "{rose:.2} s");
}

#[test]
fn is_not_frozen_low_by_an_outage() {
    let mut line = Line::new(2, 2e6, 4e6);
    line.run(10.0);
    line.loss = 1.0;
    line.run(5.0);
    line.loss = 0.0;
    line.run(10.0);
    let rose = line.until(15.0, |bps| bps > 1.4e6);
    assert!(rose < 8.0, "{rose:.2} s");
}

#[test]
fn a_short_queue_is_found_by_loss() {
    let mut line = Line::new(3, 1e6, 4e6);
    line.max_queue = Duration::from_millis(15);
    line.run(30.0);
    let share = line.share(10);
    assert!((0.6..1.3).contains(&share), "{share:.2}");
    let before = line.queue_drops;
    line.run(10.0);
    let drops = line.queue_drops - before;
    assert!(drops < 150, "{drops} of about 1250");
}

#[test]
fn an_unused_line_is_not_probed() {
    let mut line = Line::new(4, 8e6, 0.2e6);
    line.run(20.0);
    let sent: usize = line.history.len();
    assert!(sent > 0 && !line.estimator.is_probing());
    assert!(line.estimator.estimate().unwrap() < 1_000_000);
}
