//! The way to the server: its address, the trust in its certificate, and the invitation that opens a session.

use reqwest::header::{CONTENT_TYPE, LOCATION, SET_COOKIE};
use reqwest::redirect::Policy;
use reqwest::{StatusCode, Url};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use std::fmt;
use std::net::{IpAddr, UdpSocket};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;

/// The session cookie that the server sets.
const COOKIE: &str = lika_auth::session::COOKIE;
/// A server that does not answer by then is down.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Whose certificates are accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trust {
    /// Those the machine trusts.
    System,
    /// Those signed by this authority, or this very certificate (PEM).
    Authority(PathBuf),
    /// Any: for tests on the same machine only.
    Anyone,
}

impl Trust {
    /// As the command line has it.
    #[must_use]
    pub fn chosen(authority: Option<&Path>, anyone: bool) -> Self {
        match authority {
            Some(path) => Self::Authority(path.into()),
            None if anyone => Self::Anyone,
            None => Self::System,
        }
    }
}

/// A server and how it is spoken to.
#[derive(Clone, Debug)]
pub struct Server {
    url: Url,
    tls: Arc<ClientConfig>,
    http: reqwest::Client,
}

/// The value of the session cookie; does not print.
#[derive(Clone)]
pub struct SessionCookie(String);

impl fmt::Debug for SessionCookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionCookie")
    }
}

impl SessionCookie {
    /// The `Cookie` header.
    #[must_use]
    pub fn header(&self) -> String {
        format!("{COOKIE}={}", self.0)
    }
}

/// A personal invitation: the secret at the end of its link; does not print.
#[derive(Clone, PartialEq, Eq)]
pub struct Invitation(String);

impl fmt::Debug for Invitation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Invitation")
    }
}

impl Invitation {
    /// Takes a whole link (`https://.../i/TOKEN`) or the token alone.
    ///
    /// # Errors
    /// When there is no token in it.
    pub fn parse(text: &str) -> Result<Self, ServerError> {
        let token = text.trim().rsplit_once("/i/").map_or(text.trim(), |(_, token)| token);
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if token.is_empty() || !token.chars().all(plain) {
            Err(ServerError::NoInvitation)
        } else {
            Ok(Self(token.into()))
        }
    }
}

/// Why the server cannot be used.
#[derive(Debug, Error)]
pub enum ServerError {
    /// Not a link.
    #[error("an invitation must be a link that ends in /i/ and letters and digits, or those alone")]
    NoInvitation,
    /// The address is of another kind.
    #[error("the server's address must look like https://host:port, not {0:?}")]
    Address(String),
    /// The certificate file is bad.
    #[error("the certificate file {path} cannot be used: {reason}")]
    Certificate {
        /// Which file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// TLS cannot be set up.
    #[error("TLS cannot be set up: {0}")]
    Tls(#[from] rustls::Error),
    /// No answer.
    #[error("the server does not answer: {0}; is it running, and is its certificate accepted (--ca or --insecure)?")]
    Unreachable(String),
    /// The invitation is not accepted; trying again does not help.
    #[error("the server refuses the invitation ({0}): it is unknown, used or revoked; get a new one")]
    Refused(StatusCode),
    /// The server has trouble.
    #[error("the server answers {0}; its log says why")]
    Trouble(StatusCode),
    /// The answer opens no session.
    #[error("the server answers {0} without the cookie {COOKIE}; is it a Lika server of this version?")]
    NoSession(StatusCode),
}

impl ServerError {
    /// Whether trying again may help.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::Trouble(_))
    }

    /// Whether the server lets in only so many a minute, so that it is a matter of time.
    #[must_use]
    pub fn is_for_turn(&self) -> bool {
        matches!(self, Self::Trouble(StatusCode::TOO_MANY_REQUESTS))
    }
}

impl Server {
    /// Prepares for the server at `address` (`https://host:port`).
    ///
    /// # Errors
    /// When the address or the certificate file is bad.
    pub fn new(address: &str, trust: &Trust) -> Result<Self, ServerError> {
        let url = Url::parse(address)
            .ok()
            .filter(|url| url.scheme() == "https" && url.host().is_some());
        let url = url.ok_or_else(|| ServerError::Address(address.into()))?;
        Ok(Self {
            url,
            tls: Arc::new(client_config(trust)?),
            http: http_client(trust, TIMEOUT)?,
        })
    }

