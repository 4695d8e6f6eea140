//! Stories of a meeting on the relay, over simulated networks.

// A module of the test binary: nothing outside reaches it.
#[allow(unreachable_pub, dead_code, clippy::unwrap_used, clippy::expect_used)]
mod simulation;

use lika_sfu::limits::CATCH_UP_BPS;
use lika_sfu::{Audience, Circles, Command, Disconnection, Event, Layer, PeerId, Reception, RoomId, SrtpProfile};
use simulation::network::{Bursts, Link};
use simulation::person::{Publishes, SOUND};
use simulation::{ROOM, Simulation};
use std::time::Duration;

const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

const fn secs(s: u64) -> Duration {
    Duration::from_secs(s)
}

/// `people` in the meeting, the first with an open microphone.
fn council(seed: u64, people: u64, publishes: Publishes) -> (Simulation, Vec<PeerId>) {
    let mut meeting = Simulation::new(seed);
    let ids: Vec<PeerId> = (1..=people)
        .map(|id| {
            let audience = if id == 1 {
                Audience::SPEAKING
            } else {
                Audience::LISTENING
            };
            meeting.join(id, people as usize, publishes, audience)
        })
        .collect();
    let everyone = ids.clone();
    meeting.run_until("everyone sees everyone", secs(2), |m| m.all_see_all(&everyone, 3));
    (meeting, ids)
}

#[test]
fn everyone_sees_everyone_and_hears_only_the_open_microphone() {
    let (mut meeting, ids) = council(1, 6, Publishes::ALL);
    meeting.run(secs(3));
    for receiver in &ids {
        for source in ids.iter().filter(|source| *source != receiver) {
            let heard = meeting.people[receiver].sounds_of(*source);
            if source.0 == 1 {
                assert!(heard > 100, "{receiver} heard {heard} packets of the speaker");
            } else {
                assert_eq!(heard, 0, "{receiver} heard the closed microphone of {source}");
            }
        }
    }
    let sample = meeting.sample();
    for leg in &sample.legs {
        let sound = leg.sound.expect("measured though closed");
        assert!((45..=55).contains(&sound.received), "{sound:?}");
        assert_eq!(sound.withheld > 0, leg.peer.0 != 1);
        assert_eq!(sound.loudest, 30);
        assert!(
            leg.round_trip.is_some_and(|rtt| (ms(15)..ms(40)).contains(&rtt)),
            "{:?}",
            leg.round_trip
        );
    }
}

#[test]
fn the_best_profile_of_the_peer_is_used() {
    let (meeting, ids) = council(2, 2, Publishes::THUMBNAIL);
    for id in &ids {
        assert_eq!(meeting.people[id].connected, Some(SrtpProfile::AeadAes128Gcm));
        assert!(meeting.events.contains(&Event::Connected {
            peer: *id,
            profile: SrtpProfile::AeadAes128Gcm
        }));
    }
}

#[test]
fn the_lobby_neither_sends_nor_receives_a_packet() {
    let (mut meeting, ids) = council(3, 3, Publishes::ALL);
    let waiting = meeting.join(9, 4, Publishes::ALL, Audience::LOBBY);
    meeting.run(secs(3));
    assert!(meeting.people[&waiting].connected.is_some());
    assert!(meeting.people[&waiting].got.is_empty());
    for id in &ids {
        assert_eq!(meeting.people[id].frames_of(waiting), 0);
    }
    meeting.command(Command::SetAudience {
        peer: waiting,
        audience: Audience::LISTENING,
    });
    let everyone = [&ids[..], &[waiting]].concat();
    meeting.run_until("admitted: all see all", ms(500), |m| m.all_see_all(&everyone, 2));
    meeting.command(Command::SetAudience {
        peer: waiting,
        audience: Audience::LOBBY,
    });
    meeting.run(ms(200));
    let before = meeting.people[&waiting].got.len();
    meeting.run(secs(1));
    assert_eq!(meeting.people[&waiting].got.len(), before, "moved out: nothing more");
}

#[test]
fn circles_keep_party_rooms_apart() {
    let mut meeting = Simulation::new(4);
    let audience = |circle: u8| {
        let circle = Circles::one(circle).expect("small");
        Audience {
            sound_to: circle,
            picture_to: circle,
            hears: circle,
            sees: circle,
        }
    };
    let ids: Vec<PeerId> = (1..=4)
        .map(|id| meeting.join(id, 4, Publishes::THUMBNAIL, audience((id % 2) as u8)))
        .collect();
    meeting.run(secs(3));
    for receiver in &ids {
        let person = &meeting.people[receiver];
        assert!(
            person
                .got
                .iter()
                .all(|made| made.source % 2 == receiver.0 % 2 && made.source != receiver.0)
        );
        assert!(person.got.iter().any(|made| made.layer == SOUND));
    }
}

