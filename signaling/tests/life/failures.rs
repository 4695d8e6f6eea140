//! What goes wrong with a server, and what people see of it.

use crate::house::{House, Running, free_port};
use crate::stage::{CHAIR, MEMBER, OTHER_MEMBER, Page, http, next};
use lika::clock::Clock;
use lika::journal::verify_file;
use lika::meeting::{Attendance, Choice, Command as Ask, Despite, ItemId, Phase, VoteState};
use lika::protocol::VoteView;
use lika::server::Server;
use rusqlite::Connection;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tokio::sync::oneshot;

/// The same people at their pages, on the server of now.
async fn back(house: &House, server: &Running, pages: [Page; 3]) -> [Page; 3] {
    let mut came = Vec::new();
    for page in pages {
        came.push(house.page(server, &page.cookie).await);
    }
    came.try_into().ok().unwrap()
}

#[tokio::test]
async fn killed_in_the_middle_of_a_meeting_nothing_accepted_is_lost() {
    let house = House::built();
    let server = house.start();
    let mut pages = house.in_session(&server, 0).await;
    pages[1].command(Ask::RequestFloor {}).await.unwrap();
    pages[2].command(Ask::RequestFloor {}).await.unwrap();
    server.kill();
    for page in &mut pages {
        // The connection breaks; the page says that it connects again.
        while next(&mut page.socket).await.is_some() {}
    }
    let server = house.start();
    let [mut chair, member, _] = back(&house, &server, pages).await;
    assert_eq!(chair.meeting.requests, [MEMBER, OTHER_MEMBER]);
    assert!(member.is(MEMBER, Attendance::Inside) && member.meeting.phase == Phase::Open);
    chair.command(Ask::GiveFloor { participant: MEMBER }).await.unwrap();
    assert!(server.stop().success());
    verify_file(&house.journal()).unwrap();
}

/// These pages have no pictures, which the chair has to give a reason for.
const DESPITE: Option<Despite> = Some(Despite::ConfirmedByMember);

fn vote(choice: Choice) -> Ask {
    Ask::Vote {
        choice,
        participant: None,
    }
}

fn vote_of(page: &Page) -> &VoteView {
    page.meeting.procedure.vote.as_ref().unwrap()
}

#[tokio::test]
async fn told_to_stop_during_a_vote_it_goes_on_with_the_votes_that_were_cast() {
    let house = House::built();
    let server = house.start();
    let mut pages = house.in_session(&server, 0).await;
    let [chair, member, _] = &mut pages;
    chair.command(Ask::BeginItem { item: ItemId(1) }).await.unwrap();
    chair.command(Ask::CloseDeliberation {}).await.unwrap();
    let participants = vec![CHAIR, MEMBER, OTHER_MEMBER];
    chair.command(Ask::ConfirmPresence { participants }).await.unwrap();
    let question = "Bifall till förslaget?".to_owned();
    chair.command(Ask::PutQuestion { question }).await.unwrap();
    chair.command(Ask::PauseForVote {}).await.unwrap();
    let open = Ask::OpenVote {
        yes: "Bifall".into(),
        no: "Avslag".into(),
        abstention: true,
        despite: DESPITE,
    };
    chair.command(open).await.unwrap();
    member.command(vote(Choice::Yes)).await.unwrap();
    assert!(server.stop().success());
    while next(&mut member.socket).await.is_some() {}

    let server = house.start();
    let [mut chair, mut member, mut other] = back(&house, &server, pages).await;
    assert_eq!(vote_of(&member).voted, [MEMBER]);
    assert_eq!(vote_of(&member).own, Some(Choice::Yes));
    assert_eq!(
        vote_of(&other).own,
        None,
        "nobody sees how others vote before it is closed"
    );
    if vote_of(&chair).state == VoteState::Suspended {
        chair.command(Ask::ResumeVote { despite: DESPITE }).await.unwrap();
        other.until(|page| vote_of(page).state == VoteState::Open).await;
    }
    other.command(vote(Choice::No)).await.unwrap();
    member.command(vote(Choice::No)).await.unwrap();
    chair.command(vote(Choice::Yes)).await.unwrap();
    chair.command(Ask::CloseVote { casting: None }).await.unwrap();
    member.until(|page| vote_of(page).state == VoteState::Closed).await;
    let result = [(CHAIR, Choice::Yes), (MEMBER, Choice::No), (OTHER_MEMBER, Choice::No)];
    assert_eq!(vote_of(&member).result, result);
    assert!(server.stop().success());
    verify_file(&house.journal()).unwrap();
}

