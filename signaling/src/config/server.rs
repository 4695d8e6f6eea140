//! `[server]`: where the page and its WebSocket are served.

use super::Invalid;
use serde::{Deserialize, Serialize};
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

/// Proxies in front of one installation: two sites with a spare each, several times over.
const MAX_PROXIES: usize = 16;
/// Names in one certificate; more than this is a mistake.
const MAX_DOMAINS: usize = 16;

/// The section.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Server {
    /// The TCP address to bind.
    pub listen: SocketAddr,
    /// The address people's browsers use: scheme, host and port, nothing after.
    pub public_url: String,
    /// Reverse proxies whose word about where a request comes from is believed.
    pub trusted_proxies: Vec<IpAddr>,
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
    /// `[server.tls.acme]`: have a certificate made and renewed by an authority.
    pub acme: Option<Acme>,
}

/// An authority that makes certificates by itself (ACME, RFC 8555), after a look at the HTTPS port (TLS-ALPN-01, RFC 8737).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Acme {
    /// The names in the certificate; none: the host of `public_url`.
    pub domains: Vec<String>,
    /// The e-mail address that the authority writes to when something is wrong.
    pub contact: Option<String>,
    /// Where the authority's directory is.
    pub directory: String,
    /// Certificate authorities (PEM) trusted for the directory beside the system's.
    pub ca_file: Option<PathBuf>,
}

impl Default for Acme {
    fn default() -> Self {
        Self {
            domains: Vec::new(),
            contact: None,
            directory: "https://acme-v02.api.letsencrypt.org/directory".into(),
            ca_file: None,
        }
    }
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([0, 0, 0, 0], 8443)),
            public_url: "https://localhost:8443".into(),
            trusted_proxies: Vec::new(),
            tls: Tls::default(),
        }
    }
}

impl Server {
    pub(super) fn validate(&self) -> Result<(), Invalid> {
        self.host()?;
        if self.trusted_proxies.len() > MAX_PROXIES {
            let problem = format!("has more than {MAX_PROXIES} addresses; name the proxies in front of lika alone");
            return Err(Invalid::new("server.trusted_proxies", problem));
        }
        if self.trusted_proxies.iter().any(IpAddr::is_unspecified) {
            return Err(Invalid::new(
                "server.trusted_proxies",
                "has 0.0.0.0 or [::], which is no proxy's address; name the address that the proxy connects from",
            ));
        }
        Ok(())
    }

    /// Checks the certificate's settings.
    pub(super) fn validate_tls(&self) -> Result<(), Invalid> {
        self.tls.validate()?;
        let Some(acme) = &self.tls.acme else {
            return Ok(());
        };
        acme.validate()?;
        let host = self.host()?;
        if self.acme_domains(acme)?.contains(&host) {
            return Ok(());
        }
        let problem = format!("must have {host}, the host of server.public_url, among them");
        Err(Invalid::new("server.tls.acme.domains", problem))
    }

    /// The names that a certificate is asked for.
    ///
    /// # Errors
    /// As [`Server::host`], and when the host is an address.
    pub fn acme_domains(&self, acme: &Acme) -> Result<Vec<String>, Invalid> {
        if !acme.domains.is_empty() {
            return Ok(acme.domains.clone());
        }
        let host = self.host()?;
        if is_domain(&host) {
            return Ok(vec![host]);
        }
        Err(Invalid::new(
            "server.tls.acme",
            "needs a host name in server.public_url: authorities make no certificates for an address or a local name",
        ))
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
        let ways = [
            self.cert_file.is_some() || self.key_file.is_some(),
            self.self_signed,
            self.acme.is_some(),
        ];
        match (ways.iter().filter(|way| **way).count(), &self.cert_file, &self.key_file) {
            (0, ..) => Err(Invalid::new(
                "server.tls",
                "has no certificate; set cert_file and key_file, or [server.tls.acme] (or self_signed = true for a \
                 demonstration)",
            )),
            (1, Some(_), None) => Err(Invalid::new("server.tls.key_file", "is missing beside cert_file")),
            (1, None, Some(_)) => Err(Invalid::new("server.tls.cert_file", "is missing beside key_file")),
            (1, ..) => Ok(()),
            _ if self.self_signed => Err(Invalid::new(
                "server.tls.self_signed",
                "is true although a certificate is given; remove one of them",
            )),
            _ => Err(Invalid::new(
                "server.tls.acme",
                "stands beside cert_file or key_file; the certificate comes from the one or from the other",
            )),
        }
    }
}