#[test]
fn giving_the_floor_opens_that_microphone_within_a_packet() {
    let (mut meeting, ids) = council(5, 4, Publishes::THUMBNAIL);
    meeting.command(Command::SetAudience {
        peer: ids[2],
        audience: Audience::SPEAKING,
    });
    meeting.command(Command::SetAudience {
        peer: ids[0],
        audience: Audience::LISTENING,
    });
    meeting.run(ms(100));
    let first = meeting.people[&ids[1]].sounds_of(ids[0]);
    meeting.run(secs(1));
    assert_eq!(meeting.people[&ids[1]].sounds_of(ids[0]), first, "closed");
    assert!(meeting.people[&ids[1]].sounds_of(ids[2]) >= 45, "opened");
}

#[test]
fn a_lossy_uplink_and_downlink_are_repaired() {
    let (mut meeting, ids) = council(6, 4, Publishes::ALL);
    for id in &ids {
        meeting.link(*id, Link::losing(0.05), Link::losing(0.05));
    }
    meeting.run(secs(1));
    ids.iter().for_each(|id| meeting.person(*id).forget_gaps());
    meeting.run(secs(20));
    for receiver in &ids {
        for source in ids.iter().filter(|source| *source != receiver) {
            let gap = meeting.people[receiver].frames[&source.0].longest_gap;
            assert!(gap < ms(500), "{receiver} saw {source} stand still for {gap:?}");
        }
    }
    let lost: u32 = meeting
        .sample()
        .legs
        .iter()
        .filter_map(|leg| leg.picture[0])
        .map(|low| low.lost)
        .sum();
    assert!(lost <= 2, "{lost} packets lost after repair");
    for id in &ids {
        let (lost, expected) = meeting.people[id].lost_pictures();
        assert!(
            lost * 200 < expected,
            "{id} lost {lost} of {expected} picture packets after repair"
        );
    }
    assert_eq!(meeting.relay.counters().not_sealed, 0, "no packet is forwarded twice");
    assert!(meeting.relay.counters().repaired > 100 && meeting.relay.counters().resent > 100);
}

#[test]
fn each_layer_is_repaired_by_what_its_publisher_sends_again() {
    let (mut meeting, ids) = council(29, 4, Publishes::ALL);
    let source = ids[0];
    for (receiver, layer) in ids[1..].iter().zip([Layer::Low, Layer::Mid, Layer::High]) {
        meeting.select(*receiver, source, layer);
    }
    meeting.run(secs(1));
    meeting.link(source, Link::losing(0.05), Link::GOOD);
    let (mut expected, mut lost) = ([0; 3], [0; 3]);
    for _ in 0..10 {
        meeting.run(secs(1));
        let leg = meeting.sample().legs.iter().find(|leg| leg.peer == source).copied();
        for (n, layer) in leg.expect("here").picture.iter().enumerate() {
            let layer = layer.expect("sent");
            expected[n] += layer.expected;
            lost[n] += layer.lost;
        }
    }
    for (n, receiver) in ids[1..].iter().enumerate() {
        assert!(
            expected[n] > 100 && lost[n] * 100 < expected[n],
            "layer {n}: {lost:?} of {expected:?} lost"
        );
        let gap = meeting.people[receiver].frames[&source.0].longest_gap;
        assert!(gap < ms(500), "layer {n} stood still for {gap:?}");
    }
    let resent = meeting.people[&source].resent;
    assert!(
        meeting.relay.counters().repaired > 40 && resent > 40,
        "{resent} sent again"
    );
}

#[test]
fn jitter_reordering_and_duplicates_do_no_harm() {
    let (mut meeting, ids) = council(7, 4, Publishes::ALL);
    let rough = Link {
        jitter: ms(40),
        duplicate: 0.1,
        ..Link::GOOD
    };
    for id in &ids {
        meeting.link(*id, rough, rough);
    }
    meeting.run(secs(10));
    for leg in &meeting.sample().legs {
        let low = leg.picture[0].expect("sent");
        assert!(low.lost <= 1 && low.frames >= 13, "{low:?}");
    }
    let counters = meeting.relay.counters();
    assert!(counters.replayed + counters.repeated > 100, "duplicates are refused");
    assert_eq!(meeting.relay.counters().not_sealed, 0, "no packet is forwarded twice");
}

