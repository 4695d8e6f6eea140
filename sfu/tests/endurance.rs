//! What the relay holds comes back to what it was when people have come and gone, and does not grow while a meeting goes
//! on. `MINUTES=240 cargo test --release -p lika-sfu --test endurance` holds a meeting of four hours.

#![allow(clippy::unwrap_used)]

// A module of the test binary: nothing outside reaches it.
#[allow(unreachable_pub, dead_code, clippy::unwrap_used, clippy::expect_used)]
mod simulation;

use lika_sfu::relay::Tables;
use lika_sfu::{Audience, Command, Layer, PeerId};
use simulation::network::Link;
use simulation::person::Publishes;
use simulation::{ROOM, Simulation};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::time::Duration;

/// Counts what each thread holds of the heap: tests that run beside one another do not disturb each other.
struct Counting;

thread_local! {
    static HELD: Cell<isize> = const { Cell::new(0) };
}

fn hold(bytes: usize, sign: isize) {
    // Not counted while the thread ends.
    let _ = HELD.try_with(|held| held.set(held.get() + sign * bytes.cast_signed()));
}

// SAFETY: everything is done by the system's allocator; only the sizes are noted.
#[allow(unsafe_code)]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        hold(layout.size(), 1);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        hold(layout.size(), -1);
        unsafe { System.dealloc(place, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const CYCLES: u64 = 500;
/// By then every table and buffer has the size it keeps.
const WARM_UP: u64 = 350;
/// What a single cycle may leave is far less than a peer or a slot; forgotten entries show in the relay's tables.
const BYTES_PER_CYCLE: isize = 64;
/// Minutes of the long meeting when none are asked for.
const FEW_MINUTES: u64 = 8;
/// Buffers breathe with the lines; one entry a second more in any table would be several times as much in four hours.
const BREATH: isize = 96 * 1024;

const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// What the relay's tables hold, and the bytes that the thread holds without what the simulation has noted.
fn held(meeting: &mut Simulation) -> (Tables, isize) {
    meeting.forget_past();
    (meeting.relay.tables(), HELD.get())
}

/// Somebody comes, is seen and enlarged, and goes.
fn come_and_go(meeting: &mut Simulation, id: u64, host: PeerId) {
    let guest = meeting.join(id, 3, Publishes::THUMBNAIL, Audience::SPEAKING);
    // One after another from the same address: it must not lead to whom it led before.
    meeting.person(guest).address = "192.0.2.200:40000".parse().unwrap();
    meeting.select(host, guest, Layer::High);
    meeting.run_until("both see each other", Duration::from_secs(2), |m| {
        m.people[&host].frames_of(guest) > 0 && m.people[&guest].frames_of(host) > 0
    });
    meeting.command(Command::Leave { peer: guest });
    meeting.run(ms(30));
    assert!(meeting.people.remove(&guest).unwrap().closed);
}

#[test]
fn nothing_is_left_of_five_hundred_who_came_and_went() {
    let mut meeting = Simulation::new(1);
    let empty = meeting.relay.tables();
    assert_eq!(empty, Tables::default());
    let host = meeting.join(1, 2, Publishes::THUMBNAIL, Audience::SPEAKING);
    meeting.run(ms(500));
    let mut base = None;
    for n in 0..WARM_UP + CYCLES {
        if n == WARM_UP {
            base = Some(held(&mut meeting));
        }
        come_and_go(&mut meeting, 1000 + n, host);
        meeting.forget_past();
    }
    let (tables_before, before) = base.unwrap();
    let (tables, after) = held(&mut meeting);
    assert_eq!(tables, tables_before);
    let left = after - before;
    assert!(
        left < CYCLES.cast_signed() as isize * BYTES_PER_CYCLE,
        "{left} bytes are left"
    );
    // Enlarging is still possible: nobody's place in the table is taken by somebody who has gone.
    assert_eq!(tables.wishes, 0);
    meeting.command(Command::CloseRoom { room: ROOM });
    meeting.run(ms(100));
    meeting.forget_past();
    assert_eq!(meeting.relay.tables(), empty);
}

#[test]
fn a_long_meeting_does_not_grow() {
    let asked = std::env::var("MINUTES").ok().and_then(|minutes| minutes.parse().ok());
    let minutes: u64 = asked.unwrap_or(FEW_MINUTES);
    let mut meeting = Simulation::new(2);
    let ids: Vec<PeerId> = (1..=3)
        .map(|id| meeting.join(id, 3, Publishes::THUMBNAIL, Audience::LISTENING))
        .collect();
    meeting.run_until("everyone sees everyone", Duration::from_secs(2), |m| {
        m.all_see_all(&ids, 3)
    });
    meeting.link(ids[1], Link::losing(0.01), Link::losing(0.01));
    let mut base = None;
    for minute in 0..minutes {
        // The floor goes round, and whoever has it is enlarged by the next.
        let turn = |n: u64| ids[((minute + n) % 3) as usize];
        let audience = |peer, audience| Command::SetAudience { peer, audience };
        meeting.command(audience(turn(2), Audience::LISTENING));
        meeting.command(audience(turn(0), Audience::SPEAKING));
        meeting.select(turn(1), turn(0), Layer::High);
        meeting.forget_past();
        meeting.run(Duration::from_secs(60));
        let heard = meeting.people[&turn(1)].sounds_of(turn(0));
        assert!(heard > 2850, "minute {minute}: {heard} of 3000 sounds");
        let frames = meeting.people[&turn(1)].frames_of(turn(0));
        assert!(frames > 800, "minute {minute}: {frames} of 900 frames");
        let (tables, bytes) = held(&mut meeting);
        match base {
            // Everybody has been enlarged by everybody after the first three.
            None if minute == 3.min(minutes / 2) => base = Some((tables, bytes)),
            None => {}
            Some((tables_before, bytes_before)) => {
                let grown = bytes - bytes_before;
                assert!(grown < BREATH, "minute {minute}: {grown} bytes more than at first");
                assert_eq!(
                    Tables { wishes: 0, ..tables },
                    Tables {
                        wishes: 0,
                        ..tables_before
                    }
                );
            }
        }
    }
    assert!(minutes < 2 || base.is_some(), "compared");
}
