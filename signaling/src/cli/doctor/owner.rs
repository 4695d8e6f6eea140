//! Who has a port, from `/proc`.

use std::fs;
use std::path::Path;

/// A program that runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Program {
    pub(super) name: String,
    pub(super) id: u32,
}

/// The transport of a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Transport {
    Tcp,
    Udp,
}

impl Transport {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Tcp => "TCP",
            Self::Udp => "UDP",
        }
    }

    const fn tables(self) -> [&'static str; 2] {
        match self {
            Self::Tcp => ["/proc/net/tcp", "/proc/net/tcp6"],
            Self::Udp => ["/proc/net/udp", "/proc/net/udp6"],
        }
    }
}

/// Which program has the port; `None`: nobody, or another user's, which only root is told.
pub(super) fn owner(transport: Transport, port: u16) -> Option<Program> {
    let tables = transport.tables();
    let sockets: Vec<String> = tables
        .into_iter()
        .filter_map(|table| fs::read_to_string(table).ok())
        .flat_map(|table| inodes(&table, transport, port))
        .collect();
    let processes = fs::read_dir("/proc").ok()?.flatten();
    let mut programs = processes.filter_map(|entry| {
        let id = entry.file_name().to_str()?.parse().ok()?;
        has_one_of(&entry.path(), &sockets).then(|| Program {
            name: fs::read_to_string(entry.path().join("comm"))
                .unwrap_or_default()
                .trim()
                .to_owned(),
            id,
        })
    });
    programs.next()
}

/// The sockets bound to a port, in a table of `/proc/net` (proc(5)): local address in the second column, state in the
/// fourth (0A: listening), inode in the tenth.
fn inodes(table: &str, transport: Transport, port: u16) -> Vec<String> {
    let ending = format!(":{port:04X}");
    let bound = |line: &str| {
        let columns: Vec<&str> = line.split_whitespace().collect();
        let (local, state, inode) = (columns.get(1)?, columns.get(3)?, columns.get(9)?);
        let waits = transport == Transport::Udp || *state == "0A";
        (waits && local.ends_with(&ending)).then(|| format!("socket:[{inode}]"))
    };
    table.lines().skip(1).filter_map(bound).collect()
}

fn has_one_of(process: &Path, sockets: &[String]) -> bool {
    let Ok(files) = fs::read_dir(process.join("fd")) else {
        return false;
    };
    let mut links = files.flatten().filter_map(|file| fs::read_link(file.path()).ok());
    links.any(|link| link.to_str().is_some_and(|link| sockets.iter().any(|one| one == link)))
}

#[cfg(test)]
mod tests {
    use super::{Transport, inodes, owner};
    use std::net::{TcpListener, UdpSocket};

    #[test]
    fn this_process_has_its_ports() {
        let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
        let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
        let of_tcp = owner(Transport::Tcp, tcp.local_addr().unwrap().port()).unwrap();
        let of_udp = owner(Transport::Udp, udp.local_addr().unwrap().port()).unwrap();
        assert_eq!((of_tcp.id, of_udp.id), (std::process::id(), std::process::id()));
    }

    #[test]
    fn a_connection_is_no_listener() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n\
            0: 0100007F:20FB 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 111 1\n\
            1: 00000000:20FB 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 222 1\n\
            2: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 333 1\n";
        assert_eq!(inodes(table, Transport::Tcp, 8443), ["socket:[222]"]);
    }
}