#[test]
fn a_packet_that_comes_after_its_own_repair_is_dropped() {
    let (mut meeting, ids) = council(15, 2, Publishes::ALL);
    let up = Link {
        jitter: ms(150),
        ..Link::GOOD
    };
    meeting.link(ids[0], up, Link::GOOD);
    let before = meeting.relay.counters().repeated;
    meeting.run(secs(5));
    assert!(meeting.relay.counters().repaired > 10);
    assert!(meeting.relay.counters().repeated > before, "it happened");
    assert_eq!(meeting.relay.counters().not_sealed, 0, "no packet is forwarded twice");
}

#[test]
fn the_enlarged_person_comes_in_the_layer_asked_for_without_a_gap() {
    let (mut meeting, ids) = council(8, 3, Publishes::ALL);
    let (viewer, enlarged) = (ids[0], ids[1]);
    meeting.person(viewer).forget_gaps();
    for layer in [Layer::High, Layer::Mid, Layer::Low, Layer::High] {
        meeting.select(viewer, enlarged, layer);
        meeting.run(secs(2));
        let edge = meeting
            .sample()
            .edges
            .iter()
            .find(|e| e.receiver == viewer && e.source == enlarged)
            .copied();
        assert_eq!(edge.and_then(|edge| edge.layer), Some(layer));
    }
    let gap = meeting.people[&viewer].frames[&enlarged.0].longest_gap;
    assert!(
        gap < ms(250),
        "the old layer is kept until the new one's key frame: {gap:?}"
    );
    let other = meeting
        .sample()
        .edges
        .iter()
        .find(|e| e.receiver == ids[2] && e.source == enlarged)
        .copied();
    assert_eq!(
        other.and_then(|edge| edge.layer),
        Some(Layer::Low),
        "nobody else is affected"
    );
}

#[test]
fn slots_are_sticky_and_freed() {
    let (mut meeting, ids) = council(9, 4, Publishes::THUMBNAIL);
    let before = meeting.people[&ids[0]].shown();
    meeting.command(Command::Leave { peer: ids[2] });
    meeting.run(ms(100));
    assert!(meeting.people[&ids[2]].closed, "the one who left is told by DTLS");
    let newcomer = meeting.join(20, 4, Publishes::THUMBNAIL, Audience::LISTENING);
    meeting.run_until("the newcomer is seen", ms(500), |m| {
        m.people[&ids[0]].frames_of(newcomer) > 2
    });
    let after = meeting.people[&ids[0]].shown();
    let expected: Vec<PeerId> = before
        .iter()
        .map(|id| if *id == ids[2] { newcomer } else { *id })
        .collect();
    assert_eq!(after, expected, "the newcomer took the free slot, nobody else moved");
}

#[test]
fn a_programme_receiver_follows_the_programme() {
    let (mut meeting, ids) = council(10, 3, Publishes::THUMBNAIL);
    let public = meeting.join_as(30, 1, Publishes::NOTHING, Audience::LISTENING, Reception::Programme);
    meeting.command(Command::SetProgramme {
        room: ROOM,
        source: Some(ids[0]),
    });
    meeting.run_until("the first", secs(1), |m| m.people[&public].frames_of(ids[0]) > 5);
    meeting.command(Command::SetProgramme {
        room: ROOM,
        source: Some(ids[1]),
    });
    meeting.run_until("the second", secs(1), |m| m.people[&public].frames_of(ids[1]) > 5);
    meeting.command(Command::SetProgramme {
        room: ROOM,
        source: None,
    });
    meeting.run(ms(100));
    let before = meeting.people[&public].got.len();
    meeting.run(secs(1));
    assert_eq!(meeting.people[&public].got.len(), before);
}

#[test]
fn a_cut_link_shows_in_the_sample_and_ends_after_the_limit() {
    let (mut meeting, ids) = council(11, 3, Publishes::THUMBNAIL);
    meeting.link(ids[1], Link::CUT, Link::CUT);
    meeting.run(secs(5));
    let leg = meeting
        .sample()
        .legs
        .iter()
        .find(|leg| leg.peer == ids[1])
        .copied()
        .expect("still here");
    assert!(leg.silent_for >= secs(4), "{:?}", leg.silent_for);
    assert!(leg.picture[0].is_some_and(|low| low.frames == 0 && low.since_last_frame >= secs(4)));
    meeting.run(secs(60));
    let gone = Event::Disconnected {
        peer: ids[1],
        reason: Disconnection::TimedOut,
    };
    assert!(meeting.events.contains(&gone));
    assert_eq!(meeting.people[&ids[0]].shown(), [ids[2]]);
}

