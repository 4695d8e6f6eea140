//! Each row of the profile: well, just below amber, amber, red, and well again.

use super::*;

/// A row at one place: a fault of a given size about participant 2, and how it must be judged.
struct Case {
    row: &'static str,
    council: fn() -> Council,
    fault: fn(&mut Second, f64),
    /// Seconds of a steady fault until its level is certain.
    seconds: u32,
    below: f64,
    amber: Option<f64>,
    red: f64,
    direction: Direction,
    cause: Cause,
}

const WHO: ParticipantId = id(2);

fn quiet() -> Council {
    Council::of(5)
}

fn speaking() -> Council {
    Council::with_speaker(5)
}

fn open() -> Council {
    Council::with_open_microphone(5)
}

const CASES: &[Case] = &[
    Case {
        row: "link",
        council: quiet,
        fault: |second, seconds| leg_of(second, WHO).silent_ms = (seconds * 1000.0) as u32,
        seconds: 6,
        below: 1.9,
        amber: Some(2.0),
        red: 5.0,
        direction: Direction::Link,
        cause: Cause::LinkLost,
    },
    Case {
        row: "sound loss at the relay",
        council: quiet,
        fault: |second, percent| {
            let sound = sound_of(second, WHO);
            (sound.expected, sound.lost) = (1000, (percent * 10.0) as u32);
        },
        seconds: 11,
        below: 4.9,
        amber: Some(5.0),
        red: 10.0,
        direction: Direction::Heard,
        cause: Cause::SoundLoss,
    },
    Case {
        row: "sound loss at the receiver, who decodes no speech",
        council: open,
        fault: |second, percent| {
            for edge in second
                .edges
                .iter_mut()
                .filter(|edge| edge.sender == SPEAKER && edge.receiver == WHO)
            {
                edge.sound_lost = Some(percent as f32 / 100.0);
            }
        },
        seconds: 11,
        below: 4.9,
        amber: Some(5.0),
        red: 10.1,
        direction: Direction::Hears,
        cause: Cause::SoundLoss,
    },
    Case {
        row: "concealment at the receiver",
        council: speaking,
        fault: |second, percent| {
            received_by(second, WHO).for_each(|received| received.concealed = (percent * 480.0) as u32);
        },
        seconds: 11,
        below: 2.9,
        amber: Some(3.0),
        red: 7.0,
        direction: Direction::Hears,
        cause: Cause::SoundConcealed,
    },
    Case {
        row: "picture frozen at the receiver",
        council: quiet,
        fault: |second, percent| {
            received_by(second, WHO).for_each(|received| received.frozen_ms = (percent * 10.0) as u32);
        },
        seconds: 11,
        below: 4.9,
        amber: Some(5.0),
        red: 20.0,
        direction: Direction::Sees,
        cause: Cause::PictureFrozen,
    },
    Case {
        row: "picture frozen at the relay",
        council: quiet,
        // A gap of so many tenths of every second; at 25 frames/s a gap from 190 ms on is a freeze.
        fault: |second, percent| picture_of(second, WHO).since_last_frame_ms = (percent * 10.0) as u32,
        seconds: 11,
        below: 18.9,
        amber: None,
        red: 20.0,
        direction: Direction::Seen,
        cause: Cause::PictureFrozen,
    },
    Case {
        row: "one freeze at the relay",
        council: quiet,
        fault: |second, seconds| picture_of(second, WHO).since_last_frame_ms = (seconds * 1000.0) as u32,
        seconds: 1,
        below: 0.18,
        amber: Some(1.0),
        red: 3.0,
        direction: Direction::Seen,
        cause: Cause::PictureFrozen,
    },
    Case {
        row: "frame rate at the relay",
        council: quiet,
        fault: |second, rate| picture_of(second, WHO).frames = rate as u32,
        seconds: 11,
        below: 8.0,
        amber: Some(7.0),
        red: 4.0,
        direction: Direction::Seen,
        cause: Cause::FrameRate,
    },
    Case {
        row: "frame rate at the receiver",
        council: quiet,
        fault: |second, rate| received_by(second, WHO).for_each(|received| received.frames = rate as u32),
        seconds: 11,
        below: 8.0,
        amber: Some(7.0),
        red: 4.0,
        direction: Direction::Sees,
        cause: Cause::FrameRate,
    },
    Case {
        row: "frame rate of the speaker at the receiver",
        council: open,
        fault: |second, rate| received_by(second, WHO).for_each(|received| received.frames = rate as u32),
        seconds: 11,
        below: 20.0,
        amber: Some(19.0),
        red: 11.0,
        direction: Direction::Sees,
        cause: Cause::FrameRate,
    },
    Case {
        row: "size of the enlarged at the receiver",
        council: quiet,
        fault: |second, pixels| {
            for presence in second.present.iter_mut().filter(|presence| presence.participant == WHO) {
                presence.enlarges = Some(id(4));
            }
            received_by(second, WHO).for_each(|received| received.area = pixels as u32);
        },
        seconds: 25,
        below: 230_400.0,
        amber: Some(230_399.0),
        red: 76_799.0,
        direction: Direction::Sees,
        cause: Cause::PictureSize,
    },
    Case {
        row: "delay",
        council: quiet,
        // Half of this round trip, half of the others' 40 ms, 40 ms of jitter buffer and 60 ms of codec.
        fault: |second, delay| leg_of(second, WHO).round_trip_ms = Some(((delay - 120.0) * 2.0) as f32),
        seconds: 11,
        below: 249.0,
        amber: Some(250.0),
        red: 400.0,
        direction: Direction::Delay,
        cause: Cause::DelayLong,
    },
    Case {
        row: "sound ahead of the picture",
        council: open,
        fault: |second, ms| apart(second, ms),
        seconds: 11,
        below: 44.0,
        amber: Some(45.0),
        red: 90.0,
        direction: Direction::Delay,
        cause: Cause::LipSync,
    },
    Case {
        row: "sound behind the picture",
        council: open,
        fault: |second, ms| apart(second, -ms),
        seconds: 11,
        below: 99.0,
        amber: Some(100.0),
        red: 185.0,
        direction: Direction::Delay,
        cause: Cause::LipSync,
    },
    Case {
        row: "size that the chamber's camera sends",
        council: chamber,
        fault: |second, pixels| {
            picture_of(second, WHO).area = Some(pixels as u32);
        },
        seconds: 25,
        below: 921_600.0,
        amber: Some(921_599.0),
        red: 230_399.0,
        direction: Direction::Seen,
        cause: Cause::PictureSize,
    },
    Case {
        row: "size of the chamber at the receivers",
        council: chamber,
        fault: |second, pixels| received_of(second, WHO).for_each(|received| received.area = pixels as u32),
        seconds: 25,
        below: 230_400.0,
        amber: None,
        red: 230_399.0,
        direction: Direction::Seen,
        cause: Cause::PictureSize,
    },
];

