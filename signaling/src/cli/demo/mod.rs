//! `lika demo`: a meeting on this machine with simulated delegates, for whoever wants to see what Lika does.

mod chairing;
mod delegates;
mod scene;

use super::serve::told_to_stop;
use crate::clock::Clock;
use crate::server::Server;
use chairing::Chairing;
use delegates::Delegates;
use scene::Scene;
use std::io::{self, BufRead as _};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::thread;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::time::interval;

/// How often the demonstration looks whether somebody waits to be let in.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Lines typed that wait to be read.
const LINES: usize = 16;

#[derive(clap::Args)]
pub(super) struct Args {
    /// Simulated delegates
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u16).range(0..=100))]
    delegates: u16,
    /// TCP port of the page
    #[arg(long, default_value_t = 8443)]
    port: u16,
    /// UDP port of the relay
    #[arg(long, default_value_t = 10_000)]
    udp_port: u16,
    /// The host name or address that browsers use; another machine's browser needs this machine's address here
    #[arg(long, default_value = "localhost")]
    host: String,
    /// Keep the data here, and go on with the meeting at the next start; otherwise it is temporary
    #[arg(long)]
    data: Option<PathBuf>,
    /// The threshold profile of equal terms
    #[arg(long, default_value = "likvardig-1")]
    profile: String,
}

pub(super) fn demo(args: &Args) -> anyhow::Result<()> {
    let temporary = tempfile::Builder::new().prefix("lika-demo-").tempdir()?;
    let directory = match &args.data {
        Some(kept) => std::path::absolute(kept)?,
        None => temporary.path().to_owned(),
    };
    tokio::runtime::Runtime::new()?.block_on(perform(args, &directory))
}

async fn perform(args: &Args, directory: &Path) -> anyhow::Result<()> {
    let clock = Clock::system();
    let scene = Scene::set(args, directory, clock.now_ms())?;
    let stop = told_to_stop()?;
    let server = Server::start(&scene.config, clock).await?;
    let mut delegates = Delegates::start(&scene).await?;
    scene.tell(delegates.is_some())?;
    let mut chairing = Chairing::new(server.hall().clone(), &scene);
    let (stop_serving, stopped) = oneshot::channel::<()>();
    let mut serving = pin!(server.serve(async move {
        // A dropped sender stops it as well.
        let _ = stopped.await;
    }));
    let (mut stop, mut lines, mut looks) = (pin!(stop), typed_lines(), interval(LOOK_EVERY));
    loop {
        tokio::select! {
            () = &mut serving => return Ok(()),
            () = &mut stop => break,
            Some(line) = lines.recv() => match line.trim() {
                "quit" => break,
                "" => {}
                line => match &mut delegates {
                    Some(delegates) => delegates.tell(line).await,
                    None => tracing::warn!("there are no simulated delegates"),
                },
            },
            _ = looks.tick() => chairing.look().await,
        }
    }
    if let Some(delegates) = delegates {
        delegates.send_home().await;
    }
    drop(stop_serving);
    serving.await;
    Ok(())
}

/// Lines from standard input. A thread of its own, since reading a terminal cannot be called off.
fn typed_lines() -> mpsc::Receiver<String> {
    let (sender, lines) = mpsc::channel(LINES);
    thread::spawn(move || {
        for line in io::stdin().lock().lines().map_while(Result::ok) {
            if sender.blocking_send(line).is_err() {
                return;
            }
        }
    });
    lines
}
