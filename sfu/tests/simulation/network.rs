//! Links with delay, jitter, loss (even and in bursts), duplication, reordering, a rate and a queue, from one seed.

use super::person::is_sound;
use super::rules::Rules;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::cmp::{Ordering, Reverse};
use std::collections::{BinaryHeap, HashMap};
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// One direction of a path.
#[derive(Clone, Copy, Debug)]
pub struct Link {
    pub delay: Duration,
    pub jitter: Duration,
    pub loss: f64,
    pub duplicate: f64,
    /// Bits a second, IP and UDP headers included; `None`: as fast as one likes.
    pub rate: Option<u64>,
    /// What waits longer for a rated link is dropped.
    pub queue: Duration,
    pub bursts: Option<Bursts>,
}

/// Loss in bursts (Gilbert–Elliott): everything is lost in the bad state.
#[derive(Clone, Copy, Debug)]
pub struct Bursts {
    /// From good to bad, and back, with each packet.
    pub enter: f64,
    pub leave: f64,
}

/// What a link remembers.
#[derive(Clone, Copy, Debug, Default)]
struct State {
    bad: bool,
    free_at: Option<Instant>,
}

/// Why a datagram does not arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Loss {
    /// The line loses some, whatever is sent.
    Chance,
    /// More was sent than the line carries.
    Queue,
}

const IP_UDP: usize = 28;

impl Link {
    pub const GOOD: Self = Self {
        delay: Duration::from_millis(10),
        jitter: Duration::ZERO,
        loss: 0.0,
        duplicate: 0.0,
        rate: None,
        queue: Duration::from_millis(300),
        bursts: None,
    };
    pub const CUT: Self = Self {
        loss: 1.0,
        ..Self::GOOD
    };

    pub const fn losing(loss: f64) -> Self {
        Self { loss, ..Self::GOOD }
    }

    pub const fn of_rate(bps: u64) -> Self {
        Self {
            rate: Some(bps),
            ..Self::GOOD
        }
    }
}

/// A datagram on its way.
struct Flight {
    arrives: Instant,
    number: u64,
    from: SocketAddr,
    to: SocketAddr,
    /// What held when it was sent.
    rules: Rc<Rules>,
    datagram: Vec<u8>,
}

/// A datagram that has come.
pub struct Arrived {
    pub from: SocketAddr,
    pub to: SocketAddr,
    /// What held when it was sent.
    pub rules: Rc<Rules>,
    pub datagram: Vec<u8>,
}

impl Flight {
    const fn order(&self) -> (Instant, u64) {
        (self.arrives, self.number)
    }
}

impl PartialEq for Flight {
    fn eq(&self, other: &Self) -> bool {
        self.order() == other.order()
    }
}

impl Eq for Flight {}

impl PartialOrd for Flight {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Flight {
    fn cmp(&self, other: &Self) -> Ordering {
        self.order().cmp(&other.order())
    }
}

/// Datagrams on their way.
pub struct Network {
    random: StdRng,
    links: HashMap<(SocketAddr, SocketAddr), Link>,
    states: HashMap<(SocketAddr, SocketAddr), State>,
    flights: BinaryHeap<Reverse<Flight>>,
    sent: u64,
    /// Sound packets to each address that chance took.
    sounds_lost: HashMap<SocketAddr, usize>,
    /// How long each sound packet to an address waited behind others for a rated link.
    sound_waits: HashMap<SocketAddr, Vec<Duration>>,
}

impl Network {
    pub fn new(seed: u64) -> Self {
        Self {
            random: StdRng::seed_from_u64(seed),
            links: HashMap::new(),
            states: HashMap::new(),
            flights: BinaryHeap::new(),
            sent: 0,
            sounds_lost: HashMap::new(),
            sound_waits: HashMap::new(),
        }
    }

    /// How many sound packets on their way to `to` were lost by chance: nothing that is sent less would have saved them.
    pub fn sounds_lost(&self, to: SocketAddr) -> usize {
        self.sounds_lost.get(&to).copied().unwrap_or_default()
    }

    /// How long the sound packets to `to` have waited for a rated link since the last call, the shortest first.
    pub fn take_sound_waits(&mut self, to: SocketAddr) -> Vec<Duration> {
        let mut waits = self.sound_waits.remove(&to).unwrap_or_default();
        waits.sort_unstable();
        waits
    }

    pub fn set(&mut self, from: SocketAddr, to: SocketAddr, link: Link) {
        self.links.insert((from, to), link);
    }

    /// A datagram sets out; `rules` hold now.
    pub fn send(&mut self, now: Instant, (from, to): (SocketAddr, SocketAddr), rules: &Rc<Rules>, datagram: &[u8]) {
        let link = self.links.get(&(from, to)).copied().unwrap_or(Link::GOOD);
        let copies = 1 + usize::from(self.random.random_bool(link.duplicate));
        for _ in 0..copies {
            let leaves = match self.leaves(now, (from, to), link, datagram.len()) {
                Ok(leaves) => {
                    if link.rate.is_some() && is_sound(datagram) {
                        self.sound_waits.entry(to).or_default().push(leaves - now);
                    }
                    leaves
                }
                Err(loss) => {
                    let counts = loss == Loss::Chance && is_sound(datagram);
                    *self.sounds_lost.entry(to).or_default() += usize::from(counts);
                    continue;
                }
            };
            self.sent += 1;
            self.flights.push(Reverse(Flight {
                arrives: leaves + link.delay + link.jitter.mul_f64(self.random.random()),
                number: self.sent,
                from,
                to,
                rules: Rc::clone(rules),
                datagram: datagram.to_vec(),
            }));
        }
    }

    /// When a datagram is through the bottleneck, if it is not lost there or on the way.
    fn leaves(
        &mut self,
        now: Instant,
        path: (SocketAddr, SocketAddr),
        link: Link,
        bytes: usize,
    ) -> Result<Instant, Loss> {
        let state = self.states.entry(path).or_default();
        if let Some(bursts) = link.bursts {
            let change = if state.bad { bursts.leave } else { bursts.enter };
            state.bad ^= self.random.random_bool(change);
        }
        let lost = self.random.random_bool(link.loss) || (link.bursts.is_some() && state.bad);
        let Some(rate) = link.rate else {
            return if lost { Err(Loss::Chance) } else { Ok(now) };
        };
        let begins = state.free_at.map_or(now, |free| free.max(now));
        if begins - now > link.queue {
            return Err(Loss::Queue);
        }
        let leaves = begins + Duration::from_secs_f64((bytes + IP_UDP) as f64 * 8.0 / rate as f64);
        state.free_at = Some(leaves);
        if lost { Err(Loss::Chance) } else { Ok(leaves) }
    }

    /// The next datagram that has come by now.
    pub fn arrived(&mut self, now: Instant) -> Option<Arrived> {
        self.flights.peek().filter(|Reverse(flight)| flight.arrives <= now)?;
        let Reverse(flight) = self.flights.pop()?;
        Some(Arrived {
            from: flight.from,
            to: flight.to,
            rules: flight.rules,
            datagram: flight.datagram,
        })
    }
}
