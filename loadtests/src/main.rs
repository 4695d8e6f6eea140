//! The program `lika-loadtests`.

use clap::{Parser, Subcommand};
use lika_loadtests::agent::{AgentArgs, agent};
use lika_loadtests::bench::{self, BenchArgs};
use lika_loadtests::capacity::{self, CapacityArgs};
use lika_loadtests::council::{self, CouncilArgs, TargetArgs, TargetError};
use lika_loadtests::faults::{FaultsArgs, faults};
use lika_loadtests::join::{JoinArgs, join};
use serde::Serialize;
use std::fmt::Display;
use std::io::{self, Write};
use std::process::ExitCode;
use tokio::runtime::Runtime;

/// Load tests for Lika with simulated delegates: real ICE, DTLS and SRTP, moving pictures and voices
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Hold a test meeting at a server, as a council does: exit status 1 when not all took part on equal terms, 2 when nothing
    /// could be tested
    Council(CouncilArgs),
    /// Find how many delegates a server and its line carry on equal terms, and what gives first
    Capacity(CapacityArgs),
    /// Lend this machine's delegates to a test that another machine leads (`council --agents`). Authenticated, not encrypted:
    /// for a test's own network
    Agent(AgentArgs),
    /// Attend a meeting; faults are made by lines on standard input:
    /// cut N | lossy N [percent] | freeze N | cover N | mute-fault N | restore N | leave N | quit
    #[command(verbatim_doc_comment)]
    Join(JoinArgs),
    /// Make known faults in meetings at a real server, and count what the chair was told: exit status 1 when something had
    /// to be told and was not (or not rightly, or too late), or when an alert was false
    Faults(FaultsArgs),
    /// Measure the relay: everybody sends to everybody, on two cores
    Bench(BenchArgs),
    /// The relay's process of `bench`
    #[command(hide = true)]
    BenchRelay {
        /// The core it stays on
        #[arg(long)]
        core: usize,
    },
}

/// The WebRTC crates warn of what is ordinary: a handshake without a server's name, media ahead of its keys. And of every
/// packet that a delegate has no time for: thousands of lines where the verdict says that this machine is overloaded.
const DEFAULT_LOG: &str = "warn,rtc=error,rtc_dtls=error,webrtc::peer_connection::driver=off";

/// The status of `council` and `capacity` when there is no verdict.
const NOTHING_TESTED: u8 = 2;

fn main() -> ExitCode {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| DEFAULT_LOG.into());
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .init();
    let command = Cli::parse().command;
    // Where status 1 is a verdict, a tool that failed must not look like one.
    let failed = match command {
        Command::Council(_) | Command::Capacity(_) => ExitCode::from(NOTHING_TESTED),
        _ => ExitCode::FAILURE,
    };
    match run(command) {
        Ok(code) => code,
        Err(error) => {
            let _ = writeln!(io::stderr(), "lika-loadtests: {error:#}");
            failed
        }
    }
}

fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Council(args) => {
            let ended = runtime()?.block_on(council::council(&args));
            return conclude(&args.target, ended, |findings| {
                (findings.approved, council::for_people(args.target.language, findings))
            });
        }
        Command::Capacity(args) => {
            let ended = runtime()?.block_on(capacity::capacity(&args));
            return conclude(&args.target, ended, |found| {
                (found.approved, capacity::for_people(args.target.language, found))
            });
        }
        Command::Agent(args) => runtime()?.block_on(agent(&args))?,
        Command::Join(args) => {
            runtime()?.block_on(join(args))?;
        }
        Command::Faults(args) => {
            let findings = runtime()?.block_on(faults(&args))?;
            print(args.json, &findings)?;
            return Ok(if findings.hold() {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            });
        }
        Command::Bench(args) => {
            let findings = bench::bench(&args)?;
            print(args.json, &findings)?;
        }
        Command::BenchRelay { core } => bench::serve(core)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints what was found. Exit status 1: equal terms were broken; 2: nothing could be tested.
fn conclude<T: Serialize>(
    args: &TargetArgs,
    ended: Result<T, TargetError>,
    told: impl FnOnce(&T) -> (bool, String),
) -> anyhow::Result<ExitCode> {
    match ended {
        Ok(findings) => {
            let (approved, table) = told(&findings);
            let text = if args.json {
                serde_json::to_string(&findings)? + "\n"
            } else {
                table
            };
            write!(io::stdout(), "{text}")?;
            Ok(ExitCode::from(u8::from(!approved)))
        }
        Err(error) => {
            writeln!(io::stderr(), "lika-loadtests: {}", error.told(args.language))?;
            Ok(ExitCode::from(NOTHING_TESTED))
        }
    }
}

/// Two cores are shared with the relay and a browser.
fn runtime() -> io::Result<Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
}

fn print(json: bool, findings: &(impl Serialize + Display)) -> anyhow::Result<()> {
    let text = if json {
        serde_json::to_string(findings)?
    } else {
        findings.to_string()
    };
    Ok(writeln!(io::stdout(), "{text}")?)
}
