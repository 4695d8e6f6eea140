//! The TURN server's credentials reach the page that is signed in.

use crate::stage::{MEMBER, ORIGIN_URL, Stage, hello, next, say};
use lika::clock::Clock;
use lika::config::Turn;
use lika::protocol::ServerMessage;

const URL: &str = "turns:turn.example.se:443?transport=tcp";
const DAY_S: i64 = 24 * 3600;

#[tokio::test]
async fn a_page_is_given_credentials_of_its_own_that_run_out() {
    let with_turn = |config: &mut lika::config::Config| {
        let secret = config.storage.data_dir.join("turn.secret");
        std::fs::write(&secret, "0123456789abcdef0123456789abcdef\n").unwrap();
        config.turn = Turn {
            urls: vec![URL.into()],
            secret_file: Some(secret),
        };
    };
    let stage = Stage::set_until(with_turn, crate::stage::HOUR_MS).await;
    let cookie = stage.sign_in(MEMBER).await;
    let mut socket = stage.socket(Some(&cookie), ORIGIN_URL).await.unwrap();
    say(&mut socket, &hello(None)).await;
    let Some(ServerMessage::Welcome { ice_servers, .. }) = next(&mut socket).await else {
        panic!("not welcomed")
    };
    let [server] = &ice_servers[..] else {
        panic!("{ice_servers:?}")
    };
    assert_eq!(server.urls, [URL]);
    let (good_until, whose) = server.username.split_once(':').unwrap();
    assert_eq!(whose, format!("{}-{}", stage.convened.meeting.0, MEMBER.0));
    let left = good_until.parse::<i64>().unwrap() - Clock::system().now_ms() / 1000;
    assert!((DAY_S - 60..=DAY_S).contains(&left), "{left} s");
    assert_eq!(server.credential.0.len(), 28, "HMAC-SHA1 in base64");
}

#[tokio::test]
async fn without_a_turn_server_a_page_is_given_none() {
    let stage = Stage::set().await;
    let cookie = stage.sign_in(MEMBER).await;
    let mut socket = stage.socket(Some(&cookie), ORIGIN_URL).await.unwrap();
    say(&mut socket, &hello(None)).await;
    let welcome = next(&mut socket).await;
    assert!(matches!(welcome, Some(ServerMessage::Welcome { ice_servers, .. }) if ice_servers.is_empty()));
}
