//! A report to look at: `cargo nextest run --locked --workspace --lib -E 'test(report::tests::example)' --run-ignored all`
//! writes it in both languages below the directory for temporary files.

use super::{CHAIR, CHAMBER, MEMBER_3, MEMBER_4, SECRETARY, SUBSTITUTE, Tale, measured, written};
use crate::equal_terms::{Cause, Direction, Level};
use crate::meeting::event::Event;
use crate::meeting::{AlertId, Answer, Choice, EndpointId, ItemId, service};
use crate::report::{Account, Language, Recording};
use crate::samples::{Gap, Spoken};

#[test]
#[ignore = "writes files to look at"]
fn in_both_languages() {
    let tale = meeting();
    let recording = recording(&tale);
    let account = Account::of(&tale.events, Some(&recording));
    for (language, name) in [
        (Language::Sv, "lika-report-sv.html"),
        (Language::En, "lika-report-en.html"),
    ] {
        let html = written(&account, Some(&recording), language, false);
        std::fs::write(std::env::temp_dir().join(name), html).unwrap();
    }
}

/// An hour and a half: a break, a substitution, a vote, a secret item and a correction.
fn meeting() -> Tale {
    let mut tale = Tale::opened();
    roll_call(&mut tale);
    item(&mut tale, 1);
    tale.later(900);
    way_to_decision(&mut tale, "Antas budgeten?");
    vote(&mut tale);
    tale.later(20)
        .measured(measured(&[]))
        .decides(1, Some(ItemId(1)), "Nämnden antar budgeten för nästa år.");
    let first = tale.last();
    tale.happens(Event::Reserved { participant: MEMBER_4 });
    tale.happens(Event::ItemEnded {
        item: ItemId(1),
        by: CHAIR,
    });
    broken(&mut tale);
    item(&mut tale, 2);
    tale.later(400);
    way_to_decision(&mut tale, "Bifalls förslaget?");
    let slow = (MEMBER_3, Direction::Seen, Level::Amber, Some(Cause::FrameRate));
    tale.later(20)
        .measured(measured(&[slow]))
        .decides(2, Some(ItemId(2)), "Förslaget bifalls.");
    tale.happens(Event::ItemEnded {
        item: ItemId(2),
        by: CHAIR,
    });
    tale.later(30)
        .alarms(2, MEMBER_3, Direction::Seen, Cause::PictureFrozen);
    let frozen = (MEMBER_3, Direction::Seen, Level::Red, Some(Cause::PictureFrozen));
    tale.later(10).measured(measured(&[frozen]));
    let at_ms = tale.now_ms;
    tale.happens(Event::Decided {
        number: 3,
        item: None,
        decision: "Nästa sammanträde hålls den 12 februari.".to_owned(),
        by: CHAIR,
        at_ms,
        despite: Some(crate::meeting::Despite::ConfirmedByMember),
        afterwards: false,
    });
    tale.later(40).happens(Event::AlertCleared { alert: AlertId(2) });
    tale.later(60).happens(Event::Closed { by: CHAIR });
    tale.later(600).happens(Event::Corrected {
        event: first,
        text: "Ska vara: budgeten för nästa år och flerårsplanen.".to_owned(),
        by: SECRETARY,
    });
    tale
}

fn item(tale: &mut Tale, number: u16) {
    let since_ms = tale.later(5).now_ms;
    tale.happens(Event::ItemBegun {
        item: ItemId(number),
        by: CHAIR,
        since_ms,
        moved_out: vec![],
    });
}

fn roll_call(tale: &mut Tale) {
    tale.later(30).measured(measured(&[])).happens(Event::RollCallBegan {
        by: CHAIR,
        who: vec![CHAIR, MEMBER_3, MEMBER_4],
    });
    let yes = Answer::Confirmed {
        sees: true,
        hears: true,
        heard: true,
    };
    for (participant, answer) in [(CHAIR, Answer::NotedPresent {}), (MEMBER_3, yes), (MEMBER_4, yes)] {
        tale.later(8).happens(Event::RollCallAnswered {
            participant,
            answer,
            measured: (participant == MEMBER_4).then_some(Level::Amber),
            by: CHAIR,
        });
    }
    tale.happens(Event::RollCallEnded { by: CHAIR });
}

