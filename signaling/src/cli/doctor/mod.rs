//! `lika doctor`: whether what the installation depends on works, and what to do if not.

mod addresses;
mod buffers;
mod certificate;
mod clock;
mod disk;
mod files;
mod finding;
mod name;
mod oidc;
mod owner;
mod ports;
mod processor;
mod reach;
mod report;
mod secrets;
mod service;
mod shown;

use crate::config::Config;
use anyhow::bail;
use clap::Subcommand;
use finding::Check;
use report::{Form, Language, Report};
use std::io::{self, Write};
use std::path::PathBuf;

#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    /// The configuration
    #[arg(long, default_value = super::CONFIG)]
    config: PathBuf,
    /// In one language; left out: Swedish with English beneath
    #[arg(long)]
    language: Option<Language>,
    /// A JSON object on a line for each finding, for programs
    #[arg(long)]
    json: bool,
}

#[derive(Subcommand)]
enum Command {
    /// Talk to the OpenID Connect providers and say what is wrong, without logging anybody in
    Oidc {
        /// The configuration
        #[arg(long, default_value = super::CONFIG)]
        config: PathBuf,
        /// This provider alone, by its id
        #[arg(long)]
        provider: Option<String>,
        /// In one language; left out: Swedish with English beneath
        #[arg(long)]
        language: Option<Language>,
    },
    /// Try from another device, as a telephone, whether sound and picture reach this server; lika must be stopped
    Reach(reach::Args),
}

pub(super) fn run(args: Args) -> anyhow::Result<()> {
    match args.command {
        None => {
            let form = if args.json {
                Form::Json
            } else {
                Form::Text(args.language)
            };
            let mut report = Report::new(io::stdout().lock(), form);
            everything(&Config::read(&args.config)?, &mut report)?;
            report.conclude()?;
            verdict(report.failed())
        }
        Some(Command::Oidc {
            config,
            provider,
            language,
        }) => {
            let mut report = Report::new(io::stdout().lock(), Form::Text(language));
            oidc::oidc(&Config::read(&config)?, provider.as_deref(), &mut report)?;
            verdict(report.failed())
        }
        Some(Command::Reach(args)) => reach::reach(&args),
    }
}

fn verdict(failed: usize) -> anyhow::Result<()> {
    match failed {
        0 => Ok(()),
        failed => bail!("{failed} fel, se ovan / {failed} failed, see above"),
    }
}

/// From what nothing works without, to what one meeting differs from another by.
fn everything(config: &Config, report: &mut Report<impl Write>) -> anyhow::Result<()> {
    report.section(Check::Ports, &ports::check(config))?;
    let resolved = name::resolve(config);
    report.section(Check::Name, &name::check(config, &resolved))?;
    report.section(Check::Certificate, &certificate::check(config))?;
    report.section(Check::Addresses, &addresses::check(config, &resolved))?;
    report.section(Check::Secrets, &secrets::check(config))?;
    report.section(Check::Disk, &disk::check(&config.storage.data_dir))?;
    report.section(Check::Clock, &clock::check())?;
    report.section(Check::Files, &files::check(config))?;
    report.section(Check::Buffers, &buffers::check())?;
    report.section(Check::Processor, &processor::check(config))?;
    report.heading(Check::Oidc)?;
    oidc::oidc(config, None, report)
}
