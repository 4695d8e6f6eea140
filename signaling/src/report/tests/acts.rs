//! What was done about an alarm.

use super::tale::{CHAIR, MEMBER_3, MEMBER_4, Tale};
use crate::equal_terms::{Cause, Direction};
use crate::meeting::event::Event;
use crate::meeting::{AlertId, Clock, service};
use crate::report::Language;
use crate::report::alarm::Act;

/// Alarms stand about members 3 and 4, and this happens.
fn with(event: Event) -> Tale {
    let mut tale = Tale::opened();
    tale.later(60).alarms(1, MEMBER_3, Direction::Heard, Cause::SoundLoss);
    tale.alarms(2, MEMBER_4, Direction::Link, Cause::LinkLost);
    tale.later(60).happens(event);
    tale
}

/// What was done about the alarm of member 3 and that of member 4.
fn acts(tale: &Tale) -> [Vec<Act>; 2] {
    let alarms = tale.account().alarms;
    [0, 1].map(|at| alarms[at].acts.iter().map(|(_, act)| *act).collect())
}

fn service_ended(why: service::Ending) -> Event {
    Event::ServiceEnded {
        participant: MEMBER_4,
        mandate: 3,
        why,
        by: Some(CHAIR),
        reason: None,
        at_ms: 0,
    }
}

fn extended(clock: Clock) -> Event {
    Event::ClockExtended {
        clock,
        until_ms: 1_800_000_600_000,
        by: CHAIR,
    }
}

#[test]
fn what_was_done_about_a_person_is_told_at_the_alarms_about_them_alone() {
    let reconnect = Clock::Reconnect { participant: MEMBER_4 };
    for (event, act, sv, en) in [
        (
            service_ended(service::Ending::Replaced),
            Act::Replaced(CHAIR),
            "Ordförande kallade in en ersättare",
            "Ordförande called in a substitute",
        ),
        (
            service_ended(service::Ending::Absent),
            Act::NotedAbsent(CHAIR),
            "Ordförande antecknade personen som frånvarande",
            "Ordförande noted the person as absent",
        ),
        (
            extended(reconnect),
            Act::Awaited(CHAIR),
            "Ordförande gav mer tid att komma tillbaka",
            "Ordförande gave more time to come back",
        ),
    ] {
        let tale = with(event);
        assert_eq!(acts(&tale), [vec![], vec![act]]);
        assert!(tale.report(Language::Sv).contains(sv), "{sv}");
        assert!(tale.report(Language::En).contains(en), "{en}");
    }
    let by_the_rules = service_ended(service::Ending::MemberCame);
    assert_eq!(acts(&with(by_the_rules)), [vec![], vec![]]);
}

#[test]
fn what_was_done_about_the_meeting_is_told_at_every_alarm_that_stood() {
    for (event, act, sv, en) in [
        (
            extended(Clock::Adjournment {}),
            Act::AdjournmentExtended(CHAIR),
            "Ordförande förlängde ajourneringen",
            "Ordförande extended the adjournment",
        ),
        (
            Event::Closed { by: CHAIR },
            Act::Closed(CHAIR),
            "Ordförande avslutade sammanträdet</li>",
            "Ordförande ended the meeting</li>",
        ),
    ] {
        let tale = with(event);
        assert_eq!(acts(&tale), [vec![act], vec![act]]);
        assert!(tale.report(Language::Sv).contains(sv), "{sv}");
        assert!(tale.report(Language::En).contains(en), "{en}");
    }
}

#[test]
fn a_presence_check_is_told_at_the_alarms_that_it_ended() {
    let mut tale = with(Event::AlertCleared { alert: AlertId(1) });
    let at_ms = tale.now_ms;
    tale.happens(Event::PresenceConfirmed {
        participants: vec![CHAIR, MEMBER_3],
        by: CHAIR,
        at_ms,
    });
    let check = Act::PresenceConfirmed(CHAIR);
    assert_eq!(acts(&tale), [vec![check], vec![check]]);
    let at_ms = tale.later(60).now_ms;
    tale.happens(Event::PresenceConfirmed {
        participants: vec![CHAIR],
        by: CHAIR,
        at_ms,
    });
    assert_eq!(acts(&tale), [vec![check], vec![check, check]]);
}
