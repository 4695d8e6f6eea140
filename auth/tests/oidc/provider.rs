//! A provider that does what its script says, and lies when the script says so.

use crate::keys;
use aws_lc_rs::digest::{SHA256, digest};
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Response, StatusCode, header};
use axum::routing::{get, post};
use axum::{Form, Router};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, Validation, decode};
use lika_auth::oidc::Callback;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard};
use url::Url;

/// When all tests are.
pub(crate) const NOW_MS: i64 = 1_800_000_000_000;
pub(crate) const NOW_S: i64 = NOW_MS / 1000;
pub(crate) const CLIENT_ID: &str = "lika";
pub(crate) const CLIENT_SECRET: &str = "a secret that is long enough to be one";
pub(crate) const REDIRECT_URI: &str = "https://lika.example/oidc/callback";
pub(crate) const KID: &str = "key-1";
pub(crate) const LOA2: &str = "http://id.elegnamnden.se/loa/1.0/loa2";
pub(crate) const LOA3: &str = "http://id.elegnamnden.se/loa/1.0/loa3";
pub(crate) const ACCESS_TOKEN: &str = "an-access-token";

type Sign = Box<dyn Fn(&Value) -> String + Send>;
type Parameters = BTreeMap<String, String>;

/// What an address answers instead of what it should.
#[derive(Clone)]
pub(crate) enum Trouble {
    Answer(u16, &'static str, String),
    Redirect(String),
    Silence,
}

/// What the provider does. Objects are laid over the good ones; `null` takes a member away.
pub(crate) struct Script {
    pub(crate) metadata: Value,
    pub(crate) claims: Value,
    pub(crate) user_info: Value,
    /// The ID token out of its claims.
    pub(crate) sign: Sign,
    /// The UserInfo response as a JWT.
    pub(crate) sign_user_info: Option<Sign>,
    pub(crate) keys: Value,
    pub(crate) trouble: HashMap<&'static str, Trouble>,
    /// Whether the client shows who it is with a signed assertion.
    pub(crate) private_key_jwt: bool,
}

/// What was asked.
#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) metadata: usize,
    pub(crate) keys: usize,
    pub(crate) token: Vec<(HeaderMap, Parameters)>,
    pub(crate) pushed: Vec<(HeaderMap, Parameters)>,
    /// How many requests were left without an answer.
    pub(crate) silences: usize,
    /// The last request as it was understood.
    pub(crate) request: Value,
}

struct Inner {
    issuer: String,
    script: Script,
    seen: Seen,
    codes: HashMap<String, Value>,
    references: HashMap<String, Parameters>,
    assertions: Vec<String>,
}

#[derive(Clone)]
pub(crate) struct Provider {
    pub(crate) issuer: String,
    inner: Arc<Mutex<Inner>>,
}

impl Default for Script {
    fn default() -> Self {
        Self {
            metadata: json!({}),
            claims: json!({}),
            user_info: json!({}),
            sign: Box::new(|claims| keys::PROVIDER.sign(Some(KID), "JWT", claims)),
            sign_user_info: None,
            keys: json!({"keys": [keys::PROVIDER.public(KID)]}),
            trouble: HashMap::new(),
            private_key_jwt: false,
        }
    }
}

impl Provider {
    pub(crate) async fn start(script: Script) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let provider = Self {
            issuer: issuer.clone(),
            inner: Arc::new(Mutex::new(Inner {
                issuer,
                script,
                seen: Seen::default(),
                codes: HashMap::new(),
                references: HashMap::new(),
                assertions: Vec::new(),
            })),
        };
        let app = Router::new()
            .route("/.well-known/openid-configuration", get(metadata))
            .route("/jwks", get(jwks))
            .route("/par", post(par))
            .route("/token", post(token))
            .route("/userinfo", get(user_info))
            .with_state(provider.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        provider
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }

    pub(crate) fn change(&self, change: impl FnOnce(&mut Script)) {
        change(&mut self.lock().script);
    }

    pub(crate) fn seen<T>(&self, look: impl FnOnce(&Seen) -> T) -> T {
        look(&self.lock().seen)
    }

