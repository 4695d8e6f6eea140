//! ICE-TCP over real sockets on the loopback interface.

#![allow(clippy::unwrap_used)]

// A module of the test binary: nothing outside reaches it.
#[allow(unreachable_pub, dead_code, clippy::unwrap_used, clippy::expect_used)]
mod simulation;

use lika_sfu::worker::tcp::Arrival;
use lika_sfu::worker::tcp::framing::{Deframer, length};
use lika_sfu::worker::{NoWorker, Place, Pool, WorkerConfig};
use lika_sfu::{Audience, Command, PeerId, Reception, RoomId};
use simulation::person::{Person, Publishes};
use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::num::NonZeroU8;
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// Far more than it takes on a machine that does nothing else.
const PATIENCE: Duration = Duration::from_secs(40);
const TCP_PORT: u16 = 443;

/// Two workers, and a port that hands connections to them as the HTTPS port does.
struct Relay {
    pool: Pool,
    door: TcpListener,
}

impl Relay {
    fn start() -> Self {
        let config = WorkerConfig {
            bind: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            public_ips: vec![Ipv4Addr::LOCALHOST.into()],
            tcp_port: Some(TCP_PORT),
            core: None,
            number: 0,
            h264: true,
        };
        Self {
            pool: Pool::spawn(&config, NonZeroU8::new(2).unwrap(), |_| ()).unwrap(),
            door: TcpListener::bind("127.0.0.1:0").unwrap(),
        }
    }

    fn second_worker(&self) -> Place {
        self.pool.places().nth(1).unwrap()
    }

    /// A connection whose first datagram is `first`; `place` is dropped when it is over.
    fn connect(&self, first: &[u8], place: impl Send + 'static) -> (TcpStream, Result<(), NoWorker>) {
        let stream = TcpStream::connect(self.door.local_addr().unwrap()).unwrap();
        stream.set_read_timeout(Some(Duration::from_millis(1))).unwrap();
        let (accepted, remote) = self.door.accept().unwrap();
        let arrival = Arrival {
            stream: accepted,
            remote,
            first: first.to_vec(),
            place: Box::new(place),
        };
        (stream, self.pool.accept(arrival))
    }

    fn join(&self, id: u64, slots: usize) -> Person {
        let place = self.second_worker();
        let relay = self.pool.local_addr(place).unwrap();
        let mut person = Person::new(id, slots, Publishes::ALL, relay);
        let (join, answer) = person.join(RoomId(1), Audience::SPEAKING, Reception::Everyone);
        self.pool.send(place, join).unwrap();
        let answer = answer.recv_timeout(PATIENCE).unwrap().unwrap();
        let tcp = format!(" 127.0.0.1 {TCP_PORT} typ host tcptype passive");
        let offered = |line: &str| line.starts_with("a=candidate:") && line.contains(" tcp ") && line.ends_with(&tcp);
        assert!(answer.sdp.lines().any(offered), "{}", answer.sdp);
        person.take_answer(Instant::now(), &answer.sdp);
        person
    }
}

/// What a person sends and receives by.
enum Line {
    Udp(UdpSocket),
    Tcp(TcpStream, Deframer),
}

impl Line {
    fn act(&mut self, person: &mut Person, relay: SocketAddr) {
        let now = Instant::now();
        person.act(now);
        let outgoing: Vec<Vec<u8>> = person.outgoing.drain(..).collect();
        let mut buffer = [0; 4096];
        match self {
            Self::Udp(socket) => {
                for datagram in outgoing {
                    socket.send_to(&datagram, relay).unwrap();
                }
                while let Ok(len) = socket.recv(&mut buffer) {
                    person.receive(now, &mut buffer[..len]);
                }
            }
            Self::Tcp(stream, deframer) => {
                for datagram in outgoing {
                    stream
                        .write_all(&[&length(&datagram).unwrap()[..], &datagram].concat())
                        .unwrap();
                }
                while let Ok(len) = stream.read(&mut buffer) {
                    assert!(len > 0, "the relay closed the connection");
                    deframer
                        .take(&buffer[..len], |datagram| person.receive(now, datagram))
                        .unwrap();
                }
            }
        }
    }
}

fn by_tcp(relay: &Relay, person: &mut Person, place: impl Send + 'static) -> Line {
    let (stream, taken) = relay.connect(&next_check(person), place);
    taken.unwrap();
    Line::Tcp(stream, Deframer::default())
}

