//! The worker's loop: wait, take orders and datagrams, let the relay work, send, tell.

use super::Order;
use super::load::{Gauge, Load, Meter};
use super::socket::{Inbox, Postman};
use super::tcp::Connections;
use crate::dtls::Identity;
use crate::ice::{Candidate, Transport, TransportAddress};
use crate::relay::{Relay, RelayConfig, Undelivered};
use crate::{Event, RoomId};
use mio::net::UdpSocket;
use mio::{Events, Interest, Poll, Token, Waker};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError};
use std::time::{Duration, Instant};

const SOCKET: Token = Token(0);
const MAILBOX: Token = Token(1);
/// The tokens of TCP connections begin here.
const FIRST_CONNECTION: usize = 2;
/// What the kernel tells in one wake-up; the rest it tells in the next.
const EVENTS: usize = 256;
/// Orders taken before datagrams get their turn.
const ORDERS_AT_ONCE: usize = 256;
/// Batches of datagrams taken before orders and timers get their turn.
const BATCHES_AT_ONCE: usize = 8;

/// The thread's belongings.
pub(super) struct Turn {
    poll: Poll,
    socket: UdpSocket,
    inbox: Inbox,
    postman: Postman,
    connections: Connections,
    plan: Plan,
    relay: Relay,
    orders: Receiver<Order>,
    meter: Meter,
    gauge: Gauge,
    on_event: Box<dyn FnMut(Event) + Send>,
}

/// What a relay is made with, each time anew.
pub(super) struct Plan {
    pub(super) identity: Identity,
    pub(super) candidates: Vec<Candidate>,
    pub(super) number: u8,
    pub(super) h264: bool,
}

impl Turn {
    pub(super) fn new(
        socket: std::net::UdpSocket,
        plan: Plan,
        orders: Receiver<Order>,
        gauge: Gauge,
        on_event: Box<dyn FnMut(Event) + Send>,
    ) -> io::Result<(Self, Arc<Waker>)> {
        let poll = Poll::new()?;
        let postman = Postman::new(&socket)?;
        let mut socket = UdpSocket::from_std(socket);
        poll.registry().register(&mut socket, SOCKET, Interest::READABLE)?;
        let waker = Arc::new(Waker::new(poll.registry(), MAILBOX)?);
        let connections = Connections::new(poll.registry().try_clone()?, FIRST_CONNECTION);
        let relay = plan.relay();
        let inbox = Inbox::new();
        Ok((
            Self {
                poll,
                socket,
                inbox,
                postman,
                connections,
                plan,
                relay,
                orders,
                meter: Meter::new(Instant::now()),
                gauge,
                on_event,
            },
            waker,
        ))
    }

    /// Works until told to stop. A panic in one room has been dealt with by the relay; one that belongs to no room ends
    /// the media of all rooms, not the thread: SRTP state is never restored, so the peers join again.
    pub(super) fn run(mut self) {
        loop {
            match catch_unwind(AssertUnwindSafe(|| self.work())) {
                Ok(()) => return,
                Err(_) => self.start_anew(),
            }
        }
    }

    fn start_anew(&mut self) {
        let rooms: Vec<RoomId> = self.relay.rooms().collect();
        tracing::error!(
            rooms = rooms.len(),
            "the relay failed and is started anew; its peers must join again"
        );
        self.relay = self.plan.relay();
        for room in rooms {
            (self.on_event)(Event::RoomFailed { room });
        }
    }

    fn work(&mut self) {
        let mut ready = Events::with_capacity(EVENTS);
        let mut more = true;
        loop {
            let wait = if more {
                Some(Duration::ZERO)
            } else {
                self.until_deadline()
            };
            self.meter.rests(Instant::now());
            if let Err(error) = self.poll.poll(&mut ready, wait)
                && error.kind() != io::ErrorKind::Interrupted
            {
                tracing::error!(%error, "waiting for packets failed");
            }
            self.meter.wakes(Instant::now());
            ready.iter().for_each(|event| self.connections.ready(event));
            self.relay.refuse_new_rooms(self.meter.is_overloaded());
            more = match self.take_orders() {
                Orders::Stop => return self.farewell(),
                Orders::More => true,
                Orders::Done => false,
            };
            more |= self.take_datagrams();
            more |= self.connections.receive(Instant::now(), &mut self.relay);
            self.relay.handle_timeout(Instant::now());
            self.send();
            while let Some(event) = self.relay.poll_event() {
                (self.on_event)(event);
            }
            self.gauge.show(Load {
                busy: self.meter.busy(),
                peers: u16::try_from(self.relay.peers()).unwrap_or(u16::MAX),
            });
        }
    }

    fn until_deadline(&self) -> Option<Duration> {
        let deadlines = [self.relay.deadline(), self.connections.deadline()];
        deadlines
            .into_iter()
            .flatten()
            .min()
            .map(|at| at.saturating_duration_since(Instant::now()))
    }

    fn take_orders(&mut self) -> Orders {
        for _ in 0..ORDERS_AT_ONCE {
            match self.orders.try_recv() {
                Ok(Order::Relay(command)) => self.relay.handle_command(Instant::now(), command),
                Ok(Order::Accept(arrival)) => self.connections.accept(Instant::now(), arrival, &mut self.relay),
                Ok(Order::Count(reply)) => reply(*self.relay.counters()),
                Ok(Order::Stop) | Err(TryRecvError::Disconnected) => return Orders::Stop,
                Err(TryRecvError::Empty) => return Orders::Done,
            }
        }
        Orders::More
    }

    /// Whether more datagrams may wait.
    fn take_datagrams(&mut self) -> bool {
        for _ in 0..BATCHES_AT_ONCE {
            let taken = match self.inbox.receive(&self.socket) {
                Ok(taken) => taken,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return false,
                Err(error) => {
                    tracing::warn!(%error, "receiving failed");
                    return false;
                }
            };
            let now = Instant::now();
            for (from, datagram) in self.inbox.datagrams() {
                self.relay.handle_datagram(now, from, datagram);
            }
            self.send();
            if !taken.full {
                return false;
            }
        }
        true
    }

    fn send(&mut self) {
        let mut undelivered = Undelivered::default();
        let mut all_by_udp = true;
        let by_udp = |(to, run): (TransportAddress, _)| {
            let is_udp = to.transport == Transport::Udp;
            all_by_udp &= is_udp;
            is_udp.then_some((to.address, run))
        };
        let outgoing = self.relay.outgoing().filter_map(by_udp);
        undelivered.refused_by_system = self.postman.deliver(&self.socket, outgoing);
        if !all_by_udp {
            self.connections.deliver(&self.relay, &mut undelivered);
        }
        self.relay.sent();
        self.relay.not_delivered(undelivered);
    }

    fn farewell(&mut self) {
        let now = Instant::now();
        for room in self.relay.rooms().collect::<Vec<_>>() {
            self.relay.handle_command(now, crate::Command::CloseRoom { room });
        }
        self.send();
    }
}

enum Orders {
    Done,
    More,
    Stop,
}

impl Plan {
    fn relay(&self) -> Relay {
        Relay::new(RelayConfig {
            identity: self.identity.clone(),
            candidates: self.candidates.clone(),
            number: self.number,
            h264: self.h264,
            seed: rand::random(),
        })
    }
}