/// A browser goes on sending receiver reports when nothing reaches it any more; they tell of no loss.
#[test]
fn reports_that_repeat_themselves_acknowledge_nothing() {
    let (mut meeting, ids) = council(18, 3, Publishes::THUMBNAIL);
    let acknowledges = |meeting: &Simulation| {
        let mut edges = meeting.sample().edges.iter().filter(|edge| edge.receiver == ids[1]);
        edges.any(|edge| edge.sound_lost.is_some() || edge.picture_lost.is_some())
    };
    meeting.run(secs(5));
    assert!(acknowledges(&meeting));
    meeting.link(ids[1], Link::GOOD, Link::CUT);
    meeting.run(secs(3));
    assert!(!acknowledges(&meeting));
    meeting.link(ids[1], Link::GOOD, Link::GOOD);
    meeting.run(secs(3));
    assert!(acknowledges(&meeting));
}

#[test]
fn silence_is_told_at_each_whole_second_without_waiting_for_the_sample() {
    let (mut meeting, ids) = council(16, 2, Publishes::THUMBNAIL);
    meeting.run(ms(730));
    meeting.link(ids[0], Link::CUT, Link::CUT);
    meeting.run(ms(1800));
    assert!(silences(&meeting).is_empty());
    meeting.run_until("two seconds", ms(250), |m| {
        silences(m).contains(&vec![(ids[0], secs(2))])
    });
    meeting.run(ms(2750));
    assert!(!silences(&meeting).contains(&vec![(ids[0], secs(5))]));
    meeting.run_until("five seconds", ms(250), |m| {
        silences(m).contains(&vec![(ids[0], secs(5))])
    });
}

#[test]
fn people_who_fall_silent_together_are_told_together() {
    for cut_at in [0, 13, 40, 77, 95] {
        let (mut meeting, ids) = council(17, 4, Publishes::THUMBNAIL);
        meeting.run(ms(500 + cut_at));
        ids.iter().for_each(|id| meeting.link(*id, Link::CUT, Link::CUT));
        meeting.run(ms(5200));
        let all: Vec<(PeerId, Duration)> = ids.iter().map(|id| (*id, secs(5))).collect();
        let fifth: Vec<_> = silences(&meeting)
            .into_iter()
            .filter(|peers| peers.iter().any(|(_, silent)| *silent >= secs(5)))
            .collect();
        assert_eq!(fifth, [all]);
    }
}

fn silences(meeting: &Simulation) -> Vec<Vec<(PeerId, Duration)>> {
    let silent = |event: &Event| match event {
        Event::Silent { peers, .. } => Some(peers.clone()),
        _ => None,
    };
    meeting.events.iter().filter_map(silent).collect()
}

#[test]
fn key_frames_asked_for_by_many_are_asked_of_the_publisher_once() {
    let (mut meeting, ids) = council(12, 6, Publishes::THUMBNAIL);
    meeting.run(secs(5));
    let before = meeting.people[&ids[0]].key_frames_asked;
    for id in &ids[1..] {
        let slot = meeting.people[id]
            .shown()
            .iter()
            .position(|shown| *shown == ids[0])
            .expect("shown");
        meeting.person(*id).ask_for_key_frame(slot);
    }
    meeting.run(ms(100));
    assert_eq!(meeting.people[&ids[0]].key_frames_asked, before + 1);
}

/// Forty who only publish, connected and with a key frame of each kept.
fn publishers(seed: u64) -> (Simulation, Vec<PeerId>) {
    let mut meeting = Simulation::new(seed);
    let ids: Vec<PeerId> = (1..=40)
        .map(|id| meeting.join(id, 0, Publishes::THUMBNAIL, Audience::LISTENING))
        .collect();
    meeting.run(ms(1500));
    (meeting, ids)
}

fn keep_to_their_key_frames(meeting: &mut Simulation, ids: &[PeerId]) {
    for id in ids {
        meeting.person(*id).ignores_key_frame_requests = true;
    }
}

