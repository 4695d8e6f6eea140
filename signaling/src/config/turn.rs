//! `[turn]`: a TURN server (RFC 8656) for those whose network lets nothing through but TLS.

use super::Invalid;
use axum::http::uri::Authority;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// A browser tries all of them at once; more than four only make it slow, and Firefox says so.
const MAX_URLS: usize = 4;

/// The section.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Turn {
    /// Where browsers reach it (RFC 7065); empty: there is none.
    pub urls: Vec<String>,
    /// The file with the secret that is shared with it.
    pub secret_file: Option<PathBuf>,
}

impl Turn {
    pub(super) fn validate(&self) -> Result<(), Invalid> {
        if self.urls.len() > MAX_URLS {
            let problem = format!("has more than {MAX_URLS} addresses; one or two are enough");
            return Err(Invalid::new("turn.urls", problem));
        }
        for url in &self.urls {
            check(url).map_err(|problem| Invalid::new("turn.urls", format!("has {url:?}{problem}")))?;
        }
        match (self.urls.is_empty(), &self.secret_file) {
            (true, None) | (false, Some(_)) => Ok(()),
            (true, Some(_)) => Err(Invalid::new(
                "turn.urls",
                "is empty although secret_file is set; name the TURN server, e.g. turns:turn.example.se:443?transport=tcp",
            )),
            (false, None) => Err(Invalid::new(
                "turn.secret_file",
                "is missing beside urls; name a file with coturn's static-auth-secret in it",
            )),
        }
    }
}

/// The URI of a TURN server that browsers understand (RFC 7065), or what is wrong with it.
fn check(url: &str) -> Result<(), &'static str> {
    let (address, transport) = match url.split_once('?') {
        Some((address, transport)) => (address, Some(transport)),
        None => (url, None),
    };
    let (host, tls) = match (address.strip_prefix("turns:"), address.strip_prefix("turn:")) {
        (Some(host), _) => (host, true),
        (None, Some(host)) => (host, false),
        (None, None) => return Err("; it must begin with turns: (over TLS) or turn:"),
    };
    match (transport, tls) {
        (None | Some("transport=tcp"), _) | (Some("transport=udp"), false) => {}
        (Some("transport=udp"), true) => {
            return Err("; browsers speak TLS to a TURN server over TCP alone: ?transport=tcp");
        }
        (Some(_), _) => return Err("; after ? stands transport=tcp or transport=udp"),
    }
    if host.contains('@') {
        return Err("; no name or password belongs in it: lika makes them, see turn.secret_file");
    }
    let authority: Option<Authority> = host.parse().ok();
    let good = |one: &Authority| !one.host().is_empty() && (one.port_u16().is_some() || one.host() == host);
    if authority.as_ref().is_some_and(good) {
        Ok(())
    } else {
        Err("; a host and perhaps a port must follow, e.g. turns:turn.example.se:443?transport=tcp")
    }
}

#[cfg(test)]
mod tests {
    use super::Turn;

    fn problem(urls: &[&str], secret: bool) -> Option<String> {
        let turn = Turn {
            urls: urls.iter().map(|&url| url.into()).collect(),
            secret_file: secret.then(|| "/etc/lika/turn.secret".into()),
        };
        turn.validate().err().map(|invalid| invalid.to_string())
    }

    #[test]
    fn an_address_is_one_that_browsers_understand() {
        for right in [
            "turns:turn.example.se:443?transport=tcp",
            "turns:turn.example.se",
            "turn:192.0.2.1:3478?transport=udp",
            "turn:[2001:db8::1]:3478",
        ] {
            assert_eq!(problem(&[right], true), None, "{right}");
        }
        for (wrong, says) in [
            ("stun:turn.example.se", "must begin with turns:"),
            ("https://turn.example.se", "must begin with turns:"),
            ("turns:turn.example.se?transport=udp", "over TCP alone"),
            ("turns:turn.example.se?ttl=1", "after ? stands"),
            ("turns:name:word@turn.example.se", "no name or password"),
            ("turns:", "a host"),
            ("turns:turn.example.se:", "a host"),
            ("turns:turn.example.se:70000", "a host"),
            ("turns://turn.example.se", "a host"),
        ] {
            let problem = problem(&[wrong], true).expect(wrong);
            assert!(problem.starts_with("turn.urls") && problem.contains(says), "{problem}");
        }
        assert!(problem(&["turn:a"; 5], true).unwrap().contains("more than 4"));
    }

    #[test]
    fn addresses_and_secret_come_together() {
        assert_eq!(problem(&[], false), None);
        assert!(problem(&[], true).unwrap().starts_with("turn.urls"));
        assert!(problem(&["turn:a"], false).unwrap().starts_with("turn.secret_file"));
    }
}
