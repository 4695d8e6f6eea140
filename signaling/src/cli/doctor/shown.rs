//! The certificate that a port shows, whoever answers there and whether anybody trusts it.

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, ClientConnection, DigitallySignedStruct, SignatureScheme};
use std::io;
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

/// How long connecting may take, and each answer after it.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// The certificate and its chain, asked for by this name.
///
/// # Errors
/// Nobody answers ([`is_silence`]), or whoever does shows no certificate.
pub(super) fn shown(address: SocketAddr, host: &str) -> io::Result<Vec<CertificateDer<'static>>> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Looking(provider)))
        .with_no_client_auth();
    let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
    let mut tls = ClientConnection::new(Arc::new(config), name).map_err(io::Error::other)?;
    let mut tcp = TcpStream::connect_timeout(&address, ANSWER_WITHIN)?;
    tcp.set_read_timeout(Some(ANSWER_WITHIN))?;
    tcp.set_write_timeout(Some(ANSWER_WITHIN))?;
    while tls.is_handshaking() {
        tls.complete_io(&mut tcp)?;
    }
    let chain = tls.peer_certificates().unwrap_or_default();
    Ok(chain.iter().map(|one| one.clone().into_owned()).collect())
}

/// Whether nobody answered, rather than somebody who speaks no TLS or shows nothing.
pub(super) fn is_silence(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionRefused, HostUnreachable, NetworkUnreachable, TimedOut, WouldBlock};
    matches!(
        error.kind(),
        ConnectionRefused | HostUnreachable | NetworkUnreachable | TimedOut | WouldBlock
    )
}

/// Takes every certificate, to look at it; nothing is said over the connection.
#[derive(Debug)]
struct Looking(Arc<CryptoProvider>);

impl ServerCertVerifier for Looking {
    fn verify_server_cert(
        &self,
        _leaf: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, leaf, signed, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, leaf, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
