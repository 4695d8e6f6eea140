//! `[media]`: the relay's UDP ports and how they are reached.

use super::Invalid;
use lika_sfu::worker::MAX_WORKERS;
use serde::{Deserialize, Serialize};
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::num::NonZeroU8;

/// The section.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Media {
    /// The UDP address to bind; further workers take the ports after it.
    pub bind: SocketAddr,
    /// The addresses delegates reach it under.
    pub public_ips: Vec<IpAddr>,
    /// Whether delegates whom UDP does not reach may use the HTTPS port for sound and picture.
    pub tcp: bool,
    /// Whether pictures may be H.264 while everybody in a meeting decodes it.
    pub h264: bool,
    /// Threads of the relay, each with a port of its own. A meeting lives on one of them.
    pub workers: NonZeroU8,
    /// Pin the relay's first thread to this core, further ones to those after it.
    pub core: Option<usize>,
}

impl Default for Media {
    fn default() -> Self {
        Self {
            bind: SocketAddr::from(([0, 0, 0, 0], 10_000)),
            public_ips: vec![IpAddr::from([127, 0, 0, 1])],
            tcp: true,
            h264: true,
            workers: NonZeroU8::MIN,
            core: None,
        }
    }
}

impl Media {
    pub(super) fn validate(&self) -> Result<(), Invalid> {
        if self.public_ips.is_empty() {
            return Err(Invalid::new(
                "media.public_ips",
                "is empty; name the addresses delegates reach this machine under",
            ));
        }
        if let Some(any) = self.public_ips.iter().find(|ip| ip.is_unspecified()) {
            let problem = format!("has {any}, which nobody can send to; name the machine's own address");
            return Err(Invalid::new("media.public_ips", problem));
        }
        self.validate_families()?;
        self.validate_workers()
    }

    /// A browser that is told an address of a family that nothing listens on waits for it in vain.
    fn validate_families(&self) -> Result<(), Invalid> {
        let bound = self.bind.ip();
        let both = bound == IpAddr::from(Ipv6Addr::UNSPECIFIED);
        let deaf = |ip: &&IpAddr| !both && ip.is_ipv6() != bound.is_ipv6();
        self.public_ips.iter().find(deaf).map_or(Ok(()), |ip| {
            let port = self.bind.port();
            let problem = format!("is {bound}, where {ip} of public_ips is not heard; use \"[::]:{port}\" for both");
            Err(Invalid::new("media.bind", problem))
        })
    }

    fn validate_workers(&self) -> Result<(), Invalid> {
        let (first, count) = (self.bind.port(), self.workers.get());
        if count > MAX_WORKERS {
            let problem = format!("is more than {MAX_WORKERS}; one for each processor core is enough");
            return Err(Invalid::new("media.workers", problem));
        }
        if first.checked_add(u16::from(count) - 1).is_none() {
            let problem = format!("is {count}, but there are not so many ports from {first} on; see media.bind");
            return Err(Invalid::new("media.workers", problem));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Media;
    use std::net::SocketAddr;
    use std::num::NonZeroU8;

    #[test]
    fn every_public_address_must_be_listened_on() {
        let media = |bind: &str, public: &str| Media {
            bind: bind.parse().unwrap(),
            public_ips: vec![public.parse().unwrap()],
            ..Media::default()
        };
        for right in [
            ("0.0.0.0:1", "192.0.2.1"),
            ("[::]:1", "192.0.2.1"),
            ("[::]:1", "2001:db8::1"),
        ] {
            assert_eq!(media(right.0, right.1).validate(), Ok(()));
        }
        for wrong in [("0.0.0.0:1", "2001:db8::1"), ("[2001:db8::1]:1", "192.0.2.1")] {
            assert_eq!(media(wrong.0, wrong.1).validate().unwrap_err().key, "media.bind");
        }
    }

    #[test]
    fn there_must_be_a_port_for_each_worker() {
        let media = |port: u16, workers: u8| Media {
            bind: SocketAddr::from(([0, 0, 0, 0], port)),
            workers: NonZeroU8::new(workers).unwrap(),
            ..Media::default()
        };
        assert_eq!(media(10_000, 4).validate(), Ok(()));
        assert_eq!(media(65_533, 3).validate(), Ok(()));
        for wrong in [media(65_533, 4), media(10_000, 65)] {
            assert_eq!(wrong.validate().unwrap_err().key, "media.workers");
        }
    }
}
