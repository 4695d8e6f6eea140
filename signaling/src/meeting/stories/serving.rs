//! Who serves: members and substitutes, breaks, disqualification, quorum.

use super::*;
use crate::protocol::ProposalView;

pub(super) const MEMBER_OF_B: ParticipantId = ParticipantId(10);
pub(super) const SECOND_OF_B: ParticipantId = ParticipantId(11);
pub(super) const FIRST_OF_B: ParticipantId = ParticipantId(12);

/// The usual nine, a member of party B and its two substitutes. Everybody is inside; the meeting is open.
pub(super) fn open_with_two_parties() -> Told {
    open_by(Rulebook::default())
}

pub(super) fn open_by(rulebook: Rulebook) -> Told {
    let mut plan = Plan { rulebook, ..plan() };
    for (mandate, order_of_entry) in [(10, None), (11, Some(2)), (12, Some(1))] {
        plan.roster.push(Entry {
            role: if order_of_entry.is_some() {
                Role::Substitute
            } else {
                Role::Member
            },
            name: NameCommitment::to("Deltagare", &[7; 32]),
            seat: Some(Seat {
                mandate,
                party: Some("Parti B".into()),
                order_of_entry,
            }),
            only_item: None,
        });
    }
    let mut told = Told::planned();
    told.meeting = Meeting::default();
    told.events.clear();
    told.record(vec![plan.created().unwrap()]);
    for participant in 1..=12 {
        told.comes(ParticipantId(participant));
    }
    told.does(CHAIR, &Command::AdmitAll {});
    told.does(CHAIR, &Command::Open {});
    told
}

pub(super) fn step_in(substitute: ParticipantId, replaces: ParticipantId, reason: Option<&str>) -> Command {
    Command::StepIn {
        substitute,
        replaces,
        reason: reason.map(Into::into),
    }
}

pub(super) fn take_seat(participant: ParticipantId, reason: Option<&str>) -> Command {
    Command::TakeSeat {
        participant,
        reason: reason.map(Into::into),
    }
}

pub(super) fn proposals(told: &Told) -> Vec<ProposalView> {
    view(&told.meeting, &Identities::default(), CHAIR).proposals
}

#[test]
fn those_who_are_there_serve_from_the_opening_and_who_comes_late_between_items() {
    let mut told = Told::planned();
    for who in [CHAIR, FIRST_VICE, SECRETARY, MEMBER_5] {
        told.comes(who);
    }
    told.does(CHAIR, &Command::AdmitAll {});
    told.does(
        SECRETARY,
        &Command::NoteInChamber {
            participant: MEMBER_6,
            there: true,
        },
    );
    told.does(CHAIR, &Command::Open {});
    assert_eq!(told.meeting.serving(), [CHAIR, FIRST_VICE, MEMBER_5, MEMBER_6]);
    told.does(CHAIR, &Command::BeginItem { item: ItemId(1) });
    told.comes(SECOND_VICE);
    told.does(
        CHAIR,
        &Command::Admit {
            participant: SECOND_VICE,
        },
    );
    assert_eq!(told.meeting.serves(SECOND_VICE), None);
    told.may_not(CHAIR, &take_seat(SECOND_VICE, None), Refusal::ReasonNeeded);
    told.does(CHAIR, &Command::EndItem {});
    assert_eq!(told.meeting.serves(SECOND_VICE), Some(3));
    assert_eq!(told.meeting.serves(SUBSTITUTE), None);
    assert_eq!(
        told.meeting.quorum(),
        crate::protocol::QuorumView {
            seats: 5,
            needed: 3,
            there: 5
        }
    );
}