    /// Posts something as whoever has the token. Returns the status and the body.
    ///
    /// # Errors
    /// When the server is away.
    pub async fn post(&self, path: &str, bearer: &str, body: String) -> Result<(StatusCode, String), ServerError> {
        let request = self
            .http
            .post(self.at(path))
            .bearer_auth(bearer)
            .header(CONTENT_TYPE, "application/toml");
        let answer = request.body(body).send().await.map_err(away)?;
        let status = answer.status();
        Ok((status, answer.text().await.map_err(away)?))
    }

    /// Deletes something as whoever has the token. Returns the status.
    ///
    /// # Errors
    /// When the server is away.
    pub async fn delete(&self, path: &str, bearer: &str) -> Result<StatusCode, ServerError> {
        let request = self.http.delete(self.at(path)).bearer_auth(bearer);
        Ok(request.send().await.map_err(away)?.status())
    }

    fn at(&self, path: &str) -> Url {
        let mut url = self.url.clone();
        url.set_path(path);
        url
    }

    /// Opens a session with an invitation.
    ///
    /// # Errors
    /// When the server is away or does not accept it.
    pub async fn follow(&self, invitation: &Invitation) -> Result<SessionCookie, ServerError> {
        let answer = self.http.get(self.at(&format!("/i/{}", invitation.0))).send().await;
        let answer = answer.map_err(away)?;
        let status = answer.status();
        let set = answer
            .headers()
            .get_all(SET_COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok());
        let cookie = set.filter_map(session_in).next();
        match cookie {
            Some(cookie) if status.is_success() || answer.headers().contains_key(LOCATION) => Ok(cookie),
            _ if status.is_client_error() && status != StatusCode::TOO_MANY_REQUESTS => {
                Err(ServerError::Refused(status))
            }
            _ if status.is_client_error() || status.is_server_error() => Err(ServerError::Trouble(status)),
            _ => Err(ServerError::NoSession(status)),
        }
    }

    /// Where the WebSocket is.
    #[must_use]
    pub fn web_socket(&self) -> String {
        format!("wss://{}/ws", self.authority())
    }

    /// The `Origin` header of the server's own page.
    #[must_use]
    pub fn origin(&self) -> String {
        format!("https://{}", self.authority())
    }

    /// For a WebSocket's connection.
    #[must_use]
    pub fn tls(&self) -> Arc<ClientConfig> {
        Arc::clone(&self.tls)
    }

    /// The address of this machine on the way to the server, for the media sockets.
    #[must_use]
    pub fn local_address(&self) -> Option<IpAddr> {
        let remote = self.url.socket_addrs(|| None).ok()?.into_iter().next()?;
        let any = if remote.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
        // Connecting a UDP socket sends nothing; it asks the routing table.
        let socket = UdpSocket::bind(any).ok()?;
        socket.connect(remote).ok()?;
        socket.local_addr().ok().map(|address| address.ip())
    }

