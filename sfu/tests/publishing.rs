//! What publishers are asked to send, and what that does for a thin line: people who follow, as pages do.

// A module of the test binary: nothing outside reaches it.
#[allow(unreachable_pub, dead_code, clippy::unwrap_used, clippy::expect_used)]
mod simulation;

use lika_sfu::allocation::lowest::{LEAST_BPS, MOST_BPS};
use lika_sfu::allocation::publishing::Publishing;
use lika_sfu::{Audience, Command, Layer, PeerId, Priority};
use simulation::Simulation;
use simulation::network::Link;
use simulation::person::Publishes;
use std::time::Duration;

const fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// The first has the floor.
const fn audience(id: u64) -> Audience {
    if id == 1 {
        Audience::SPEAKING
    } else {
        Audience::LISTENING
    }
}

/// So many people who see and hear each other, and send what they are asked for.
fn council(seed: u64, people: u64) -> (Simulation, Vec<PeerId>) {
    let mut meeting = Simulation::new(seed);
    let ids: Vec<PeerId> = (1..=people)
        .map(|id| {
            let peer = meeting.join(id, people as usize, Publishes::ALL, audience(id));
            let person = meeting.person(peer);
            person.obeys = true;
            person.has_temporal_layers = true;
            peer
        })
        .collect();
    for id in &ids {
        meeting.link(*id, Link::GOOD, Link::GOOD);
    }
    let everybody = ids.clone();
    meeting.run_until("all see all", secs(3), |m| m.all_see_all(&everybody, 5));
    (meeting, ids)
}

fn asked(meeting: &Simulation, id: PeerId) -> Publishing {
    meeting.people[&id].asked.unwrap_or_default()
}

fn shows(meeting: &Simulation, receiver: PeerId, source: PeerId) -> Option<Layer> {
    let edges = &meeting.sample().edges;
    edges
        .iter()
        .find(|edge| edge.receiver == receiver && edge.source == source)
        .and_then(|edge| edge.layer)
}

fn waiting(meeting: &Simulation) -> usize {
    meeting.sample().edges.iter().filter(|edge| edge.waits_for_room).count()
}

#[test]
fn nobody_sends_a_layer_that_nobody_wants() {
    let (mut meeting, ids) = council(1, 4);
    meeting.run(secs(6));
    assert!(ids.iter().all(|id| asked(&meeting, *id).highest == Layer::Low));
    meeting.select(ids[0], ids[1], Layer::High);
    meeting.run_until("the enlarged is shown large", secs(2), |m| {
        shows(m, ids[0], ids[1]) == Some(Layer::High)
    });
    assert_eq!(asked(&meeting, ids[1]).highest, Layer::High);
    assert_eq!(asked(&meeting, ids[2]).highest, Layer::Low);
    meeting.select(ids[0], ids[1], Layer::Low);
    meeting.run(secs(3));
    assert_eq!(
        asked(&meeting, ids[1]).highest,
        Layer::High,
        "not at once: who looks away may look back"
    );
    meeting.run(secs(4));
    assert_eq!(asked(&meeting, ids[1]).highest, Layer::Low);
    assert!(meeting.people[&ids[0]].frames[&ids[1].0].longest_gap < Duration::from_millis(300));
}

#[test]
fn one_thin_line_makes_everybodys_thumbnail_as_small_as_it_needs_and_nobody_waits() {
    let (mut meeting, ids) = council(2, 6);
    let thin = ids[5];
    meeting.run(secs(6));
    assert_eq!(asked(&meeting, ids[0]).lowest_bps, MOST_BPS);
    meeting.link(thin, Link::GOOD, Link::of_rate(480_000));
    meeting.run(secs(6));
    let lowest = asked(&meeting, ids[0]).lowest_bps;
    assert!((LEAST_BPS..MOST_BPS * 3 / 4).contains(&lowest), "{lowest}");
    meeting.forget_gaps();
    for _ in 0..10 {
        meeting.run(secs(1));
        assert_eq!(waiting(&meeting), 0);
    }
    for source in &ids[..5] {
        let gap = meeting.people[&thin].frames[&source.0].longest_gap;
        assert!(gap < Duration::from_millis(500), "{source} stood still for {gap:?}");
    }
    meeting.link(thin, Link::GOOD, Link::GOOD);
    meeting.run_until("thumbnails look good again", secs(60), |m| {
        asked(m, ids[0]).lowest_bps == MOST_BPS
    });
}

#[test]
fn the_speaker_is_large_on_a_line_that_carries_it_beside_small_thumbnails() {
    let (mut meeting, ids) = council(3, 6);
    let (speaker, thin) = (ids[0], ids[5]);
    for receiver in &ids[1..] {
        meeting.command(Command::SelectLayer {
            receiver: *receiver,
            source: speaker,
            layer: Layer::Mid,
            priority: Priority::Speaker,
        });
    }
    meeting.run(secs(6));
    assert_eq!(shows(&meeting, thin, speaker), Some(Layer::Mid));
    meeting.link(thin, Link::GOOD, Link::of_rate(800_000));
    meeting.run_until("thumbnails give way to the speaker", secs(20), |m| {
        asked(m, ids[1]).lowest_bps < MOST_BPS && shows(m, thin, speaker) == Some(Layer::Mid)
    });
    let mut small = 0;
    for _ in 0..20 {
        meeting.run(secs(1));
        small += u32::from(shows(&meeting, thin, speaker) != Some(Layer::Mid));
    }
    assert!(small <= 4, "the speaker was small in {small} of 20 seconds");
}

#[test]
fn before_somebody_waits_everybody_is_sent_at_half_the_frames() {
    let (mut meeting, ids) = council(4, 6);
    let thin = ids[5];
    meeting.run(secs(6));
    // Nobody follows any more what they are asked for: the thumbnails stay as large as they are.
    let frozen = asked(&meeting, ids[0]);
    meeting.link(thin, Link::GOOD, Link::of_rate(600_000));
    for _ in 0..80 {
        for id in &ids {
            meeting.person(*id).asked = Some(frozen);
        }
        meeting.run(Duration::from_millis(100));
    }
    let edges: Vec<_> = meeting
        .sample()
        .edges
        .iter()
        .filter(|edge| edge.receiver == thin)
        .collect();
    assert!(edges.iter().all(|edge| !edge.waits_for_room), "{edges:?}");
    let halved = edges.iter().filter(|edge| edge.picture_frames <= 9).count();
    assert!(halved >= 2, "{halved} of {} are sent at half their frames", edges.len());
    assert!(edges.iter().all(|edge| edge.picture_frames >= 6));
}
