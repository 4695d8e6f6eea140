//! The relay with simulated people over simulated networks: one process, one seed, virtual time. The handshakes, the
//! encryption and the relay are the real ones.

pub mod network;
pub mod person;
pub mod plan;
pub mod rules;

use lika_sfu::dtls::Identity;
use lika_sfu::ice::Candidate;
use lika_sfu::relay::{Relay, RelayConfig};
use lika_sfu::sample::RoomSample;
use lika_sfu::{Audience, Command, Event, JoinError, Layer, PeerId, Priority, Reception, RoomId};
use network::{Arrived, Link, Network};
use person::{Person, Publishes};
use rules::Rules;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::mpsc;
use std::time::{Duration, Instant};

pub const ROOM: RoomId = RoomId(1);
const STEP: Duration = Duration::from_millis(1);

/// A relay, its people, and the network between them.
pub struct Simulation {
    pub relay: Relay,
    pub people: BTreeMap<PeerId, Person>,
    pub network: Network,
    pub events: Vec<Event>,
    pub now: Instant,
    start: Instant,
    relay_address: SocketAddr,
    rules: Rc<Rules>,
    /// Datagrams that the relay was given, and that it gave.
    received: u64,
    sent: u64,
}

impl Simulation {
    pub fn new(seed: u64) -> Self {
        Self::with(seed, true)
    }

    /// `h264`: whether the relay takes H.264.
    pub fn with(seed: u64, h264: bool) -> Self {
        let relay_address = SocketAddr::from(([198, 51, 100, 1], 10_000));
        let identity = Identity::generate().expect("a certificate");
        let now = Instant::now();
        Self {
            relay: Relay::new(RelayConfig {
                identity,
                candidates: vec![Candidate::Udp(relay_address)],
                number: 0,
                h264,
                seed,
            }),
            people: BTreeMap::new(),
            network: Network::new(seed),
            events: Vec::new(),
            now,
            start: now,
            relay_address,
            rules: Rc::default(),
            received: 0,
            sent: 0,
        }
    }

    /// Somebody joins the room; `slots` places to see others.
    pub fn join(&mut self, id: u64, slots: usize, publishes: Publishes, audience: Audience) -> PeerId {
        self.join_as(id, slots, publishes, audience, Reception::Everyone)
    }

    pub fn join_as(
        &mut self,
        id: u64,
        slots: usize,
        publishes: Publishes,
        audience: Audience,
        reception: Reception,
    ) -> PeerId {
        self.join_room(ROOM, id, slots, publishes, audience, reception)
    }

    pub fn join_room(
        &mut self,
        room: RoomId,
        id: u64,
        slots: usize,
        publishes: Publishes,
        audience: Audience,
        reception: Reception,
    ) -> PeerId {
        self.try_join(room, id, slots, publishes, audience, reception)
            .expect("accepted")
    }

    pub fn try_join(
        &mut self,
        room: RoomId,
        id: u64,
        slots: usize,
        publishes: Publishes,
        audience: Audience,
        reception: Reception,
    ) -> Result<PeerId, JoinError> {
        let peer = PeerId(id);
        let mut person = Person::new(id, slots, publishes, self.relay_address);
        let (command, answered) = person.join(room, audience, reception);
        self.relay.handle_command(self.now, command);
        let answer = answered.try_recv().expect("answered at once")?;
        person.take_answer(self.now, &answer.sdp);
        Rc::make_mut(&mut self.rules).joined(peer, room, audience, reception);
        self.people.insert(peer, person);
        Ok(peer)
    }

    /// Offers again: as things are, or after `Person::restart_ice` with new credentials.
    pub fn renegotiate(&mut self, peer: PeerId) {
        let (answers, answered) = mpsc::channel();
        let offer = self.person(peer).offer();
        let reply = Box::new(move |answer| answers.send(answer).expect("waiting"));
        self.command(Command::Renegotiate { peer, offer, reply });
        let answer = answered.try_recv().expect("answered at once").expect("accepted");
        self.person(peer).take_further_answer(&answer.sdp);
    }

    pub fn command(&mut self, command: Command) {
        Rc::make_mut(&mut self.rules).ordered(&command);
        self.relay.handle_command(self.now, command);
    }

    pub fn person(&mut self, id: PeerId) -> &mut Person {
        self.people.get_mut(&id).expect("has joined")
    }

    pub fn link(&mut self, id: PeerId, up: Link, down: Link) {
        let address = self.person(id).address;
        self.network.set(address, self.relay_address, up);
        self.network.set(self.relay_address, address, down);
    }

    /// Somebody has another address: everything from the old one is lost, and what is sent to it.
    pub fn move_to(&mut self, id: PeerId, address: &str) {
        self.forget_gaps();
        self.person(id).address = address.parse().expect("an address");
    }