fn apart(second: &mut Second, ahead_ms: f64) {
    received_by(second, WHO).for_each(|received| received.lip_sync_ms = Some(ahead_ms as f32));
}

/// Participant 2 is a device of the chamber.
fn chamber() -> Council {
    Council {
        chamber: Some(WHO),
        ..Council::of(5)
    }
}

impl Case {
    fn judged_at(&self, size: f64) -> (Verdict, DirectionVerdict) {
        let mut council = (self.council)();
        assert_eq!(council.settle().bad(), [], "{}: all is well first", self.row);
        let verdict = council.pass(self.seconds, |second| (self.fault)(second, size));
        let found = verdict.of(WHO, self.direction);
        (verdict, found)
    }
}

#[test]
fn every_row_is_green_below_amber() {
    for case in CASES {
        let (verdict, found) = case.judged_at(case.below);
        assert_eq!(found.level, Level::Green, "{} at {}", case.row, case.below);
        assert_eq!(verdict.bad(), [], "{} at {}", case.row, case.below);
    }
}

#[test]
fn every_row_is_amber_at_its_amber_limit_and_red_at_its_red_one() {
    for case in CASES {
        let limits = [(case.amber, Level::Amber), (Some(case.red), Level::Red)];
        for (size, level) in limits.into_iter().filter_map(|(size, level)| Some((size?, level))) {
            let (verdict, found) = case.judged_at(size);
            assert_eq!(
                verdict.bad(),
                [(WHO.0, case.direction, level)],
                "{} at {size}",
                case.row
            );
            assert_eq!(found.cause, Some(case.cause), "{} at {size}", case.row);
            assert_eq!(verdict.relay, [], "{} at {size}", case.row);
        }
    }
}

