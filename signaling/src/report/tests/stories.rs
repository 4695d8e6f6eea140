//! What is told, and what is not.

use super::tale::{CHAIR, CHAMBER, MEMBER_3, MEMBER_4, SECRETARY, SUBSTITUTE, Tale, measured};
use super::written;
use crate::equal_terms::{Cause, Direction, Level};
use crate::meeting::event::Event;
use crate::meeting::{AlertId, Answer, Choice, Despite, ItemId, ParticipantId, Reading};
use crate::report::account::{Place, What};
use crate::report::strips::{MAX_COLUMNS, Strips};
use crate::report::{Language, Recording};
use crate::samples::Spoken;

pub(super) const FLAWLESS: &str =
    "Inga uppmätta brister mellan anslutna enheter; deltagare i salen representeras av salens enheter.";
const ITEM_1: Option<ItemId> = Some(ItemId(1));

#[test]
fn a_decision_in_which_nothing_was_wrong_says_what_was_measured_and_no_more() {
    let mut tale = Tale::opened();
    tale.later(60)
        .measured(measured(&[]))
        .decides(1, ITEM_1, "Budgeten antas.");
    let sv = tale.report(Language::Sv);
    assert!(sv.contains(FLAWLESS), "{sv}");
    assert!(sv.contains("Budgeten antas.") && sv.contains("Ärende 1: Budget") && sv.contains("likvardig-1"));
    assert!(
        tale.report(Language::En)
            .contains("No measured breaches between connected devices")
    );
}

#[test]
fn no_report_claims_what_persons_saw_and_heard() {
    let mut tale = Tale::opened();
    tale.later(60)
        .measured(measured(&[]))
        .decides(1, ITEM_1, "Budgeten antas.");
    let forbidden = [
        "alla såg",
        "alla hörde",
        "alla kunde se",
        "alla kunde höra",
        "alla deltog",
        "såg och hörde",
        "lika villkor rådde",
        "på lika villkor under",
        "inga brister",
        "everybody saw",
        "everyone saw",
        "everybody heard",
        "everyone heard",
        "all could see",
        "saw and heard",
        "saw each other",
        "terms held",
        "no breaches",
    ];
    for language in [Language::Sv, Language::En] {
        let report = tale.report(language).to_lowercase();
        for claim in forbidden {
            assert!(!report.contains(claim), "{language:?} claims: {claim}");
        }
    }
}

#[test]
fn a_breach_at_a_decision_is_spelled_out_with_the_chair_s_reason() {
    let mut tale = Tale::opened();
    let frozen = (MEMBER_3, Direction::Seen, Level::Red, Some(Cause::PictureFrozen));
    let unknown = (MEMBER_4, Direction::Hears, Level::Unknown, None);
    tale.later(60).measured(measured(&[frozen, unknown]));
    let at_ms = tale.now_ms;
    tale.happens(Event::Decided {
        number: 1,
        item: ITEM_1,
        decision: "Budgeten antas.".to_owned(),
        by: CHAIR,
        at_ms,
        despite: Some(Despite::ConfirmedByMember),
        afterwards: false,
    });
    let sv = tale.report(Language::Sv);
    assert!(!sv.contains(FLAWLESS));
    assert!(sv.contains("Ledamot &lt;3&gt; syntes inte: bilden stod still"), "{sv}");
    assert!(sv.contains("mätvärden saknas för Deltagare 4 (hör)"));
    assert!(sv.contains("bekräftat med röst eller telefon"));
}

#[test]
fn amber_is_told_and_the_sentence_says_no_more_than_that_nothing_was_beyond_the_alarm() {
    let mut tale = Tale::opened();
    let slow = (MEMBER_3, Direction::Seen, Level::Amber, Some(Cause::FrameRate));
    tale.later(60).measured(measured(&[slow])).decides(1, ITEM_1, "Ja.");
    let sv = tale.report(Language::Sv);
    assert!(!sv.contains(FLAWLESS) && sv.contains("Ledamot &lt;3&gt; syntes dåligt: för få bilder"));
    let sentence = "Inga uppmätta brister över larmgränsen mellan anslutna enheter; deltagare i salen representeras";
    assert!(sv.contains(sentence), "{sv}");
    let en = tale.report(Language::En);
    assert!(
        en.contains("No measured breaches beyond the alarm limit between connected devices"),
        "{en}"
    );
}

