//! `lika config`

use crate::clock::Clock;
use crate::config::{Config, EXAMPLE};
use crate::http::tls::Tls;
use crate::turn::TurnServers;
use anyhow::bail;
use clap::Subcommand;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Read a configuration and the files it names, and say everything that is wrong with them
    Check {
        /// The configuration
        #[arg(long, default_value = super::CONFIG)]
        config: PathBuf,
    },
    /// Print every setting with its default and the reason for it
    Example,
}

pub(super) fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Check { config } => check(&config),
        Command::Example => Ok(io::stdout().write_all(EXAMPLE.as_bytes())?),
    }
}

fn check(path: &Path) -> anyhow::Result<()> {
    let wrong = wrong_in_files(&Config::read(path)?);
    if !wrong.is_empty() {
        bail!("{}", wrong.join("\n"));
    }
    writeln!(io::stdout(), "{}: good", path.display())?;
    Ok(())
}

/// What is wrong with the files that the settings name. Nothing is made or changed.
fn wrong_in_files(config: &Config) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut note = |problem: Option<String>| wrong.extend(problem);
    let certificate = Tls::check_files(&config.server, Clock::system().now_ms());
    note(certificate.err().map(|error| format!("server.tls: {error}")));
    note(TurnServers::open(&config.turn).err().map(|error| error.to_string()));
    note(config.identity.admin_token().err().map(|error| error.to_string()));
    for provider in &config.identity.provider {
        let settings = provider.settings(&config.server.public_url);
        note(settings.err().map(|error| format!("{} ({error})", provider.id)));
    }
    wrong
}
