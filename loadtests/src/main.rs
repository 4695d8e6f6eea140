//! The program `lika-loadtests`.

use clap::{Parser, Subcommand};
use lika_loadtests::bench::{self, BenchArgs};
use lika_loadtests::join::{JoinArgs, join};
use std::io::{self, Write};
use std::process::ExitCode;

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
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "lika-loadtests: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Join(args) => {
            // Two cores are shared with the relay and a browser.
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .enable_all()
                .build()?;
            Ok(runtime.block_on(join(args))?)
        }
        Command::Bench(args) => {
            let findings = bench::bench(&args)?;
            let text = if args.json {
                serde_json::to_string(&findings)?
            } else {
                findings.to_string()
            };
            Ok(writeln!(io::stdout(), "{text}")?)
        }
        Command::BenchRelay { core } => Ok(bench::serve(core)?),
    }
}
