//! The figures of a run, for machines and for people.

use super::Run;
use super::latency::Latencies;
use super::meeting::Welcome;
use super::window::Window;
use serde::Serialize;
use std::fmt;
use std::time::Duration;

/// What was measured.
pub(super) struct Measured {
    pub(super) seconds: u64,
    /// How many came.
    pub(super) seats: usize,
    pub(super) quiet: Run,
    pub(super) flooded: Option<Run>,
    pub(super) welcomes: Vec<Welcome>,
    pub(super) floor_ns: f64,
    pub(super) paced_floor_ns: f64,
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
    /// CPU microseconds a packet of sealing and sending alone, as fast as the core can.
    pub floor_us: f64,
    /// The same at the meeting's pace: the core rests in between, and finds its caches cold.
    pub paced_floor_us: f64,
    /// Packets for the same receiver that came together, on average; the floor sends as many.
    pub packets_per_run: f64,
    /// Share of its core that the relay used.
    pub relay_busy: f64,
    /// How the participants' side did.
    pub client: Client,
    /// The same meeting while junk came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flooded: Option<Flooded>,
}

/// How the participants' side did: figures of a run in which it was the bottleneck are not the relay's.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Client {
    /// How late all but one in a hundred frames were sent.
    pub lateness_p99_ms: f64,
    /// Datagrams that the relay delivered and the participants had no room for.
    pub dropped: u64,
    /// It lost datagrams, or sent later than half a frame of thirty a second.
    pub was_the_bottleneck: bool,
}

/// Later than this is too late: a relay is then sent bursts that no sender makes.
const LATE_MS: f64 = 16.0;

/// A meeting while junk reached the relay's port.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Flooded {
    /// Junk sent, a second.
    pub junk_per_s: f64,
    /// Datagrams of all kinds that reached the relay, a second; the rest was lost in its socket.
    pub reached_per_s: f64,
    /// Share of its core that the relay used.
    pub relay_busy: f64,
    /// CPU microseconds that a piece of junk cost the relay, at most.
    pub junk_us: f64,
    /// As [`Figures::loss`].
    pub loss: f64,
    /// As [`Figures::latency_ms`].
    pub latency_ms: LatencyFigures,
    /// How the participants' side did; the junk is sent by it too.
    pub client: Client,
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

impl LatencyFigures {
    pub(super) fn of(latencies: &mut Latencies) -> Self {
        let [p50, p99, p999] = latencies.percentiles([0.5, 0.99, 0.999]);
        Self { p50, p99, p999 }
    }
}

impl Client {
    pub(super) fn of(window: &mut Window) -> Self {
        let [lateness_p99_ms] = window.lateness.percentiles([0.99]);
        Self {
            lateness_p99_ms,
            dropped: window.dropped,
            was_the_bottleneck: window.dropped > 0 || lateness_p99_ms > LATE_MS,
        }
    }
}

impl Flooded {
    /// `quiet_cpu` is what the meeting alone cost in the same time.
    fn new(run: Run, quiet_cpu: Duration, seconds: f64) -> Self {
        let mut window = run.window;
        let more = run.relay_cpu.saturating_sub(quiet_cpu);
        Self {
            junk_per_s: window.junk as f64 / seconds,
            reached_per_s: run.received as f64 / seconds,
            relay_busy: run.relay_cpu.as_secs_f64() / seconds,
            junk_us: more.as_secs_f64() * 1e6 / window.junk.max(1) as f64,
            loss: window.loss(),
            latency_ms: LatencyFigures::of(&mut window.latencies),
            client: Client::of(&mut window),
        }
    }
}

