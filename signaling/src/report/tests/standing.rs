//! The alarms that stood when a gavel fell, or a vote was opened or closed.

use super::stories::FLAWLESS;
use super::tale::{CHAIR, MEMBER_3, Tale, measured};
use crate::equal_terms::{Cause, Direction, Level};
use crate::meeting::event::Event;
use crate::meeting::{AlertId, Despite, Reading};
use crate::report::Language;

/// The card of the only decision.
fn card(tale: &Tale, language: Language) -> String {
    let report = tale.report(language);
    let (_, card) = report.split_once("<article").unwrap();
    card.split_once("</article>").unwrap().0.to_owned()
}

fn with_an_alarm(cause: Cause) -> Tale {
    let mut tale = Tale::opened();
    tale.later(60).alarms(1, MEMBER_3, Direction::Hears, cause);
    tale.later(10);
    tale
}

fn decides(tale: &mut Tale) {
    tale.measured(measured(&[])).decides(1, None, "Ja.");
}

fn reads(tale: &mut Tale, level: Level, figure: f64) {
    let at_ms = tale.now_ms;
    tale.happens(Event::AlertChanged {
        alert: AlertId(1),
        reading: Reading {
            level,
            figure: Some(figure),
            affected: 1,
            gone_since_ms: None,
        },
        at_ms,
    });
}

#[test]
fn a_report_that_waits_for_its_answer_stands_at_the_decision_as_unanswered() {
    let mut tale = with_an_alarm(Cause::Reported);
    decides(&mut tale);
    for (language, heading, report) in [
        (
            Language::Sv,
            "Larm som stod vid klubbslaget:",
            "anmälde: ”Jag deltar inte på lika villkor” (obesvarad)</li>",
        ),
        (
            Language::En,
            "Alarms that stood when the gavel fell:",
            "reported: “I am not taking part on equal terms” (unanswered)</li>",
        ),
    ] {
        let card = card(&tale, language);
        assert!(card.contains(heading) && card.contains(report), "{card}");
        assert!(
            !card.contains(FLAWLESS) && !card.contains("No measured breaches"),
            "{card}"
        );
    }
    tale.later(60).happens(Event::Closed { by: CHAIR });
    let sv = tale.report(Language::Sv);
    assert!(
        sv.contains(" (obesvarad)</td>") && !sv.contains("mätningen avbröts"),
        "{sv}"
    );
}

#[test]
fn nor_is_a_vote_flawless_beside_it() {
    let mut tale = with_an_alarm(Cause::Reported);
    tale.measured(measured(&[])).opens_vote("ja", "nej");
    tale.later(4).measured(measured(&[])).closes_vote([2, 1, 0], None);
    let sv = tale.report(Language::Sv);
    assert_eq!(sv.matches("Larm som stod då:</p><ul><li>").count(), 2, "{sv}");
    assert_eq!(sv.matches("(obesvarad)</li>").count(), 2, "{sv}");
    let (_, vote) = sv.split_once("När omröstningen öppnades:").unwrap();
    assert!(!vote.contains(FLAWLESS), "{vote}");
    assert!(tale.report(Language::En).contains("Alarms that stood then:"));
}

#[test]
fn a_report_that_was_answered_is_not_held_against_the_next_decision() {
    let mut tale = with_an_alarm(Cause::Reported);
    tale.happens(Event::AlertAcknowledged {
        alert: AlertId(1),
        by: CHAIR,
    });
    tale.happens(Event::AlertCleared { alert: AlertId(1) });
    decides(tale.later(1));
    let card = card(&tale, Language::Sv);
    assert!(card.contains(FLAWLESS) && !card.contains("Larm som stod"), "{card}");
    tale.later(60).happens(Event::Closed { by: CHAIR });
    assert!(!tale.report(Language::Sv).contains("obesvarad"));
}

#[test]
fn an_alarm_that_still_stands_after_a_good_second_takes_the_sentence_away() {
    let mut tale = with_an_alarm(Cause::SoundLoss);
    tale.measured(measured(&[]));
    let at_ms = tale.now_ms;
    tale.happens(Event::Decided {
        number: 1,
        item: None,
        decision: "Ja.".to_owned(),
        by: CHAIR,
        at_ms,
        despite: Some(Despite::Repeated),
        afterwards: false,
    });
    let sv = card(&tale, Language::Sv);
    assert!(
        sv.contains("stod vid klubbslaget:</p><ul><li>Ledamot &lt;3&gt; hörde de andra dåligt: 3,2 %"),
        "{sv}"
    );
    assert!(sv.contains("Uppmätt just vid klubbslaget; ett larm står kvar"), "{sv}");
    assert!(!sv.contains(FLAWLESS), "{sv}");
    let en = card(&tale, Language::En);
    assert!(
        en.contains("Measured just when the gavel fell") && !en.contains("No measured breaches"),
        "{en}"
    );
}

#[test]
fn an_alarm_stood_as_it_was_then_and_not_as_it_became() {
    let mut tale = with_an_alarm(Cause::SoundLoss);
    decides(&mut tale);
    reads(tale.later(10), Level::Red, 40.0);
    assert!(card(&tale, Language::Sv).contains("hörde de andra dåligt: 3,2 %"));
    // It was no alarm when the gavel fell.
    let mut tale = with_an_alarm(Cause::SoundLoss);
    reads(&mut tale, Level::Amber, 6.0);
    decides(tale.later(10));
    reads(tale.later(10), Level::Red, 40.0);
    assert!(!card(&tale, Language::Sv).contains("Larm som stod"));
}

#[test]
fn an_unstable_alarm_that_waited_to_be_seen_is_said_to_hold_no_longer() {
    let mut tale = with_an_alarm(Cause::SoundLoss);
    tale.happens(Event::AlertUnstable { alert: AlertId(1) });
    tale.happens(Event::AlertSettled { alert: AlertId(1) });
    decides(tale.later(1));
    let sv = card(&tale, Language::Sv);
    assert!(sv.contains("(mätningen visade det inte längre; ostadigt)"), "{sv}");
    let mut tale = with_an_alarm(Cause::SoundLoss);
    tale.happens(Event::AlertUnstable { alert: AlertId(1) });
    tale.later(1).happens(Event::ServerRestarted {});
    decides(tale.later(1));
    let en = card(&tale, Language::En);
    assert!(en.contains("(no longer measured; unstable)"), "{en}");
}

#[test]
fn of_an_alarm_that_may_have_ended_unseen_no_more_is_said() {
    let mut tale = with_an_alarm(Cause::Reported);
    tale.begins(2);
    tale.later(10).happens(Event::AlertCleared { alert: AlertId(1) });
    tale.ends(2);
    decides(tale.later(10));
    let sv = card(&tale, Language::Sv);
    assert!(
        sv.contains("(kan ha upphört; händelser är utelämnade)") && !sv.contains("obesvarad"),
        "{sv}"
    );
    assert!(!sv.contains(FLAWLESS), "{sv}");
}
