//! The worker over real sockets on the loopback interface.

#![allow(clippy::unwrap_used)]

// A module of the test binary: nothing outside reaches it.
#[allow(unreachable_pub, dead_code, clippy::unwrap_used, clippy::expect_used)]
mod simulation;

use lika_sfu::worker::{Worker, WorkerConfig};
use lika_sfu::{Audience, Command, Event, JoinError, PeerId, Reception, RoomId};
use simulation::person::{Person, Publishes};
use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(10);

fn config() -> WorkerConfig {
    WorkerConfig {
        bind: SocketAddr::from(([127, 0, 0, 1], 0)),
        public_ips: vec![IpAddr::V4(Ipv4Addr::LOCALHOST)],
        core: None,
    }
}

fn worker() -> (Worker, Receiver<Event>) {
    let (tell, events) = mpsc::channel();
    let worker = Worker::spawn(&config(), move |event| {
        let _ = tell.send(event);
    });
    (worker.unwrap(), events)
}

/// A simulated person behind a real socket.
struct Attendee {
    id: PeerId,
    person: Person,
    socket: UdpSocket,
}

impl Attendee {
    fn join(worker: &Worker, room: RoomId, id: u64, audience: Audience) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(1))).unwrap();
        let mut person = Person::new(id, 4, Publishes::ALL, worker.local_addr());
        let (reply, answer) = mpsc::channel();
        let sent = worker.send(Command::Join {
            room,
            peer: PeerId(id),
            offer: person.offer(),
            audience,
            reception: Reception::Everyone,
            reply: Box::new(move |answer| reply.send(answer).unwrap()),
        });
        sent.unwrap();
        let answer = answer.recv_timeout(PATIENCE).unwrap().unwrap();
        person.take_answer(Instant::now(), &answer.sdp);
        Self {
            id: PeerId(id),
            person,
            socket,
        }
    }

    fn act(&mut self, relay: SocketAddr) {
        self.person.act(Instant::now());
        for datagram in self.person.outgoing.drain(..) {
            self.socket.send_to(&datagram, relay).unwrap();
        }
        let mut buffer = [0; 2048];
        while let Ok((len, _)) = self.socket.recv_from(&mut buffer) {
            self.person.receive(Instant::now(), &mut buffer[..len]);
        }
    }
}

fn until(what: &str, worker: &Worker, people: &mut [Attendee], condition: impl Fn(&[Attendee]) -> bool) {
    let end = Instant::now() + PATIENCE;
    while !condition(people) {
        assert!(Instant::now() < end, "not within {PATIENCE:?}: {what}");
        people.iter_mut().for_each(|attendee| attendee.act(worker.local_addr()));
    }
}

fn all_see_all(people: &[Attendee]) -> bool {
    people.iter().all(|receiver| {
        people
            .iter()
            .filter(|source| source.id != receiver.id)
            .all(|source| receiver.person.frames_of(source.id) > 5)
    })
}

#[test]
fn people_meet_over_real_sockets() {
    let (worker, events) = worker();
    let mut people: Vec<Attendee> = (1..=4)
        .map(|id| Attendee::join(&worker, RoomId(1), id, Audience::SPEAKING))
        .collect();
    until("all see all", &worker, &mut people, all_see_all);
    until("all hear all", &worker, &mut people, |people| {
        people
            .iter()
            .all(|p| p.person.sounds_of(people[0].id) > 5 || p.id == people[0].id)
    });
    let connected = events
        .try_iter()
        .filter(|event| matches!(event, Event::Connected { .. }))
        .count();
    assert_eq!(connected, 4);
}

#[test]
fn stopping_the_worker_tells_the_peers() {
    let (worker, _events) = worker();
    let mut people = [Attendee::join(&worker, RoomId(1), 1, Audience::SPEAKING)];
    until("connected", &worker, &mut people, |people| {
        people[0].person.connected.is_some()
    });
    let relay = worker.local_addr();
    drop(worker);
    let end = Instant::now() + PATIENCE;
    while !people[0].person.closed {
        assert!(Instant::now() < end, "no close_notify");
        people[0].act(relay);
    }
}

#[test]
fn a_fault_in_one_room_ends_that_room_alone() {
    let (worker, events) = worker();
    let mut people: Vec<Attendee> = [(1, 1), (1, 2), (2, 3), (2, 4)]
        .map(|(room, id)| Attendee::join(&worker, RoomId(room), id, Audience::SPEAKING))
        .into();
    let all_meet = |people: &[Attendee]| people.chunks(2).all(all_see_all);
    until("both rooms meet", &worker, &mut people, all_meet);
    let panicking = Command::Renegotiate {
        peer: PeerId(1),
        offer: String::new(),
        reply: Box::new(|_| panic!("a fault, made on purpose by the test")),
    };
    worker.send(panicking).unwrap();
    let failed =
        std::iter::from_fn(|| events.recv_timeout(PATIENCE).ok()).find(|e| matches!(e, Event::RoomFailed { .. }));
    assert_eq!(failed, Some(Event::RoomFailed { room: RoomId(1) }));
    let spared = people.split_off(2);
    let mut people: Vec<Attendee> = (1..=2)
        .map(|id| Attendee::join(&worker, RoomId(1), id, Audience::SPEAKING))
        .chain(spared)
        .collect();
    let before = people[2].person.frames_of(PeerId(4));
    until(
        "the failed room meets again, the other goes on",
        &worker,
        &mut people,
        |people| all_meet(people) && people[2].person.frames_of(PeerId(4)) > before + 10,
    );
    let lost = people[2..]
        .iter()
        .map(|p| p.person.lost_sounds().0 + p.person.lost_pictures().0);
    assert_eq!(lost.sum::<u64>(), 0);
    assert!(
        !events
            .try_iter()
            .any(|event| matches!(event, Event::Disconnected { .. } | Event::RoomFailed { .. }))
    );
}

#[test]
fn a_taken_port_is_said() {
    let taken = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr();
    let holder = UdpSocket::bind(taken.unwrap()).unwrap();
    let config = WorkerConfig {
        bind: holder.local_addr().unwrap(),
        ..config()
    };
    let error = Worker::spawn(&config, |_| ()).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::AddrInUse);
    assert!(error.to_string().contains(&config.bind.to_string()), "{error}");
}

#[test]
fn a_worker_without_a_public_address_is_refused() {
    let config = WorkerConfig {
        public_ips: vec![],
        ..config()
    };
    assert_eq!(
        Worker::spawn(&config, |_| ()).err().unwrap().kind(),
        ErrorKind::InvalidInput
    );
}

#[test]
fn bad_and_misplaced_offers_are_answered_with_the_reason() {
    let (worker, _events) = worker();
    let ask = |make: &dyn Fn(lika_sfu::Reply) -> Command| {
        let (reply, answer) = mpsc::channel();
        worker
            .send(make(Box::new(move |answer| reply.send(answer).unwrap())))
            .unwrap();
        answer.recv_timeout(PATIENCE).unwrap()
    };
    let bad = ask(&|reply| Command::Join {
        room: RoomId(1),
        peer: PeerId(1),
        offer: "not SDP".to_owned(),
        audience: Audience::LOBBY,
        reception: Reception::Everyone,
        reply,
    });
    assert!(matches!(bad, Err(JoinError::Offer(_))), "{bad:?}");
    let stranger = ask(&|reply| Command::Renegotiate {
        peer: PeerId(7),
        offer: String::new(),
        reply,
    });
    assert_eq!(stranger, Err(JoinError::NoSuchPeer(PeerId(7))));
}
