//! Transport addresses and candidates (RFC 8445 section 4).

use std::fmt;
use std::net::SocketAddr;

/// Where a datagram came from, and where its answers go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TransportAddress {
    /// By which transport.
    pub transport: Transport,
    /// The address and port of the other side.
    pub address: SocketAddr,
}

/// The transport of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Transport {
    /// UDP, on the worker's one socket.
    Udp,
    /// One TCP connection (RFC 6544), by the number that the worker has given it. No number is used twice.
    Tcp(u64),
}

impl From<SocketAddr> for TransportAddress {
    fn from(address: SocketAddr) -> Self {
        Self {
            transport: Transport::Udp,
            address,
        }
    }
}

/// Where the relay is reached. All are host candidates: the addresses are configured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Candidate {
    /// By UDP.
    Udp(SocketAddr),
    /// By TCP; the peer opens the connection (RFC 6544 section 4.1, passive).
    TcpPassive(SocketAddr),
}

impl Candidate {
    /// The `candidate-attribute` (RFC 8839 section 5.1) of the n-th candidate, best first.
    pub(crate) fn attribute(self, n: usize) -> impl fmt::Display {
        // RFC 8445 section 5.1.2.1: (type preference, local preference, component 1). UDP comes before TCP (RFC 6544
        // section 4.2), whose local preference begins with the direction's: 4 for a passive host candidate.
        let place = u32::try_from(n).unwrap_or(u32::MAX).min(0x1fff);
        let (transport, kind, local, address, end) = match self {
            Self::Udp(address) => ("udp", 126, 0xffff - place, address, ""),
            Self::TcpPassive(address) => ("tcp", 90, (4 << 13) + 0x1fff - place, address, " tcptype passive"),
        };
        let priority: u32 = kind << 24 | local << 8 | 255;
        let (ip, port, foundation) = (address.ip(), address.port(), n + 1);
        fmt::from_fn(move |f| write!(f, "{foundation} 1 {transport} {priority} {ip} {port} typ host{end}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn udp_is_preferred_and_tcp_waits_to_be_called() {
        let address = SocketAddr::from(([192, 0, 2, 1], 443));
        let line = |candidate: Candidate, n| candidate.attribute(n).to_string();
        assert_eq!(
            line(Candidate::Udp(address), 0),
            "1 1 udp 2130706431 192.0.2.1 443 typ host"
        );
        assert_eq!(
            line(Candidate::TcpPassive(address), 1),
            "2 1 tcp 1520434943 192.0.2.1 443 typ host tcptype passive"
        );
    }
}