#[test]
fn a_substitute_steps_in_in_order_and_the_replaced_member_serves_no_more() {
    let mut told = open_with_two_parties();
    told.may_not(CHAIR, &step_in(SUBSTITUTE, MEMBER_5, None), Refusal::WrongPlace);
    told.is_cut_off(MEMBER_5);
    let proposed = ProposalView {
        replaces: MEMBER_5,
        substitute: Some(SUBSTITUTE),
        other_party: false,
    };
    assert_eq!(proposals(&told), [proposed]);
    told.may_not(CHAIR, &step_in(FIRST_OF_B, MEMBER_5, None), Refusal::ReasonNeeded);
    told.may_not(CHAIR, &step_in(GUEST, MEMBER_5, None), Refusal::NotAllowed);
    told.may_not(SECRETARY, &step_in(SUBSTITUTE, MEMBER_5, None), Refusal::NotAllowed);
    told.does(CHAIR, &step_in(SUBSTITUTE, MEMBER_5, None));
    assert_eq!(told.meeting.serves(SUBSTITUTE), Some(5));
    told.comes(MEMBER_5);
    assert_eq!(told.meeting.serves(MEMBER_5), None);
    assert!(told.meeting.is_served_out(MEMBER_5));
    told.may_not(CHAIR, &take_seat(MEMBER_5, Some("Är tillbaka")), Refusal::ServedOut);
    told.does(CHAIR, &Command::BeginItem { item: ItemId(1) });
    told.does(CHAIR, &Command::EndItem {});
    assert_eq!(told.meeting.serves(MEMBER_5), None);
}

#[test]
fn a_member_comes_back_when_the_balance_of_the_parties_had_changed_if_the_rulebook_lets_them() {
    for lets in [true, false] {
        let mut told = open_by(Rulebook {
            return_when_party_changed: lets,
            ..Rulebook::default()
        });
        told.is_cut_off(SUBSTITUTE);
        told.is_cut_off(MEMBER_5);
        let proposed = ProposalView {
            replaces: MEMBER_5,
            substitute: Some(FIRST_OF_B),
            other_party: true,
        };
        assert_eq!(
            proposals(&told),
            [proposed],
            "the first in the order of entry, not of the roster"
        );
        told.does(CHAIR, &step_in(FIRST_OF_B, MEMBER_5, None));
        told.comes(MEMBER_5);
        if lets {
            told.does(CHAIR, &take_seat(MEMBER_5, None));
            assert_eq!(
                (told.meeting.serves(MEMBER_5), told.meeting.serves(FIRST_OF_B)),
                (Some(5), None)
            );
        } else {
            told.may_not(CHAIR, &take_seat(MEMBER_5, None), Refusal::ServedOut);
        }
    }
}

#[test]
fn noted_as_absent_first_and_replaced_later_is_replaced_all_the_same() {
    let mut told = open_with_two_parties();
    told.is_cut_off(MEMBER_OF_B);
    told.may_not(
        CHAIR,
        &Command::NoteAbsent {
            participant: MEMBER_OF_B,
            reason: " ".into(),
        },
        Refusal::BadText,
    );
    told.does(
        CHAIR,
        &Command::NoteAbsent {
            participant: MEMBER_OF_B,
            reason: "Avbrott".into(),
        },
    );
    told.comes(MEMBER_OF_B);
    assert_eq!(told.meeting.serves(MEMBER_OF_B), None, "only by a word of the chair");
    told.does(CHAIR, &take_seat(MEMBER_OF_B, None));
    told.is_cut_off(MEMBER_OF_B);
    told.does(
        CHAIR,
        &Command::NoteAbsent {
            participant: MEMBER_OF_B,
            reason: "Avbrott".into(),
        },
    );
    told.does(CHAIR, &step_in(FIRST_OF_B, MEMBER_OF_B, None));
    told.comes(MEMBER_OF_B);
    told.may_not(CHAIR, &take_seat(MEMBER_OF_B, None), Refusal::ServedOut);
    // And a substitute whose service is interrupted does not serve again either.
    told.is_cut_off(FIRST_OF_B);
    told.does(CHAIR, &step_in(SECOND_OF_B, FIRST_OF_B, None));
    told.comes(FIRST_OF_B);
    told.is_cut_off(SECOND_OF_B);
    told.may_not(
        CHAIR,
        &step_in(FIRST_OF_B, SECOND_OF_B, Some("Nästa")),
        Refusal::ServedOut,
    );
}

