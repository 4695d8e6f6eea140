//! The whole table of who may do what, drawn from the rules by trying every case, and compared with
//! docs/authorisation.md. To draw it anew: `LIKA_WRITE_DOCS=1 cargo test -p lika authorisation`.

use super::authority::{Act, check};
use super::stories::Told;
use super::*;
use std::fmt::Write as _;
use std::path::Path;

const SPEAKER: ParticipantId = ParticipantId(6);

/// Whom the columns are about.
const WHO: [(&str, ParticipantId); 9] = [
    ("chair", ParticipantId(1)),
    ("first vice chair", ParticipantId(2)),
    ("vice chair", ParticipantId(3)),
    ("secretary", ParticipantId(4)),
    ("member", ParticipantId(5)),
    ("who has the floor", SPEAKER),
    ("substitute", ParticipantId(7)),
    ("guest", ParticipantId(8)),
    ("chamber device", ParticipantId(9)),
];

const PLACES: [Attendance; 5] = [
    Attendance::Inside,
    Attendance::Lobby,
    Attendance::Away,
    Attendance::Lost,
    Attendance::Dismissed,
];

fn acts() -> Vec<(&'static str, Option<Command>)> {
    let participant = SPEAKER;
    let reason = pause::Reason::Short;
    vec![
        ("admit", Some(Command::Admit { participant })),
        ("admit everybody", Some(Command::AdmitAll {})),
        ("dismiss", Some(Command::Dismiss { participant })),
        ("open", Some(Command::Open {})),
        ("close", Some(Command::Close {})),
        ("adjourn", Some(Command::Adjourn { reason: "r".into() })),
        ("resume", Some(Command::Resume {})),
        ("request the floor", Some(Command::RequestFloor {})),
        ("withdraw the request", Some(Command::WithdrawRequest {})),
        ("give the floor", Some(Command::GiveFloor { participant })),
        ("end the floor", Some(Command::EndFloor {})),
        (
            "acknowledge an alert",
            Some(Command::AcknowledgeAlert { alert: AlertId(1) }),
        ),
        ("report unequal terms", Some(Command::ReportUnequalTerms {})),
        ("begin an item", Some(Command::BeginItem { item: ItemId(1) })),
        ("end the item", Some(Command::EndItem {})),
        ("vouch for somebody", Some(Command::Vouch { participant })),
        ("declare a pause", Some(Command::Pause { reason })),
        ("end a pause", Some(Command::EndPause { participant })),
        ("take the chair", Some(Command::TakeChair {})),
        ("defer the item", Some(Command::DeferItem { reason: "r".into() })),
        ("postpone", Some(Command::Postpone { reason: "r".into() })),
        (
            "extend a clock",
            Some(Command::ExtendClock {
                clock: Clock::Adjournment {},
                minutes: 5,
            }),
        ),
        (
            "note in the chamber",
            Some(Command::NoteInChamber {
                participant,
                there: true,
            }),
        ),
        (
            "call in a substitute",
            Some(Command::StepIn {
                substitute: ParticipantId(7),
                replaces: participant,
                reason: None,
            }),
        ),
        (
            "note as absent",
            Some(Command::NoteAbsent {
                participant,
                reason: "r".into(),
            }),
        ),
        (
            "let take the seat",
            Some(Command::TakeSeat {
                participant,
                reason: None,
            }),
        ),
        (
            "disqualify",
            Some(Command::Disqualify {
                participant,
                reason: "r".into(),
            }),
        ),
        ("lead the roll call", Some(Command::BeginRollCall {})),
        (
            "answer the roll call",
            Some(Command::AnswerRollCall {
                sees: true,
                hears: true,
                heard: true,
            }),
        ),
        (
            "confirm presence",
            Some(Command::ConfirmPresence {
                participants: Vec::new(),
            }),
        ),
        ("lead to a decision", Some(Command::CloseDeliberation {})),
        (
            "let the gavel fall",
            Some(Command::Gavel {
                decision: "d".into(),
                despite: None,
            }),
        ),
        (
            "record a gavel of wood",
            Some(Command::RecordGavel {
                decision: "d".into(),
                gavel_ms: 0,
                item: None,
            }),
        ),
        (
            "request a vote, vote, reserve",
            Some(Command::Vote {
                choice: Choice::Yes,
                participant: None,
            }),
        ),
        (
            "correct",
            Some(Command::Correct {
                event: 1,
                text: "t".into(),
            }),
        ),
        ("publish (WHIP)", None),
    ]
}

