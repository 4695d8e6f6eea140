//! The command line.

mod config;
mod demo;
mod doctor;
mod identity;
mod journal;
mod meeting;
mod privacy;
mod quality;
mod report;
mod serve;

use clap::{Parser, Subcommand};
use std::io::{self, IsTerminal as _, Write};
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;

/// Lika: council meetings where everyone takes part on equal terms
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the server
    Serve(serve::Args),
    /// Run a demonstration on this machine, with simulated delegates
    Demo(demo::Args),
    /// Convene, list and export meetings
    #[command(subcommand)]
    Meeting(meeting::Command),
    /// Check a journal
    #[command(subcommand)]
    Journal(journal::Command),
    /// Show or check a configuration
    #[command(subcommand)]
    Config(config::Command),
    /// Find out why something does not work
    #[command(subcommand)]
    Doctor(doctor::Command),
    /// Change the keys that identities are hashed with
    #[command(subcommand)]
    Identity(identity::Command),
    /// Judge what was measured again
    #[command(subcommand)]
    Quality(quality::Command),
    /// Show and erase what is stored of people
    #[command(subcommand)]
    Privacy(privacy::Command),
}

/// Runs the program.
#[must_use]
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    log_to_stderr();
    let done = match cli.command {
        Command::Serve(args) => serve::serve(&args),
        Command::Demo(args) => demo::demo(&args),
        Command::Meeting(command) => meeting::run(command),
        Command::Journal(command) => journal::run(command),
        Command::Config(command) => config::run(command),
        Command::Doctor(command) => doctor::run(command),
        Command::Identity(command) => identity::run(command),
        Command::Quality(command) => quality::run(command),
        Command::Privacy(command) => privacy::run(command),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Without standard error there is nobody to tell.
            let _ = writeln!(io::stderr(), "lika: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// `LIKA_LOG` says how much (as `RUST_LOG` elsewhere), `LIKA_LOG_FORMAT=json` in what form. Participants are numbers here,
/// never names.
fn log_to_stderr() {
    let filter = EnvFilter::try_from_env("LIKA_LOG").unwrap_or_else(|_| "info".into());
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal());
    if std::env::var("LIKA_LOG_FORMAT").is_ok_and(|format| format == "json") {
        log.json().init();
    } else {
        log.init();
    }
}
