//! A flood of datagrams that belong to nobody, at a steady rate, from addresses that no participant has proved.

use super::BenchError;
use lika_sfu::ice::Credentials;
use rand::RngExt;
use rtc_stun::attributes::{ATTR_ICE_CONTROLLING, ATTR_PRIORITY, ATTR_SOFTWARE, ATTR_USERNAME};
use rtc_stun::fingerprint::FINGERPRINT;
use rtc_stun::message::{BINDING_REQUEST, Message, Setter, TransactionId};
use std::io;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::os::fd::AsRawFd;
use std::time::{Duration, Instant};

/// Bytes of each: kept the same, so that the kernel can cut many out of one buffer.
const BYTES: usize = 128;
/// Datagrams of one system call.
const BATCH: usize = 64;
/// After a stall no more is made up for than this.
const MAX_BACKLOG: Duration = Duration::from_millis(5);
const ATTR_MESSAGE_INTEGRITY: u16 = 0x0008;

/// The flood.
pub(super) struct Junk {
    per_second: u32,
    sources: Vec<Source>,
    turn: usize,
    started: Option<Instant>,
    /// Datagrams that were due, sent or not.
    due: u64,
    /// Datagrams sent.
    pub(super) sent: u64,
}

/// One kind, from a socket of its own.
struct Source {
    socket: UdpSocket,
    batch: Vec<u8>,
}

/// What somebody who has seen one participant's ICE user names can forge; its password they have not.
pub(super) struct Overheard<'a> {
    pub(super) relay: &'a Credentials,
    pub(super) participant: &'a Credentials,
}

impl Junk {
    /// `per_second` datagrams to the relay, a quarter of each kind.
    pub(super) fn new(per_second: u32, to: SocketAddr, overheard: &Overheard<'_>) -> Result<Self, BenchError> {
        let sources = [random, dtls, srtp].map(|kind: fn(&mut [u8])| {
            let mut batch: Vec<u8> = (0..BYTES * BATCH).map(|_| rand::random()).collect();
            batch.chunks_mut(BYTES).for_each(kind);
            Source::new(to, batch).map_err(BenchError::Socket)
        });
        let checks: Vec<Vec<u8>> = (0..BATCH).map(|_| check(overheard)).collect::<Result<_, _>>()?;
        let checks = Source::new(to, checks.concat()).map_err(BenchError::Socket);
        Ok(Self {
            per_second,
            sources: sources.into_iter().chain([checks]).collect::<Result<_, _>>()?,
            turn: 0,
            started: None,
            due: 0,
            sent: 0,
        })
    }

    /// Sends what is due; whether anything was.
    pub(super) fn act(&mut self, now: Instant) -> Result<bool, BenchError> {
        let started = *self.started.get_or_insert(now);
        let until = |time: Duration| (time.as_nanos() * u128::from(self.per_second) / 1_000_000_000) as u64;
        let backlog = until(MAX_BACKLOG).max(BATCH as u64);
        let due = until(now.duration_since(started));
        self.due = self.due.max(due.saturating_sub(backlog));
        let mut acted = false;
        while self.due + BATCH as u64 <= due {
            self.due += BATCH as u64;
            self.turn = (self.turn + 1) % self.sources.len();
            if let Some(source) = self.sources.get(self.turn) {
                self.sent += source.send()?;
            }
            acted = true;
        }
        Ok(acted)
    }
}

impl Source {
    fn new(to: SocketAddr, batch: Vec<u8>) -> io::Result<Self> {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        socket.set_nonblocking(true)?;
        socket.connect(to)?;
        cut_into(&socket, BYTES)?;
        Ok(Self { socket, batch })
    }

    /// Sends the batch; returns how many datagrams of it the system took.
    fn send(&self) -> Result<u64, BenchError> {
        match self.socket.send(&self.batch) {
            Ok(bytes) => Ok((bytes / BYTES) as u64),
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::WouldBlock | io::ErrorKind::ConnectionRefused
                ) =>
            {
                Ok(0)
            }
            Err(error) => Err(BenchError::Socket(error)),
        }
    }
}

