//! Of what was found no more is said than its cause tells.

use super::tale::{MEMBER_3, Tale, measured};
use crate::equal_terms::{Cause, Direction, Level};
use crate::meeting::event::Event;
use crate::meeting::{AlertId, Reading, Subject};
use crate::report::Language;

/// An alarm about member 3 and what was measured at a decision, in both languages.
fn told(direction: Direction, cause: Cause, figure: Option<f64>) -> [String; 2] {
    let mut tale = Tale::opened();
    tale.later(60).alarms(1, MEMBER_3, direction, cause);
    let Some(Event::AlertRaised { reading, .. }) = tale.events.last_mut().map(|stored| &mut stored.event) else {
        panic!("an alarm");
    };
    reading.figure = figure;
    let found = (MEMBER_3, direction, Level::Red, Some(cause));
    tale.later(1).measured(measured(&[found])).decides(1, None, "Ja.");
    [Language::Sv, Language::En].map(|language| tale.report(language))
}

/// `said`: the beginning, which is the same of an alarm and at a decision, and the cause with the alarm's figure.
fn is_said((direction, cause, figure): (Direction, Cause, Option<f64>), [sv, en]: [(&str, &str); 2], never: &[&str]) {
    for (report, (stood, found)) in told(direction, cause, figure).iter().zip([sv, en]) {
        let of_alarm = format!("<td>{stood}{found}</td>");
        let at_decision = format!("<li>{stood}");
        assert!(report.contains(&of_alarm), "{cause:?}: {of_alarm}: {report}");
        assert!(report.contains(&at_decision), "{cause:?}: {at_decision}: {report}");
        for claim in never {
            assert!(!report.contains(claim), "{cause:?} claims: {claim}");
        }
    }
}

#[test]
fn a_member_s_own_report_is_told_as_one_and_not_as_a_direction() {
    let mut tale = Tale::opened();
    tale.later(60).alarms(1, MEMBER_3, Direction::Hears, Cause::Reported);
    let sv = tale.report(Language::Sv);
    assert!(
        sv.contains("<td>Ledamot &lt;3&gt; anmälde: ”Jag deltar inte på lika villkor”"),
        "{sv}"
    );
    assert!(!sv.contains("hörde") && !sv.contains("hör inte"), "{sv}");
    let en = tale.report(Language::En);
    assert!(
        en.contains("<td>Ledamot &lt;3&gt; reported: “I am not taking part on equal terms”"),
        "{en}"
    );
    assert!(!en.contains("hear the others"), "{en}");
}

#[test]
fn a_page_that_did_not_report_leaves_unknown_what_it_received_and_says_nothing_of_the_link() {
    is_said(
        (Direction::Link, Cause::TelemetryMissing, Some(15.0)),
        [
            (
                "Det är okänt om Ledamot &lt;3&gt; hörde och såg de andra: ",
                "mätvärden saknades sedan 15 s",
            ),
            (
                "It is not known whether Ledamot &lt;3&gt; heard and saw the others: ",
                "measurements missing for 15 s",
            ),
        ],
        &["förbindelse", "connection"],
    );
}

#[test]
fn what_only_made_a_direction_poor_is_not_said_to_have_taken_it_away() {
    let cases = [
        (
            (Direction::Heard, Cause::SoundConcealed, Some(7.2)),
            [
                ("hördes dåligt: ", "7,2 % av talet föll bort"),
                ("was hard to hear: ", "7.2 % of the speech dropped out"),
            ],
        ),
        (
            (Direction::Hears, Cause::SoundLoss, Some(12.0)),
            [
                ("hörde de andra dåligt: ", "12 % av ljudet gick förlorat på vägen"),
                ("heard the others poorly: ", "12 % of the sound was lost on the way"),
            ],
        ),
        (
            (Direction::Seen, Cause::FrameRate, Some(9.0)),
            [
                ("syntes dåligt: ", "9 bilder i sekunden"),
                ("was hard to see: ", "9 frames a second"),
            ],
        ),
        (
            (Direction::Sees, Cause::PictureWithheld, Some(6.0)),
            [
                ("såg de andra dåligt: ", "nätet räckte inte till allas bild sedan 6 s"),
                (
                    "saw the others poorly: ",
                    "the network had had no room for everyone’s picture for 6 s",
                ),
            ],
        ),
    ];
    for (found, [sv, en]) in cases {
        let [sv_stood, en_stood] = [sv, en].map(|(stood, _)| format!("Ledamot &lt;3&gt; {stood}"));
        is_said(
            found,
            [(&sv_stood, sv.1), (&en_stood, en.1)],
            &[
                "inte de andra",
                "hördes inte",
                "syntes inte",
                "was not heard",
                "was not seen",
                "did not hear",
                "did not see",
            ],
        );
    }
}

