//! The certificate.

use crate::config::Server;
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use thiserror::Error;

/// Why TLS cannot be offered.
#[derive(Debug, Error)]
pub enum TlsError {
    /// A file cannot be read as PEM.
    #[error("cannot read {path} as PEM: {source}")]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: rustls::pki_types::pem::Error,
    },
    /// Certificate and key are not usable.
    #[error("the certificate and key cannot be used: {0}; check that they belong together")]
    Unusable(#[from] rustls::Error),
    /// No certificate could be made.
    #[error("cannot make a self-signed certificate: {0}")]
    SelfSigned(#[from] rcgen::Error),
    /// See [`crate::config::Invalid`].
    #[error(transparent)]
    Setting(#[from] crate::config::Invalid),
}

/// TLS 1.2 and 1.3 with the configured certificate, speaking HTTP/1.1 inside.
///
/// # Errors
/// [`TlsError`], naming the file.
pub fn server_config(server: &Server) -> Result<Arc<ServerConfig>, TlsError> {
    let (chain, key) = match (&server.tls.cert_file, &server.tls.key_file) {
        (Some(cert), Some(key)) => (read_chain(cert)?, read_key(key)?),
        _ => {
            let made = self_signed(&server.host()?)?;
            let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
            (vec![made.cert.der().clone()], key.into())
        }
    };
    let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// A certificate that no browser trusts, and its key.
///
/// # Errors
/// When none can be made.
pub fn self_signed(host: &str) -> Result<rcgen::CertifiedKey<rcgen::KeyPair>, rcgen::Error> {
    let mut names = vec![host.to_owned()];
    names.extend(
        ["localhost", "127.0.0.1", "::1"]
            .map(str::to_owned)
            .into_iter()
            .filter(|local| local != host),
    );
    rcgen::generate_simple_self_signed(names)
}

fn read_chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let certificates = CertificateDer::pem_file_iter(path).and_then(Iterator::collect);
    certificates.map_err(|source| TlsError::File {
        path: path.into(),
        source,
    })
}

fn read_key(path: &Path) -> Result<PrivateKeyDer<'static>, TlsError> {
    PrivateKeyDer::from_pem_file(path).map_err(|source| TlsError::File {
        path: path.into(),
        source,
    })
}