#[test]
fn a_newcomer_sees_everyone_at_once_although_no_key_frame_is_made() {
    let (mut meeting, ids) = publishers(20);
    keep_to_their_key_frames(&mut meeting, &ids);
    let newcomer = meeting.join(99, 40, Publishes::THUMBNAIL, Audience::LISTENING);
    let is_connected = |m: &Simulation| m.people[&newcomer].connected.is_some();
    meeting.run_until("connected", ms(500), is_connected);
    let from = meeting.now;
    meeting.run_until("everyone is seen", ms(300), |m| {
        ids.iter().all(|id| m.people[&newcomer].frames_of(*id) > 0)
    });
    meeting.run(ms(300));
    let person = meeting.person(newcomer);
    person.arrivals.retain(|(at, _)| *at >= from);
    // The past's share, the headers it is sent with, and the live packets of those who have caught up.
    let most = person.most_bytes_within(ms(20));
    let share = CATCH_UP_BPS as usize / 8 / 50;
    assert!((share * 2 / 3..share * 5 / 4).contains(&most), "{most} bytes in 20 ms");
    person.forget_gaps();
    meeting.run(secs(2));
    let person = &meeting.people[&newcomer];
    assert_eq!(person.lost_pictures().0, 0, "the past and the present are one stream");
    for id in &ids {
        let gap = person.frames[&id.0].longest_gap;
        assert!(gap < ms(120), "{id} stood still for {gap:?}");
        assert_eq!(meeting.people[id].key_frames_asked, 0, "nobody need be asked");
    }
}

#[test]
fn the_past_is_repaired_on_a_lossy_line() {
    let (mut meeting, ids) = publishers(21);
    keep_to_their_key_frames(&mut meeting, &ids);
    let newcomer = meeting.join(99, 40, Publishes::THUMBNAIL, Audience::LISTENING);
    meeting.link(newcomer, Link::losing(0.05), Link::losing(0.05));
    let is_connected = |m: &Simulation| m.people[&newcomer].connected.is_some();
    meeting.run_until("connected", secs(3), is_connected);
    meeting.run(secs(3));
    let (lost, expected) = meeting.people[&newcomer].lost_pictures();
    assert!(expected > 2500 && lost * 200 < expected, "{lost} of {expected} lost");
}

#[test]
fn newcomers_for_whom_the_past_is_too_old_ask_for_one_key_frame_together() {
    let (mut meeting, ids) = publishers(22);
    meeting.run(secs(10));
    let newcomers = [97, 98, 99].map(|id| meeting.join(id, 40, Publishes::NOTHING, Audience::LISTENING));
    meeting.run_until("everyone is seen", secs(1), |m| {
        ids.iter()
            .all(|id| newcomers.iter().all(|newcomer| m.people[newcomer].frames_of(*id) > 3))
    });
    for id in &ids {
        assert_eq!(meeting.people[id].key_frames_asked, 1);
    }
}

#[test]
fn the_past_of_the_lobby_and_of_another_circle_is_shown_to_nobody() {
    let (mut meeting, ids) = council(23, 3, Publishes::THUMBNAIL);
    let secret = Circles::one(7).expect("small");
    let behind_closed_doors = Audience {
        picture_to: secret,
        ..Audience::LISTENING
    };
    for (id, before) in [(10, Audience::LOBBY), (11, behind_closed_doors)] {
        let newcomer = meeting.join(id, 5, Publishes::THUMBNAIL, before);
        meeting.run(secs(1));
        let made_before = meeting.people[&newcomer].made();
        meeting.command(Command::SetAudience {
            peer: newcomer,
            audience: Audience::LISTENING,
        });
        meeting.run_until("all see the newcomer", ms(500), |m| {
            ids.iter().all(|id| m.people[id].frames_of(newcomer) > 0)
        });
        for id in &ids {
            let oldest = meeting.people[id].oldest_of(newcomer).expect("seen");
            assert!(oldest >= made_before, "{id} was shown packet {oldest} from before");
        }
        meeting.command(Command::Leave { peer: newcomer });
    }
}

#[test]
fn a_source_that_becomes_forbidden_is_not_caught_up_with() {
    let (mut meeting, ids) = publishers(24);
    keep_to_their_key_frames(&mut meeting, &ids);
    let newcomer = meeting.join(99, 40, Publishes::NOTHING, Audience::LISTENING);
    meeting.run_until("the past begins", secs(1), |m| {
        m.people[&newcomer].frames_of(ids[0]) > 0
    });
    for id in &ids {
        meeting.command(Command::SetAudience {
            peer: *id,
            audience: Audience::LOBBY,
        });
    }
    // What is on its way takes 10 ms.
    meeting.run(ms(11));
    let got = meeting.people[&newcomer].got.len();
    assert!(got < 40 * 20, "not yet caught up: {got}");
    meeting.run(secs(1));
    assert_eq!(meeting.people[&newcomer].got.len(), got);
}

