//! TCP connections to peers whom UDP does not reach (RFC 6544). They come to the HTTPS port, which hands each to the
//! worker that the ufrag of its first datagram names.

pub mod framing;
mod queue;

use crate::ice::{Transport, TransportAddress};
use crate::limits::MAX_PEERS;
use crate::relay::{Relay, Undelivered};
use framing::Deframer;
use mio::event::Event;
use mio::net::TcpStream;
use mio::{Interest, Registry, Token};
use queue::Queue;
use rustc_hash::FxHashMap;
use socket2::SockRef;
use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// Connections of one worker: a browser opens one from each of its interfaces.
const MAX_CONNECTIONS: usize = 2 * MAX_PEERS;
/// Bytes read of one connection before the others get their turn.
const READ_AT_ONCE: usize = 64 * 1024;
/// Asked of the kernel for sending: what it holds can no longer be overtaken nor dropped. It doubles the number.
const SEND_BUFFER: usize = 16 * 1024;
/// How often connections are looked for whose peer has left.
const SWEEP_EVERY: Duration = Duration::from_secs(1);

/// A connection on its way to a worker.
pub struct Arrival {
    /// The connection.
    pub stream: std::net::TcpStream,
    /// Where it comes from.
    pub remote: SocketAddr,
    /// Its first datagram, a connectivity check, already read and without its length.
    pub first: Vec<u8>,
    /// Dropped when the connection is over.
    pub place: Box<dyn Send>,
}

/// The connections of one worker.
pub(super) struct Connections {
    registry: Registry,
    /// Token of connection 0; the others follow.
    first_token: usize,
    open: FxHashMap<u64, Connection>,
    next: u64,
    /// Those that may have more to read.
    unread: Vec<u64>,
    buffer: Vec<u8>,
    next_sweep: Option<Instant>,
}

struct Connection {
    stream: TcpStream,
    remote: SocketAddr,
    deframer: Deframer,
    queue: Queue,
    /// Datagrams for which the queue had no room.
    dropped: u64,
    broken: bool,
    _place: Box<dyn Send>,
}

impl Connections {
    pub(super) fn new(registry: Registry, first_token: usize) -> Self {
        Self {
            registry,
            first_token,
            open: FxHashMap::default(),
            next: 0,
            unread: Vec::new(),
            buffer: vec![0; 16 * 1024],
            next_sweep: None,
        }
    }

    /// Takes a connection, if its first datagram is an authentic check.
    pub(super) fn accept(&mut self, now: Instant, arrival: Arrival, relay: &mut Relay) {
        let remote = arrival.remote;
        match self.open(now, arrival, relay) {
            Ok(true) => {}
            Ok(false) => tracing::debug!(%remote, "a TCP connection without an authentic check was closed"),
            Err(error) => tracing::warn!(%remote, %error, "a TCP connection could not be taken"),
        }
    }

    fn open(&mut self, now: Instant, arrival: Arrival, relay: &mut Relay) -> io::Result<bool> {
        if self.open.len() >= MAX_CONNECTIONS {
            return Err(io::Error::other("there are as many as the relay takes"));
        }
        let Arrival {
            stream,
            remote,
            mut first,
            place,
        } = arrival;
        let number = self.next;
        let from = transport_address(number, remote);
        relay.handle_datagram(now, from, &mut first);
        if !relay.knows(from) {
            return Ok(false);
        }
        stream.set_nonblocking(true)?;
        stream.set_nodelay(true)?;
        SockRef::from(&stream).set_send_buffer_size(SEND_BUFFER)?;
        let mut stream = TcpStream::from_std(stream);
        let token = Token(self.first_token + number as usize);
        self.registry
            .register(&mut stream, token, Interest::READABLE | Interest::WRITABLE)?;
        self.next += 1;
        let connection = Connection {
            stream,
            remote,
            deframer: Deframer::default(),
            queue: Queue::default(),
            dropped: 0,
            broken: false,
            _place: place,
        };
        self.open.insert(number, connection);
        // What came before it was registered is told by no event.
        self.unread.push(number);
        Ok(true)
    }