#[test]
fn every_row_is_green_again_when_the_fault_is_over() {
    for case in CASES {
        let mut council = (case.council)();
        council.settle();
        council.pass(case.seconds, |second| (case.fault)(second, case.red));
        assert_eq!(council.settle().bad(), [], "{}", case.row);
    }
}

#[test]
fn figures_are_in_the_unit_of_the_cause() {
    for case in CASES.iter().filter(|case| case.row != "one freeze at the relay") {
        let figure = case.judged_at(case.red).1.figure.expect("a figure");
        let tolerance = if case.row.starts_with("size") { 1.0 } else { 0.2 };
        assert!(
            (figure - case.red).abs() <= tolerance,
            "{}: {figure} for {}",
            case.row,
            case.red
        );
    }
}

/// Seconds from the start of a lasting fault to the alarm.
fn red_after(fault: impl Fn(&mut Second), direction: Direction) -> (u32, Cause) {
    let mut council = Council::of(5);
    council.settle();
    for seconds in 1..=30 {
        let found = council.pass(1, &fault).of(WHO, direction);
        if found.level == Level::Red {
            return (seconds, found.cause.expect("a cause"));
        }
    }
    panic!("never red");
}

#[test]
fn a_camera_off_or_covered_is_red_after_five_seconds() {
    let off = |second: &mut Second| report_of(second, WHO).camera = CameraState::Off;
    assert_eq!(red_after(off, Direction::Seen), (5, Cause::CameraOff));
    let covered = |second: &mut Second| report_of(second, WHO).camera = CameraState::Covered;
    assert_eq!(red_after(covered, Direction::Seen), (5, Cause::CameraCovered));
}

#[test]
fn a_picture_that_never_comes_is_a_camera_that_is_off() {
    let nothing = |second: &mut Second| leg_of(second, WHO).picture = None;
    let mut council = Council::of(5);
    let verdict = council.pass(6, nothing);
    assert_eq!(verdict.of(WHO, Direction::Seen).cause, Some(Cause::CameraOff));
    assert_eq!(verdict.of(WHO, Direction::Seen).level, Level::Red);
}

#[test]
fn a_black_picture_that_everybody_sees_is_the_senders() {
    let black = |second: &mut Second| received_of(second, WHO).for_each(|received| received.black = true);
    assert_eq!(red_after(black, Direction::Seen), (5, Cause::CameraCovered));
}

#[test]
fn a_picture_that_stops_is_red_within_three_seconds() {
    let mut council = Council::of(5);
    council.settle();
    let stopped = council.at_ms;
    let verdict = council.pass(3, |second| {
        let still_ms = u32::try_from(second.at_ms - stopped).unwrap();
        *picture_of(second, WHO) = PictureMeasured {
            frames: 0,
            since_last_frame_ms: still_ms,
            area: None,
        };
        received_of(second, WHO).for_each(|received| (received.frames, received.frozen_ms) = (0, 1000));
    });
    assert_eq!(verdict.bad(), [(WHO.0, Direction::Seen, Level::Red)]);
    assert_eq!(verdict.of(WHO, Direction::Seen).cause, Some(Cause::PictureFrozen));
}

#[test]
fn the_same_picture_again_and_again_is_frozen_as_soon_as_the_page_says_so() {
    let frozen = |second: &mut Second| report_of(second, WHO).camera = CameraState::Frozen;
    assert_eq!(red_after(frozen, Direction::Seen), (1, Cause::PictureFrozen));
}

#[test]
fn a_receiver_that_shows_the_same_picture_again_and_again_does_not_see() {
    let still = |second: &mut Second| received_by(second, WHO).for_each(|received| received.still = true);
    assert_eq!(red_after(still, Direction::Sees), (1, Cause::PictureFrozen));
    let everywhere = |second: &mut Second| received_of(second, WHO).for_each(|received| received.still = true);
    assert_eq!(red_after(everywhere, Direction::Seen), (1, Cause::PictureFrozen));
}

