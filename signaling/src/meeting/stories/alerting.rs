//! Alerts: who is shown which, and when they end.

use super::*;
#[test]
fn red_goes_to_the_chair_and_the_person_and_amber_to_the_secretary_alone() {
    let mut told = Told::open();
    told.notices(alert(frozen(MEMBER_5), Level::Amber));
    assert_eq!([SECRETARY, CHAIR, MEMBER_5].map(|one| told.shown(one).len()), [1, 0, 0]);
    told.may_not(
        CHAIR,
        &Command::AcknowledgeAlert { alert: AlertId(1) },
        Refusal::NoSuchAlert,
    );
    told.notices(alert(frozen(MEMBER_5), Level::Red));
    assert_eq!([SECRETARY, CHAIR, MEMBER_5].map(|one| told.shown(one).len()), [1, 1, 1]);
    assert_eq!(
        [FIRST_VICE, MEMBER_6, GUEST, CHAMBER].map(|one| told.shown(one).len()),
        [0; 4]
    );
    told.does(FIRST_VICE, &Command::TakeChair {});
    assert_eq!([CHAIR, FIRST_VICE].map(|one| told.shown(one).len()), [1, 1]);

    told.does(FIRST_VICE, &Command::AcknowledgeAlert { alert: AlertId(1) });
    told.may_not(
        SECRETARY,
        &Command::AcknowledgeAlert { alert: AlertId(1) },
        Refusal::AlreadySo,
    );
    told.may_not(
        MEMBER_5,
        &Command::AcknowledgeAlert { alert: AlertId(1) },
        Refusal::NotAllowed,
    );
    told.notices(Observation::AlertOver {
        subject: frozen(MEMBER_5),
    });
    assert_eq!(told.meeting.alerts(), []);
}

#[test]
fn an_alert_is_one_and_is_journaled_as_it_changes() {
    let mut told = Told::open();
    told.notices(alert(frozen(MEMBER_5), Level::Red));
    let worse = Observation::Alert {
        subject: frozen(MEMBER_5),
        reading: Reading {
            figure: Some(1.0 / 3.0),
            ..reading(Level::Red)
        },
    };
    told.notices(worse);
    assert_eq!(told.notices(worse), []);
    assert_eq!(told.meeting.alerts()[0].reading.figure, Some(0.333));
    assert_eq!(told.meeting.alerts().len(), 1);
    let nonsense = Reading {
        figure: Some(f64::NAN),
        ..reading(Level::Red)
    };
    told.notices(Observation::Alert {
        subject: frozen(MEMBER_6),
        reading: nonsense,
    });
    assert_eq!(told.meeting.alerts()[1].reading.figure, None);
}

#[test]
fn an_unstable_alert_stays_until_it_is_acknowledged() {
    let mut told = Told::open();
    told.notices(alert(frozen(MEMBER_5), Level::Red));
    told.notices(Observation::AlertUnstable {
        subject: frozen(MEMBER_5),
    });
    let over = Observation::AlertOver {
        subject: frozen(MEMBER_5),
    };
    assert_eq!(told.notices(over), [Event::AlertSettled { alert: AlertId(1) }]);
    assert_eq!(told.notices(over), []);
    assert_eq!(told.shown(CHAIR), [AlertId(1)]);
    told.does(CHAIR, &Command::AcknowledgeAlert { alert: AlertId(1) });
    assert_eq!(told.shown(CHAIR), []);
}

#[test]
fn what_has_been_acknowledged_speaks_again_when_it_becomes_worse() {
    let mut told = Told::open();
    let acknowledged = |told: &Told| told.meeting.alerts()[0].acknowledged;
    let acknowledge = Command::AcknowledgeAlert { alert: AlertId(1) };
    told.notices(alert(frozen(MEMBER_5), Level::Amber));
    told.does(SECRETARY, &acknowledge);
    told.notices(alert(frozen(MEMBER_5), Level::Red));
    assert!(!acknowledged(&told));
    told.does(SECRETARY, &acknowledge);
    told.notices(alert(frozen(MEMBER_5), Level::Amber));
    assert!(acknowledged(&told));
    told.notices(alert(frozen(MEMBER_5), Level::Red));
    told.does(SECRETARY, &acknowledge);
    told.notices(Observation::AlertUnstable {
        subject: frozen(MEMBER_5),
    });
    assert!(!acknowledged(&told));
}

#[test]
fn an_unstable_alert_does_not_outlive_a_restart_as_a_breach() {
    for connected in [true, false] {
        let mut told = Told::open();
        told.notices(link(MEMBER_5, Some(told.now_ms.get())));
        told.notices(Observation::AlertUnstable {
            subject: link_lost(MEMBER_5),
        });
        if !connected {
            (1..=9).for_each(|who| drop(told.is_cut_off(ParticipantId(who))));
        }
        told.notices(Observation::ServerRestarted {});
        assert_eq!(told.notices(Observation::ServerRestarted {}), []);
        (1..=9).for_each(|who| drop(told.comes(ParticipantId(who))));
        assert_eq!(told.shown(CHAIR), [AlertId(1)], "it waits to be seen");
        assert_eq!((told.meeting.breaches(), told.meeting.clocks()), (vec![], vec![]));
        told.notices(link(MEMBER_5, Some(told.now_ms.get())));
        assert_eq!(told.meeting.breaches().len(), 1);
    }
}

#[test]
fn what_was_measured_of_who_stays_at_a_council_s_item_stands_after_it() {
    let mut told = super::serving::open_by(Rulebook {
        council: true,
        ..Rulebook::default()
    });
    told.notices(alert(frozen(MEMBER_5), Level::Red));
    told.does(CHAIR, &Command::BeginItem { item: ItemId(1) });
    told.does(CHAIR, &disqualify(MEMBER_5));
    assert_eq!(told.meeting.breaches(), [], "who does not serve holds nothing up");
    told.does(CHAIR, &Command::EndItem {});
    assert_eq!(told.meeting.breaches().len(), 1);
}

#[test]
fn a_member_s_report_reaches_the_chair_at_once_and_ends_with_the_answer() {
    let mut told = Told::open();
    told.does(MEMBER_5, &Command::ReportUnequalTerms {});
    told.may_not(MEMBER_5, &Command::ReportUnequalTerms {}, Refusal::AlreadySo);
    assert_eq!(told.shown(CHAIR), [AlertId(1)]);
    told.does(CHAIR, &Command::AcknowledgeAlert { alert: AlertId(1) });
    assert_eq!(told.shown(MEMBER_5), []);
    told.does(MEMBER_5, &Command::ReportUnequalTerms {});
    assert_eq!(told.shown(CHAIR), [AlertId(2)], "a number is never used twice");
}
