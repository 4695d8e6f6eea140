//! Whose fault it is.

use super::*;

const SENDER: ParticipantId = id(3);
const RECEIVER: ParticipantId = id(4);

fn after(mut council: Council, fault: impl Fn(&mut Second)) -> Verdict {
    council.settle();
    council.pass(12, fault)
}

#[test]
fn what_most_receivers_miss_is_the_senders_uplink() {
    let verdict = after(Council::of(6), |second| {
        received_of(second, SENDER)
            .take(4)
            .for_each(|received| received.frozen_ms = 500);
    });
    assert_eq!(verdict.bad(), [(SENDER.0, Direction::Seen, Level::Red)]);
    assert_eq!(verdict.of(SENDER, Direction::Seen).affected, 4);
}

#[test]
fn what_one_receiver_misses_of_everybody_is_that_receivers_downlink() {
    let verdict = after(Council::of(6), |second| {
        received_by(second, RECEIVER).for_each(|received| received.frozen_ms = 500);
    });
    assert_eq!(verdict.bad(), [(RECEIVER.0, Direction::Sees, Level::Red)]);
    assert_eq!(verdict.of(RECEIVER, Direction::Sees).affected, 5);
}

#[test]
fn a_lone_complaint_is_the_complainers() {
    let verdict = after(Council::of(6), |second| {
        let mut received = received_by(second, RECEIVER);
        received
            .find(|received| received.sender == SENDER)
            .expect("shown")
            .black = true;
    });
    assert_eq!(verdict.bad(), [(RECEIVER.0, Direction::Sees, Level::Red)]);
}

#[test]
fn a_bad_sender_and_a_bad_receiver_are_told_apart() {
    let verdict = after(Council::of(8), |second| {
        received_of(second, SENDER).for_each(|received| received.frozen_ms = 500);
        received_by(second, RECEIVER).for_each(|received| received.frozen_ms = 500);
    });
    let bad = [
        (SENDER.0, Direction::Seen, Level::Red),
        (RECEIVER.0, Direction::Sees, Level::Red),
    ];
    assert_eq!(verdict.bad(), bad);
}

#[test]
fn two_bad_downlinks_of_four_do_not_make_a_bad_sender() {
    let verdict = after(Council::of(4), |second| {
        for receiver in [id(3), id(4)] {
            received_by(second, receiver).for_each(|received| received.frozen_ms = 500);
        }
    });
    assert_eq!(
        verdict.bad(),
        [(3, Direction::Sees, Level::Red), (4, Direction::Sees, Level::Red)]
    );
}

#[test]
fn what_the_relay_measures_of_the_sender_is_not_asked_of_the_only_receiver() {
    let verdict = after(Council::of(2), |second| {
        picture_of(second, id(2)).since_last_frame_ms = 600;
        received_of(second, id(2)).for_each(|received| received.frozen_ms = 600);
    });
    assert_eq!(verdict.bad(), [(2, Direction::Seen, Level::Red)]);
}

#[test]
fn speech_that_nobody_hears_is_the_speakers() {
    let verdict = after(Council::with_speaker(5), |second| {
        received_of(second, SPEAKER).for_each(|received| received.played = false);
    });
    assert_eq!(verdict.bad(), [(SPEAKER.0, Direction::Heard, Level::Red)]);
    assert_eq!(verdict.of(SPEAKER, Direction::Heard).affected, 4);
}

#[test]
fn speech_that_most_do_not_hear_is_the_speakers_and_that_one_does_not_hear_is_the_listeners() {
    let unheard_by = |receivers: &'static [u32]| {
        move |second: &mut Second| {
            for receiver in receivers {
                received_by(second, id(*receiver)).for_each(|received| received.played = false);
            }
        }
    };
    let verdict = after(Council::with_speaker(5), unheard_by(&[2, 3, 4]));
    assert_eq!(verdict.bad(), [(SPEAKER.0, Direction::Heard, Level::Red)]);
    let verdict = after(Council::with_speaker(5), unheard_by(&[4]));
    assert_eq!(verdict.bad(), [(4, Direction::Hears, Level::Red)]);
}

#[test]
fn most_of_the_matrix_is_the_relays_and_one_alert() {
    let mut council = Council::of(12);
    council.settle();
    let verdict = council.pass(12, |second| {
        for report in &mut second.reports {
            report.received.iter_mut().for_each(|received| received.frozen_ms = 500);
        }
    });
    let relay: Vec<_> = verdict
        .relay
        .iter()
        .map(|found| (found.direction, found.level, found.affected))
        .collect();
    assert_eq!(relay, [(Direction::Sees, Level::Red, 12)]);
    let raised: Vec<_> = council.raised().into_iter().map(|alert| alert.key.about).collect();
    assert_eq!(raised, [None]);
}