#[test]
fn who_serves_changes_within_an_item_only_for_a_reason() {
    let mut told = open_with_two_parties();
    told.does(CHAIR, &Command::BeginItem { item: ItemId(1) });
    told.is_cut_off(MEMBER_5);
    told.may_not(CHAIR, &step_in(SUBSTITUTE, MEMBER_5, None), Refusal::ReasonNeeded);
    told.does(CHAIR, &step_in(SUBSTITUTE, MEMBER_5, Some("Avbrott över fem minuter")));
    let kept = told.events.iter().any(|event| {
        matches!(event, Event::ServiceEnded { participant: MEMBER_5, why: service::Ending::Replaced, reason: Some(reason), .. }
            if reason == "Avbrott över fem minuter")
    });
    assert!(kept);
}

#[test]
fn disqualified_is_out_for_the_item_and_serves_again_after_it() {
    let mut told = open_with_two_parties();
    let disqualify = Command::Disqualify {
        participant: MEMBER_5,
        reason: "Part i ärendet".into(),
    };
    told.may_not(CHAIR, &disqualify, Refusal::NoSuchItem);
    told.does(CHAIR, &Command::BeginItem { item: ItemId(1) });
    told.does(CHAIR, &Command::GiveFloor { participant: MEMBER_5 });
    told.does(CHAIR, &disqualify);
    told.has(MEMBER_5, Attendance::Lobby);
    assert_eq!((told.meeting.serves(MEMBER_5), told.meeting.floor()), (None, None));
    told.does(CHAIR, &step_in(SUBSTITUTE, MEMBER_5, None));
    assert_eq!(told.meeting.serves(SUBSTITUTE), Some(5));
    told.does(CHAIR, &Command::EndItem {});
    told.has(MEMBER_5, Attendance::Inside);
    assert_eq!(
        (told.meeting.serves(MEMBER_5), told.meeting.serves(SUBSTITUTE)),
        (Some(5), None)
    );
    told.may_not(
        CHAIR,
        &Command::Disqualify {
            participant: CHAIR,
            reason: "Jäv".into(),
        },
        Refusal::NoSuchItem,
    );
}

#[test]
fn a_council_lets_the_disqualified_stay_as_the_public_may() {
    let mut told = open_by(Rulebook {
        council: true,
        ..Rulebook::default()
    });
    told.does(CHAIR, &Command::BeginItem { item: ItemId(1) });
    told.does(
        CHAIR,
        &Command::Disqualify {
            participant: MEMBER_5,
            reason: "Jäv".into(),
        },
    );
    told.has(MEMBER_5, Attendance::Inside);
    assert_eq!(told.meeting.serves(MEMBER_5), None);
}

#[test]
fn quorum_is_watched() {
    let mut told = Told::open();
    told.is_cut_off(MEMBER_5);
    told.is_cut_off(MEMBER_6);
    let lost = told.is_cut_off(SECOND_VICE);
    assert_eq!(lost.last(), Some(&Event::QuorumLost { there: 2, needed: 3 }));
    let back = told.comes(SECOND_VICE);
    assert_eq!(back.last(), Some(&Event::QuorumRegained { there: 3 }));
}

#[test]
fn clocks_run_from_the_break_and_are_extended_by_the_chair() {
    let mut told = Told::open();
    let clocks = |told: &Told| view(&told.meeting, &Identities::default(), GUEST).clocks;
    let broke_ms = told.now_ms.get() - 5_000;
    told.notices(alert(link_lost(MEMBER_5), Level::Amber));
    told.later(3_000);
    told.notices(link(MEMBER_5, Some(broke_ms)));
    told.later(10_000);
    told.is_cut_off(MEMBER_5);
    let [clock] = clocks(&told)[..] else {
        panic!("one clock")
    };
    assert_eq!(clock.clock, Clock::Reconnect { participant: MEMBER_5 });
    assert_eq!((clock.since_ms, clock.until_ms), (broke_ms, broke_ms + 5 * 60_000));
    told.does(CHAIR, &adjourn());
    assert_eq!(clocks(&told).len(), 2);
    let adjournment = Clock::Adjournment {};
    told.may_not(
        CHAIR,
        &Command::ExtendClock {
            clock: adjournment,
            minutes: 0,
        },
        Refusal::BadText,
    );
    told.later(11 * 60_000);
    told.does(
        CHAIR,
        &Command::ExtendClock {
            clock: adjournment,
            minutes: 5,
        },
    );
    let extended = clocks(&told)[1];
    assert_eq!(
        (extended.until_ms, extended.extended),
        (told.now_ms.get() + 5 * 60_000, true)
    );
    told.comes(MEMBER_5);
    told.notices(Observation::AlertOver {
        subject: link_lost(MEMBER_5),
    });
    told.does(CHAIR, &Command::Resume {});
    assert_eq!(clocks(&told), []);
    told.does(CHAIR, &adjourn());
    assert_eq!(clocks(&told), [], "a meal has no clock");
    told.does(CHAIR, &Command::Resume {});
    told.does(MEMBER_5, &Command::ReportUnequalTerms {});
    told.does(CHAIR, &adjourn());
    assert_eq!(clocks(&told).len(), 1, "somebody's own report is no meal");
}

