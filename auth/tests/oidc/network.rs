//! A provider that is slow, endless, elsewhere or not there.

use crate::provider::{NOW_MS, Provider, Script, Trouble};
use crate::{Pair, loa3, settings};
use lika_auth::oidc::http::{BODY_LIMIT, CONCURRENCY, HttpError};
use lika_auth::oidc::{OidcError, RelyingParty, SettingsError};
use serde_json::json;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

/// Longer than a good answer on this computer takes, and short enough to wait for.
const SHORT: Duration = Duration::from_millis(300);

async fn in_trouble(path: &'static str, trouble: Trouble) -> Result<(), OidcError> {
    let script = Script {
        trouble: [(path, trouble)].into(),
        ..Script::default()
    };
    Pair::configured(script, |settings| settings.timeout = SHORT)
        .await
        .log_in()
        .await
        .map(drop)
}

/// Answers every request with this head and then this piece of body over and over, as fast as `pause` lets it.
async fn endless(head: &'static str, piece: String, pause: Option<Duration>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let piece = piece.clone();
            tokio::spawn(async move {
                let mut request = [0; 4096];
                let _ = stream.read(&mut request).await;
                let _ = stream.write_all(head.as_bytes()).await;
                while stream.write_all(piece.as_bytes()).await.is_ok() {
                    if let Some(pause) = pause {
                        tokio::time::sleep(pause).await;
                    }
                }
            });
        }
    });
    address
}

async fn with_endless_tokens(pause: Option<Duration>) -> OidcError {
    const HEAD: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
    let piece = if pause.is_some() {
        "1\r\n \r\n".to_owned()
    } else {
        format!("400\r\n{}\r\n", " ".repeat(1024))
    };
    let token_endpoint = endless(HEAD, piece, pause).await;
    let script = Script {
        metadata: json!({"token_endpoint": token_endpoint}),
        ..Script::default()
    };
    let timeout = if pause.is_some() {
        SHORT
    } else {
        Duration::from_secs(30)
    };
    let pair = Pair::configured(script, |settings| settings.timeout = timeout).await;
    pair.log_in().await.unwrap_err()
}

#[tokio::test]
async fn an_oversized_answer_is_not_read_to_its_end() {
    for path in ["metadata", "jwks", "token", "userinfo"] {
        let body = " ".repeat(BODY_LIMIT + 1);
        let outcome = in_trouble(path, Trouble::Answer(200, "application/json", body)).await;
        assert!(
            matches!(outcome, Err(OidcError::Http(HttpError::TooLarge { .. }))),
            "{path}: {outcome:?}"
        );
    }
}

#[tokio::test]
async fn an_answer_that_never_ends_ends() {
    let error = with_endless_tokens(None).await;
    assert!(
        matches!(error, OidcError::Http(HttpError::TooLarge { .. })),
        "{error:?}"
    );
}

#[tokio::test]
async fn an_answer_that_trickles_ends() {
    let begun = Instant::now();
    let error = with_endless_tokens(Some(Duration::from_millis(20))).await;
    assert!(matches!(error, OidcError::Http(HttpError::TooSlow { .. })), "{error:?}");
    assert!(begun.elapsed() < Duration::from_secs(20));
}

