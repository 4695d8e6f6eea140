//! Stories of networks that change and of a relay that is full, over simulated networks.

// A module of the test binary: nothing outside reaches it.
#[allow(unreachable_pub, dead_code, clippy::unwrap_used, clippy::expect_used)]
mod simulation;

use lika_sfu::{Audience, Event, JoinError, PeerId, Reception, RoomId, SrtpProfile};
use simulation::Simulation;
use simulation::person::Publishes;
use std::time::Duration;

const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

const fn secs(s: u64) -> Duration {
    Duration::from_secs(s)
}

/// So many people in the meeting, all of them heard and seen.
fn council(seed: u64, people: u64, publishes: Publishes) -> (Simulation, Vec<PeerId>) {
    let mut meeting = Simulation::new(seed);
    let join = |id| meeting.join(id, people as usize, publishes, Audience::SPEAKING);
    let ids: Vec<PeerId> = (1..=people).map(join).collect();
    let everyone = ids.clone();
    meeting.run_until("everyone sees everyone", secs(2), |m| m.all_see_all(&everyone, 3));
    (meeting, ids)
}

#[test]
fn an_overloaded_relay_refuses_new_rooms_and_not_those_who_come_late() {
    let (mut meeting, ids) = council(19, 2, Publishes::THUMBNAIL);
    meeting.relay.refuse_new_rooms(true);
    let refused = meeting.try_join(
        RoomId(2),
        21,
        2,
        Publishes::THUMBNAIL,
        Audience::SPEAKING,
        Reception::Everyone,
    );
    assert_eq!(refused, Err(JoinError::Overloaded));
    let late = meeting.join(3, 2, Publishes::THUMBNAIL, Audience::LISTENING);
    meeting.run_until("the late one is seen", secs(1), |m| {
        m.people[&ids[0]].frames_of(late) > 3
    });
    meeting.relay.refuse_new_rooms(false);
    let taken = meeting.try_join(
        RoomId(2),
        21,
        2,
        Publishes::THUMBNAIL,
        Audience::SPEAKING,
        Reception::Everyone,
    );
    assert_eq!(taken, Ok(PeerId(21)));
}

#[test]
fn a_new_address_behind_the_same_router_takes_over_with_its_first_check() {
    // All checks nominate (Chromium), or only the first ones do (Firefox).
    for nominations in [u32::MAX, 1] {
        for moment in [0, 130, 560, 990] {
            let (mut meeting, ids) = council(20, 3, Publishes::ALL);
            meeting.person(ids[1]).nominations = nominations;
            meeting.run(ms(2000 + moment));
            meeting.move_to(ids[1], "192.0.2.2:51000");
            meeting.run(secs(4));
            let gap = meeting.longest_gap(ids[1]);
            assert!(gap < ms(1900), "{nominations} nominations, {moment} ms: {gap:?}");
            assert_eq!(meeting.relay.counters().not_opened, 0, "the keys are the same");
            let ended = |event: &Event| matches!(event, Event::Disconnected { .. });
            assert!(!meeting.events.iter().any(ended));
        }
    }
}

#[test]
fn an_ice_restart_on_another_network_keeps_dtls_and_ssrcs() {
    let (mut meeting, ids) = council(21, 3, Publishes::ALL);
    meeting.run(secs(2));
    for address in ["198.18.0.7:1234", "[2001:db8::7]:1234", "198.18.0.8:1234"] {
        meeting.move_to(ids[1], address);
        meeting.run(ms(300));
        meeting.person(ids[1]).restart_ice();
        meeting.renegotiate(ids[1]);
        meeting.run(secs(2));
        let gap = meeting.longest_gap(ids[1]);
        assert!(gap < ms(500), "at {address}: {gap:?}");
    }
    let connected = Event::Connected {
        peer: ids[1],
        profile: SrtpProfile::AeadAes128Gcm,
    };
    assert_eq!(
        meeting.events.iter().filter(|event| **event == connected).count(),
        1,
        "one handshake"
    );
    assert_eq!(meeting.relay.counters().not_opened, 0, "the keys are the same");
}

#[test]
fn an_ice_restart_on_the_same_path_costs_nothing() {
    let (mut meeting, ids) = council(22, 3, Publishes::ALL);
    meeting.run(secs(1));
    meeting.forget_gaps();
    meeting.person(ids[1]).restart_ice();
    meeting.renegotiate(ids[1]);
    meeting.run(secs(2));
    let gap = meeting.longest_gap(ids[1]);
    assert!(gap < ms(100), "{gap:?}");
    for id in &ids {
        let person = &meeting.people[id];
        assert_eq!((person.lost_sounds().0, person.lost_pictures().0), (0, 0), "{id}");
    }
}
