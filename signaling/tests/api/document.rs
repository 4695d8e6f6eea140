//! The document that describes the API, and that the server does what it says.

use crate::calls::token;
use crate::stage::Stage;
use lika_auth::Scope;
use reqwest::{Method, StatusCode};
use serde_json::Value;
use std::path::Path;

fn drawn() -> String {
    let document = lika::http::api::document().to_pretty_json().unwrap();
    document + "\n"
}

#[test]
fn the_document_in_docs_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/openapi.json");
    if std::env::var_os("LIKA_WRITE_DOCS").is_some() {
        std::fs::write(&path, drawn()).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == drawn(),
        "draw it anew: LIKA_WRITE_DOCS=1 cargo test -p lika --test api"
    );
}

#[tokio::test]
async fn the_server_tells_the_same_document_to_everybody() {
    let stage = Stage::set().await;
    let served = stage.call(Method::GET, "/api/openapi.json").send().await;
    assert_eq!((served.status, &*served.kind), (StatusCode::OK, "application/json"));
    assert_eq!(served.json(), serde_json::from_str::<Value>(&drawn()).unwrap());
}

#[tokio::test]
async fn every_address_answers_as_the_document_says_and_takes_no_other_method() {
    let (stage, _) = Stage::with_many_requests().await;
    let token = token(&stage, "a", &Scope::ALL);
    let document: Value = serde_json::from_str(&drawn()).unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    let methods = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
    for (path, item) in document["paths"].as_object().unwrap() {
        let address = path.replace("{meeting}", "999").replace("{participant}", "1");
        for method in &methods {
            let operation = &item[method.as_str().to_lowercase()];
            let answer = stage.call(method.clone(), &address).by(&token).send().await;
            if operation.is_null() {
                assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
                assert_eq!(answer.code(), "method_not_allowed");
                assert!(answer.headers.contains_key("allow"), "{method} {path}");
                continue;
            }
            let documented = &operation["responses"][answer.status.as_str()];
            assert!(documented.is_object(), "{method} {path} answered {}", answer.status);
            let public = operation["security"].as_array().is_some();
            let unknown = stage.call(method.clone(), &address).send().await.status;
            let expected = if public {
                StatusCode::OK
            } else {
                StatusCode::UNAUTHORIZED
            };
            assert_eq!(unknown, expected, "{method} {path}");
        }
    }
}
