//! `lika-loadtests bench`: what a meeting costs the relay, and how well it is served. Everybody sends to everybody; the
//! relay is a process of its own on one core, the participants are on another.

mod figures;
mod floor;
mod junk;
mod largest;
mod latency;
mod load;
mod machine;
mod meeting;
mod participant;
mod relay;
mod report;
mod sdp;
mod socket;
mod stamp;
mod window;
mod wire;

pub use figures::{Client, Figures, Flooded, LatencyFigures};
pub use largest::{Largest, Limit, Trial};
pub use relay::serve;

use load::Load;
use meeting::{Meeting, Welcome};
use relay::{Relay, Usage};
use std::fmt;
use std::io;
use std::time::Duration;
use thiserror::Error;
use window::Window;

/// After the last has come, before counting.
const WARM_UP: Duration = Duration::from_secs(1);
/// The relay finds out what each line carries: at most so many seconds until everybody is sent everything.
const SETTLES_WITHIN: u32 = 12;
/// After the last packet was sent, before the count closes.
const TAIL: Duration = Duration::from_millis(500);
/// Newcomers timed; the median counts.
const NEWCOMERS: usize = 7;
/// Between two newcomers.
const BETWEEN_NEWCOMERS: Duration = Duration::from_millis(300);

/// What `bench` is told on the command line.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct BenchArgs {
    /// How many take part
    #[arg(long, default_value_t = 40, value_parser = clap::value_parser!(u16).range(2..=128))]
    pub participants: u16,
    /// Each one's picture, kbit/s
    #[arg(long, default_value_t = 150, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub kbps: u32,
    /// Each one's picture, packets a second
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub pps: u32,
    /// Each one's picture, frames a second; the packets of a frame leave together, as a browser sends them
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub fps: u32,
    /// How many microphones are open
    #[arg(long, default_value_t = 3)]
    pub microphones: u16,
    /// So many others send to the participants, who then only receive
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=128))]
    pub publishers: Option<u16>,
    /// Nobody reports what arrived, as receivers without congestion control
    #[arg(long)]
    pub without_reports: bool,
    /// Afterwards count again while so many datagrams a second that belong to nobody reach the relay's port
    #[arg(long, conflicts_with = "largest", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub junk: Option<u32>,
    /// Search for the largest meeting that loses less than 0.5 % with 99 of 100 packets within 50 ms
    #[arg(long, conflicts_with = "publishers")]
    pub largest: bool,
    /// How long to count
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub seconds: u64,
    /// Print one JSON object instead of a table
    #[arg(long)]
    pub json: bool,
}

/// Why there are no figures.
#[derive(Debug, Error)]
pub enum BenchError {
    /// More microphones than people.
    #[error("there cannot be more open microphones ({0}) than people who send ({1})")]
    Microphones(u16, u16),
    /// The relay's process.
    #[error("the relay could not be started: {0}")]
    Start(io::Error),
    /// The relay's process.
    #[error("the relay's process ended; its messages are above")]
    Gone,
    /// The relay's process.
    #[error("the relay's process says what the benchmark does not understand: {0}")]
    Talk(String),
    /// The relay.
    #[error("the relay: {0}")]
    Relay(String),
    /// A socket.
    #[error("a participant's socket: {0}")]
    Socket(io::Error),
    /// ICE, DTLS or SRTP.
    #[error("a participant could not connect: {0}")]
    Handshake(&'static str),
    /// ICE or DTLS.
    #[error("a participant could not connect: {0}")]
    Protocol(#[from] rtc_shared::error::Error),
    /// The machine.
    #[error("the machine does not tell its cores: {0}")]
    Cores(io::Error),
}

/// What `bench` gives.
#[derive(Clone, Debug, serde::Serialize)]
#[serde(untagged)]
pub enum Findings {
    /// Of one meeting.
    Figures(Box<Figures>),
    /// Of `--largest`.
    Largest(Largest),
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Figures(figures) => figures.fmt(f),
            Self::Largest(largest) => largest.fmt(f),
        }
    }
}

/// Runs the benchmark on two cores.
///
/// # Errors
/// When the relay or a participant fails.
pub fn bench(args: &BenchArgs) -> Result<Findings, BenchError> {
    let senders = args.publishers.unwrap_or(args.participants);
    if args.microphones > senders {
        return Err(BenchError::Microphones(args.microphones, senders));
    }
    let load = Load {
        participants: args.participants.into(),
        publishers: args.publishers.map(usize::from),
        reports: !args.without_reports,
        kbps: args.kbps,
        pps: args.pps,
        fps: args.fps.min(args.pps),
        microphones: args.microphones.into(),
    };
    if args.largest {
        return largest::largest(load, args.seconds).map(Findings::Largest);
    }
    figures(load, args.seconds, args.junk).map(|figures| Findings::Figures(Box::new(figures)))
}

