//! Hours in which nothing happens: no row may reach amber.

use super::line_noise::Meeting;
use super::*;

/// Every alert of so many seconds, and how many seconds any level was amber or red.
fn alarms_in(mut meeting: Meeting, seconds: u32) -> (Vec<(i64, Transition)>, u32) {
    let mut judge = Judge::new(likvardig());
    let (mut transitions, mut bad) = (Vec::new(), 0);
    for _ in 0..seconds {
        let judged = verdict(&mut judge, meeting.second());
        transitions.extend(judged.transitions.iter().map(|transition| (judged.at_ms, *transition)));
        let letters = judged.matrix.sound.iter().chain(&judged.matrix.picture);
        let edges_bad = letters
            .flat_map(|row| row.chars())
            .any(|letter| matches!(letter, 'a' | 'r'));
        bad += u32::from(edges_bad || !judged.bad().is_empty());
    }
    (transitions, bad)
}

#[track_caller]
fn assert_quiet(meeting: Meeting, seconds: u32) {
    let (transitions, bad) = alarms_in(meeting, seconds);
    assert_eq!(transitions, []);
    assert_eq!(bad, 0, "not one edge was amber for one second");
}

/// `LIKA_QUIET_HOURS=10` for the whole ten hours, best in a release build: `make quiet-hours`.
const HOURS: &str = "LIKA_QUIET_HOURS";

#[test]
fn a_healthy_meeting_of_forty_over_home_lines_is_quiet() {
    let hours: Option<u32> = std::env::var(HOURS)
        .ok()
        .map(|hours| hours.parse().expect("whole hours"));
    let seconds = hours.map_or(600, |hours| hours * 3600);
    assert_quiet(Meeting::new(5, 40, None), seconds);
}

#[test]
fn an_hour_of_a_healthy_meeting_of_six_is_quiet() {
    assert_quiet(Meeting::new(7, 6, None), 3600);
}

#[test]
fn a_chamber_of_thirty_behind_one_camera_murmurs_and_applauds_for_an_hour_in_peace() {
    assert_quiet(Meeting::new(30, 9, Some(id(2))), 3600);
}

/// The meeting is one in which a fault would be found.
#[test]
fn a_fault_in_the_noise_is_found() {
    let mut meeting = Meeting::new(5, 12, None);
    let mut judge = Judge::new(likvardig());
    for _ in 0..60 {
        assert_eq!(verdict(&mut judge, meeting.second()).bad(), []);
    }
    let mut last = None;
    for _ in 0..12 {
        let mut second = meeting.second();
        sound_of(&mut second, id(4)).lost += 8;
        last = Some(verdict(&mut judge, second));
    }
    let found = last.expect("a verdict").of(id(4), Direction::Heard);
    assert!(found.level >= Level::Amber, "{found:?}");
    assert_eq!(found.cause, Some(Cause::SoundLoss));
}

/// What a second of forty people costs the server: `make judge-cost` prints it.
#[test]
#[ignore = "prints a figure; run it in a release build"]
fn cost_of_a_second() {
    let seconds = 600;
    let mut meeting = Meeting::new(1, 40, None);
    let inputs: Vec<Input> = (0..seconds).map(|_| Input::Second(meeting.second())).collect();
    let mut judge = Judge::new(likvardig());
    let (mut judging, mut writing, mut bytes) = (std::time::Duration::ZERO, std::time::Duration::ZERO, 0);
    for input in &inputs {
        let begun = std::time::Instant::now();
        let judged = judge.take(input);
        judging += begun.elapsed();
        let begun = std::time::Instant::now();
        let matrix = serde_json::to_string(&judged.verdict().expect("of a second").matrix).expect("a matrix");
        writing += begun.elapsed();
        bytes = matrix.len();
    }
    let each = |time: std::time::Duration| time.as_micros() / u128::from(seconds as u32);
    println!(
        "40 people: {} us a second to judge, {} us to write a matrix of {bytes} bytes",
        each(judging),
        each(writing)
    );
}
