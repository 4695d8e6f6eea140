//! The worker: one thread that owns its rooms, socket, buffers and timers. Others reach it by a bounded mailbox.

mod load;
mod pool;
mod socket;
mod speed;
pub mod tcp;
mod turn;

pub use load::Load;
pub use pool::{MAX_WORKERS, NoWorker, Place, Pool};
pub use socket::SOCKET_BUFFER;
pub use speed::{Speed, speed};

use crate::dtls::Identity;
use crate::ice::Candidate;
use crate::limits::MAILBOX;
use crate::relay::Counters;
use crate::{Command, Event};
use load::Gauge;
use mio::Waker;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::mpsc::{self, SyncSender, TrySendError};
use std::thread::JoinHandle;

/// Where a worker listens and how it is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkerConfig {
    /// The UDP address to bind, e.g. `0.0.0.0:10000`; port 0 takes any.
    pub bind: SocketAddr,
    /// The addresses delegates reach it under, put into every answer as host candidates. Configured, never guessed.
    pub public_ips: Vec<IpAddr>,
    /// The TCP port at which peers whom UDP does not reach find it under the same addresses; whoever listens there hands
    /// their connections on (see [`Worker::accept`]).
    pub tcp_port: Option<u16>,
    /// Pin the thread to this core.
    pub core: Option<usize>,
    /// Which worker of a pool it is, from 0.
    pub number: u8,
    /// Whether pictures may be H.264 while everybody in a room decodes it.
    pub h264: bool,
}

/// A running worker. Dropping it stops the thread; peers are told by DTLS.
pub struct Worker {
    mailbox: SyncSender<Order>,
    waker: Arc<Waker>,
    local_addr: SocketAddr,
    gauge: Gauge,
    thread: Option<JoinHandle<()>>,
}

/// What the thread finds in its mailbox.
enum Order {
    Relay(Command),
    Accept(tcp::Arrival),
    Count(Box<dyn FnOnce(Counters) + Send>),
    Stop,
}

/// The mailbox is full; the command was not taken.
#[derive(Debug, thiserror::Error)]
#[error("the relay has too many orders waiting; it is overloaded")]
pub struct Overloaded;

impl Worker {
    /// Binds the socket and starts the thread. `on_event` is called on the worker's thread and must not block.
    ///
    /// # Errors
    /// When the port is taken or the address is not this machine's; the text says so.
    pub fn spawn(config: &WorkerConfig, on_event: impl FnMut(Event) + Send + 'static) -> io::Result<Self> {
        if config.public_ips.is_empty() {
            let text = "no public address is configured: name those that delegates reach this server under";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
        }
        let socket = socket::bind(config.bind)
            .map_err(|error| io::Error::new(error.kind(), format!("UDP {}: {error}", config.bind)))?;
        let local_addr = socket.local_addr()?;
        let identity = Identity::generate().map_err(io::Error::other)?;
        let reached_at = |port| config.public_ips.iter().map(move |ip| SocketAddr::new(*ip, port));
        let udp = reached_at(local_addr.port()).map(Candidate::Udp);
        let tcp = config
            .tcp_port
            .into_iter()
            .flat_map(reached_at)
            .map(Candidate::TcpPassive);
        let (candidates, number) = (udp.chain(tcp).collect(), config.number);
        let (mailbox, orders) = mpsc::sync_channel(MAILBOX);
        let core = config.core;
        let gauge = Gauge::default();
        let relay = turn::Plan {
            identity,
            candidates,
            number,
            h264: config.h264,
        };
        let (turn, waker) = turn::Turn::new(socket, relay, orders, gauge.clone(), Box::new(on_event))?;
        let thread = std::thread::Builder::new().name("lika-sfu".to_owned()).spawn(move || {
            if let Some(core) = core
                && let Err(error) = socket::pin_to_core(core)
            {
                tracing::warn!(core, %error, "the relay's thread could not be pinned to its core");
            }
            turn.run();
        })?;
        Ok(Self {
            mailbox,
            waker,
            local_addr,
            gauge,
            thread: Some(thread),
        })
    }

    /// Puts an order into the mailbox; never blocks.
    ///
    /// # Errors
    /// When the mailbox is full; the command is dropped.
    pub fn send(&self, command: Command) -> Result<(), Overloaded> {
        self.order(Order::Relay(command)).map_err(|_| Overloaded)
    }

    /// Takes over a TCP connection whose first datagram is a connectivity check; never blocks.
    ///
    /// # Errors
    /// When the mailbox is full; the connection is closed.
    pub fn accept(&self, arrival: tcp::Arrival) -> Result<(), Overloaded> {
        self.order(Order::Accept(arrival)).map_err(|_| Overloaded)
    }

    fn order(&self, order: Order) -> Result<(), TrySendError<Order>> {
        self.mailbox.try_send(order)?;
        if let Err(error) = self.waker.wake() {
            tracing::error!(%error, "the relay's thread could not be woken");
        }
        Ok(())
    }

    /// Asks for the totals; `reply` is called on the worker's thread and must not block.
    ///
    /// # Errors
    /// When the mailbox is full; `reply` is not called.
    pub fn count(&self, reply: impl FnOnce(Counters) + Send + 'static) -> Result<(), Overloaded> {
        self.order(Order::Count(Box::new(reply))).map_err(|_| Overloaded)
    }

    /// How much it has to do.
    #[must_use]
    pub fn load(&self) -> Load {
        self.gauge.read()
    }

    /// The UDP address actually bound.
    #[must_use]
    pub const fn local_addr(&self) -> SocketAddr {
        self.local_addr
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // Blocking: a full mailbox is being emptied, and a stopped thread has closed it.
        let _ = self.mailbox.send(Order::Stop);
        let _ = self.waker.wake();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the relay's thread had panicked");
        }
    }
}