/// The relay loses a third of what it sends: the pictures of all are bad, and the sound of whoever speaks.
fn overloaded(second: &mut Second) {
    for received in second.reports.iter_mut().flat_map(|report| &mut report.received) {
        received.frozen_ms = 500;
        if received.sender == SPEAKER {
            received.concealed = 14_400;
        }
    }
}

#[test]
fn an_overloaded_relay_is_not_the_only_speakers_fault() {
    let mut council = Council::with_speaker(6);
    council.settle();
    council.pass(12, overloaded);
    let raised: Vec<_> = council.raised().into_iter().map(|alert| alert.key).collect();
    assert!(raised.iter().all(|key| key.about.is_none()), "{raised:?}");
    assert!(raised.iter().any(|key| key.direction == Direction::Hears), "{raised:?}");
}

#[test]
fn what_an_overloaded_relay_leaves_in_the_windows_is_still_the_relays() {
    let mut council = Council::with_speaker(6);
    council.settle();
    let stands_still_longer = |second: &mut Second| {
        received_by(second, id(3)).for_each(|received| received.frozen_ms = 1000);
    };
    council.pass(9, overloaded);
    council.pass(3, |second| {
        overloaded(second);
        stands_still_longer(second);
    });
    council.pass(1, stands_still_longer);
    council.pass(60, |_| ());
    let raised: Vec<_> = council.raised().into_iter().map(|alert| alert.key).collect();
    assert!(raised.iter().all(|key| key.about.is_none()), "{raised:?}");
    assert_eq!(council.pass(1, |_| ()).relay, []);
}

#[test]
fn a_break_of_everybodys_link_leaves_nobodys_behind() {
    let mut council = Council::of(6);
    council.settle();
    for silent_ms in [1000, 2000, 3000] {
        council.pass(1, |second| {
            second.legs.iter_mut().for_each(|leg| leg.silent_ms = silent_ms);
            second.reports.clear();
        });
    }
    // One is shown the others a little later.
    council.pass(2, |second| {
        received_by(second, id(3)).for_each(|received| received.frozen_ms = 1000);
    });
    council.pass(60, |_| ());
    let raised: Vec<_> = council.raised().into_iter().map(|alert| alert.key).collect();
    assert!(
        !raised.is_empty() && raised.iter().all(|key| key.about.is_none()),
        "{raised:?}"
    );
}

#[test]
fn whoever_is_silent_after_a_break_of_everybodys_is_named() {
    let mut council = Council::of(6);
    council.settle();
    for silent_ms in [1000, 2000, 3000] {
        council.pass(1, |second| {
            second.legs.iter_mut().for_each(|leg| leg.silent_ms = silent_ms);
        });
    }
    for silent_ms in [4000, 5000, 6000] {
        council.pass(1, |second| leg_of(second, id(3)).silent_ms = silent_ms);
    }
    let raised: Vec<_> = council.raised().into_iter().map(|alert| alert.key).collect();
    assert!(
        raised
            .iter()
            .any(|key| key.about == Some(id(3)) && key.direction == Direction::Link),
        "{raised:?}"
    );
}

#[test]
fn a_speaker_whose_own_line_is_bad_is_named_beside_an_overloaded_relay() {
    let mut council = Council::with_speaker(6);
    council.settle();
    let verdict = council.pass(12, |second| {
        overloaded(second);
        sound_of(second, SPEAKER).lost = 20;
    });
    assert_eq!(verdict.of(SPEAKER, Direction::Heard).level, Level::Red);
    assert!(council.raised().iter().any(|alert| alert.key.about == Some(SPEAKER)));
}

#[test]
fn who_receives_badly_does_not_make_the_speaker_red_with_their_own_figure() {
    let mut council = Council::with_speaker(6);
    council.settle();
    let verdict = council.pass(12, |second| {
        // A little less than should be, for everybody: the secretary is told.
        received_of(second, SPEAKER).for_each(|received| received.frames = 19);
        received_by(second, id(3)).for_each(|received| received.frozen_ms = 400);
        received_by(second, id(3)).for_each(|received| received.frames = 9);
    });
    assert_eq!(verdict.of(id(3), Direction::Sees).level, Level::Red);
    assert_eq!(verdict.of(SPEAKER, Direction::Seen).level, Level::Amber);
}

