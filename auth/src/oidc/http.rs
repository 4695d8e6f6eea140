//! The only way to a provider: HTTPS, no redirects, and an end to size, time and number.

use super::settings::{ProviderSettings, REQUEST_TIMEOUT};
use openidconnect::http::{HeaderMap, StatusCode, header};
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use reqwest::redirect::Policy;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;
use tokio::sync::Semaphore;
use url::{Host, Url};

/// Larger than any metadata, key set or token response seen; a portrait in a UserInfo response fits too.
pub const BODY_LIMIT: usize = 256 * 1024;

/// Requests to one provider at a time. A council logs in within a few minutes; more than this waits its turn.
pub const CONCURRENCY: usize = 16;

/// Why the trust in certificates could not be set up.
#[derive(Debug, Error)]
pub enum HttpSetupError {
    /// The extra authority's file.
    #[error("the certificate authority file {path} cannot be used ({reason}); it must be PEM and readable")]
    Authority {
        /// Which file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// TLS as such.
    #[error("TLS cannot be set up: {0}")]
    Tls(#[from] rustls::Error),
    /// The client as such.
    #[error("the HTTP client cannot be set up: {0}")]
    Client(#[from] reqwest::Error),
}

/// Why a request got no answer that can be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum HttpError {
    /// Not HTTPS.
    #[error("{0} is not an https address; the provider's metadata must name https addresses alone")]
    Unsafe(String),
    /// No connection, or it broke.
    #[error("{host} cannot be reached ({reason}); check the network, the firewall and the certificate authorities")]
    Unreachable {
        /// Whom.
        host: String,
        /// Why.
        reason: String,
    },
    /// See [`ProviderSettings::timeout`].
    #[error("{host} did not answer in time; try again, and ask the provider if it goes on")]
    TooSlow {
        /// Who.
        host: String,
    },
    /// See [`BODY_LIMIT`].
    #[error("{host} answered with more than {BODY_LIMIT} bytes, which no provider does; check the address")]
    TooLarge {
        /// Who.
        host: String,
    },
    /// A redirect is never followed: it could lead tokens anywhere.
    #[error("{host} answered with a redirect, which is not followed; correct the address in the settings")]
    Redirect {
        /// Who.
        host: String,
    },
}

/// A client for one provider.
#[derive(Clone)]
pub(super) struct Http {
    client: reqwest::Client,
    permits: Arc<Semaphore>,
    timeout: Duration,
}

/// Whether secrets may travel there: HTTPS, or this very computer in tests.
pub(super) fn is_safe(url: &Url) -> bool {
    url.has_host() && (url.scheme() == "https" || url.scheme() == "http" && is_loopback(url))
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// A client that trusts the system's certificate authorities and those in the file, for others who speak with the same
/// computers.
///
/// # Errors
/// When the file cannot be used, naming it.
pub fn trusting(ca_file: &Path) -> Result<reqwest::Client, HttpSetupError> {
    let builder = reqwest::Client::builder().tls_backend_preconfigured(tls(Some(ca_file))?);
    Ok(builder
        .redirect(Policy::none())
        .timeout(REQUEST_TIMEOUT)
        .no_proxy()
        .build()?)
}

impl Http {
    pub(super) fn new(settings: &ProviderSettings) -> Result<Self, HttpSetupError> {
        let mut builder = reqwest::Client::builder()
            .tls_backend_preconfigured(tls(settings.ca_file.as_deref())?)
            .redirect(Policy::none())
            .user_agent(concat!("lika/", env!("CARGO_PKG_VERSION")))
            .timeout(settings.timeout);
        if Url::parse(&settings.issuer).is_ok_and(|issuer| is_loopback(&issuer)) {
            builder = builder.no_proxy();
        }
        Ok(Self {
            client: builder.build()?,
            permits: Arc::new(Semaphore::new(CONCURRENCY)),
            timeout: settings.timeout,
        })
    }

    /// Sends a request and reads the whole answer, whatever its status.
    pub(super) async fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let url = Url::parse(&request.uri().to_string())
            .ok()
            .filter(is_safe)
            .ok_or_else(|| HttpError::Unsafe(request.uri().to_string()))?;
        let host = url.host_str().unwrap_or_default().to_owned();
        // The time spent waiting for a turn counts: the person waits just the same.
        tokio::time::timeout(self.timeout, self.exchange(request, &host))
            .await
            .unwrap_or(Err(HttpError::TooSlow { host }))
    }

    async fn exchange(&self, mut request: HttpRequest, host: &str) -> Result<HttpResponse, HttpError> {
        let failed = |error: reqwest::Error| match error.is_timeout() {
            true => HttpError::TooSlow { host: host.to_owned() },
            false => HttpError::Unreachable {
                host: host.to_owned(),
                reason: innermost(&error),
            },
        };
        if let Some(secret) = request.headers_mut().get_mut(header::AUTHORIZATION) {
            secret.set_sensitive(true);
        }
        let _permit = self.permits.acquire().await;
        let request = reqwest::Request::try_from(request).map_err(failed)?;
        let mut answer = self.client.execute(request).await.map_err(failed)?;
        if answer.status().is_redirection() {
            return Err(HttpError::Redirect { host: host.to_owned() });
        }
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(failed)? {
            if body.len() + chunk.len() > BODY_LIMIT {
                return Err(HttpError::TooLarge { host: host.to_owned() });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(response(answer.status(), answer.headers(), body))
    }
}

/// For openidconnect, all of whose answers must be JSON. Whether they are is seen by reading them: a provider that calls
/// its JSON something else is no danger.
impl<'c> AsyncHttpClient<'c> for Http {
    type Error = HttpError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            let mut answer = self.send(request).await?;
            answer.headers_mut().remove(header::CONTENT_TYPE);
            Ok(answer)
        })
    }
}

fn response(status: StatusCode, headers: &HeaderMap, body: Vec<u8>) -> HttpResponse {
    let mut response = HttpResponse::new(body);
    *response.status_mut() = status;
    response.headers_mut().clone_from(headers);
    response
}

/// The cause that tells most; the outer ones repeat the address.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

fn tls(ca_file: Option<&Path>) -> Result<ClientConfig, HttpSetupError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(path) = ca_file {
        let bad = |reason: String| HttpSetupError::Authority {
            path: path.to_owned(),
            reason,
        };
        let before = roots.len();
        for certificate in CertificateDer::pem_file_iter(path).map_err(|error| bad(error.to_string()))? {
            let certificate = certificate.map_err(|error| bad(error.to_string()))?;
            roots.add(certificate).map_err(|error| bad(error.to_string()))?;
        }
        if roots.len() == before {
            return Err(bad("there is no certificate in it".into()));
        }
    }
    Ok(
        ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth(),
    )
}
