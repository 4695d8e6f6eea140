//! `lika config`

use crate::config::{Config, EXAMPLE};
use crate::turn::TurnServers;
use clap::Subcommand;
use std::io::{self, Write as _};
use std::path::PathBuf;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Read a configuration and say what is wrong with it
    Check {
        /// The configuration
        #[arg(long)]
        config: PathBuf,
    },
    /// Print every setting with its default and the reason for it
    Example,
}

pub(super) fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Check { config } => {
            TurnServers::open(&Config::read(&config)?.turn)?;
            writeln!(io::stdout(), "{}: good", config.display())?;
        }
        Command::Example => io::stdout().write_all(EXAMPLE.as_bytes())?,
    }
    Ok(())
}
