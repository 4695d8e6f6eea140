//! Out for an item, moved out, replaced: who serves after it.

use super::serving::{
    FIRST_OF_B, MEMBER_OF_B, SECOND_OF_B, open_by, open_with_two_parties, proposals, step_in, take_seat,
};
use super::*;

const ITEM: Command = Command::BeginItem { item: ItemId(1) };

#[test]
fn disqualified_is_disqualified_also_when_the_item_is_taken_up_again() {
    for council in [false, true] {
        let mut told = open_by(Rulebook {
            council,
            ..Rulebook::default()
        });
        told.does(CHAIR, &ITEM);
        told.does(CHAIR, &disqualify(MEMBER_5));
        let reason = "Saknas underlag".into();
        told.does(CHAIR, &Command::DeferItem { reason });
        assert_eq!(told.meeting.serves(MEMBER_5), Some(5));
        // Another item in between makes no difference.
        told.proves(CHAIR, Assurance::Loa3);
        told.does(CHAIR, &Command::BeginItem { item: ItemId(2) });
        told.does(CHAIR, &disqualify(MEMBER_5));
        told.does(CHAIR, &Command::EndItem {});
        told.does(CHAIR, &ITEM);
        assert_eq!(told.meeting.serves(MEMBER_5), None);
        assert_eq!(told.meeting.breaches(), []);
        told.does(CHAIR, &step_in(SUBSTITUTE, MEMBER_5, None));
        told.does(CHAIR, &Command::EndItem {});
        assert_eq!(told.meeting.serves(MEMBER_5), Some(5));
        assert!(!told.meeting.is_served_out(MEMBER_5));
    }
}

#[test]
fn who_serves_is_not_moved_out_before_the_chair_has_said_why() {
    let mut told = Told::open();
    let dismiss = Command::Dismiss { participant: MEMBER_5 };
    told.notices(alert(frozen(MEMBER_5), Level::Red));
    for who in [SECRETARY, CHAIR] {
        told.may_not(who, &dismiss, Refusal::StillServes);
    }
    told.does(CHAIR, &note_absent(MEMBER_5));
    told.does(SECRETARY, &dismiss);
    told.does(CHAIR, &step_in(SUBSTITUTE, MEMBER_5, None));
    told.does(CHAIR, &Command::Admit { participant: MEMBER_5 });
    assert_eq!(told.meeting.serves(MEMBER_5), None);
    told.may_not(CHAIR, &take_seat(MEMBER_5, None), Refusal::ServedOut);
    // Nor whoever serves again after the item.
    told.does(CHAIR, &ITEM);
    told.does(CHAIR, &disqualify(MEMBER_6));
    let dismiss = Command::Dismiss { participant: MEMBER_6 };
    told.may_not(SECRETARY, &dismiss, Refusal::StillServes);
}

#[test]
fn a_service_that_an_older_version_ended_by_moving_out_is_not_taken_up_after_a_substitute() {
    let mut told = Told::open();
    let by = SECRETARY;
    told.record(vec![
        Event::Dismissed {
            participant: MEMBER_5,
            by,
        },
        Event::ServiceEnded {
            participant: MEMBER_5,
            mandate: 5,
            why: service::Ending::Dismissed,
            by: None,
            reason: None,
            at_ms: 0,
        },
    ]);
    told.does(CHAIR, &step_in(SUBSTITUTE, MEMBER_5, None));
    told.does(CHAIR, &Command::Admit { participant: MEMBER_5 });
    told.may_not(CHAIR, &take_seat(MEMBER_5, None), Refusal::ServedOut);
}

#[test]
fn a_link_that_breaks_during_a_disqualification_is_a_break_like_any_other() {
    let mut told = open_with_two_parties();
    told.does(CHAIR, &ITEM);
    told.does(CHAIR, &disqualify(MEMBER_5));
    told.does(CHAIR, &step_in(SUBSTITUTE, MEMBER_5, None));
    told.is_cut_off(MEMBER_5);
    told.does(CHAIR, &Command::EndItem {});
    assert_eq!(told.meeting.serves(MEMBER_5), Some(5), "they serve, and are waited for");
    assert_eq!(told.meeting.breaches().len(), 1);
    told.does(CHAIR, &step_in(SUBSTITUTE, MEMBER_5, None));
    told.comes(MEMBER_5);
    assert!(told.meeting.is_served_out(MEMBER_5));
    told.may_not(CHAIR, &take_seat(MEMBER_5, None), Refusal::ServedOut);
}

#[test]
fn a_seat_is_not_stuck_when_the_substitute_goes_while_the_replaced_member_is_there() {
    let replaced = || {
        let mut told = open_with_two_parties();
        told.is_cut_off(MEMBER_OF_B);
        told.does(CHAIR, &step_in(FIRST_OF_B, MEMBER_OF_B, None));
        told.comes(MEMBER_OF_B);
        told
    };
    let mut told = replaced();
    told.does(CHAIR, &note_absent(FIRST_OF_B));
    assert_eq!(
        proposals(&told)[0].substitute,
        Some(SECOND_OF_B),
        "not who is noted as absent: by the chair's word alone"
    );
    told.does(CHAIR, &step_in(SECOND_OF_B, MEMBER_OF_B, None));
    told.is_cut_off(MEMBER_5);
    told.may_not(CHAIR, &step_in(FIRST_OF_B, MEMBER_5, Some("Nästa")), Refusal::ServedOut);

    // Disqualified: another serves for the item, and as before after it.
    let mut told = replaced();
    told.does(CHAIR, &ITEM);
    told.does(CHAIR, &disqualify(FIRST_OF_B));
    let proposal = proposals(&told)[0];
    assert_eq!(
        (proposal.replaces, proposal.substitute),
        (FIRST_OF_B, Some(SECOND_OF_B))
    );
    told.does(CHAIR, &step_in(SECOND_OF_B, FIRST_OF_B, None));
    told.does(CHAIR, &Command::EndItem {});
    assert_eq!(
        [FIRST_OF_B, SECOND_OF_B].map(|one| told.meeting.serves(one)),
        [Some(10), None]
    );
}

#[test]
fn the_chair_is_shown_who_may_take_their_seat() {
    let mut told = open_with_two_parties();
    let may = |told: &Told, viewer, whom: ParticipantId| {
        let people = view(&told.meeting, &Identities::default(), viewer).participants;
        people.into_iter().any(|one| one.id == whom && one.may_take_seat)
    };
    told.is_cut_off(SUBSTITUTE);
    told.is_cut_off(MEMBER_5);
    told.does(CHAIR, &step_in(FIRST_OF_B, MEMBER_5, None));
    assert!(!may(&told, CHAIR, MEMBER_5));
    told.comes(MEMBER_5);
    assert!(told.meeting.is_served_out(MEMBER_5));
    assert!(may(&told, CHAIR, MEMBER_5), "of another party");
    assert!(!may(&told, MEMBER_6, MEMBER_5));
    told.does(CHAIR, &take_seat(MEMBER_5, None));
    assert!(!may(&told, CHAIR, MEMBER_5));
}
