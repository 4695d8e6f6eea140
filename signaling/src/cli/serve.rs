//! `lika serve`

use super::{as_owner, supervisor};
use crate::clock::Clock;
use crate::config::Config;
use crate::server::Server;
use std::path::PathBuf;
use tokio::signal::unix::{SignalKind, signal};

#[derive(clap::Args)]
pub(super) struct Args {
    /// The configuration; `lika config example` prints one
    #[arg(long, default_value = super::CONFIG)]
    config: PathBuf,
}

pub(super) fn serve(args: &Args) -> anyhow::Result<()> {
    as_owner::must_not_be_roots(&args.config, "systemctl start lika")?;
    let config = Config::read(&args.config)?;
    tokio::runtime::Runtime::new()?.block_on(async {
        // Before anything takes time: until there is somebody to hear it, a signal ends the process.
        let (stop, mut hang_ups) = (told_to_stop()?, signal(SignalKind::hangup())?);
        let server = Server::start(&config, Clock::system()).await?;
        supervisor::ready();
        let reload = server.reload();
        tokio::spawn(async move {
            while hang_ups.recv().await.is_some() {
                reload.now();
            }
        });
        server.serve(stop).await;
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
