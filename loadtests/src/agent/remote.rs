//! An agent as the machine that leads sees it.

use super::greeting::{Greeting, Proof};
use super::seal::Seal;
use super::{Answer, attend_to};
use crate::company::{MAILBOX, Order, Setting, Told, encode, read_line};
use crate::convene::BearerToken;
use std::io;
use std::time::Duration;
use thiserror::Error;
use tokio::io::{AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::mpsc;
use tokio::time::timeout;

/// An agent that has not answered by then does not.
const ANSWERS_WITHIN: Duration = Duration::from_secs(10);
/// Nor is an agent there any more that has told of no second for so long.
const TELLS_WITHIN: Duration = Duration::from_secs(10);

/// Why an agent cannot be used.
#[derive(Debug, Error)]
pub enum RemoteError {
    /// It cannot be reached, or went away.
    #[error("the agent {0} cannot be reached: {1}; is `lika-loadtests agent` running there?")]
    Away(String, io::Error),
    /// It does not have the token.
    #[error("the agent {0} does not have the same token")]
    Stranger(String),
    /// It does not take part.
    #[error("the agent {0} refuses: {1}")]
    Refuses(String, String),
    /// It is of another version.
    #[error("the agent {0} is of another version")]
    Version(String),
}

/// A connection to an agent, through the greeting.
pub struct Remote {
    address: String,
    read: BufReader<OwnedReadHalf>,
    write: OwnedWriteHalf,
    theirs: Seal,
    ours: Seal,
}

impl Remote {
    /// Connects, and tells the agent what its delegates have in common.
    ///
    /// # Errors
    /// [`RemoteError`].
    pub async fn connect(address: &str, token: &BearerToken, setting: &Setting) -> Result<Self, RemoteError> {
        let away = |error| RemoteError::Away(address.to_owned(), error);
        let greeting = timeout(ANSWERS_WITHIN, async {
            let mut remote = Self::greet(address, token).await?;
            remote.ours.write(&mut remote.write, setting).await.map_err(away)?;
            let answer = remote.theirs.read(&mut remote.read).await.map_err(away)?;
            match answer.ok_or_else(|| away(io::ErrorKind::UnexpectedEof.into()))? {
                Answer::Ready => Ok(remote),
                Answer::Refused { reason } => Err(RemoteError::Refuses(address.to_owned(), reason)),
            }
        });
        greeting.await.map_err(|_| away(io::ErrorKind::TimedOut.into()))?
    }

    async fn greet(address: &str, token: &BearerToken) -> Result<Self, RemoteError> {
        let away = |error| RemoteError::Away(address.to_owned(), error);
        let stranger = || RemoteError::Stranger(address.to_owned());
        let stream = TcpStream::connect(address).await.map_err(away)?;
        attend_to(&stream).map_err(away)?;
        let (read, mut write) = stream.into_split();
        let mut read = BufReader::new(read);
        let theirs: Greeting = read_line(&mut read).await.map_err(away)?.ok_or_else(stranger)?;
        if !theirs.is_of_this_version() {
            return Err(RemoteError::Version(address.to_owned()));
        }
        let own = Greeting::new();
        let proof = Proof::new(token, Proof::LEADER, own.clone(), &theirs, &own);
        write.write_all(&encode(&proof).map_err(away)?).await.map_err(away)?;
        // Whoever does not know the token hangs up.
        let answer: Proof = read_line(&mut read).await.map_err(away)?.ok_or_else(stranger)?;
        if !answer.is_right(token, Proof::AGENT, &theirs, &own) {
            return Err(stranger());
        }
        Ok(Self {
            address: address.to_owned(),
            read,
            write,
            theirs: Seal::of(token, Proof::AGENT, &theirs, &own),
            ours: Seal::of(token, Proof::LEADER, &theirs, &own),
        })
    }

    /// Its mailbox. What it tells goes to `told`; when it goes away, that is told as well.
    pub fn work<T: Send + 'static>(
        self,
        told: mpsc::Sender<T>,
        happened: impl Fn(Result<Told, String>) -> T + Send + Sync + 'static,
    ) -> mpsc::Sender<Order> {
        let (order, mut orders) = mpsc::channel::<Order>(MAILBOX);
        let Self {
            address,
            mut read,
            mut write,
            mut theirs,
            mut ours,
        } = self;
        tokio::spawn(async move {
            let passing_on = async {
                while let Some(next) = orders.recv().await {
                    ours.write(&mut write, &next).await?;
                }
                Ok::<(), io::Error>(())
            };
            let hearing = async {
                while let Ok(next) = timeout(TELLS_WITHIN, theirs.read::<Told>(&mut read)).await {
                    let next = next?.ok_or_else(|| io::Error::from(io::ErrorKind::UnexpectedEof))?;
                    if told.send(happened(Ok(next))).await.is_err() {
                        return Ok::<(), io::Error>(());
                    }
                }
                Err(io::ErrorKind::TimedOut.into())
            };
            let ended = tokio::select! {
                ended = passing_on => ended,
                ended = hearing => ended,
            };
            // Whichever notices first that the agent is away: it is told.
            if let Err(error) = ended {
                tracing::warn!(agent = address, %error, "the agent is away");
                let _ = told.send(happened(Err(error.to_string()))).await;
            }
        });
        order
    }
}
