//! The open vote.

use super::deciding::{at_the_pause, confirm, gavel, open_vote};
use super::*;

fn vote(choice: Choice) -> Command {
    Command::Vote {
        choice,
        participant: None,
    }
}

fn suspended_for(told: &Told) -> Option<Suspension> {
    let view = view(&told.meeting, &Identities::default(), MEMBER_6);
    view.procedure.vote.and_then(|vote| vote.suspended_for)
}

#[test]
fn a_requested_vote_is_held_unless_the_request_is_taken_back() {
    let requests = |told: &Told| {
        view(&told.meeting, &Identities::default(), CHAIR)
            .procedure
            .vote_requests
    };
    let mut told = at_the_pause();
    told.may_not(MEMBER_5, &Command::WithdrawVoteRequest {}, Refusal::AlreadySo);
    told.does(MEMBER_5, &Command::RequestVote {});
    told.does(MEMBER_6, &Command::RequestVote {});
    told.may_not(CHAIR, &gavel(None), Refusal::VoteRequested);
    told.does(MEMBER_5, &Command::WithdrawVoteRequest {});
    assert_eq!(requests(&told), [MEMBER_6]);
    told.may_not(CHAIR, &gavel(None), Refusal::VoteRequested);
    told.does(CHAIR, &open_vote(None));
    told.may_not(MEMBER_6, &Command::WithdrawVoteRequest {}, Refusal::OutOfStep);
    told.does(CHAIR, &Command::BreakOffVote {});
    told.may_not(CHAIR, &gavel(None), Refusal::VoteRequested);
    told.does(MEMBER_6, &Command::WithdrawVoteRequest {});
    told.does(CHAIR, &gavel(None));
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
    assert_eq!(suspended_for(&told), Some(Suspension::Adjournment));
    told.does(CHAIR, &Command::Resume {});
    assert_eq!(suspended_for(&told), Some(Suspension::Adjournment));
    told.does(CHAIR, &Command::ResumeVote { despite: None });
    assert_eq!(told.meeting.step(), Step::Voting);
    assert_eq!(suspended_for(&told), None);
    told.notices(alert(frozen(MEMBER_5), Level::Red));
    assert_eq!(suspended_for(&told), Some(Suspension::Breach));
}

#[test]
fn the_secretary_votes_for_nobody_who_has_a_device_and_changes_no_vote_of_their_own() {
    let mut told = at_the_pause();
    told.does(CHAIR, &open_vote(None));
    let note = |choice| Command::Vote {
        choice,
        participant: Some(MEMBER_6),
    };
    told.does(SECRETARY, &note_in_chamber(MEMBER_6));
    told.may_not(SECRETARY, &note(Choice::No), Refusal::NotAllowed);
    told.does(MEMBER_6, &vote(Choice::Yes));
    told.is_cut_off(MEMBER_6);
    told.may_not(SECRETARY, &note(Choice::No), Refusal::NotAllowed);
    let own = view(&told.meeting, &Identities::default(), MEMBER_6);
    assert_eq!(own.procedure.vote, None, "who is outside sees nothing of it");
    assert_eq!(
        told.meeting.procedure.vote().unwrap().view(MEMBER_6).own,
        Some(Choice::Yes)
    );
}

#[test]
fn a_casting_vote_is_a_serving_member_s() {
    let mut told = at_the_pause();
    told.does(FIRST_VICE, &Command::TakeChair {});
    told.does(FIRST_VICE, &note_absent(CHAIR));
    told.does(CHAIR, &Command::TakeChair {});
    told.does(CHAIR, &open_vote(None));
    let close = Command::CloseVote {
        casting: Some(Choice::Yes),
    };
    told.may_not(CHAIR, &close, Refusal::NotServing);
    told.does(FIRST_VICE, &Command::TakeChair {});
    told.does(FIRST_VICE, &close);
}

#[test]
fn a_breach_that_comes_again_suspends_again() {
    let mut told = at_the_pause();
    told.notices(alert(frozen(MEMBER_5), Level::Red));
    told.does(CHAIR, &open_vote(Some(Despite::Repeated)));
    told.notices(Observation::AlertOver {
        subject: frozen(MEMBER_5),
    });
    let again = told.notices(alert(frozen(MEMBER_5), Level::Red));
    assert_eq!(again.last(), Some(&Event::VoteSuspended {}));
}