fn way_to_decision(tale: &mut Tale, question: &str) {
    tale.happens(Event::DeliberationClosed { by: CHAIR });
    let at_ms = tale.later(10).now_ms;
    tale.happens(Event::PresenceConfirmed {
        participants: vec![CHAIR, MEMBER_3, MEMBER_4],
        by: CHAIR,
        at_ms,
    });
    tale.later(5).happens(Event::QuestionPut {
        question: question.to_owned(),
        by: CHAIR,
    });
}

fn vote(tale: &mut Tale) {
    tale.later(10).happens(Event::VoteRequested { participant: MEMBER_4 });
    tale.later(5).measured(measured(&[])).happens(Event::VoteOpened {
        yes: "den som vill anta budgeten".to_owned(),
        no: "den som vill avslå den".to_owned(),
        abstention: true,
        voters: vec![CHAIR, MEMBER_3, MEMBER_4],
        by: CHAIR,
        despite: None,
    });
    for (participant, choice) in [(CHAIR, Choice::Yes), (MEMBER_3, Choice::Yes), (MEMBER_4, Choice::No)] {
        tale.later(4).happens(Event::Voted {
            participant,
            choice,
            by: participant,
        });
    }
    tale.happens(Event::VoteClosed {
        by: CHAIR,
        yes: 2,
        no: 1,
        abstained: 0,
        absent: 0,
        casting: None,
    });
}

/// Participant 4's line is cut; the substitute steps in.
fn broken(tale: &mut Tale) {
    tale.later(60).alarms(1, MEMBER_4, Direction::Link, Cause::LinkLost);
    tale.later(6).happens(Event::AlertAcknowledged {
        alert: AlertId(1),
        by: CHAIR,
    });
    let lost = (MEMBER_4, Direction::Link, Level::Red, Some(Cause::LinkLost));
    let at_ms = tale.later(6).now_ms;
    tale.measured(measured(&[lost])).happens(Event::Adjourned {
        by: CHAIR,
        reason: "Lika villkor är brutna".to_owned(),
        since_ms: at_ms,
    });
    tale.happens(Event::Disconnected {
        participant: MEMBER_4,
        endpoint: EndpointId(4),
        at_ms,
    });
    let at_ms = tale.later(310).now_ms;
    tale.happens(Event::ServiceEnded {
        participant: MEMBER_4,
        mandate: 3,
        why: service::Ending::Replaced,
        by: Some(CHAIR),
        reason: Some("Förbindelsen kom inte tillbaka inom fem minuter.".to_owned()),
        at_ms,
    });
    tale.happens(Event::NotedInChamber {
        participant: SUBSTITUTE,
        there: true,
        by: SECRETARY,
    });
    tale.happens(Event::ServiceBegan {
        participant: SUBSTITUTE,
        mandate: 3,
        why: service::Beginning::StepsIn,
        by: Some(CHAIR),
        reason: None,
        at_ms,
    });
    tale.happens(Event::AlertCleared { alert: AlertId(1) });
    tale.later(20).happens(Event::Resumed { by: CHAIR });
}

/// Verdicts that suit the meeting: the break, a slow picture, a gap.
fn recording(tale: &Tale) -> Recording {
    let mut recording = Recording {
        programs: vec!["0.1.0".to_owned()],
        ..Recording::default()
    };
    let began = tale.events.first().map_or(0, |stored| stored.at_ms) / 1000;
    let ended = tale.now_ms / 1000 - 600;
    for second in began..ended {
        let since = second - began;
        if (700..760).contains(&since) {
            continue;
        }
        let of_4 = match since {
            1210..1230 => "rrrrgr",
            1230..1240 => "uuuuuu",
            1240..1540 => "ssssss",
            1540.. => "",
            _ => "gggggg",
        };
        let of_3 = match since {
            300..420 => "gaggag",
            1700..1720 => "grgggg",
            1720..1760 => "ggguug",
            _ => "gggggg",
        };
        let mut people = vec![(CHAIR, "gggggg".to_owned()), (MEMBER_3, of_3.to_owned())];
        if !of_4.is_empty() {
            people.push((MEMBER_4, of_4.to_owned()));
        }
        people.push((CHAMBER, "gg--gg".to_owned()));
        recording.strips.add(&Spoken {
            at_ms: second * 1000,
            people,
            transitions: 0,
            digest: None,
        });
    }
    recording.gaps.push(Gap {
        at_ms: (began + 760) * 1000,
        lost: 120,
    });
    recording
}
