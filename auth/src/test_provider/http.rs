//! The shell: HTTP in, HTTP out.

use super::authorize::Step;
use super::page::{Page, STYLE};
use super::params::Params;
use super::provider::{Browser, PUSHED_LIFETIME_MS};
use super::refusal::Refusal;
use super::request::Refused;
use super::words::Language;
use super::{COOKIE, TestProvider, back_channel};
use axum::extract::{DefaultBodyLimit, RawQuery, State};
use axum::http::header::{
    AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, COOKIE as COOKIE_HEADER, LOCATION, SET_COOKIE, WWW_AUTHENTICATE,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};

/// A request object and an assertion, with room to spare.
const MAX_BODY_BYTES: usize = 64 * 1024;

pub(super) fn routes(provider: TestProvider) -> Router {
    Router::new()
        .route("/.well-known/openid-configuration", get(metadata))
        .route("/jwks", get(jwks))
        .route("/par", post(push))
        .route("/authorize", get(authorize_by_query).post(authorize_by_form))
        .route("/choose", get(choose))
        .route("/decide", post(decide))
        .route("/token", post(token))
        .route("/userinfo", get(user_info).post(user_info))
        .route("/end-session", get(end_session_by_query).post(end_session_by_form))
        .route("/log-out", post(log_out))
        .route("/page.css", get(style))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(provider)
}

type Provider = State<TestProvider>;

async fn metadata(State(this): Provider) -> Response {
    Json(this.provider().metadata(this.shared.algorithm)).into_response()
}

async fn jwks(State(this): Provider) -> Response {
    Json(this.provider().jwks()).into_response()
}

async fn style() -> Response {
    ([(CONTENT_TYPE, "text/css; charset=utf-8")], STYLE).into_response()
}

async fn push(State(this): Provider, headers: HeaderMap, body: String) -> Response {
    let pushed = Params::read(&body).and_then(|params| {
        this.provider()
            .push(&params, text(&headers, &AUTHORIZATION), this.now_ms())
    });
    match pushed {
        Ok(uri) => {
            let answer = serde_json::json!({ "request_uri": uri, "expires_in": PUSHED_LIFETIME_MS / 1000 });
            not_stored((StatusCode::CREATED, Json(answer)))
        }
        Err(refusal) => to_client(refusal),
    }
}

async fn authorize_by_query(State(this): Provider, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    authorize(&this, &headers, &query.unwrap_or_default())
}

async fn authorize_by_form(State(this): Provider, headers: HeaderMap, body: String) -> Response {
    authorize(&this, &headers, &body)
}

fn authorize(this: &TestProvider, headers: &HeaderMap, encoded: &str) -> Response {
    let params = match Params::read(encoded) {
        Ok(params) => params,
        Err(refusal) => return to_person(this, Language::default(), refusal),
    };
    let step = this
        .provider()
        .authorize(&params, browser(headers).as_ref(), this.now_ms());
    answer(this, Language::of(params.list("ui_locales")), step)
}

async fn choose(State(this): Provider, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    let browser = browser(&headers);
    let params = Params::read(&query.unwrap_or_default()).unwrap_or_default();
    let transaction = params.get("transaction").unwrap_or_default();
    let shown = {
        let provider = this.provider();
        let asked = provider.asked(transaction, browser.as_ref(), this.now_ms());
        asked.and_then(|request| {
            let page = Page {
                path: &provider.path,
                language: request.language,
            };
            let browser = browser.as_ref().ok_or(Refusal::Over)?;
            Ok(page.choose(request, &provider.people, transaction, browser))
        })
    };
    match shown {
        Ok(page) => not_stored(Html(page)),
        Err(refusal) => to_person(&this, Language::default(), refusal),
    }
}

async fn decide(State(this): Provider, headers: HeaderMap, body: String) -> Response {
    let step = Params::read(&body)
        .map_err(Refused::from)
        .and_then(|form| this.provider().decide(&form, browser(&headers).as_ref(), this.now_ms()));
    answer(&this, Language::default(), step)
}

async fn token(State(this): Provider, headers: HeaderMap, body: String) -> Response {
    let tokens = Params::read(&body).and_then(|params| {
        this.provider()
            .token(&params, text(&headers, &AUTHORIZATION), this.now_ms())
    });
    match tokens {
        Ok(tokens) => not_stored(Json(tokens)),
        Err(refusal) => to_client(refusal),
    }
}

async fn user_info(State(this): Provider, headers: HeaderMap) -> Response {
    match this.provider().user_info(text(&headers, &AUTHORIZATION), this.now_ms()) {
        Ok(claims) => not_stored(Json(claims)),
        Err(refusal) => to_client(refusal),
    }
}

async fn end_session_by_query(State(this): Provider, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    end_session(&this, &headers, &query.unwrap_or_default())
}

async fn end_session_by_form(State(this): Provider, headers: HeaderMap, body: String) -> Response {
    end_session(&this, &headers, &body)
}

