//! From peers and slots to participants.

use super::super::Duties;
use super::*;
use crate::meeting::Role;
use crate::protocol::{Report, SlotReport};
use lika_sfu::sample::{EdgeSample, LegSample, PictureIn, RoomSample, SoundIn};
use lika_sfu::{Layer, PeerId, RoomId, SlotIndex};
use std::time::Duration;

/// Peers 10 and 11 are both participant 1's, peer 20 is participant 2, and others are nobody's.
fn who(peer: PeerId) -> Option<ParticipantId> {
    match peer.0 {
        10 | 11 => Some(id(1)),
        20 => Some(id(2)),
        _ => None,
    }
}

fn leg(peer: u64) -> LegSample {
    LegSample {
        peer: PeerId(peer),
        connected: true,
        silent_for: Duration::from_millis(20),
        round_trip: Some(Duration::from_millis(30)),
        sound: Some(SoundIn {
            expected: 50,
            lost: 1,
            voiced: 7,
            loudest: 40,
            ..SoundIn::default()
        }),
        downlink_bps: None,
        picture: [None; 3],
        offers_picture: true,
    }
}

fn edge(source: u64, receiver: u64) -> EdgeSample {
    EdgeSample {
        receiver: PeerId(receiver),
        source: PeerId(source),
        slot: SlotIndex(0),
        sound_forwarded: 50,
        sound_lost: Some(0.25),
        sound_jitter: None,
        picture_forwarded: 0,
        picture_frames: 0,
        picture_lost: None,
        layer: Some(Layer::Low),
        waits_for_room: false,
        not_decodable: false,
        nacked: 0,
        key_frame_requests: 0,
    }
}

fn layer(frames: u32, since_ms: u64) -> Option<PictureIn> {
    let since_last_frame = Duration::from_millis(since_ms);
    Some(PictureIn {
        frames,
        since_last_frame,
        ..PictureIn::default()
    })
}

/// As its key frames tell.
fn sized(layer: Option<PictureIn>) -> Option<PictureIn> {
    layer.map(|layer| PictureIn {
        width: 320,
        height: 180,
        ..layer
    })
}

#[test]
fn peers_become_participants_and_strangers_are_left_out() {
    let legs = vec![
        LegSample {
            picture: [layer(10, 90), None, layer(9, 40)].map(sized),
            ..leg(10)
        },
        leg(99),
    ];
    let edges = vec![edge(10, 20), edge(10, 11), edge(99, 20)];
    let mut second = Second::default();
    second.add_sample(
        &RoomSample {
            room: RoomId(1),
            legs,
            edges,
        },
        who,
    );
    let expected = LegMeasured {
        participant: id(1),
        connected: true,
        silent_ms: 20,
        round_trip_ms: Some(30.0),
        sound: Some(SoundMeasured {
            expected: 50,
            lost: 1,
            voiced: 7,
            loudest: 40,
        }),
        picture: Some(PictureMeasured {
            frames: 10,
            since_last_frame_ms: 40,
            area: Some(320 * 180),
        }),
        withheld: 0,
        undecodable: 0,
    };
    assert_eq!(second.legs, [expected]);
    let forwarded = EdgeMeasured {
        sender: id(1),
        receiver: id(2),
        sound_forwarded: 50,
        sound_lost: Some(0.25),
        picture_forwarded: 0,
        acknowledged: true,
        unseen: false,
    };
    assert_eq!(second.edges, [forwarded], "two devices of one person are no edge");
}

#[test]
fn slots_become_participants_and_nonsense_is_no_measurement() {
    let in_slot = |slot| match slot {
        0 => Some(id(1)),
        1 => Some(id(2)),
        _ => None,
    };
    let slot = |slot| SlotReport {
        slot,
        frames_decoded: 12,
        width: 320,
        height: 180,
        playing: true,
        ..SlotReport::default()
    };
    let heard = SlotReport {
        samples: 48_000,
        concealed: 960,
        silent_concealed: 480,
        energy: 0.01,
        still: true,
        lip_sync_ms: Some(-30.0),
        ..slot(1)
    };
    let wild = SlotReport {
        jitter_buffer_ms: Some(f32::NAN),
        lip_sync_ms: Some(-20_000.0),
        width: u32::MAX,
        ..heard
    };
    let slots = vec![slot(0), heard, slot(7)];
    let mut second = Second::default();
    second.add_report(
        id(1),
        9000,
        &Report {
            round_trip_ms: Some(-1.0),
            slots,
            ..Report::default()
        },
        in_slot,
    );
    second.add_report(
        id(1),
        9000,
        &Report {
            slots: vec![wild],
            ..Report::default()
        },
        in_slot,
    );
    let [report, wild] = &second.reports[..] else {
        panic!("two reports")
    };
    assert_eq!(report.round_trip_ms, None);
    let expected = Received {
        sender: id(2),
        frames: 12,
        frozen_ms: 0,
        black: false,
        area: 57_600,
        samples: 48_000,
        concealed: 480,
        played: true,
        jitter_buffer_ms: None,
        still: true,
        lip_sync_ms: Some(-30.0),
    };
    assert_eq!(report.received, [expected], "neither oneself nor an empty slot");
    let wild = wild.received[0];
    assert_eq!(
        (wild.jitter_buffer_ms, wild.lip_sync_ms, wild.area),
        (None, None, u32::MAX)
    );
}

