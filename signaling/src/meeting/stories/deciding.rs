//! The way to a decision, and what keeps the gavel from falling.

use super::*;
use crate::protocol::BreachView;

const SERVING: [ParticipantId; 5] = [CHAIR, FIRST_VICE, SECOND_VICE, MEMBER_5, MEMBER_6];

fn confirm() -> Command {
    Command::ConfirmPresence {
        participants: SERVING.to_vec(),
    }
}

fn gavel(despite: Option<Despite>) -> Command {
    Command::Gavel {
        decision: "Enligt förslaget".into(),
        despite,
    }
}

fn open_vote(despite: Option<Despite>) -> Command {
    Command::OpenVote {
        yes: "Bifall".into(),
        no: "Avslag".into(),
        abstention: true,
        despite,
    }
}

fn vote(choice: Choice) -> Command {
    Command::Vote {
        choice,
        participant: None,
    }
}

/// Item 1; the question is put and a vote can be requested.
fn at_the_pause() -> Told {
    let mut told = Told::open();
    told.does(CHAIR, &Command::BeginItem { item: ItemId(1) });
    told.does(CHAIR, &Command::CloseDeliberation {});
    told.does(CHAIR, &confirm());
    told.does(
        CHAIR,
        &Command::PutQuestion {
            question: "Bifall?".into(),
        },
    );
    told.does(CHAIR, &Command::PauseForVote {});
    told
}

#[test]
fn one_step_after_the_other_to_the_gavel() {
    let mut told = Told::open();
    told.does(CHAIR, &Command::BeginItem { item: ItemId(1) });
    for early in [
        confirm(),
        Command::PutQuestion { question: "Ja?".into() },
        Command::PauseForVote {},
        gavel(None),
    ] {
        if early != confirm() {
            told.may_not(CHAIR, &early, Refusal::OutOfStep);
        }
    }
    told.may_not(SECRETARY, &Command::CloseDeliberation {}, Refusal::NotAllowed);
    let steps = [
        (Command::CloseDeliberation {}, Step::DeliberationClosed),
        (confirm(), Step::PresenceConfirmed),
        (Command::PutQuestion { question: "Ja?".into() }, Step::QuestionPut),
        (Command::PauseForVote {}, Step::VotePause),
        (gavel(None), Step::Decided),
        (Command::PauseForReservations {}, Step::ReservationPause),
        (Command::EndReservations {}, Step::Deliberation),
    ];
    for (command, step) in steps {
        told.does(CHAIR, &command);
        assert_eq!(told.meeting.step(), step);
        if step == Step::ReservationPause {
            told.does(MEMBER_5, &Command::Reserve {});
            told.may_not(GUEST, &Command::Reserve {}, Refusal::NotServing);
        }
    }
    let decisions = view(&told.meeting, &Identities::default(), GUEST).decisions;
    assert_eq!(
        (decisions.len(), decisions[0].number, decisions[0].item),
        (1, 1, Some(ItemId(1)))
    );
    assert_eq!((decisions[0].despite, decisions[0].afterwards), (None, false));
}

#[test]
fn the_gavel_waits_while_a_serving_member_is_red_and_falls_after_a_presence_check() {
    let mut told = at_the_pause();
    told.notices(alert(frozen(MEMBER_5), Level::Amber));
    assert!(told.asks(CHAIR, &gavel(None)).is_ok(), "amber informs");
    told.notices(alert(frozen(MEMBER_5), Level::Red));
    told.may_not(CHAIR, &gavel(None), Refusal::EqualTermsBroken);
    told.may_not(CHAIR, &open_vote(None), Refusal::EqualTermsBroken);
    told.may_not(CHAIR, &gavel(Some(Despite::QuorumException)), Refusal::EqualTermsBroken);
    let breach = BreachView {
        about: Some(MEMBER_5),
        direction: Direction::Seen,
        cause: Cause::PictureFrozen,
    };
    assert_eq!(
        view(&told.meeting, &Identities::default(), CHAIR).procedure.breaches,
        [breach]
    );
    assert_eq!(
        view(&told.meeting, &Identities::default(), MEMBER_6).procedure.breaches,
        []
    );
    told.does(CHAIR, &confirm());
    assert_eq!(told.meeting.alerts(), []);
    told.does(CHAIR, &gavel(None));
}

#[test]
fn the_chair_may_go_on_for_a_reason_that_is_recorded() {
    let mut told = at_the_pause();
    assert_eq!(told.asks(CHAIR, &gavel(Some(Despite::Repeated))).unwrap().len(), 1);
    told.notices(alert(frozen(MEMBER_5), Level::Red));
    told.does(CHAIR, &gavel(Some(Despite::ConfirmedByMember)));
    assert_eq!(told.meeting.decisions()[0].despite, Some(Despite::ConfirmedByMember));

    let mut healthy = at_the_pause();
    healthy.does(CHAIR, &gavel(Some(Despite::Repeated)));
    assert_eq!(
        healthy.meeting.decisions()[0].despite,
        None,
        "a reason explains something, or is none"
    );
}