#[test]
fn a_clock_runs_anew_at_the_next_break_and_not_for_who_sits_in_the_chamber() {
    let mut told = Told::open();
    let clocks = |told: &Told| view(&told.meeting, &Identities::default(), GUEST).clocks;
    let broke_ms = told.now_ms.get();
    told.notices(link(MEMBER_5, Some(broke_ms)));
    told.does(
        CHAIR,
        &Command::ExtendClock {
            clock: Clock::Reconnect { participant: MEMBER_5 },
            minutes: 1,
        },
    );
    assert_eq!(clocks(&told)[0].until_ms, broke_ms + 6 * 60_000);
    told.notices(link(MEMBER_5, None));
    assert_eq!(
        clocks(&told),
        [],
        "it stops as the link is back, whatever the alert says"
    );
    told.later(20 * 60_000);
    let again_ms = told.now_ms.get();
    told.notices(link(MEMBER_5, Some(again_ms)));
    let clock = clocks(&told)[0];
    assert_eq!(
        (clock.since_ms, clock.until_ms, clock.extended),
        (again_ms, again_ms + 5 * 60_000, false)
    );
    told.is_cut_off(MEMBER_5);
    told.does(SECRETARY, &note_in_chamber(MEMBER_5));
    assert_eq!(clocks(&told), []);
}

#[test]
fn who_is_connected_but_silent_may_be_replaced() {
    let proposed = ProposalView {
        replaces: MEMBER_5,
        substitute: Some(SUBSTITUTE),
        other_party: false,
    };
    let mut told = open_with_two_parties();
    told.notices(link(MEMBER_5, Some(told.now_ms.get())));
    told.has(MEMBER_5, Attendance::Inside);
    assert_eq!(proposals(&told), [proposed]);
    told.does(CHAIR, &step_in(SUBSTITUTE, MEMBER_5, None));

    let mut told = open_with_two_parties();
    told.does(CHAIR, &note_absent(MEMBER_5));
    assert_eq!(proposals(&told), [proposed]);
    told.does(CHAIR, &step_in(SUBSTITUTE, MEMBER_5, None));

    let mut told = open_with_two_parties();
    told.notices(link(MEMBER_5, Some(told.now_ms.get())));
    told.notices(link(MEMBER_5, None));
    told.may_not(CHAIR, &step_in(SUBSTITUTE, MEMBER_5, None), Refusal::WrongPlace);
    told.notices(link(SUBSTITUTE, Some(told.now_ms.get())));
    told.is_cut_off(MEMBER_5);
    told.may_not(CHAIR, &step_in(SUBSTITUTE, MEMBER_5, None), Refusal::WrongPlace);
}

#[test]
fn everybody_who_is_there_serves_from_the_opening() {
    let mut told = Told::planned();
    for who in [CHAIR, FIRST_VICE, MEMBER_5] {
        told.comes(who);
    }
    told.does(CHAIR, &Command::AdmitAll {});
    let why = |events: &[Event]| {
        let began = |event: &Event| match event {
            Event::ServiceBegan { why, .. } => Some(*why),
            _ => None,
        };
        events.iter().filter_map(began).collect::<Vec<_>>()
    };
    let opened = told.does(CHAIR, &Command::Open {});
    assert_eq!(why(&opened), [service::Beginning::Opening; 3]);
    told.comes(MEMBER_6);
    let late = told.does(CHAIR, &Command::AdmitAll {});
    assert_eq!(why(&late), [service::Beginning::Arrival]);
}
