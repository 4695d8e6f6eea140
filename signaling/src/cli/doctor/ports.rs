//! Whether lika gets its ports, or has them.

use super::finding::{Finding, failed, good, warning};
use super::owner::{Program, Transport, owner};
use crate::config::Config;
use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener, UdpSocket};

/// Our own name, as the system calls it.
const OURSELVES: &str = "lika";

/// A port that lika needs.
struct Port {
    transport: Transport,
    address: SocketAddr,
    setting: &'static str,
}

pub(super) fn check(config: &Config) -> Vec<Finding> {
    wanted(config).iter().map(look_at).collect()
}

fn wanted(config: &Config) -> Vec<Port> {
    let port = |transport, address, setting| Port {
        transport,
        address,
        setting,
    };
    let mut wanted = vec![port(Transport::Tcp, config.server.listen, "server.listen")];
    for number in 0..u16::from(config.media.workers.get()) {
        let mut address = config.media.bind;
        address.set_port(address.port().saturating_add(number));
        wanted.push(port(Transport::Udp, address, "media.bind"));
    }
    if config.metrics.enabled {
        wanted.push(port(Transport::Tcp, config.metrics.listen, "metrics.listen"));
    }
    wanted
}

fn look_at(port: &Port) -> Finding {
    let bound = match port.transport {
        Transport::Tcp => TcpListener::bind(port.address).map(drop),
        Transport::Udp => UdpSocket::bind(port.address).map(drop),
    };
    let owner = bound.is_err().then(|| owner(port.transport, port.address.port()));
    judge(port, bound, owner.flatten())
}

fn judge(port: &Port, bound: io::Result<()>, owner: Option<Program>) -> Finding {
    let (what, setting) = (format!("{} {}", port.transport.name(), port.address), port.setting);
    let Err(error) = bound else {
        return good(
            format!("{what} är ledig ({setting})."),
            format!("{what} is free ({setting})."),
        );
    };
    match (error.kind(), owner) {
        (ErrorKind::AddrInUse, Some(program)) if program.name == OURSELVES => good(
            format!("{what} används av lika, som körs (process {}).", program.id),
            format!("{what} is used by lika, which is running (process {}).", program.id),
        ),
        (ErrorKind::AddrInUse, Some(Program { name, id })) => failed(
            format!(
                "{what} är upptagen av {name} (process {id}). Stoppa det programmet, eller välj en annan port i {setting}."
            ),
            format!(
                "{what} is taken by {name} (process {id}). Stop that program, or choose another port in {setting}."
            ),
        ),
        (ErrorKind::AddrInUse, None) => warning(
            format!(
                "{what} är upptagen, och bara root får veta av vem. Är det lika självt är det bra: kör om med sudo."
            ),
            format!(
                "{what} is taken, and only root is told by whom. If it is lika itself, all is well: run this again with sudo."
            ),
        ),
        (ErrorKind::AddrNotAvailable, _) => failed(
            format!(
                "{what} är ingen adress på den här maskinen. Sätt {setting} till en som finns (ip address), eller 0.0.0.0 för alla."
            ),
            format!(
                "{what} is no address of this machine. Set {setting} to one that is there (ip address), or 0.0.0.0 for all."
            ),
        ),
        (ErrorKind::PermissionDenied, _) => warning(
            format!(
                "{what} får inte öppnas av den här användaren. Tjänsten får det med AmbientCapabilities=CAP_NET_BIND_SERVICE; kör om med sudo för att prova."
            ),
            format!(
                "{what} may not be opened by this user. The service may with AmbientCapabilities=CAP_NET_BIND_SERVICE; run this again with sudo to try."
            ),
        ),
        _ => failed(
            format!("{what} kan inte öppnas: {error}. Se {setting}."),
            format!("{what} cannot be opened: {error}. See {setting}."),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::{Port, Program, Transport, check, judge, look_at};
    use crate::config::Config;
    use lika_auth::oidc::Outcome;
    use std::io::{Error, ErrorKind};
    use std::net::{SocketAddr, TcpListener, UdpSocket};

    fn port(transport: Transport, address: &str) -> Port {
        Port {
            transport,
            address: address.parse().unwrap(),
            setting: "server.listen",
        }
    }

    #[test]
    fn a_free_port_is_good_and_one_that_this_test_has_is_named_with_its_program() {
        let (tcp, udp) = (
            TcpListener::bind("127.0.0.1:0").unwrap(),
            UdpSocket::bind("127.0.0.1:0").unwrap(),
        );
        for (transport, address) in [
            (Transport::Tcp, tcp.local_addr().unwrap()),
            (Transport::Udp, udp.local_addr().unwrap()),
        ] {
            let found = look_at(&port(transport, &address.to_string()));
            assert_eq!(found.outcome, Outcome::Failed);
            assert!(found.text.sv.contains(&format!("process {}", std::process::id())));
        }
        assert_eq!(look_at(&port(Transport::Tcp, "127.0.0.1:0")).outcome, Outcome::Ok);
        let foreign = look_at(&port(Transport::Udp, "192.0.2.1:0"));
        assert_eq!(foreign.outcome, Outcome::Failed);
        assert!(foreign.text.en.contains("no address of this machine"));
    }

    #[test]
    fn lika_may_have_its_own_port() {
        let port = port(Transport::Tcp, "0.0.0.0:8443");
        let taken = || Err(Error::from(ErrorKind::AddrInUse));
        let by = |name: &str| Program {
            name: name.into(),
            id: 7,
        };
        assert_eq!(judge(&port, taken(), Some(by("lika"))).outcome, Outcome::Ok);
        assert_eq!(judge(&port, taken(), Some(by("nginx"))).outcome, Outcome::Failed);
        assert_eq!(judge(&port, taken(), None).outcome, Outcome::Warning);
        let denied = judge(&port, Err(ErrorKind::PermissionDenied.into()), None);
        assert_eq!(denied.outcome, Outcome::Warning);
    }

    #[test]
    fn every_worker_has_a_port_of_its_own() {
        let mut config = Config::default();
        config.server.listen = SocketAddr::from(([127, 0, 0, 1], 0));
        config.media.workers = 3.try_into().unwrap();
        config.metrics.enabled = false;
        assert_eq!(check(&config).len(), 4);
    }
}