#[test]
fn what_concerns_nobody_who_serves_holds_nothing_up_but_the_chamber_and_the_relay_do() {
    let mut told = at_the_pause();
    told.notices(alert(frozen(GUEST), Level::Red));
    told.does(MEMBER_5, &Command::ReportUnequalTerms {});
    assert!(
        told.asks(CHAIR, &gavel(None)).is_ok(),
        "a report asks for an answer and blocks nothing"
    );
    for about in [Some(CHAMBER), None] {
        let mut told = at_the_pause();
        told.notices(alert(Subject { about, ..frozen(GUEST) }, Level::Red));
        told.may_not(CHAIR, &gavel(None), Refusal::EqualTermsBroken);
    }
}

#[test]
fn nobody_is_confirmed_who_is_not_there() {
    let mut told = at_the_pause();
    let without_one = Command::ConfirmPresence {
        participants: SERVING[1..].to_vec(),
    };
    told.may_not(CHAIR, &without_one, Refusal::SomebodyMissing);
    told.may_not(
        MEMBER_5,
        &Command::Pause {
            reason: pause::Reason::Short,
        },
        Refusal::OutOfStep,
    );
    told.is_cut_off(MEMBER_5);
    told.may_not(CHAIR, &confirm(), Refusal::SomebodyMissing);
    told.may_not(CHAIR, &gavel(None), Refusal::EqualTermsBroken);
    told.comes(MEMBER_5);
    let link = Subject {
        about: Some(MEMBER_5),
        direction: Direction::Link,
        cause: Cause::LinkLost,
    };
    told.notices(alert(link, Level::Red));
    told.may_not(CHAIR, &confirm(), Refusal::SomebodyMissing);
    told.notices(Observation::AlertOver { subject: link });
    told.does(CHAIR, &confirm());
}

#[test]
fn ways_out_are_never_refused_and_nothing_is_decided_while_somebody_identifies() {
    for out in [
        adjourn(),
        Command::Close {},
        Command::DeferItem {
            reason: "Saknas underlag".into(),
        },
        Command::Postpone {
            reason: "Tekniskt fel".into(),
        },
    ] {
        let mut told = at_the_pause();
        told.does(CHAIR, &open_vote(None));
        told.notices(alert(frozen(MEMBER_5), Level::Red));
        told.does(
            MEMBER_6,
            &Command::Pause {
                reason: pause::Reason::Identify,
            },
        );
        told.does(CHAIR, &out);
    }
    let mut told = at_the_pause();
    told.does(
        MEMBER_6,
        &Command::Pause {
            reason: pause::Reason::Identify,
        },
    );
    told.may_not(CHAIR, &gavel(None), Refusal::SomebodyIdentifies);
}

#[test]
fn a_gavel_of_wood_is_entered_afterwards_and_marked_so() {
    let mut told = Told::open();
    told.notices(alert(frozen(MEMBER_5), Level::Red));
    let now = told.now_ms.get();
    let record = |gavel_ms| Command::RecordGavel {
        decision: "Bifall".into(),
        gavel_ms,
    };
    told.may_not(SECRETARY, &record(now + 1), Refusal::BadText);
    told.may_not(MEMBER_5, &record(now), Refusal::NotAllowed);
    told.does(SECRETARY, &record(now - 60_000));
    let decision = &told.meeting.decisions()[0];
    assert_eq!((decision.afterwards, decision.at_ms), (true, now - 60_000));
}

#[test]
fn everybody_who_serves_votes_and_the_vote_is_told_when_it_is_closed() {
    let mut told = at_the_pause();
    told.does(MEMBER_5, &Command::RequestVote {});
    told.may_not(SUBSTITUTE, &Command::RequestVote {}, Refusal::NotServing);
    told.does(CHAIR, &open_vote(None));
    told.may_not(CHAIR, &gavel(None), Refusal::OutOfStep);
    told.may_not(SUBSTITUTE, &vote(Choice::Yes), Refusal::NotServing);
    told.does(MEMBER_5, &vote(Choice::No));
    told.does(MEMBER_5, &vote(Choice::Yes));
    told.does(MEMBER_6, &vote(Choice::No));
    let going_on = view(&told.meeting, &Identities::default(), MEMBER_6)
        .procedure
        .vote
        .unwrap();
    assert_eq!(
        (going_on.own, going_on.voted, going_on.result),
        (Some(Choice::No), vec![MEMBER_5, MEMBER_6], vec![])
    );
    told.may_not(CHAIR, &Command::CloseVote { casting: None }, Refusal::CastingVoteNeeded);
    let closed = told.does(
        CHAIR,
        &Command::CloseVote {
            casting: Some(Choice::Yes),
        },
    );
    assert!(matches!(
        closed[0],
        Event::VoteClosed {
            yes: 1,
            no: 1,
            absent: 3,
            casting: Some(Choice::Yes),
            ..
        }
    ));
    let result = view(&told.meeting, &Identities::default(), GUEST)
        .procedure
        .vote
        .unwrap()
        .result;
    assert_eq!(result, [(MEMBER_5, Choice::Yes), (MEMBER_6, Choice::No)]);
    told.does(CHAIR, &gavel(None));
}