impl Figures {
    pub(super) fn new(measured: Measured) -> Self {
        let Run {
            mut window,
            relay_cpu,
            memory,
            ..
        } = measured.quiet;
        let seconds = measured.seconds as f64;
        let received = window.received.max(1) as f64;
        let cpu_ns = relay_cpu.as_nanos() as f64 / received;
        let median = |figure: fn(&Welcome) -> Duration| {
            let mut times: Vec<Duration> = measured.welcomes.iter().map(figure).collect();
            times.sort_unstable();
            times
                .get(times.len() / 2)
                .map_or(f64::NAN, |time| time.as_secs_f64() * 1e3)
        };
        Self {
            cpu_s_per_million: cpu_ns / 1e3,
            forwarded_per_s: window.received as f64 / seconds,
            loss: window.loss(),
            latency_ms: LatencyFigures::of(&mut window.latencies),
            rss_mb_per_participant: memory as f64 / 1e6 / measured.seats as f64,
            first_media_ms: median(|welcome| welcome.first_media),
            all_pictures_ms: median(|welcome| welcome.all_pictures),
            floor_ratio: cpu_ns / measured.floor_ns,
            floor_us: measured.floor_ns / 1e3,
            paced_floor_us: measured.paced_floor_ns / 1e3,
            packets_per_run: received / window.runs.max(1) as f64,
            relay_busy: relay_cpu.as_secs_f64() / seconds,
            client: Client::of(&mut window),
            flooded: measured.flooded.map(|run| Flooded::new(run, relay_cpu, seconds)),
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
        writeln!(f, "  alone, at the meeting's pace    {:>10.2} s", self.paced_floor_us)?;
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
        writeln!(f, "join to everybody's picture       {:>10.1} ms", self.all_pictures_ms)?;
        write!(
            f,
            "relay busy                        {:>10.0} % of its core",
            self.relay_busy * 100.0
        )?;
        self.client.fmt(f)?;
        self.flooded.iter().try_for_each(|flooded| flooded.fmt(f))
    }
}

impl fmt::Display for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.was_the_bottleneck {
            return Ok(());
        }
        write!(
            f,
            "\nTHE PARTICIPANTS WERE THE BOTTLENECK: sent {:.1} ms late (p99), had no room for {} datagrams",
            self.lateness_p99_ms, self.dropped
        )
    }
}

impl fmt::Display for Flooded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let LatencyFigures { p50, p99, p999 } = self.latency_ms;
        write!(
            f,
            "\nwith junk                         {:>10.0} a second ({:.0} of all reached the relay)",
            self.junk_per_s, self.reached_per_s
        )?;
        write!(
            f,
            "\n  relay busy                      {:>10.0} % of its core, {:.2} us for each",
            self.relay_busy * 100.0,
            self.junk_us
        )?;
        write!(f, "\n  lost                            {:>10.4} %", self.loss * 100.0)?;
        write!(
            f,
            "\n  latency p50 / p99 / p99.9       {p50:>10.2} / {p99:.2} / {p999:.2} ms"
        )?;
        self.client.fmt(f)
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
        window.lateness.add(Duration::from_millis(1));
        let run = |window, seconds| Run {
            window,
            relay_cpu: Duration::from_secs_f64(seconds),
            memory: 8_000_000,
            received: 3_000_000,
        };
        let flooded = Window {
            received: 900,
            expected: 1000,
            junk: 2_000_000,
            dropped: 3,
            ..Window::default()
        };
        let figures = Figures::new(Measured {
            seconds: 10,
            seats: 4,
            quiet: run(window, 2.997),
            flooded: Some(run(flooded, 3.997)),
            welcomes: vec![welcome(30), welcome(10), welcome(20)],
            floor_ns: 1500.0,
            paced_floor_ns: 2000.0,
        });
        assert!((figures.cpu_s_per_million - 3.0).abs() < 1e-9 && (figures.floor_ratio - 2.0).abs() < 1e-9);
        assert!((figures.loss - 0.001).abs() < 1e-9 && (figures.forwarded_per_s - 99_900.0).abs() < 1e-9);
        assert_eq!((figures.first_media_ms, figures.all_pictures_ms), (20.0, 60.0));
        assert_eq!((figures.rss_mb_per_participant, figures.packets_per_run), (2.0, 3.0));
        assert_eq!(figures.latency_ms.p99, 0.99);
        assert!(!figures.client.was_the_bottleneck && (figures.relay_busy - 0.2997).abs() < 1e-9);
        let flooded = figures.flooded.unwrap();
        assert!((flooded.junk_us - 0.5).abs() < 1e-9 && (flooded.loss - 0.1).abs() < 1e-9);
        assert!(flooded.client.was_the_bottleneck);
        assert_eq!((flooded.junk_per_s, flooded.reached_per_s), (200_000.0, 300_000.0));
        let json = serde_json::to_value(figures).unwrap();
        for key in [
            "cpu_s_per_million",
            "forwarded_per_s",
            "loss",
            "rss_mb_per_participant",
            "floor_ratio",
            "paced_floor_us",
        ] {
            assert!(json[key].is_number(), "{key}");
        }
        assert!(json["latency_ms"]["p999"].is_number());
        assert!(figures.to_string().contains("a million packets"));
    }
}
