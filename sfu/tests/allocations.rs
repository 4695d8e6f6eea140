//! No allocation for each packet: a meeting runs until every buffer has its size; from then on a packet is received,
//! opened, kept, forwarded to everybody, sealed, sent, reported and sent again without a new one.
//!
//! What may allocate, since it does not come with packets: connectivity checks (every few seconds for each peer), the
//! shares of lines (ten times a second for each peer), the look at each room (ten times a second) and its sample (once).

#![allow(clippy::unwrap_used)]

#[allow(unreachable_pub, dead_code, clippy::unwrap_used, clippy::expect_used)]
mod simulation;

use lika_sfu::relay::Relay;
use lika_sfu::worker::{Worker, WorkerConfig};
use lika_sfu::{Audience, Event, PeerId, Reception, RoomId};
use simulation::person::{Person, Publishes};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::mpsc;
use std::time::{Duration, Instant};

thread_local! {
    static COUNTED: Cell<Option<u64>> = const { Cell::new(None) };
}

/// Counts the allocations of the threads that have asked for it.
struct Counting;

// SAFETY: hands everything on to the system's allocator; the counter is a plain value that never allocates.
#[allow(unsafe_code)]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count();
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        unsafe { System.realloc(pointer, layout, size) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn count() {
    // A thread that ends has no counter any more.
    let _ = COUNTED.try_with(|counted| counted.set(counted.get().map(|count| count + 1)));
}

/// What `work` gives, and how often it allocated.
fn counted<R>(work: impl FnOnce() -> R) -> (R, u64) {
    COUNTED.set(Some(0));
    let result = work();
    (result, COUNTED.take().unwrap_or_default())
}

/// Allocations by what they were made for.
#[derive(Debug, Default)]
struct Tally {
    media: u64,
    rtcp: u64,
    time: u64,
    sending: u64,
}

/// Allocations a second for each peer that do not come with packets: ten shares of its line, its part of ten looks at the
/// room, of the sample and of its checks.
const HOUSEKEEPING: u64 = 120;

const PATIENCE: Duration = Duration::from_secs(60);
const RELAY: ([u8; 4], u16) = ([198, 51, 100, 1], 10_000);
const STEP: Duration = Duration::from_millis(1);
const DELAY: usize = 10;

/// A meeting without a network: every datagram takes ten steps, and some of the pictures are lost.
struct Meeting {
    relay: Relay,
    people: Vec<(PeerId, Person)>,
    flight: VecDeque<Vec<(SocketAddr, Vec<u8>)>>,
    now: Instant,
    tally: Tally,
    sent: u64,
}

impl Meeting {
    fn of(people: u64) -> Self {
        let simulation = simulation::Simulation::new(1);
        let (relay, now) = (simulation.relay, simulation.now);
        let mut meeting = Self {
            relay,
            people: Vec::new(),
            flight: VecDeque::from(vec![Vec::new(); DELAY]),
            now,
            tally: Tally::default(),
            sent: 0,
        };
        (1..=people).for_each(|id| meeting.join(id, people as usize));
        meeting
    }

    fn join(&mut self, id: u64, slots: usize) {
        let mut person = Person::new(id, slots, Publishes::ALL, SocketAddr::from(RELAY));
        let (join, answered) = person.join(RoomId(1), Audience::SPEAKING, Reception::Everyone);
        self.relay.handle_command(self.now, join);
        person.take_answer(self.now, &answered.try_recv().unwrap().unwrap().sdp);
        self.people.push((PeerId(id), person));
    }

    fn run(&mut self, time: Duration) {
        let end = self.now + time;
        while self.now < end {
            self.now += STEP;
            self.people_to_relay();
            if self.relay.deadline().is_some_and(|at| self.now >= at) {
                self.tally.time += counted(|| self.relay.handle_timeout(self.now)).1;
            }
            self.relay_to_people();
        }
    }

    fn people_to_relay(&mut self) {
        for (_, person) in &mut self.people {
            person.act(self.now);
            let from = person.address;
            for mut datagram in person.outgoing.drain(..) {
                let kind = (datagram[0], datagram[1]);
                let ((), count) = counted(|| self.relay.handle_datagram(self.now, from, &mut datagram));
                match kind {
                    (128..=191, 192..=223) => self.tally.rtcp += count,
                    (128..=191, _) => self.tally.media += count,
                    _ => {}
                }
            }
        }
    }

    fn relay_to_people(&mut self) {
        let (datagrams, count) = counted(|| self.relay.outgoing().map(|(_, run)| run.segments).sum::<usize>());
        self.tally.sending += count;
        let mut left = Vec::with_capacity(datagrams);
        for (to, run) in self.relay.outgoing() {
            for datagram in run.bytes.chunks(run.size) {
                self.sent += 1;
                let is_lost = datagram.len() > 200 && self.sent.is_multiple_of(97);
                if !is_lost {
                    left.push((to.address, datagram.to_vec()));
                }
            }
        }
        self.tally.sending += counted(|| self.relay.sent()).1;
        while let Some(event) = self.relay.poll_event() {
            if let Event::SlotAssigned { receiver, slot, source } = event
                && let Some((_, person)) = self.people.iter_mut().find(|(id, _)| *id == receiver)
            {
                person.assign(usize::from(slot.0), source);
            }
        }
        self.flight.push_back(left);
        for (to, mut datagram) in self.flight.pop_front().unwrap_or_default() {
            if let Some((_, person)) = self.people.iter_mut().find(|(_, person)| person.address == to) {
                person.receive(self.now, &mut datagram);
            }
        }
    }
}

#[test]
fn a_meeting_that_has_warmed_up_allocates_nothing_for_its_packets() {
    let mut meeting = Meeting::of(5);
    meeting.run(Duration::from_secs(12));
    let before = *meeting.relay.counters();
    meeting.tally = Tally::default();
    meeting.run(Duration::from_secs(3));
    let after = *meeting.relay.counters();
    assert!(after.forwarded - before.forwarded > 3000, "a meeting: {after:?}");
    assert!(after.resent > before.resent + 5, "with repair");
    let tally = &meeting.tally;
    eprintln!("{tally:?}");
    assert_eq!((tally.media, tally.rtcp, tally.sending), (0, 0, 0), "{tally:?}");
}

/// How often the worker's thread allocated between two samples, and how many packets it forwarded, until a second that
/// `is_enough`. Samples are told on that thread.
fn a_second_of_a_worker(people: u64, is_enough: impl Fn(usize, u32) -> bool) -> (u64, u32) {
    let (tell, told) = mpsc::channel();
    let config = WorkerConfig {
        bind: SocketAddr::from(([127, 0, 0, 1], 0)),
        public_ips: vec![IpAddr::V4(Ipv4Addr::LOCALHOST)],
        tcp_port: None,
        core: None,
        number: 0,
        h264: true,
    };
    let on_event = move |event| {
        if let Event::Sample(sample) = event {
            let count = COUNTED.take();
            let forwarded = sample
                .edges
                .iter()
                .map(|edge| edge.sound_forwarded + edge.picture_forwarded);
            let _ = tell.send((count, forwarded.sum::<u32>()));
            drop(sample);
            COUNTED.set(Some(0));
        }
    };
    let worker = Worker::spawn(&config, on_event).unwrap();
    let mut people: Vec<(Person, UdpSocket)> = (1..=people)
        .map(|id| {
            let mut person = Person::new(id, people as usize, Publishes::ALL, worker.local_addr());
            let (join, answered) = person.join(RoomId(1), Audience::SPEAKING, Reception::Everyone);
            worker.send(join).unwrap();
            person.take_answer(Instant::now(), &answered.recv().unwrap().unwrap().sdp);
            let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
            // Waiting at one of them is enough.
            socket.set_nonblocking(id > 1).unwrap();
            socket.set_read_timeout(Some(STEP)).unwrap();
            (person, socket)
        })
        .collect();
    let end = Instant::now() + PATIENCE;
    let mut seconds = 0;
    loop {
        assert!(Instant::now() < end, "no second of a meeting within {PATIENCE:?}");
        for (person, socket) in &mut people {
            person.act(Instant::now());
            for datagram in person.outgoing.drain(..) {
                socket.send_to(&datagram, worker.local_addr()).unwrap();
            }
            let mut buffer = [0; 2048];
            while let Ok((len, _)) = socket.recv_from(&mut buffer) {
                person.receive(Instant::now(), &mut buffer[..len]);
            }
        }
        for (count, forwarded) in told
            .try_iter()
            .filter_map(|(count, forwarded)| Some((count?, forwarded)))
        {
            eprintln!("{count} allocations, {forwarded} packets forwarded");
            seconds += 1;
            if is_enough(seconds, forwarded) {
                return (count, forwarded);
            }
        }
    }
}

#[test]
fn a_worker_that_has_warmed_up_allocates_only_for_its_housekeeping() {
    let people = 6;
    let (count, forwarded) = a_second_of_a_worker(people, |seconds, forwarded| seconds > 8 && forwarded > 600);
    assert!(count <= HOUSEKEEPING * people, "{count} for {forwarded} packets");
}
