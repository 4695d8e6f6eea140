//! Stories of meetings in which some or all decode H.264.

// A module of the test binary: nothing outside reaches it.
#[allow(unreachable_pub, dead_code, clippy::unwrap_used, clippy::expect_used)]
mod simulation;

use lika_sfu::PictureCodec::{H264, Vp8};
use lika_sfu::sample::EdgeSample;
use lika_sfu::{Audience, Command, JoinError, Layer, PeerId, PictureCodec, Reception};
use simulation::network::Link;
use simulation::person::{Codecs, Publishes};
use simulation::{ROOM, Simulation};
use std::time::Duration;

const BOTH: Publishes = Publishes::ALL.with(Codecs::Both);
/// An encoder behind WHIP.
const ENCODER: Publishes = Publishes::THUMBNAIL.with(Codecs::H264);

const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

const fn secs(s: u64) -> Duration {
    Duration::from_secs(s)
}

/// `people` who decode both codecs and see each other in H.264.
fn council(seed: u64, people: u64) -> (Simulation, Vec<PeerId>) {
    let mut meeting = Simulation::new(seed);
    let join = |id| meeting.join(id, people as usize + 1, BOTH, Audience::LISTENING);
    let ids: Vec<PeerId> = (1..=people).map(join).collect();
    let everyone = ids.clone();
    meeting.run_until("everyone sees everyone", secs(2), |m| m.all_see_all(&everyone, 3));
    assert!(
        everyone
            .iter()
            .all(|id| !meeting.people[id].frames_in.contains_key(&H264)),
        "VP8 first"
    );
    meeting.forget_gaps();
    meeting.run_until("H.264 for everyone", secs(11), |m| each_is_sent(m, &everyone, H264));
    (meeting, ids)
}

/// Whether the newest picture of everybody on everybody's screen is of `codec`.
fn each_is_sent(meeting: &Simulation, ids: &[PeerId], codec: PictureCodec) -> bool {
    ids.iter().all(|id| {
        meeting.people[id]
            .codecs_shown()
            .filter(|shown| *shown == codec)
            .count()
            >= ids.len() - 1
    })
}

fn longest_gap(meeting: &Simulation, ids: &[PeerId]) -> Duration {
    let of = |receiver: &PeerId, source: &PeerId| meeting.people[receiver].frames[&source.0].longest_gap;
    let gaps = ids.iter().flat_map(|receiver| {
        let others = ids.iter().filter(move |source| *source != receiver);
        others.map(move |source| of(receiver, source))
    });
    gaps.max().unwrap_or_default()
}

fn edge(meeting: &Simulation, receiver: PeerId, source: PeerId) -> EdgeSample {
    let edges = &meeting.sample().edges;
    let found = edges
        .iter()
        .find(|edge| (edge.receiver, edge.source) == (receiver, source));
    found
        .copied()
        .unwrap_or_else(|| panic!("{receiver} has no slot for {source}"))
}

#[test]
fn h264_is_used_while_everybody_decodes_it_and_nobodys_picture_stops_for_a_change() {
    let (mut meeting, ids) = council(1, 4);
    meeting.run(secs(2));
    assert!(
        longest_gap(&meeting, &ids) < ms(200),
        "{:?}",
        longest_gap(&meeting, &ids)
    );
    let sizes = meeting
        .sample()
        .legs
        .iter()
        .map(|leg| leg.picture[0].map(|low| (low.width, low.height)));
    assert!(
        sizes.into_iter().all(|size| size == Some((640, 360))),
        "read from the parameter sets"
    );

    // In the lobby already, before anybody is shown to them.
    let guest = meeting.join(9, 5, Publishes::ALL, Audience::LOBBY);
    meeting.run_until("VP8 for everyone", ms(300), |m| each_is_sent(m, &ids, Vp8));
    meeting.command(Command::SetAudience {
        peer: guest,
        audience: Audience::LISTENING,
    });
    let everyone = [&ids[..], &[guest]].concat();
    meeting.run_until("admitted: all see all", ms(500), |m| m.all_see_all(&everyone, 2));
    meeting.run(secs(12));
    assert!(each_is_sent(&meeting, &everyone, Vp8), "as long as they are here");
    assert!(meeting.sample().edges.iter().all(|edge| !edge.not_decodable));

    meeting.command(Command::Leave { peer: guest });
    meeting.run(secs(9));
    assert!(each_is_sent(&meeting, &ids, Vp8), "they may come back");
    meeting.run_until("H.264 again", secs(2), |m| each_is_sent(m, &ids, H264));
    meeting.run(secs(1));
    assert!(
        longest_gap(&meeting, &ids) < ms(200),
        "{:?}",
        longest_gap(&meeting, &ids)
    );
}

