//! A certificate that an authority makes and renews by itself (ACME, RFC 8555). The authority makes sure whose the name is
//! by asking for it on the HTTPS port (TLS-ALPN-01, RFC 8737), so that nothing else need be open.

use super::TlsError;
use crate::config::{self, Invalid};
use crate::metrics::machine::certificate_ends_s;
use futures_util::StreamExt as _;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::server::ResolvesServerCert;
use rustls::{ClientConfig, RootCertStore};
use rustls_acme::caches::DirCache;
use rustls_acme::{AcmeConfig, AcmeState, EventError, EventOk};
use std::fs::{DirBuilder, DirEntry};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What the authority asks for when it makes sure.
pub(super) const ALPN: &[u8] = b"acme-tls/1";
/// In the data directory: the account, and the certificate with its key, so that a restart asks for nothing.
const DIRECTORY: &str = "acme";
/// What the names of the certificates' files begin with ([`DirCache`]).
const CERTIFICATE: &str = "cached_cert_";

/// The authority, to be asked for as long as the server runs.
pub struct Authority {
    state: AcmeState<io::Error>,
    domains: Vec<String>,
    directory: String,
    kept: PathBuf,
}

impl Authority {
    pub(super) fn open(acme: &config::Acme, domains: Vec<String>, data_dir: &Path) -> Result<Self, TlsError> {
        let kept = data_dir.join(DIRECTORY);
        let made = DirBuilder::new().recursive(true).mode(0o700).create(&kept);
        made.map_err(|source| TlsError::Keep {
            path: kept.clone(),
            source,
        })?;
        let asking = AcmeConfig::new_with_client_config(&domains, trusting(acme.ca_file.as_deref())?)
            .directory(&acme.directory)
            .contact(acme.contact.iter().map(|mail| format!("mailto:{mail}")))
            .cache(DirCache::<PathBuf>::new(kept.clone()));
        let directory = acme.directory.clone();
        Ok(Self {
            state: asking.state(),
            domains,
            directory,
            kept,
        })
    }

    /// Shows the certificate of the moment, and the authority what it asks for.
    pub(super) fn resolver(&self) -> Arc<dyn ResolvesServerCert> {
        self.state.resolver()
    }

    /// Has the certificate made and renewed, until dropped. What fails is tried again after a while that doubles each
    /// time; what was shown before goes on being shown. `in_use` is told when the certificate ends that is shown from now
    /// on, in seconds since 1970-01-01 UTC; `None`: it cannot be read.
    pub async fn keep_current(mut self, in_use: impl Fn(Option<i64>)) {
        let (domains, directory) = (self.domains.join(", "), self.directory);
        while let Some(event) = self.state.next().await {
            match event {
                Ok(EventOk::DeployedCachedCert) => {
                    tracing::info!(%domains, "the authority's certificate is in use");
                    in_use(newest_ends_s(&self.kept));
                }
                Ok(EventOk::DeployedNewCert) => tracing::info!(%domains, "the authority has made a certificate"),
                // It is kept as soon as it is shown.
                Ok(EventOk::CertCacheStore) => in_use(newest_ends_s(&self.kept)),
                Ok(EventOk::AccountCacheStore) => {}
                Err(error @ (EventError::CertCacheStore(_) | EventError::AccountCacheStore(_))) => {
                    tracing::error!(%error, "what the authority made cannot be kept; check storage.data_dir");
                }
                Err(error) => tracing::error!(
                    %error, %domains, %directory,
                    "no certificate from the authority yet; is TCP port 443 of each name open to it, and the name right?"
                ),
            }
        }
    }
}

/// When the certificate ends that was kept last.
fn newest_ends_s(kept: &Path) -> Option<i64> {
    let certificates = std::fs::read_dir(kept).ok()?.flatten();
    let certificates = certificates.filter(|file| file.file_name().to_string_lossy().starts_with(CERTIFICATE));
    let made = |file: &DirEntry| file.metadata().and_then(|metadata| metadata.modified()).ok();
    certificate_ends_s(&certificates.max_by_key(made)?.path())
}

/// The system's authorities, and these.
pub(super) fn trusting(ca_file: Option<&Path>) -> Result<Arc<ClientConfig>, TlsError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(path) = ca_file {
        let unusable = |error: String| Invalid::new("server.tls.acme.ca_file", format!("{}: {error}", path.display()));
        let authorities = CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        for authority in authorities.map_err(|error| unusable(error.to_string()))? {
            roots.add(authority).map_err(|error| unusable(error.to_string()))?;
        }
    }
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}
