//! The roll call.

use super::*;
use crate::equal_terms::Matrix;

const ANSWER: Command = Command::AnswerRollCall {
    sees: true,
    hears: true,
    heard: false,
};

#[test]
fn one_by_one_shown_to_all_and_heard() {
    let mut told = Told::open();
    told.may_not(MEMBER_5, &Command::BeginRollCall {}, Refusal::NotAllowed);
    told.may_not(SECRETARY, &Command::Call { participant: MEMBER_5 }, Refusal::OutOfStep);
    told.does(SECRETARY, &Command::BeginRollCall {});
    told.may_not(
        SECRETARY,
        &Command::Call { participant: GUEST },
        Refusal::NoSuchParticipant,
    );
    told.does(SECRETARY, &Command::Call { participant: MEMBER_5 });
    for viewer in [CHAIR, MEMBER_6, GUEST] {
        assert_eq!(
            view(&told.meeting, &Identities::default(), viewer).shown,
            Some(MEMBER_5)
        );
    }
    assert!(told.meeting.microphone_open(MEMBER_5));
    told.may_not(MEMBER_6, &ANSWER, Refusal::OutOfStep);
    told.notices(alert(frozen(MEMBER_5), Level::Red));
    told.does(MEMBER_5, &ANSWER);
    let entry = |viewer| {
        let entries = view(&told.meeting, &Identities::default(), viewer)
            .roll_call
            .unwrap()
            .entries;
        entries.into_iter().find(|entry| entry.participant == MEMBER_5).unwrap()
    };
    let said = Some(Answer::Confirmed {
        sees: true,
        hears: true,
        heard: false,
    });
    assert_eq!((entry(CHAIR).answer, entry(CHAIR).measured), (said, Some(Level::Red)));
    assert_eq!((entry(MEMBER_6).answer, entry(MEMBER_6).measured), (said, None));
    told.does(SECRETARY, &Command::Call { participant: MEMBER_6 });
    assert!(!told.meeting.microphone_open(MEMBER_5));
    told.does(SECRETARY, &Command::EndRollCall {});
    assert_eq!((told.meeting.called(), told.meeting.shown()), (None, None));
    told.may_not(MEMBER_6, &ANSWER, Refusal::OutOfStep);
}

#[test]
fn who_answers_in_the_chamber_is_noted_there_and_who_does_not_as_absent() {
    let mut told = Told::planned();
    for who in [CHAIR, SECRETARY] {
        told.comes(who);
    }
    told.does(CHAIR, &Command::BeginRollCall {});
    for (participant, present) in [(MEMBER_5, true), (MEMBER_6, false)] {
        told.does(SECRETARY, &Command::NoteRollCall { participant, present });
    }
    assert_eq!(
        (
            told.meeting.is_in_chamber(MEMBER_5),
            told.meeting.is_in_chamber(MEMBER_6)
        ),
        (true, false)
    );
    told.does(CHAIR, &Command::EndRollCall {});
    told.does(CHAIR, &Command::Open {});
    assert_eq!(told.meeting.serving(), [CHAIR, MEMBER_5]);
}

#[test]
fn who_no_longer_answers_in_the_chamber_is_no_longer_noted_there() {
    let mut told = Told::planned();
    told.comes(CHAIR);
    told.does(CHAIR, &note_in_chamber(MEMBER_5));
    told.does(CHAIR, &Command::Open {});
    told.does(CHAIR, &Command::BeginRollCall {});
    let note = |present| Command::NoteRollCall {
        participant: MEMBER_5,
        present,
    };
    told.does(CHAIR, &note(false));
    assert!(!told.meeting.is_there(MEMBER_5));
    assert_eq!(told.meeting.breaches().len(), 1, "who serves is not there");
    told.does(CHAIR, &note(true));
    assert!(told.meeting.is_in_chamber(MEMBER_5));
}

#[test]
fn a_lost_connection_is_not_taken_for_the_chamber_and_a_device_ends_it() {
    let mut told = Told::open();
    told.does(SECRETARY, &Command::BeginRollCall {});
    told.is_cut_off(MEMBER_5);
    let present = Command::NoteRollCall {
        participant: MEMBER_5,
        present: true,
    };
    told.may_not(SECRETARY, &present, Refusal::ConnectionLost);
    assert!(told.meeting.is_measured(MEMBER_5));
    told.does(SECRETARY, &note_in_chamber(MEMBER_5));
    assert!(!told.meeting.is_measured(MEMBER_5));
    told.does(SECRETARY, &present);
    told.comes(MEMBER_5);
    assert!(!told.meeting.is_in_chamber(MEMBER_5));
    assert!(told.meeting.is_measured(MEMBER_5));
}

