//! Whether the name that browsers use leads anywhere.

use super::finding::{Finding, failed, good, warning};
use crate::config::Config;
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs as _};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// How long the name servers may take.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// The addresses of the name in `server.public_url`.
pub(super) type Resolved = io::Result<Vec<IpAddr>>;

pub(super) fn resolve(config: &Config) -> Resolved {
    let found = addresses_within(&config.server.host().map_err(io::Error::other)?, 0)?;
    let mut addresses: Vec<IpAddr> = found.iter().map(|one| one.ip().to_canonical()).collect();
    addresses.sort_unstable();
    addresses.dedup();
    Ok(addresses)
}

/// Where a name leads.
///
/// # Errors
/// The name is not known, or the name servers take too long.
pub(super) fn addresses_within(host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    let (tell, told) = mpsc::channel();
    let host = host.to_owned();
    // The system's resolver cannot be called off; the thread ends with the program.
    thread::spawn(move || {
        let addresses = (host.as_str(), port).to_socket_addrs();
        let _ = tell.send(addresses.map(Iterator::collect));
    });
    let answer = told.recv_timeout(ANSWER_WITHIN);
    answer.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
}

/// Whether the machine answers for its own name itself, instead of DNS: Debian's installer writes such a line.
pub(super) fn hosts_file_answers(host: &str, addresses: &[IpAddr]) -> bool {
    host != "localhost" && !addresses.is_empty() && addresses.iter().all(IpAddr::is_loopback)
}

pub(super) fn check(config: &Config, resolved: &Resolved) -> Vec<Finding> {
    let host = config.server.host().unwrap_or_default();
    vec![judge(&host, resolved)]
}

fn judge(host: &str, resolved: &Resolved) -> Finding {
    let addresses = match resolved {
        Ok(addresses) if !addresses.is_empty() => addresses,
        Ok(_) => return unknown(host, "-"),
        Err(error) => return unknown(host, &error.to_string()),
    };
    if host.parse::<IpAddr>().is_ok() {
        return warning(
            format!(
                "{host} är en adress och inget namn. Deltagarnas länkar blir svåra att känna igen och certifikat svåra att få. Använd ett namn."
            ),
            format!(
                "{host} is an address and no name. The delegates' links will be hard to recognise and certificates hard to get. Use a name."
            ),
        );
    }
    let list = list(addresses);
    if hosts_file_answers(host, addresses) {
        return warning(
            format!(
                "/etc/hosts svarar i stället för DNS: {host} leder till {list}. Ta bort raden i /etc/hosts och kör om; vart namnet leder för andra är inte prövat."
            ),
            format!(
                "/etc/hosts answers instead of DNS: {host} leads to {list}. Remove the line in /etc/hosts and run this again; where the name leads others is not tried."
            ),
        );
    }
    if addresses.iter().all(IpAddr::is_loopback) {
        return warning(
            format!(
                "{host} leder till {list}, den här maskinen själv. Bara den når sidan; sätt server.public_url till serverns namn."
            ),
            format!(
                "{host} leads to {list}, this machine itself. Nobody else reaches the page; set server.public_url to the server's name."
            ),
        );
    }
    good(format!("{host} leder till {list}."), format!("{host} leads to {list}."))
}

fn unknown(host: &str, error: &str) -> Finding {
    failed(
        format!(
            "{host} finns inte i namnuppslagningen ({error}). Lägg in namnet i DNS, eller rätta server.public_url."
        ),
        format!("{host} is not found by name lookup ({error}). Add the name to DNS, or correct server.public_url."),
    )
}

pub(super) fn list(addresses: &[IpAddr]) -> String {
    let words: Vec<String> = addresses.iter().map(ToString::to_string).collect();
    words.join(", ")
}

#[cfg(test)]
mod tests {
    use super::{judge, resolve};
    use crate::config::Config;
    use lika_auth::oidc::Outcome;
    use std::io::{Error, ErrorKind};

    #[test]
    fn localhost_is_found_and_is_for_this_machine_alone() {
        let resolved = resolve(&Config::default());
        assert_eq!(judge("localhost", &resolved).outcome, Outcome::Warning);
    }

    #[test]
    fn a_name_must_lead_somewhere() {
        let to = |address: &str| Ok(vec![address.parse().unwrap()]);
        assert_eq!(judge("lika.example.se", &to("192.0.2.7")).outcome, Outcome::Ok);
        assert_eq!(judge("lika.example.se", &Ok(vec![])).outcome, Outcome::Failed);
        let unknown = judge("lika.example.se", &Err(Error::from(ErrorKind::NotFound)));
        assert_eq!(unknown.outcome, Outcome::Failed);
        assert!(unknown.text.sv.contains("DNS"));
        assert_eq!(judge("192.0.2.7", &to("192.0.2.7")).outcome, Outcome::Warning);
        let itself = judge("lika.example.se", &to("127.0.1.1"));
        assert!(
            itself.outcome == Outcome::Warning && itself.text.sv.contains("/etc/hosts"),
            "{itself:?}"
        );
        assert!(!judge("localhost", &to("127.0.0.1")).text.sv.contains("/etc/hosts"));
    }
}
