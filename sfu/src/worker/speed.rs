//! How fast this machine seals and sends: what the relay does most, alone, for whoever asks before a meeting.

use super::socket::{Postman, bind};
use crate::event::SrtpProfile;
use crate::forward::outbox::Outbox;
use crate::srtp::{MasterKey, Sealer};
use mio::net::UdpSocket;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

/// Receivers of one wake-up.
const RECEIVERS: usize = 32;
/// Packets for each of them: what a wake-up of a full meeting has for one receiver.
const PACKETS: u16 = 4;
/// A packet of a picture, its header included.
const PACKET_BYTES: usize = 1100;
/// RTP's own (RFC 3550 section 5.1).
const HEADER_BYTES: usize = 12;

/// What was done, and how long it took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Speed {
    /// Packets sealed and given to the system.
    pub packets: u64,
    /// In this time.
    pub took: Duration,
}

impl Speed {
    /// Time for one packet; `None`: none was sent.
    #[must_use]
    pub fn per_packet(&self) -> Option<Duration> {
        let nanoseconds = self.took.as_nanos().checked_div(u128::from(self.packets))?;
        u64::try_from(nanoseconds).ok().map(Duration::from_nanos)
    }
}

/// Seals (AES-128-GCM) and sends packets over loopback for that long, on the calling thread, in the relay's own way.
/// Whatever else runs on the machine slows it down as it would a meeting.
///
/// # Errors
/// When there is no loopback, or the system takes no packets.
pub fn speed(long: Duration) -> io::Result<Speed> {
    let local = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    // Nobody reads there; what does not fit the system drops.
    let receiver = std::net::UdpSocket::bind(local)?;
    let (to, socket) = (receiver.local_addr()?, bind(local)?);
    let mut postman = Postman::new(&socket)?;
    let socket = UdpSocket::from_std(socket);
    let mut outboxes = (0..RECEIVERS).map(|_| Outbox::default()).collect::<Vec<_>>();
    let mut sealers = (0..RECEIVERS).map(|_| sealer()).collect::<io::Result<Vec<_>>>()?;
    let (began, mut sequence, mut packets) = (Instant::now(), 0_u16, 0_u64);
    while began.elapsed() < long {
        for (outbox, sealer) in outboxes.iter_mut().zip(&mut sealers) {
            outbox.clear();
            for number in 0..PACKETS {
                seal(outbox, sealer, sequence.wrapping_add(number))?;
            }
        }
        sequence = sequence.wrapping_add(PACKETS);
        let runs = outboxes.iter().flat_map(|outbox| outbox.runs().map(|run| (to, run)));
        let refused = postman.deliver(&socket, runs);
        packets += (RECEIVERS as u64 * u64::from(PACKETS)).saturating_sub(refused);
    }
    Ok(Speed {
        packets,
        took: began.elapsed(),
    })
}

fn sealer() -> io::Result<Sealer> {
    let profile = SrtpProfile::AeadAes128Gcm;
    let key = MasterKey::new(profile, &[1; 16], &[2; 12]).map_err(|_| io::Error::other("no key"))?;
    Sealer::new(profile, &key).map_err(|_| io::Error::other("no sealer"))
}

fn seal(outbox: &mut Outbox, sealer: &mut Sealer, sequence: u16) -> io::Result<()> {
    let sealed = outbox.push(|bytes, start| {
        bytes.extend_from_slice(&[0x80, 96]);
        bytes.extend_from_slice(&sequence.to_be_bytes());
        bytes.resize(start + PACKET_BYTES, 0);
        sealer.seal_rtp(bytes, start, HEADER_BYTES)
    });
    sealed.map(drop).map_err(|_| io::Error::other("not sealed"))
}

#[cfg(test)]
mod tests {
    use super::{Speed, speed};
    use std::time::Duration;

    #[test]
    fn packets_leave_here() {
        let Speed { packets, took } = speed(Duration::from_millis(10)).unwrap();
        assert!(packets > 0 && took >= Duration::from_millis(10));
    }
}
