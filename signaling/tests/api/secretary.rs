//! The secretary's page, as a browser without script uses it.

use crate::browser::{Answer, Browser, hidden_fields};
use crate::calls::next_year;
use crate::stage::Stage;
use icalendar::{Calendar, Component as _};
use lika::journal::Reader;
use lika::meeting::{Event, MeetingId, Rulebook};
use lika::test_identities::ADMINISTRATOR;
use reqwest::{Method, StatusCode};
use std::sync::LazyLock;

const ROSTER: &str = "Roll;Namn;Parti;E-post\nOrdförande;Ordförande <1>;Parti A;\nLedamot;Ledamot 2;Parti B;\n";

/// A secretary who has come in with the machine's token.
async fn secretary(stage: &Stage, token: &str) -> Browser {
    let mut browser = stage.browser();
    let form = browser.get("/admin").await;
    assert_eq!(form.location.as_deref(), Some("/admin/sign-in"));
    let origin = stage.config.server.public_url.clone();
    let answer = browser.post("/admin/sign-in", &[("token", token)], &origin).await;
    assert_eq!(
        (answer.status, answer.location.as_deref()),
        (StatusCode::SEE_OTHER, Some("/admin"))
    );
    browser
}

/// The form, filled in and sent as a browser does.
async fn convene(stage: &Stage, browser: &mut Browser, fields: &[(&str, &str)]) -> Answer {
    let page = browser.get("/admin/meetings/new").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    let hidden = hidden_fields(&page.body);
    let mut all: Vec<(&str, &str)> = hidden.iter().map(|(name, value)| (&**name, &**value)).collect();
    all.extend(fields);
    let origin = stage.config.server.public_url.clone();
    post_multipart(browser, "/admin/meetings", &all, &origin).await
}

