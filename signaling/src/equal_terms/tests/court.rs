//! What courts have annulled decisions for, and pages that say all is well when it is not.

use super::*;

const OVERVIEW: ParticipantId = id(2);
const MEMBER: ParticipantId = id(3);

/// Seconds from the start of the fault until the verdict is red in the direction, at most a minute.
fn red_after(council: &mut Council, who: ParticipantId, direction: Direction, fault: impl Fn(&mut Second)) -> u32 {
    for seconds in 1..=60 {
        if council.pass(1, &fault).of(who, direction).level == Level::Red {
            return seconds;
        }
    }
    panic!("never red");
}

fn chamber() -> Council {
    let mut council = Council {
        chamber: Some(OVERVIEW),
        ..Council::with_speaker(6)
    };
    council.settle();
    council
}

fn alarms(council: &Council) -> Vec<(Option<u32>, Direction)> {
    let alarms = council.alerts().into_iter().filter(|alert| alert.level == Level::Red);
    alarms
        .map(|alert| (alert.key.about.map(|about| about.0), alert.key.direction))
        .collect()
}

#[test]
fn the_overview_of_the_chamber_is_lost() {
    let mut council = chamber();
    let start = council.at_ms;
    let lost = |second: &mut Second| cut(second, OVERVIEW, start);
    assert_eq!(red_after(&mut council, OVERVIEW, Direction::Link, lost), 5);
    assert_eq!(alarms(&council), [(Some(OVERVIEW.0), Direction::Link)]);
    let verdict = council.pass(1, lost);
    assert_eq!(verdict.matrix.picture[1], "r-rrrr", "nobody sees the chamber");
}

#[test]
fn the_overview_of_the_chamber_goes_dark() {
    let mut council = chamber();
    let dark = |second: &mut Second| received_of(second, OVERVIEW).for_each(|received| received.black = true);
    assert_eq!(red_after(&mut council, OVERVIEW, Direction::Seen, dark), 5);
    assert_eq!(alarms(&council), [(Some(OVERVIEW.0), Direction::Seen)]);
}

#[test]
fn a_members_picture_stops_while_the_meeting_goes_on() {
    let mut council = chamber();
    let stopped = council.at_ms;
    let stops = |second: &mut Second| {
        let still_ms = u32::try_from(second.at_ms - stopped).unwrap();
        *picture_of(second, MEMBER) = PictureMeasured {
            frames: 0,
            since_last_frame_ms: still_ms,
            area: None,
        };
        received_of(second, MEMBER).for_each(|received| (received.frames, received.frozen_ms) = (0, 1000));
    };
    assert!(red_after(&mut council, MEMBER, Direction::Seen, stops) <= 3);
    let verdict = council.pass(30, stops);
    assert_eq!(
        verdict.bad(),
        [(MEMBER.0, Direction::Seen, Level::Red)],
        "nor does it pass"
    );
    assert_eq!(alarms(&council), [(Some(MEMBER.0), Direction::Seen)]);
}

#[test]
fn a_camera_is_switched_off() {
    let mut council = chamber();
    let off = |second: &mut Second| report_of(second, MEMBER).camera = CameraState::Off;
    assert_eq!(red_after(&mut council, MEMBER, Direction::Seen, off), 5);
    assert_eq!(alarms(&council), [(Some(MEMBER.0), Direction::Seen)]);
}

#[test]
fn who_answers_the_roll_call_is_not_shown_to_some() {
    // The floor is with whoever is called. Two of the others decode nothing of them.
    let mut council = chamber();
    let unseen = |second: &mut Second| {
        for receiver in [id(4), id(5)] {
            received_by(second, receiver)
                .filter(|received| received.sender == SPEAKER)
                .for_each(|received| (received.frames, received.area) = (0, 0));
        }
    };
    let verdict = council.pass(4, unseen);
    let bad = [(4, Direction::Sees, Level::Red), (5, Direction::Sees, Level::Red)];
    assert_eq!(verdict.bad(), bad);
    assert_eq!(verdict.matrix.picture[0], "-ggrrg");
}

#[test]
fn who_answers_the_roll_call_is_shown_to_nobody() {
    let mut council = chamber();
    let unseen = |second: &mut Second| {
        received_of(second, SPEAKER).for_each(|received| (received.frames, received.area) = (0, 0));
    };
    assert!(red_after(&mut council, SPEAKER, Direction::Seen, unseen) <= 3);
    assert_eq!(alarms(&council), [(Some(SPEAKER.0), Direction::Seen)]);
}

