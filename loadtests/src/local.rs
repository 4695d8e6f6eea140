//! A real `lika serve` on loopback with temporary data, for tests on one machine.

use crate::delegate::server::{Server, ServerError, Trust};
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tempfile::TempDir;
use thiserror::Error;
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep};

/// A server that does not listen by then does not start.
const START_TIMEOUT: Duration = Duration::from_secs(30);
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Why there is no server.
#[derive(Debug, Error)]
pub enum StartError {
    /// No program.
    #[error("there is no {0}; build it with cargo build -p lika, or give --server-binary PATH")]
    NoProgram(PathBuf),
    /// The system refuses.
    #[error("the server cannot be prepared: {0}")]
    Io(#[from] io::Error),
    /// `lika meeting create` failed.
    #[error("lika meeting create: {0}")]
    NotConvened(String),
    /// `lika serve` ended or says nothing.
    #[error("lika serve does not come up; its own words are above")]
    NotStarted,
    /// An invitation or address cannot be used.
    #[error(transparent)]
    Way(#[from] ServerError),
}

/// The server's program beside this one.
///
/// # Errors
/// When the system does not tell where this one is.
pub fn program_beside_this() -> io::Result<PathBuf> {
    Ok(std::env::current_exe()?.with_file_name("lika"))
}

/// A directory, an address and a configuration; not started yet.
pub struct Prepared {
    program: PathBuf,
    directory: TempDir,
    listen: SocketAddr,
}

/// A running server; it ends and its data go with this.
pub struct Local {
    way: Server,
    process: Child,
    _directory: TempDir,
}

impl Prepared {
    /// Finds a place and an address.
    ///
    /// # Errors
    /// When there is no such program, or the system refuses.
    pub fn new(program: &Path) -> Result<Self, StartError> {
        if !program.exists() {
            return Err(StartError::NoProgram(program.into()));
        }
        Ok(Self {
            program: program.into(),
            directory: tempfile::Builder::new().prefix("lika-loadtests-").tempdir()?,
            listen: free_port()?,
        })
    }

    /// Where its files are.
    #[must_use]
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// Writes the configuration; `more`: further sections. Returns its file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn configure(&self, more: &str) -> io::Result<PathBuf> {
        let file = self.config();
        std::fs::write(&file, configuration(self.directory(), self.listen, more))?;
        Ok(file)
    }

    fn config(&self) -> PathBuf {
        self.directory().join("lika.toml")
    }

    /// Starts it, and waits until it listens.
    ///
    /// # Errors
    /// When it does not.
    pub async fn serve(self) -> Result<Local, StartError> {
        let mut process = Command::new(&self.program)
            .arg("serve")
            .arg("--config")
            .arg(self.config())
            .env("LIKA_LOG", std::env::var("LIKA_LOG").unwrap_or_else(|_| "error".into()))
            .stdin(Stdio::null())
            // The program's own output is for the figures.
            .stdout(Stdio::null())
            .kill_on_drop(true)
            // Ctrl-c at the terminal is for this program, which ends the server when it is done.
            .process_group(0)
            .spawn()?;
        let deadline = Instant::now() + START_TIMEOUT;
        while TcpStream::connect(self.listen).await.is_err() {
            if Instant::now() > deadline || process.try_wait()?.is_some() {
                return Err(StartError::NotStarted);
            }
            sleep(LOOK_EVERY).await;
        }
        Ok(Local {
            way: Server::new(&format!("https://{}", self.listen), &Trust::Anyone)?,
            process,
            _directory: self.directory,
        })
    }
}

impl Local {
    /// The way to it.
    #[must_use]
    pub fn way(&self) -> &Server {
        &self.way
    }

    /// Its process; `None`: it has ended.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.process.id()
    }
}

/// A port that was free a moment ago: the address must be known before the server binds it.
fn free_port() -> io::Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()
}

fn configuration(directory: &Path, listen: SocketAddr, more: &str) -> String {
    format!(
        r#"[server]
listen = "{listen}"
public_url = "https://{listen}"
[server.tls]
self_signed = true
[media]
bind = "127.0.0.1:0"
public_ips = ["127.0.0.1"]
[storage]
data_dir = "{}"
[limits]
entries_per_minute = 100000
{more}"#,
        directory.display()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use lika::config::Config;

    #[test]
    fn what_is_written_can_be_read() {
        let program = std::env::current_exe().unwrap();
        let prepared = Prepared::new(&program).unwrap();
        let file = prepared.configure("[quality]\nprofile = \"likvardig-1\"\n").unwrap();
        assert_eq!(Config::read(&file).unwrap().server.listen, prepared.listen);
        assert!(matches!(
            Prepared::new(Path::new("/no/such")),
            Err(StartError::NoProgram(_))
        ));
    }
}