#[test]
fn a_tablet_in_the_chamber_carries_votes_and_the_speaker_list_but_neither_sound_nor_picture() {
    let mut told = Told::open();
    told.notices(alert(frozen(MEMBER_5), Level::Red));
    told.does(SECRETARY, &note_in_chamber(MEMBER_5));
    assert!(!told.meeting.is_measured(MEMBER_5) && !told.meeting.may_hear_and_see(MEMBER_5));
    told.does(MEMBER_5, &Command::RequestFloor {});
    told.does(CHAIR, &Command::GiveFloor { participant: MEMBER_5 });
    assert!(!told.meeting.microphone_open(MEMBER_5));
    assert_eq!(told.meeting.shown(), Some(CHAMBER), "that is where the speaker is seen");
    told.is_cut_off(MEMBER_5);
    assert_eq!(
        told.meeting.breaches().len(),
        1,
        "what was measured stands until the judge says otherwise"
    );
    told.comes(MEMBER_5);
    assert!(
        told.meeting.is_in_chamber(MEMBER_5),
        "the tablet comes back to where it was"
    );
    told.may_not(MEMBER_6, &Command::LeaveChamber {}, Refusal::AlreadySo);
    told.does(MEMBER_5, &Command::LeaveChamber {});
    assert!(told.meeting.is_measured(MEMBER_5) && told.meeting.may_hear_and_see(MEMBER_5));
}

/// How everybody stood in the second of an answer; `blind` do not see whom `unseen` names.
fn measured(unseen: ParticipantId, blind: &[ParticipantId]) -> Event {
    let people = [CHAIR, MEMBER_5, MEMBER_6];
    let edge = |sender, receiver| match () {
        () if sender == receiver => '-',
        () if sender == unseen && blind.contains(&receiver) => 'r',
        () => 'g',
    };
    let row = |sender: ParticipantId| people.iter().map(|&receiver| edge(sender, receiver)).collect();
    let person = |participant| PersonMeasured {
        participant,
        directions: vec![DirectionMeasured {
            direction: Direction::Seen,
            level: Level::Green,
            cause: None,
        }],
    };
    let measured = Measured {
        at_ms: Some(1),
        profile: ProfileMark {
            name: "prov".into(),
            version: 1,
            digest: crate::sha256::Sha256::ZERO,
        },
        people: people.map(person).to_vec(),
        matrix: Matrix {
            people: people.to_vec(),
            sound: people.map(row).to_vec(),
            picture: people.map(row).to_vec(),
        },
        samples: None,
    };
    Event::Measured {
        measured: Box::new(measured.about(unseen)),
    }
}

/// The Övertorneå case: whoever answers is not seen by some, though nothing of their own is wrong.
#[test]
fn beside_an_answer_stands_how_many_did_not_see_whoever_gave_it() {
    let mut told = Told::open();
    told.does(SECRETARY, &Command::BeginRollCall {});
    for (whom, blind) in [(MEMBER_5, vec![CHAIR, MEMBER_6]), (MEMBER_6, vec![])] {
        told.does(SECRETARY, &Command::Call { participant: whom });
        told.record(vec![measured(whom, &blind)]);
        told.does(whom, &ANSWER);
    }
    let seen_by = |viewer| {
        let view = view(&told.meeting, &Identities::default(), viewer).roll_call.unwrap();
        let entries = view.entries.into_iter().filter(|entry| entry.answer.is_some());
        entries
            .map(|entry| (entry.measured, entry.unreached))
            .collect::<Vec<_>>()
    };
    assert_eq!(seen_by(SECRETARY), [(Some(Level::Red), 2), (Some(Level::Green), 0)]);
    assert_eq!(seen_by(MEMBER_6), [(None, 0), (None, 0)], "chair and secretary alone");
}

#[test]
fn of_whoever_is_called_in_the_chamber_its_device_is_shown_to_all() {
    let mut told = Told::planned();
    for who in [CHAIR, MEMBER_6, CHAMBER] {
        told.comes(who);
    }
    told.does(CHAIR, &Command::AdmitAll {});
    told.does(CHAIR, &note_in_chamber(MEMBER_5));
    told.does(CHAIR, &Command::BeginRollCall {});
    told.does(CHAIR, &Command::Call { participant: MEMBER_5 });
    assert_eq!(told.meeting.shown(), Some(CHAMBER));
    told.is_cut_off(CHAMBER);
    assert_eq!(told.meeting.shown(), None);
}

#[test]
fn what_somebody_reports_is_not_what_was_measured() {
    let mut told = Told::open();
    told.does(MEMBER_5, &Command::ReportUnequalTerms {});
    told.does(SECRETARY, &Command::BeginRollCall {});
    told.does(SECRETARY, &Command::Call { participant: MEMBER_5 });
    let answered = told.does(MEMBER_5, &ANSWER);
    assert!(matches!(answered[0], Event::RollCallAnswered { measured: None, .. }));
}