#[test]
fn the_programme_changes_at_once() {
    let (mut meeting, ids) = council(25, 3, Publishes::THUMBNAIL);
    let public = meeting.join_as(30, 1, Publishes::NOTHING, Audience::LISTENING, Reception::Programme);
    meeting.run(secs(1));
    keep_to_their_key_frames(&mut meeting, &ids);
    for source in [ids[0], ids[1], ids[2], ids[0]] {
        let before = meeting.people[&public].frames_of(source);
        meeting.command(Command::SetProgramme {
            room: ROOM,
            source: Some(source),
        });
        meeting.run_until("shown", ms(60), |m| m.people[&public].frames_of(source) > before);
        meeting.run(ms(500));
    }
    assert_eq!(meeting.people[&public].lost_pictures().0, 0);
}

#[test]
fn the_way_back_to_the_lowest_layer_needs_no_key_frame() {
    let (mut meeting, ids) = council(26, 2, Publishes::ALL);
    let (viewer, enlarged) = (ids[0], ids[1]);
    meeting.select(viewer, enlarged, Layer::High);
    meeting.run(secs(1));
    keep_to_their_key_frames(&mut meeting, &ids);
    meeting.person(viewer).forget_gaps();
    meeting.select(viewer, enlarged, Layer::Low);
    meeting.run(secs(1));
    let shown = meeting.sample().edges.iter().find(|edge| edge.receiver == viewer);
    assert_eq!(shown.and_then(|edge| edge.layer), Some(Layer::Low));
    let gap = meeting.people[&viewer].frames[&enlarged.0].longest_gap;
    assert!(gap < ms(120), "{gap:?}");
}

#[test]
fn redundant_sound_goes_on_to_those_who_read_it_and_is_unwrapped_for_the_others() {
    let mut meeting = Simulation::new(27);
    let speaker = meeting.join(1, 3, Publishes::REDUNDANT, Audience::SPEAKING);
    let [reads_it, reads_it_too] = [2, 3].map(|id| meeting.join(id, 3, Publishes::REDUNDANT, Audience::LISTENING));
    let [plain, plain_too] = [4, 5].map(|id| meeting.join(id, 3, Publishes::THUMBNAIL, Audience::LISTENING));
    meeting.run(secs(1));
    let lossy = Link::losing(0.1);
    for id in [reads_it, reads_it_too, plain, plain_too] {
        meeting.link(id, Link::GOOD, lossy);
    }
    meeting.run(secs(20));
    let unheard = |id: PeerId| {
        let heard = meeting.people[&id].heard(speaker);
        let (first, last) = (heard.first().copied().unwrap_or(0), heard.last().copied().unwrap_or(0));
        (last + 1 - first) as usize - heard.len()
    };
    for id in [reads_it, reads_it_too] {
        assert!(meeting.people[&id].repeated_sounds > 800);
        assert!(unheard(id) < 25, "{} of 1000 frames unheard at 10 % loss", unheard(id));
    }
    for id in [plain, plain_too] {
        assert_eq!(meeting.people[&id].repeated_sounds, 0);
        assert!((60..140).contains(&unheard(id)), "{} unheard", unheard(id));
    }
    let leg = meeting.sample().legs[0].sound.expect("measured");
    assert_eq!((leg.loudest, leg.lost), (30, 0));
}

#[test]
fn what_was_said_before_the_microphone_opened_is_not_repeated() {
    let mut meeting = Simulation::new(28);
    let speaker = meeting.join(1, 2, Publishes::REDUNDANT, Audience::LISTENING);
    let only_listens = Publishes {
        red: true,
        ..Publishes::NOTHING
    };
    let listener = meeting.join(2, 2, only_listens, Audience::LISTENING);
    meeting.run(secs(1));
    for _ in 0..3 {
        let withheld = meeting.relay.counters().withheld;
        meeting.run_until("the newest frame is withheld", ms(30), |m| {
            m.relay.counters().withheld > withheld
        });
        let (made, heard) = (
            meeting.people[&speaker].sounds_made(),
            meeting.people[&listener].heard(speaker),
        );
        meeting.command(Command::SetAudience {
            peer: speaker,
            audience: Audience::SPEAKING,
        });
        meeting.run(secs(1));
        meeting.command(Command::SetAudience {
            peer: speaker,
            audience: Audience::LISTENING,
        });
        meeting.run(secs(1));
        let heard: Vec<u32> = meeting.people[&listener]
            .heard(speaker)
            .difference(&heard)
            .copied()
            .collect();
        assert!(heard.len() >= 48 && heard[0] == made, "{} before {made}", heard[0]);
    }
    assert!(meeting.people[&listener].repeated_sounds > 100);
}

