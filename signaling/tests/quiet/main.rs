//! A healthy meeting over home lines, in virtual time: the handshakes, the encryption, the relay and the judge are the real
//! ones; people, pages and lines are simulated. Nobody is amber for a second.
//!
//! `make quiet-hours` holds a long one of forty people.

#![allow(clippy::expect_used)]

// A module of the test binary: nothing outside reaches it.
#[path = "../../../sfu/tests/simulation/mod.rs"]
#[allow(unreachable_pub, dead_code, clippy::unwrap_used, clippy::expect_used)]
mod simulation;

mod council;
mod page;

use council::{Council, Found};
use simulation::network::{Bursts, Link};
use std::env;
use std::time::Duration;

/// A home line, one way: 20 Mbit/s, and one packet in 360 is lost, nearly half of them in bursts.
const HOME: Link = Link {
    delay: Duration::from_millis(12),
    jitter: Duration::from_millis(8),
    loss: 0.0015,
    duplicate: 0.001,
    rate: Some(20_000_000),
    queue: Duration::from_millis(200),
    bursts: Some(Bursts {
        enter: 0.001,
        leave: 0.8,
    }),
};

fn asked(variable: &str, usually: u64) -> u64 {
    let asked = env::var(variable).ok();
    asked.map_or(usually, |number| number.parse().expect("a whole number"))
}

#[test]
fn a_healthy_meeting_over_home_lines_is_quiet() {
    let people = asked("LIKA_QUIET_PEOPLE", 6);
    let seconds = asked("LIKA_QUIET_MINUTES", 2) * 60;
    let mut council = Council::convened(people, HOME);
    let found = council.pass(seconds);
    println!("{people} people, {seconds} s: {found}");
    assert_eq!(
        found,
        Found::default(),
        "{:#?} {:#?}",
        council.bad_edges,
        council.transitions
    );
    assert_eq!(council.judged, seconds);
}

/// The meeting is one in which a fault would be found.
#[test]
fn a_line_that_loses_too_much_is_found_in_the_same_meeting() {
    let mut council = Council::convened(4, HOME);
    assert_eq!(council.pass(20), Found::default());
    let lossy = Link { loss: 0.3, ..HOME };
    council.line(2, HOME, lossy);
    let found = council.pass(30);
    assert!(found.red > 0, "{found}");
    let about_others = council.transitions.iter().filter(|(_, about)| *about != Some(2));
    assert_eq!(about_others.count(), 0, "{:?}", council.transitions);
}
