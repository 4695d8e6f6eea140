//! A certificate that no browser trusts, for demonstrations and tests.

use super::TlsError;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::sign::CertifiedKey;

/// A certificate for this host and the machine's own names, and its key.
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

/// The same, to be shown.
pub(super) fn pair(host: &str) -> Result<CertifiedKey, TlsError> {
    let made = self_signed(host)?;
    let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    let provider = aws_lc_rs::default_provider();
    Ok(CertifiedKey::from_der(
        vec![made.cert.der().clone()],
        key.into(),
        &provider,
    )?)
}