#[test]
fn a_slot_counts_once_and_a_page_has_no_more_slots_than_there_are() {
    let received = |slots: Vec<SlotReport>| {
        let mut second = Second::default();
        let report = Report {
            slots,
            ..Report::default()
        };
        second.add_report(id(1), 9000, &report, |_| Some(id(2)));
        second.reports.first().map(|report| report.received.len())
    };
    let slot = |slot| SlotReport {
        slot,
        ..SlotReport::default()
    };
    assert_eq!(received(vec![slot(0), slot(1), slot(0)]), Some(2));
    let most = u16::try_from(lika_sfu::limits::MAX_SLOTS).unwrap();
    assert_eq!(received((0..most).map(slot).collect()), Some(most.into()));
    assert_eq!(received((0..=most).map(slot).collect()), None);
}

#[test]
fn whoever_is_no_device_of_the_chamber_is_to_hear_and_see() {
    assert_eq!(Duties::of(Role::Member, true), Duties::PERSON);
    assert_eq!(Duties::of(Role::Chamber, false), Duties::PERSON);
    let encoder = Duties::of(Role::Chamber, true);
    assert!(encoder.heard && encoder.seen && !encoder.reports());
}

#[test]
fn sound_that_is_not_played_or_all_made_up_is_not_heard() {
    let heard = SlotReport {
        samples: 48_000,
        energy: 0.01,
        playing: true,
        frames_decoded: 5,
        ..SlotReport::default()
    };
    let played = |slot: SlotReport| {
        let mut second = Second::default();
        second.add_report(
            id(1),
            9000,
            &Report {
                slots: vec![slot],
                ..Report::default()
            },
            |_| Some(id(2)),
        );
        (
            second.reports[0].received[0].played,
            second.reports[0].received[0].frames,
        )
    };
    assert_eq!(played(heard.clone()), (true, 5));
    assert_eq!(played(SlotReport { energy: 0.0, ..heard }), (false, 5));
    assert_eq!(
        played(SlotReport {
            concealed: 47_000,
            ..heard
        }),
        (false, 5)
    );
    assert_eq!(
        played(SlotReport {
            playing: false,
            ..heard
        }),
        (false, 0)
    );
}

#[test]
fn a_person_with_two_devices_is_seen_through_the_one_that_moves() {
    let mut council = Council::of(3);
    let verdict = council.pass(30, |second| {
        let mut idle = *leg_of(second, id(2));
        idle.picture = Some(PictureMeasured {
            frames: 0,
            since_last_frame_ms: 30_000,
            area: None,
        });
        idle.sound = None;
        second.legs.insert(0, idle);
    });
    assert_eq!(verdict.bad(), []);
}

#[test]
fn pictures_not_sent_are_counted_at_their_receiver_by_reason_and_strangers_are_not() {
    let held_back = |source, receiver| EdgeSample {
        waits_for_room: true,
        ..edge(source, receiver)
    };
    let not_decoded = |source, receiver| EdgeSample {
        not_decodable: true,
        ..edge(source, receiver)
    };
    let sample = RoomSample {
        room: RoomId(1),
        legs: vec![leg(10), leg(20)],
        edges: vec![
            held_back(20, 10),
            held_back(11, 10),
            held_back(99, 10),
            not_decoded(10, 20),
        ],
    };
    let mut second = Second::default();
    second.add_sample(&sample, who);
    let withheld: Vec<u32> = second.legs.iter().map(|leg| leg.withheld).collect();
    assert_eq!(withheld, [2, 0]);
    let undecodable: Vec<u32> = second.legs.iter().map(|leg| leg.undecodable).collect();
    assert_eq!(undecodable, [0, 1]);
}

#[test]
fn what_is_not_sent_and_not_acknowledged_is_said_of_the_edge() {
    let silent = EdgeSample {
        sound_lost: None,
        picture_forwarded: 30,
        ..edge(10, 20)
    };
    let about_picture = EdgeSample {
        picture_lost: Some(0.0),
        not_decodable: true,
        ..silent
    };
    let mut second = Second::default();
    second.add_sample(
        &RoomSample {
            room: RoomId(1),
            legs: Vec::new(),
            edges: vec![silent, about_picture],
        },
        who,
    );
    let told: Vec<_> = second
        .edges
        .iter()
        .map(|edge| (edge.picture_forwarded, edge.acknowledged, edge.unseen))
        .collect();
    assert_eq!(told, [(30, false, false), (30, true, true)]);
}
