//! `lika-loadtests agent`: a machine that lends its delegates to a test that another machine leads.

mod greeting;
mod lending;
mod remote;
mod seal;
#[cfg(test)]
mod stories;

pub use remote::{Remote, RemoteError};

use crate::company::{CompanyError, SettingError};
use crate::convene::{BearerToken, ConveneError};
use crate::delegate::server::{Server, ServerError, Trust};
use crate::terminal::{Stop, say};
use lending::Lender;
use serde::{Deserialize, Serialize};
use socket2::{SockRef, TcpKeepalive};
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;
use tokio::net::{TcpListener, TcpStream};

/// Fewer bytes make no secret.
const SHORTEST_TOKEN: usize = 16;
/// A machine that loses its power says nothing: the system asks after it when nothing has come for so long,
const ASKED_AFTER: Duration = Duration::from_secs(10);
/// so often,
const ASKED_EVERY: Duration = Duration::from_secs(5);
/// and so many times in vain.
const ASKED: u32 = 3;

/// What has been sent is acknowledged by then.
const UNACKNOWLEDGED: Duration = Duration::from_secs(20);

/// What `agent` is told on the command line.
#[derive(Clone, Debug, clap::Args)]
pub struct AgentArgs {
    /// Where to wait for the machine that leads the test
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub listen: SocketAddr,
    /// A file with a secret of 16 characters or more, the same as at the machine that leads
    #[arg(long, value_name = "FILE")]
    pub token_file: PathBuf,
    /// The server that may be tested, https://host:port; no other is
    #[arg(
        long,
        value_name = "URL",
        required_unless_present = "any_server",
        conflicts_with = "any_server"
    )]
    pub server: Option<String>,
    /// Let the machine that leads say which server: whoever has the token can then send this machine's load to any
    #[arg(long)]
    pub any_server: bool,
    /// Accept any certificate of the server: for tests on the same machine
    #[arg(long, conflicts_with = "ca")]
    pub insecure: bool,
    /// Accept certificates signed by this authority (PEM), or this very certificate
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,
}

/// Why there is no agent, or no test with it.
#[derive(Debug, Error)]
pub enum AgentError {
    /// The token.
    #[error(transparent)]
    Token(#[from] ConveneError),
    /// A token that can be guessed.
    #[error("the token has fewer than {SHORTEST_TOKEN} characters; make one: head -c 32 /dev/urandom | base64 > FILE")]
    ShortToken,
    /// The address.
    #[error("{0} cannot be listened to: {1}")]
    Listen(SocketAddr, io::Error),
    /// The server's address or certificate.
    #[error(transparent)]
    Server(#[from] ServerError),
    /// The delegates.
    #[error(transparent)]
    Company(#[from] CompanyError),
    /// A test that cannot be simulated.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// Another server.
    #[error("this agent tests {0} only (--server)")]
    OtherServer(String),
    /// One test at a time.
    #[error("this agent serves another test")]
    Busy,
    /// An order for somebody who is not there.
    #[error("an order concerns delegate {0}, and there is none")]
    NoSuchDelegate(usize),
    /// The other machine.
    #[error("the machine that leads: {0}")]
    Io(#[from] io::Error),
    /// It does not have the token.
    #[error("the other side does not have the same token")]
    Stranger,
}

/// What an agent answers when it has been told what its delegates have in common.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case", deny_unknown_fields)]
enum Answer {
    /// It waits for orders.
    Ready,
    /// It does not take part.
    Refused {
        /// Why.
        reason: String,
    },
}

/// Lends delegates to one test after another, until it is told to stop, also in the middle of one.
///
/// # Errors
/// When it cannot listen; a test that fails is told and forgotten.
pub async fn agent(args: &AgentArgs) -> Result<(), AgentError> {
    let mut stop = Stop::listen()?;
    let token = token(&args.token_file)?;
    let trust = Trust::chosen(args.ca.as_deref(), args.insecure);
    let only = match &args.server {
        Some(address) => Some(Server::new(address, &trust)?.origin()),
        None => None,
    };
    let listener = TcpListener::bind(args.listen)
        .await
        .map_err(|error| AgentError::Listen(args.listen, error))?;
    let address = listener.local_addr()?;
    tracing::info!(%address, "waiting");
    say(&format!("väntar på {address} / waiting at {address}"));
    tokio::select! {
        () = Arc::new(Lender::new(token, trust, only)).lend(listener) => {}
        () = stop.told() => {}
    }
    Ok(())
}

/// Lines go at once, and a machine that has gone without a word is noticed.
fn attend_to(stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let asks = TcpKeepalive::new()
        .with_time(ASKED_AFTER)
        .with_interval(ASKED_EVERY)
        .with_retries(ASKED);
    let socket = SockRef::from(stream);
    // Nothing is asked while something that was sent has not been acknowledged.
    socket.set_tcp_user_timeout(Some(UNACKNOWLEDGED))?;
    socket.set_tcp_keepalive(&asks)
}

/// A token for agents, from its file.
///
/// # Errors
/// When it cannot be read or is too short.
pub fn token(file: &std::path::Path) -> Result<BearerToken, AgentError> {
    let token = BearerToken::read(file)?;
    if token.reveal().len() < SHORTEST_TOKEN {
        return Err(AgentError::ShortToken);
    }
    Ok(token)
}
