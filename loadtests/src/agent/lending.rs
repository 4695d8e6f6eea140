//! An agent's work: whoever has the token is served, one test at a time, and for one server only. What an agent does to others
//! is bounded here: which server, how many delegates, and each of them once.

use super::greeting::{Greeting, Proof};
use super::seal::Seal;
use super::{AgentError, Answer, attend_to};
use crate::company::{Company, MAILBOX, Order, Setting, Told, encode, read_line};
use crate::convene::BearerToken;
use crate::delegate::server::{Server, Trust};
use crate::terminal::say;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncWriteExt, BufReader};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio::time::timeout;

/// Whoever has not proved by then that they have the token is sent away.
const GREETING_WITHIN: Duration = Duration::from_secs(5);
/// A test that is over sends its delegates home by then; the next one, of the same leader, begins at once.
const FREE_WITHIN: Duration = Duration::from_secs(4);
/// So many are greeted or served at once; more are sent away at the door.
const CONNECTIONS: usize = 16;
/// After an arrival that failed: with too many files open the next one fails as well.
const ACCEPT_AGAIN: Duration = Duration::from_secs(1);

/// An agent.
pub(super) struct Lender {
    token: BearerToken,
    trust: Trust,
    /// The only server that may be tested, as its origin; `None`: any.
    only: Option<String>,
    connections: Arc<Semaphore>,
    /// One test at a time.
    tests: Semaphore,
}

/// A connection to whoever leads, each way with its seal.
struct Leader {
    read: BufReader<OwnedReadHalf>,
    write: OwnedWriteHalf,
    theirs: Seal,
    ours: Seal,
}

impl Lender {
    pub(super) fn new(token: BearerToken, trust: Trust, only: Option<String>) -> Self {
        Self {
            token,
            trust,
            only,
            connections: Arc::new(Semaphore::new(CONNECTIONS)),
            tests: Semaphore::new(1),
        }
    }

    /// Serves whoever comes; never ends.
    pub(super) async fn lend(self: Arc<Self>, listener: TcpListener) {
        loop {
            match listener.accept().await {
                Ok((stream, leader)) => self.welcome(stream, leader),
                Err(error) => {
                    say(&format!("{error}"));
                    tokio::time::sleep(ACCEPT_AGAIN).await;
                }
            }
        }
    }

    fn welcome(self: &Arc<Self>, stream: TcpStream, leader: SocketAddr) {
        let Ok(place) = Arc::clone(&self.connections).try_acquire_owned() else {
            return;
        };
        let lender = Arc::clone(self);
        tokio::spawn(async move {
            match lender.serve(stream, leader).await {
                Ok(()) => say(&format!("{leader}: klart / done")),
                Err(error) => say(&format!("{leader}: {error}")),
            }
            drop(place);
        });
    }

    /// One test, from the greeting to the end.
    async fn serve(&self, stream: TcpStream, address: SocketAddr) -> Result<(), AgentError> {
        attend_to(&stream)?;
        let greeted = timeout(GREETING_WITHIN, self.greet(stream)).await;
        let (mut leader, setting) = greeted.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
        let Ok(Ok(_alone)) = timeout(FREE_WITHIN, self.tests.acquire()).await else {
            return leader.refuse(AgentError::Busy).await;
        };
        let (tell, told) = mpsc::channel(MAILBOX);
        let company = match self.company(setting.clone(), tell) {
            Ok(company) => company,
            Err(error) => return leader.refuse(error).await,
        };
        leader.ours.write(&mut leader.write, &Answer::Ready).await?;
        say(&format!("{address}: test"));
        let (order, orders) = mpsc::channel(MAILBOX);
        let working = tokio::spawn(company.run(orders));
        let ended = leader.work(&setting, order, told).await;
        // Without orders everybody leaves.
        let _ = working.await;
        ended
    }

    fn company(&self, setting: Setting, tell: mpsc::Sender<Told>) -> Result<Company, AgentError> {
        setting.check()?;
        let server = Server::new(&setting.server, &self.trust)?;
        if let Some(only) = self.only.as_ref().filter(|only| **only != server.origin()) {
            return Err(AgentError::OtherServer(only.clone()));
        }
        Ok(Company::new(setting, server, tell, None)?)
    }

    async fn greet(&self, stream: TcpStream) -> Result<(Leader, Setting), AgentError> {
        let (read, mut write) = stream.into_split();
        let mut read = BufReader::new(read);
        let own = Greeting::new();
        write.write_all(&encode(&own)?).await?;
        let proof: Proof = read_line(&mut read).await?.ok_or_else(hung_up)?;
        let theirs = proof.greeting.clone();
        if !proof.is_right(&self.token, Proof::LEADER, &own, &theirs) {
            return Err(AgentError::Stranger);
        }
        let proof = Proof::new(&self.token, Proof::AGENT, own.clone(), &own, &theirs);
        write.write_all(&encode(&proof)?).await?;
        let seal = |who| Seal::of(&self.token, who, &own, &theirs);
        let mut leader = Leader {
            read,
            write,
            theirs: seal(Proof::LEADER),
            ours: seal(Proof::AGENT),
        };
        let setting = leader.theirs.read(&mut leader.read).await?.ok_or_else(hung_up)?;
        Ok((leader, setting))
    }
}

impl Leader {
    async fn refuse(mut self, error: AgentError) -> Result<(), AgentError> {
        let reason = error.to_string();
        self.ours.write(&mut self.write, &Answer::Refused { reason }).await?;
        Err(error)
    }

    /// Takes orders and reports, until either ends.
    async fn work(
        self,
        setting: &Setting,
        order: mpsc::Sender<Order>,
        mut told: mpsc::Receiver<Told>,
    ) -> Result<(), AgentError> {
        let Self {
            mut read,
            mut write,
            mut theirs,
            mut ours,
        } = self;
        let ordering = async {
            while let Some(next) = theirs.read::<Order>(&mut read).await? {
                if !setting.has(next.number()) {
                    return Err(AgentError::NoSuchDelegate(next.number()));
                }
                if order.send(next).await.is_err() {
                    break;
                }
            }
            Ok::<(), AgentError>(())
        };
        let reporting = async {
            while let Some(next) = told.recv().await {
                ours.write(&mut write, &next).await?;
            }
            Ok::<(), AgentError>(())
        };
        tokio::select! {
            ended = ordering => ended,
            ended = reporting => ended,
        }
    }
}

fn hung_up() -> io::Error {
    io::ErrorKind::UnexpectedEof.into()
}
