//! Requests that a reverse proxy passes on count for the address they come from.

use crate::house::{House, Running};
use crate::stage::{CHAIR, MEMBER, http};
use lika::config::Config;
use reqwest::StatusCode;
use reqwest::header::{COOKIE, ORIGIN};
use rustls::ClientConfig;
use std::net::{IpAddr, Ipv4Addr};
use std::num::NonZeroU32;
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{self, http as status};
use tokio_tungstenite::{Connector, MaybeTlsStream, WebSocketStream, client_async_tls_with_config};

const FORWARDED: &str = "x-forwarded-for";

fn two_tries_a_minute(config: &mut Config) {
    config.limits.entries_per_minute = NonZeroU32::new(2).unwrap();
}

fn behind_a_proxy(config: &mut Config) {
    config.server.trusted_proxies = vec![IpAddr::V4(Ipv4Addr::LOCALHOST)];
}

/// What a guess at an invitation is answered, passed on with this header.
async fn guess(house: &House, server: &Running, forwarded: &str) -> StatusCode {
    let url = server.url("/i/guess");
    let request = http(&house.tls).get(url).header(FORWARDED, forwarded);
    request.send().await.unwrap().status()
}

#[tokio::test]
async fn behind_a_trusted_proxy_each_address_has_its_own_tries() {
    let house = House::built_with(1, |config| {
        two_tries_a_minute(config);
        behind_a_proxy(config);
    });
    let server = house.start();
    let (not_found, too_many) = (StatusCode::NOT_FOUND, StatusCode::TOO_MANY_REQUESTS);
    for expected in [not_found, not_found, too_many] {
        assert_eq!(guess(&house, &server, "198.51.100.1").await, expected);
    }
    assert_eq!(guess(&house, &server, "198.51.100.2").await, not_found);
    // Who writes addresses of their own invention before the proxy's word gains nothing.
    for invented in ["203.0.113.1", "203.0.113.2", "127.0.0.1"] {
        let spoofed = format!("{invented}, 198.51.100.1");
        assert_eq!(guess(&house, &server, &spoofed).await, too_many, "{spoofed}");
    }
}

#[tokio::test]
async fn without_a_trusted_proxy_the_header_is_nobodys() {
    let house = House::built_with(1, two_tries_a_minute);
    let server = house.start();
    for (at, expected) in [
        StatusCode::NOT_FOUND,
        StatusCode::NOT_FOUND,
        StatusCode::TOO_MANY_REQUESTS,
    ]
    .into_iter()
    .enumerate()
    {
        assert_eq!(guess(&house, &server, &format!("198.51.100.{at}")).await, expected);
    }
}

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn forwarded_socket(
    tls: &Arc<ClientConfig>,
    server: &Running,
    cookie: &str,
    forwarded: &str,
) -> Result<Socket, status::StatusCode> {
    let url = format!("wss://localhost:{}/ws", server.tcp.port());
    let mut request = url.into_client_request().unwrap();
    for (name, value) in [
        ("origin", "https://localhost"),
        ("cookie", cookie),
        (FORWARDED, forwarded),
    ] {
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    assert!(request.headers().contains_key(ORIGIN) && request.headers().contains_key(COOKIE));
    let stream = TcpStream::connect(server.tcp).await.unwrap();
    let connector = Some(Connector::Rustls(Arc::clone(tls)));
    match client_async_tls_with_config(request, stream, None, connector).await {
        Ok((socket, _)) => Ok(socket),
        Err(tungstenite::Error::Http(answer)) => Err(answer.status()),
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn one_network_behind_the_proxy_takes_half_of_the_places_at_most() {
    let house = House::built_with(1, |config| {
        behind_a_proxy(config);
        config.limits.connections = NonZeroU32::new(6).unwrap();
    });
    let server = house.start();
    let (chair, member) = (
        house.sign_in(&server, 0, CHAIR).await,
        house.sign_in(&server, 0, MEMBER).await,
    );
    let open = |cookie: String, from: &'static str| {
        let (tls, server) = (&house.tls, &server);
        async move { forwarded_socket(tls, server, &cookie, from).await }
    };
    let mut held = Vec::new();
    for _ in 0..3 {
        held.push(open(chair.clone(), "198.51.100.1").await.unwrap());
    }
    let refused = open(chair.clone(), "198.51.100.1").await;
    assert_eq!(refused.err(), Some(status::StatusCode::SERVICE_UNAVAILABLE));
    held.push(open(member, "198.51.100.2").await.unwrap());
}
