//! A meeting over its pages, and what happens when the journal cannot be written.

use crate::stage::{CHAIR, MEMBER, OTHER_MEMBER, Stage};
use lika::meeting::{Attendance, Command, Phase};
use lika::protocol::Refusal;
use rusqlite::Connection;

#[tokio::test]
async fn from_the_lobby_to_the_floor() {
    let stage = Stage::set().await;
    let waiting = stage.page(MEMBER).await;
    assert_eq!(
        waiting.meeting.participants.len(),
        1,
        "in the lobby one sees oneself alone"
    );
    drop(waiting);
    let stage = Stage::set().await;
    let (mut chair, mut member, mut other) = stage.in_session().await;
    member.command(Command::RequestFloor {}).await.unwrap();
    chair.until(|view| view.meeting.requests == [MEMBER]).await;
    chair.command(Command::GiveFloor { participant: MEMBER }).await.unwrap();
    other
        .until(|view| view.meeting.floor == Some(MEMBER) && view.microphone_open(MEMBER))
        .await;
    assert_eq!(
        other.command(Command::Adjourn { reason: "Paus".into() }).await,
        Err(Refusal::NotAllowed)
    );
    chair.command(Command::Adjourn { reason: "Paus".into() }).await.unwrap();
    other
        .until(|view| matches!(&view.meeting.phase, Phase::Adjourned { reason, .. } if reason == "Paus"))
        .await;
    chair.command(Command::Resume {}).await.unwrap();
    chair.command(Command::Close {}).await.unwrap();
    member.until(|view| view.meeting.phase == Phase::Closed).await;
}

#[tokio::test]
async fn dismissed_means_out() {
    let stage = Stage::set().await;
    let (mut chair, mut member, mut other) = stage.in_session().await;
    let dismiss = Command::Dismiss { participant: MEMBER };
    assert_eq!(chair.command(dismiss.clone()).await, Err(Refusal::StillServes));
    let absent = Command::NoteAbsent {
        participant: MEMBER,
        reason: "Avbrott".into(),
    };
    chair.command(absent).await.unwrap();
    chair.command(dismiss).await.unwrap();
    member
        .until(|view| view.is(MEMBER, Attendance::Dismissed) && view.meeting.participants.len() == 1)
        .await;
    other.until(|view| view.is(MEMBER, Attendance::Dismissed)).await;
}

#[tokio::test]
async fn nothing_is_decided_while_the_journal_cannot_be_written() {
    let stage = Stage::set().await;
    let (mut chair, mut member, other) = stage.in_session().await;
    // Whoever holds the file's lock stops its writer, as a full disk does.
    let other_program = Connection::open(stage.directory.path().join("journal.sqlite")).unwrap();
    other_program.execute_batch("BEGIN EXCLUSIVE").unwrap();
    assert_eq!(
        member.command(Command::RequestFloor {}).await,
        Err(Refusal::JournalUnavailable)
    );
    assert!(member.meeting.requests.is_empty());
    drop(other);
    other_program.execute_batch("ROLLBACK").unwrap();
    member.command(Command::RequestFloor {}).await.unwrap();
    chair.until(|view| view.meeting.requests == [MEMBER]).await;
    // What was noticed meanwhile is recorded afterwards: after the grace, the other member is lost.
    chair.until(|view| view.is(OTHER_MEMBER, Attendance::Lost)).await;
    assert!(chair.is(CHAIR, Attendance::Inside));
}