fn end_session(this: &TestProvider, headers: &HeaderMap, encoded: &str) -> Response {
    let language = |params: &Params| Language::of(params.list("ui_locales"));
    let request =
        Params::read(encoded).and_then(|params| Ok((this.provider().logout_request(&params)?, language(&params))));
    let (request, language) = match request {
        Ok(request) => request,
        Err(refusal) => return to_person(this, Language::default(), refusal),
    };
    let provider = this.provider();
    let page = Page {
        path: &provider.path,
        language,
    };
    let browser = browser(headers);
    let session = provider.session(browser.as_ref(), this.now_ms());
    let person = session.and_then(|session| provider.person(&session.number));
    match (person, &browser, request.location()) {
        (Some(person), Some(browser), _) => not_stored(Html(page.ask_to_log_out(&request, person, browser))),
        (_, _, Some(location)) => redirect(&location, None),
        (_, _, None) => not_stored(Html(page.logged_out())),
    }
}

async fn log_out(State(this): Provider, headers: HeaderMap, body: String) -> Response {
    let logged_out = Params::read(&body).and_then(|form| {
        this.provider()
            .log_out(&form, browser(&headers).as_ref(), this.now_ms())
    });
    let logged_out = match logged_out {
        Ok(logged_out) => logged_out,
        Err(refusal) => return to_person(&this, Language::default(), refusal),
    };
    back_channel::send(&this.shared.http, logged_out.notices).await;
    match logged_out.location {
        Some(location) => redirect(&location, None),
        None => {
            let provider = this.provider();
            let page = Page {
                path: &provider.path,
                language: Language::default(),
            };
            not_stored(Html(page.logged_out()))
        }
    }
}

/// What an authorization request or a choice comes to.
fn answer(this: &TestProvider, language: Language, step: Result<Step, Refused>) -> Response {
    let refused = match step {
        Ok(Step::Ask { transaction, new }) => {
            let location = format!("{}/choose?transaction={transaction}", this.provider().path);
            return redirect(&location, new.map(|browser| browser.reveal().to_string()).as_deref());
        }
        Ok(Step::Return { to, signed_in }) => return redirect(&to, signed_in.as_deref()),
        Err(refused) => refused,
    };
    let issuer = this.provider().issuer.clone();
    let location = refused
        .reply_to
        .map(|reply_to| reply_to.with_refusal(&issuer, refused.refusal));
    match location {
        Some(Ok(location)) => redirect(&location, None),
        Some(Err(refusal)) => to_person(this, language, refusal),
        None => to_person(this, language, refused.refusal),
    }
}

/// After a form, the browser asks anew with GET (RFC 9110 section 15.4.4).
fn redirect(location: &str, cookie: Option<&str>) -> Response {
    let mut response = not_stored(StatusCode::SEE_OTHER);
    let cookie = cookie.map(|value| format!("{COOKIE}={value}; Path=/; Secure; HttpOnly; SameSite=Lax"));
    for (name, value) in [(LOCATION, Some(location)), (SET_COOKIE, cookie.as_deref())] {
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(value).ok()) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

fn to_person(this: &TestProvider, language: Language, refusal: Refusal) -> Response {
    let status = match refusal {
        Refusal::Forged => StatusCode::FORBIDDEN,
        Refusal::ServerError => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::BAD_REQUEST,
    };
    let provider = this.provider();
    let page = Page {
        path: &provider.path,
        language,
    };
    not_stored((status, Html(page.refused(refusal))))
}

/// RFC 6749 section 5.2, RFC 6750 section 3.
fn to_client(refusal: Refusal) -> Response {
    let (status, challenge) = match refusal {
        Refusal::InvalidClient(_) => (StatusCode::UNAUTHORIZED, Some("Basic realm=\"test identities\"")),
        Refusal::InvalidToken(_) => (StatusCode::UNAUTHORIZED, Some("Bearer error=\"invalid_token\"")),
        Refusal::ServerError => (StatusCode::INTERNAL_SERVER_ERROR, None),
        _ => (StatusCode::BAD_REQUEST, None),
    };
    let error = serde_json::json!({ "error": refusal.code(), "error_description": refusal.to_string() });
    let mut response = not_stored((status, Json(error)));
    if let Some(challenge) = challenge {
        response
            .headers_mut()
            .insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
    }
    response
}

fn not_stored(answer: impl IntoResponse) -> Response {
    ([(CACHE_CONTROL, "no-store")], answer).into_response()
}

fn browser(headers: &HeaderMap) -> Option<Browser> {
    let cookies = headers
        .get_all(COOKIE_HEADER)
        .iter()
        .filter_map(|value| value.to_str().ok());
    let mut pairs = cookies
        .flat_map(|cookies| cookies.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    let (_, value) = pairs.find(|(name, _)| *name == COOKIE)?;
    Browser::parse(value)
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}
