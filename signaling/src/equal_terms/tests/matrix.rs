//! The matrix of who reaches whom.

use super::*;

const WHO: ParticipantId = id(2);

fn after(mut council: Council, seconds: u32, fault: impl Fn(&mut Second)) -> Verdict {
    council.settle();
    council.pass(seconds, fault)
}

#[test]
fn all_is_green_but_the_diagonal_once_everybody_has_settled() {
    let mut council = Council::of(3);
    let verdict = council.pass(2, |_| ());
    assert_eq!(verdict.matrix.sound, ["-uu", "u-u", "uu-"]);
    let verdict = council.settle();
    assert_eq!(verdict.matrix.people, [id(1), id(2), id(3)]);
    assert_eq!(verdict.matrix.sound, ["-gg", "g-g", "gg-"]);
    assert_eq!(verdict.matrix.picture, verdict.matrix.sound);
}

#[test]
fn one_edge_is_told_from_a_row_and_a_column() {
    let verdict = after(Council::of(4), 12, |second| {
        received_by(second, WHO)
            .filter(|received| received.sender == id(3))
            .for_each(|received| received.frozen_ms = 60);
    });
    assert_eq!(verdict.matrix.picture, ["-ggg", "g-gg", "ga-g", "ggg-"]);
    assert_eq!(verdict.matrix.sound, ["-ggg", "g-gg", "gg-g", "ggg-"]);
}

#[test]
fn what_the_senders_leg_shows_is_their_row() {
    let verdict = after(Council::of(4), 12, |second| sound_of(second, WHO).lost = 20);
    assert_eq!(verdict.matrix.sound, ["-ggg", "r-rr", "gg-g", "ggg-"]);
    assert_eq!(verdict.matrix.picture, ["-ggg", "g-gg", "gg-g", "ggg-"]);
    let verdict = after(Council::of(3), 6, |second| {
        report_of(second, WHO).camera = CameraState::Covered;
    });
    assert_eq!(verdict.matrix.picture, ["-gg", "r-r", "gg-"]);
}

#[test]
fn a_lost_link_is_a_row_and_a_column_of_both() {
    let mut council = Council::of(4);
    council.settle();
    let start = council.at_ms;
    let verdict = council.pass(6, |second| cut(second, WHO, start));
    assert_eq!(verdict.matrix.sound, ["-rgg", "r-rr", "gr-g", "grg-"]);
    assert_eq!(verdict.matrix.picture, verdict.matrix.sound);
}

#[test]
fn a_page_that_says_nothing_is_an_unknown_column_and_stays_so() {
    for seconds in [2, 60] {
        let verdict = after(Council::of(3), seconds, |second| {
            second.reports.retain(|report| report.participant != WHO);
        });
        assert_eq!(verdict.matrix.sound, ["-ug", "g-g", "gu-"], "after {seconds} s");
        assert_eq!(verdict.matrix.picture, verdict.matrix.sound);
    }
}

#[test]
fn a_sender_whom_a_page_leaves_out_is_unknown_to_it() {
    let verdict = after(Council::of(3), 2, |second| {
        report_of(second, WHO)
            .received
            .retain(|received| received.sender != id(3));
    });
    assert_eq!(verdict.matrix.sound, ["-gg", "g-g", "gu-"]);
    assert_eq!(verdict.of(WHO, Direction::Hears).level, Level::Unknown);
    assert!(
        verdict.of(WHO, Direction::Sees).level >= Level::Amber,
        "nothing is decoded"
    );
}

#[test]
fn a_pause_suspends_a_row_and_a_column() {
    let verdict = after(Council::of(3), 2, |second| second.present[1].suspended = true);
    assert_eq!(verdict.matrix.sound, ["-sg", "s-s", "gs-"]);
}

#[test]
fn who_only_sends_has_a_row_and_no_column() {
    let verdict = after(Council::of(3), 2, |second| {
        second.present[1].duties = super::super::Duties {
            heard: false,
            seen: true,
            hears: false,
            sees: false,
        };
        second.reports.retain(|report| report.participant != WHO);
    });
    assert_eq!(verdict.matrix.sound, ["--g", "---", "g--"]);
    assert_eq!(verdict.matrix.picture, ["--g", "g-g", "g--"]);
}

#[test]
fn a_picture_held_back_is_the_edge_that_it_is_held_back_on() {
    let verdict = after(Council::of(4), 3, |second| {
        leg_of(second, WHO).withheld = 1;
        for edge in second
            .edges
            .iter_mut()
            .filter(|edge| (edge.sender, edge.receiver) == (id(4), WHO))
        {
            edge.unseen = true;
        }
    });
    assert_eq!(verdict.matrix.picture, ["-ggg", "g-gg", "gg-g", "grg-"]);
    assert_eq!(verdict.of(WHO, Direction::Sees).level, Level::Red);
}

#[test]
fn sound_and_picture_apart_are_both() {
    let verdict = after(Council::with_speaker(3), 11, |second| {
        received_by(second, WHO).for_each(|received| received.lip_sync_ms = Some(60.0));
    });
    assert_eq!(verdict.matrix.sound[0], "-ag");
    assert_eq!(verdict.matrix.picture[0], "-ag");
}
