//! Why a server does not start, said clearly.

use crate::stage::{Stage, config};
use lika::clock::Clock;
use lika::server::Server;
use std::net::{TcpListener, UdpSocket};

async fn refusal(config: &lika::config::Config) -> String {
    match Server::start(config, Clock::system()).await {
        Ok(_) => panic!("it started"),
        Err(error) => error.to_string(),
    }
}

#[tokio::test]
async fn a_taken_tcp_port_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let directory = tempfile::tempdir().unwrap();
    let mut config = config(directory.path());
    config.server.listen = taken.local_addr().unwrap();
    let text = refusal(&config).await;
    assert!(
        text.contains(&config.server.listen.to_string()) && text.contains("server.listen"),
        "{text}"
    );
}

#[tokio::test]
async fn a_taken_udp_port_is_named() {
    let taken = UdpSocket::bind("127.0.0.1:0").unwrap();
    let directory = tempfile::tempdir().unwrap();
    let mut config = config(directory.path());
    config.media.bind = taken.local_addr().unwrap();
    let text = refusal(&config).await;
    assert!(
        text.contains(&config.media.bind.to_string()) && text.contains("media.bind"),
        "{text}"
    );
}

#[tokio::test]
async fn two_servers_cannot_share_a_data_directory() {
    let stage = Stage::set().await;
    let text = refusal(&stage.config).await;
    assert!(text.contains(&stage.directory.path().display().to_string()), "{text}");
    assert!(text.contains("used by another lika"), "{text}");
}

#[tokio::test]
async fn an_unknown_profile_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let mut config = config(directory.path());
    config.quality.profile = "likvardig-0".into();
    let text = refusal(&config).await;
    assert!(
        text.contains("likvardig-0") && text.contains("quality.profile"),
        "{text}"
    );
}