#[test]
fn what_took_a_direction_away_is_said_to_have_done_so() {
    let cases = [
        (
            Direction::Heard,
            Cause::SoundMissing,
            "hördes inte: talet",
            "was not heard: speech",
        ),
        (
            Direction::Heard,
            Cause::MicrophoneDead,
            "hördes inte: mikrofonen",
            "was not heard: the microphone",
        ),
        (
            Direction::Seen,
            Cause::CameraOff,
            "syntes inte: kameran",
            "was not seen: the camera",
        ),
        (
            Direction::Seen,
            Cause::CameraCovered,
            "syntes inte: bilden",
            "was not seen: the picture",
        ),
        (
            Direction::Seen,
            Cause::PictureFrozen,
            "syntes inte: bilden",
            "was not seen: the picture",
        ),
        (
            Direction::Hears,
            Cause::SoundMissing,
            "hörde inte de andra: talet",
            "did not hear the others: speech",
        ),
        (
            Direction::Sees,
            Cause::Unacknowledged,
            "såg inte de andra: enheten",
            "did not see the others: the device",
        ),
        (
            Direction::Link,
            Cause::LinkLost,
            "hade tappat förbindelsen: inget",
            "had lost the connection: no answer",
        ),
    ];
    for (direction, cause, sv, en) in cases {
        let reports = told(direction, cause, Some(8.0));
        for (report, said) in reports.iter().zip([sv, en]) {
            let said = format!("Ledamot &lt;3&gt; {said}");
            for told in [format!("<td>{said}"), format!("<li>{said}")] {
                assert!(report.contains(&told), "{cause:?}: {told}: {report}");
            }
        }
    }
}

#[test]
fn neither_delay_nor_lip_sync_is_said_to_be_more_than_out_of_step() {
    for (cause, figure, sv, en) in [
        (
            Cause::LipSync,
            190.0,
            "ljud och bild gick isär med 190 ms",
            "sound and picture were 190 ms apart",
        ),
        (
            Cause::DelayLong,
            450.0,
            "450 ms från mun till öra",
            "450 ms from mouth to ear",
        ),
    ] {
        is_said(
            (Direction::Delay, cause, Some(figure)),
            [
                ("Ledamot &lt;3&gt; var i otakt: ", sv),
                ("Ledamot &lt;3&gt; was out of step: ", en),
            ],
            &["för långt efter", "too far behind"],
        );
    }
}

#[test]
fn a_fault_of_the_server_hears_and_sees_nobody() {
    let raised = |level| {
        let mut tale = Tale::opened();
        let since_ms = tale.later(60).now_ms;
        let subject = Subject {
            about: None,
            direction: Direction::Hears,
            cause: Cause::SoundLoss,
        };
        let reading = Reading {
            level,
            figure: Some(14.0),
            affected: 9,
            gone_since_ms: None,
        };
        tale.happens(Event::AlertRaised {
            alert: AlertId(1),
            subject,
            reading,
            since_ms,
        });
        [Language::Sv, Language::En].map(|language| tale.report(language))
    };
    let [sv, en] = raised(Level::Red);
    for (report, said) in [
        (
            sv,
            "Servern eller dess nät hade ett fel, som alla kan ha berörts av: 14 % av ljudet gick förlorat på vägen",
        ),
        (
            en,
            "The server or its network had a fault, which may have affected everybody: 14 % of the sound was lost on the way",
        ),
    ] {
        assert!(report.contains(said), "{report}");
        assert!(!report.contains("hörde") && !report.contains("hear"), "{report}");
    }
    let [sv, en] = raised(Level::Amber);
    assert!(
        sv.contains("<td>Servern eller dess nät</td><td>ljud gick förlorat på vägen</td>"),
        "{sv}"
    );
    assert!(
        en.contains("<td>The server or its network</td><td>sound was lost on the way</td>"),
        "{en}"
    );
}