fn figures(load: Load, seconds: u64, junk: Option<u32>) -> Result<Figures, BenchError> {
    let mut running = run(load)?;
    let time = Duration::from_secs(seconds);
    let quiet = running.measure(time, TAIL)?;
    let flooded = match junk {
        Some(per_second) => Some(running.flooded(per_second, time)?),
        None => None,
    };
    running.resume()?;
    let welcomes = newcomers(&mut running.meeting, &mut running.relay, load)?;
    let Running {
        mut relay,
        meeting,
        clients_core,
        ..
    } = running;
    drop(meeting);
    let floor = floor_load(load, &quiet.window);
    let floor_ns = relay.floor(floor, clients_core)?;
    let every = time.mul_f64((floor.receivers * floor.run) as f64 / quiet.window.received.max(1) as f64);
    let paced_floor_ns = relay.floor(floor::Load { every, ..floor }, clients_core)?;
    Ok(Figures::new(figures::Measured {
        seconds,
        seats: load.seats(),
        quiet,
        flooded,
        welcomes,
        floor_ns,
        paced_floor_ns,
    }))
}

/// A meeting that runs on the relay.
struct Running {
    relay: Relay,
    meeting: Meeting,
    clients_core: usize,
    /// Before anybody came.
    empty: Usage,
}

/// What one count gave.
struct Run {
    window: Window,
    relay_cpu: Duration,
    /// Bytes since the relay was empty.
    memory: u64,
    /// Datagrams that reached the relay.
    received: u64,
}

/// Starts the relay on its core and lets everybody come.
fn run(load: Load) -> Result<Running, BenchError> {
    let (clients_core, relay_core) = two_cores()?;
    machine::pin(clients_core).map_err(BenchError::Cores)?;
    let mut relay = Relay::start(relay_core)?;
    let empty = relay.usage()?;
    let mut meeting = Meeting::new(load)?;
    for _ in 0..load.seats() {
        meeting.join(&mut relay)?;
    }
    settle(&mut meeting)?;
    Ok(Running {
        relay,
        meeting,
        clients_core,
        empty,
    })
}

/// Until nobody misses a packet for a second, if that comes.
fn settle(meeting: &mut Meeting) -> Result<(), BenchError> {
    for _ in 0..SETTLES_WITHIN {
        meeting.run(WARM_UP)?;
        let window = meeting.measure(WARM_UP, TAIL)?;
        meeting.resume();
        if window.received == window.expected {
            return meeting.run(WARM_UP);
        }
    }
    Ok(())
}

impl Running {
    fn measure(&mut self, time: Duration, tail: Duration) -> Result<Run, BenchError> {
        let before = self.relay.usage()?;
        let window = self.meeting.measure(time, tail)?;
        let after = self.relay.usage()?;
        Ok(Run {
            window,
            relay_cpu: after.cpu.saturating_sub(before.cpu),
            memory: after.resident_bytes.saturating_sub(self.empty.resident_bytes),
            received: after.received - before.received,
        })
    }

    fn resume(&mut self) -> Result<(), BenchError> {
        self.meeting.resume();
        self.meeting.run(WARM_UP)
    }

    /// Counts again while junk comes.
    fn flooded(&mut self, per_second: u32, time: Duration) -> Result<Run, BenchError> {
        self.meeting.resume();
        self.meeting.flood(self.relay.address, per_second)?;
        self.meeting.run(WARM_UP)?;
        let run = self.measure(time, TAIL)?;
        self.meeting.dry();
        Ok(run)
    }
}

/// One core for the participants and one for the relay; the same if there is only one.
fn two_cores() -> Result<(usize, usize), BenchError> {
    let cores = machine::all_cores().map_err(BenchError::Cores)?;
    let (first, last) = (cores.first(), cores.last());
    let (Some(&first), Some(&last)) = (first, last) else {
        return Err(BenchError::Cores(io::ErrorKind::NotFound.into()));
    };
    if first == last {
        tracing::warn!("there is only one core: relay and participants share it, and the figures are of both");
    }
    Ok((first, last))
}

fn newcomers(meeting: &mut Meeting, relay: &mut Relay, load: Load) -> Result<Vec<Welcome>, BenchError> {
    let receivers = load.seats() - load.participants..load.seats();
    let indices = receivers.rev().cycle().take(NEWCOMERS);
    let timed = indices.map(|index| {
        meeting.run(BETWEEN_NEWCOMERS)?;
        meeting.rejoin(relay, index)
    });
    timed.collect()
}

/// The floor sends what the relay sent: packets of the same mean size, as many together as really came together.
fn floor_load(load: Load, window: &Window) -> floor::Load {
    let mean = |total: u64, count: u64| (total as f64 / count.max(1) as f64).round() as usize;
    floor::Load {
        receivers: load.participants,
        packet_bytes: mean(window.bytes, window.received).saturating_sub(TAG),
        run: mean(window.received, window.runs),
        every: Duration::ZERO,
    }
}

/// Bytes that AES-GCM adds to a packet.
const TAG: usize = 16;
