//! Pushed authorization requests (RFC 9126): the request goes to the provider directly and the browser carries a reference.

use super::error::{OidcError, foreign};
use super::http::Http;
use super::request::Parameters;
use super::settings::{ClientAuthentication, ProviderSettings};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use openidconnect::HttpRequest;
use openidconnect::http::{HeaderValue, Method, header};
use serde::Deserialize;
use url::Url;
use url::form_urlencoded::{Serializer, byte_serialize};
use zeroize::Zeroizing;

#[derive(Deserialize)]
struct Pushed {
    request_uri: String,
}

#[derive(Deserialize)]
struct Refused {
    error: String,
    error_description: Option<String>,
}

/// Pushes a request and gives the parameters that refer to it. A refusal is final: the request does not go through the
/// browser instead.
pub(super) async fn push(
    http: &Http,
    endpoint: &Url,
    parameters: &Parameters,
    settings: &ProviderSettings,
    proof: Vec<(&'static str, String)>,
) -> Result<Parameters, OidcError> {
    let request = request(endpoint, parameters, settings, &proof)?;
    let answer = http.send(request).await?;
    if !answer.status().is_success() {
        let refused = serde_json::from_slice(answer.body()).unwrap_or(Refused {
            error: format!("status {}", answer.status()),
            error_description: None,
        });
        return Err(OidcError::Request {
            code: foreign(&refused.error),
            description: refused.error_description.as_deref().map(foreign),
        });
    }
    let pushed: Pushed = serde_json::from_slice(answer.body()).map_err(|_| OidcError::Request {
        code: "unreadable".into(),
        description: None,
    })?;
    Ok(vec![
        ("client_id".into(), settings.client_id.clone()),
        ("request_uri".into(), pushed.request_uri),
    ])
}

fn request(
    endpoint: &Url,
    parameters: &Parameters,
    settings: &ProviderSettings,
    proof: &[(&'static str, String)],
) -> Result<HttpRequest, OidcError> {
    let mut form = Serializer::new(String::new());
    // RFC 9126 section 3: beside a request object stands nothing of what it holds.
    let is_object = parameters.iter().any(|(name, _)| name == "request");
    for (name, value) in parameters {
        if !is_object || matches!(name.as_str(), "request" | "client_id") {
            form.append_pair(name, value);
        }
    }
    for (name, value) in proof {
        form.append_pair(name, value);
    }
    let mut authorization = None;
    match &settings.authentication {
        ClientAuthentication::ClientSecret(secret) => {
            authorization = Some(basic(&settings.client_id, secret.expose())?);
        }
        ClientAuthentication::ClientSecretPost(secret) => {
            form.append_pair("client_secret", secret.expose());
        }
        ClientAuthentication::PrivateKeyJwt { .. } => {}
    }
    let mut request = HttpRequest::new(form.finish().into_bytes());
    *request.method_mut() = Method::POST;
    *request.uri_mut() = endpoint
        .as_str()
        .parse()
        .map_err(|_| OidcError::Metadata("its pushed_authorization_request_endpoint is no address".into()))?;
    let headers = request.headers_mut();
    let form_type = HeaderValue::from_static("application/x-www-form-urlencoded");
    headers.insert(header::CONTENT_TYPE, form_type);
    headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    if let Some(authorization) = authorization {
        headers.insert(header::AUTHORIZATION, authorization);
    }
    Ok(request)
}

/// RFC 6749 section 2.3.1: both parts are form-encoded first.
fn basic(client_id: &str, secret: &str) -> Result<HeaderValue, OidcError> {
    let encode = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
    let pair = Zeroizing::new(format!("{}:{}", encode(client_id), encode(secret)));
    HeaderValue::from_str(&format!("Basic {}", STANDARD.encode(pair.as_bytes())))
        .map_err(|_| OidcError::Ours("the client secret cannot be sent".into()))
}