#[test]
fn layers_of_h264_are_chosen_and_repaired_as_those_of_vp8() {
    let (mut meeting, ids) = council(2, 3);
    for id in &ids {
        meeting.link(*id, Link::losing(0.05), Link::losing(0.05));
    }
    let (receiver, source) = (ids[0], ids[1]);
    for layer in [Layer::High, Layer::Low, Layer::Mid] {
        meeting.select(receiver, source, layer);
        meeting.run(secs(4));
        assert_eq!(edge(&meeting, receiver, source).layer, Some(layer));
    }
    assert!(
        longest_gap(&meeting, &ids) < ms(700),
        "{:?}",
        longest_gap(&meeting, &ids)
    );
    for id in &ids {
        let (lost, expected) = meeting.people[id].lost_pictures();
        assert!(lost * 200 < expected, "{id} lost {lost} of {expected} after repair");
    }
    assert!(meeting.relay.counters().resent > 50 && meeting.relay.counters().repaired > 50);
}

#[test]
fn a_newcomer_is_shown_h264_from_the_cache_without_a_key_frame_of_the_publisher() {
    let (mut meeting, ids) = council(3, 3);
    for id in &ids {
        meeting.person(*id).ignores_key_frame_requests = true;
    }
    let newcomer = meeting.join(9, 4, BOTH, Audience::LISTENING);
    meeting.run_until("the newcomer sees everyone", ms(300), |m| {
        ids.iter().all(|id| m.people[&newcomer].frames_of(*id) > 0)
    });
    assert!(meeting.people[&newcomer].codecs_shown().all(|codec| codec == H264));
}

#[test]
fn an_encoder_of_h264_alone_is_refused_while_somebody_does_not_decode_it() {
    let mut meeting = Simulation::new(4);
    let member = meeting.join(1, 3, Publishes::ALL, Audience::LISTENING);
    let encoder =
        |meeting: &mut Simulation| meeting.try_join(ROOM, 7, 0, ENCODER, Audience::LISTENING, Reception::Nothing);
    let refused = encoder(&mut meeting).expect_err("refused");
    assert!(matches!(refused, JoinError::NotVp8(_)), "{refused}");
    assert!(refused.to_string().contains("does not decode H.264"), "{refused}");
    meeting.command(Command::Leave { peer: member });
    let other = meeting.join(2, 3, BOTH, Audience::LISTENING);
    let encoder = encoder(&mut meeting).expect("accepted");
    meeting.run_until("the encoder is seen", secs(2), |m| {
        m.people[&other].frames_of(encoder) > 3
    });
}

#[test]
fn who_does_not_decode_an_encoder_is_let_in_and_that_is_said() {
    let (mut meeting, ids) = council(5, 2);
    let encoder = meeting.join_as(7, 0, ENCODER, Audience::LISTENING, Reception::Nothing);
    meeting.run_until("the encoder is seen", secs(2), |m| {
        ids.iter().all(|id| m.people[id].frames_of(encoder) > 3)
    });
    let guest = meeting.join(9, 4, Publishes::ALL, Audience::LISTENING);
    meeting.run(secs(3));
    let blind = edge(&meeting, guest, encoder);
    assert!(blind.not_decodable && !blind.waits_for_room, "{blind:?}");
    assert_eq!((blind.picture_forwarded, blind.layer), (0, None));
    assert_eq!(meeting.people[&guest].frames_of(encoder), 0);
    for id in &ids {
        let seen = edge(&meeting, *id, encoder);
        assert!(!seen.not_decodable && seen.picture_frames > 10, "{seen:?}");
        assert!(
            edge(&meeting, guest, *id).picture_frames > 10,
            "of the others all is seen"
        );
    }
    assert_eq!(meeting.people[&encoder].key_frames_asked, 1, "no key frame helps");
}

#[test]
fn switched_off_it_is_not_negotiated_and_an_encoder_is_told_so() {
    let mut meeting = Simulation::with(6, false);
    let ids: Vec<PeerId> = (1..=2)
        .map(|id| meeting.join(id, 2, BOTH, Audience::LISTENING))
        .collect();
    let refused = meeting
        .try_join(ROOM, 7, 0, ENCODER, Audience::LISTENING, Reception::Nothing)
        .expect_err("refused");
    assert!(refused.to_string().contains("media.h264"), "{refused}");
    meeting.run(secs(12));
    assert!(each_is_sent(&meeting, &ids, Vp8));
}
