//! Certificate and key in two PEM files.

use super::TlsError;
use crate::sha256::Sha256;
use jiff::Timestamp;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use std::path::{Path, PathBuf};
use x509_parser::parse_x509_certificate;

/// A certificate that ends sooner is warned about: authorities' programs renew it a month before.
const SOON_MS: i64 = 14 * 24 * 60 * 60 * 1000;

pub(super) struct PairFiles {
    certificate: PathBuf,
    key: PathBuf,
}

impl PairFiles {
    pub(super) fn new(certificate: &Path, key: &Path) -> Self {
        let (certificate, key) = (certificate.into(), key.into());
        Self { certificate, key }
    }

    /// Of what both hold now; a file that cannot be read counts as its own kind of content.
    pub(super) fn content(&self) -> Sha256 {
        let digest = |path| match std::fs::read(path).map(zeroize::Zeroizing::new) {
            Ok(bytes) => Sha256::of(&[&bytes]),
            Err(error) => Sha256::of(&[error.to_string().as_bytes()]),
        };
        Sha256::of(&[digest(&self.certificate).as_bytes(), digest(&self.key).as_bytes()])
    }

    /// Reads both, and says in the log until when the certificate is good. One that has expired is better than none.
    pub(super) fn load(&self, now_ms: i64) -> Result<CertifiedKey, TlsError> {
        let pair = self.pair()?;
        self.tell(&pair, now_ms);
        Ok(pair)
    }

    /// The same, in place of a certificate that is shown: only if this one is good now.
    pub(super) fn load_valid(&self, now_ms: i64) -> Result<CertifiedKey, TlsError> {
        let pair = self.pair()?;
        if let Some((begins_ms, ends_ms)) = pair.cert.first().and_then(validity)
            && !(begins_ms..ends_ms).contains(&now_ms)
        {
            return Err(TlsError::NotNow {
                path: self.certificate.clone(),
                begins_ms,
                ends_ms,
            });
        }
        self.tell(&pair, now_ms);
        Ok(pair)
    }

    fn pair(&self) -> Result<CertifiedKey, TlsError> {
        let chain = self.chain()?;
        let key = PrivateKeyDer::from_pem_file(&self.key).map_err(|source| unreadable(&self.key, source))?;
        Ok(CertifiedKey::from_der(chain, key, &aws_lc_rs::default_provider())?)
    }

    fn chain(&self) -> Result<Vec<CertificateDer<'static>>, TlsError> {
        let chain: Result<Vec<_>, _> = CertificateDer::pem_file_iter(&self.certificate).and_then(Iterator::collect);
        match chain {
            Ok(chain) if chain.is_empty() => Err(unreadable(
                &self.certificate,
                rustls::pki_types::pem::Error::NoItemsFound,
            )),
            Ok(chain) => Ok(chain),
            Err(source) => Err(unreadable(&self.certificate, source)),
        }
    }

    fn tell(&self, pair: &CertifiedKey, now_ms: i64) {
        let path = self.certificate.display();
        let Some((begins_ms, ends_ms)) = pair.cert.first().and_then(validity) else {
            return tracing::warn!(%path, "when the certificate ends cannot be read from it");
        };
        let ends = day(ends_ms);
        if now_ms >= ends_ms {
            tracing::error!(%path, %ends, "the certificate has expired: browsers refuse the page until it is renewed");
        } else if now_ms < begins_ms {
            tracing::error!(%path, begins = %day(begins_ms), "the certificate is not valid yet; is this machine's clock right?");
        } else if ends_ms - now_ms < SOON_MS {
            tracing::warn!(%path, %ends, "the certificate ends soon; renew it");
        } else {
            tracing::info!(%path, %ends, "certificate read");
        }
    }
}

fn unreadable(path: &Path, source: rustls::pki_types::pem::Error) -> TlsError {
    let path = path.into();
    TlsError::File { path, source }
}

/// From when until when, in milliseconds since 1970-01-01 UTC.
fn validity(certificate: &CertificateDer<'_>) -> Option<(i64, i64)> {
    let (_, parsed) = parse_x509_certificate(certificate).ok()?;
    let ms = |seconds: i64| seconds.saturating_mul(1000);
    let validity = parsed.validity();
    Some((ms(validity.not_before.timestamp()), ms(validity.not_after.timestamp())))
}

pub(super) fn day(ms: i64) -> String {
    Timestamp::from_millisecond(ms).map_or_else(|_| ms.to_string(), |time| time.to_string())
}

#[cfg(test)]
mod tests {
    use super::{PairFiles, validity};
    use crate::http::tls::{TlsError, self_signed};

    #[test]
    fn at_start_any_certificate_is_better_than_none_and_later_only_a_valid_one_is() {
        let directory = tempfile::tempdir().unwrap();
        let [certificate, key] = ["cert.pem", "key.pem"].map(|name| directory.path().join(name));
        let made = self_signed("localhost").unwrap();
        std::fs::write(&certificate, made.cert.pem()).unwrap();
        std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
        let files = PairFiles::new(&certificate, &key);
        let (begins_ms, ends_ms) = validity(made.cert.der()).unwrap();
        for (now_ms, valid) in [
            (begins_ms - 1, false),
            (begins_ms, true),
            (ends_ms - 1, true),
            (ends_ms, false),
        ] {
            assert!(files.load(now_ms).is_ok());
            match files.load_valid(now_ms) {
                Ok(_) => assert!(valid, "{now_ms}"),
                Err(error) => assert!(!valid && matches!(error, TlsError::NotNow { .. }), "{now_ms}: {error}"),
            }
        }
    }
}
