//! What a person sees, and what a page of somebody else cannot do.

use crate::browser::{Answer, Browser};
use crate::stage::{Form, Stage, changed, choice, people, request, requesting};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lika_auth::test_provider::TestPerson;
use serde_json::json;

const HOSTILE: &str = r#"<script>alert("1")</script>' onclick='x"#;

async fn page(stage: &Stage, browser: &mut Browser, form: Form) -> Answer {
    let asked = browser.get(&stage.authorization(form)).await;
    browser.follow(&asked).await
}

#[tokio::test]
async fn the_page_says_that_nothing_is_real_and_offers_everybody() {
    let stage = Stage::new().await;
    let page = page(&stage, &mut stage.browser(), request()).await;
    assert_eq!((page.status, page.cache_control.as_deref()), (200, Some("no-store")));
    assert!(page.body.contains("Testlegitimering – inte BankID"));
    assert!(page.body.contains("Identiteten är inte äkta"));
    assert!(page.body.contains("<html lang=\"sv\">"));
    for person in people() {
        assert!(page.body.contains(&person.name) && page.body.contains(&person.number));
    }
}

#[tokio::test]
async fn the_page_obeys_a_strict_content_security_policy() {
    let stage = Stage::new().await;
    let page = page(&stage, &mut stage.browser(), request()).await;
    for forbidden in ["<script", "<style", " style=", " onclick=", "http:", "https:"] {
        assert!(!page.body.contains(forbidden), "{forbidden}");
    }
    assert!(page.body.contains("href=\"/test-identities/page.css\""));
    let style = stage.browser().get(&stage.at("page.css")).await;
    assert!(style.status == 200 && !style.body.contains("url("));
}

#[tokio::test]
async fn the_language_wanted_comes_first() {
    let stage = Stage::new().await;
    let english = page(&stage, &mut stage.browser(), requesting("ui_locales", "en-GB sv")).await;
    assert!(english.body.contains("<html lang=\"en\">"));
    assert!(english.body.find("Identify").unwrap() < english.body.find("Legitimera").unwrap());
}

#[tokio::test]
async fn the_level_asked_for_is_ticked() {
    let stage = Stage::new().await;
    for (form, level) in [(request(), "3"), (crate::stage::essential(crate::stage::LOA2), "2")] {
        let page = page(&stage, &mut stage.browser(), form).await;
        assert!(page.body.contains(&format!("value=\"{level}\" required checked")));
        assert_eq!(page.body.matches(" checked").count(), 1);
    }
}

#[tokio::test]
async fn the_clients_message_is_shown() {
    let stage = Stage::new().await;
    let text = "Kommunfullmäktige: legitimera dig för ärende 7";
    let message = json!({ "message": STANDARD.encode(text), "mime_type": "text/plain" }).to_string();
    let name = "https://id.oidc.se/param/userMessage";
    let shown = page(&stage, &mut stage.browser(), requesting(name, &message)).await;
    assert!(shown.body.contains(text));
}

#[tokio::test]
async fn nothing_that_comes_from_elsewhere_becomes_part_of_the_page() {
    let stage = Stage::new().await;
    stage.provider.set_people(vec![TestPerson {
        number: HOSTILE.into(),
        name: HOSTILE.into(),
        groups: vec![],
    }]);
    let message = json!({ "message": STANDARD.encode(HOSTILE) }).to_string();
    let name = "https://id.oidc.se/param/userMessage";
    let mut browser = stage.browser();
    let shown = page(&stage, &mut browser, requesting(name, &message)).await;
    assert!(!shown.body.contains("<script") && !shown.body.contains("' onclick"));
    assert_eq!(shown.body.matches("&lt;script&gt;").count(), 4);

    let back = browser
        .submit(&shown, &changed(choice(1, "3"), "person", Some(HOSTILE)))
        .await;
    assert!(back.redirected_with("code").is_some());
    let logout = format!(
        "end-session?state={HOSTILE}&post_logout_redirect_uri={}",
        crate::stage::BACK_AFTER_LOGOUT
    );
    let logout = browser.get(&stage.at(&format!("{logout}&client_id=lika"))).await;
    assert!(logout.body.contains("&lt;script&gt;") && !logout.body.contains("<script"));
    let refused = stage
        .browser()
        .get(&stage.at(&format!("authorize?client_id={HOSTILE}")))
        .await;
    assert!(!refused.body.contains("<script"));
}