#[test]
fn the_secretary_notes_the_vote_of_who_sits_in_the_chamber() {
    let mut told = Told::open();
    let note = |participant| Command::Vote {
        choice: Choice::Yes,
        participant: Some(participant),
    };
    told.is_cut_off(MEMBER_6);
    told.does(
        SECRETARY,
        &Command::NoteInChamber {
            participant: MEMBER_6,
            there: true,
        },
    );
    told.does(CHAIR, &Command::CloseDeliberation {});
    told.does(CHAIR, &confirm());
    told.does(
        CHAIR,
        &Command::PutQuestion {
            question: "Bifall?".into(),
        },
    );
    told.does(CHAIR, &Command::PauseForVote {});
    told.does(CHAIR, &open_vote(None));
    told.may_not(SECRETARY, &note(MEMBER_5), Refusal::NotAllowed);
    told.may_not(CHAIR, &note(MEMBER_6), Refusal::NotAllowed);
    told.does(SECRETARY, &note(MEMBER_6));
}

#[test]
fn a_break_suspends_the_vote_until_the_chair_goes_on() {
    let mut told = at_the_pause();
    told.does(CHAIR, &open_vote(None));
    told.does(MEMBER_5, &vote(Choice::Yes));
    let events = told.notices(alert(frozen(MEMBER_6), Level::Red));
    assert_eq!(events.last(), Some(&Event::VoteSuspended {}));
    told.may_not(MEMBER_6, &vote(Choice::Yes), Refusal::VoteSuspended);
    told.may_not(CHAIR, &Command::CloseVote { casting: None }, Refusal::VoteSuspended);
    told.may_not(CHAIR, &Command::ResumeVote { despite: None }, Refusal::EqualTermsBroken);
    told.does(
        CHAIR,
        &Command::ResumeVote {
            despite: Some(Despite::MeasurementAtFault),
        },
    );
    told.does(MEMBER_6, &vote(Choice::Yes));
    let another = told.notices(alert(frozen(MEMBER_5), Level::Red));
    assert_eq!(
        another.last(),
        Some(&Event::VoteSuspended {}),
        "of that break the chair has said nothing"
    );
    told.does(CHAIR, &Command::BreakOffVote {});
    assert_eq!(
        (told.meeting.step(), told.meeting.procedure.vote()),
        (Step::VotePause, None)
    );
}

#[test]
fn a_vote_waits_for_the_end_of_an_adjournment() {
    let mut told = at_the_pause();
    told.does(CHAIR, &open_vote(None));
    let adjourned = told.does(CHAIR, &adjourn());
    assert_eq!(adjourned.last(), Some(&Event::VoteSuspended {}));
    told.does(CHAIR, &Command::Resume {});
    told.does(CHAIR, &Command::ResumeVote { despite: None });
    assert_eq!(told.meeting.step(), Step::Voting);
}

#[test]
fn too_few_decide_nothing_but_where_the_law_lets_them() {
    let mut told = at_the_pause();
    for one in [MEMBER_5, MEMBER_6, SECOND_VICE] {
        told.is_cut_off(one);
        let reason = "Avbrott".into();
        told.does(
            CHAIR,
            &Command::NoteAbsent {
                participant: one,
                reason,
            },
        );
    }
    told.may_not(CHAIR, &gavel(None), Refusal::NotQuorate);
    told.may_not(CHAIR, &gavel(Some(Despite::Repeated)), Refusal::NotQuorate);
    told.does(CHAIR, &gavel(Some(Despite::QuorumException)));
}

#[test]
fn what_was_decided_in_secrecy_is_not_told_to_who_was_not_there() {
    let mut told = Told::open();
    for who in [CHAIR, SECRETARY, MEMBER_5, FIRST_VICE] {
        told.proves(who, Assurance::Loa3);
    }
    told.does(CHAIR, &Command::BeginItem { item: ItemId(2) });
    told.does(
        SECRETARY,
        &Command::RecordGavel {
            decision: "Hemligt".into(),
            gavel_ms: 5,
        },
    );
    let decisions = |viewer| view(&told.meeting, &Identities::default(), viewer).decisions.len();
    assert_eq!((decisions(MEMBER_5), decisions(MEMBER_6)), (1, 0));
    told.does(CHAIR, &Command::EndItem {});
    let decisions = |viewer| view(&told.meeting, &Identities::default(), viewer).decisions.len();
    assert_eq!(
        (decisions(SECRETARY), decisions(MEMBER_5), decisions(MEMBER_6)),
        (1, 0, 0)
    );
}

#[test]
fn corrections_are_appended() {
    let mut told = Told::open();
    let last = told.meeting.events();
    let correct = |event| Command::Correct {
        event,
        text: "Ska vara 3.".into(),
    };
    told.may_not(CHAIR, &correct(0), Refusal::NoSuchEvent);
    told.may_not(CHAIR, &correct(last + 1), Refusal::NoSuchEvent);
    told.may_not(MEMBER_5, &correct(last), Refusal::NotAllowed);
    told.does(SECRETARY, &correct(last));
}
