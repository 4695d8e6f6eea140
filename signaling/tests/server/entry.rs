//! Invitations over HTTPS.

use crate::stage::{CHAIR, MEMBER, SECRETARY, Stage, session_cookie};
use lika_auth::Identity;
use reqwest::StatusCode;
use reqwest::header::{COOKIE, LOCATION, REFERRER_POLICY, SET_COOKIE};
use std::num::NonZeroU32;

#[tokio::test]
async fn an_invitation_becomes_a_session_and_leaves_the_address_bar() {
    let stage = Stage::set().await;
    let answer = stage.get(&stage.invitation(MEMBER)).await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    assert_eq!(answer.headers()[LOCATION], "/meeting");
    assert_eq!(answer.headers()[REFERRER_POLICY], "no-referrer");
    let cookie = answer.headers()[SET_COOKIE].to_str().unwrap();
    assert!(cookie.starts_with("__Host-lika="));
    for attribute in ["Secure", "HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(attribute), "{attribute} in {cookie}");
    }
    let page = stage.page_with(cookie.split(';').next().unwrap()).await;
    assert_eq!(page.you, MEMBER);
}

#[tokio::test]
async fn a_used_invitation_is_gone_for_everybody_but_its_browser() {
    let stage = Stage::set().await;
    let first = stage.get(&stage.invitation(MEMBER)).await;
    let elsewhere = stage.get(&stage.invitation(MEMBER)).await;
    assert_eq!(elsewhere.status(), StatusCode::GONE);
    assert!(!elsewhere.headers().contains_key(SET_COOKIE));
    let page = elsewhere.text().await.unwrap();
    assert!(
        page.contains("Inbjudan är redan använd") && page.contains("The invitation has been used"),
        "{page}"
    );

    let request = stage
        .http()
        .get(stage.url(&stage.invitation(MEMBER)))
        .header(COOKIE, session_cookie(&first));
    let again = request.send().await.unwrap();
    assert_eq!(again.status(), StatusCode::SEE_OTHER);
    assert_ne!(
        session_cookie(&again),
        session_cookie(&first),
        "the session is a new one"
    );
}

#[tokio::test]
async fn the_secretary_may_use_two_computers_and_no_third() {
    let stage = Stage::set().await;
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(stage.get(&stage.invitation(SECRETARY)).await.status());
    }
    assert_eq!(
        statuses,
        [StatusCode::SEE_OTHER, StatusCode::SEE_OTHER, StatusCode::GONE]
    );
}

#[tokio::test]
async fn a_wrong_invitation_is_not_found() {
    let stage = Stage::set().await;
    for wrong in ["/i/AAAAAAAAAAAAAAAAAAAAAA", "/i/short", "/i/%2e%2e%2f", "/i/"] {
        let answer = stage.get(wrong).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{wrong}");
        assert!(!answer.headers().contains_key(SET_COOKIE));
    }
}

#[tokio::test]
async fn an_expired_invitation_is_gone() {
    let stage = Stage::set_until(|_| {}, 0).await;
    let answer = stage.get(&stage.invitation(MEMBER)).await;
    assert_eq!(answer.status(), StatusCode::GONE);
    assert!(answer.text().await.unwrap().contains("Inbjudan har gått ut"));
}

#[tokio::test]
async fn a_revoked_invitation_is_gone_and_its_session_with_it() {
    let mut stage = Stage::set().await;
    let cookie = stage.sign_in(MEMBER).await;
    stage.stop().await;
    let mut data = lika::data::Data::open(stage.directory.path()).unwrap();
    data.identities
        .revoke(Identity {
            meeting: 1,
            participant: MEMBER.0,
        })
        .unwrap();
    drop(data);
    stage.start().await;
    assert_eq!(stage.get(&stage.invitation(MEMBER)).await.status(), StatusCode::GONE);
    let mut socket = stage.socket(Some(&cookie), crate::stage::ORIGIN_URL).await.unwrap();
    let reason = crate::stage::next_error(&mut socket).await;
    assert_eq!(reason, Some(lika::protocol::Refusal::SignedOut));
}

#[tokio::test]
async fn looking_at_a_link_does_not_use_it() {
    let stage = Stage::set().await;
    let url = stage.url(&stage.invitation(MEMBER));
    let head = stage.http().head(&url).send().await.unwrap();
    let prefetch = stage
        .http()
        .get(&url)
        .header("Sec-Purpose", "prefetch;prerender")
        .send()
        .await
        .unwrap();
    for answer in [head, prefetch] {
        assert!(!answer.headers().contains_key(SET_COOKIE));
    }
    assert_eq!(
        stage.get(&stage.invitation(MEMBER)).await.status(),
        StatusCode::SEE_OTHER
    );
}

#[tokio::test]
async fn who_tries_too_often_must_wait() {
    let two = NonZeroU32::new(2).unwrap();
    let stage = Stage::set_until(|config| config.limits.entries_per_minute = two, 3_600_000).await;
    for _ in 0..2 {
        assert_eq!(
            stage.get("/i/AAAAAAAAAAAAAAAAAAAAAA").await.status(),
            StatusCode::NOT_FOUND
        );
    }
    assert_eq!(
        stage.get(&stage.invitation(CHAIR)).await.status(),
        StatusCode::TOO_MANY_REQUESTS
    );
}
