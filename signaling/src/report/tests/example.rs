//! A report to look at: `cargo nextest run --locked --workspace --lib -E 'test(report::tests::example)' --run-ignored all`
//! writes it in both languages below the directory for temporary files.

use super::tale::{CHAIR, CHAMBER, MEMBER_3, MEMBER_4, SECRETARY, Tale, measured};
use super::written;
use crate::equal_terms::{Cause, Direction, Level};
use crate::meeting::event::Event;
use crate::meeting::{AlertId, Answer, Choice, Despite, ItemId};
use crate::report::{Account, Language, Recording};
use crate::samples::{Gap, Spoken};

#[test]
#[ignore = "writes files to look at"]
fn in_both_languages() {
    let tale = meeting();
    let recording = recording(&tale);
    let mut source = tale.source(false);
    source.recording = Some(recording.clone());
    let account = Account::of(&source);
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
    tale.later(5).begins(1);
    tale.later(900);
    way_to_decision(&mut tale, "Antas budgeten?");
    vote(&mut tale);
    tale.later(20)
        .measured(measured(&[]))
        .decides(1, Some(ItemId(1)), "Nämnden antar budgeten för nästa år.");
    let first = tale.last();
    tale.happens(Event::Reserved { participant: MEMBER_4 }).ends(1);
    broken(&mut tale);
    tale.later(5).begins(2);
    tale.later(400);
    way_to_decision(&mut tale, "Bifalls förslaget?");
    let slow = (MEMBER_3, Direction::Seen, Level::Amber, Some(Cause::FrameRate));
    tale.later(20)
        .measured(measured(&[slow]))
        .decides(2, Some(ItemId(2)), "Förslaget bifalls.");
    tale.ends(2);
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
        despite: Some(Despite::ConfirmedByMember),
        afterwards: false,
    });
    tale.later(40).happens(Event::AlertCleared { alert: AlertId(2) });
    let gavel_ms = tale.later(30).now_ms - 75_000;
    tale.measured(measured(&[])).happens(Event::Decided {
        number: 4,
        item: None,
        decision: "Sammanträdet ajourneras för fika.".to_owned(),
        by: CHAIR,
        at_ms: gavel_ms,
        despite: None,
        afterwards: true,
    });
    tale.later(60).happens(Event::Closed { by: CHAIR });
    tale.later(600).happens(Event::Corrected {
        event: first,
        text: "Ska vara: budgeten för nästa år och flerårsplanen.".to_owned(),
        by: SECRETARY,
    });
    tale
}

/// Participant 4 is shown with a slight alarm; the chair sits in the chamber.
fn roll_call(tale: &mut Tale) {
    tale.later(30).calls_the_roll();
    let yes = Answer::Confirmed {
        sees: true,
        hears: true,
        heard: true,
    };
    for (participant, answer) in [(CHAIR, Answer::NotedPresent {}), (MEMBER_3, yes), (MEMBER_4, yes)] {
        let slight = (participant == MEMBER_4).then_some(Level::Amber);
        let mut found = measured(&[]).about(participant);
        found.people.retain(|one| one.participant != CHAIR);
        tale.later(8).measured(found).answers(participant, answer, slight);
    }
    tale.later(2)
        .measured(measured(&[]))
        .happens(Event::RollCallEnded { by: CHAIR });
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
    tale.later(5)
        .measured(measured(&[]))
        .opens_vote("den som vill anta budgeten", "den som vill avslå den");
    for (participant, choice) in [(CHAIR, Choice::Yes), (MEMBER_3, Choice::Yes), (MEMBER_4, Choice::No)] {
        tale.later(4).votes(participant, choice);
    }
    let slow = (MEMBER_3, Direction::Seen, Level::Amber, Some(Cause::FrameRate));
    tale.later(4).measured(measured(&[slow])).closes_vote([2, 1, 0], None);
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
    tale.disconnects(MEMBER_4)
        .later(310)
        .substitutes("Förbindelsen kom inte tillbaka inom fem minuter.");
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
