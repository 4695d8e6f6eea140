//! The way to a decision, and what keeps the gavel from falling.

use super::*;
use crate::protocol::BreachView;

pub(super) const SERVING: [ParticipantId; 5] = [CHAIR, FIRST_VICE, SECOND_VICE, MEMBER_5, MEMBER_6];

pub(crate) fn confirm() -> Command {
    Command::ConfirmPresence {
        participants: SERVING.to_vec(),
    }
}

pub(crate) fn gavel(despite: Option<Despite>) -> Command {
    Command::Gavel {
        decision: "Enligt förslaget".into(),
        despite,
    }
}

pub(super) fn open_vote(despite: Option<Despite>) -> Command {
    Command::OpenVote {
        yes: "Bifall".into(),
        no: "Avslag".into(),
        abstention: true,
        despite,
    }
}

/// Item 1; the question is put and a vote can be requested.
pub(super) fn at_the_pause() -> Told {
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
            told.may_not(MEMBER_6, &Command::WithdrawReservation {}, Refusal::AlreadySo);
            told.does(MEMBER_5, &Command::WithdrawReservation {});
            let view = view(&told.meeting, &Identities::default(), GUEST);
            assert_eq!(view.procedure.reservations, []);
            told.does(MEMBER_5, &Command::Reserve {});
        }
    }
    let decisions = view(&told.meeting, &Identities::default(), GUEST).decisions;
    assert_eq!(
        (decisions.len(), decisions[0].number, decisions[0].item),
        (1, 1, Some(ItemId(1)))
    );
    assert_eq!((decisions[0].despite, decisions[0].afterwards), (None, false));
}

/// The Luleå case: those elsewhere had no overview of the chamber.
#[test]
fn the_gavel_waits_while_somebody_serves_in_a_chamber_that_is_cut_off() {
    let mut told = at_the_pause();
    let cut_off = BreachView {
        about: Some(CHAMBER),
        direction: Direction::Link,
        cause: Cause::LinkLost,
    };
    let out = Command::Dismiss { participant: CHAMBER };
    told.does(CHAIR, &out);
    assert_eq!(told.meeting.breaches(), [], "nobody sits there");
    told.is_cut_off(MEMBER_5);
    told.does(CHAIR, &note_in_chamber(MEMBER_5));
    assert_eq!(told.meeting.breaches(), [cut_off]);
    told.may_not(CHAIR, &gavel(None), Refusal::EqualTermsBroken);
    told.does(CHAIR, &Command::Admit { participant: CHAMBER });
    told.does(CHAIR, &gavel(None));
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
    told.notices(link(MEMBER_5, Some(told.now_ms.get())));
    told.may_not(CHAIR, &confirm(), Refusal::SomebodyMissing);
    // The alert stands, and the gavel waits; who is back is confirmed at once.
    told.notices(link(MEMBER_5, None));
    told.may_not(CHAIR, &gavel(None), Refusal::EqualTermsBroken);
    told.does(CHAIR, &confirm());
    told.does(CHAIR, &gavel(None));
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
        item: None,
    };
    told.may_not(SECRETARY, &record(now + 1), Refusal::BadText);
    told.may_not(MEMBER_5, &record(now), Refusal::NotAllowed);
    told.does(SECRETARY, &record(now - 60_000));
    let decision = &told.meeting.decisions()[0];
    assert_eq!((decision.afterwards, decision.at_ms), (true, now - 60_000));
}

