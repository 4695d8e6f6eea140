//! What the connection takes for a UDP socket, behind a firewall that lets only TCP through: each datagram goes over a TCP
//! connection to its destination, behind its length (RFC 4571), as a browser's active ICE-TCP candidate does (RFC 6544).

use super::socket::{lock, received};
use super::{Impairment, Link};
use std::collections::HashMap;
use std::io::{self, IoSliceMut};
use std::net::SocketAddr;
use std::sync::Mutex;
use std::task::{Context, Poll};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::mpsc;
use webrtc::runtime::{AsyncUdpSocket, RecvMeta, Transmit};

/// Datagrams waiting in one direction; beyond, new ones are dropped, as a full queue does. A second at 2000 a second.
const MAX_WAITING: usize = 2000;
/// Destinations tried: a server's addresses.
const MAX_PEERS: usize = 8;
/// The longest datagram that RFC 4571 frames.
const MAX_DATAGRAM: usize = u16::MAX as usize;

type Datagram = (SocketAddr, Vec<u8>);

/// Looks like a UDP socket and speaks TCP.
#[derive(Debug)]
pub(super) struct FramedSocket {
    /// Never sent with: it keeps the port that the connection believes in.
    udp: std::net::UdpSocket,
    link: Link,
    out: mpsc::Sender<Datagram>,
    come: Mutex<mpsc::Receiver<Datagram>>,
}

impl FramedSocket {
    pub(super) fn new(udp: std::net::UdpSocket, link: Link) -> Self {
        let (out, to_send) = mpsc::channel(MAX_WAITING);
        let (arrived, come) = mpsc::channel(MAX_WAITING);
        tokio::spawn(carry(to_send, arrived));
        Self {
            udp,
            link,
            out,
            come: Mutex::new(come),
        }
    }
}