/// Lets the kernel cut what is sent into datagrams of `size` (udp(7), UDP_SEGMENT).
fn cut_into(socket: &UdpSocket, size: usize) -> io::Result<()> {
    let size = size as libc::c_int;
    // SAFETY: the option's value is a whole int that outlives the call.
    #[allow(unsafe_code)]
    let result = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            libc::SOL_UDP,
            libc::UDP_SEGMENT,
            (&raw const size).cast(),
            size_of_val(&size) as libc::socklen_t,
        )
    };
    if result == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

/// Anything at all.
const fn random(_datagram: &mut [u8]) {}

/// The head of a DTLS 1.2 handshake record (RFC 6347 section 4.1), and noise.
fn dtls(datagram: &mut [u8]) {
    let length = (datagram.len() - 13) as u16;
    datagram[..3].copy_from_slice(&[22, 0xfe, 0xfd]);
    datagram[11..13].copy_from_slice(&length.to_be_bytes());
}

/// The head of an RTP packet, and noise.
fn srtp(datagram: &mut [u8]) {
    datagram[..2].copy_from_slice(&[0x80, 96]);
}

/// A connectivity check that is right in everything but the integrity: what costs most to refuse.
fn check(overheard: &Overheard<'_>) -> Result<Vec<u8>, BenchError> {
    let username = format!("{}:{}", overheard.relay.ufrag(), overheard.participant.ufrag());
    let with_software = |software: usize| {
        let mut message = Message::new();
        message.set_type(BINDING_REQUEST);
        message.transaction_id = TransactionId::new();
        message.write_header();
        message.add(ATTR_USERNAME, username.as_bytes());
        message.add(ATTR_PRIORITY, &[0x6e, 0xff, 0xff, 0xff]);
        message.add(ATTR_ICE_CONTROLLING, &rand::rng().random::<[u8; 8]>());
        message.add(ATTR_SOFTWARE, &vec![b'x'; software]);
        message.add(
            rtc_stun::attributes::AttrType(ATTR_MESSAGE_INTEGRITY),
            &rand::rng().random::<[u8; 20]>(),
        );
        FINGERPRINT.add_to(&mut message)?;
        Ok::<_, BenchError>(message.raw)
    };
    let without = with_software(0)?.len();
    with_software(BYTES.saturating_sub(without))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flood_keeps_its_rate_and_never_makes_up_for_a_stall() {
        let sink = UdpSocket::bind("127.0.0.1:0").unwrap();
        let (relay, participant) = (Credentials::generate(), Credentials::generate());
        let overheard = Overheard {
            relay: &relay,
            participant: &participant,
        };
        let mut junk = Junk::new(64_000, sink.local_addr().unwrap(), &overheard).unwrap();
        let start = Instant::now();
        for ms in (0..=100).step_by(5) {
            junk.act(start + Duration::from_millis(ms)).unwrap();
        }
        assert_eq!(junk.due, 6400);
        assert!(junk.sent <= 6400);
        assert!(junk.sent > 0);
        junk.act(start + Duration::from_secs(10)).unwrap();
        assert_eq!(junk.due, 640_000, "what the stall left out is not sent");
        assert!(junk.sent <= 6400 + 5 * 64);
    }

    #[test]
    fn a_forged_check_is_right_but_for_its_integrity() {
        use lika_sfu::ice::{Agent, StunError, local_ufrag};
        let (relay, participant) = (Credentials::generate(), Credentials::generate());
        let forged = check(&Overheard {
            relay: &relay,
            participant: &participant,
        })
        .unwrap();
        assert_eq!((forged.len(), local_ufrag(&forged)), (BYTES, Some(relay.ufrag())));
        let from = SocketAddr::from(([127, 0, 0, 1], 9)).into();
        let mut agent = Agent::new(relay, participant);
        let refused = agent.handle(Instant::now(), &forged, from, &mut Vec::new());
        assert_eq!(refused, Err(StunError::WrongCredentials));
    }
}
