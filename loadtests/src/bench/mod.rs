//! `lika-loadtests bench`: what a meeting costs the relay, and how well it is served. Everybody sends to everybody; the
//! relay is a process of its own on one core, the participants are on another.

mod figures;
mod floor;
mod latency;
mod machine;
mod meeting;
mod participant;
mod relay;
mod sdp;
mod socket;
mod stamp;
mod wire;

pub use figures::{Figures, LatencyFigures};
pub use relay::serve;

use meeting::{Meeting, Welcome, Window};
use relay::Relay;
use std::io;
use std::time::Duration;
use thiserror::Error;

/// After the last has come, before counting.
const WARM_UP: Duration = Duration::from_secs(1);
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
    /// How long to count
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub seconds: u64,
    /// Print one JSON object instead of a table
    #[arg(long)]
    pub json: bool,
}

/// What everybody does.
#[derive(Clone, Copy, Debug)]
struct Load {
    participants: usize,
    kbps: u32,
    pps: u32,
    fps: u32,
    microphones: usize,
}

/// Why there are no figures.
#[derive(Debug, Error)]
pub enum BenchError {
    /// More microphones than people.
    #[error("there cannot be more open microphones ({0}) than participants ({1})")]
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

/// Runs the benchmark on two cores.
///
/// # Errors
/// When the relay or a participant fails.
pub fn bench(args: &BenchArgs) -> Result<Figures, BenchError> {
    if args.microphones > args.participants {
        return Err(BenchError::Microphones(args.microphones, args.participants));
    }
    let load = Load {
        participants: args.participants.into(),
        kbps: args.kbps,
        pps: args.pps,
        fps: args.fps.min(args.pps),
        microphones: args.microphones.into(),
    };
    let (clients_core, relay_core) = two_cores()?;
    machine::pin(clients_core).map_err(BenchError::Cores)?;
    let mut relay = Relay::start(relay_core)?;
    let empty = relay.usage()?;
    let mut meeting = Meeting::new(load)?;
    for _ in 0..load.participants {
        meeting.join(&mut relay)?;
    }
    meeting.run(WARM_UP)?;
    let before = relay.usage()?;
    let window = meeting.measure(Duration::from_secs(args.seconds), TAIL)?;
    let after = relay.usage()?;
    meeting.resume();
    meeting.run(WARM_UP)?;
    let welcomes = newcomers(&mut meeting, &mut relay, load)?;
    drop(meeting);
    let floor_ns = relay.floor(floor_load(load, &window), clients_core)?;
    Ok(Figures::new(figures::Measured {
        seconds: args.seconds,
        participants: load.participants,
        window,
        relay_cpu: after.cpu.saturating_sub(before.cpu),
        memory: after.resident_bytes.saturating_sub(empty.resident_bytes),
        welcomes,
        floor_ns,
    }))
}

/// One core for the participants and one for the relay; the same if there is only one.
fn two_cores() -> Result<(usize, usize), BenchError> {
    let cores = machine::cores().map_err(BenchError::Cores)?;
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
    let indices = (0..load.participants).rev().cycle().take(NEWCOMERS);
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
    }
}

/// Bytes that AES-GCM adds to a packet.
const TAG: usize = 16;
