//! The certificate: from files that are read again when they change, from an authority that makes and renews it (ACME), or
//! made at start for a demonstration.

mod acme;
mod pair;
mod self_signed;
mod shown;

pub use self_signed::self_signed;

use crate::config::Server;
use acme::Authority;
use pair::PairFiles;
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::server::ResolvesServerCert;
use shown::Shown;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use thiserror::Error;

const HTTP: &[u8] = b"http/1.1";

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
    /// It would be refused by every browser.
    #[error(
        "the certificate in {path} is good from {} until {}, and not now; is this machine's clock right?",
        pair::day(*begins_ms),
        pair::day(*ends_ms)
    )]
    NotNow {
        /// Which file.
        path: PathBuf,
        /// From when, in milliseconds since 1970-01-01 UTC.
        begins_ms: i64,
        /// Until when.
        ends_ms: i64,
    },
    /// No certificate could be made.
    #[error("cannot make a self-signed certificate: {0}")]
    SelfSigned(#[from] rcgen::Error),
    /// The directory of what the authority makes.
    #[error("cannot use {path} for the authority's certificate: {source}; check storage.data_dir and its permissions")]
    Keep {
        /// Which directory.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// See [`crate::config::Invalid`].
    #[error(transparent)]
    Setting(#[from] crate::config::Invalid),
}

/// What the port speaks TLS with, and where its certificate comes from.
pub struct Tls {
    /// TLS 1.2 and 1.3 with the certificate of the moment, speaking HTTP/1.1 inside.
    pub config: Arc<ServerConfig>,
    /// How it is kept current.
    pub source: Source,
}

/// Where the certificate comes from.
pub enum Source {
    /// Made at start.
    Made,
    /// Files that are read again.
    Files(CertificateFiles),
    /// An authority, which must be asked for as long as the server runs.
    Authority(Box<Authority>),
}

/// Certificate and key in files, and the port that shows them.
pub struct CertificateFiles {
    files: PairFiles,
    shown: Arc<Shown>,
}

impl Tls {
    /// With the certificate of the configuration.
    ///
    /// # Errors
    /// [`TlsError`], naming the file.
    pub fn open(server: &Server, data_dir: &Path, now_ms: i64) -> Result<Self, TlsError> {
        let tls = &server.tls;
        if let (Some(cert), Some(key)) = (&tls.cert_file, &tls.key_file) {
            let files = PairFiles::new(cert, key);
            let shown = Arc::new(Shown::new(files.load(now_ms)?));
            let source = Source::Files(CertificateFiles {
                files,
                shown: Arc::clone(&shown),
            });
            let config = config(shown, &[HTTP])?;
            return Ok(Self { config, source });
        }
        if let Some(acme) = &tls.acme {
            let authority = Authority::open(acme, server.acme_domains(acme)?, data_dir)?;
            let config = config(authority.resolver(), &[HTTP, acme::ALPN])?;
            let source = Source::Authority(Box::new(authority));
            return Ok(Self { config, source });
        }
        let config = config(Arc::new(Shown::new(self_signed::pair(&server.host()?)?)), &[HTTP])?;
        let source = Source::Made;
        Ok(Self { config, source })
    }
}

impl Tls {
    /// Whether the files that the configuration names can be used; the log says until when.
    ///
    /// # Errors
    /// [`TlsError`], naming the file.
    pub fn check_files(server: &Server, now_ms: i64) -> Result<(), TlsError> {
        let tls = &server.tls;
        if let (Some(cert), Some(key)) = (&tls.cert_file, &tls.key_file) {
            PairFiles::new(cert, key).load(now_ms)?;
        }
        if let Some(acme) = &tls.acme {
            acme::trusting(acme.ca_file.as_deref())?;
        }
        Ok(())
    }
}

impl CertificateFiles {
    /// A digest of what the files hold now, readable or not.
    pub fn content(&self) -> crate::sha256::Sha256 {
        self.files.content()
    }

    /// Shows what the files hold to every connection from now on, if it is valid now.
    ///
    /// # Errors
    /// [`TlsError`]; then what was shown before goes on being shown.
    pub fn reload(&self, now_ms: i64) -> Result<(), TlsError> {
        self.shown.show(self.files.load_valid(now_ms)?);
        Ok(())
    }
}

fn config(certificates: Arc<dyn ResolvesServerCert>, speaking: &[&[u8]]) -> Result<Arc<ServerConfig>, TlsError> {
    let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_cert_resolver(certificates);
    config.alpn_protocols = speaking.iter().map(|protocol| protocol.to_vec()).collect();
    Ok(Arc::new(config))
}