#[test]
fn the_same_seed_gives_the_same_meeting() {
    let run = || {
        let (mut meeting, ids) = council(13, 4, Publishes::ALL);
        meeting.link(
            ids[1],
            Link::losing(0.1),
            Link {
                jitter: ms(30),
                ..Link::losing(0.1)
            },
        );
        meeting.run(secs(5));
        let received: Vec<usize> = ids.iter().map(|id| meeting.people[id].got.len()).collect();
        (received, meeting.elapsed())
    };
    assert_eq!(run(), run());
}

#[test]
fn hostile_datagrams_change_nothing_for_the_others() {
    use rand::{Rng, RngExt, SeedableRng};
    let (mut meeting, ids) = council(14, 3, Publishes::THUMBNAIL);
    let mut random = rand::rngs::StdRng::seed_from_u64(14);
    let known = meeting.people[&ids[1]].address;
    for n in 0..20_000u32 {
        let mut junk = vec![0u8; random.random_range(0..200)];
        random.fill_bytes(&mut junk);
        if let Some(first) = junk.first_mut() {
            *first = [0, 1, 20, 22, 63, 128, 144, 191][n as usize % 8];
        }
        let from = if n % 2 == 0 {
            known
        } else {
            std::net::SocketAddr::from(([203, 0, 113, 5], 999))
        };
        meeting.inject(from, &mut junk);
    }
    let before: Vec<u64> = ids.iter().map(|id| meeting.people[&ids[0]].frames_of(*id)).collect();
    meeting.run(secs(2));
    assert!(
        meeting
            .events
            .iter()
            .all(|event| !matches!(event, Event::Disconnected { .. }))
    );
    for (id, before) in ids.iter().zip(before).skip(1) {
        assert!(meeting.people[&ids[0]].frames_of(*id) >= before + 25);
    }
}

#[test]
fn a_fault_in_one_room_costs_the_other_not_a_packet() {
    let (mut meeting, ids) = council(18, 3, Publishes::ALL);
    let other_room = |meeting: &mut Simulation| {
        [21, 22].map(|id| {
            let audience = Audience::SPEAKING;
            meeting.join_room(RoomId(2), id, 2, Publishes::THUMBNAIL, audience, Reception::Everyone)
        })
    };
    let failing = other_room(&mut meeting);
    meeting.run_until("the other room meets", secs(2), |m| m.all_see_all(&failing, 3));
    ids.iter().for_each(|id| meeting.person(*id).forget_gaps());
    meeting.command(Command::Renegotiate {
        peer: failing[0],
        offer: String::new(),
        reply: Box::new(|_| panic!("a fault, made on purpose by the test")),
    });
    meeting.run(secs(3));
    let failed: Vec<&Event> = meeting
        .events
        .iter()
        .filter(|event| matches!(event, Event::RoomFailed { .. } | Event::Disconnected { .. }))
        .collect();
    assert_eq!(failed, [&Event::RoomFailed { room: RoomId(2) }]);
    for id in &ids {
        let person = &meeting.people[id];
        assert!(!person.closed);
        assert_eq!((person.lost_sounds().0, person.lost_pictures().0), (0, 0), "{id}");
        for source in ids.iter().filter(|source| *source != id) {
            let gap = person.frames[&source.0].longest_gap;
            assert!(gap < ms(100), "{id} saw {source} stand still for {gap:?}");
        }
    }
    assert!(meeting.people[&ids[1]].lost_sounds().1 > 150, "sound flowed");
    assert_eq!(
        meeting.relay.counters().not_opened,
        0,
        "the other room's keys are as they were"
    );
    // The same people under the same names and from the same addresses: nothing of them was left.
    let anew = other_room(&mut meeting);
    meeting.run_until("the failed room meets again", secs(1), |m| m.all_see_all(&anew, 3));
}
/// A council of eight with three layers each; the first speaks, the last has enlarged the second.
fn council_with_a_thin_line(seed: u64, line: Link) -> (Simulation, Vec<PeerId>, PeerId) {
    let (mut meeting, ids) = council(seed, 8, Publishes::ALL);
    let thin = ids[7];
    meeting.select(thin, ids[1], Layer::High);
    meeting.run(secs(2));
    meeting.link(thin, Link::GOOD, line);
    (meeting, ids, thin)
}