/// `multipart/form-data` (RFC 7578).
async fn post_multipart(browser: &mut Browser, path: &str, fields: &[(&str, &str)], origin: &str) -> Answer {
    let field = |(name, value): &(&str, &str)| {
        format!("--a-boundary\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let body = fields.iter().map(field).collect::<String>() + "--a-boundary--\r\n";
    browser
        .post_as(path, "multipart/form-data; boundary=a-boundary", &body, origin)
        .await
}

/// The first of March next year.
static DATE: LazyLock<String> = LazyLock::new(|| format!("{}-03-01", next_year()));

const MEETING: [(&str, &str); 7] = [
    ("title", "Nämnden & budgeten"),
    ("body", "Nämnden"),
    ("starts", "18:00"),
    ("ends", "20:30"),
    ("place", "Sessionssalen"),
    ("requires", "open"),
    ("agenda", "Budget\n* Upphandling\n"),
];

fn with_roster<'a>(name: &'a str, roster: &'a str) -> Vec<(&'a str, &'a str)> {
    MEETING.into_iter().chain([("date", &**DATE), (name, roster)]).collect()
}

/// The links that a page shows.
fn links(page: &str) -> impl Iterator<Item = &str> {
    let links = page.split("readonly value=\"").skip(1);
    links.map(|rest| rest.split('"').next().unwrap())
}

#[tokio::test]
async fn a_meeting_is_convened_with_a_spreadsheet_and_its_links_lead_in() {
    let (stage, token) = Stage::with_administrators().await;
    let mut browser = secretary(&stage, &token).await;
    let fields = with_roster("roster_file", ROSTER);
    let page = convene(&stage, &mut browser, &fields).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    assert!(
        page.body.contains("Sammanträdet är kallat") && page.body.contains("E-post"),
        "{}",
        page.body
    );
    assert!(page.body.contains("Ordförande &lt;1&gt;") && !page.body.contains("Ordförande <1>"));
    let links: Vec<_> = links(&page.body).collect();
    assert_eq!(links.len(), 2);
    let tokens = hidden_fields(&page.body);
    let origin = stage.config.server.public_url.clone();
    // All of them as a table, one as a calendar file.
    let table = browser
        .post("/admin/meetings/2/links", &[("tokens", &tokens[0].1)], &origin)
        .await;
    assert!(
        table.body.starts_with('\u{feff}') && table.body.lines().count() == 3,
        "{}",
        table.body
    );
    assert!(links.iter().all(|link| table.body.contains(link)), "{}", table.body);
    let file = browser
        .post("/admin/meetings/2/calendar", &[("tokens", &tokens[2].1)], &origin)
        .await;
    let calendar: Calendar = file.body.parse().unwrap();
    let event = calendar.events().next().unwrap();
    assert_eq!(event.get_summary(), Some("Nämnden & budgeten"));
    assert_eq!(event.get_url(), Some(links[1]));
    let ends = format!("{}T193000Z", DATE.replace('-', ""));
    assert_eq!(event.property_value("DTEND"), Some(&*ends));
    // What the page tells of it afterwards.
    let list = browser.get("/admin").await.body;
    assert!(
        list.contains("Nämnden &amp; budgeten") && list.contains(&format!("{} 18:00–20:30", *DATE)),
        "{list}"
    );
    let shown = browser.get("/admin/meetings/2").await.body;
    assert!(
        shown.contains("Upphandling (sekretess)") && shown.contains("Ledamot 2"),
        "{shown}"
    );
    assert!(!shown.contains("/i/"), "no link is shown twice");
    let mut member = stage.browser();
    assert_eq!(member.get(links[1]).await.location.as_deref(), Some("/meeting"));
}

#[tokio::test]
async fn pasted_rows_that_are_wrong_are_told_in_a_table_and_the_form_keeps_what_was_written() {
    let (stage, token) = Stage::with_administrators().await;
    let mut browser = secretary(&stage, &token).await;
    let rows = "Roll\tNamn\nOrdförande\tA\n<b>\tB\nLedamot\t\n";
    let page = convene(&stage, &mut browser, &with_roster("roster_text", rows)).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    for told in [
        "role=\"alert\"",
        "Sammanträdet är inte kallat",
        "<th scope=\"row\">3</th><td>Roll</td><td>&lt;b&gt;</td>",
        "<th scope=\"row\">4</th><td>Namn</td>",
        "value=\"Nämnden &amp; budgeten\"",
        "value=\"18:00\"",
        "&lt;b&gt;\tB",
    ] {
        assert!(page.body.contains(told), "{told} is not in {}", page.body);
    }
    let nothing = convene(&stage, &mut browser, &with_roster("roster_text", "")).await;
    assert!(nothing.body.contains("Välj en fil"), "{}", nothing.body);
    let mut backwards = with_roster("roster_text", ROSTER);
    backwards.retain(|(name, _)| *name != "ends");
    backwards.push(("ends", "17:00"));
    let backwards = convene(&stage, &mut browser, &backwards).await;
    assert!(backwards.body.contains("måste sluta"), "{}", backwards.body);
    let list = browser.get("/admin").await.body;
    assert!(!list.contains("/admin/meetings/2"), "no meeting came of it");
}

/// The rulebook that a meeting was convened with.
fn rulebook(stage: &Stage, meeting: u64) -> Rulebook {
    let journal = Reader::open(&stage.config.storage.data_dir).unwrap();
    match journal.read(MeetingId(meeting)).unwrap().swap_remove(0).event {
        Event::Created { rulebook, .. } => rulebook,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_rules_of_the_standing_orders_reach_the_meeting() {
    let (stage, token) = Stage::with_administrators().await;
    let mut browser = secretary(&stage, &token).await;
    let form = browser.get("/admin/meetings/new").await.body;
    assert!(form.contains("<details>\n<summary>Regler som skiljer sig"), "{form}");
    assert!(form.contains("name=\"reconnect_limit_minutes\" min=\"0\" max=\"255\" value=\"5\""));
    let usual = convene(&stage, &mut browser, &with_roster("roster_text", ROSTER)).await;
    assert_eq!(usual.status, StatusCode::OK, "{}", usual.body);
    assert_eq!(rulebook(&stage, 2), Rulebook::default());

    let mut fields = with_roster("roster_text", ROSTER);
    fields.extend([
        ("reconnect_limit_minutes", "15"),
        ("adjournment_limit_minutes", "256"),
        ("return_when_party_changed", "never"),
        ("council", "yes"),
    ]);
    let wrong = convene(&stage, &mut browser, &fields).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    for told in [
        "heltal från 0 till 255",
        "<details open>",
        "value=\"256\"",
        "value=\"never\" selected",
    ] {
        assert!(wrong.body.contains(told), "{told} is not in {}", wrong.body);
    }
    fields.push(("adjournment_limit_minutes", "0"));
    let right = convene(&stage, &mut browser, &fields).await;
    assert_eq!(right.status, StatusCode::OK, "{}", right.body);
    let expected = Rulebook {
        reconnect_limit_minutes: 15,
        adjournment_limit_minutes: 0,
        return_when_party_changed: false,
        council: true,
    };
    assert_eq!(rulebook(&stage, 3), expected);
}

#[tokio::test]
async fn a_form_sent_twice_convenes_one_meeting() {
    let (stage, token) = Stage::with_administrators().await;
    let mut browser = secretary(&stage, &token).await;
    let mut fields = with_roster("roster_text", ROSTER);
    fields.push(("key", "the same"));
    let origin = stage.config.server.public_url.clone();
    let first = post_multipart(&mut browser, "/admin/meetings", &fields, &origin).await;
    assert_eq!(first.status, StatusCode::OK, "{}", first.body);
    let second = post_multipart(&mut browser, "/admin/meetings", &fields, &origin).await;
    assert_eq!(second.location.as_deref(), Some("/admin/meetings/2?before=1"));
    let told = browser.follow(second).await;
    assert!(told.body.contains("länkarna visades då"), "{}", told.body);
}

#[tokio::test]
async fn a_form_gone_back_to_and_changed_is_another_meeting() {
    let (stage, token) = Stage::with_administrators().await;
    let mut browser = secretary(&stage, &token).await;
    let mut fields = with_roster("roster_text", ROSTER);
    fields.push(("key", "the same"));
    let origin = stage.config.server.public_url.clone();
    let first = post_multipart(&mut browser, "/admin/meetings", &fields, &origin).await;
    assert_eq!(first.status, StatusCode::OK, "{}", first.body);
    fields[0].1 = "Nämnden i april";
    let told = post_multipart(&mut browser, "/admin/meetings", &fields, &origin).await;
    assert_eq!(told.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(told.body.contains("Formuläret har redan skickats"), "{}", told.body);
    let key = hidden_fields(&told.body)
        .into_iter()
        .find(|(name, _)| name == "key")
        .unwrap()
        .1;
    *fields.last_mut().unwrap() = ("key", &key);
    let second = post_multipart(&mut browser, "/admin/meetings", &fields, &origin).await;
    assert!(second.body.contains("Sammanträdet är kallat"), "{}", second.body);
    assert!(browser.get("/admin/meetings/3").await.body.contains("Nämnden i april"));
}

#[tokio::test]
async fn everybody_gets_a_new_link_but_whoever_was_revoked() {
    let (stage, token) = Stage::with_administrators().await;
    let mut browser = secretary(&stage, &token).await;
    let origin = stage.config.server.public_url.clone();
    browser
        .post("/admin/meetings/1/participants/3/revoke", &[], &origin)
        .await;
    let people = browser.get("/admin/meetings/1").await.body.matches("/revoke\"").count();
    let page = browser.post("/admin/meetings/1/invitations", &[], &origin).await;
    let links: Vec<_> = links(&page.body).map(str::to_owned).collect();
    assert_eq!(links.len(), people - 1, "{}", page.body);
    assert!(!page.body.contains("Ledamot 1<"), "{}", page.body);
    let entered = stage.browser().get(&links[0]).await;
    assert_eq!(entered.location.as_deref(), Some("/meeting"));
    assert_eq!(
        browser
            .post("/admin/meetings/99/invitations", &[], &origin)
            .await
            .status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn what_cannot_be_read_is_told_in_words() {
    let (stage, token) = Stage::with_administrators().await;
    let mut browser = secretary(&stage, &token).await;
    let origin = stage.config.server.public_url.clone();
    for path in [
        "/admin/meetings/x",
        "/admin?before=x",
        "/admin/meetings/1?revoked=x",
        "/admin/meetings/99/export",
        "/admin/meetings/x/report",
        "/admin/meetings/1/export?secret=perhaps",
    ] {
        let answer = browser.get(path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert!(answer.body.contains("Det finns inte."), "{path}: {}", answer.body);
    }
    let untimed = browser.get("/admin/meetings/1/calendar").await;
    assert_eq!(untimed.status, StatusCode::CONFLICT);
    assert!(untimed.body.contains("Ingen tid angiven"), "{}", untimed.body);
    let file = "Ledamot;Ledamot 2;;\n".repeat(40_000);
    let large = convene(&stage, &mut browser, &with_roster("roster_file", &file)).await;
    assert_eq!(large.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(large.body.contains("512 KiB"), "{}", large.body);
    for (path, body) in [("/admin/meetings", "--"), ("/admin/meetings/1/links", "x=y")] {
        let unread = browser.post_text(path, body, &origin).await;
        assert!(
            unread.status.is_client_error() && unread.body.contains("går inte att läsa"),
            "{path}: {}",
            unread.body
        );
    }
}

#[tokio::test]
async fn an_invitation_is_made_anew_and_revoked_after_a_question() {
    let (stage, token) = Stage::with_administrators().await;
    let mut browser = secretary(&stage, &token).await;
    let origin = stage.config.server.public_url.clone();
    let page = browser
        .post("/admin/meetings/1/participants/3/link", &[], &origin)
        .await;
    assert!(page.body.contains("Ny länk: Ledamot 1"), "{}", page.body);
    let link = links(&page.body).next().unwrap().to_owned();
    let question = browser.get("/admin/meetings/1/participants/3/revoke").await;
    assert!(
        question.body.contains("Återkalla inbjudan till Ledamot 1?"),
        "{}",
        question.body
    );
    let revoked = browser
        .post("/admin/meetings/1/participants/3/revoke", &[], &origin)
        .await;
    let told = browser.follow(revoked).await;
    assert!(
        told.body.contains("Ledamot 1: Inbjudan är återkallad."),
        "{}",
        told.body
    );
    assert_eq!(stage.browser().get(&link).await.status, StatusCode::GONE);
    for path in ["/admin/meetings/99", "/admin/meetings/1/participants/99/revoke"] {
        assert_eq!(browser.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn the_records_are_downloaded_with_the_pages_own_cookie() {
    let (stage, token) = Stage::with_administrators().await;
    let mut browser = secretary(&stage, &token).await;
    let shown = browser.get("/admin/meetings/1").await.body;
    let addresses = shown
        .split("href=\"/admin/meetings/1/")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap());
    let addresses: Vec<_> = addresses
        .filter(|address| !address.starts_with("participants"))
        .map(|address| format!("/admin/meetings/1/{address}"))
        .collect();
    assert_eq!(
        addresses.len(),
        4,
        "a meeting without a time has no calendar file: {addresses:?}"
    );
    for address in addresses {
        let cookie = format!("__Host-lika-admin={}", browser.cookies["__Host-lika-admin"]);
        let file = stage.call(Method::GET, &address).header("cookie", &cookie).send().await;
        assert_eq!(file.status, StatusCode::OK, "{address}");
        assert!(
            !file.bytes.is_empty() && file.headers.contains_key("content-disposition"),
            "{address}"
        );
    }
}

#[tokio::test]
async fn nobody_else_comes_in_and_no_other_site_sends_its_forms() {
    let (stage, token) = Stage::with_administrators().await;
    let mut stranger = stage.browser();
    let origin = stage.config.server.public_url.clone();
    for path in [
        "/admin",
        "/admin/meetings/new",
        "/admin/meetings/1",
        "/admin/meetings/1/participants/3/revoke",
    ] {
        assert_eq!(
            stranger.get(path).await.location.as_deref(),
            Some("/admin/sign-in"),
            "{path}"
        );
    }
    for path in [
        "/admin/meetings",
        "/admin/meetings/1/links",
        "/admin/meetings/1/calendar",
        "/admin/meetings/1/participants/3/link",
        "/admin/meetings/1/participants/3/revoke",
    ] {
        let turned = stranger.post(path, &[("tokens", "")], &origin).await;
        assert_eq!(turned.status, StatusCode::UNAUTHORIZED, "{path}");
        assert!(
            turned.body.contains("Du har loggats ut") && turned.body.contains("You have been logged out"),
            "{}",
            turned.body
        );
    }
    let wrong = stranger.post("/admin/sign-in", &[("token", "wrong")], &origin).await;
    assert_eq!(wrong.status, StatusCode::FORBIDDEN);
    assert!(wrong.body.contains("Nyckeln stämmer inte"), "{}", wrong.body);
    let elsewhere = "https://elsewhere.example";
    let foreign = stranger.post("/admin/sign-in", &[("token", &token)], elsewhere).await;
    assert_eq!(foreign.status, StatusCode::FORBIDDEN);
    assert!(stranger.cookies.is_empty());
    let mut browser = secretary(&stage, &token).await;
    let foreign = browser
        .post("/admin/meetings/1/participants/3/revoke", &[], elsewhere)
        .await;
    assert_eq!(foreign.status, StatusCode::FORBIDDEN);
    browser.post("/admin/sign-out", &[], &origin).await;
    assert_eq!(browser.get("/admin").await.location.as_deref(), Some("/admin/sign-in"));
}

#[tokio::test]
async fn the_group_of_the_login_comes_in_and_reads_english_if_it_likes() {
    let (stage, _) = Stage::with_administrators().await;
    let mut browser = stage.browser();
    let arrived = browser.logs_in(ADMINISTRATOR, 3).await;
    assert!(arrived.body.contains("href=\"/admin\""), "{}", arrived.body);
    let swedish = browser.get("/admin").await.body;
    assert!(
        swedish.contains("<html lang=\"sv\">") && swedish.contains("Kalla till sammanträde"),
        "{swedish}"
    );
    let chosen = browser.get("/admin/language/en").await;
    let english = browser.follow(chosen).await.body;
    assert!(
        english.contains("<html lang=\"en\">") && english.contains("Convene a meeting"),
        "{english}"
    );
}