    /// The person's browser follows `url`, the person logs in, and the browser comes back.
    pub(crate) fn log_in(&self, url: &Url) -> Callback {
        let mut inner = self.lock();
        let parameters: Parameters = url.query_pairs().into_owned().collect();
        let pushed = parameters.get("request_uri").map(|reference| {
            inner
                .references
                .remove(reference)
                .expect("a pushed request is used once")
        });
        let request = understand(&pushed.unwrap_or(parameters), &inner.issuer);
        assert_eq!(request["client_id"], CLIENT_ID);
        assert_eq!(request["redirect_uri"], REDIRECT_URI);
        assert_eq!(request["response_type"], "code");
        assert_eq!(request["code_challenge_method"], "S256");
        let code = format!("code-{}", inner.codes.len());
        let state = request["state"].as_str().unwrap().to_owned();
        inner.codes.insert(code.clone(), request.clone());
        inner.seen.request = request;
        Callback {
            code: Some(code),
            state: Some(state),
            iss: None,
            error: None,
            error_description: None,
        }
    }

    /// The audience, claims and life of our assertion, and that it is used once.
    fn is_client(&self, inner: &mut Inner, headers: &HeaderMap, form: &Parameters) -> bool {
        if !inner.script.private_key_jwt {
            let basic = base64::engine::general_purpose::STANDARD
                .encode(format!("{CLIENT_ID}:{}", CLIENT_SECRET.replace(' ', "+")));
            return headers.get(header::AUTHORIZATION).map(|value| value.as_bytes())
                == Some(format!("Basic {basic}").as_bytes());
        }
        let Some(assertion) = form.get("client_assertion") else {
            return false;
        };
        let claims = our_claims(assertion);
        let jti = claims["jti"].as_str().unwrap().to_owned();
        let fresh = !inner.assertions.contains(&jti);
        inner.assertions.push(jti);
        let exp = claims["exp"].as_i64().unwrap();
        fresh
            && form.get("client_assertion_type").map(String::as_str)
                == Some("urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
            && form.get("client_id").is_none_or(|id| id == CLIENT_ID)
            && claims["iss"] == CLIENT_ID
            && claims["sub"] == CLIENT_ID
            && claims["aud"] == inner.issuer.as_str()
            && (NOW_S + 1..=NOW_S + 300).contains(&exp)
    }
}

/// What we signed.
pub(crate) fn our_claims(token: &str) -> Value {
    let mut validation = Validation::new(Algorithm::ES256);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_aud = false;
    decode(token, &keys::CLIENT.verifying(), &validation).unwrap().claims
}

/// A request, be it open or signed.
fn understand(parameters: &Parameters, issuer: &str) -> Value {
    let Some(object) = parameters.get("request") else {
        return json!(parameters);
    };
    let claims = our_claims(object);
    assert_eq!(claims["aud"], issuer);
    assert_eq!(claims["iss"], CLIENT_ID);
    assert!(claims["exp"].as_i64().unwrap() > NOW_S);
    claims
}

/// `over` laid over `under`.
pub(crate) fn laid_over(under: Value, over: &Value) -> Value {
    let mut both = under.as_object().unwrap().clone();
    for (name, value) in over.as_object().unwrap() {
        match value {
            Value::Null => both.remove(name),
            value => both.insert(name.clone(), value.clone()),
        };
    }
    Value::Object(both)
}

fn answer(status: u16, kind: &str, body: String) -> Response<Body> {
    Response::builder()
        .status(status)
        .header(header::CONTENT_TYPE, kind)
        .body(Body::from(body))
        .unwrap()
}

fn json_answer(status: StatusCode, body: &Value) -> Response<Body> {
    answer(status.as_u16(), "application/json", body.to_string())
}

fn refusal(status: StatusCode, code: &str) -> Response<Body> {
    json_answer(
        status,
        &json!({"error": code, "error_description": "as the script says"}),
    )
}

async fn in_trouble(provider: &Provider, path: &str) -> Option<Response<Body>> {
    let trouble = provider.lock().script.trouble.get(path).cloned();
    match trouble? {
        Trouble::Answer(status, kind, body) => Some(answer(status, kind, body)),
        Trouble::Redirect(to) => Some(
            Response::builder()
                .status(307)
                .header(header::LOCATION, to)
                .body(Body::empty())
                .unwrap(),
        ),
        Trouble::Silence => {
            provider.lock().seen.silences += 1;
            std::future::pending().await
        }
    }
}

async fn metadata(State(provider): State<Provider>) -> Response<Body> {
    provider.lock().seen.metadata += 1;
    if let Some(trouble) = in_trouble(&provider, "metadata").await {
        return trouble;
    }
    let inner = provider.lock();
    let at = |path: &str| format!("{}{path}", inner.issuer);
    let good = json!({
        "issuer": inner.issuer,
        "authorization_endpoint": at("/authorize"),
        "token_endpoint": at("/token"),
        "jwks_uri": at("/jwks"),
        "userinfo_endpoint": at("/userinfo"),
        "end_session_endpoint": at("/logout?from=metadata"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "code_challenge_methods_supported": ["S256"],
        "acr_values_supported": [LOA2, LOA3],
    });
    json_answer(StatusCode::OK, &laid_over(good, &inner.script.metadata))
}

async fn jwks(State(provider): State<Provider>) -> Response<Body> {
    provider.lock().seen.keys += 1;
    match in_trouble(&provider, "jwks").await {
        Some(trouble) => trouble,
        None => json_answer(StatusCode::OK, &provider.lock().script.keys),
    }
}

async fn par(State(provider): State<Provider>, headers: HeaderMap, Form(form): Form<Parameters>) -> Response<Body> {
    if let Some(trouble) = in_trouble(&provider, "par").await {
        return trouble;
    }
    let mut inner = provider.lock();
    inner.seen.pushed.push((headers.clone(), form.clone()));
    if !provider.is_client(&mut inner, &headers, &form) {
        return refusal(StatusCode::UNAUTHORIZED, "invalid_client");
    }
    let reference = format!("urn:ietf:params:oauth:request_uri:{}", inner.references.len());
    inner.references.insert(reference.clone(), form);
    json_answer(
        StatusCode::CREATED,
        &json!({"request_uri": reference, "expires_in": 60}),
    )
}

async fn token(State(provider): State<Provider>, headers: HeaderMap, Form(form): Form<Parameters>) -> Response<Body> {
    if let Some(trouble) = in_trouble(&provider, "token").await {
        return trouble;
    }
    let mut inner = provider.lock();
    inner.seen.token.push((headers.clone(), form.clone()));
    if !provider.is_client(&mut inner, &headers, &form) {
        return refusal(StatusCode::UNAUTHORIZED, "invalid_client");
    }
    let field = |name: &str| form.get(name).cloned().unwrap_or_default();
    let Some(request) = inner.codes.remove(&field("code")) else {
        return refusal(StatusCode::BAD_REQUEST, "invalid_grant");
    };
    let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, field("code_verifier").as_bytes()));
    if request["code_challenge"] != challenge || field("redirect_uri") != REDIRECT_URI {
        return refusal(StatusCode::BAD_REQUEST, "invalid_grant");
    }
    let good = json!({
        "iss": inner.issuer,
        "aud": CLIENT_ID,
        "sub": "person-1",
        "nonce": request["nonce"],
        "iat": NOW_S,
        "exp": NOW_S + 300,
        "auth_time": NOW_S - 5,
        "acr": LOA3,
        "sid": "session-1",
    });
    let id_token = (inner.script.sign)(&laid_over(good, &inner.script.claims));
    let body = json!({"access_token": ACCESS_TOKEN, "token_type": "Bearer", "expires_in": 60, "id_token": id_token});
    json_answer(StatusCode::OK, &body)
}

async fn user_info(State(provider): State<Provider>, headers: HeaderMap) -> Response<Body> {
    if let Some(trouble) = in_trouble(&provider, "userinfo").await {
        return trouble;
    }
    let inner = provider.lock();
    if headers.get(header::AUTHORIZATION).map(|value| value.as_bytes()) != Some(b"Bearer an-access-token") {
        return refusal(StatusCode::UNAUTHORIZED, "invalid_token");
    }
    let good = json!({
        "sub": "person-1",
        "name": "Ledamot 7",
        "https://id.oidc.se/claim/personalIdentityNumber": "191212121212",
    });
    match &inner.script.sign_user_info {
        None => json_answer(StatusCode::OK, &laid_over(good, &inner.script.user_info)),
        Some(sign) => {
            let good = laid_over(good, &json!({"iss": inner.issuer, "aud": CLIENT_ID}));
            answer(200, "application/jwt", sign(&laid_over(good, &inner.script.user_info)))
        }
    }
}
