//! Connections to the HTTPS port that carry media: which are taken, and which are not.

use crate::whip::Devices;
use rtc_crypto::RTCCryptoProvider as _;
use rtc_crypto::providers::AwsLcRsProvider;
use rtc_stun::attributes::ATTR_USERNAME;
use rtc_stun::integrity::MessageIntegrity;
use rtc_stun::message::{BINDING_REQUEST, BINDING_SUCCESS, Message, Setter as _, TransactionId};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(20);
/// The offer's own.
const UFRAG: &str = "abcd";

/// The user name and password for checks, from an answer.
fn credentials(sdp: &str) -> (String, String) {
    let value = |key: &str| sdp.lines().find_map(|line| line.strip_prefix(key)).unwrap().to_owned();
    (format!("{}:{UFRAG}", value("a=ice-ufrag:")), value("a=ice-pwd:"))
}

/// A connectivity check, framed.
fn check(username: &str, password: &str) -> Vec<u8> {
    let mut message = Message::new();
    message.set_type(BINDING_REQUEST);
    message.transaction_id = TransactionId::new();
    message.write_header();
    message.add(ATTR_USERNAME, username.as_bytes());
    let provider = AwsLcRsProvider::new();
    MessageIntegrity::new_short_term_integrity_with_provider(password.to_owned(), provider.crypto())
        .add_to(&mut message)
        .unwrap();
    framed(&message.raw)
}

fn framed(datagram: &[u8]) -> Vec<u8> {
    let length = u16::try_from(datagram.len()).unwrap();
    [&length.to_be_bytes()[..], datagram].concat()
}

/// What comes back on a connection that begins with `bytes`; empty: it is closed.
async fn answer_to(devices: &Devices, bytes: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(devices.stage.tcp).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut length = [0; 2];
    if timeout(PATIENCE, stream.read_exact(&mut length))
        .await
        .unwrap()
        .is_err()
    {
        return Vec::new();
    }
    let mut datagram = vec![0; usize::from(u16::from_be_bytes(length))];
    timeout(PATIENCE, stream.read_exact(&mut datagram))
        .await
        .unwrap()
        .unwrap();
    datagram
}

#[tokio::test]
async fn a_check_on_the_https_port_is_answered_by_the_worker_of_the_meeting() {
    let devices = Devices::set_with(|config| config.media.workers = 3.try_into().unwrap()).await;
    let sdp = devices.offer("/whip", &devices.encoder).await.text().await.unwrap();
    assert!(sdp.contains(" typ host tcptype passive"), "{sdp}");
    let (username, password) = credentials(&sdp);
    let mut response = Message::new();
    let answer = answer_to(&devices, &check(&username, &password)).await;
    response.unmarshal_binary(&answer).unwrap();
    assert_eq!(response.typ, BINDING_SUCCESS);
    assert_eq!(
        devices.stage.get("/healthz").await.status(),
        200,
        "pages come as before"
    );
}

#[tokio::test]
async fn whatever_else_comes_is_closed_without_a_word() {
    let devices = Devices::set_with(|_| {}).await;
    let sdp = devices.offer("/whip", &devices.encoder).await.text().await.unwrap();
    let (username, password) = credentials(&sdp);
    let unknown = format!("A0000000:{UFRAG}");
    for bytes in [
        &b"GET / HTTP/1.1\r\n\r\n"[..],
        &[0xff; 100],
        &[0; 100],
        &framed(b"long enough for a check, and none"),
        &check(&unknown, &password),
        &check(&username, "a wrong password that is long"),
    ] {
        assert!(answer_to(&devices, bytes).await.is_empty());
    }
}

#[tokio::test]
async fn it_can_be_switched_off() {
    let devices = Devices::set_with(|config| config.media.tcp = false).await;
    let sdp = devices.offer("/whip", &devices.encoder).await.text().await.unwrap();
    assert!(!sdp.contains(" tcp "), "{sdp}");
    let (username, password) = credentials(&sdp);
    assert!(answer_to(&devices, &check(&username, &password)).await.is_empty());
}