    fn authority(&self) -> String {
        let host = self.url.host_str().unwrap_or_default();
        self.url
            .port()
            .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }
}

/// A client that trusts so, follows no redirects and waits at most so long.
///
/// # Errors
/// When the certificate file is bad.
pub fn http_client(trust: &Trust, patience: Duration) -> Result<reqwest::Client, ServerError> {
    let builder = reqwest::Client::builder().use_preconfigured_tls(client_config(trust)?);
    let built = builder.redirect(Policy::none()).timeout(patience).build();
    built.map_err(|error| ServerError::Unreachable(reason(&error)))
}

/// The server is away. The URL may hold a secret: it must not reach the message.
fn away(error: reqwest::Error) -> ServerError {
    ServerError::Unreachable(reason(&error.without_url()))
}

/// The innermost cause says most ("connection refused", "certificate not valid for name").
pub(crate) fn reason(error: &dyn std::error::Error) -> String {
    let mut inner = error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    inner.to_string()
}

fn session_in(set_cookie: &str) -> Option<SessionCookie> {
    let (name, rest) = set_cookie.split_once('=')?;
    let value = rest.split(';').next()?.trim();
    (name.trim() == COOKIE && !value.is_empty()).then(|| SessionCookie(value.to_owned()))
}

fn client_config(trust: &Trust) -> Result<ClientConfig, ServerError> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions()?;
    let mut roots = RootCertStore::empty();
    match trust {
        Trust::Anyone => {
            let any = Arc::new(AnyCertificate(provider));
            return Ok(builder
                .dangerous()
                .with_custom_certificate_verifier(any)
                .with_no_client_auth());
        }
        Trust::Authority(path) => {
            let bad = |reason: String| ServerError::Certificate {
                path: path.clone(),
                reason,
            };
            let certificates = CertificateDer::pem_file_iter(path).map_err(|error| bad(error.to_string()))?;
            for certificate in certificates {
                let certificate = certificate.map_err(|error| bad(error.to_string()))?;
                roots.add(certificate).map_err(|error| bad(error.to_string()))?;
            }
            if roots.is_empty() {
                return Err(bad("there is no certificate in it".into()));
            }
        }
        Trust::System => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

/// Accepts every certificate, but checks that the peer holds its key.
#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls12_signature(message, cert, signature, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls13_signature(message, cert, signature, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invitation_is_a_link_or_its_end_and_never_printed() {
        let whole = Invitation::parse(" https://localhost:8443/i/abc-DEF_123 \n").unwrap();
        assert_eq!(whole, Invitation::parse("abc-DEF_123").unwrap());
        assert!(!format!("{whole:?}").contains("abc"));
        for bad in ["", "  ", "https://localhost/i/", "https://localhost/", "a b"] {
            assert!(Invitation::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn the_session_is_found_among_cookies() {
        let cookie = session_in("__Host-lika=s3cret; Path=/; Secure; HttpOnly").unwrap();
        assert_eq!(cookie.header(), "__Host-lika=s3cret");
        assert!(!format!("{cookie:?}").contains("s3cret"));
        assert!(session_in("other=1").is_none());
        assert!(session_in("__Host-lika=; Max-Age=0").is_none());
    }

    #[test]
    fn addresses_follow_from_the_server() {
        let server = Server::new("https://127.0.0.1:8443/", &Trust::Anyone).unwrap();
        assert_eq!(server.web_socket(), "wss://127.0.0.1:8443/ws");
        assert_eq!(server.origin(), "https://127.0.0.1:8443");
        assert_eq!(server.local_address(), Some([127, 0, 0, 1].into()));
        assert_eq!(
            Server::new("https://lika.example", &Trust::Anyone).unwrap().origin(),
            "https://lika.example"
        );
    }

    #[test]
    fn bad_addresses_and_certificates_say_so() {
        let error = Server::new("localhost:8443", &Trust::Anyone).unwrap_err();
        assert!(error.to_string().contains("https://host:port"));
        let error = Server::new("https://localhost", &Trust::Authority("/nowhere.pem".into())).unwrap_err();
        assert!(error.to_string().contains("/nowhere.pem"), "{error}");
    }

    #[tokio::test]
    async fn a_server_that_is_not_there_is_a_passing_fault_without_the_secret() {
        let free = std::net::TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let server = Server::new(&format!("https://127.0.0.1:{free}"), &Trust::Anyone).unwrap();
        let error = server.follow(&Invitation::parse("s3cret").unwrap()).await.unwrap_err();
        assert!(error.is_passing() && !error.to_string().contains("s3cret"), "{error}");
    }
}
