//! The worker: one thread that owns its rooms, socket, buffers and timers. Others reach it by a bounded mailbox.

use crate::{Command, Event};
use std::io;
use std::net::{IpAddr, SocketAddr};

/// Where a worker listens and how it is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkerConfig {
    /// The UDP address to bind, e.g. `0.0.0.0:10000`; port 0 takes any.
    pub bind: SocketAddr,
    /// The addresses delegates reach it under, put into every answer as host candidates. Configured, never guessed.
    pub public_ips: Vec<IpAddr>,
    /// Pin the thread to this core.
    pub core: Option<usize>,
}

/// A running worker. Dropping it stops the thread.
pub struct Worker {}

/// The mailbox is full; the command was not taken.
#[derive(Debug, thiserror::Error)]
#[error("the relay has too many orders waiting; it is overloaded")]
pub struct Overloaded;

impl Worker {
    /// Binds the socket and starts the thread. `on_event` is called on the worker's thread and must not block.
    ///
    /// # Errors
    /// When the port is taken or the address is not this machine's; the text says so.
    pub fn spawn(_config: WorkerConfig, _on_event: impl FnMut(Event) + Send + 'static) -> io::Result<Self> {
        Err(io::Error::other("not built"))
    }

    /// Puts an order into the mailbox; never blocks.
    ///
    /// # Errors
    /// When the mailbox is full; the command is dropped.
    pub fn send(&self, _command: Command) -> Result<(), Overloaded> {
        Err(Overloaded)
    }

    /// The UDP address actually bound.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], 0))
    }
}
