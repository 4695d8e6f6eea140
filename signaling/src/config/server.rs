//! `[server]`: where the page and its WebSocket are served.

use super::Invalid;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::path::PathBuf;

/// The section.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Server {
    /// The TCP address to bind.
    pub listen: SocketAddr,
    /// The address people's browsers use: scheme, host and port, nothing after.
    pub public_url: String,
    /// `[server.tls]`
    pub tls: Tls,
}

/// The certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Tls {
    /// PEM file with the certificate and its chain.
    pub cert_file: Option<PathBuf>,
    /// PEM file with the private key.
    pub key_file: Option<PathBuf>,
    /// Make a certificate at start that no browser trusts; for demonstrations and tests.
    pub self_signed: bool,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([0, 0, 0, 0], 8443)),
            public_url: "https://localhost:8443".into(),
            tls: Tls::default(),
        }
    }
}

impl Server {
    pub(super) fn validate(&self) -> Result<(), Invalid> {
        self.host()?;
        self.tls.validate()
    }

    /// The port in `public_url`: the one that browsers use, whatever is bound.
    ///
    /// # Errors
    /// As [`Server::host`].
    pub fn port(&self) -> Result<u16, Invalid> {
        self.host()?;
        let url: Option<axum::http::Uri> = self.public_url.parse().ok();
        Ok(url.and_then(|url| url.port_u16()).unwrap_or(443))
    }

    /// The host name or address in `public_url`, for the certificate.
    ///
    /// # Errors
    /// When `public_url` is not the origin of an https site.
    pub fn host(&self) -> Result<String, Invalid> {
        let wrong = || {
            Invalid::new(
                "server.public_url",
                "must be like https://lika.example.se:8443, with nothing after",
            )
        };
        let url: axum::http::Uri = self.public_url.parse().map_err(|_| wrong())?;
        let bare = url.scheme_str() == Some("https") && matches!(url.path(), "" | "/") && url.query().is_none();
        let host = url
            .host()
            .filter(|host| bare && !host.is_empty() && !self.public_url.ends_with('/'));
        host.map(|host| host.trim_matches(['[', ']']).to_owned())
            .ok_or_else(wrong)
    }
}

impl Tls {
    fn validate(&self) -> Result<(), Invalid> {
        match (&self.cert_file, &self.key_file, self.self_signed) {
            (Some(_), Some(_), false) | (None, None, true) => Ok(()),
            (Some(_), Some(_), true) => Err(Invalid::new(
                "server.tls.self_signed",
                "is true although a certificate is given; remove one of them",
            )),
            (None, None, false) => Err(Invalid::new(
                "server.tls",
                "has no certificate; set cert_file and key_file (or self_signed = true for a demonstration)",
            )),
            (Some(_), None, _) => Err(Invalid::new("server.tls.key_file", "is missing beside cert_file")),
            (None, Some(_), _) => Err(Invalid::new("server.tls.cert_file", "is missing beside key_file")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Server;

    #[test]
    fn the_public_url_is_an_origin() {
        let server = |url: &str| Server {
            public_url: url.into(),
            ..Server::default()
        };
        let host = |url: &str| server(url).host().ok();
        let port = |url: &str| server(url).port().unwrap();
        assert_eq!(host("https://lika.example.se").as_deref(), Some("lika.example.se"));
        assert_eq!(host("https://[::1]:8443").as_deref(), Some("::1"));
        assert_eq!(
            (port("https://lika.example.se"), port("https://[::1]:8443")),
            (443, 8443)
        );
        for wrong in [
            "http://lika.example.se",
            "https://lika.example.se/",
            "https://a/b",
            "lika.example.se",
            "",
        ] {
            assert_eq!(host(wrong), None, "{wrong}");
        }
    }
}
