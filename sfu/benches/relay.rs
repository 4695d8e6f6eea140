//! The relay's own work, without sockets: `cargo bench -p lika-sfu --bench relay`.
//!
//! A meeting of forty, everybody a thumbnail and sound: nanoseconds for each packet forwarded. A worker with 1024 peers on
//! whom nothing happens: microseconds for each second.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

#[allow(unreachable_pub, dead_code, clippy::unwrap_used, clippy::expect_used)]
#[path = "../tests/simulation/mod.rs"]
mod simulation;

use lika_sfu::{Audience, Reception, RoomId};
use simulation::Simulation;
use simulation::person::{Person, Publishes};
use std::net::SocketAddr;
use std::time::Duration;

const STEP: Duration = Duration::from_millis(1);

/// What this thread has worked: other programs on the machine do not count.
fn processor_time() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the kernel writes one timespec.
    #[allow(unsafe_code)]
    unsafe {
        libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time);
    }
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// A relay and its people, joined and connected; what the relay sends reaches them only until then.
struct Meeting {
    simulation: Simulation,
    people: Vec<Person>,
    /// Spent in the relay.
    work: Duration,
}

impl Meeting {
    fn of(rooms: u64, people: u64, slots: usize, publishes: Publishes) -> Self {
        let mut simulation = Simulation::new(1);
        let relay = SocketAddr::from(([198, 51, 100, 1], 10_000));
        let mut joined = Vec::new();
        for id in 0..rooms * people {
            let mut person = Person::new(id + 1, slots, publishes, relay);
            // Of the simulation's own address only the first 250 are different.
            person.address = SocketAddr::from(([10, 0, (id >> 8) as u8, id as u8], 5000));
            let (join, answered) = person.join(RoomId(id / people), Audience::SPEAKING, Reception::Everyone);
            simulation.command(join);
            person.take_answer(simulation.now, &answered.try_recv().unwrap().unwrap().sdp);
            joined.push(person);
        }
        let mut meeting = Self {
            simulation,
            people: joined,
            work: Duration::ZERO,
        };
        while meeting.people.iter().any(|person| person.connected.is_none()) {
            meeting.step(true, true);
        }
        meeting
    }

    fn step(&mut self, sends: bool, receives: bool) {
        let Simulation { relay, now, .. } = &mut self.simulation;
        *now += STEP;
        for person in self.people.iter_mut().filter(|_| sends) {
            person.act(*now);
            for mut datagram in person.outgoing.drain(..) {
                let began = processor_time();
                relay.handle_datagram(*now, person.address, &mut datagram);
                self.work += processor_time() - began;
            }
        }
        if relay.deadline().is_some_and(|at| *now >= at) {
            let began = processor_time();
            relay.handle_timeout(*now);
            self.work += processor_time() - began;
        }
        if receives {
            for (to, run) in relay.outgoing() {
                let person = self
                    .people
                    .iter_mut()
                    .find(|person| person.address == to.address)
                    .unwrap();
                run.bytes
                    .chunks(run.size)
                    .for_each(|datagram| person.receive(*now, &mut datagram.to_vec()));
            }
        }
        relay.sent();
        while relay.poll_event().is_some() {}
    }

    /// What the relay works in `time`, and how many packets it forwards.
    fn measure(&mut self, time: Duration, sends: bool) -> (Duration, u64) {
        let before = self.simulation.relay.counters().forwarded;
        self.work = Duration::ZERO;
        let end = self.simulation.now + time;
        while self.simulation.now < end {
            self.step(sends, false);
        }
        (self.work, self.simulation.relay.counters().forwarded - before)
    }
}

fn main() {
    let mut meeting = Meeting::of(1, 40, 39, Publishes::THUMBNAIL);
    meeting.measure(Duration::from_secs(2), true);
    let (work, forwarded) = meeting.measure(Duration::from_secs(5), true);
    let each = work.as_nanos() as f64 / forwarded.max(1) as f64;
    println!("forwarding, 40 all to all: {each:.0} ns a packet ({forwarded} packets)");

    let mut idle = Meeting::of(8, 128, 16, Publishes::THUMBNAIL);
    idle.measure(Duration::from_secs(4), false);
    let (work, _) = idle.measure(Duration::from_secs(10), false);
    println!("1024 idle peers: {:.0} us a second", work.as_micros() as f64 / 10.0);
}
