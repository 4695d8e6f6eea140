//! The program `lika-loadtests`.

use clap::{Parser, Subcommand};
use lika_loadtests::bench::{self, BenchArgs};
use lika_loadtests::faults::{FaultsArgs, faults};
use lika_loadtests::join::{JoinArgs, join};
use serde::Serialize;
use std::fmt::Display;
use std::io::{self, Write};
use std::process::ExitCode;
use tokio::runtime::Runtime;

/// Simulated delegates for Lika: real ICE, DTLS and SRTP, generated pictures and voices
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
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

/// The WebRTC crates warn of what is ordinary: a handshake without a server's name, media ahead of its keys.
const DEFAULT_LOG: &str = "warn,rtc=error,rtc_dtls=error";

fn main() -> ExitCode {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| DEFAULT_LOG.into());
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .init();
    match run(Cli::parse().command) {
        Ok(code) => code,
        Err(error) => {
            let _ = writeln!(io::stderr(), "lika-loadtests: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
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
