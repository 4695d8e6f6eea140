//! What a report must not claim: of another time, of what is left out, of what is less than it seems.

use super::stories::FLAWLESS;
use super::tale::{CHAIR, MEMBER_3, MEMBER_4, Tale, measured};
use super::written;
use crate::equal_terms::{Cause, Direction, Level};
use crate::meeting::event::Event;
use crate::meeting::{AlertId, Choice, ItemId, ParticipantId, Reading};
use crate::report::strips::LeftOut;
use crate::report::{Account, Language, Recording};
use crate::samples::{Gap, Line, Spoken};
use crate::sha256::Sha256;

/// Entered at once, of a gavel that fell so many seconds before.
fn entered(tale: &mut Tale, seconds: i64) {
    let at_ms = tale.now_ms - seconds * 1000;
    tale.happens(Event::Decided {
        number: 1,
        item: None,
        decision: "Budgeten antas.".to_owned(),
        by: CHAIR,
        at_ms,
        despite: None,
        afterwards: true,
    });
}

#[test]
fn what_is_measured_at_the_entry_says_nothing_of_the_gavel() {
    let mut tale = Tale::opened();
    tale.later(60).alarms(1, MEMBER_3, Direction::Heard, Cause::SoundLoss);
    tale.later(30).happens(Event::AlertCleared { alert: AlertId(1) });
    tale.later(30).measured(measured(&[]));
    entered(&mut tale, 45);
    for (language, standing, heading) in [
        (
            Language::Sv,
            "Larm som stod vid klubbslaget:</p><ul><li>Ledamot &lt;3&gt; hördes dåligt",
            "Uppmätt när beslutet infördes, inte vid klubbslaget:",
        ),
        (
            Language::En,
            "Alarms that stood when the gavel fell:</p><ul><li>Ledamot &lt;3&gt; was hard to hear",
            "Measured when the decision was entered, not when the gavel fell:",
        ),
    ] {
        let report = tale.report(language);
        assert!(report.contains(standing) && report.contains(heading), "{report}");
        assert!(
            !report.contains(FLAWLESS) && !report.contains("No measured breaches"),
            "{report}"
        );
    }
    let mut tale = Tale::opened();
    tale.later(120).measured(measured(&[]));
    entered(&mut tale, 45);
    let sv = tale.report(Language::Sv);
    assert!(
        sv.contains("Inget larm stod vid klubbslaget.") && sv.contains("Infört i efterhand 09:03:00"),
        "{sv}"
    );
    assert!(!sv.contains(FLAWLESS));
}

/// A secret item, in which an alarm ended and another was, something was decided by vote, and a correction came later.
pub(super) fn with_secret_item() -> Tale {
    let mut tale = Tale::opened();
    tale.later(10).alarms(1, MEMBER_3, Direction::Heard, Cause::SoundLoss);
    tale.later(10).begins(2);
    tale.later(5).happens(Event::AlertCleared { alert: AlertId(1) });
    tale.happens(Event::QuestionPut {
        question: "HEMLIG fråga".to_owned(),
        by: CHAIR,
    });
    tale.opens_vote("HEMLIGT ja", "HEMLIGT nej").votes(MEMBER_4, Choice::No);
    tale.closes_vote([1, 1, 1], None);
    tale.alarms(2, MEMBER_4, Direction::Seen, Cause::CameraOff);
    tale.later(5)
        .measured(measured(&[]))
        .decides(1, Some(ItemId(2)), "HEMLIG text");
    let decision = tale.last();
    tale.happens(Event::Reserved { participant: MEMBER_4 });
    tale.happens(Event::AlertCleared { alert: AlertId(2) });
    tale.later(5).ends(2);
    tale.later(60).happens(Event::Corrected {
        event: decision,
        text: "HEMLIG rättelse".to_owned(),
        by: CHAIR,
    });
    tale.later(60).happens(Event::Closed { by: CHAIR });
    tale
}

#[test]
fn a_report_for_the_public_tells_nothing_of_a_secret_item_and_says_so() {
    let tale = with_secret_item();
    let sv = tale.report(Language::Sv);
    for secret in [
        "HEMLIG",
        "Beslut 1",
        "reserverade sig",
        "röstade inte",
        "kameran var av",
        FLAWLESS,
    ] {
        assert!(!sv.contains(secret), "{secret}: {sv}");
    }
    assert!(
        sv.contains("11 händelser mellan 09:01:25 och 09:02:35 är utelämnade (sekretess)"),
        "{sv}"
    );
    assert!(sv.contains("Det som återges här har inga beslut; händelser är utelämnade."));
    assert!(!sv.contains("Inga beslut är antecknade."));
    assert!(!sv.contains("Inga larm.") && sv.contains("Ärende 2: [utelämnat: sekretess] togs upp."));
    let en = tale.report(Language::En);
    assert!(
        en.contains("11 events between") && en.contains("What is told here has no decisions"),
        "{en}"
    );
    let told = written(&tale.account(), None, Language::Sv, true);
    for said in [
        "HEMLIG fråga",
        "HEMLIG text",
        "HEMLIGT nej",
        "HEMLIG rättelse",
        "Beslut 1",
        "kameran var av",
    ] {
        assert!(told.contains(said), "{said}");
    }
    assert!(!told.contains("utelämnat"));
}

