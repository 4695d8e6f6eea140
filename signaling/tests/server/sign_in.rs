//! Logging in by way of the test provider, over real sockets.

use crate::stage::{CHAIR, GUEST, MEMBER, OTHER_MEMBER, SECRETARY, Stage};
use lika::meeting::{Attendance, Command, ItemId, Obstacle, ParticipantId, pause};
use lika::protocol::Refusal;
use lika_auth::Assurance;
use reqwest::StatusCode;
use std::path::{Path, PathBuf};

const SECRET_ITEM: ItemId = ItemId(2);

fn number(ParticipantId(participant): ParticipantId) -> u32 {
    participant
}

#[tokio::test]
async fn an_invitation_and_a_login_make_a_session_that_proves_who_it_is() {
    let stage = Stage::for_logins().await;
    let mut browser = stage.browser();
    browser.get(&stage.invitation(MEMBER)).await;
    let invited = browser.session();
    let answer = browser.logs_in(number(MEMBER), 3).await;
    assert_eq!(
        (answer.status, answer.location.as_deref()),
        (StatusCode::SEE_OTHER, Some("/meeting"))
    );
    assert_ne!(browser.session(), invited, "the session has another token");
    assert!(!browser.cookies.contains_key("__Host-lika-login"), "the login is over");
    let mut page = stage.page_with(&browser.session()).await;
    page.until(|view| view.own().assurance == Assurance::Loa3).await;
    let old = stage.socket(Some(&invited), &stage.config.server.public_url).await;
    let refused = crate::stage::next_error(&mut old.unwrap()).await;
    assert_eq!(refused, Some(Refusal::SignedOut), "the token from before the login");
}

#[tokio::test]
async fn who_comes_without_an_invitation_is_known_by_their_identity() {
    let stage = Stage::for_logins().await;
    let mut browser = stage.browser();
    let answer = browser.logs_in(number(OTHER_MEMBER), 3).await;
    assert_eq!(answer.location.as_deref(), Some("/meeting"));
    let page = stage.page_with(&browser.session()).await;
    assert_eq!(page.you, OTHER_MEMBER);
}

#[tokio::test]
async fn another_persons_identity_waits_in_the_lobby_and_chair_and_secretary_see_it() {
    let stage = Stage::for_logins().await;
    let mut browser = stage.browser();
    browser.get(&stage.invitation(MEMBER)).await;
    browser.logs_in(number(OTHER_MEMBER), 4).await;
    let mut chair = stage.page(CHAIR).await;
    let mut page = stage.page_with(&browser.session()).await;
    page.until(|view| view.own().obstacle == Some(Obstacle::Mismatched {}))
        .await;
    let seen = |view: &crate::stage::Page| {
        view.identity(MEMBER)
            .is_some_and(|one| one.obstacle == Some(Obstacle::Mismatched {}))
    };
    chair.until(seen).await;
    let admit = Command::Admit { participant: MEMBER };
    assert_eq!(chair.command(admit).await, Err(Refusal::IdentityNeeded));
    page.until(|view| view.is(MEMBER, Attendance::Lobby)).await;
}

#[tokio::test]
async fn a_callback_is_good_once_and_in_its_own_browser() {
    let stage = Stage::for_logins().await;
    let mut browser = stage.browser();
    let callback = browser.chooses(number(MEMBER), 3).await;
    let mut thief = stage.browser();
    let stolen = thief.get(&callback).await;
    assert!(stolen.body.contains("i en annan webbläsare"), "{}", stolen.body);
    assert!(!thief.cookies.contains_key("__Host-lika"));
    // Login CSRF: another browser with a login of its own under way.
    let mut victim = stage.browser();
    victim.get("/sign-in/test").await;
    let callback = browser.chooses(number(MEMBER), 3).await;
    let forced = victim.get(&callback).await;
    assert_eq!(forced.status, StatusCode::BAD_REQUEST);
    assert!(!victim.cookies.contains_key("__Host-lika"));
    let burnt = browser.get(&callback).await;
    assert!(
        burnt.body.contains("gäller inte längre"),
        "what leaked is good for nothing more"
    );
    let callback = browser.chooses(number(MEMBER), 3).await;
    assert_eq!(browser.get(&callback).await.status, StatusCode::SEE_OTHER);
    let binding = ("__Host-lika-login".to_owned(), "x".to_owned());
    browser.cookies.extend([binding]);
    assert_eq!(browser.get(&callback).await.status, StatusCode::BAD_REQUEST, "replayed");
}

