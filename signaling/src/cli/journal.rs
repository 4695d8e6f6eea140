//! `lika journal`

use crate::journal::verify_file;
use clap::Subcommand;
use std::io::{self, Write as _};
use std::path::PathBuf;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Check the chain of every event in a journal or an export, without a server
    Verify {
        /// journal.sqlite, or what `lika meeting export` wrote
        file: PathBuf,
    },
}

pub(super) fn run(Command::Verify { file }: Command) -> anyhow::Result<()> {
    let verified = verify_file(&file)?;
    let mut out = io::stdout();
    for (meeting, head) in &verified.meetings {
        writeln!(out, "{meeting}: {} events, {}", head.events, head.hash)?;
    }
    writeln!(out, "{}: the chain holds", file.display())?;
    Ok(())
}