#[test]
fn a_decision_without_measurements_claims_nothing() {
    let mut tale = Tale::opened();
    tale.later(60).decides(1, ITEM_1, "Ja.");
    let sv = tale.report(Language::Sv);
    assert!(!sv.contains(FLAWLESS) && sv.contains("Mätvärden saknas."));
    // A measurement of another moment is not this decision's.
    let mut tale = Tale::opened();
    tale.measured(measured(&[])).later(60).decides(1, ITEM_1, "Ja.");
    assert!(!tale.report(Language::Sv).contains(FLAWLESS));
}

#[test]
fn who_serves_unmeasured_is_an_exception_and_the_chamber_stands_for_those_in_it() {
    let without = |gone: &[ParticipantId]| {
        let mut tale = Tale::opened();
        let mut found = measured(&[]);
        found.people.retain(|one| !gone.contains(&one.participant));
        tale.later(60).measured(found).decides(1, None, "Ja.");
        tale.report(Language::Sv)
    };
    assert!(without(&[CHAIR]).contains(FLAWLESS), "the chair sits in the chamber");
    assert!(without(&[CHAIR, CHAMBER]).contains("mätvärden saknas för salens enheter"));
    assert!(without(&[MEMBER_4]).contains("mätvärden saknas för Deltagare 4"));
    assert!(without(&[SECRETARY]).contains(FLAWLESS), "does not serve");
    let mut tale = Tale::opened();
    let dark = (CHAMBER, Direction::Seen, Level::Red, Some(Cause::CameraCovered));
    tale.later(60).measured(measured(&[dark])).decides(1, None, "Ja.");
    assert!(tale.report(Language::Sv).contains("Salens kamera syntes inte"));
}

#[test]
fn one_bad_edge_is_an_exception_of_its_own() {
    let mut tale = Tale::opened();
    let mut found = measured(&[]);
    found.matrix.people = vec![CHAIR, MEMBER_3, MEMBER_4];
    found.matrix.sound = ["-gg", "g-r", "gg-"].map(str::to_owned).into();
    found.matrix.picture = ["-gg", "g-g", "gg-"].map(str::to_owned).into();
    tale.later(60).measured(found).decides(1, None, "Ja.");
    let sv = tale.report(Language::Sv);
    assert!(
        sv.contains("ljudet från Ledamot &lt;3&gt; nådde inte Deltagare 4"),
        "{sv}"
    );
    assert!(!sv.contains(FLAWLESS));
}

#[test]
fn an_alarm_is_told_with_its_cause_times_and_what_the_chair_did() {
    let mut tale = Tale::opened();
    tale.later(60).alarms(1, MEMBER_3, Direction::Heard, Cause::SoundLoss);
    tale.later(5).happens(Event::AlertAcknowledged {
        alert: AlertId(1),
        by: CHAIR,
    });
    let since_ms = tale.now_ms;
    tale.later(5).happens(Event::Adjourned {
        by: CHAIR,
        reason: "Ljudet brister.".to_owned(),
        since_ms,
    });
    tale.later(50).happens(Event::AlertCleared { alert: AlertId(1) });
    tale.later(5).happens(Event::Resumed { by: CHAIR });
    let sv = tale.report(Language::Sv);
    assert!(
        sv.contains("Ledamot &lt;3&gt; hördes dåligt: 3,2 % av ljudet gick förlorat"),
        "{sv}"
    );
    assert!(sv.contains("Ordförande hade sett det") && sv.contains("Ordförande ajournerade"));
    assert!(sv.contains("Skäl: Ljudet brister.") && sv.contains("3 andra"));
    let alarm = &tale.account().alarms[0];
    assert_eq!(alarm.until_ms, Some(alarm.since_ms + 60_000));
    assert_eq!(alarm.acts.len(), 2);
}

#[test]
fn an_alarm_that_was_only_amber_is_counted_below_the_alarms() {
    let mut tale = Tale::opened();
    tale.alarms(1, MEMBER_3, Direction::Seen, Cause::FrameRate);
    let Some(Event::AlertRaised { reading, .. }) = tale.events.last_mut().map(|stored| &mut stored.event) else {
        panic!("an alarm");
    };
    reading.level = Level::Amber;
    assert!(tale.report(Language::Sv).contains("Inga larm."));
    tale.later(1).happens(Event::AlertChanged {
        alert: AlertId(1),
        reading: Reading {
            level: Level::Red,
            figure: Some(4.0),
            affected: 1,
            gone_since_ms: None,
        },
        at_ms: 0,
    });
    assert!(!tale.report(Language::Sv).contains("Inga larm."));
}

