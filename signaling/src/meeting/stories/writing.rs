//! Creating a meeting, and what is written of it.

use super::*;
use crate::meeting::event::VERSION;
use crate::meeting::floor::Ending;

#[test]
fn a_meeting_has_one_chair_and_texts_of_one_line() {
    let good = plan();
    assert_eq!(
        Plan {
            title: "två\nrader".into(),
            ..good.clone()
        }
        .created(),
        Err(PlanError::Text("title"))
    );
    assert_eq!(
        Plan {
            body: String::new(),
            ..good.clone()
        }
        .created(),
        Err(PlanError::Text("name of the body"))
    );
    let twice = [good.roster.as_slice(), good.roster.as_slice()].concat();
    assert_eq!(
        Plan {
            roster: twice,
            ..good.clone()
        }
        .created(),
        Err(PlanError::Chairs(2))
    );
    let mut one_seat_for_two = good.clone();
    one_seat_for_two.roster[5].seat = good.roster[4].seat.clone();
    assert_eq!(one_seat_for_two.created(), Err(PlanError::MandateTwice(5)));
    let crowd = vec![good.roster[4].clone(); 301];
    assert_eq!(Plan { roster: crowd, ..good }.created(), Err(PlanError::TooMany(301)));
}

#[test]
fn the_journal_has_no_names_and_says_when_an_event_is_too_new() {
    let text = plan().created().unwrap().encode().unwrap();
    assert!(!text.contains("Deltagare"), "{text}");
    assert_ne!(
        NameCommitment::to("Deltagare 1", &[1; 32]),
        NameCommitment::to("Deltagare 1", &[2; 32])
    );

    let newer = r#"{"v":5,"event":{"type":"levitated","by":1}}"#;
    assert!(matches!(Event::decode(newer), Err(event::EventError::Newer(5))));
    let unknown = r#"{"v":1,"event":{"type":"levitated","by":1}}"#;
    assert!(matches!(Event::decode(unknown), Err(event::EventError::Malformed(_))));
}

/// The texts of version 1 are in journals for ever: this test fails when a change to an event changes its text.
#[test]
fn events_are_written_so_and_read_from_version_1() {
    let written = [
        (
            Event::Opened { by: CHAIR },
            r#"{"v":4,"event":{"type":"opened","by":1}}"#,
        ),
        (
            Event::Adjourned {
                by: CHAIR,
                reason: "Ljud".into(),
                since_ms: 5,
            },
            r#"{"v":4,"event":{"type":"adjourned","by":1,"reason":"Ljud","since_ms":5}}"#,
        ),
        (
            Event::FloorEnded {
                participant: MEMBER_5,
                why: Ending::GivenOn,
            },
            r#"{"v":4,"event":{"type":"floor_ended","participant":5,"why":"given_on"}}"#,
        ),
        (
            Event::AlertRaised {
                alert: AlertId(1),
                subject: frozen(MEMBER_5),
                reading: reading(Level::Red),
                since_ms: 9,
            },
            r#"{"v":4,"event":{"type":"alert_raised","alert":1,"subject":{"about":5,"direction":"seen","cause":"picture_frozen"},"reading":{"level":"red","figure":20.0,"affected":8},"since_ms":9}}"#,
        ),
    ];
    for (event, text) in written {
        assert_eq!(event.encode().unwrap(), text);
        assert_eq!(Event::decode(text).unwrap(), event);
        for earlier in 1..VERSION {
            let text = text.replace("{\"v\":4,", &format!("{{\"v\":{earlier},"));
            assert!(text.starts_with(&format!("{{\"v\":{earlier},")));
            assert_eq!(Event::decode(&text).unwrap(), event);
        }
    }
}
