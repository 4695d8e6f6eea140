//! The figures of a run, for machines and for people.

use super::meeting::{Welcome, Window};
use serde::Serialize;
use std::fmt;
use std::time::Duration;

/// What was measured.
pub(super) struct Measured {
    pub(super) seconds: u64,
    pub(super) participants: usize,
    pub(super) window: Window,
    pub(super) relay_cpu: Duration,
    pub(super) memory: u64,
    pub(super) welcomes: Vec<Welcome>,
    pub(super) floor_ns: f64,
}

/// The result of `bench`.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Figures {
    /// CPU seconds of the relay's process for a million packets forwarded.
    pub cpu_s_per_million: f64,
    /// Packets that reached a receiver, a second.
    pub forwarded_per_s: f64,
    /// Share of the packets that reached nobody they were for, 0 to 1.
    pub loss: f64,
    /// From a participant's send call to the kernel's receive stamp at another.
    pub latency_ms: LatencyFigures,
    /// Resident memory that each participant costs the relay's process, in megabytes (10^6 bytes).
    pub rss_mb_per_participant: f64,
    /// From asking to join to the first media, median of several newcomers.
    pub first_media_ms: f64,
    /// From asking to join to a key frame of everybody.
    pub all_pictures_ms: f64,
    /// The relay's CPU a packet over that of sealing and sending alone.
    pub floor_ratio: f64,
    /// CPU microseconds a packet of sealing and sending alone.
    pub floor_us: f64,
    /// Packets for the same receiver that came together, on average; the floor sends as many.
    pub packets_per_run: f64,
}

/// Percentiles of the relay's latency, in milliseconds.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct LatencyFigures {
    /// Half of the packets are as fast.
    pub p50: f64,
    /// All but one in a hundred.
    pub p99: f64,
    /// All but one in a thousand.
    pub p999: f64,
}

impl Figures {
    pub(super) fn new(measured: Measured) -> Self {
        let mut window = measured.window;
        let received = window.received.max(1) as f64;
        let cpu_ns = measured.relay_cpu.as_nanos() as f64 / received;
        let [p50, p99, p999] = window.latencies.percentiles([0.5, 0.99, 0.999]);
        let median = |figure: fn(&Welcome) -> Duration| {
            let mut times: Vec<Duration> = measured.welcomes.iter().map(figure).collect();
            times.sort_unstable();
            times
                .get(times.len() / 2)
                .map_or(f64::NAN, |time| time.as_secs_f64() * 1e3)
        };
        Self {
            cpu_s_per_million: cpu_ns / 1e3,
            forwarded_per_s: window.received as f64 / measured.seconds as f64,
            loss: 1.0 - window.received as f64 / window.expected.max(1) as f64,
            latency_ms: LatencyFigures { p50, p99, p999 },
            rss_mb_per_participant: measured.memory as f64 / 1e6 / measured.participants as f64,
            first_media_ms: median(|welcome| welcome.first_media),
            all_pictures_ms: median(|welcome| welcome.all_pictures),
            floor_ratio: cpu_ns / measured.floor_ns,
            floor_us: measured.floor_ns / 1e3,
            packets_per_run: received / window.runs.max(1) as f64,
        }
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let LatencyFigures { p50, p99, p999 } = self.latency_ms;
        writeln!(
            f,
            "relay CPU for a million packets   {:>10.2} s",
            self.cpu_s_per_million
        )?;
        writeln!(f, "  of sealing and sending alone    {:>10.2} s", self.floor_us)?;
        writeln!(f, "  ratio                           {:>10.2}", self.floor_ratio)?;
        writeln!(
            f,
            "packets forwarded                 {:>10.0} a second",
            self.forwarded_per_s
        )?;
        writeln!(f, "  together for one receiver       {:>10.2}", self.packets_per_run)?;
        writeln!(f, "lost                              {:>10.4} %", self.loss * 100.0)?;
        writeln!(
            f,
            "latency p50 / p99 / p99.9         {p50:>10.2} / {p99:.2} / {p999:.2} ms"
        )?;
        writeln!(
            f,
            "memory of a participant           {:>10.2} MB",
            self.rss_mb_per_participant
        )?;
        writeln!(f, "join to first media               {:>10.1} ms", self.first_media_ms)?;
        write!(f, "join to everybody's picture       {:>10.1} ms", self.all_pictures_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_follow_from_what_was_measured() {
        let mut window = Window {
            received: 999_000,
            expected: 1_000_000,
            runs: 333_000,
            ..Window::default()
        };
        (1..=1000).for_each(|us| window.latencies.add(Duration::from_micros(us)));
        let welcome = |ms| Welcome {
            first_media: Duration::from_millis(ms),
            all_pictures: Duration::from_millis(3 * ms),
        };
        let figures = Figures::new(Measured {
            seconds: 10,
            participants: 4,
            window,
            relay_cpu: Duration::from_micros(999_000 * 3),
            memory: 8_000_000,
            welcomes: vec![welcome(30), welcome(10), welcome(20)],
            floor_ns: 1500.0,
        });
        assert!((figures.cpu_s_per_million - 3.0).abs() < 1e-9 && (figures.floor_ratio - 2.0).abs() < 1e-9);
        assert!((figures.loss - 0.001).abs() < 1e-9 && (figures.forwarded_per_s - 99_900.0).abs() < 1e-9);
        assert_eq!((figures.first_media_ms, figures.all_pictures_ms), (20.0, 60.0));
        assert_eq!((figures.rss_mb_per_participant, figures.packets_per_run), (2.0, 3.0));
        assert_eq!(figures.latency_ms.p99, 0.99);
        let json = serde_json::to_value(figures).unwrap();
        for key in [
            "cpu_s_per_million",
            "forwarded_per_s",
            "loss",
            "rss_mb_per_participant",
            "floor_ratio",
        ] {
            assert!(json[key].is_number(), "{key}");
        }
        assert!(json["latency_ms"]["p999"].is_number());
        assert!(figures.to_string().contains("a million packets"));
    }
}