#[test]
fn an_alarm_whose_end_is_left_out_is_not_said_to_have_stood_on() {
    let account = Account::of(&with_secret_item().source(false));
    let [alarm] = &account.alarms[..] else {
        panic!("{:?}", account.alarms)
    };
    assert_eq!(
        (alarm.until_ms, alarm.unseen_from_ms.is_some(), alarm.cut_off),
        (None, true, false)
    );
    assert!(alarm.acts.is_empty());
}

#[test]
fn after_what_is_left_out_nobody_measured_is_passed_over() {
    let mut tale = Tale::opened();
    tale.later(5).begins(2);
    tale.later(5).disconnects(MEMBER_4).ends(2);
    // It is not known whether the secretary serves now.
    let deaf = (
        super::SECRETARY,
        Direction::Hears,
        Level::Red,
        Some(Cause::SoundMissing),
    );
    tale.later(5).measured(measured(&[deaf])).decides(1, None, "Ja.");
    let sv = tale.report(Language::Sv);
    assert!(
        !sv.contains(FLAWLESS) && sv.contains("Sekreterare hörde inte de andra"),
        "{sv}"
    );
    assert!(written(&tale.account(), None, Language::Sv, true).contains(FLAWLESS));
}

fn changed(tale: &mut Tale, level: Level, figure: f64, affected: u32) {
    let at_ms = tale.later(5).now_ms;
    tale.happens(Event::AlertChanged {
        alert: AlertId(1),
        reading: Reading {
            level,
            figure: Some(figure),
            affected,
            gone_since_ms: None,
        },
        at_ms,
    });
}

#[test]
fn an_alarm_is_told_with_its_worst_figure_and_not_its_last() {
    let worst = |cause, readings: &[(Level, f64, u32)]| {
        let mut tale = Tale::opened();
        tale.alarms(1, MEMBER_3, Direction::Seen, cause);
        for (level, figure, affected) in readings {
            changed(&mut tale, *level, *figure, *affected);
        }
        let reading = tale.account().alarms[0].worst;
        (reading.level, reading.figure, reading.affected)
    };
    let red = Level::Red;
    // It began with 3.24 and three others.
    assert_eq!(
        worst(Cause::SoundLoss, &[(red, 20.0, 2), (red, 4.0, 1)]),
        (red, Some(20.0), 3)
    );
    assert_eq!(
        worst(Cause::FrameRate, &[(red, 1.0, 5), (red, 9.0, 1)]),
        (red, Some(1.0), 5)
    );
    assert_eq!(
        worst(Cause::SoundLoss, &[(Level::Amber, 99.0, 9)]),
        (red, Some(3.24), 3)
    );
}

fn spoken(at_ms: i64, who: ParticipantId) -> Spoken {
    Spoken {
        at_ms,
        people: vec![(who, "gggggg".to_owned())],
        transitions: 0,
        digest: None,
    }
}

#[test]
fn samples_that_are_left_out_are_drawn_so_and_not_as_if_nobody_was_measured() {
    let mut recording = Recording::default();
    recording.take(Line::Verdict(spoken(1_000, MEMBER_3)));
    let to = crate::meeting::SamplesMark {
        lines: 9,
        digest: Sha256::ZERO,
    };
    recording.take(Line::SamplesWithheld(to));
    recording.take(Line::Verdict(spoken(20_000, MEMBER_3)));
    let left_out = LeftOut {
        after_ms: Some(1_000),
        before_ms: Some(20_000),
    };
    assert_eq!(recording.left_out, [left_out]);
    let html = written(&Tale::opened().account(), Some(&recording), Language::Sv, false);
    assert!(
        html.contains("width=\"18\" height=\"65\" fill=\"url(#left-out)\""),
        "{html}"
    );
    assert!(html.contains("är utelämnade (sekretess)"));
    recording.left_out.clear();
    recording.gaps.push(Gap { at_ms: 1, lost: 1 });
    let html = written(&Tale::opened().account(), Some(&recording), Language::Sv, false);
    assert!(!html.contains("url(#left-out)"));
}
