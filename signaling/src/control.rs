//! The machine's own way to a running server: a Unix socket in the data directory, for whoever the directory belongs to, and
//! for root. No token is needed, and nothing can be reached from the network. One line of JSON asks, one answers.

use crate::clock::Clock;
use crate::conference::{Deadline, Hall};
use crate::meeting::MeetingId;
use crate::reload::Reload;
use serde::{Deserialize, Serialize};
use std::fs::Permissions;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::net::UnixStream as BlockingStream;
use std::path::{Path, PathBuf};
use std::time::Duration;
use thiserror::Error;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

/// The socket's name in the data directory.
pub const FILE: &str = "control.sock";
/// The longest line either way.
const MAX_LINE: u64 = 64 * 1024;
/// How long one who asks may take, and how long an answer is waited for.
const WITHIN: Duration = Duration::from_secs(10);
/// Pause after accept has failed for lack of file descriptors, rather than spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// The longest time that meetings are given to finish, in minutes: a week.
pub const MAX_MINUTES: u32 = 7 * 24 * 60;

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case", deny_unknown_fields)]
pub enum Request {
    /// Open no meeting any more, and stop when those in session have ended, at the latest after so many minutes.
    Drain {
        /// At most [`MAX_MINUTES`].
        minutes: u32,
    },
    /// Open meetings again.
    StopDraining {},
    /// How it stands.
    Standing {},
    /// Read certificate and threshold profile again.
    Reload {},
}

/// How the server stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// Until when meetings may go on if it drains, in milliseconds since 1970-01-01 UTC.
    pub draining_until_ms: Option<i64>,
    /// The meetings in session.
    pub in_session: Vec<MeetingId>,
}

/// Why the server cannot be asked.
#[derive(Debug, Error)]
pub enum AskError {
    /// Nobody listens.
    #[error(
        "Ingen lika är igång med datakatalogen {0}.\n\
         No lika is running on the data directory {0}."
    )]
    NotRunning(PathBuf),
    /// Somebody else's directory.
    #[error(
        "Servern i {0} svarar bara sin egen användare och root: sudo -u lika …\n\
         The server in {0} answers its own user and root alone: sudo -u lika …"
    )]
    NotAllowed(PathBuf),
    /// The conversation broke.
    #[error(
        "Servern som är igång svarade inte: {0}. Se dess logg.\n\
         The running server did not answer: {0}. See its log."
    )]
    Broken(#[from] io::Error),
    /// A server of another version.
    #[error(
        "Svaret från servern som är igång går inte att förstå: {0}. Är den av en annan version än det här kommandot?\n\
         The running server's answer is not understood: {0}. Is it of another version than this command?"
    )]
    NotUnderstood(#[from] serde_json::Error),
}

/// Asks the server that runs on this data directory.
///
/// # Errors
/// [`AskError`], Swedish first.
pub fn ask(data_dir: &Path, request: Request) -> Result<Standing, AskError> {
    let stream = BlockingStream::connect(data_dir.join(FILE)).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => AskError::NotRunning(data_dir.into()),
        io::ErrorKind::PermissionDenied => AskError::NotAllowed(data_dir.into()),
        _ => AskError::Broken(error),
    })?;
    stream.set_read_timeout(Some(WITHIN))?;
    let mut line = serde_json::to_vec(&request)?;
    line.push(b'\n');
    (&stream).write_all(&line)?;
    let mut answer = String::new();
    BufReader::new(stream.take(MAX_LINE)).read_line(&mut answer)?;
    if answer.is_empty() {
        return Err(AskError::NotAllowed(data_dir.into()));
    }
    Ok(serde_json::from_str(&answer)?)
}

/// The running server's end.
pub struct Control {
    task: JoinHandle<()>,
    stop: oneshot::Sender<()>,
    path: PathBuf,
}

impl Control {
    /// Answers who is asking just now, and takes the socket away.
    pub async fn close(self) {
        drop(self.stop);
        if let Err(error) = self.task.await {
            tracing::error!(%error, "the control socket's task failed");
        }
        if let Err(error) = std::fs::remove_file(&self.path) {
            tracing::debug!(%error, "the control socket is gone already");
        }
    }
}

/// Listens in the data directory, which must be this process's alone. Without it the server runs all the same: it cannot
/// be drained then, which the log says.
pub fn open(data_dir: &Path, hall: &Hall, reload: &Reload, clock: &Clock) -> Option<Control> {
    let path = data_dir.join(FILE);
    match listen(&path) {
        Ok((listener, owner)) => {
            let (stop, stopped) = oneshot::channel();
            let answering = Answering {
                owner,
                hall: hall.clone(),
                reload: reload.clone(),
                clock: clock.clone(),
            };
            let task = tokio::spawn(answering.run(listener, stopped));
            Some(Control { task, stop, path })
        }
        Err(error) => {
            tracing::warn!(path = %path.display(), %error, "no control socket: this server cannot be drained");
            None
        }
    }
}

/// The socket and the user it belongs to.
fn listen(path: &Path) -> io::Result<(UnixListener, u32)> {
    // Left by a server that was killed; the directory's lock says that it is gone.
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(path)?;
    std::fs::set_permissions(path, Permissions::from_mode(0o600))?;
    Ok((listener, std::fs::metadata(path)?.uid()))
}

struct Answering {
    owner: u32,
    hall: Hall,
    reload: Reload,
    clock: Clock,
}

impl Answering {
    async fn run(self, listener: UnixListener, mut stopped: oneshot::Receiver<()>) {
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                _ = &mut stopped => return,
            };
            let answered = match accepted {
                Ok((stream, _)) => timeout(WITHIN, self.answer(stream)).await,
                Err(error) => {
                    sleep(ACCEPT_PAUSE).await;
                    Ok(Err(error))
                }
            };
            match answered {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::debug!(%error, "the control socket"),
                Err(_) => tracing::debug!("nothing was asked on the control socket"),
            }
        }
    }

    async fn answer(&self, stream: UnixStream) -> io::Result<()> {
        let who = stream.peer_cred()?.uid();
        // Between bind and chmod somebody else might have come.
        if who != self.owner && who != 0 {
            tracing::warn!(user = who, "the control socket answers its owner alone");
            return Ok(());
        }
        let (read, mut write) = stream.into_split();
        let mut line = String::new();
        tokio::io::BufReader::new(read.take(MAX_LINE))
            .read_line(&mut line)
            .await?;
        let request = serde_json::from_str(&line).map_err(io::Error::other)?;
        self.carry_out(request);
        let mut answer = serde_json::to_vec(&self.standing().await).map_err(io::Error::other)?;
        answer.push(b'\n');
        write.write_all(&answer).await?;
        write.shutdown().await
    }

    fn carry_out(&self, request: Request) {
        match request {
            Request::Drain { minutes } => {
                let minutes = Duration::from_secs(60 * u64::from(minutes.min(MAX_MINUTES)));
                let in_ms = i64::try_from(minutes.as_millis()).unwrap_or(i64::MAX);
                self.hall.drain(Deadline {
                    at: Instant::now() + minutes,
                    at_ms: self.clock.now_ms().saturating_add(in_ms),
                });
            }
            Request::StopDraining {} => self.hall.stop_draining(),
            Request::Reload {} => self.reload.now(),
            Request::Standing {} => {}
        }
    }

    async fn standing(&self) -> Standing {
        Standing {
            draining_until_ms: self.hall.draining().map(|until| until.at_ms),
            in_session: self.hall.in_session().await,
        }
    }
}
