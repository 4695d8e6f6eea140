//! A provider on a loopback socket, with a clock that the test moves and two clients.

use crate::browser::{Answer, Browser};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::encoding::{AsDer as _, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use lika_auth::Secret;
use lika_auth::test_provider::{
    Authentication, Client, Settings, SigningAlgorithm, TestPerson, TestProvider, test_number,
};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use tokio::net::TcpListener;

pub(crate) const START_S: i64 = 1_800_000_000;
pub(crate) const WITH_KEY: &str = "lika";
pub(crate) const WITH_SECRET: &str = "other service";
pub(crate) const BACK: &str = "https://lika.example/callback?provider=test";
pub(crate) const BACK_TO_OTHER: &str = "https://other.example/callback";
pub(crate) const BACK_AFTER_LOGOUT: &str = "https://lika.example/";
pub(crate) const VERIFIER: &str = "a-verifier-of-forty-three-characters-or-more";
pub(crate) const LOA2: &str = "http://id.elegnamnden.se/loa/1.0/loa2";
pub(crate) const LOA3: &str = "http://id.elegnamnden.se/loa/1.0/loa3";

/// A key pair of a client.
pub(crate) struct Keys {
    private: EncodingKey,
    pkcs8: Vec<u8>,
    pub(crate) public_pem: String,
}

pub(crate) static CLIENT: LazyLock<Keys> = LazyLock::new(Keys::new);
pub(crate) static STRANGER: LazyLock<Keys> = LazyLock::new(Keys::new);

impl Keys {
    fn new() -> Self {
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref()).unwrap();
        let public: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
        Self {
            private: EncodingKey::from_ec_der(pkcs8.as_ref()),
            pkcs8: pkcs8.as_ref().to_vec(),
            public_pem: pem("PUBLIC KEY", public.as_ref()),
        }
    }

    pub(crate) fn private_pem(&self) -> String {
        pem("PRIVATE KEY", &self.pkcs8)
    }

    pub(crate) fn sign(&self, claims: &Value) -> String {
        jsonwebtoken::encode(&Header::new(Algorithm::ES256), claims, &self.private).unwrap()
    }
}

fn pem(label: &str, der: &[u8]) -> String {
    format!(
        "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
        STANDARD.encode(der)
    )
}

pub(crate) fn people() -> Vec<TestPerson> {
    (1..=8)
        .map(|number| TestPerson {
            number: test_number(number),
            name: format!("Ledamot {number}"),
            groups: vec!["Kommunfullmäktige".into()],
        })
        .collect()
}

pub(crate) struct Stage {
    pub(crate) issuer: String,
    pub(crate) provider: TestProvider,
    pub(crate) secret: Secret<32>,
    now_ms: Arc<AtomicI64>,
    http: reqwest::Client,
    assertions: AtomicU32,
}