#[test]
fn a_substitution_shows_who_served_when_and_where() {
    let mut tale = Tale::opened();
    let at_ms = tale.later(600).now_ms;
    tale.disconnects(MEMBER_4).substitutes("Förbindelsen bröts.");
    let account = tale.account();
    let of = |who| account.people.iter().find(|one| one.id == who).unwrap().stays.clone();
    assert_eq!(of(MEMBER_4)[0].to_ms, Some(at_ms));
    assert_eq!(of(SUBSTITUTE)[0].place, Place::Chamber);
    let sv = tale.report(Language::Sv);
    assert!(sv.contains("ersattes; Förbindelsen bröts.") && sv.contains("trädde in som ersättare"));
}

#[test]
fn a_roll_call_has_each_answer_beside_what_was_measured_of_whom() {
    let mut tale = Tale::opened();
    tale.calls_the_roll();
    let yes = Answer::Confirmed {
        sees: true,
        hears: true,
        heard: true,
    };
    let silent = (MEMBER_3, Direction::Heard, Level::Unknown, None);
    let mut chamber = measured(&[]);
    chamber.people.retain(|one| one.participant != CHAIR);
    tale.later(2)
        .measured(chamber.about(CHAIR))
        .answers(CHAIR, Answer::NotedPresent {}, None);
    tale.later(2).answers(MEMBER_4, yes, None);
    tale.later(2)
        .measured(measured(&[silent]).about(MEMBER_3))
        .answers(MEMBER_3, yes, None);
    tale.later(2)
        .measured(measured(&[]).about(MEMBER_4))
        .answers(MEMBER_4, Answer::NotedAbsent {}, Some(Level::Red));
    tale.later(2)
        .measured(measured(&[]).about(MEMBER_3))
        .answers(MEMBER_3, yes, None);
    let unfinished = tale.report(Language::Sv);
    assert!(!unfinished.contains(FLAWLESS), "no answer speaks for all: {unfinished}");
    assert!(!unfinished.contains("mätvärden saknas för"), "nor against the others");
    tale.later(2)
        .measured(measured(&[]))
        .happens(Event::RollCallEnded { by: CHAIR });
    let sv = tale.report(Language::Sv);
    assert!(
        sv.contains("5 av 3 svar") && sv.contains("När uppropet avslutades:"),
        "{sv}"
    );
    assert!(sv.contains(FLAWLESS));
    let own = "<td>Egen uppgift: ser, hör, hörs</td>";
    for row in [
        "<td>antecknad som närvarande</td><td>i salen</td>",
        &format!("{own}<td>inte mätt</td>"),
        &format!("{own}<td>okänt</td>"),
        "<td>svarade inte</td><td>larm</td>",
        &format!("{own}<td>bra</td>"),
    ] {
        assert!(sv.contains(row), "{row}: {sv}");
    }
}

#[test]
fn a_vote_s_result_stands_at_its_decision() {
    let mut tale = Tale::opened();
    let frozen = (MEMBER_3, Direction::Seen, Level::Red, Some(Cause::PictureFrozen));
    tale.later(3)
        .measured(measured(&[frozen]))
        .opens_vote("Bifall", "Avslag");
    tale.votes(MEMBER_3, Choice::Yes).votes(MEMBER_4, Choice::No);
    tale.happens(Event::VoteSuspended {});
    tale.happens(Event::VoteResumed {
        by: CHAIR,
        despite: Some(Despite::Repeated),
    });
    tale.later(3)
        .measured(measured(&[]))
        .closes_vote([1, 1, 1], Some(Choice::Yes));
    let sv = tale.report(Language::Sv);
    let (opened, closed) = sv.split_once("När omröstningen avslutades:").unwrap();
    assert!(opened.contains("När omröstningen öppnades:") && opened.contains("syntes inte: bilden stod still"));
    assert!(!opened.contains(FLAWLESS) && closed.contains(FLAWLESS), "{sv}");
    tale.later(3).measured(measured(&[])).decides(1, None, "Bifall.");
    let sv = tale.report(Language::Sv);
    let result = "1 ja, 1 nej, 0 avstod, 1 röstade inte. Ordförandens utslagsröst: Ja.";
    assert_eq!(sv.matches(result).count(), 2, "at the decision and in the course: {sv}");
    assert!(sv.contains("Ledamot &lt;3&gt;: Ja, Deltagare 4: Nej") && sv.contains("uppehölls 1"));
    tale.later(3).measured(measured(&[])).decides(2, None, "Annat.");
    assert_eq!(tale.report(Language::Sv).matches(result).count(), 2, "not at the next");
}

