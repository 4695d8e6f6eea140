//! Links with delay, jitter, loss, duplication and reordering, from one seed.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// One direction of a path.
#[derive(Clone, Copy, Debug)]
pub struct Link {
    pub delay: Duration,
    pub jitter: Duration,
    pub loss: f64,
    pub duplicate: f64,
}

impl Link {
    pub const GOOD: Self = Self {
        delay: Duration::from_millis(10),
        jitter: Duration::ZERO,
        loss: 0.0,
        duplicate: 0.0,
    };
    pub const CUT: Self = Self {
        loss: 1.0,
        ..Self::GOOD
    };

    pub const fn losing(loss: f64) -> Self {
        Self { loss, ..Self::GOOD }
    }
}

type Flight = (Instant, u64, SocketAddr, SocketAddr, Vec<u8>);

/// Datagrams on their way.
pub struct Network {
    random: StdRng,
    links: HashMap<(SocketAddr, SocketAddr), Link>,
    flights: BinaryHeap<Reverse<Flight>>,
    sent: u64,
}

impl Network {
    pub fn new(seed: u64) -> Self {
        Self {
            random: StdRng::seed_from_u64(seed),
            links: HashMap::new(),
            flights: BinaryHeap::new(),
            sent: 0,
        }
    }

    pub fn set(&mut self, from: SocketAddr, to: SocketAddr, link: Link) {
        self.links.insert((from, to), link);
    }

    pub fn send(&mut self, now: Instant, from: SocketAddr, to: SocketAddr, datagram: &[u8]) {
        let link = self.links.get(&(from, to)).copied().unwrap_or(Link::GOOD);
        let copies = 1 + usize::from(self.random.random_bool(link.duplicate));
        for _ in 0..copies {
            if self.random.random_bool(link.loss) {
                continue;
            }
            self.sent += 1;
            let at = now + link.delay + link.jitter.mul_f64(self.random.random());
            self.flights.push(Reverse((at, self.sent, from, to, datagram.to_vec())));
        }
    }

    pub fn arrived(&mut self, now: Instant) -> Vec<(SocketAddr, SocketAddr, Vec<u8>)> {
        let mut arrived = Vec::new();
        while self.flights.peek().is_some_and(|Reverse(flight)| flight.0 <= now) {
            if let Some(Reverse((_, _, from, to, datagram))) = self.flights.pop() {
                arrived.push((from, to, datagram));
            }
        }
        arrived
    }
}