#[test]
fn a_gavel_of_wood_is_entered_at_the_item_of_its_time_and_disturbs_no_other() {
    let mut told = Told::open();
    for who in [CHAIR, SECRETARY] {
        told.proves(who, Assurance::Loa3);
    }
    told.later(1_000);
    told.does(CHAIR, &Command::BeginItem { item: ItemId(2) });
    told.later(1_000);
    let then_ms = told.now_ms.get();
    told.later(1_000);
    told.does(CHAIR, &Command::EndItem {});
    told.later(1_000);
    let between_ms = told.now_ms.get();
    told.later(1_000);
    told.does(CHAIR, &Command::BeginItem { item: ItemId(1) });
    told.does(CHAIR, &Command::CloseDeliberation {});
    told.does(CHAIR, &confirm());
    told.does(CHAIR, &Command::PutQuestion { question: "Ja?".into() });
    told.does(CHAIR, &Command::PauseForVote {});
    told.does(CHAIR, &open_vote(None));
    let record = |gavel_ms, item: Option<u16>| Command::RecordGavel {
        decision: "Hemligt".into(),
        gavel_ms,
        item: item.map(ItemId),
    };
    told.may_not(SECRETARY, &record(then_ms, Some(3)), Refusal::NoSuchItem);
    told.does(SECRETARY, &record(then_ms, None));
    told.does(SECRETARY, &record(between_ms, None));
    told.does(SECRETARY, &record(between_ms, Some(2)));
    let items: Vec<_> = told.meeting.decisions().iter().map(|decision| decision.item).collect();
    assert_eq!(items, [Some(ItemId(2)), None, Some(ItemId(2))]);
    assert_eq!(told.meeting.step(), Step::Voting, "the vote at another item goes on");
    let decisions = view(&told.meeting, &Identities::default(), MEMBER_5).decisions;
    assert_eq!(decisions.len(), 1, "what was decided in secrecy stays secret");
    let now_ms = told.now_ms.get();
    told.does(SECRETARY, &record(now_ms, None));
    assert_eq!(told.meeting.step(), Step::Decided);
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
            gavel_ms: told.now_ms.get(),
            item: None,
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
fn what_was_corrected_in_secrecy_is_not_told_to_who_was_not_there() {
    let mut told = Told::open();
    for who in [CHAIR, SECRETARY, MEMBER_5, FIRST_VICE] {
        told.proves(who, Assurance::Loa3);
    }
    told.does(
        SECRETARY,
        &Command::RecordGavel {
            decision: "Öppet".into(),
            gavel_ms: told.now_ms.get(),
            item: None,
        },
    );
    let seen = |told: &Told, viewer| view(&told.meeting, &Identities::default(), viewer).decisions[0].clone();
    told.does(CHAIR, &Command::BeginItem { item: ItemId(2) });
    told.does(
        SECRETARY,
        &Command::Correct {
            event: seen(&told, SECRETARY).event,
            text: "Hemligt".into(),
        },
    );
    assert_eq!(seen(&told, MEMBER_5).corrections, ["Hemligt"]);
    told.does(CHAIR, &Command::EndItem {});
    assert_eq!(seen(&told, SECRETARY).corrections, ["Hemligt"]);
    for outside in [MEMBER_5, MEMBER_6] {
        assert!(seen(&told, outside).corrections.is_empty());
    }
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

#[test]
fn a_corrected_decision_is_seen_with_its_own_words_and_the_correction() {
    let mut told = Told::open();
    let decided = |told: &Told| view(&told.meeting, &Identities::default(), MEMBER_5).decisions;
    for text in ["Ja", "Nej"] {
        told.does(
            SECRETARY,
            &Command::RecordGavel {
                decision: text.into(),
                gavel_ms: told.now_ms.get(),
                item: None,
            },
        );
    }
    for text in ["Ska vara: Avslag", "Ska vara: Avslag, med tre röster"] {
        let event = decided(&told)[1].event;
        told.does(
            SECRETARY,
            &Command::Correct {
                event,
                text: text.into(),
            },
        );
    }
    let [first, second] = &decided(&told)[..] else {
        panic!("two decisions")
    };
    assert!(first.corrections.is_empty());
    assert_eq!(second.text, "Nej");
    assert_eq!(
        second.corrections,
        ["Ska vara: Avslag", "Ska vara: Avslag, med tre röster"]
    );
}