#[test]
fn a_correction_stands_next_to_what_it_corrects() {
    let mut tale = Tale::opened();
    tale.later(3)
        .measured(measured(&[]))
        .decides(1, ITEM_1, "Budgeten antas.");
    let event = tale.last();
    tale.later(60).happens(Event::Corrected {
        event,
        text: "Ska vara: Budgeten antas med tillägg.".to_owned(),
        by: SECRETARY,
    });
    let account = tale.account();
    let (entry, _) = account.decisions().next().unwrap();
    assert_eq!(entry.corrections.len(), 1);
    assert!(
        tale.report(Language::Sv)
            .contains("Ska vara: Budgeten antas med tillägg.")
    );
    // Of something that is not told of: on its own.
    tale.happens(Event::Corrected {
        event: 2,
        text: "Fel enhet.".to_owned(),
        by: SECRETARY,
    });
    let last = tale.account().entries.pop().unwrap();
    assert_eq!(last.what, What::Corrected { event: 2 });
}

#[test]
fn nothing_that_somebody_wrote_becomes_markup() {
    let mut tale = Tale::opened();
    tale.decides(1, None, "<script>alert(1)</script>");
    let sv = tale.report(Language::Sv);
    assert!(!sv.contains("<script") && sv.contains("&lt;script&gt;"));
}

#[test]
fn a_picture_has_few_columns_and_each_shows_its_worst_second() {
    let mut strips = Strips::default();
    let seconds = 3 * i64::try_from(MAX_COLUMNS).unwrap();
    for second in 0..seconds {
        let letters = if second == 700 { "rggggg" } else { "gggggg" };
        strips.add(&Spoken {
            at_ms: second * 1000,
            people: vec![(MEMBER_3, letters.to_owned())],
            transitions: 0,
            digest: None,
        });
    }
    let strip = &strips.people[&MEMBER_3];
    assert_eq!(strips.width_ms, 4000);
    assert!(strips.columns() <= MAX_COLUMNS);
    let red: Vec<usize> = strip.rows[0]
        .iter()
        .enumerate()
        .filter(|(_, level)| **level == Some(Level::Red))
        .map(|(at, _)| at)
        .collect();
    assert_eq!(red, [700 / 4]);
    assert_eq!(strip.seconds[0], (1, 0));
    assert!(strip.rows[1].iter().all(|level| *level == Some(Level::Green)));
}

#[test]
fn unknown_is_never_drawn_as_green_and_somebody_away_is_not_drawn() {
    let mut strips = Strips::default();
    let spoken = |second: i64, people| Spoken {
        at_ms: second * 1000,
        people,
        transitions: 0,
        digest: None,
    };
    strips.add(&spoken(0, vec![(MEMBER_3, "ugas--".to_owned())]));
    strips.add(&spoken(9, vec![(MEMBER_4, "gggggg".to_owned())]));
    let rows = &strips.people[&MEMBER_3].rows;
    assert_eq!(rows[0], [Some(Level::Unknown)]);
    assert_eq!(rows[3], [Some(Level::Suspended)]);
    assert_eq!(rows[4], [None]);
    assert_eq!(strips.people[&MEMBER_4].rows[0][..9], [None; 9]);
    let tale = Tale::opened();
    let recording = Recording {
        strips,
        ..Recording::default()
    };
    let html = written(&tale.account(), Some(&recording), Language::Sv, false);
    assert!(html.contains("okänt 1 s") && html.contains("url(#unknown)"));
}

#[test]
fn without_samples_the_report_says_so() {
    assert!(
        Tale::opened()
            .report(Language::Sv)
            .contains("Mätvärdena är inte sparade, är gallrade")
    );
}
