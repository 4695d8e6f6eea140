//! Coming, being let in, being lost and coming back.

use super::*;

#[test]
fn chair_and_secretary_enter_by_themselves_and_others_wait_to_be_let_in() {
    let mut told = Told::planned();
    told.comes(MEMBER_5);
    told.has(MEMBER_5, Attendance::Lobby);
    told.comes(CHAIR);
    told.comes(SECRETARY);
    told.has(CHAIR, Attendance::Inside);
    told.has(SECRETARY, Attendance::Inside);
    assert!(told.events.contains(&Event::Admitted {
        participant: CHAIR,
        by: CHAIR
    }));

    told.may_not(MEMBER_5, &Command::Admit { participant: MEMBER_5 }, Refusal::NotAllowed);
    told.may_not(CHAIR, &Command::Admit { participant: MEMBER_6 }, Refusal::WrongPlace);
    told.does(SECRETARY, &Command::Admit { participant: MEMBER_5 });
    told.has(MEMBER_5, Attendance::Inside);
    told.may_not(CHAIR, &Command::AdmitAll {}, Refusal::AlreadySo);
}

#[test]
fn somebody_dismissed_comes_back_only_by_name() {
    let mut told = Told::open();
    told.does(SECRETARY, &Command::Dismiss { participant: GUEST });
    told.has(GUEST, Attendance::Dismissed);
    told.is_cut_off(GUEST);
    told.comes(GUEST);
    told.has(GUEST, Attendance::Dismissed);
    told.may_not(CHAIR, &Command::AdmitAll {}, Refusal::AlreadySo);
    told.does(CHAIR, &Command::Admit { participant: GUEST });
    told.has(GUEST, Attendance::Inside);

    told.does(CHAIR, &Command::Dismiss { participant: SECRETARY });
    told.is_cut_off(SECRETARY);
    told.comes(SECRETARY);
    told.has(SECRETARY, Attendance::Dismissed);
}

#[test]
fn nobody_dismisses_the_chair_or_themselves() {
    let mut told = Told::open();
    told.may_not(SECRETARY, &Command::Dismiss { participant: CHAIR }, Refusal::NotAllowed);
    told.may_not(
        SECRETARY,
        &Command::Dismiss { participant: SECRETARY },
        Refusal::NotAllowed,
    );
    told.does(FIRST_VICE, &Command::TakeChair {});
    told.may_not(
        SECRETARY,
        &Command::Dismiss {
            participant: FIRST_VICE,
        },
        Refusal::NotAllowed,
    );
    told.may_not(
        FIRST_VICE,
        &Command::Dismiss { participant: CHAIR },
        Refusal::NotAllowed,
    );
}

#[test]
fn a_lost_connection_costs_seconds_and_not_the_place() {
    let mut told = Told::open();
    told.is_cut_off(MEMBER_5);
    told.has(MEMBER_5, Attendance::Lost);
    assert!(!told.meeting.may_hear_and_see(MEMBER_5));
    told.may_not(MEMBER_5, &Command::RequestFloor {}, Refusal::WrongPlace);
    told.comes(MEMBER_5);
    told.has(MEMBER_5, Attendance::Inside);
}

#[test]
fn a_second_device_keeps_its_person_inside() {
    let mut told = Told::open();
    told.notices(Observation::Connected {
        participant: SECRETARY,
        endpoint: EndpointId(104),
        proof: Proof::Invited,
    });
    told.is_cut_off(SECRETARY);
    told.has(SECRETARY, Attendance::Inside);

    told.notices(Observation::Connected {
        participant: SECRETARY,
        endpoint: EndpointId(105),
        proof: Proof::Invited,
    });
    let third = told.notices(Observation::Connected {
        participant: SECRETARY,
        endpoint: EndpointId(106),
        proof: Proof::Invited,
    });
    assert!(third.contains(&Event::Disconnected {
        participant: SECRETARY,
        endpoint: EndpointId(104),
        at_ms: told.now_ms.get(),
    }));
}

#[test]
fn a_restart_of_the_server_loses_nobody_s_place_and_no_floor() {
    let mut told = Told::open();
    told.does(CHAIR, &Command::GiveFloor { participant: MEMBER_5 });
    told.does(MEMBER_6, &Command::RequestFloor {});
    told.notices(alert(frozen(MEMBER_6), Level::Red));
    told.does(SUBSTITUTE, &Command::ReportUnequalTerms {});

    told.notices(Observation::ServerRestarted {});
    told.has(CHAIR, Attendance::Lost);
    assert_eq!(
        told.notices(Observation::ServerRestarted {}),
        [],
        "nobody was there to notice the second"
    );
    told.later(4_000);
    for participant in 1..=9 {
        told.comes(ParticipantId(participant));
    }
    told.has(GUEST, Attendance::Inside);
    assert_eq!(told.meeting.floor(), Some(MEMBER_5));
    assert_eq!(told.meeting.requests(), [MEMBER_6]);
    let causes: Vec<_> = told.meeting.alerts().iter().map(|alert| alert.subject.cause).collect();
    assert_eq!(
        causes,
        [Cause::Reported],
        "the report waits for its answer; measurement starts afresh"
    );
}

#[test]
fn in_the_lobby_one_sees_oneself_alone() {
    let mut told = Told::open();
    told.does(CHAIR, &Command::Dismiss { participant: GUEST });
    told.does(CHAIR, &Command::GiveFloor { participant: MEMBER_5 });
    let names = (1..=9)
        .map(|id| (ParticipantId(id), format!("Deltagare {id}")))
        .collect();
    let identities = Identities { names, for_tests: true };
    let outside = view(&told.meeting, &identities, GUEST);
    assert_eq!(
        outside
            .participants
            .iter()
            .map(|one| one.name.as_str())
            .collect::<Vec<_>>(),
        ["Deltagare 8"]
    );
    assert_eq!(
        (outside.floor, outside.acting_chair, outside.phase),
        (None, None, Phase::Open)
    );
    let inside = view(&told.meeting, &identities, MEMBER_6);
    assert_eq!((inside.participants.len(), inside.floor), (9, Some(MEMBER_5)));
    assert!(inside.participants[4].microphone_open && !inside.participants[5].microphone_open);
}
