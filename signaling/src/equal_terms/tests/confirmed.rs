//! A presence check that found people seen and heard.

use super::*;

const WHO: ParticipantId = id(2);

fn covered(second: &mut Second) {
    report_of(second, WHO).camera = CameraState::Covered;
}

#[test]
fn what_was_found_about_whom_the_check_confirms_is_over_at_once() {
    let mut council = Council::with_speaker(5);
    council.settle();
    council.pass(12, |second| {
        covered(second);
        sound_of(second, WHO).lost = 20;
        sound_of(second, id(3)).lost = 20;
    });
    assert_eq!(
        council.confirm([2]),
        [(Some(2), Direction::Heard), (Some(2), Direction::Seen)]
    );
    let verdict = council.pass(10, |_| ());
    assert_eq!(verdict.of(WHO, Direction::Seen).level, Level::Green);
    assert_eq!(council.confirm([2]), [], "it has not come back");
    assert_eq!(
        council.confirm([3]),
        [(Some(3), Direction::Heard)],
        "nor was it the others'"
    );
}

#[test]
fn their_windows_begin_anew_and_so_does_the_time_to_settle() {
    let mut council = Council::of(4);
    council.settle();
    let frozen = |second: &mut Second| received_of(second, WHO).for_each(|received| received.frozen_ms = 400);
    council.pass(12, frozen);
    council.confirm([2]);
    let verdict = council.pass(3, frozen);
    assert_eq!(verdict.of(WHO, Direction::Seen).level, Level::Unknown);
    assert_eq!(verdict.matrix.picture[1], "u-uu");
    assert_eq!(verdict.matrix.picture[0], "-ugg");
    let verdict = council.pass(4, |_| ());
    assert_eq!(verdict.of(WHO, Direction::Seen).level, Level::Green);
    assert_eq!(verdict.matrix.picture[1], "g-gg");
}

#[test]
fn what_is_still_wrong_is_raised_again() {
    let mut council = Council::of(4);
    council.settle();
    council.pass(12, covered);
    council.confirm([2]);
    let before = council.raised().len();
    council.pass(8, covered);
    assert_eq!(council.raised().len(), before + 1);
}

#[test]
fn a_broken_link_stays_broken() {
    let mut council = Council::of(4);
    council.settle();
    let start = council.at_ms;
    council.pass(6, |second| cut(second, WHO, start));
    council.confirm([2]);
    let verdict = council.pass(1, |second| cut(second, WHO, start));
    let link = verdict.of(WHO, Direction::Link);
    assert_eq!((link.level, link.cause), (Level::Red, Some(Cause::LinkLost)));
    assert_eq!(link.figure, Some(7.0), "since it broke");
    assert_eq!(council.raised().len(), 2, "and is told again");
}

#[test]
fn the_relays_alert_is_over_with_a_check() {
    let mut council = Council::of(7);
    council.settle();
    council.pass(12, |second| {
        for who in (1..=4).map(id) {
            sound_of(second, who).lost = 20;
        }
    });
    assert_eq!(council.confirm(1..=3), [(None, Direction::Heard)]);
}

#[test]
fn who_is_not_there_is_not_confirmed() {
    let mut council = Council::of(3);
    council.settle();
    assert_eq!(council.confirm([9]), []);
    assert_eq!(council.pass(1, |_| ()).participants.len(), 3);
}
