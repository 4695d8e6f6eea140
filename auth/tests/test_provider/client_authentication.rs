//! How clients fail to be themselves.

use crate::stage::{CLIENT, STRANGER, Stage, WITH_KEY, WITH_SECRET, proof, unproven_exchange};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

async fn with_assertion(stage: &Stage, assertion: String) -> (u16, String) {
    let mut form = unproven_exchange("a code that does not matter");
    form.extend(proof(assertion));
    stage.token(form).await.error()
}

const NOT_ITSELF: u16 = 401;

#[tokio::test]
async fn an_assertion_is_for_this_provider_and_for_a_short_while() {
    let stage = Stage::new().await;
    let now_s = stage.now_s();
    for (claim, value) in [
        ("aud", json!("https://elsewhere.example")),
        ("aud", json!([stage.issuer, "https://elsewhere.example"])),
        ("aud", Value::Null),
        ("exp", json!(now_s)),
        ("exp", json!(now_s + 301)),
        ("exp", json!("soon")),
        ("exp", Value::Null),
        ("nbf", json!(now_s + 10)),
        ("jti", Value::Null),
        ("iss", json!(WITH_SECRET)),
        ("iss", Value::Null),
        ("sub", json!(WITH_SECRET)),
        ("sub", json!("unknown")),
        ("sub", Value::Null),
    ] {
        let mut claims = stage.assertion();
        claims[claim] = value.clone();
        let (status, error) = with_assertion(&stage, CLIENT.sign(&claims)).await;
        assert_eq!(
            (status, error.as_str()),
            (NOT_ITSELF, "invalid_client"),
            "{claim} {value}"
        );
    }
}

#[tokio::test]
async fn an_assertion_may_be_for_the_issuer_or_the_token_endpoint() {
    let stage = Stage::new().await;
    for audience in [json!(stage.issuer), json!([stage.issuer]), json!(stage.at("token"))] {
        let mut claims = stage.assertion();
        claims["aud"] = audience;
        assert_eq!(with_assertion(&stage, CLIENT.sign(&claims)).await.1, "invalid_grant");
    }
}

#[tokio::test]
async fn an_assertion_is_used_once() {
    let stage = Stage::new().await;
    let assertion = CLIENT.sign(&stage.assertion());
    assert_eq!(with_assertion(&stage, assertion.clone()).await.1, "invalid_grant");
    assert_eq!(with_assertion(&stage, assertion).await.0, NOT_ITSELF);
}

#[tokio::test]
async fn an_assertion_is_signed_with_the_clients_key() {
    let stage = Stage::new().await;
    let claims = stage.assertion();
    let with_public_key = EncodingKey::from_secret(CLIENT.public_pem.as_bytes());
    let confused = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &with_public_key).unwrap();
    let unsigned = format!("{}.", CLIENT.sign(&claims).rsplit_once('.').unwrap().0);
    for assertion in [STRANGER.sign(&claims), confused, unsigned, "nonsense".into()] {
        assert_eq!(with_assertion(&stage, assertion).await.0, NOT_ITSELF);
    }
    let mut of_the_other = claims;
    of_the_other["iss"] = json!(WITH_SECRET);
    of_the_other["sub"] = json!(WITH_SECRET);
    assert_eq!(with_assertion(&stage, CLIENT.sign(&of_the_other)).await.0, NOT_ITSELF);
}

#[tokio::test]
async fn a_secret_is_the_clients_own() {
    let stage = Stage::new().await;
    let wrong = lika_auth::Secret::<32>::random().unwrap().reveal().to_string();
    let right = stage.secret.reveal().to_string();
    for (id, secret) in [
        (WITH_SECRET, wrong.as_str()),
        (WITH_SECRET, "nonsense"),
        (WITH_KEY, right.as_str()),
        ("unknown", right.as_str()),
    ] {
        let mut form = unproven_exchange("x");
        form.extend([("client_id", id.to_owned()), ("client_secret", secret.to_owned())]);
        assert_eq!(stage.token(form).await.error(), (NOT_ITSELF, "invalid_client".into()));
    }
    assert_eq!(stage.token(unproven_exchange("x")).await.error().0, NOT_ITSELF);
}

#[tokio::test]
async fn a_client_proves_itself_in_one_way_and_is_one() {
    let stage = Stage::new().await;
    let mut both = stage.exchange("x");
    both.push(("client_secret", stage.secret.reveal().to_string()));
    assert_eq!(stage.token(both).await.error(), (400, "invalid_request".into()));
    let mut other = stage.exchange("x");
    other.push(("client_id", WITH_SECRET.into()));
    assert_eq!(stage.token(other).await.error(), (400, "invalid_request".into()));
}