#[test]
fn a_covered_camera_is_dated_by_its_page() {
    let covered_after = |old_ms: i64| {
        let mut council = Council::of(5);
        council.settle();
        let begun_ms = council.at_ms - old_ms;
        (1..)
            .find(|_| {
                let verdict = council.pass(1, |second| {
                    let report = report_of(second, WHO);
                    report.camera = CameraState::Covered;
                    report.covered_since_ms = Some(begun_ms);
                });
                verdict.of(WHO, Direction::Seen).level == Level::Red
            })
            .expect("it ends")
    };
    assert_eq!([0, 900, 1000, 4000].map(covered_after), [5, 5, 4, 1]);
    // Nobody is held to what was before they came in.
    assert_eq!(covered_after(60_000), 1);
    let mut council = Council::of(5);
    let verdict = council.pass(4, |second| {
        report_of(second, WHO).camera = CameraState::Covered;
        report_of(second, WHO).covered_since_ms = Some(-60_000);
    });
    assert_eq!(verdict.of(WHO, Direction::Seen).level, Level::Green);
}

#[test]
fn an_open_microphone_that_captures_nothing_is_red_after_two_seconds() {
    let dead = |second: &mut Second| report_of(second, WHO).microphone = MicrophoneState::Dead;
    let opened = |second: &mut Second| {
        second.present[1].microphone_open = true;
        dead(second);
    };
    assert_eq!(red_after(opened, Direction::Heard), (2, Cause::MicrophoneDead));
    let mut council = Council::of(5);
    council.settle();
    assert_eq!(council.pass(20, dead).bad(), [], "closed, it need not capture");
}

#[test]
fn a_closed_microphone_has_no_lip_sync() {
    let mut council = quiet();
    council.settle();
    assert_eq!(council.pass(20, |second| apart(second, 500.0)).bad(), []);
}

#[test]
fn sound_that_is_now_ahead_and_now_behind_does_not_cancel() {
    let mut council = open();
    council.settle();
    let verdict = council.pass(20, |second| {
        let sign = if second.at_ms % 2000 == 0 { 1.0 } else { -1.0 };
        apart(second, 200.0 * sign);
    });
    assert_eq!(verdict.bad(), [(WHO.0, Direction::Delay, Level::Red)]);
}

#[test]
fn a_chamber_whose_size_the_relay_has_not_seen_is_held_to_what_is_decoded() {
    let mut council = chamber();
    council.settle();
    let unseen = |second: &mut Second| picture_of(second, WHO).area = None;
    assert_eq!(council.pass(30, unseen).bad(), []);
}

#[test]
fn speech_of_which_nothing_is_played_is_red_after_two_seconds() {
    let mut council = Council::with_speaker(5);
    council.settle();
    let unheard = |second: &mut Second| received_by(second, WHO).for_each(|received| received.played = false);
    assert_eq!(council.pass(1, unheard).of(WHO, Direction::Hears).level, Level::Green);
    let found = council.pass(1, unheard).of(WHO, Direction::Hears);
    assert_eq!((found.level, found.cause), (Level::Red, Some(Cause::SoundMissing)));
}

#[test]
fn silence_need_not_be_played() {
    let mut council = Council::with_open_microphone(5);
    assert_eq!(council.settle().bad(), []);
}

#[test]
fn where_the_decoder_tells_loss_only_informs() {
    let mut council = Council::with_speaker(5);
    council.settle();
    let verdict = council.pass(11, |second| {
        let sound = sound_of(second, SPEAKER);
        (sound.expected, sound.lost) = (50, 20);
    });
    assert_eq!(verdict.bad(), [(SPEAKER.0, Direction::Heard, Level::Amber)]);
}

#[test]
fn a_leg_that_sends_no_sound_is_not_heard_even_with_a_closed_microphone() {
    let mut council = Council::of(5);
    council.settle();
    let verdict = council.pass(11, |second| leg_of(second, WHO).sound = None);
    assert_eq!(verdict.bad(), [(WHO.0, Direction::Heard, Level::Red)]);
}

