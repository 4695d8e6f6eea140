//! The floor, and who is heard.

use super::*;
use crate::meeting::audience;
use crate::meeting::floor::{Ending, KEPT_MS};
use lika_sfu::Audience;

#[test]
fn the_chair_gives_the_floor_in_the_order_of_requests_or_otherwise() {
    let mut told = Told::open();
    told.does(MEMBER_5, &Command::RequestFloor {});
    told.does(SUBSTITUTE, &Command::RequestFloor {});
    told.does(MEMBER_6, &Command::RequestFloor {});
    told.may_not(MEMBER_5, &Command::RequestFloor {}, Refusal::AlreadySo);
    told.does(MEMBER_6, &Command::WithdrawRequest {});
    assert_eq!(told.meeting.requests(), [MEMBER_5, SUBSTITUTE]);

    told.may_not(
        SECRETARY,
        &Command::GiveFloor { participant: MEMBER_5 },
        Refusal::NotAllowed,
    );
    told.does(
        CHAIR,
        &Command::GiveFloor {
            participant: SUBSTITUTE,
        },
    );
    assert_eq!(told.meeting.floor(), Some(SUBSTITUTE));
    assert_eq!(told.meeting.requests(), [MEMBER_5]);
    let given_on = told.does(CHAIR, &Command::GiveFloor { participant: MEMBER_5 });
    assert_eq!(
        given_on[0],
        Event::FloorEnded {
            participant: SUBSTITUTE,
            why: Ending::GivenOn
        }
    );
    assert!(told.meeting.microphone_open(MEMBER_5) && !told.meeting.microphone_open(SUBSTITUTE));

    told.may_not(SUBSTITUTE, &Command::EndFloor {}, Refusal::NotAllowed);
    let yielded = told.does(MEMBER_5, &Command::EndFloor {});
    assert_eq!(
        yielded,
        [Event::FloorEnded {
            participant: MEMBER_5,
            why: Ending::Yielded
        }]
    );
    told.may_not(CHAIR, &Command::EndFloor {}, Refusal::AlreadySo);
}

#[test]
fn a_speaker_who_is_back_in_time_goes_on_speaking() {
    let mut told = Told::open();
    told.does(CHAIR, &Command::GiveFloor { participant: MEMBER_5 });
    told.is_cut_off(MEMBER_5);
    assert_eq!(told.meeting.floor(), None);
    told.later(KEPT_MS);
    told.comes(MEMBER_5);
    assert_eq!(told.meeting.floor(), Some(MEMBER_5));

    told.is_cut_off(MEMBER_5);
    told.later(KEPT_MS + 1);
    told.comes(MEMBER_5);
    assert_eq!(
        told.meeting.floor(),
        None,
        "no microphone opens by itself after half a minute"
    );
}

#[test]
fn the_floor_is_not_kept_once_the_chair_went_on() {
    let goes_on = [
        Command::GiveFloor { participant: MEMBER_6 },
        Command::EndFloor {},
        adjourn(),
        Command::Dismiss { participant: GUEST },
    ];
    for command in goes_on {
        let mut told = Told::open();
        told.does(CHAIR, &Command::GiveFloor { participant: GUEST });
        told.is_cut_off(GUEST);
        told.does(CHAIR, &command);
        told.comes(GUEST);
        assert_ne!(told.meeting.floor(), Some(GUEST), "{command:?}");
    }
}

#[test]
fn who_is_heard_and_seen_in_each_phase() {
    let mut told = Told::planned();
    for participant in [CHAIR, MEMBER_5, MEMBER_6, CHAMBER] {
        told.comes(participant);
    }
    let is = |told: &Told, expected: [Audience; 4]| {
        let found = [CHAIR, MEMBER_5, MEMBER_6, CHAMBER].map(|one| audience::audience(&told.meeting, one));
        assert_eq!(found, expected, "{:?}", told.meeting.phase());
    };
    use Audience as A;
    is(&told, [A::SPEAKING, A::LOBBY, A::LOBBY, A::LOBBY]);
    told.does(CHAIR, &Command::AdmitAll {});
    is(&told, [A::SPEAKING, A::LISTENING, A::LISTENING, A::SPEAKING]);
    told.does(CHAIR, &Command::Open {});
    told.does(CHAIR, &Command::GiveFloor { participant: MEMBER_5 });
    is(&told, [A::SPEAKING, A::SPEAKING, A::LISTENING, A::SPEAKING]);
    told.is_cut_off(MEMBER_5);
    is(&told, [A::SPEAKING, A::LOBBY, A::LISTENING, A::SPEAKING]);
    told.comes(MEMBER_5);
    told.does(CHAIR, &adjourn());
    is(&told, [A::SPEAKING, A::LISTENING, A::LISTENING, A::LISTENING]);
    told.does(CHAIR, &Command::Close {});
    is(&told, [A::LOBBY; 4]);
}