#[test]
fn whose_reports_come_first_is_not_at_fault_for_a_speaker_whom_nobody_hears_well() {
    let mut council = Council::with_speaker(6);
    council.settle();
    let concealed = |second: &mut Second, receivers: &[u32]| {
        for receiver in receivers {
            let of_speaker = |received: &&mut Received| received.sender == SPEAKER;
            received_by(second, id(*receiver))
                .filter(of_speaker)
                .for_each(|received| received.concealed = 40_000);
        }
    };
    council.pass(1, |second| concealed(second, &[3]));
    council.pass(10, |second| concealed(second, &[2, 3, 4, 5, 6]));
    let about: std::collections::BTreeSet<_> = council.alerts().iter().map(|alert| alert.key.about).collect();
    assert_eq!(about, [Some(SPEAKER)].into());
}

#[test]
fn whoever_complains_alone_is_told_of_a_second_later() {
    let mut council = Council::with_speaker(6);
    council.settle();
    let badly_heard = |second: &mut Second| {
        let of_speaker = |received: &&mut Received| received.sender == SPEAKER;
        received_by(second, id(3))
            .filter(of_speaker)
            .for_each(|received| received.concealed = 40_000);
    };
    assert_eq!(council.pass(1, badly_heard).bad(), []);
    assert_eq!(council.pass(1, badly_heard).bad(), [(3, Direction::Hears, Level::Red)]);
}

#[test]
fn acknowledgements_lost_with_all_else_are_not_a_line_that_receives_nothing() {
    let mut council = Council::of(6);
    council.settle();
    council.pass(12, |second| {
        sound_of(second, id(3)).lost = 35;
        second
            .edges
            .iter_mut()
            .filter(|edge| edge.receiver == id(3))
            .for_each(|edge| edge.acknowledged = false);
    });
    let raised: Vec<_> = council
        .raised()
        .iter()
        .map(|alert| (alert.key.about, alert.key.direction))
        .collect();
    assert_eq!(raised, [(Some(id(3)), Direction::Heard)]);
}

#[test]
fn uplinks_that_fail_together_are_the_relays_and_one_alert() {
    let mut council = Council::of(7);
    council.settle();
    council.pass(12, |second| {
        for who in (1..=4).map(id) {
            sound_of(second, who).lost = 20;
        }
    });
    let raised: Vec<_> = council
        .raised()
        .iter()
        .map(|alert| (alert.key.about, alert.key.direction))
        .collect();
    assert_eq!(raised, [(None, Direction::Heard)]);
    assert_eq!(
        council.alerts().last().map(|alert| (alert.level, alert.affected)),
        Some((Level::Red, 4))
    );
}

#[test]
fn a_relay_that_says_nothing_is_one_alert() {
    let mut council = Council::of(9);
    council.settle();
    council.pass(8, |second| {
        second.legs.clear();
        second.edges.clear();
        second.reports.clear();
    });
    let alerts = council.alerts();
    assert!(
        alerts
            .iter()
            .all(|alert| alert.key.about.is_none() && alert.key.direction == Direction::Link),
        "{alerts:?}"
    );
    assert_eq!(
        alerts.last().map(|alert| (alert.level, alert.cause)),
        Some((Level::Red, Cause::LinkLost))
    );
}

#[test]
fn cameras_switched_off_by_many_are_not_the_relays() {
    let verdict = after(Council::of(4), |second| {
        for who in [id(1), id(2), id(3)] {
            report_of(second, who).camera = CameraState::Off;
        }
    });
    assert_eq!(verdict.relay, []);
    let seen = Direction::Seen;
    assert_eq!(
        verdict.bad(),
        [(1, seen, Level::Red), (2, seen, Level::Red), (3, seen, Level::Red)]
    );
}

#[test]
fn a_slow_leg_delays_its_owner_alone() {
    let verdict = after(Council::of(6), |second| {
        leg_of(second, RECEIVER).round_trip_ms = Some(900.0);
    });
    assert_eq!(verdict.bad(), [(RECEIVER.0, Direction::Delay, Level::Red)]);
}

#[test]
fn whoever_a_page_does_not_show_is_not_seen_by_it() {
    let verdict = after(Council::of(5), |second| {
        report_of(second, RECEIVER)
            .received
            .retain(|received| received.sender != SENDER);
    });
    assert_eq!(verdict.bad(), [(RECEIVER.0, Direction::Sees, Level::Red)]);
}
