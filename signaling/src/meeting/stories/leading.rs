//! Opening, adjourning, closing; who has the chair.

use super::*;

#[test]
fn the_chair_adjourns_with_a_reason_and_resumes() {
    let mut told = Told::open();
    told.does(CHAIR, &Command::GiveFloor { participant: MEMBER_5 });
    told.does(MEMBER_6, &Command::RequestFloor {});
    for bad in ["", "  \n", "\u{7}", &"å".repeat(501)] {
        told.may_not(CHAIR, &Command::Adjourn { reason: bad.into() }, Refusal::BadText);
    }
    told.may_not(SECRETARY, &adjourn(), Refusal::NotAllowed);
    told.does(CHAIR, &adjourn());
    assert_eq!(
        *told.meeting.phase(),
        Phase::Adjourned {
            reason: "Bild saknas.".into(),
            since_ms: 1_000_000
        }
    );
    assert_eq!(told.meeting.floor(), None);
    assert_eq!(told.meeting.requests(), [MEMBER_6]);
    told.may_not(MEMBER_5, &Command::RequestFloor {}, Refusal::WrongPhase);
    told.does(CHAIR, &Command::Resume {});
    told.does(
        CHAIR,
        &Command::Adjourn {
            reason: "å".repeat(500),
        },
    );
}

#[test]
fn closed_is_final() {
    let mut told = Told::open();
    told.does(CHAIR, &Command::Close {});
    told.may_not(CHAIR, &Command::Open {}, Refusal::MeetingOver);
    told.may_not(MEMBER_5, &Command::ReportUnequalTerms {}, Refusal::MeetingOver);
    let late = Observation::Connected {
        participant: GUEST,
        endpoint: EndpointId(1),
        proof: Proof::Invited,
    };
    assert_eq!(observe(&told.meeting, &late, 0), Err(Refusal::MeetingOver));
}

#[test]
fn vice_chairs_take_over_in_order_and_the_chair_takes_back() {
    let mut told = Told::open();
    told.may_not(MEMBER_5, &Command::TakeChair {}, Refusal::NotAllowed);
    told.may_not(SECOND_VICE, &Command::TakeChair {}, Refusal::NotAllowed);
    told.is_cut_off(CHAIR);
    told.does(FIRST_VICE, &Command::TakeChair {});
    assert_eq!(told.meeting.acting_chair(), Some(FIRST_VICE));
    told.does(FIRST_VICE, &adjourn());
    told.is_cut_off(FIRST_VICE);
    told.does(SECOND_VICE, &Command::TakeChair {});
    told.does(SECOND_VICE, &Command::Resume {});
    told.comes(CHAIR);
    told.may_not(CHAIR, &adjourn(), Refusal::NotAllowed);
    told.does(CHAIR, &Command::TakeChair {});
    told.may_not(SECOND_VICE, &adjourn(), Refusal::NotAllowed);
    told.does(CHAIR, &adjourn());
}

#[test]
fn nobody_leads_or_speaks_at_an_item_that_they_are_disqualified_from() {
    let mut told = super::serving::open_by(Rulebook {
        council: true,
        ..Rulebook::default()
    });
    told.does(CHAIR, &Command::BeginItem { item: ItemId(1) });
    told.does(FIRST_VICE, &Command::RequestFloor {});
    told.does(CHAIR, &disqualify(FIRST_VICE));
    assert_eq!(told.meeting.requests(), []);
    told.may_not(FIRST_VICE, &Command::TakeChair {}, Refusal::Disqualified);
    told.may_not(FIRST_VICE, &Command::RequestFloor {}, Refusal::Disqualified);
    let give = Command::GiveFloor {
        participant: FIRST_VICE,
    };
    told.may_not(CHAIR, &give, Refusal::Disqualified);
    told.does(CHAIR, &Command::BeginRollCall {});
    let call = Command::Call {
        participant: FIRST_VICE,
    };
    told.may_not(CHAIR, &call, Refusal::Disqualified);
    // The next in order takes over, and the chair who is disqualified does not take up the item again.
    told.does(SECOND_VICE, &Command::TakeChair {});
    told.does(SECOND_VICE, &disqualify(CHAIR));
    told.may_not(CHAIR, &Command::TakeChair {}, Refusal::Disqualified);
    told.does(SECOND_VICE, &Command::EndItem {});
    told.does(CHAIR, &Command::TakeChair {});
    told.may_not(CHAIR, &Command::BeginItem { item: ItemId(1) }, Refusal::Disqualified);
}

#[test]
fn a_vice_chair_in_the_lobby_opens_the_door_only_when_nobody_else_can() {
    let mut told = Told::planned();
    told.comes(SECRETARY);
    told.comes(FIRST_VICE);
    told.may_not(FIRST_VICE, &Command::TakeChair {}, Refusal::WrongPlace);
    told.is_cut_off(SECRETARY);
    told.does(FIRST_VICE, &Command::TakeChair {});
    told.has(FIRST_VICE, Attendance::Inside);
    told.does(FIRST_VICE, &Command::Open {});
}