    /// Notes what the kernel tells.
    pub(super) fn ready(&mut self, event: &Event) {
        let Some(number) = event
            .token()
            .0
            .checked_sub(self.first_token)
            .map(|number| number as u64)
        else {
            return;
        };
        let Some(connection) = self.open.get_mut(&number) else {
            return;
        };
        if event.is_writable() {
            connection.flush();
        }
        if event.is_readable() && !self.unread.contains(&number) {
            self.unread.push(number);
        }
    }

    /// Takes what has come; whether more may wait.
    pub(super) fn receive(&mut self, now: Instant, relay: &mut Relay) -> bool {
        for number in std::mem::take(&mut self.unread) {
            let Some(connection) = self.open.get_mut(&number) else {
                continue;
            };
            let from = transport_address(number, connection.remote);
            match connection.read(&mut self.buffer, |datagram| relay.handle_datagram(now, from, datagram)) {
                Ok(true) => self.unread.push(number),
                Ok(false) => {}
                Err(error) => {
                    tracing::debug!(remote = %connection.remote, %error, "a TCP connection is over");
                    self.open.remove(&number);
                }
            }
        }
        self.sweep(now, relay);
        !self.unread.is_empty()
    }

    /// Puts what the relay has for TCP peers into their queues, and writes what the kernel takes; notes what has no room.
    pub(super) fn deliver(&mut self, relay: &Relay, undelivered: &mut Undelivered) {
        for (to, run) in relay.outgoing() {
            let Transport::Tcp(number) = to.transport else {
                continue;
            };
            let Some(connection) = self.open.get_mut(&number) else {
                undelivered.tcp_gone += run.segments as u64;
                continue;
            };
            for datagram in run.bytes.chunks(run.size) {
                let is_picture = relay.is_picture(to, datagram);
                if !connection.queue.push(datagram, is_picture) {
                    connection.dropped += 1;
                    undelivered.tcp_pictures += u64::from(is_picture);
                    undelivered.tcp_others += u64::from(!is_picture);
                }
            }
            connection.flush();
        }
    }

    /// When to look for connections to close; `None` while there are none.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.next_sweep.filter(|_| !self.open.is_empty())
    }

    /// Closes the connections that are broken or whose peer has left.
    fn sweep(&mut self, now: Instant, relay: &Relay) {
        if self.next_sweep.is_some_and(|at| now < at) {
            return;
        }
        self.next_sweep = Some(now + SWEEP_EVERY);
        self.open.retain(|number, connection| {
            let stays = !connection.broken && relay.knows(transport_address(*number, connection.remote));
            if !stays {
                tracing::debug!(
                    remote = %connection.remote,
                    dropped = connection.dropped,
                    "a TCP connection is closed"
                );
            }
            stays
        });
    }
}

impl Connection {
    /// Whether more may wait.
    fn read(&mut self, buffer: &mut [u8], mut each: impl FnMut(&mut [u8])) -> io::Result<bool> {
        let mut taken = 0;
        while taken < READ_AT_ONCE {
            match self.stream.read(buffer) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(len) => {
                    taken += len;
                    let bytes = buffer.get(..len).unwrap_or_default();
                    self.deframer.take(bytes, &mut each).map_err(io::Error::other)?;
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }

    fn flush(&mut self) {
        let stream = &mut self.stream;
        if let Err(error) = self.queue.flush(|bytes| stream.write(bytes)) {
            tracing::debug!(remote = %self.remote, %error, "a TCP connection cannot be written to");
            self.broken = true;
        }
    }
}

const fn transport_address(number: u64, address: SocketAddr) -> TransportAddress {
    TransportAddress {
        transport: Transport::Tcp(number),
        address,
    }
}