#[tokio::test]
async fn a_provider_that_does_not_answer_is_given_up() {
    for path in ["metadata", "jwks", "token", "userinfo"] {
        let outcome = in_trouble(path, Trouble::Silence).await;
        assert!(
            matches!(outcome, Err(OidcError::Http(HttpError::TooSlow { .. }))),
            "{path}: {outcome:?}"
        );
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = Provider::start(Script::default()).await;
    for path in ["metadata", "jwks", "token", "userinfo"] {
        let to = format!("{}/token", elsewhere.issuer);
        let outcome = in_trouble(path, Trouble::Redirect(to)).await;
        assert!(
            matches!(outcome, Err(OidcError::Http(HttpError::Redirect { .. }))),
            "{path}: {outcome:?}"
        );
    }
    assert_eq!(elsewhere.seen(|seen| seen.token.len() + seen.metadata + seen.keys), 0);
}

#[tokio::test]
async fn a_provider_that_is_not_there_does_not_keep_the_server_from_starting() {
    let provider = Provider::start(Script::default()).await;
    let mut settings = settings(&provider);
    // A port that nobody listens on.
    let unused = TcpListener::bind("127.0.0.1:0").await.unwrap();
    settings.issuer = format!("http://{}", unused.local_addr().unwrap());
    drop(unused);
    let party = RelyingParty::new(settings).unwrap();
    let outcome = party.begin(&loa3(), NOW_MS).await;
    let Err(OidcError::Http(error @ HttpError::Unreachable { .. })) = outcome else {
        panic!("{outcome:?}");
    };
    assert!(error.to_string().contains("127.0.0.1 cannot be reached"), "{error}");
}

#[tokio::test]
async fn a_missing_authority_file_is_told_at_the_start() {
    let provider = Provider::start(Script::default()).await;
    let mut settings = settings(&provider);
    settings.ca_file = Some("/nonexistent/ca.pem".into());
    assert!(matches!(RelyingParty::new(settings), Err(SettingsError::Http { .. })));
}

#[tokio::test]
async fn an_unreadable_answer_is_no_token_and_is_not_told() {
    for body in ["", "{", "[]", "{\"access_token\":\"tell-nobody\"}"] {
        let outcome = in_trouble("token", Trouble::Answer(200, "application/json", body.into())).await;
        assert!(
            matches!(outcome, Err(OidcError::Exchange { .. } | OidcError::IdToken(_))),
            "{body}: {outcome:?}"
        );
        assert!(!format!("{outcome:?}").contains("tell-nobody"));
    }
}

#[tokio::test]
async fn an_access_token_that_is_no_header_is_no_panic() {
    let pair = Pair::new(Script::default()).await;
    let (transaction, url) = pair.party.begin(&loa3(), NOW_MS).await.unwrap();
    let callback = pair.provider.log_in(&url);
    let nonce = pair.provider.seen(|seen| seen.request["nonce"].clone());
    let id_token = crate::keys::PROVIDER.sign(
        Some(crate::provider::KID),
        "JWT",
        &json!({"iss": pair.provider.issuer, "aud": "lika", "sub": "1", "nonce": nonce, "iat": NOW_MS / 1000,
            "exp": NOW_MS / 1000 + 60, "acr": crate::provider::LOA3}),
    );
    let body = json!({"access_token": "a\nb", "token_type": "Bearer", "id_token": id_token}).to_string();
    pair.provider.change(|script| {
        script
            .trouble
            .insert("token", Trouble::Answer(200, "application/json", body));
    });
    let outcome = pair.party.finish(transaction, &callback, NOW_MS).await;
    assert!(matches!(outcome, Err(OidcError::UserInfo(_))), "{outcome:?}");
}

#[tokio::test]
async fn a_web_server_may_move_every_step_between_threads() {
    fn movable<T: Send>(_: T) {}
    let pair = Pair::new(Script::default()).await;
    let (transaction, url) = pair.party.begin(&loa3(), NOW_MS).await.unwrap();
    let callback = pair.provider.log_in(&url);
    movable(pair.party.begin(&loa3(), NOW_MS));
    movable(pair.party.finish(transaction, &callback, NOW_MS));
    movable(pair.party.logged_out("", NOW_MS));
    movable(pair.party.end_session_url(None, NOW_MS));
    movable(pair.party.diagnose(NOW_MS));
}

#[tokio::test]
async fn no_more_requests_than_the_limit_are_under_way() {
    let script = Script {
        trouble: [("token", Trouble::Silence)].into(),
        ..Script::default()
    };
    let pair = Pair::configured(script, |settings| settings.timeout = Duration::from_secs(60)).await;
    let mut logins = tokio::task::JoinSet::new();
    for _ in 0..2 * CONCURRENCY {
        let (transaction, url) = pair.party.begin(&loa3(), NOW_MS).await.unwrap();
        let (callback, party) = (pair.provider.log_in(&url), pair.party.clone());
        logins.spawn(async move { party.finish(transaction, &callback, NOW_MS).await });
    }
    let under_way = || pair.provider.seen(|seen| seen.silences);
    while under_way() < CONCURRENCY {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    // Another relying party has its own turns; what it gets done, those who wait had time for too.
    let other = RelyingParty::new(settings(&pair.provider)).unwrap();
    other.begin(&loa3(), NOW_MS).await.unwrap();
    assert_eq!(under_way(), CONCURRENCY);
    logins.abort_all();
}
