//! The server stops or dies in mid-meeting, and goes on.

use crate::stage::{CHAIR, MEMBER, Stage, next};
use lika::journal::verify_file;
use lika::meeting::{Attendance, Command, Phase};

#[tokio::test]
async fn a_restarted_server_continues_the_meeting() {
    let mut stage = Stage::set().await;
    let cookies = [stage.sign_in(CHAIR).await, stage.sign_in(MEMBER).await];
    let (mut chair, mut member) = (stage.page_with(&cookies[0]).await, stage.page_with(&cookies[1]).await);
    chair.until(|view| view.is(MEMBER, Attendance::Lobby)).await;
    chair.command(Command::AdmitAll {}).await.unwrap();
    chair.command(Command::Open {}).await.unwrap();
    member.until(|view| view.meeting.phase == Phase::Open).await;
    member.command(Command::RequestFloor {}).await.unwrap();
    stage.stop().await;
    while next(&mut member.socket).await.is_some() {}

    stage.start().await;
    let (mut chair, back) = (stage.page_with(&cookies[0]).await, stage.page_with(&cookies[1]).await);
    assert!(!back.media_alive);
    assert_eq!(back.meeting.phase, Phase::Open);
    assert_eq!(back.meeting.requests, [MEMBER], "nothing that was accepted is lost");
    assert!(
        back.is(MEMBER, Attendance::Inside),
        "and who was inside is inside again"
    );
    chair.command(Command::GiveFloor { participant: MEMBER }).await.unwrap();
    stage.stop().await;
    verify_file(&stage.directory.path().join("journal.sqlite")).unwrap();
}
