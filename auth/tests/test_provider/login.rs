//! A login, from the request to the person.

use crate::stage::{
    BACK, CLIENT, LOA2, LOA3, START_S, STRANGER, Stage, VERIFIER, WITH_KEY, WITH_SECRET, challenge, changed, choice,
    essential, request, requesting,
};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::Algorithm;
use lika_auth::test_provider::{NUMBER_CLAIM, SigningAlgorithm, test_number};
use serde_json::{Value, json};

#[tokio::test]
async fn somebody_signs_in() {
    let stage = Stage::new().await;
    let mut browser = stage.browser();
    let asked = browser.get(&stage.authorization(request())).await;
    let page = browser.follow(&asked).await;
    let back = browser.submit(&page, &choice(7, "3")).await;
    assert!(back.location.as_ref().unwrap().starts_with(BACK));
    assert_eq!(back.redirected_with("state").unwrap(), "a state & more");
    assert_eq!(back.redirected_with("iss").unwrap(), stage.issuer);

    stage.wait(2);
    let tokens = stage
        .token(stage.exchange(&back.redirected_with("code").unwrap()))
        .await;
    assert_eq!(
        (tokens.status, tokens.cache_control.as_deref()),
        (200, Some("no-store"))
    );
    let tokens = tokens.json();
    let id_token = stage
        .verified(tokens["id_token"].as_str().unwrap(), Algorithm::ES256)
        .await;
    let access_token = tokens["access_token"].as_str().unwrap();
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, access_token.as_bytes());
    for (claim, value) in [
        ("nonce", json!("a nonce")),
        ("acr", json!(LOA3)),
        ("name", json!("Ledamot 7")),
        (NUMBER_CLAIM, json!(test_number(7))),
        ("groups", json!(["Kommunfullmäktige"])),
        ("iat", json!(START_S + 2)),
        ("auth_time", json!(START_S)),
        ("exp", json!(START_S + 302)),
        ("at_hash", json!(URL_SAFE_NO_PAD.encode(&hash.as_ref()[..16]))),
    ] {
        assert_eq!(id_token[claim], value, "{claim}");
    }

    let user_info = browser
        .send(browser.with_header(&stage.at("userinfo"), &[], &format!("Bearer {access_token}")))
        .await
        .json();
    assert_eq!(user_info["sub"], id_token["sub"]);
    assert_eq!(user_info[NUMBER_CLAIM], json!(test_number(7)));
    assert_eq!(user_info["name"], "Ledamot 7");
}