/// A meeting in this phase where `who` is in this place and, if inside while it is open, member 6 has the floor.
fn meeting(phase: &Phase, who: ParticipantId, place: Attendance, acting: ParticipantId) -> Meeting {
    let mut meeting = Told::planned().meeting;
    let by = ParticipantId(1);
    let mut events = Vec::new();
    for participant in (1..=9).map(ParticipantId) {
        let (admitted, connected) = match if participant == who { place } else { Attendance::Inside } {
            Attendance::Inside => (true, true),
            Attendance::Lobby => (false, true),
            Attendance::Away => (false, false),
            Attendance::Lost => (true, false),
            Attendance::Dismissed => {
                events.push(Event::Dismissed { participant, by });
                (false, true)
            }
        };
        if admitted {
            events.push(Event::Admitted { participant, by });
        }
        if connected {
            events.push(Event::Connected {
                participant,
                endpoint: EndpointId(participant.0.into()),
                proof: Proof::Invited,
            });
        }
    }
    if acting != by {
        events.push(Event::ChairTaken { by: acting });
    }
    if *phase != Phase::Planned {
        events.push(Event::Opened { by });
        if who != SPEAKER || place == Attendance::Inside {
            events.push(Event::FloorGiven {
                participant: SPEAKER,
                by,
            });
        }
    }
    match phase {
        Phase::Adjourned { reason, since_ms } => events.push(Event::Adjourned {
            by,
            reason: reason.clone(),
            since_ms: *since_ms,
        }),
        Phase::Closed => events.push(Event::Closed { by }),
        Phase::Planned | Phase::Open => {}
    }
    events.iter().for_each(|event| meeting.apply(event));
    assert_eq!((meeting.phase(), meeting.attendance(who)), (phase, Some(place)));
    meeting
}

fn phases() -> [(char, Phase); 4] {
    let adjourned = Phase::Adjourned {
        reason: "r".into(),
        since_ms: 0,
    };
    [
        ('P', Phase::Planned),
        ('O', Phase::Open),
        ('A', adjourned),
        ('C', Phase::Closed),
    ]
}

/// Where and when it is allowed, e.g. `inside POA, lobby PO`.
fn cell(act: Act<'_>, who: ParticipantId, acting: ParticipantId) -> String {
    let mut allowed = Vec::new();
    for place in PLACES {
        let may = |phase: &Phase| check(&meeting(phase, who, place, acting), who, act).is_ok();
        let when: String = phases()
            .iter()
            .filter(|(_, phase)| may(phase))
            .map(|(letter, _)| letter)
            .collect();
        if !when.is_empty() {
            allowed.push(format!("{} {when}", format!("{place:?}").to_lowercase()));
        }
    }
    allowed.join(", ")
}

fn table(acting: ParticipantId) -> String {
    let mut table = String::from("| |");
    WHO.iter().for_each(|(name, _)| write!(table, " {name} |").unwrap());
    table += &format!("\n|{}\n", " --- |".repeat(1 + WHO.len()));
    for (name, command) in acts() {
        let act = command.as_ref().map_or(Act::Publish, Act::Command);
        write!(table, "| {name} |").unwrap();
        for (_, who) in WHO {
            write!(table, " {} |", cell(act, who, acting)).unwrap();
        }
        table.push('\n');
    }
    table
}

#[test]
fn the_table_of_authorisation_is_the_documented_one() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/authorisation.md");
    let document = std::fs::read_to_string(&path).unwrap();
    let mut drawn = document.clone();
    for (mark, acting) in [("chair", ParticipantId(1)), ("vice", ParticipantId(2))] {
        let (begin, end) = (format!("<!-- {mark} -->\n"), format!("<!-- /{mark} -->"));
        let from = drawn.find(&begin).unwrap() + begin.len();
        let to = drawn.find(&end).unwrap();
        drawn.replace_range(from..to, &format!("\n{}\n", table(acting)));
    }
    if std::env::var_os("LIKA_WRITE_DOCS").is_some() {
        return std::fs::write(&path, &drawn).unwrap();
    }
    assert!(
        drawn == document,
        "docs/authorisation.md is stale; run LIKA_WRITE_DOCS=1 cargo test -p lika authorisation"
    );
}

#[test]
fn nobody_who_is_not_in_the_roster_may_do_anything() {
    let meeting = Told::planned().meeting;
    for (name, command) in acts() {
        let act = command.as_ref().map_or(Act::Publish, Act::Command);
        for stranger in [0, 10, u32::MAX].map(ParticipantId) {
            assert_eq!(
                check(&meeting, stranger, act),
                Err(Refusal::NoSuchParticipant),
                "{name}"
            );
        }
    }
}
