//! Before maintenance: nothing new begins, what goes on finishes, and then the server stops.

use crate::house::{House, Running, text};
use crate::stage::{CHAIR, MEMBER, Page, http};
use lika::meeting::{Attendance, Command as Ask, Phase};
use lika::protocol::{Refusal, ServerMessage};
use std::os::unix::fs::PermissionsExt as _;

async fn ready(house: &House, server: &Running) -> (u16, String) {
    let answer = http(&house.tls).get(server.url("/readyz")).send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

/// What the page is told next of the server's end.
async fn until_when(page: &mut Page) -> Option<i64> {
    loop {
        page.follow().await;
        if let Some(ServerMessage::Draining { until_ms }) = page.last {
            return until_ms;
        }
    }
}

#[tokio::test]
async fn meetings_in_session_finish_and_none_is_opened_until_it_is_cancelled() {
    let house = House::built_with(2, |_| {});
    let mut server = house.start();
    let [mut chair, mut member, _other] = house.in_session(&server, 0).await;
    let cookie = house.sign_in(&server, 1, CHAIR).await;
    let mut next_chair = house.page(&server, &cookie).await;
    assert!(
        house
            .says(&["drain", "--status"])
            .contains("opens meetings as usual. In session: 1.")
    );

    let told = house.says(&["drain", "--deadline", "120"]);
    assert!(told.contains("Pågår: 1.") && told.contains("In session: 1."), "{told}");
    assert!(told.contains("lika drain --cancel"), "{told}");
    assert_eq!(ready(&house, &server).await, (503, "draining\n".into()));
    assert_eq!(next_chair.command(Ask::Open {}).await, Err(Refusal::Draining));
    let until = until_when(&mut chair).await.expect("it drains");
    assert!(
        (1..=120 * 60_000).contains(&(until - lika::clock::Clock::system().now_ms())),
        "{until}"
    );
    member.command(Ask::RequestFloor {}).await.unwrap();
    chair.command(Ask::Adjourn { reason: "Paus".into() }).await.unwrap();
    chair.command(Ask::Resume {}).await.unwrap();

    let told = house.says(&["drain", "--cancel"]);
    assert!(told.contains("Servern öppnar sammanträden som vanligt"), "{told}");
    assert_eq!(until_when(&mut chair).await, None);
    assert_eq!(ready(&house, &server).await, (200, "ready\n".into()));
    next_chair.command(Ask::Open {}).await.unwrap();
    next_chair.command(Ask::Close {}).await.unwrap();

    house.says(&["drain"]);
    chair.command(Ask::Close {}).await.unwrap();
    server.logged("drained: no meeting is in session");
    assert!(server.ended().success());
    assert!(!house.data_dir().join("control.sock").exists());
}

#[tokio::test]
async fn at_the_deadline_a_meeting_stops_and_goes_on_with_the_next_start() {
    let house = House::built();
    let mut server = house.start();
    let [chair, mut member, _other] = house.in_session(&server, 0).await;
    member.command(Ask::RequestFloor {}).await.unwrap();
    let cookie = member.cookie.clone();
    house.says(&["drain", "--deadline", "0"]);
    server.logged("drained: the deadline ends the meetings for now");
    assert!(server.ended().success());

    let server = house.start();
    let mut back = house.page(&server, &chair.cookie).await;
    assert_eq!(
        (&back.meeting.phase, &back.meeting.requests[..]),
        (&Phase::Open, &[MEMBER][..])
    );
    let _member = house.page(&server, &cookie).await;
    back.until(|page| page.is(MEMBER, Attendance::Inside)).await;
    back.command(Ask::GiveFloor { participant: MEMBER }).await.unwrap();
}

#[tokio::test]
async fn a_meeting_that_everybody_lost_at_once_is_waited_for() {
    let house = House::built();
    let mut server = house.start();
    // The line to the chamber is cut: every page is given up.
    drop(house.in_session(&server, 0).await);
    for _page in 0..3 {
        server.logged("\"message\":\"gone\"");
    }
    let told = house.says(&["drain", "--deadline", "120"]);
    assert!(told.contains("In session: 1."), "{told}");
}

#[test]
fn a_server_that_is_not_there_is_not_drained_and_the_socket_is_its_owners() {
    let house = House::built();
    let told = house.refuses(&["drain"]);
    assert!(
        told.contains("Ingen lika är igång") && told.contains("No lika is running"),
        "{told}"
    );
    let server = house.start();
    let socket = house.data_dir().join("control.sock");
    assert_eq!(socket.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    // What a server that was killed leaves is in nobody's way.
    server.kill();
    assert!(socket.exists() && house.refuses(&["drain"]).contains("No lika is running"));
    let server = house.start();
    let told = house.says(&["drain"]);
    assert!(told.contains("the server stops now"), "{told}");
    let mut server = server;
    assert!(server.ended().success());
    let wrong = house.lika(&["drain", "--cancel", "--deadline", "5"]);
    assert!(
        text(&wrong.stderr).contains("cannot be used with"),
        "{}",
        text(&wrong.stderr)
    );
}