impl Acme {
    fn validate(&self) -> Result<(), Invalid> {
        if self.domains.len() > MAX_DOMAINS {
            let problem = format!("has more than {MAX_DOMAINS} names");
            return Err(Invalid::new("server.tls.acme.domains", problem));
        }
        if let Some(wrong) = self.domains.iter().find(|one| !is_domain(one)) {
            let problem =
                format!("has {wrong:?}, which is no host name; an address or a wildcard cannot be shown this way");
            return Err(Invalid::new("server.tls.acme.domains", problem));
        }
        if self.contact.as_deref().is_some_and(|contact| !is_mail(contact)) {
            let problem = "must be an e-mail address, e.g. it@example.se";
            return Err(Invalid::new("server.tls.acme.contact", problem));
        }
        if !self.directory.starts_with("https://") {
            let problem = "must be an https address: the authority's directory";
            return Err(Invalid::new("server.tls.acme.directory", problem));
        }
        Ok(())
    }
}

/// A host name with a dot in it; not an address.
fn is_domain(name: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    name.contains('.') && name.len() <= 253 && name.split('.').all(label) && name.parse::<IpAddr>().is_err()
}

fn is_mail(address: &str) -> bool {
    let parts = address.split_once('@');
    parts.is_some_and(|(user, host)| !user.is_empty() && !user.contains([' ', ',', ':']) && is_domain(host))
}

#[cfg(test)]
mod tests {
    use super::{Acme, Server, Tls};

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

    fn with_tls(tls: Tls) -> String {
        let server = Server {
            public_url: "https://lika.example.se".into(),
            tls,
            ..Server::default()
        };
        server
            .validate_tls()
            .err()
            .map(|error| error.to_string())
            .unwrap_or_default()
    }

    #[test]
    fn the_certificate_comes_from_one_place() {
        let file = || Some("/etc/lika/pem".into());
        let files = || Tls {
            cert_file: file(),
            key_file: file(),
            ..Tls::default()
        };
        let acme = Some(Acme::default());
        assert!(with_tls(Tls::default()).contains("has no certificate"));
        assert_eq!(with_tls(files()), "");
        assert_eq!(
            with_tls(Tls {
                acme: acme.clone(),
                ..Tls::default()
            }),
            ""
        );
        assert!(
            with_tls(Tls {
                key_file: None,
                ..files()
            })
            .contains("server.tls.key_file")
        );
        assert!(
            with_tls(Tls {
                self_signed: true,
                ..files()
            })
            .contains("server.tls.self_signed")
        );
        assert!(with_tls(Tls { acme, ..files() }).contains("server.tls.acme"));
    }

    #[test]
    fn an_authority_is_asked_for_names_that_it_can_look_at() {
        let asked = |change: fn(&mut Acme)| {
            let mut acme = Acme::default();
            change(&mut acme);
            with_tls(Tls {
                acme: Some(acme),
                ..Tls::default()
            })
        };
        assert_eq!(
            asked(|acme| acme.domains = vec!["lika.example.se".into(), "mote.example.se".into()]),
            ""
        );
        assert!(asked(|acme| acme.domains = vec!["mote.example.se".into()]).contains("lika.example.se"));
        assert!(asked(|acme| acme.domains = vec!["192.0.2.1".into()]).contains("no host name"));
        assert!(asked(|acme| acme.domains = vec!["*.example.se".into()]).contains("wildcard"));
        assert!(asked(|acme| acme.contact = Some("it".into())).contains("e-mail"));
        assert!(asked(|acme| acme.directory = "http://ca.example.se".into()).contains("https"));
        let address = Server {
            public_url: "https://192.0.2.1".into(),
            ..Server::default()
        };
        assert!(address.acme_domains(&Acme::default()).is_err());
    }

    #[test]
    fn everywhere_is_no_proxy() {
        let server = Server {
            trusted_proxies: vec!["0.0.0.0".parse().unwrap()],
            ..Server::default()
        };
        assert!(
            server
                .validate()
                .unwrap_err()
                .to_string()
                .contains("server.trusted_proxies")
        );
    }
}