/// Parameters, by name.
pub(crate) type Form = Vec<(&'static str, String)>;

impl Stage {
    pub(crate) async fn new() -> Self {
        Self::with(SigningAlgorithm::Es256, None).await
    }

    pub(crate) async fn with(algorithm: SigningAlgorithm, back_channel_logout_uri: Option<String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}/test-identities", listener.local_addr().unwrap());
        let (secret, http) = (Secret::random().unwrap(), http());
        let settings = Settings {
            issuer: issuer.clone(),
            clients: clients(&secret, back_channel_logout_uri),
            people: people(),
            algorithm,
            http: http.clone(),
        };
        let now_ms = Arc::new(AtomicI64::new(START_S * 1000));
        let clock = now_ms.clone();
        let provider = TestProvider::new(settings, move || clock.load(Ordering::Relaxed)).unwrap();
        let routes = axum::Router::new().nest("/test-identities", provider.routes());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Self {
            issuer,
            provider,
            secret,
            now_ms,
            http,
            assertions: AtomicU32::new(0),
        }
    }

    pub(crate) fn browser(&self) -> Browser {
        Browser::new(self.http.clone())
    }

    pub(crate) fn at(&self, endpoint: &str) -> String {
        format!("{}/{endpoint}", self.issuer)
    }

    pub(crate) fn now_ms(&self) -> i64 {
        self.now_ms.load(Ordering::Relaxed)
    }

    pub(crate) fn now_s(&self) -> i64 {
        self.now_ms() / 1000
    }

    pub(crate) fn wait(&self, seconds: i64) {
        self.now_ms.fetch_add(seconds * 1000, Ordering::Relaxed);
    }

    /// The claims of a good assertion, which no other has.
    pub(crate) fn assertion(&self) -> Value {
        let number = self.assertions.fetch_add(1, Ordering::Relaxed);
        json!({
            "iss": WITH_KEY,
            "sub": WITH_KEY,
            "aud": self.issuer,
            "iat": self.now_s(),
            "exp": self.now_s() + 60,
            "jti": format!("assertion {number}"),
        })
    }

    /// What the client with a key adds to what it posts.
    pub(crate) fn proof(&self) -> Form {
        proof(CLIENT.sign(&self.assertion()))
    }

    /// A good exchange of a code, by the client with a key.
    pub(crate) fn exchange(&self, code: &str) -> Form {
        let mut form = unproven_exchange(code);
        form.extend(self.proof());
        form
    }

    pub(crate) async fn token(&self, form: Form) -> Answer {
        self.browser().post(&self.at("token"), &form).await
    }

    /// Somebody chooses a person at level 3 and comes back with a code.
    pub(crate) async fn code(&self, browser: &mut Browser) -> String {
        let asked = browser.get(&self.authorization(request())).await;
        let page = browser.follow(&asked).await;
        browser
            .submit(&page, &choice(7, "3"))
            .await
            .redirected_with("code")
            .unwrap()
    }

    pub(crate) fn authorization(&self, request: Form) -> String {
        format!("{}?{}", self.at("authorize"), encode(&request))
    }

    /// The claims of an ID token or logout token, after its signature.
    pub(crate) async fn verified(&self, token: &str, algorithm: Algorithm) -> Map<String, Value> {
        let jwks = self.browser().get(&self.at("jwks")).await;
        let jwks: JwkSet = serde_json::from_str(&jwks.body).unwrap();
        let id = jsonwebtoken::decode_header(token).unwrap().kid.unwrap();
        let key = DecodingKey::from_jwk(jwks.find(&id).unwrap()).unwrap();
        let mut validation = Validation::new(algorithm);
        validation.validate_exp = false;
        validation.set_audience(&[WITH_KEY]);
        validation.set_issuer(&[&self.issuer]);
        jsonwebtoken::decode(token, &key, &validation).unwrap().claims
    }
}

fn clients(secret: &Secret<32>, back_channel_logout_uri: Option<String>) -> Vec<Client> {
    vec![
        Client {
            id: WITH_KEY.into(),
            authentication: Authentication::PublicKey(CLIENT.public_pem.clone()),
            redirect_uris: vec![BACK.into()],
            post_logout_redirect_uris: vec![BACK_AFTER_LOGOUT.into()],
            back_channel_logout_uri,
        },
        Client {
            id: WITH_SECRET.into(),
            authentication: Authentication::Secret(secret.clone()),
            redirect_uris: vec![BACK_TO_OTHER.into()],
            post_logout_redirect_uris: vec![],
            back_channel_logout_uri: None,
        },
    ]
}

/// No certificates are met here, yet the client wants to know what it would do.
fn http() -> reqwest::Client {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    let builder = reqwest::Client::builder().tls_backend_preconfigured(tls);
    builder.redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

/// A good authorization request.
pub(crate) fn request() -> Form {
    vec![
        ("client_id", WITH_KEY.into()),
        ("response_type", "code".into()),
        ("redirect_uri", BACK.into()),
        ("scope", "openid profile".into()),
        ("state", "a state & more".into()),
        ("nonce", "a nonce".into()),
        ("code_challenge", challenge(VERIFIER)),
        ("code_challenge_method", "S256".into()),
    ]
}

/// The form with one parameter changed; `None`: left out.
pub(crate) fn changed(mut form: Form, name: &'static str, value: Option<&str>) -> Form {
    form.retain(|(known, _)| *known != name);
    form.extend(value.map(|value| (name, value.to_owned())));
    form
}

pub(crate) fn requesting(name: &'static str, value: &str) -> Form {
    changed(request(), name, Some(value))
}

pub(crate) fn essential(acr: &str) -> Form {
    let claims = json!({ "id_token": { "acr": { "essential": true, "values": [acr] } } });
    requesting("claims", &claims.to_string())
}

pub(crate) fn choice(participant: u32, level: &str) -> Form {
    vec![
        ("person", test_number(participant)),
        ("level", level.into()),
        ("decision", "sign".into()),
    ]
}

pub(crate) fn unproven_exchange(code: &str) -> Form {
    vec![
        ("grant_type", "authorization_code".into()),
        ("code", code.into()),
        ("redirect_uri", BACK.into()),
        ("code_verifier", VERIFIER.into()),
    ]
}

pub(crate) fn proof(assertion: String) -> Form {
    let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    vec![("client_assertion_type", kind.into()), ("client_assertion", assertion)]
}

pub(crate) fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()))
}

pub(crate) fn encode(form: &[(&str, String)]) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form)
        .finish()
}
