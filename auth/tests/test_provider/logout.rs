//! Logging out, and telling the clients.

use crate::stage::{BACK_AFTER_LOGOUT, LOA3, START_S, Stage, WITH_KEY, WITH_SECRET, requesting};
use axum::routing::post;
use jsonwebtoken::Algorithm;
use lika_auth::test_provider::SigningAlgorithm;
use serde_json::json;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// A client that listens for logouts; its address, and what it is told.
async fn listening() -> (String, UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/logged-out", listener.local_addr().unwrap());
    let (sender, received) = unbounded_channel();
    let hear = post(async move |body: String| {
        sender.send(body).unwrap();
    });
    let routes = axum::Router::new().route("/logged-out", hear);
    tokio::spawn(async move { axum::serve(listener, routes).await });
    (address, received)
}

#[tokio::test]
async fn the_client_is_told_that_somebody_has_logged_out() {
    let (address, mut heard) = listening().await;
    let stage = Stage::with(SigningAlgorithm::Es256, Some(address)).await;
    let mut browser = stage.browser();
    let code = stage.code(&mut browser).await;
    let tokens = stage.token(stage.exchange(&code)).await.json();
    let id_token = tokens["id_token"].as_str().unwrap();
    let claims = stage.verified(id_token, Algorithm::ES256).await;

    let query = format!("id_token_hint={id_token}&post_logout_redirect_uri={BACK_AFTER_LOGOUT}&state=s");
    let page = browser.get(&stage.at(&format!("end-session?{query}"))).await;
    assert!(page.body.contains("Ledamot 7"));
    let silent = browser.get(&stage.authorization(requesting("prompt", "none"))).await;
    assert!(silent.redirected_with("code").is_some(), "nothing has happened yet");
    let back = browser.submit(&page, &[]).await;
    assert_eq!(back.location.unwrap(), format!("{BACK_AFTER_LOGOUT}?state=s"));

    let body = heard.recv().await.unwrap();
    let token = body.strip_prefix("logout_token=").unwrap();
    assert_eq!(
        jsonwebtoken::decode_header(token).unwrap().typ.as_deref(),
        Some("logout+jwt")
    );
    let told = stage.verified(token, Algorithm::ES256).await;
    assert_eq!((&told["sub"], &told["sid"]), (&claims["sub"], &claims["sid"]));
    assert_eq!(
        told["events"],
        json!({ "http://schemas.openid.net/event/backchannel-logout": {} })
    );
    assert_eq!((&told["iat"], &told["exp"]), (&json!(START_S), &json!(START_S + 120)));
    assert!(told["jti"].is_string() && !told.contains_key("nonce"));

    let silent = browser.get(&stage.authorization(requesting("prompt", "none"))).await;
    assert_eq!(silent.redirected_with("error").unwrap(), "login_required");
    assert!(heard.try_recv().is_err(), "once");
}

#[tokio::test]
async fn somebody_who_is_not_signed_in_is_sent_on_at_once() {
    let stage = Stage::new().await;
    let query = format!("end-session?client_id={WITH_KEY}&post_logout_redirect_uri={BACK_AFTER_LOGOUT}");
    let back = stage.browser().get(&stage.at(&query)).await;
    assert_eq!(back.location.as_deref(), Some(BACK_AFTER_LOGOUT));
    let nowhere = stage.browser().get(&stage.at("end-session")).await;
    assert!(nowhere.status == 200 && nowhere.body.contains("Du är utloggad"));
}

#[tokio::test]
async fn nobody_is_sent_to_an_address_that_is_not_registered() {
    let stage = Stage::new().await;
    let mut browser = stage.browser();
    let code = stage.code(&mut browser).await;
    let id_token = stage.token(stage.exchange(&code)).await.json()["id_token"]
        .as_str()
        .unwrap()
        .to_owned();
    for query in [
        format!("client_id={WITH_KEY}&post_logout_redirect_uri=https://thief.example/"),
        format!("client_id={WITH_SECRET}&post_logout_redirect_uri={BACK_AFTER_LOGOUT}"),
        format!("client_id=unknown&post_logout_redirect_uri={BACK_AFTER_LOGOUT}"),
        format!("post_logout_redirect_uri={BACK_AFTER_LOGOUT}"),
        format!("client_id={WITH_SECRET}&id_token_hint={id_token}"),
        "id_token_hint=nonsense".into(),
    ] {
        let answer = browser.get(&stage.at(&format!("end-session?{query}"))).await;
        assert_eq!((answer.status, answer.location), (400, None), "{query}");
    }
}

#[tokio::test]
async fn nobody_else_can_log_somebody_out() {
    let stage = Stage::new().await;
    let mut browser = stage.browser();
    stage.code(&mut browser).await;
    assert_eq!(browser.post(&stage.at("log-out"), &[]).await.status, 403);
    let silent = browser.get(&stage.authorization(requesting("prompt", "none"))).await;
    assert!(silent.redirected_with("code").is_some());
}

/// Waits for as long as the provider does, which is seconds.
#[tokio::test]
async fn a_client_that_is_silent_or_gone_keeps_nobody_signed_in() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    for address in [silent.local_addr().unwrap(), gone] {
        let stage = Stage::with(SigningAlgorithm::Es256, Some(format!("http://{address}/"))).await;
        let mut browser = stage.browser();
        stage.code(&mut browser).await;
        let page = browser.get(&stage.at("end-session")).await;
        let began = Instant::now();
        let done = browser.submit(&page, &[]).await;
        assert!(began.elapsed() < Duration::from_secs(10));
        assert!(done.body.contains("Du är utloggad"));
        let silent = browser.get(&stage.authorization(requesting("prompt", "none"))).await;
        assert_eq!(silent.redirected_with("error").unwrap(), "login_required");
    }
}

#[tokio::test]
async fn a_client_that_came_later_by_the_same_login_is_known_too() {
    let (address, mut heard) = listening().await;
    let stage = Stage::with(SigningAlgorithm::Es256, Some(address)).await;
    let mut browser = stage.browser();
    stage.code(&mut browser).await;
    let again = browser.get(&stage.authorization(requesting("acr_values", LOA3))).await;
    assert!(again.redirected_with("code").is_some());
    let page = browser.get(&stage.at("end-session")).await;
    browser.submit(&page, &[]).await;
    assert!(heard.recv().await.is_some());
    assert!(heard.try_recv().is_err(), "each client is told once");
}
