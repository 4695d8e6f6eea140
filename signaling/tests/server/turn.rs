//! The TURN server's credentials reach the page that is signed in.

use crate::stage::{MEMBER, ORIGIN_URL, Stage, hello, next, say};
use crate::whip::Devices;
use lika::clock::Clock;
use lika::config::{Config, Turn};
use lika::protocol::ServerMessage;
use reqwest::StatusCode;
use reqwest::header::LINK;

const URL: &str = "turns:turn.example.se:443?transport=tcp";
const DAY_S: i64 = 24 * 3600;

fn with_turn(config: &mut Config) {
    let secret = config.storage.data_dir.join("turn.secret");
    std::fs::write(&secret, "0123456789abcdef0123456789abcdef\n").unwrap();
    config.turn = Turn {
        urls: vec![URL.into()],
        secret_file: Some(secret),
    };
}

#[tokio::test]
async fn a_page_is_given_credentials_of_its_own_that_run_out() {
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
async fn an_encoder_is_given_its_own_with_the_answer() {
    let devices = Devices::set_with(with_turn).await;
    let answer = devices.offer("/whip", &devices.encoder).await;
    assert_eq!(answer.status(), StatusCode::CREATED);
    let links: Vec<&str> = answer
        .headers()
        .get_all(LINK)
        .iter()
        .map(|link| link.to_str().unwrap())
        .collect();
    let [link] = links[..] else { panic!("{links:?}") };
    let whose = format!("{}-{}\";", devices.stage.convened.meeting.0, MEMBER.0);
    assert!(
        link.starts_with(&format!("<{URL}>; rel=\"ice-server\"; username=\"")) && link.contains(&whose),
        "{link}"
    );
    assert!(
        link.contains("credential=\"") && link.ends_with("credential-type=\"password\""),
        "{link}"
    );
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
