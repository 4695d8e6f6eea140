//! Where a request comes from when reverse proxies stand in front. Each adds the address it was asked from to the end of
//! X-Forwarded-For; what stands before the first trusted one's word anybody may have written.

use axum::http::HeaderMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// Proxies behind each other that are followed. Two are usual; a longer way is somebody's invention.
const MAX_HOPS: usize = 8;
const HEADER: &str = "x-forwarded-for";

/// The proxies whose word is believed.
#[derive(Clone, Debug, Default)]
pub(super) struct Proxies(Arc<[IpAddr]>);

impl Proxies {
    pub(super) fn trusted(addresses: &[IpAddr]) -> Self {
        Self(addresses.iter().map(IpAddr::to_canonical).collect())
    }

    /// Whether a connection from there is a proxy's.
    pub(super) fn trust(&self, peer: IpAddr) -> bool {
        self.0.contains(&peer.to_canonical())
    }

    /// Whose request it is: the nearest address that is no trusted proxy's, read from the end. Where a proxy has written
    /// nothing that can be understood, the request is its own.
    pub(super) fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut nearest = peer;
        for word in words(headers).take(MAX_HOPS) {
            if !self.trust(nearest) {
                return nearest;
            }
            match word.and_then(address) {
                Some(before) => nearest = before,
                None => return nearest,
            }
        }
        nearest
    }
}

/// What proxies wrote, the last first. Several headers are one list (RFC 9110 section 5.3). `None`: no text.
fn words(headers: &HeaderMap) -> impl Iterator<Item = Option<&str>> {
    let lines = headers.get_all(HEADER).iter().rev();
    lines.flat_map(|line| {
        let line = line.as_bytes().rsplit(|byte| *byte == b',');
        line.map(|word| str::from_utf8(word).ok().map(str::trim))
    })
}

/// An address, as proxies write it: some with a port, IPv6 with or without brackets.
fn address(word: &str) -> Option<IpAddr> {
    let bare = word
        .strip_prefix('[')
        .and_then(|word| word.strip_suffix(']'))
        .unwrap_or(word);
    let with_port = || word.parse().map(|address: SocketAddr| address.ip());
    bare.parse().or_else(|_| with_port()).ok()
}

#[cfg(test)]
mod tests {
    use super::{MAX_HOPS, Proxies};
    use axum::http::{HeaderMap, HeaderValue};
    use std::net::IpAddr;

    fn client(trusted: &[&str], peer: &str, lines: &[&str]) -> String {
        let trusted: Vec<IpAddr> = trusted.iter().map(|one| one.parse().unwrap()).collect();
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append("x-forwarded-for", HeaderValue::from_bytes(line.as_bytes()).unwrap());
        }
        Proxies::trusted(&trusted)
            .client(peer.parse().unwrap(), &headers)
            .to_string()
    }

    const PROXY: &str = "10.0.0.1";
    const OUTER: &str = "10.0.0.2";

    #[test]
    fn nobodys_word_but_a_trusted_proxys_is_believed() {
        assert_eq!(client(&[], "192.0.2.9", &["198.51.100.1"]), "192.0.2.9");
        assert_eq!(client(&[PROXY], "192.0.2.9", &["198.51.100.1"]), "192.0.2.9");
        assert_eq!(client(&[PROXY], PROXY, &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(client(&[PROXY], "::ffff:10.0.0.1", &["198.51.100.1"]), "198.51.100.1");
    }

    #[test]
    fn what_a_visitor_writes_stands_before_what_the_proxy_writes() {
        assert_eq!(client(&[PROXY], PROXY, &["203.0.113.7, 198.51.100.1"]), "198.51.100.1");
        assert_eq!(
            client(&[PROXY], PROXY, &["203.0.113.7", "198.51.100.1"]),
            "198.51.100.1"
        );
        // Not even by writing the proxy's own address.
        assert_eq!(
            client(&[PROXY], PROXY, &["203.0.113.7, 10.0.0.1, 198.51.100.1"]),
            "198.51.100.1"
        );
    }

    #[test]
    fn proxies_behind_each_other_are_followed() {
        let trusted = [PROXY, OUTER];
        assert_eq!(
            client(&trusted, PROXY, &["203.0.113.7, 198.51.100.1, 10.0.0.2"]),
            "198.51.100.1"
        );
        assert_eq!(client(&trusted, PROXY, &["10.0.0.2"]), OUTER, "its own request");
        let long = vec![OUTER; MAX_HOPS + 5].join(",");
        assert_eq!(
            client(&trusted, PROXY, &[&format!("198.51.100.1,{long}")]),
            OUTER,
            "an end to it"
        );
    }

    #[test]
    fn addresses_are_read_as_proxies_write_them() {
        for (written, read) in [
            ("198.51.100.1:4711", "198.51.100.1"),
            ("2001:db8::7", "2001:db8::7"),
            ("[2001:db8::7]", "2001:db8::7"),
            ("[2001:db8::7]:4711", "2001:db8::7"),
            ("unknown", PROXY),
            ("", PROXY),
            ("198.51.100.1,", PROXY),
            ("åäö", PROXY),
        ] {
            assert_eq!(client(&[PROXY], PROXY, &[written]), read, "{written}");
        }
        assert_eq!(client(&[PROXY], PROXY, &[]), PROXY);
    }
}
