//! Requests that are refused, and to whom that is told.

use crate::stage::{BACK_TO_OTHER, LOA2, LOA3, Stage, WITH_SECRET, changed, choice, essential, request, requesting};

/// What the client is told.
async fn told(form: crate::stage::Form) -> String {
    let stage = Stage::new().await;
    let answer = stage.browser().get(&stage.authorization(form)).await;
    assert_eq!(answer.redirected_with("state").unwrap(), "a state & more");
    assert_eq!(answer.redirected_with("iss").unwrap(), stage.issuer);
    assert_eq!(answer.redirected_with("code"), None);
    answer.redirected_with("error").unwrap()
}

/// Told to the person, and nowhere else.
async fn is_shown(form: crate::stage::Form) {
    let stage = Stage::new().await;
    let answer = stage.browser().get(&stage.authorization(form.clone())).await;
    assert_eq!((answer.status, answer.location), (400, None), "{form:?}");
}

#[tokio::test]
async fn nobody_is_sent_to_an_address_that_is_not_the_clients() {
    is_shown(changed(request(), "redirect_uri", None)).await;
    for address in [
        BACK_TO_OTHER,
        "https://lika.example/callback",
        "https://lika.example/callback?provider=test&more=1",
        "https://lika.example/callback?provider=test#",
        "https://lika.example.thief.example/callback?provider=test",
        "HTTPS://lika.example/callback?provider=test",
    ] {
        is_shown(requesting("redirect_uri", address)).await;
    }
}

#[tokio::test]
async fn an_unknown_client_is_told_nothing() {
    is_shown(requesting("client_id", "unknown")).await;
    is_shown(changed(request(), "client_id", None)).await;
    is_shown(requesting("client_id", WITH_SECRET)).await;
    is_shown(requesting("request_uri", "https://lika.example/request")).await;
    let mut twice = request();
    twice.push(("state", "another".into()));
    is_shown(twice).await;
}

#[tokio::test]
async fn pkce_is_required_and_not_in_plain() {
    for form in [
        changed(request(), "code_challenge", None),
        changed(request(), "code_challenge_method", None),
        requesting("code_challenge_method", "plain"),
        requesting("code_challenge", "short"),
        requesting("code_challenge", &"=".repeat(43)),
    ] {
        assert_eq!(told(form).await, "invalid_request");
    }
}

#[tokio::test]
async fn a_request_of_another_kind_is_refused() {
    for (name, value, error) in [
        ("response_type", "code id_token", "unsupported_response_type"),
        ("response_type", "token", "unsupported_response_type"),
        ("response_mode", "fragment", "invalid_request"),
        ("scope", "profile", "invalid_scope"),
        ("prompt", "none login", "invalid_request"),
        ("prompt", "dance", "invalid_request"),
        ("max_age", "-1", "invalid_request"),
        ("claims", "{", "invalid_request"),
    ] {
        assert_eq!(told(requesting(name, value)).await, error, "{name}={value}");
    }
}

#[tokio::test]
async fn without_a_session_nobody_signs_in_silently() {
    assert_eq!(told(requesting("prompt", "none")).await, "login_required");
}

#[tokio::test]
async fn a_silent_login_needs_a_session_that_is_young_and_high_enough() {
    let stage = Stage::new().await;
    let mut browser = stage.browser();
    stage.code(&mut browser).await;
    stage.wait(61);
    for (name, value) in [
        ("max_age", "60".to_owned()),
        (
            "claims",
            essential("http://id.elegnamnden.se/loa/1.0/loa4").pop().unwrap().1,
        ),
    ] {
        let form = changed(requesting("prompt", "none"), name, Some(&value));
        let answer = browser.get(&stage.authorization(form)).await;
        assert_eq!(answer.redirected_with("error").unwrap(), "login_required", "{name}");
    }
}

#[tokio::test]
async fn a_level_below_an_essential_one_is_told_as_not_met() {
    for (request, level, outcome) in [
        (essential(LOA3), "2", Some("unmet_authentication_requirements")),
        (essential(LOA3), "3", None),
        (essential(LOA2), "4", None),
        (requesting("acr_values", LOA3), "2", None),
    ] {
        let stage = Stage::new().await;
        let mut browser = stage.browser();
        let asked = browser.get(&stage.authorization(request)).await;
        let page = browser.follow(&asked).await;
        let back = browser.submit(&page, &choice(1, level)).await;
        assert_eq!(back.redirected_with("error").as_deref(), outcome);
        assert_eq!(back.redirected_with("code").is_none(), outcome.is_some());
        let silent = browser.get(&stage.authorization(requesting("prompt", "none"))).await;
        assert_eq!(
            silent.redirected_with("error").is_some(),
            outcome.is_some(),
            "a failed login is no session"
        );
    }
}

#[tokio::test]
async fn an_essential_level_that_is_not_offered_is_told_at_once() {
    let error = told(essential("urn:grn:authn:se:bankid")).await;
    assert_eq!(error, "unmet_authentication_requirements");
}