/// Its page goes on to report that it plays and shows everybody.
fn lies_about_a_cut(second: &mut Second, who: ParticipantId, since_ms: i64) {
    let report = report_of(second, who).clone();
    cut(second, who, since_ms);
    second.reports.push(report);
}

#[test]
fn a_page_that_lies_does_not_hide_a_lost_link() {
    let mut council = chamber();
    let start = council.at_ms;
    let lies = |second: &mut Second| lies_about_a_cut(second, MEMBER, start);
    assert_eq!(red_after(&mut council, MEMBER, Direction::Link, lies), 5);
}

/// What comes from them arrives, but nothing that is sent to them, and their browser acknowledges nothing.
fn unacknowledged(second: &mut Second, who: ParticipantId) {
    for edge in second.edges.iter_mut().filter(|edge| edge.receiver == who) {
        (edge.sound_lost, edge.acknowledged) = (None, false);
    }
}

#[test]
fn a_page_that_lies_does_not_hide_that_nothing_reaches_it() {
    let mut council = chamber();
    let lies = |second: &mut Second| unacknowledged(second, MEMBER);
    assert_eq!(red_after(&mut council, MEMBER, Direction::Sees, lies), 8);
    let verdict = council.pass(1, lies);
    assert_eq!(verdict.of(MEMBER, Direction::Sees).cause, Some(Cause::Unacknowledged));
    assert_eq!(alarms(&council), [(Some(MEMBER.0), Direction::Sees)]);
    let column: String = verdict
        .matrix
        .sound
        .iter()
        .filter_map(|row| row.chars().nth(2))
        .collect();
    assert_eq!(column, "rr-rrr", "neither do they hear");
}

#[test]
fn a_line_that_answers_nothing_is_not_forgotten_when_the_relay_holds_pictures_back_from_it() {
    let mut council = chamber();
    council.pass(3, |second| unacknowledged(second, MEMBER));
    let held_back = |second: &mut Second| {
        unacknowledged(second, MEMBER);
        for edge in second.edges.iter_mut().filter(|edge| edge.receiver == MEMBER) {
            (edge.picture_forwarded, edge.unseen) = (0, true);
        }
        leg_of(second, MEMBER).withheld = 5;
    };
    let verdict = council.pass(6, held_back);
    let found = verdict.of(MEMBER, Direction::Sees);
    assert_eq!((found.level, found.cause), (Level::Red, Some(Cause::Unacknowledged)));
}

#[test]
fn receiver_reports_that_stay_away_for_a_while_are_no_fault() {
    let mut council = chamber();
    for _ in 0..10 {
        assert_eq!(council.pass(4, |second| unacknowledged(second, MEMBER)).bad(), []);
        assert_eq!(council.pass(1, |_| ()).bad(), []);
    }
}

/// Levels of what the member hears, so many seconds after the meeting began, who loses this share of the sound.
fn hears_after(seconds: u32, share: f32) -> Vec<Level> {
    let mut council = Council::with_open_microphone(6);
    let verdict = council.pass(seconds, |second| {
        for edge in second.edges.iter_mut().filter(|edge| edge.receiver == MEMBER) {
            edge.sound_lost = edge.sound_lost.map(|_| share);
        }
    });
    verdict.bad().into_iter().map(|(_, _, level)| level).collect()
}

#[test]
fn while_the_window_fills_loss_is_red_only_if_it_is_more_than_chance() {
    assert_eq!(hears_after(7, 0.11), [Level::Amber]);
    assert_eq!(hears_after(14, 0.11), [Level::Red]);
    assert_eq!(hears_after(7, 0.3), [Level::Red]);
}

#[test]
fn loss_that_the_browsers_own_receiver_reports_tell_is_red_whatever_the_page_says() {
    let mut council = Council::with_open_microphone(6);
    council.settle();
    let lossy = |second: &mut Second| {
        for edge in second.edges.iter_mut().filter(|edge| edge.receiver == MEMBER) {
            edge.sound_lost = edge.sound_lost.map(|_| 0.3);
        }
    };
    let verdict = council.pass(11, lossy);
    assert_eq!(verdict.bad(), [(MEMBER.0, Direction::Hears, Level::Red)]);
}