#[tokio::test]
async fn who_cancels_is_sent_back_without_a_code() {
    let stage = Stage::new().await;
    let mut browser = stage.browser();
    let page = page(&stage, &mut browser, request()).await;
    let back = browser.submit(&page, &[("decision", "cancel".into())]).await;
    assert_eq!(back.redirected_with("error").unwrap(), "access_denied");
    assert_eq!(back.redirected_with("state").unwrap(), "a state & more");
    assert_eq!(back.set_cookie, None);
    assert_eq!(
        browser.submit(&page, &choice(1, "3")).await.status,
        400,
        "that was the answer"
    );
}

#[tokio::test]
async fn a_form_without_the_pages_token_is_refused() {
    let stage = Stage::new().await;
    let mut browser = stage.browser();
    let page = page(&stage, &mut browser, request()).await;
    let hidden = page.hidden();
    let transaction = hidden
        .iter()
        .find(|(name, _)| *name == "transaction")
        .unwrap()
        .1
        .clone();
    let mut forged = choice(1, "3");
    forged.push(("transaction", transaction));
    assert_eq!(browser.post(&page.action(), &forged).await.status, 403);
    let another = lika_auth::Secret::<32>::random().unwrap().reveal().to_string();
    forged.push(("form_token", another));
    assert_eq!(browser.post(&page.action(), &forged).await.status, 403);
    let mut without_cookie = stage.browser();
    assert_eq!(without_cookie.submit(&page, &choice(1, "3")).await.status, 403);
    let good = browser.submit(&page, &choice(1, "3")).await;
    assert!(
        good.redirected_with("code").is_some(),
        "the attempts have spoilt nothing"
    );
}

#[tokio::test]
async fn a_page_is_for_the_browser_that_asked() {
    let stage = Stage::new().await;
    let (mut member, mut thief) = (stage.browser(), stage.browser());
    let asked = member.get(&stage.authorization(request())).await;
    let own = page(&stage, &mut thief, request()).await;
    assert_eq!(thief.follow(&asked).await.status, 400);
    let members = member.follow(&asked).await;
    let transaction = |page: &Answer| {
        page.hidden()
            .into_iter()
            .find(|(name, _)| *name == "transaction")
            .unwrap()
            .1
    };
    let mut form: Vec<_> = own.hidden();
    form.retain(|(name, _)| *name != "transaction");
    form.push(("transaction", transaction(&members)));
    form.extend(choice(1, "3"));
    assert_eq!(thief.post(&own.action(), &form).await.status, 400);
}

#[tokio::test]
async fn only_those_listed_and_levels_there_are_can_be_chosen() {
    let stage = Stage::new().await;
    let mut browser = stage.browser();
    let page = page(&stage, &mut browser, request()).await;
    for form in [
        changed(choice(1, "3"), "person", Some("189001019999")),
        changed(choice(1, "3"), "person", None),
        choice(1, "5"),
        changed(choice(1, "3"), "level", None),
    ] {
        assert_eq!(browser.submit(&page, &form).await.status, 400);
    }
}

#[tokio::test]
async fn a_page_left_open_for_too_long_is_over() {
    let stage = Stage::new().await;
    let mut browser = stage.browser();
    let page = page(&stage, &mut browser, request()).await;
    stage.wait(600);
    let late = browser.submit(&page, &choice(1, "3")).await;
    assert!(late.status == 400 && late.body.contains("börja om"));
}