/// The person's next connectivity check; what they send before it is lost.
fn next_check(person: &mut Person) -> Vec<u8> {
    loop {
        person.act(Instant::now());
        let is_check = |datagram: &Vec<u8>| datagram.first() == Some(&0);
        if let Some(check) = person.outgoing.drain(..).find(is_check) {
            return check;
        }
    }
}

fn by_udp() -> Line {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(Duration::from_millis(1))).unwrap();
    Line::Udp(socket)
}

/// Runs until `condition` holds.
fn until(what: &str, relay: &Relay, people: &mut [(Person, Line)], condition: impl Fn(&[(Person, Line)]) -> bool) {
    let address = relay.pool.local_addr(relay.second_worker()).unwrap();
    let end = Instant::now() + PATIENCE;
    while !condition(people) {
        assert!(Instant::now() < end, "not within {PATIENCE:?}: {what}");
        people.iter_mut().for_each(|(person, line)| line.act(person, address));
    }
}

fn each_meets_the_other(people: &[(Person, Line)]) -> bool {
    let meets = |receiver: usize, source: u64| {
        let person = &people[receiver].0;
        person.frames_of(PeerId(source)) > 10 && person.sounds_of(PeerId(source)) > 25
    };
    meets(0, 2) && meets(1, 1)
}

#[test]
fn one_comes_by_tcp_and_meets_one_who_comes_by_udp() {
    let relay = Relay::start();
    let (mut one, other) = (relay.join(1, 2), relay.join(2, 2));
    let tcp = by_tcp(&relay, &mut one, ());
    let mut people = [(one, tcp), (other, by_udp())];
    until("each meets the other", &relay, &mut people, each_meets_the_other);
    for (person, _) in &people {
        assert_eq!((person.lost_sounds().0, person.lost_pictures().0), (0, 0));
    }
}

#[test]
fn whoever_loses_udp_goes_on_by_tcp_with_the_same_keys() {
    let relay = Relay::start();
    let people = [relay.join(1, 2), relay.join(2, 2)];
    let mut people = people.map(|person| (person, by_udp()));
    until("each meets the other", &relay, &mut people, each_meets_the_other);
    people[0].0.forget_gaps();
    people[0].1 = by_tcp(&relay, &mut people[0].0, ());
    let before = people[0].0.frames_of(PeerId(2));
    until("goes on", &relay, &mut people, |people| {
        people[0].0.frames_of(PeerId(2)) > before + 20
    });
    let gap = people[0].0.frames[&2].longest_gap;
    assert!(gap < Duration::from_secs(2), "{gap:?}");
}

#[test]
fn a_connection_is_over_when_its_peer_leaves() {
    let relay = Relay::start();
    let mut person = relay.join(1, 1);
    let (place, given_back) = mpsc::channel::<()>();
    let tcp = by_tcp(&relay, &mut person, place);
    let mut people = [(person, tcp)];
    until("connected", &relay, &mut people, |people| {
        people[0].0.connected.is_some()
    });
    let leave = Command::Leave { peer: PeerId(1) };
    relay.pool.send(relay.second_worker(), leave).unwrap();
    until("told by DTLS", &relay, &mut people, |people| people[0].0.closed);
    assert_eq!(
        given_back.recv_timeout(PATIENCE),
        Err(mpsc::RecvTimeoutError::Disconnected),
        "its place among the connections is free"
    );
}

#[test]
fn a_connection_without_an_authentic_check_is_closed() {
    let relay = Relay::start();
    let mut person = relay.join(1, 1);
    // Without its FINGERPRINT (8 bytes) the check ends with its MESSAGE-INTEGRITY, which is altered.
    let mut forged = next_check(&mut person);
    forged.truncate(forged.len() - 8);
    forged[3] -= 8;
    *forged.last_mut().unwrap() ^= 1;
    let (mut stream, taken) = relay.connect(&forged, ());
    assert_eq!(taken, Ok(()), "its user name is a worker's");
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let ended = match stream.read(&mut [0; 100]) {
        Ok(len) => len == 0,
        Err(error) => error.kind() == ErrorKind::ConnectionReset,
    };
    assert!(ended, "it is not kept");
    let (_, refused) = relay.connect(b"no check at all, but something else entirely", ());
    assert_eq!(refused, Err(NoWorker));
}
