//! `lika serve`

use crate::clock::Clock;
use crate::config::Config;
use crate::server::Server;
use std::path::PathBuf;
use tokio::signal::unix::{SignalKind, signal};

#[derive(clap::Args)]
pub(super) struct Args {
    /// The configuration; `lika config example` prints one
    #[arg(long)]
    config: PathBuf,
}

pub(super) fn serve(args: &Args) -> anyhow::Result<()> {
    let config = Config::read(&args.config)?;
    tokio::runtime::Runtime::new()?.block_on(async {
        let server = Server::start(&config, Clock::system()).await?;
        server.serve(told_to_stop()?).await;
        Ok(())
    })
}

/// SIGTERM, or ctrl-c.
pub(super) fn told_to_stop() -> std::io::Result<impl Future<Output = ()>> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