    pub fn forget_gaps(&mut self) {
        self.people.values_mut().for_each(Person::forget_gaps);
    }

    /// Forgets what was noted of the past, so that only what the relay holds can grow.
    pub fn forget_past(&mut self) {
        self.events = Vec::new();
        self.people.values_mut().for_each(Person::forget_past);
    }

    /// The longest time between two frames of anybody else on the screen of `id`, and of `id` on theirs.
    pub fn longest_gap(&self, id: PeerId) -> Duration {
        let others = || self.people.keys().filter(|other| **other != id);
        let seen = others().map(|other| self.people[&id].longest_gap(self.now, *other));
        let shown = others().map(|other| self.people[other].longest_gap(self.now, id));
        seen.chain(shown).max().expect("not alone")
    }

    pub fn elapsed(&self) -> Duration {
        self.now - self.start
    }

    /// Lets time pass.
    pub fn run(&mut self, time: Duration) {
        let end = self.now + time;
        while self.now < end {
            self.step();
        }
    }

    /// Lets time pass until `condition` holds; panics with `what` after `patience`.
    pub fn run_until(&mut self, what: &str, patience: Duration, condition: impl Fn(&Self) -> bool) {
        let end = self.now + patience;
        while !condition(self) {
            assert!(self.now < end, "not within {patience:?}: {what}");
            self.step();
        }
    }

    fn step(&mut self) {
        self.now += STEP;
        for person in self.people.values_mut() {
            person.act(self.now);
            let path = (person.address, self.relay_address);
            for datagram in person.outgoing.drain(..) {
                self.network.send(self.now, path, &self.rules, &datagram);
            }
        }
        while let Some(arrived) = self.network.arrived(self.now) {
            self.deliver(arrived);
        }
        if self.relay.deadline().is_some_and(|at| self.now >= at) {
            self.relay.handle_timeout(self.now);
        }
        for (to, run) in self.relay.outgoing() {
            for datagram in run.bytes.chunks(run.size) {
                self.sent += 1;
                let path = (self.relay_address, to.address);
                self.network.send(self.now, path, &self.rules, datagram);
            }
        }
        self.relay.sent();
        self.check_counters();
        while let Some(event) = self.relay.poll_event() {
            self.take(&event);
            self.events.push(event);
        }
    }

    /// A datagram that nobody here has sent reaches the relay.
    pub fn inject(&mut self, from: SocketAddr, datagram: &mut [u8]) {
        self.received += 1;
        self.relay.handle_datagram(self.now, from, datagram);
    }

    fn deliver(&mut self, arrived: Arrived) {
        let Arrived {
            from,
            to,
            rules,
            mut datagram,
        } = arrived;
        if to == self.relay_address {
            self.received += 1;
            self.relay.handle_datagram(self.now, from, &mut datagram);
        } else if let Some((id, person)) = self.people.iter_mut().find(|(_, person)| person.address == to) {
            person.receive(self.now, &mut datagram);
            for made in person.came.drain(..) {
                assert!(rules.allow(*id, made), "{id} was sent what is forbidden: {made:?}");
            }
        }
    }

    /// Nothing is lost in silence.
    fn check_counters(&self) {
        let counters = self.relay.counters();
        assert_eq!(counters.unaccounted(), [0; 4], "{counters:?}");
        assert_eq!((counters.received, counters.sent), (self.received, self.sent));
    }

    fn take(&mut self, event: &Event) {
        if let Event::SlotAssigned { receiver, slot, source } = event
            && let Some(person) = self.people.get_mut(receiver)
        {
            person.assign(usize::from(slot.0), *source);
        }
        if let Event::Publish { peer, publishing } = event
            && let Some(person) = self.people.get_mut(peer)
        {
            person.ask(*publishing);
        }
    }

    /// The newest sample.
    pub fn sample(&self) -> &RoomSample {
        let newest = self.events.iter().rev().find_map(|event| match event {
            Event::Sample(sample) => Some(&**sample),
            _ => None,
        });
        newest.expect("a second has passed")
    }

    /// Whether everybody of `ids` is shown every other's picture of at least `frames` frames.
    pub fn all_see_all(&self, ids: &[PeerId], frames: u64) -> bool {
        ids.iter().all(|receiver| {
            ids.iter()
                .filter(|source| *source != receiver)
                .all(|source| self.people[receiver].frames_of(*source) >= frames)
        })
    }

    pub fn select(&mut self, receiver: PeerId, source: PeerId, layer: Layer) {
        self.command(Command::SelectLayer {
            receiver,
            source,
            layer,
            priority: Priority::Enlarged,
        });
    }
}