#[tokio::test]
async fn a_level_that_is_too_low_is_told_with_what_to_do() {
    let stage = Stage::for_logins().await;
    let mut browser = stage.browser();
    browser.get(&stage.invitation(MEMBER)).await;
    let answer = browser.logs_in(number(MEMBER), 2).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(
        answer.body.contains("räcker inte") && answer.body.contains("not enough"),
        "{}",
        answer.body
    );
    let page = stage.page_with(&browser.session()).await;
    assert_eq!(
        page.own().assurance,
        Assurance::Open,
        "the invitation's session goes on as it was"
    );
}

#[tokio::test]
async fn a_login_in_another_tab_brings_a_member_into_the_secret_item() {
    let stage = Stage::for_logins().await;
    let mut chairs = stage.browser();
    chairs.get(&stage.invitation(CHAIR)).await;
    chairs.logs_in(number(CHAIR), 3).await;
    let mut chair = stage.page_with(&chairs.session()).await;
    let mut members = stage.browser();
    members.get(&stage.invitation(MEMBER)).await;
    let mut member = stage.page_with(&members.session()).await;
    chair.until(|view| view.is(MEMBER, Attendance::Lobby)).await;
    chair.command(Command::AdmitAll {}).await.unwrap();
    chair.command(Command::Open {}).await.unwrap();
    member.until(|view| view.is(CHAIR, Attendance::Inside)).await;

    let begin = Command::BeginItem { item: SECRET_ITEM };
    let reason = pause::Reason::Identify;
    member.command(Command::Pause { reason }).await.unwrap();
    // The tablet puts the page aside while its person signs, and it comes back.
    let mut member = stage.page_resuming(&members.session(), member).await;
    assert_eq!(chair.command(begin.clone()).await, Err(Refusal::SomebodyIdentifies));
    let done = members.logs_in(number(MEMBER), 3).await;
    assert_eq!(done.status, StatusCode::OK);
    assert!(done.body.contains("Du är legitimerad"), "{}", done.body);
    member.until(|view| view.own().assurance == Assurance::Loa3).await;
    chair.command(begin).await.unwrap();
    member.until(|view| view.meeting.item == Some(SECRET_ITEM)).await;
}

#[tokio::test]
async fn who_has_only_the_invitation_is_moved_out_of_the_secret_item_and_told_nothing_of_it() {
    let stage = Stage::for_logins().await;
    let mut chairs = stage.browser();
    chairs.get(&stage.invitation(CHAIR)).await;
    chairs.logs_in(number(CHAIR), 3).await;
    let mut chair = stage.page_with(&chairs.session()).await;
    let mut member = stage.page(MEMBER).await;
    chair.until(|view| view.is(MEMBER, Attendance::Lobby)).await;
    chair.command(Command::AdmitAll {}).await.unwrap();
    chair.command(Command::Open {}).await.unwrap();
    member.until(|view| view.is(MEMBER, Attendance::Inside)).await;
    chair.command(Command::BeginItem { item: SECRET_ITEM }).await.unwrap();
    member.until(|view| view.is(MEMBER, Attendance::Lobby)).await;
    assert_eq!((member.meeting.item, member.meeting.items.len()), (None, 0));
    assert_eq!(member.meeting.participants.len(), 1);
    chair.command(Command::EndItem {}).await.unwrap();
    member.until(|view| view.is(CHAIR, Attendance::Inside)).await;
}

#[tokio::test]
async fn a_guest_of_one_item_has_no_session_after_it() {
    let stage = Stage::for_logins().await;
    let mut chair = stage.page(CHAIR).await;
    let mut guests = stage.browser();
    guests.get(&stage.invitation(GUEST)).await;
    let mut guest = stage.page_with(&guests.session()).await;
    chair.until(|view| view.is(GUEST, Attendance::Lobby)).await;
    chair.command(Command::Open {}).await.unwrap();
    chair.command(Command::BeginItem { item: ItemId(1) }).await.unwrap();
    chair.command(Command::Admit { participant: GUEST }).await.unwrap();
    guest.until(|view| view.is(CHAIR, Attendance::Inside)).await;
    chair.command(Command::EndItem {}).await.unwrap();
    guest.until(|view| view.is(GUEST, Attendance::Dismissed)).await;
    let mut again = stage
        .socket(Some(&guests.session()), &stage.config.server.public_url)
        .await
        .unwrap();
    assert_eq!(crate::stage::next_error(&mut again).await, Some(Refusal::SignedOut));
    assert_eq!(guests.get(&stage.invitation(GUEST)).await.status, StatusCode::GONE);
}

#[tokio::test]
async fn a_revocation_beside_the_running_server_ends_the_page_within_a_second() {
    let stage = Stage::for_logins().await;
    let mut page = stage.page(MEMBER).await;
    let database = stage.directory.path().join(lika::data::IDENTITIES);
    let whom = lika_auth::Identity {
        meeting: 1,
        participant: MEMBER.0,
    };
    lika_auth::IdentityStore::open(&database).unwrap().revoke(whom).unwrap();
    assert_eq!(
        crate::stage::next_error(&mut page.socket).await,
        Some(Refusal::SignedOut)
    );
}