#[tokio::test]
async fn a_second_server_on_the_same_data_is_refused_and_the_first_goes_on() {
    let house = House::built();
    let server = house.start();
    let [_, mut member, _] = house.in_session(&server, 0).await;
    let refused = house.refuses(&["serve"]);
    assert!(refused.contains("används redan av en annan lika"), "{refused}");
    assert!(refused.contains("already used by another lika"), "{refused}");
    member.command(Ask::RequestFloor {}).await.unwrap();
    assert!(house.says(&["drain", "--status"]).contains("In session: 1."));
}

#[test]
fn an_older_program_leaves_newer_data_alone() {
    let house = House::built();
    let set = |file: &str, version: i64| {
        let db = Connection::open(house.data_dir().join(file)).unwrap();
        let before: i64 = db.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
        db.pragma_update(None, "user_version", version).unwrap();
        before
    };
    let journal = set("journal.sqlite", 1000);
    let refused = house.refuses(&["serve"]);
    assert!(refused.contains("Uppdatera lika; inget har ändrats"), "{refused}");
    assert!(
        refused.contains("has format 1000") && refused.contains("nothing was changed"),
        "{refused}"
    );
    set("journal.sqlite", journal);
    let identities = set("identity.sqlite", 1000);
    let refused = house.refuses(&["serve"]);
    assert!(
        refused.contains("layout 1000") && refused.contains("update lika"),
        "{refused}"
    );
    set("identity.sqlite", identities);
    drop(house.start());
    verify_file(&house.journal()).unwrap();
}

/// A house with a provider at this address, and its page for logging in. Whoever watches can see that it led nowhere.
async fn sign_in_at(issuer: &str) -> (u16, String) {
    let mut house = House::built();
    let secret = house.directory.path().join("client.secret");
    std::fs::write(&secret, "0123456789").unwrap();
    let provider = format!(
        "id = 'bankid'\nname = 'BankID'\nfamily = 'swedish_oidc'\nissuer = '{issuer}'\nclient_id = 'lika'\n\
         client_secret_file = '{}'",
        secret.display()
    );
    house.config.identity.provider = vec![toml::from_str(&provider).unwrap()];
    house.config.identity.test_identities = false;
    house.config.metrics.listen.set_port(free_port());
    house.write_config();
    let server = house.start();
    // Whoever is inside notices nothing.
    let [_, mut member, _] = house.in_session(&server, 0).await;
    let request = http(&house.tls).get(server.url("/sign-in/bankid"));
    let answer = request.header("cookie", &member.cookie).send().await.unwrap();
    let answer = (answer.status().as_u16(), answer.text().await.unwrap());
    member.command(Ask::RequestFloor {}).await.unwrap();
    let watched = http(&house.tls).get(format!("http://{}/metrics", house.config.metrics.listen));
    let metrics = watched.send().await.unwrap().text().await.unwrap();
    assert!(
        metrics.contains("lika_sign_in_total{outcome=\"provider_down\"} 1\n"),
        "{metrics}"
    );
    answer
}

#[tokio::test]
async fn without_the_provider_people_are_told_and_invitations_still_work() {
    // Nobody listens there.
    let (status, page) = sign_in_at("https://127.0.0.1:1").await;
    assert_eq!(status, 503);
    assert!(page.contains("Leverantören av legitimering svarar inte"), "{page}");
    assert!(page.contains("The provider of the login does not answer"), "{page}");
}

#[tokio::test]
async fn without_dns_people_are_told_the_same() {
    // No name ends so (RFC 6761).
    let (status, page) = sign_in_at("https://idp.invalid").await;
    assert_eq!(status, 503);
    assert!(page.contains("Den som redan är inne påverkas inte"), "{page}");
}

#[tokio::test]
async fn a_clock_that_was_wrong_at_the_last_start_reorders_nothing() {
    const HOUR_MS: i64 = 60 * 60 * 1000;
    let house = House::built();
    let now_ms = Clock::system().now_ms();
    // Half an hour ahead, then set right, then an hour behind.
    for (at, wrong_ms) in [HOUR_MS / 2, 0, -HOUR_MS].into_iter().enumerate() {
        let jumped = Arc::new(AtomicI64::new(now_ms + wrong_ms));
        let clock = Arc::clone(&jumped);
        let server = Server::start(&house.config, Clock::of(move || clock.fetch_add(1, Ordering::Relaxed))).await;
        let server = server.unwrap();
        let tcp = server.tcp();
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = tokio::spawn(server.serve(async move {
            let _ = stopped.await;
        }));
        let who = [CHAIR, MEMBER, OTHER_MEMBER][at];
        let url = format!("https://localhost:{}{}", tcp.port(), house.invitation(0, who));
        let cookie = crate::stage::session_cookie(&http(&house.tls).get(url).send().await.unwrap());
        let page = Page::open(tcp, &house.tls, &cookie, &house.config.server.public_url).await;
        assert_eq!(page.you, who);
        drop((page, stop));
        serving.await.unwrap();
    }
    verify_file(&house.journal()).unwrap();
}