#[tokio::test]
async fn tokens_can_be_signed_with_rsa_and_keys_change() {
    let stage = Stage::with(SigningAlgorithm::Rs256, None).await;
    let sign_in = async || {
        let code = stage.code(&mut stage.browser()).await;
        stage.token(stage.exchange(&code)).await.json()["id_token"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let first = sign_in().await;
    stage.provider.rotate().unwrap();
    let second = sign_in().await;
    let id = |token: &str| jsonwebtoken::decode_header(token).unwrap().kid;
    assert_ne!(id(&first), id(&second));
    stage.verified(&first, Algorithm::RS256).await;
    stage.verified(&second, Algorithm::RS256).await;
    let keys = stage.browser().get(&stage.at("jwks")).await.json();
    assert_eq!(keys["keys"][0]["kid"].as_str(), id(&second).as_deref());
    assert_eq!(keys["keys"][0]["d"], Value::Null);
}

#[tokio::test]
async fn the_metadata_says_what_is_offered() {
    let stage = Stage::new().await;
    let metadata = stage
        .browser()
        .get(&stage.at(".well-known/openid-configuration"))
        .await
        .json();
    assert_eq!(metadata["issuer"], json!(stage.issuer));
    assert_eq!(metadata["authorization_response_iss_parameter_supported"], json!(true));
    assert_eq!(metadata["require_pushed_authorization_requests"], json!(false));
    assert_eq!(metadata["id_token_signing_alg_values_supported"], json!(["ES256"]));
    assert!(
        metadata["acr_values_supported"]
            .as_array()
            .unwrap()
            .contains(&json!(LOA3))
    );
    for (name, address) in metadata.as_object().unwrap() {
        if name.ends_with("_endpoint") || name == "jwks_uri" {
            assert_ne!(
                stage.browser().get(address.as_str().unwrap()).await.status,
                404,
                "{name}"
            );
        }
    }
}

#[tokio::test]
async fn a_pushed_request_is_used_once() {
    let stage = Stage::new().await;
    let mut form = request();
    form.extend(stage.proof());
    let pushed = stage.browser().post(&stage.at("par"), &form).await;
    assert_eq!((pushed.status, pushed.json()["expires_in"].as_i64()), (201, Some(60)));
    let uri = pushed.json()["request_uri"].as_str().unwrap().to_owned();
    let by_uri = |client: &str| stage.authorization(vec![("client_id", client.into()), ("request_uri", uri.clone())]);

    let others = stage.browser().get(&by_uri(WITH_SECRET)).await;
    assert_eq!(others.status, 400);
    let mut browser = stage.browser();
    let asked = browser.get(&by_uri(WITH_KEY)).await;
    let page = browser.follow(&asked).await;
    assert_eq!(browser.follow(&asked).await.status, 200, "the page can be loaded again");
    let again = stage.browser().get(&by_uri(WITH_KEY)).await;
    assert!(again.status == 400 && again.body.contains("invalid_request_uri"));
    let back = browser.submit(&page, &choice(1, "4")).await;
    assert!(back.redirected_with("code").is_some());
}

#[tokio::test]
async fn a_pushed_request_expires_and_a_bad_one_is_refused_at_once() {
    let stage = Stage::new().await;
    let push = async |mut form: Vec<(&'static str, String)>| {
        form.extend(stage.proof());
        stage.browser().post(&stage.at("par"), &form).await
    };
    let uri = push(request()).await.json()["request_uri"].as_str().unwrap().to_owned();
    stage.wait(60);
    let late = stage.authorization(vec![("client_id", WITH_KEY.into()), ("request_uri", uri)]);
    assert_eq!(stage.browser().get(&late).await.status, 400);
    let wrong = push(requesting("redirect_uri", "https://lika.example/elsewhere")).await;
    assert_eq!(wrong.error(), (400, "invalid_request".into()));
    let unproven = stage.browser().post(&stage.at("par"), &request()).await;
    assert_eq!(unproven.error(), (401, "invalid_client".into()));
}

fn request_object(stage: &Stage) -> Value {
    let mut claims = json!({
        "iss": WITH_KEY,
        "aud": stage.issuer,
        "exp": stage.now_s() + 60,
        "max_age": 300,
        "claims": { "id_token": { "acr": { "essential": true, "values": [LOA2] } } },
    });
    for (name, value) in request() {
        claims[name] = json!(value);
    }
    claims
}

#[tokio::test]
async fn of_a_signed_request_the_object_alone_counts() {
    let stage = Stage::new().await;
    let mut object = request_object(&stage);
    object["state"] = json!("signed");
    let sent = vec![
        ("client_id", WITH_KEY.to_owned()),
        ("redirect_uri", "https://thief.example/".into()),
        ("state", "not signed".into()),
        ("request", CLIENT.sign(&object)),
    ];
    let mut browser = stage.browser();
    let asked = browser.get(&stage.authorization(sent)).await;
    let page = browser.follow(&asked).await;
    let back = browser.submit(&page, &choice(1, "2")).await;
    assert!(back.location.as_ref().unwrap().starts_with(BACK));
    assert_eq!(back.redirected_with("state").unwrap(), "signed");
}

#[tokio::test]
async fn a_request_object_is_the_clients_own_for_this_provider_and_now() {
    let stage = Stage::new().await;
    let good = request_object(&stage);
    let with = |name: &str, value: Value| {
        let mut object = good.clone();
        object[name] = value;
        object
    };
    let mut without_audience = good.clone();
    without_audience.as_object_mut().unwrap().remove("aud");
    let bad = [
        STRANGER.sign(&good),
        CLIENT.sign(&with("client_id", json!(WITH_SECRET))),
        CLIENT.sign(&with("iss", json!(WITH_SECRET))),
        CLIENT.sign(&with("aud", json!("https://elsewhere.example"))),
        CLIENT.sign(&with("exp", json!(stage.now_s()))),
        CLIENT.sign(&with("nbf", json!(stage.now_s() + 60))),
        CLIENT.sign(&without_audience),
        "nonsense".into(),
        jsonwebtoken::encode(
            &jsonwebtoken::Header::new(Algorithm::HS256),
            &good,
            &jsonwebtoken::EncodingKey::from_secret(CLIENT.public_pem.as_bytes()),
        )
        .unwrap(),
    ];
    for object in bad {
        let sent = vec![("client_id", WITH_KEY.to_owned()), ("request", object.clone())];
        let answer = stage.browser().get(&stage.authorization(sent)).await;
        assert!(
            answer.status == 400 && answer.body.contains("invalid_request_object"),
            "{object}"
        );
    }
}

#[tokio::test]
async fn whoever_is_signed_in_is_not_asked_again_unless_the_client_wants_it() {
    let stage = Stage::new().await;
    let mut browser = stage.browser();
    stage.code(&mut browser).await;
    let mut is_asked = async |form| {
        browser
            .get(&stage.authorization(form))
            .await
            .redirected_with("code")
            .is_none()
    };
    stage.wait(100);
    assert!(!is_asked(request()).await);
    assert!(!is_asked(requesting("prompt", "none")).await);
    assert!(!is_asked(requesting("max_age", "100")).await);
    assert!(!is_asked(essential(LOA2)).await);
    assert!(is_asked(requesting("max_age", "99")).await);
    assert!(is_asked(requesting("prompt", "login")).await);
    assert!(is_asked(essential("http://id.elegnamnden.se/loa/1.0/loa4")).await);
}

#[tokio::test]
async fn a_new_login_has_its_own_time_and_a_reused_one_has_not() {
    let stage = Stage::new().await;
    let mut browser = stage.browser();
    stage.code(&mut browser).await;
    stage.wait(100);
    let back = browser.get(&stage.authorization(request())).await;
    let reused = stage
        .token(stage.exchange(&back.redirected_with("code").unwrap()))
        .await
        .json();
    let reused = stage
        .verified(reused["id_token"].as_str().unwrap(), Algorithm::ES256)
        .await;
    assert_eq!(reused["auth_time"], json!(START_S));

    let asked = browser.get(&stage.authorization(requesting("prompt", "login"))).await;
    let page = browser.follow(&asked).await;
    let back = browser.submit(&page, &choice(7, "3")).await;
    let anew = stage
        .token(stage.exchange(&back.redirected_with("code").unwrap()))
        .await
        .json();
    let anew = stage
        .verified(anew["id_token"].as_str().unwrap(), Algorithm::ES256)
        .await;
    assert_eq!(anew["auth_time"], json!(START_S + 100));
    assert_ne!(anew["sid"], reused["sid"]);
    assert_eq!(anew["sub"], reused["sub"]);
}

#[tokio::test]
async fn the_cookie_changes_at_login_and_is_for_the_browser_alone() {
    let stage = Stage::new().await;
    let mut browser = stage.browser();
    let asked = browser.get(&stage.authorization(request())).await;
    let before = browser.cookie.clone().unwrap();
    let page = browser.follow(&asked).await;
    let back = browser.submit(&page, &choice(7, "3")).await;
    assert_ne!(browser.cookie.clone().unwrap(), before);
    for answer in [asked, back] {
        let cookie = answer.set_cookie.unwrap();
        assert!(cookie.starts_with("__Host-"));
        for attribute in ["Path=/", "Secure", "HttpOnly", "SameSite=Lax"] {
            assert!(cookie.split("; ").any(|part| part == attribute), "{cookie}");
        }
    }
}

#[tokio::test]
async fn who_is_no_longer_among_the_people_is_not_signed_in() {
    let stage = Stage::new().await;
    let mut browser = stage.browser();
    let code = stage.code(&mut browser).await;
    stage.provider.set_people(vec![]);
    let silent = browser.get(&stage.authorization(requesting("prompt", "none"))).await;
    assert_eq!(silent.redirected_with("error").unwrap(), "login_required");
    assert_eq!(
        stage.token(stage.exchange(&code)).await.error(),
        (400, "invalid_grant".into())
    );
}

#[tokio::test]
async fn a_client_with_a_secret_signs_somebody_in() {
    let stage = Stage::new().await;
    let form = changed(request(), "client_id", Some(WITH_SECRET));
    let form = changed(form, "redirect_uri", Some(crate::stage::BACK_TO_OTHER));
    for by_header in [true, false] {
        let mut browser = stage.browser();
        let asked = browser.get(&stage.authorization(form.clone())).await;
        let page = browser.follow(&asked).await;
        let back = browser.submit(&page, &choice(2, "2")).await;
        let mut exchange = crate::stage::unproven_exchange(&back.redirected_with("code").unwrap());
        exchange = changed(exchange, "redirect_uri", Some(crate::stage::BACK_TO_OTHER));
        let secret = stage.secret.reveal();
        let tokens = if by_header {
            let basic = format!("Basic {}", STANDARD.encode(format!("other+service:{}", *secret)));
            browser
                .send(browser.with_header(&stage.at("token"), &exchange, &basic))
                .await
        } else {
            exchange.push(("client_id", WITH_SECRET.into()));
            exchange.push(("client_secret", secret.to_string()));
            stage.token(exchange).await
        };
        assert_eq!(tokens.status, 200, "{}", tokens.body);
    }
}

#[test]
fn the_challenge_is_that_of_the_standard() {
    // RFC 7636 appendix B.
    assert_eq!(
        challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
        "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    );
    assert!((43..=128).contains(&VERIFIER.len()));
}