impl AsyncUdpSocket for FramedSocket {
    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.udp.local_addr()
    }

    fn poll_send(&self, _: &mut Context<'_>, transmit: &Transmit<'_>) -> Poll<io::Result<usize>> {
        let bytes = transmit.contents;
        if self.link.impairment() != Impairment::Cut && bytes.len() <= MAX_DATAGRAM {
            self.link.traffic().up(bytes.len());
            // A full queue drops.
            let _ = self.out.try_send((transmit.destination, bytes.to_vec()));
        }
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_recv(
        &self,
        cx: &mut Context<'_>,
        bufs: &mut [IoSliceMut<'_>],
        meta: &mut [RecvMeta],
    ) -> Poll<io::Result<usize>> {
        let (Some(buffer), Some(meta)) = (bufs.first_mut(), meta.first_mut()) else {
            return Poll::Ready(Ok(0));
        };
        let mut come = lock(&self.come);
        loop {
            let Poll::Ready(next) = come.poll_recv(cx) else {
                return Poll::Pending;
            };
            let (peer, bytes) = next.ok_or(io::ErrorKind::NotConnected)?;
            if self.link.impairment() == Impairment::Cut {
                continue;
            }
            self.link.traffic().down(bytes.len());
            let length = bytes.len().min(buffer.len());
            buffer[..length].copy_from_slice(&bytes[..length]);
            return Poll::Ready(Ok(received(meta, peer, length)));
        }
    }
}

/// Opens a connection to each destination, and sends what is for it. Ends with the socket.
async fn carry(mut to_send: mpsc::Receiver<Datagram>, arrived: mpsc::Sender<Datagram>) {
    let mut peers: HashMap<SocketAddr, mpsc::Sender<Vec<u8>>> = HashMap::new();
    while let Some((peer, bytes)) = to_send.recv().await {
        peers.retain(|_, open| !open.is_closed());
        if let Some(open) = peers.get(&peer) {
            let _ = open.try_send(bytes);
        } else if is_check(&bytes) && peers.len() < MAX_PEERS {
            let (open, queue) = mpsc::channel(MAX_WAITING);
            let _ = open.try_send(bytes);
            peers.insert(peer, open);
            tokio::spawn(converse(peer, queue, arrived.clone()));
        }
    }
}

/// A connection begins with a connectivity check, or the server closes it (RFC 7983: STUN's first byte).
fn is_check(datagram: &[u8]) -> bool {
    datagram.first().is_some_and(|first| *first < 4)
}

async fn converse(peer: SocketAddr, queue: mpsc::Receiver<Vec<u8>>, arrived: mpsc::Sender<Datagram>) {
    let carried = async {
        let stream = TcpStream::connect(peer).await?;
        stream.set_nodelay(true)?;
        let (read, write) = stream.into_split();
        tokio::select! {
            ended = send(write, queue) => ended,
            ended = receive(read, peer, arrived) => ended,
        }
    };
    if let Err(error) = carried.await {
        tracing::debug!(%peer, %error, "the media's TCP connection ended");
    }
}

async fn send(mut write: OwnedWriteHalf, mut queue: mpsc::Receiver<Vec<u8>>) -> io::Result<()> {
    let mut frame = Vec::new();
    while let Some(datagram) = queue.recv().await {
        let Ok(length) = u16::try_from(datagram.len()) else {
            continue;
        };
        frame.clear();
        frame.extend_from_slice(&length.to_be_bytes());
        frame.extend_from_slice(&datagram);
        write.write_all(&frame).await?;
    }
    Ok(())
}

async fn receive(mut read: OwnedReadHalf, peer: SocketAddr, arrived: mpsc::Sender<Datagram>) -> io::Result<()> {
    let mut read = tokio::io::BufReader::new(&mut read);
    loop {
        let length = usize::from(read.read_u16().await?);
        let mut datagram = vec![0; length];
        read.read_exact(&mut datagram).await?;
        if arrived.send((peer, datagram)).await.is_err() {
            return Ok(());
        }
    }
}

/// An answer's candidates for a client that has TCP alone: the passive TCP ones, told as the UDP ones that the connection
/// above [`FramedSocket`] believes in. `None`: the server offers no TCP.
pub(crate) fn tcp_candidates_only(sdp: &str) -> Option<String> {
    let mut found = false;
    let mut lines = Vec::new();
    for line in sdp.lines() {
        let Some(candidate) = line.strip_prefix("a=candidate:") else {
            lines.push(line.to_owned());
            continue;
        };
        if let Some(told) = as_udp(candidate) {
            found = true;
            lines.push(format!("a=candidate:{told}"));
        }
    }
    lines.push(String::new());
    found.then(|| lines.join("\r\n"))
}

/// RFC 8839 section 5.1 with RFC 6544 section 4.5: `foundation component tcp priority address port typ host tcptype passive`.
fn as_udp(candidate: &str) -> Option<String> {
    let plain = candidate.strip_suffix(" tcptype passive")?;
    let mut fields: Vec<&str> = plain.split(' ').collect();
    let transport = fields.get_mut(2).filter(|name| name.eq_ignore_ascii_case("tcp"))?;
    *transport = "udp";
    Some(fields.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::UdpSocket;
    use tokio::net::TcpListener;
    use tokio::sync::watch;

    const CHECK: &[u8] = &[0, 1, 0, 0];

    fn socket(impairment: Impairment) -> FramedSocket {
        let (_, seen) = watch::channel(impairment);
        let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
        FramedSocket::new(udp, Link::new(seen).with_udp_blocked())
    }

    #[tokio::test]
    async fn datagrams_go_and_come_over_one_connection_behind_their_lengths() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let socket = socket(Impairment::None);
        let server = listener.local_addr().unwrap();
        socket.send_to(b"\x80media before any check", server).await.unwrap();
        socket.send_to(CHECK, server).await.unwrap();
        let (mut stream, _) = listener.accept().await.unwrap();
        socket.send_to(b"\x80media", server).await.unwrap();
        for expected in [CHECK, b"\x80media"] {
            let mut datagram = vec![0; usize::from(stream.read_u16().await.unwrap())];
            stream.read_exact(&mut datagram).await.unwrap();
            assert_eq!(datagram, expected);
        }
        stream.write_all(b"\x00\x03yes\x00\x02no").await.unwrap();
        let mut buffer = [0; 16];
        for expected in [&b"yes"[..], b"no"] {
            let (length, from) = socket.recv_from(&mut buffer).await.unwrap();
            assert_eq!((&buffer[..length], from), (expected, server));
        }
        assert!(socket.link.traffic().so_far().up > 0 && socket.link.traffic().so_far().down > 0);
    }

    #[test]
    fn of_an_answer_only_tcp_is_left() {
        let answer = "v=0\r\na=candidate:1 1 udp 2130706431 192.0.2.1 4000 typ host\r\n\
                      a=candidate:2 1 tcp 1015022079 192.0.2.1 443 typ host tcptype passive\r\na=end-of-candidates\r\n";
        let only = tcp_candidates_only(answer).unwrap();
        assert_eq!(
            only,
            "v=0\r\na=candidate:2 1 udp 1015022079 192.0.2.1 443 typ host\r\na=end-of-candidates\r\n"
        );
        assert_eq!(
            tcp_candidates_only("v=0\r\na=candidate:1 1 udp 1 192.0.2.1 4000 typ host\r\n"),
            None
        );
    }
}