#[test]
fn a_thin_line_keeps_everyone_small_and_the_sound_and_grows_again() {
    let (mut meeting, ids, thin) = council_with_a_thin_line(21, Link::of_rate(400_000));
    let layer = |meeting: &Simulation| {
        let edges = &meeting.sample().edges;
        let edge = edges.iter().find(|edge| edge.receiver == thin && edge.source == ids[1]);
        edge.and_then(|edge| edge.layer)
    };
    assert_eq!(layer(&meeting), Some(Layer::High), "with room, the enlarged is large");
    meeting.run(secs(5));
    assert_ne!(layer(&meeting), Some(Layer::High));
    meeting.person(thin).forget_gaps();
    let heard = meeting.people[&thin].sounds_of(ids[0]);
    meeting.run(secs(20));
    for source in &ids[..7] {
        let gap = meeting.people[&thin].frames[&source.0].longest_gap;
        assert!(gap < ms(700), "{source} stood still for {gap:?}");
    }
    let heard = meeting.people[&thin].sounds_of(ids[0]) - heard;
    assert!(heard >= 995, "{heard} of 1000 sound packets");
    let estimate = meeting.sample().legs[7].downlink_bps.expect("it reports");
    assert!((280_000..=440_000).contains(&estimate), "{estimate} of 400000");
    meeting.link(thin, Link::GOOD, Link::GOOD);
    meeting.run_until("the enlarged is large again", secs(15), |m| {
        layer(m) == Some(Layer::High)
    });
}

#[test]
fn a_line_below_the_floor_keeps_the_speaker_and_says_who_waits() {
    let (mut meeting, ids, thin) = council_with_a_thin_line(22, Link::of_rate(130_000));
    meeting.run(secs(10));
    meeting.person(thin).forget_gaps();
    let heard = meeting.people[&thin].sounds_of(ids[0]);
    let mut waited = 0;
    for _ in 0..10 {
        meeting.run(secs(1));
        let edges = meeting.sample().edges.iter().filter(|edge| edge.receiver == thin);
        let waiting: Vec<PeerId> = edges
            .filter(|edge| edge.waits_for_room)
            .map(|edge| edge.source)
            .collect();
        assert!(!waiting.contains(&ids[1]), "the enlarged comes before the rest");
        waited += waiting.len();
    }
    assert!(
        waited >= 30,
        "of 7 pictures some wait, and it is said: {waited} in 10 s"
    );
    let heard = meeting.people[&thin].sounds_of(ids[0]) - heard;
    assert!(heard >= 485, "{heard} of 500 sound packets");
    meeting.link(thin, Link::GOOD, Link::GOOD);
    let all_shown = |m: &Simulation| {
        let mut edges = m.sample().edges.iter().filter(|edge| edge.receiver == thin);
        edges.all(|edge| !edge.waits_for_room && edge.picture_frames >= 14)
    };
    meeting.run_until("everybody is seen again", secs(15), all_shown);
}

#[test]
fn bursts_of_loss_are_not_taken_for_a_full_line() {
    let bursty = Link {
        bursts: Some(Bursts {
            enter: 0.01,
            leave: 0.25,
        }),
        ..Link::GOOD
    };
    nobody_waits(23, bursty);
}

#[test]
fn an_uneven_line_is_not_taken_for_a_full_one() {
    let uneven = Link {
        jitter: ms(150),
        ..Link::GOOD
    };
    nobody_waits(25, uneven);
}

/// Over 20 s on such a line every thumbnail is sent, and moves.
fn nobody_waits(seed: u64, line: Link) {
    let (mut meeting, ids) = council(seed, 5, Publishes::THUMBNAIL);
    let thin = ids[4];
    meeting.link(thin, Link::GOOD, line);
    meeting.run(secs(5));
    meeting.person(thin).forget_gaps();
    let mut waited = 0;
    for _ in 0..20 {
        meeting.run(secs(1));
        waited += meeting.sample().edges.iter().filter(|edge| edge.waits_for_room).count();
    }
    assert_eq!(waited, 0);
    for (source, frames) in &meeting.people[&thin].frames {
        assert!(
            frames.longest_gap < ms(600),
            "{source} stood still for {:?}",
            frames.longest_gap
        );
    }
}

#[test]
fn a_small_meeting_on_a_good_line_is_not_probed() {
    let (mut meeting, _) = council(24, 4, Publishes::THUMBNAIL);
    meeting.run(secs(10));
    assert_eq!(meeting.relay.counters().probes, 0);
}
