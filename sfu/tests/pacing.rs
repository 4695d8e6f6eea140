//! Speech does not wait on a thin line behind pictures that come in bursts.

// A module of the test binary: nothing outside reaches it.
#[allow(unreachable_pub, dead_code, clippy::unwrap_used, clippy::expect_used)]
mod simulation;

use lika_sfu::{Audience, Layer, PeerId};
use simulation::Simulation;
use simulation::network::Link;
use simulation::person::Publishes;
use std::time::Duration;

const PEOPLE: u64 = 8;

/// Eight people who send what they are asked for; the first speaks, the last has enlarged the second and has a line of
/// `bps`. All frames are made at the same moment.
fn council(seed: u64, bps: u64) -> (Simulation, PeerId) {
    let mut meeting = Simulation::new(seed);
    let ids: Vec<PeerId> = (1..=PEOPLE)
        .map(|id| {
            let audience = if id == 1 {
                Audience::SPEAKING
            } else {
                Audience::LISTENING
            };
            let peer = meeting.join(id, PEOPLE as usize, Publishes::ALL, audience);
            meeting.person(peer).obeys = true;
            peer
        })
        .collect();
    let everybody = ids.clone();
    meeting.run_until("all see all", Duration::from_secs(3), |m| m.all_see_all(&everybody, 5));
    let thin = ids[PEOPLE as usize - 1];
    meeting.select(thin, ids[1], Layer::High);
    meeting.link(thin, Link::GOOD, Link::of_rate(bps));
    meeting.run(Duration::from_secs(8));
    (meeting, thin)
}

/// Without pacing, one in ten waits 41 and 57 ms.
#[test]
fn speech_does_not_wait_behind_pictures() {
    for bps in [600_000, 1_000_000] {
        let (mut meeting, thin) = council(7, bps);
        let address = meeting.person(thin).address;
        meeting.network.take_sound_waits(address);
        meeting.forget_gaps();
        meeting.run(Duration::from_secs(20));
        let waits = meeting.network.take_sound_waits(address);
        assert!(waits.len() >= 995, "{} of 1000 sounds", waits.len());
        let longest_of_most = waits[waits.len() * 9 / 10];
        assert!(
            longest_of_most <= Duration::from_millis(30),
            "at {bps}, one in ten waits {longest_of_most:?} and more"
        );
        for source in (1..PEOPLE).map(PeerId) {
            let gap = meeting.people[&thin].longest_gap(meeting.now, source);
            assert!(
                gap < Duration::from_millis(400),
                "at {bps}, {source} stood still for {gap:?}"
            );
        }
    }
}
