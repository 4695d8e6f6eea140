//! Whose certificates are believed.

use crate::loa3;
use crate::provider::{CLIENT_ID, CLIENT_SECRET, NOW_MS, REDIRECT_URI};
use lika_auth::oidc::http::HttpError;
use lika_auth::oidc::{ClientAuthentication, Family, OidcError, ProviderSettings, RelyingParty, SecretText};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use std::io::Write as _;
use std::sync::Arc;
use tempfile::NamedTempFile;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// A server for `localhost` whose certificate is from an authority that nobody has heard of. It knows no metadata.
async fn server() -> (String, NamedTempFile) {
    let authority_key = KeyPair::generate().unwrap();
    let mut authority = CertificateParams::new(Vec::<String>::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority_certificate = authority.self_signed(&authority_key).unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec!["localhost".into()])
        .unwrap()
        .signed_by(&key, &Issuer::new(authority, authority_key))
        .unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())),
        )
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let issuer = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    let acceptor = TlsAcceptor::from(Arc::new(config));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            if let Ok(mut stream) = acceptor.accept(stream).await {
                let _ = stream.read(&mut [0; 4096]).await;
                let _ = stream
                    .write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
                    .await;
            }
        }
    });
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(authority_certificate.pem().as_bytes()).unwrap();
    (issuer, file)
}

fn settings(issuer: &str) -> ProviderSettings {
    let secret = ClientAuthentication::ClientSecret(SecretText::new(CLIENT_SECRET));
    ProviderSettings::new("bankid", Family::Generic, issuer, CLIENT_ID, secret, REDIRECT_URI)
}

#[tokio::test]
async fn an_unknown_authority_is_not_believed() {
    let (issuer, _) = server().await;
    let party = RelyingParty::new(settings(&issuer)).unwrap();
    let outcome = party.begin(&loa3(), NOW_MS).await;
    let Err(OidcError::Http(HttpError::Unreachable { reason, .. })) = outcome else {
        panic!("{outcome:?}");
    };
    assert!(reason.contains("certificate"), "{reason}");
}

#[tokio::test]
async fn the_operators_own_authority_is_believed() {
    let (issuer, authority) = server().await;
    let mut settings = settings(&issuer);
    settings.ca_file = Some(authority.path().to_owned());
    let outcome = RelyingParty::new(settings).unwrap().begin(&loa3(), NOW_MS).await;
    let Err(OidcError::Metadata(reason)) = outcome else {
        panic!("{outcome:?}");
    };
    assert!(reason.contains("404"), "{reason}");
}