#[test]
fn missing_telemetry_is_unknown_and_amber_at_once_and_red_at_fifteen_seconds() {
    let mut council = Council::of(5);
    council.settle();
    let mute = |second: &mut Second| second.reports.retain(|report| report.participant != WHO);
    council.pass(1, mute);
    let verdict = council.pass(1, mute);
    assert_eq!(verdict.bad(), [(WHO.0, Direction::Link, Level::Amber)]);
    for direction in [
        Direction::Heard,
        Direction::Seen,
        Direction::Hears,
        Direction::Sees,
        Direction::Delay,
    ] {
        assert_eq!(verdict.of(WHO, direction).level, Level::Unknown, "{direction:?}");
    }
    assert_eq!(council.pass(12, mute).bad(), [(WHO.0, Direction::Link, Level::Amber)]);
    let verdict = council.pass(1, mute);
    assert_eq!(verdict.bad(), [(WHO.0, Direction::Link, Level::Red)]);
    assert_eq!(verdict.of(WHO, Direction::Link).cause, Some(Cause::TelemetryMissing));
}

#[test]
fn a_second_that_the_relay_did_not_measure_is_no_loss() {
    let mut council = Council::of(3);
    council.settle();
    council.pass(1, |second| {
        second.legs.clear();
        second.edges.clear();
    });
    assert_eq!(council.pass(1, |_| ()).bad(), []);
}

#[test]
fn eleven_reports_in_ten_seconds_are_eleven_seconds() {
    let mut council = Council::of(3);
    council.settle();
    let frozen = |second: &mut Second| received_by(second, WHO).for_each(|received| received.frozen_ms = 49);
    council.pass(9, frozen);
    let verdict = council.pass(1, |second| {
        frozen(second);
        second.reports.extend(second.reports.clone());
    });
    assert_eq!(verdict.bad(), [], "4.9 % of each");
}

#[test]
fn two_reports_in_one_second_and_none_in_the_next_are_no_fault() {
    let mut council = Council::of(3);
    council.settle();
    for _ in 0..20 {
        let verdict = council.pass(1, |second| second.reports.extend(second.reports.clone()));
        assert_eq!(verdict.bad(), []);
        assert_eq!(council.pass(1, |second| second.reports.clear()).bad(), []);
    }
}

#[test]
fn a_camera_of_the_chamber_neither_hears_nor_sees() {
    let mut council = Council::of(4);
    let chamber = |second: &mut Second| {
        for presence in second.present.iter_mut().filter(|presence| presence.participant == WHO) {
            presence.duties = super::super::Duties {
                heard: false,
                seen: true,
                hears: false,
                sees: false,
            };
        }
        second.reports.retain(|report| report.participant != WHO);
        leg_of(second, WHO).sound = None;
    };
    let verdict = council.pass(30, chamber);
    assert_eq!(verdict.bad(), []);
    let directions: Vec<_> = verdict.participants[1]
        .directions
        .iter()
        .map(|d| (d.direction, d.level))
        .collect();
    assert_eq!(
        directions,
        [(Direction::Seen, Level::Green), (Direction::Link, Level::Green)]
    );
}

#[test]
fn pictures_held_back_for_lack_of_room_are_the_receivers_line() {
    let mut council = quiet();
    council.settle();
    let held_back = |second: &mut Second| leg_of(second, WHO).withheld = 2;
    let first = council.pass(1, held_back).of(WHO, Direction::Sees);
    assert_eq!((first.level, first.cause), (Level::Amber, Some(Cause::PictureWithheld)));
    let third = council.pass(2, held_back);
    let found = third.of(WHO, Direction::Sees);
    assert_eq!((found.level, found.cause), (Level::Red, Some(Cause::PictureWithheld)));
    assert_eq!(found.figure, Some(3.0));
    assert_eq!(third.bad().len(), 1, "nobody else is blamed");
    assert_eq!(council.pass(1, |_| {}).of(WHO, Direction::Sees).level, Level::Green);
}

#[test]
fn a_picture_that_a_device_does_not_decode_is_said_of_its_receiver() {
    let mut council = quiet();
    council.settle();
    let third = council.pass(3, |second| leg_of(second, WHO).undecodable = 1);
    let found = third.of(WHO, Direction::Sees);
    assert_eq!(
        (found.level, found.cause),
        (Level::Red, Some(Cause::PictureUndecodable))
    );
    assert_eq!(third.bad().len(), 1, "nobody else is blamed");
    assert_eq!(council.pass(1, |_| {}).of(WHO, Direction::Sees).level, Level::Green);
}