#[tokio::test]
async fn signing_out_ends_the_session_and_its_page_and_only_this_sites_pages_can_do_it() {
    let stage = Stage::for_logins().await;
    let mut browser = stage.browser();
    browser.logs_in(number(MEMBER), 3).await;
    let mut page = stage.page_with(&browser.session()).await;
    let session = browser.session();
    let foreign = browser.post("/sign-out", &[], "https://elsewhere.example").await;
    assert_eq!(foreign.status, StatusCode::FORBIDDEN);
    let origin = stage.config.server.public_url.clone();
    let out = browser.post("/sign-out", &[], &origin).await;
    assert_eq!(out.status, StatusCode::OK);
    assert!(out.body.contains("/test-identities/end-session"), "{}", out.body);
    assert_eq!(
        crate::stage::next_error(&mut page.socket).await,
        Some(Refusal::SignedOut)
    );
    let mut again = stage.socket(Some(&session), &origin).await.unwrap();
    assert_eq!(crate::stage::next_error(&mut again).await, Some(Refusal::SignedOut));
}

#[tokio::test]
async fn a_logout_at_the_provider_ends_the_session_and_its_page() {
    let stage = Stage::for_logins().await;
    let mut browser = stage.browser();
    browser.logs_in(number(SECRETARY), 3).await;
    let mut page = stage.page_with(&browser.session()).await;
    let confirm = browser.get("/test-identities/end-session").await;
    let form: Vec<_> = crate::browser::hidden_fields(&confirm.body);
    let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (&**name, &**value)).collect();
    let origin = stage.config.server.public_url.clone();
    browser.post("/test-identities/log-out", &form, &origin).await;
    assert_eq!(
        crate::stage::next_error(&mut page.socket).await,
        Some(Refusal::SignedOut)
    );
}

#[tokio::test]
async fn a_forged_logout_token_ends_nothing() {
    let stage = Stage::for_logins().await;
    let mut browser = stage.browser();
    browser.logs_in(number(MEMBER), 3).await;
    for token in ["", "x.y.z", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0."] {
        let answer = browser
            .post("/sign-in/test/logout", &[("logout_token", token)], "null")
            .await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    }
    assert_eq!(stage.page_with(&browser.session()).await.you, MEMBER);
}

#[tokio::test]
async fn no_address_of_the_login_leads_anywhere_else() {
    let stage = Stage::for_logins().await;
    let mut browser = stage.browser();
    for address in [
        "/sign-in/elsewhere",
        "/sign-in/https:%2F%2Felsewhere.example",
        "/sign-in/test/callback?state=x&code=y",
        "/sign-in/test/callback",
        "/sign-in/elsewhere/callback?state=x&code=y",
    ] {
        let answer = browser.get(address).await;
        assert!(answer.status.is_client_error(), "{address}: {answer:?}");
        assert_eq!(answer.location, None, "{address}");
    }
    let begun = browser.get("/sign-in/test?next=https://elsewhere.example").await;
    let to = begun.location.unwrap();
    assert!(
        to.starts_with(&stage.url("/test-identities/authorize")) && !to.contains("elsewhere"),
        "{to}"
    );
}

#[tokio::test]
async fn the_address_of_a_login_shows_neither_number_nor_token() {
    let stage = Stage::for_logins().await;
    let mut browser = stage.browser();
    let callback = browser.chooses(number(MEMBER), 3).await;
    let answer = browser.get(&callback).await;
    let shown = format!("{} {:?} {}", answer.address, answer.location, answer.body);
    let identity = lika_auth::test_provider::test_number(number(MEMBER));
    assert!(!shown.contains(&identity));
    for path in files_in(stage.directory.path()) {
        let bytes = std::fs::read(&path).unwrap();
        let found = bytes
            .windows(identity.len())
            .any(|window| window == identity.as_bytes());
        assert!(!found, "{} has the number", path.display());
    }
}

/// Every file of a directory, at any depth.
fn files_in(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let (directories, mut files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
    // Not the socket.
    files.retain(|path| path.is_file());
    files.extend(directories.iter().flat_map(|directory| files_in(directory)));
    files
}

#[tokio::test]
async fn too_many_logins_from_one_address_wait() {
    let stage = Stage::for_logins().await;
    let mut browser = stage.browser();
    let mut last = StatusCode::OK;
    for _ in 0..=stage.config.limits.entries_per_minute.get() {
        last = browser.get("/sign-in/elsewhere").await.status;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
}
