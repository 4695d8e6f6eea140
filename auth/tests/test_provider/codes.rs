//! Codes that are not exchanged.

use crate::browser::Browser;
use crate::stage::{BACK_TO_OTHER, Stage, WITH_SECRET, changed, choice, request, unproven_exchange};

async fn is_no_code(stage: &Stage, form: crate::stage::Form) {
    let answer = stage.token(form.clone()).await;
    assert_eq!(answer.error(), (400, "invalid_grant".into()), "{form:?}");
}

#[tokio::test]
async fn a_code_is_exchanged_once_and_its_token_ends_when_it_comes_again() {
    let stage = Stage::new().await;
    let code = stage.code(&mut stage.browser()).await;
    let tokens = stage.token(stage.exchange(&code)).await.json();
    let token = format!("Bearer {}", tokens["access_token"].as_str().unwrap());
    let mut browser = stage.browser();
    let mut user_info = async || {
        browser
            .send(browser.with_header(&stage.at("userinfo"), &[], &token))
            .await
            .status
    };
    assert_eq!(user_info().await, 200);
    is_no_code(&stage, stage.exchange(&code)).await;
    assert_eq!(user_info().await, 401);
    is_no_code(&stage, stage.exchange(&code)).await;
}

#[tokio::test]
async fn a_code_is_good_for_a_minute() {
    let stage = Stage::new().await;
    let mut browser = stage.browser();
    let (in_time, late) = (stage.code(&mut browser).await, stage.code(&mut stage.browser()).await);
    stage.wait(59);
    assert_eq!(stage.token(stage.exchange(&in_time)).await.status, 200);
    stage.wait(1);
    is_no_code(&stage, stage.exchange(&late)).await;
}

#[tokio::test]
async fn a_code_is_for_one_client_one_address_and_one_verifier() {
    let stage = Stage::new().await;
    let others = async |mut form: crate::stage::Form| {
        form.push(("client_id", WITH_SECRET.into()));
        form.push(("client_secret", stage.secret.reveal().to_string()));
        is_no_code(&stage, form).await;
    };
    others(unproven_exchange(&stage.code(&mut stage.browser()).await)).await;

    let good = stage.code(&mut stage.browser()).await;
    for (name, value) in [
        ("redirect_uri", Some(BACK_TO_OTHER)),
        ("redirect_uri", None),
        ("code_verifier", Some("another-verifier-of-forty-three-characters!")),
        ("code_verifier", None),
        ("code_verifier", Some("short")),
    ] {
        let code = stage.code(&mut stage.browser()).await;
        is_no_code(&stage, changed(stage.exchange(&code), name, value)).await;
    }
    assert_eq!(stage.token(stage.exchange(&good)).await.status, 200);
}

#[tokio::test]
async fn a_code_shown_wrongly_is_used_up() {
    let stage = Stage::new().await;
    let code = stage.code(&mut stage.browser()).await;
    is_no_code(&stage, changed(stage.exchange(&code), "code_verifier", None)).await;
    is_no_code(&stage, stage.exchange(&code)).await;
}

#[tokio::test]
async fn nothing_but_codes_is_exchanged() {
    let stage = Stage::new().await;
    let form = changed(stage.exchange("x"), "grant_type", Some("password"));
    assert_eq!(stage.token(form).await.error(), (400, "unsupported_grant_type".into()));
    is_no_code(&stage, stage.exchange("nonsense")).await;
}

#[tokio::test]
async fn an_access_token_ends_after_five_minutes() {
    let stage = Stage::new().await;
    let code = stage.code(&mut stage.browser()).await;
    let tokens = stage.token(stage.exchange(&code)).await.json();
    let mut browser = stage.browser();
    let mut user_info = async |header: &str| {
        let answer = browser
            .send(browser.with_header(&stage.at("userinfo"), &[], header))
            .await;
        answer.status
    };
    let token = tokens["access_token"].as_str().unwrap();
    assert_eq!(user_info(&format!("Bearer {token}")).await, 200);
    assert_eq!(user_info(&format!("Basic {token}")).await, 401);
    assert_eq!(user_info("Bearer nonsense").await, 401);
    stage.wait(300);
    assert_eq!(user_info(&format!("Bearer {token}")).await, 401);
}

/// The newest requests of a flood are kept, and the provider still works.
#[tokio::test]
async fn a_flood_of_requests_pushes_out_the_oldest() {
    let stage = Stage::new().await;
    let mut first = stage.browser();
    let asked = first.get(&stage.authorization(request())).await;
    let page = first.follow(&asked).await;
    let address = stage.authorization(request());
    stage.wait(1);
    let mut flood: Browser = stage.browser();
    for _ in 0..2_000 {
        flood.get(&address).await;
    }
    let over = first.submit(&page, &choice(1, "3")).await;
    assert_eq!(over.status, 400, "its transaction made room");
    stage.code(&mut first).await;
}
