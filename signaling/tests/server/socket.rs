//! What a WebSocket may and may not do.

use crate::stage::{CHAIR, MEMBER, ORIGIN_URL, Page, SECRETARY, Stage, hello, next, next_error, say, say_text};
use lika::meeting::{Attendance, Command};
use lika::protocol::{ClientMessage, PROTOCOL, Refusal, ServerMessage};
use lika::ws::{MAX_MESSAGE, MESSAGE_BURST};
use lika_auth::{Identity, Invitation};
use reqwest::StatusCode;
use tokio_tungstenite::tungstenite;

#[tokio::test]
async fn another_origin_is_refused() {
    let stage = Stage::set().await;
    let cookie = stage.sign_in(MEMBER).await;
    match stage.socket(Some(&cookie), "https://elsewhere.example").await {
        Err(tungstenite::Error::Http(answer)) => assert_eq!(answer.status(), StatusCode::FORBIDDEN),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn who_is_not_signed_in_is_told_so() {
    let stage = Stage::set().await;
    for cookie in [None, Some("__Host-lika=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")] {
        let mut socket = stage.socket(cookie, ORIGIN_URL).await.unwrap();
        assert_eq!(next_error(&mut socket).await, Some(Refusal::SignedOut));
        assert_eq!(next(&mut socket).await, None, "and the connection ends");
    }
}

#[tokio::test]
async fn hello_comes_first_and_once() {
    let stage = Stage::set().await;
    let cookie = stage.sign_in(MEMBER).await;
    let mut early = stage.socket(Some(&cookie), ORIGIN_URL).await.unwrap();
    say(&mut early, &ClientMessage::Enlarge { participant: None }).await;
    assert_eq!(next_error(&mut early).await, Some(Refusal::OutOfOrder));
    assert_eq!(next(&mut early).await, None);

    let mut twice = stage.page_with(&cookie).await;
    say(&mut twice.socket, &hello(None)).await;
    assert_eq!(next_error(&mut twice.socket).await, Some(Refusal::OutOfOrder));
    assert_eq!(
        twice.command(Command::RequestFloor {}).await,
        Err(Refusal::WrongPhase),
        "the conversation goes on"
    );
}

#[tokio::test]
async fn another_protocol_is_told_to_reload() {
    let stage = Stage::set().await;
    let cookie = stage.sign_in(MEMBER).await;
    let mut socket = stage.socket(Some(&cookie), ORIGIN_URL).await.unwrap();
    say(
        &mut socket,
        &ClientMessage::Hello {
            protocol: PROTOCOL + 1,
            resume: None,
            last_seq: None,
            take_over: false,
        },
    )
    .await;
    assert_eq!(next_error(&mut socket).await, Some(Refusal::WrongProtocol));
}

#[tokio::test]
async fn what_is_no_message_is_refused_and_forgotten() {
    let stage = Stage::set().await;
    let mut page = stage.page(MEMBER).await;
    for nonsense in [
        "",
        "{}",
        "[1",
        r#"{"type":"command","id":1}"#,
        r#"{"type":"enlarge","participant":null,"x":1}"#,
    ] {
        say_text(&mut page.socket, nonsense).await;
        assert_eq!(
            next_error(&mut page.socket).await,
            Some(Refusal::Malformed),
            "{nonsense}"
        );
    }
    assert_eq!(page.command(Command::Open {}).await, Err(Refusal::NotAllowed));
}

#[tokio::test]
async fn an_oversized_message_ends_its_connection_alone() {
    let stage = Stage::set().await;
    let (mut chair, mut member) = (stage.page(CHAIR).await, stage.page(MEMBER).await);
    chair.until(|view| view.is(MEMBER, Attendance::Lobby)).await;
    say_text(&mut member.socket, &"x".repeat(MAX_MESSAGE + 1)).await;
    assert_eq!(next_error(&mut member.socket).await, Some(Refusal::TooLarge));
    assert_eq!(next(&mut member.socket).await, None);
    chair.command(Command::AdmitAll {}).await.unwrap();
}

#[tokio::test]
async fn who_talks_too_fast_is_cut_off() {
    let stage = Stage::set().await;
    let mut page = stage.page(MEMBER).await;
    for _ in 0..=2 * MESSAGE_BURST {
        say(&mut page.socket, &ClientMessage::Enlarge { participant: None }).await;
    }
    assert_eq!(next_error(&mut page.socket).await, Some(Refusal::TooFast));
}

#[tokio::test]
async fn a_meeting_that_is_not_there_is_told() {
    let mut stage = Stage::set().await;
    stage.stop().await;
    let mut data = lika::data::Data::open(stage.directory.path()).unwrap();
    let whom = Identity {
        meeting: 99,
        participant: 1,
    };
    let token = data
        .identities
        .invite(&Invitation {
            whom,
            uses: 1,
            expires_ms: i64::MAX,
        })
        .unwrap();
    drop(data);
    stage.start().await;
    let answer = stage.get(&format!("/i/{}", token.reveal().as_str())).await;
    let cookie = crate::stage::session_cookie(&answer);
    let mut socket = stage.socket(Some(&cookie), ORIGIN_URL).await.unwrap();
    say(&mut socket, &hello(None)).await;
    assert_eq!(next_error(&mut socket).await, Some(Refusal::NoSuchMeeting));
}

#[tokio::test]
async fn a_second_device_asks_and_takes_over() {
    let stage = Stage::set().await;
    let cookie = stage.sign_in(MEMBER).await;
    let mut first = stage.page_with(&cookie).await;
    let mut socket = stage.socket(Some(&cookie), ORIGIN_URL).await.unwrap();
    say(&mut socket, &hello(None)).await;
    assert_eq!(next_error(&mut socket).await, Some(Refusal::AlreadyHere));
    assert_eq!(
        first.command(Command::Open {}).await,
        Err(Refusal::NotAllowed),
        "the first is in force"
    );
    let mut second = stage.page_taking_over(&cookie).await;
    assert_eq!(next_error(&mut first.socket).await, Some(Refusal::TakenOver));
    assert_eq!(next(&mut first.socket).await, None);
    assert_eq!(
        second.command(Command::Open {}).await,
        Err(Refusal::NotAllowed),
        "the second is in force"
    );
}

#[tokio::test]
async fn the_secretary_may_be_at_two_computers() {
    let stage = Stage::set().await;
    let cookie = stage.sign_in(SECRETARY).await;
    let mut pages = [stage.page_with(&cookie).await, stage.page_with(&cookie).await];
    for page in &mut pages {
        assert_eq!(page.command(Command::AdmitAll {}).await, Err(Refusal::AlreadySo));
    }
    let _third = stage.page_taking_over(&cookie).await;
    assert_eq!(
        next_error(&mut pages[0].socket).await,
        Some(Refusal::TakenOver),
        "the one there longest goes"
    );
    assert_eq!(pages[1].command(Command::AdmitAll {}).await, Err(Refusal::AlreadySo));
}

#[tokio::test]
async fn a_page_that_comes_back_resumes_where_it_was() {
    let stage = Stage::set().await;
    let (mut chair, member, _other) = stage.in_session().await;
    let Page {
        socket,
        resume,
        seq,
        cookie,
        ..
    } = member;
    drop(socket);
    let mut socket = stage.socket(Some(&cookie), ORIGIN_URL).await.unwrap();
    say(&mut socket, &hello(Some(resume.clone()))).await;
    let mut back = Page::welcomed(socket).await;
    assert!(back.seq >= seq, "the numbers go on");
    assert_ne!(back.resume, resume, "the token is a new one");
    assert!(back.is(MEMBER, Attendance::Inside) && back.is(CHAIR, Attendance::Inside));
    back.command(Command::RequestFloor {}).await.unwrap();
    chair.until(|view| view.meeting.requests == [MEMBER]).await;
    assert!(!chair.saw_lost, "nobody has noticed");
}

#[tokio::test]
async fn somebody_elses_resume_token_opens_nothing() {
    let stage = Stage::set().await;
    let chair = stage.page(CHAIR).await;
    let cookie = stage.sign_in(MEMBER).await;
    let mut socket = stage.socket(Some(&cookie), ORIGIN_URL).await.unwrap();
    say(&mut socket, &hello(Some(chair.resume.clone()))).await;
    let page = Page::welcomed(socket).await;
    assert_eq!(page.you, MEMBER);
    assert!(page.is(MEMBER, Attendance::Lobby));
}

#[tokio::test]
async fn an_offer_is_answered_or_refused_with_its_number() {
    let stage = Stage::set().await;
    let mut page = stage.page(MEMBER).await;
    for (negotiation, fresh, reason) in [(1, false, Refusal::OutOfOrder), (2, true, Refusal::BadOffer)] {
        say(
            &mut page.socket,
            &ClientMessage::Offer {
                negotiation,
                fresh,
                sdp: "v=0".into(),
            },
        )
        .await;
        let refused = loop {
            if let ServerMessage::OfferRefused { negotiation, reason } = next(&mut page.socket).await.unwrap() {
                break (negotiation, reason);
            }
        };
        assert_eq!(refused, (negotiation, reason));
    }
}
