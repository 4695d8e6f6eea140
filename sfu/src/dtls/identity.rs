//! The relay's own certificate.

use super::fingerprint::Fingerprint;
use rtc_crypto::RTCCryptoProvider;
use rtc_crypto::providers::AwsLcRsProvider;
use rtc_dtls::crypto::Certificate;
use std::fmt;
use std::sync::Arc;
use thiserror::Error;

/// A self-signed ECDSA P-256 certificate and its key, made once and shared by all of a worker's associations. Peers
/// know it by the fingerprint in the answer. Cheap to clone; the key is never printed or stored.
#[derive(Clone)]
pub struct Identity {
    pub(super) certificate: Certificate,
    pub(super) provider: Arc<dyn RTCCryptoProvider>,
    fingerprint: Fingerprint,
}

/// No certificate could be made.
#[derive(Debug, Error)]
#[error("the DTLS certificate could not be made ({0}); check that the system gives random numbers")]
pub struct IdentityError(String);

impl Identity {
    /// A new key and certificate.
    pub fn generate() -> Result<Self, IdentityError> {
        let provider: Arc<dyn RTCCryptoProvider> = Arc::new(AwsLcRsProvider::new());
        let certificate = Certificate::generate_self_signed(vec!["lika".to_owned()], provider.crypto())
            .map_err(|error| IdentityError(error.to_string()))?;
        let der = certificate
            .certificate
            .first()
            .ok_or_else(|| IdentityError("it is empty".to_owned()))?;
        let fingerprint = Fingerprint::of(der);
        Ok(Self {
            certificate,
            provider,
            fingerprint,
        })
    }

    /// For `a=fingerprint` in the answer.
    pub fn fingerprint(&self) -> &Fingerprint {
        &self.fingerprint
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity")
            .field("fingerprint", &self.fingerprint)
            .finish_non_exhaustive()
    }
}
