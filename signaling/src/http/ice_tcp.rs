//! Sound and picture over the HTTPS port, for people whose network lets nothing else through (RFC 6544). Such a
//! connection does not begin with a TLS handshake but with a connectivity check behind its length (RFC 4571); the relay
//! proves it authentic or closes it.

use lika_sfu::ice::is_stun;
use lika_sfu::limits::MAX_DATAGRAM;
use lika_sfu::worker::Pool;
use lika_sfu::worker::tcp::Arrival;
use std::io;
use std::net::SocketAddr;
use std::sync::Weak;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;

/// A TLS record of a handshake begins so (RFC 8446 section 5.1); a framed check would be longer than any datagram.
const TLS_HANDSHAKE: u8 = 0x16;
/// The header of a STUN message.
const SHORTEST: usize = 20;

/// Whether TLS is spoken, by the first byte, which stays in the stream.
///
/// # Errors
/// When the connection ends before it has begun.
pub(super) async fn is_tls(stream: &TcpStream) -> io::Result<bool> {
    let mut first = [0];
    match stream.peek(&mut first).await? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        _ => Ok(first == [TLS_HANDSHAKE]),
    }
}

/// Reads the first datagram of a connection; nothing after it.
///
/// # Errors
/// When it is no check, or the connection ends before.
pub(super) async fn first_datagram(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let length = usize::from(stream.read_u16().await?);
    if !(SHORTEST..=MAX_DATAGRAM).contains(&length) {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "neither TLS nor a connectivity check",
        ));
    }
    let mut datagram = vec![0; length];
    stream.read_exact(&mut datagram).await?;
    if !is_stun(&datagram) {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "neither TLS nor a connectivity check",
        ));
    }
    Ok(datagram)
}

/// Hands the connection to the relay, which keeps `place` as long as it lasts.
///
/// # Errors
/// When the relay does not take it.
pub(super) fn hand_over(
    relay: &Weak<Pool>,
    stream: TcpStream,
    remote: SocketAddr,
    first: Vec<u8>,
    place: impl Send + 'static,
) -> io::Result<()> {
    let relay = relay.upgrade().ok_or(io::ErrorKind::NotConnected)?;
    let arrival = Arrival {
        stream: stream.into_std()?,
        remote,
        first,
        place: Box::new(place),
    };
    relay.accept(arrival).map_err(io::Error::other)
}
