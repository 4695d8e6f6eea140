//! The command line.

mod as_owner;
mod backup;
mod config;
mod demo;
mod doctor;
mod drain;
mod hold;
mod identity;
mod journal;
mod meeting;
mod privacy;
mod quality;
mod report;
mod serve;
mod supervisor;
mod token;
mod weed_samples;

use clap::{ArgMatches, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use std::io::{self, IsTerminal as _, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;

/// Where the package puts the configuration, and where it is looked for unless `--config` names another.
const CONFIG: &str = "/etc/lika/lika.toml";

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
    /// Open no meetings any more, let those in session finish, and stop the running server
    Drain(drain::Args),
    /// Copy the data directory into one file, beside a running server too
    Backup(backup::BackupArgs),
    /// Put what a backup holds into an empty data directory
    Restore(backup::RestoreArgs),
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
    Doctor(doctor::Args),
    /// Change the keys that identities are hashed with
    #[command(subcommand)]
    Identity(identity::Command),
    /// Judge what was measured again
    #[command(subcommand)]
    Quality(quality::Command),
    /// Make, list and revoke tokens for programs that use the API
    #[command(subcommand)]
    Token(token::Command),
    /// Show and erase what is stored of people
    #[command(subcommand)]
    Privacy(privacy::Command),
}

/// Runs the program.
#[must_use]
pub fn run() -> ExitCode {
    let matches = Cli::command().get_matches();
    let cli = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    log_to_stderr();
    let done = match configuration(&matches) {
        Some(config) if cli.command.works_on_the_servers_files() => as_owner::become_owner(config),
        _ => Ok(()),
    };
    end(done.and_then(|()| cli.command.carry_out()))
}

/// What `--config` of the command says.
fn configuration(matches: &ArgMatches) -> Option<&Path> {
    match matches.subcommand() {
        Some((_, command)) => configuration(command),
        None => matches.try_get_one::<PathBuf>("config").ok()?.map(PathBuf::as_path),
    }
}

impl Command {
    /// Those that do not take what they need from elsewhere, or must be root to see everything.
    const fn works_on_the_servers_files(&self) -> bool {
        match self {
            Self::Serve(_) | Self::Demo(_) | Self::Config(_) | Self::Doctor(_) | Self::Quality(_) => false,
            Self::Drain(_)
            | Self::Backup(_)
            | Self::Restore(_)
            | Self::Meeting(_)
            | Self::Journal(_)
            | Self::Identity(_)
            | Self::Token(_)
            | Self::Privacy(_) => true,
        }
    }

    fn carry_out(self) -> anyhow::Result<()> {
        match self {
            Self::Serve(args) => serve::serve(&args),
            Self::Drain(args) => drain::drain(&args),
            Self::Backup(args) => backup::back_up(&args),
            Self::Restore(args) => backup::restore(&args),
            Self::Demo(args) => demo::demo(&args),
            Self::Meeting(command) => meeting::run(command),
            Self::Journal(command) => journal::run(command),
            Self::Config(command) => config::run(command),
            Self::Doctor(args) => doctor::run(args),
            Self::Identity(command) => identity::run(command),
            Self::Quality(command) => quality::run(command),
            Self::Token(command) => token::run(command),
            Self::Privacy(command) => privacy::run(command),
        }
    }
}

fn end(done: anyhow::Result<()>) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Without standard error there is nobody to tell.
            let _ = writeln!(io::stderr(), "lika: {error:#}");
            if supervisor::is_configuration(&error) {
                ExitCode::from(supervisor::BAD_CONFIGURATION)
            } else {
                ExitCode::FAILURE
            }
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
