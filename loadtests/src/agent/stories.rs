//! Agents and those who lead, on loopback. No server is there: nobody gets so far.

use super::greeting::{Greeting, Proof};
use super::lending::Lender;
use super::{AgentArgs, Remote, RemoteError};
use crate::company::{MAILBOX, Order, Setting, Told, encode, read_line};
use crate::convene::BearerToken;
use crate::delegate::server::Trust;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

const SERVER: &str = "https://127.0.0.1:9";

fn token() -> BearerToken {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("token");
    std::fs::write(&file, "a-token-of-some-length").unwrap();
    BearerToken::read(&file).unwrap()
}

fn setting() -> Setting {
    Setting {
        server: SERVER.into(),
        people: 4,
        network: None,
        behind: 3,
        full_pictures: false,
    }
}

/// An agent that tests one server only; its address.
async fn agent() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let lender = Lender::new(token(), Trust::Anyone, Some(SERVER.into()));
    tokio::spawn(Arc::new(lender).lend(listener));
    address
}

async fn refused(address: &str, setting: Setting) -> String {
    match Remote::connect(address, &token(), &setting).await {
        Err(RemoteError::Refuses(_, reason)) => reason,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it is not refused"),
    }
}

fn works(remote: Remote) -> (mpsc::Sender<Order>, mpsc::Receiver<Result<Told, String>>) {
    let (tell, told) = mpsc::channel(MAILBOX);
    (remote.work(tell, |told| told), told)
}

#[tokio::test]
async fn an_agent_tests_no_other_server_and_no_more_people_than_there_can_be() {
    let address = agent().await;
    let other = Setting {
        server: "https://192.0.2.1".into(),
        ..setting()
    };
    assert!(refused(&address, other).await.contains("127.0.0.1:9 only"));
    let many = Setting {
        people: 129,
        ..setting()
    };
    assert!(refused(&address, many).await.contains("128"));
    assert!(Remote::connect(&address, &token(), &setting()).await.is_ok());
}

#[tokio::test]
async fn an_agent_serves_one_test_after_another_and_says_so_to_a_second() {
    let address = agent().await;
    let first = Remote::connect(&address, &token(), &setting()).await.unwrap();
    assert!(refused(&address, setting()).await.contains("another test"));
    drop(first);
    for _ in 0..20 {
        assert!(Remote::connect(&address, &token(), &setting()).await.is_ok(), "at once");
    }
}

#[tokio::test]
async fn strangers_who_say_nothing_keep_nobody_waiting() {
    let address = agent().await;
    let mut strangers = Vec::new();
    for _ in 0..3 {
        strangers.push(TcpStream::connect(&address).await.unwrap());
    }
    let (_order, mut told) = works(Remote::connect(&address, &token(), &setting()).await.unwrap());
    assert!(matches!(told.recv().await, Some(Ok(Told::Second(_)))));
    // They are still there: nothing but their greeting has come to them.
    let mut greeting = [0; 1];
    assert_eq!(strangers[0].read(&mut greeting).await.unwrap(), 1);
}

#[tokio::test]
async fn an_order_for_nobody_ends_the_test() {
    let address = agent().await;
    let (order, mut told) = works(Remote::connect(&address, &token(), &setting()).await.unwrap());
    order.send(Order::Leave { number: 5 }).await.unwrap();
    while let Some(Ok(_)) = told.recv().await {}
}

/// An agent that greets as it should, says that it is ready, and then goes away.
async fn one_that_dies() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let (read, mut write) = stream.into_split();
        let mut read = BufReader::new(read);
        let own = Greeting::new();
        write.write_all(&encode(&own).unwrap()).await.unwrap();
        let theirs: Proof = read_line(&mut read).await.unwrap().unwrap();
        let proof = Proof::new(&token(), Proof::AGENT, own.clone(), &own, &theirs.greeting);
        write.write_all(&encode(&proof).unwrap()).await.unwrap();
        let mut seal = super::seal::Seal::of(&token(), Proof::AGENT, &own, &theirs.greeting);
        seal.write(&mut write, &super::Answer::Ready).await.unwrap();
    });
    address
}

#[tokio::test]
async fn an_agent_that_goes_away_is_told_of_whoever_notices_first() {
    let remote = Remote::connect(&one_that_dies().await, &token(), &setting())
        .await
        .unwrap();
    let (order, mut told) = works(remote);
    // Orders that nobody reads: writing fails, or reading does.
    while order.send(Order::Leave { number: 2 }).await.is_ok() {}
    assert!(matches!(told.recv().await, Some(Err(_))));
}

#[tokio::test]
async fn which_server_may_be_tested_is_said_by_whoever_starts_the_agent() {
    use clap::{Args, FromArgMatches};
    let read = |more: &[&str]| {
        let arguments = ["agent", "--listen", "127.0.0.1:0", "--token-file", "x"];
        let command = AgentArgs::augment_args(clap::Command::new("agent"));
        let matches = command.try_get_matches_from([&arguments, more].concat())?;
        AgentArgs::from_arg_matches(&matches)
    };
    assert!(read(&[]).is_err());
    assert_eq!(read(&["--server", SERVER]).unwrap().server.as_deref(), Some(SERVER));
    assert!(read(&["--any-server"]).unwrap().any_server);
    assert!(read(&["--any-server", "--server", SERVER]).is_err());
}
