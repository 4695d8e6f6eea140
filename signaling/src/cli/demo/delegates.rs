//! The simulated delegates: a program of their own, so that `lika` links no WebRTC client.

use super::scene::Scene;
use anyhow::Context as _;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;
use tokio::process::{Child, ChildStdin, Command};
use tokio::time::timeout;

const PROGRAM: &str = "lika-loadtests";
/// How long they may take to say goodbye.
const FAREWELL: Duration = Duration::from_secs(5);

pub(super) struct Delegates {
    child: Child,
    /// They get their invitations here, which no other user of the machine can read, and then commands.
    input: Option<ChildStdin>,
}

impl Delegates {
    /// Starts them, if there are any and their program is there.
    pub(super) async fn start(scene: &Scene) -> anyhow::Result<Option<Self>> {
        if scene.delegates.is_empty() {
            return Ok(None);
        }
        let program = std::env::current_exe()?.with_file_name(PROGRAM);
        if !program.exists() {
            tracing::warn!(
                "there is no {PROGRAM} beside lika, so nobody is simulated; build it with: cargo build -p {PROGRAM}"
            );
            return Ok(None);
        }
        let mut command = Command::new(&program);
        command.args([
            "join",
            "--server",
            &scene.config.server.public_url,
            "--invitations-file",
            "-",
        ]);
        if let Some(certificate) = scene.certificate() {
            command.arg("--ca").arg(certificate);
        }
        // The address that the relay is reached under is also theirs: they are on this machine.
        if let Some(address) = scene.config.media.public_ips.first() {
            command.arg("--bind").arg(address.to_string());
        }
        let mut child = command
            .stdin(Stdio::piped())
            .env("RUST_LOG", std::env::var("RUST_LOG").unwrap_or_else(|_| "error".into()))
            // Ctrl-c in the terminal is for lika, which tells them.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        let links: String = scene.delegates.iter().map(|(_, link)| format!("{link}\n")).collect();
        let input = child.stdin.take();
        let mut delegates = Self { child, input };
        // An empty line ends the invitations.
        delegates.tell(&links).await;
        Ok(Some(delegates))
    }

    /// Passes a line on: cut, lossy, freeze, cover, restore.
    pub(super) async fn tell(&mut self, line: &str) {
        let text = format!("{line}\n");
        if let Some(input) = &mut self.input
            && let Err(error) = input.write_all(text.as_bytes()).await
        {
            tracing::warn!(%error, "the simulated delegates have ended");
            self.input = None;
        }
    }

    pub(super) async fn send_home(mut self) {
        self.tell("quit").await;
        self.input = None;
        if timeout(FAREWELL, self.child.wait()).await.is_err() {
            tracing::warn!("the simulated delegates do not end; they are killed");
        }
    }
}
