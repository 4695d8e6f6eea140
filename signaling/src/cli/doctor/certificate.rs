//! Whether browsers will accept the certificate.

use super::finding::{Finding, failed, good, warning};
use super::name::addresses_within;
use super::shown::{is_silence, shown};
use crate::clock::Clock;
use crate::config::{Config, Server};
use rustls::client::danger::ServerCertVerifier as _;
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::sign::CertifiedKey;
use rustls::{CertificateError, RootCertStore};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use x509_parser::prelude::{FromDer as _, X509Certificate};

/// Automatic renewal happens a month before the end; after this it has failed.
const RENEWED_BY_S: i64 = 14 * 86_400;

type Chain = Vec<CertificateDer<'static>>;

pub(super) fn check(config: &Config) -> Vec<Finding> {
    let tls = &config.server.tls;
    match (&tls.cert_file, &tls.key_file) {
        (Some(certificate), Some(key)) => of_files(&config.server, certificate, key, &system_roots()),
        _ if tls.acme.is_some() => of_authority(&config.server, &system_roots()),
        _ => vec![self_made()],
    }
}

fn of_files(server: &Server, certificate: &Path, key: &Path, roots: &RootCertStore) -> Vec<Finding> {
    let read = CertificateDer::pem_file_iter(certificate).and_then(Iterator::collect::<Result<Chain, _>>);
    let chain = match read {
        Ok(chain) if !chain.is_empty() => chain,
        Ok(_) => return vec![unreadable(certificate, "no certificate in it")],
        Err(error) => return vec![unreadable(certificate, &error.to_string())],
    };
    let host = server.host().unwrap_or_default();
    let mut findings = if server.trusted_proxies.is_empty() {
        examine(&chain, &host, roots)
    } else {
        // The proxy alone sees it, and is told to trust it; browsers see the proxy's.
        lasting(&chain)
    };
    findings.push(match PrivateKeyDer::from_pem_file(key) {
        Ok(private) => belongs(chain, private),
        Err(error) => unreadable(key, &error.to_string()),
    });
    if !server.trusted_proxies.is_empty() {
        findings.extend(of_proxy(server, &host, roots));
    }
    findings
}

/// What browsers are shown by the proxy in front of lika.
fn of_proxy(server: &Server, host: &str, roots: &RootCertStore) -> Vec<Finding> {
    let port = server.port().unwrap_or(443);
    let address = addresses_within(host, port).and_then(|all| {
        let first = all.into_iter().next();
        first.ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
    });
    match address.and_then(|address| shown(address, host)) {
        Ok(chain) => examine(&chain, host, roots),
        Err(error) => vec![warning(
            format!(
                "Certifikatet som webbläsare får av proxyn på {host}:{port} är inte prövat: {error}. Kör om när proxyn är igång."
            ),
            format!(
                "The certificate that browsers get of the proxy at {host}:{port} is not tried: {error}. Run this again when the proxy runs."
            ),
        )],
    }
}

/// What lika shows of what the authority has made.
fn of_authority(server: &Server, roots: &RootCertStore) -> Vec<Finding> {
    let (host, mut address) = (server.host().unwrap_or_default(), server.listen);
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    match shown(address, &host) {
        Ok(chain) => examine(&chain, &host, roots),
        Err(error) if is_silence(&error) => vec![warning(
            format!(
                "Certifikatet görs av utfärdaren (server.tls.acme) och kan ses när lika körs; ingen svarar på {address}. Starta lika och kör om."
            ),
            format!(
                "The certificate is made by the authority (server.tls.acme) and can be seen while lika runs; nobody answers at {address}. Start lika and run this again."
            ),
        )],
        Err(error) => vec![failed(
            format!(
                "Utfärdaren (server.tls.acme) har inte gjort något certifikat för {host} än ({error}): ingen kan öppna sidan. Utfärdaren måste nå TCP 443 från internet, och namnet leda hit; loggen säger mer: journalctl -u lika."
            ),
            format!(
                "The authority (server.tls.acme) has made no certificate for {host} yet ({error}): nobody can open the page. The authority must reach TCP 443 from the internet, and the name lead here; the log says more: journalctl -u lika."
            ),
        )],
    }
}

fn self_made() -> Finding {
    warning(
        "Inget certifikat är inställt. Ingen webbläsare litar på ett självgjort (server.tls.self_signed); sätt server.tls.cert_file och key_file före ett riktigt sammanträde.",
        "No certificate is set. No browser trusts one made by ourselves (server.tls.self_signed); set server.tls.cert_file and key_file before a real meeting.",
    )
}

fn unreadable(file: &Path, error: &str) -> Finding {
    let file = file.display();
    failed(
        format!("{file} kan inte användas: {error}. Kontrollera sökvägen, att den är PEM och att lika får läsa den."),
        format!("{file} cannot be used: {error}. Check the path, that it is PEM, and that lika may read it."),
    )
}

/// The certificate itself: its time, its name, and who vouches for it.
fn examine(chain: &[CertificateDer<'_>], host: &str, roots: &RootCertStore) -> Vec<Finding> {
    let Some((leaf, intermediates)) = chain.split_first() else {
        return Vec::new();
    };
    let Ok((_, parsed)) = X509Certificate::from_der(leaf) else {
        return vec![not_x509()];
    };
    let now_s = Clock::system().now_ms() / 1000;
    vec![
        time_of(&parsed, now_s),
        name(leaf, host),
        if parsed.issuer() == parsed.subject() {
            self_signed()
        } else {
            trust(leaf, intermediates, host, roots, now_s)
        },
    ]
}

/// Its time alone.
fn lasting(chain: &[CertificateDer<'_>]) -> Vec<Finding> {
    let leaf = chain.first().map(|leaf| X509Certificate::from_der(leaf));
    let found = leaf.map(|leaf| {
        leaf.map_or_else(
            |_| not_x509(),
            |(_, leaf)| time_of(&leaf, Clock::system().now_ms() / 1000),
        )
    });
    found.into_iter().collect()
}

fn not_x509() -> Finding {
    failed(
        "Det som visas är inget certifikat (X.509). Kontrollera server.tls.cert_file.",
        "What is shown is no certificate (X.509). Check server.tls.cert_file.",
    )
}

fn time_of(certificate: &X509Certificate<'_>, now_s: i64) -> Finding {
    let validity = certificate.validity();
    time(validity.not_before.timestamp(), validity.not_after.timestamp(), now_s)
}

fn time(begins_s: i64, ends_s: i64, now_s: i64) -> Finding {
    let left_s = ends_s.saturating_sub(now_s);
    let days = left_s / 86_400;
    if begins_s > now_s {
        failed(
            "Certifikatet gäller inte än. Kontrollera maskinens klocka (timedatectl).",
            "The certificate is not valid yet. Check the machine's clock (timedatectl).",
        )
    } else if left_s <= 0 {
        failed(
            "Certifikatet har gått ut: ingen kan öppna mötessidan. Förnya det; lika läser in det utan omstart.",
            "The certificate has expired: nobody can open the meeting page. Renew it; lika loads it without a restart.",
        )
    } else if left_s < RENEWED_BY_S {
        warning(
            format!(
                "Certifikatet går ut om {days} dagar. Automatisk förnyelse borde ha skett; kontrollera den, eller beställ ett nytt."
            ),
            format!(
                "The certificate expires in {days} days. An automatic renewal should have happened; check it, or order a new one."
            ),
        )
    } else {
        good(
            format!("Certifikatet gäller i {days} dagar till."),
            format!("The certificate is valid for {days} more days."),
        )
    }
}

fn name(leaf: &CertificateDer<'_>, host: &str) -> Finding {
    let matches = ServerName::try_from(host.to_owned())
        .is_ok_and(|name| ParsedCertificate::try_from(leaf).is_ok_and(|leaf| verify_server_name(&leaf, &name).is_ok()));
    if matches {
        return good(
            format!("Certifikatet gäller för {host}."),
            format!("The certificate is for {host}."),
        );
    }
    failed(
        format!(
            "Certifikatet gäller inte för {host}. Beställ ett med det namnet bland alternativnamnen (SAN), eller rätta server.public_url."
        ),
        format!(
            "The certificate is not for {host}. Order one with that name among its alternative names (SAN), or correct server.public_url."
        ),
    )
}

fn trust(
    leaf: &CertificateDer<'_>,
    intermediates: &[CertificateDer<'_>],
    host: &str,
    roots: &RootCertStore,
    now_s: i64,
) -> Finding {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots.clone()), provider).build();
    let Ok(verifier) = verifier else {
        return warning(
            "Maskinen har inga betrodda utfärdare att jämföra med. Installera paketet ca-certificates och kör om.",
            "This machine has no trusted issuers to compare with. Install the package ca-certificates and run this again.",
        );
    };
    let Ok(server) = ServerName::try_from(host.to_owned()) else {
        return unreadable(Path::new("server.public_url"), "no name");
    };
    let now = UnixTime::since_unix_epoch(Duration::from_secs(now_s.unsigned_abs()));
    let error = match verifier.verify_server_cert(leaf, intermediates, &server, &[], now) {
        Ok(_) => return vouched(),
        Err(rustls::Error::InvalidCertificate(error)) => error,
        Err(error) => return not_trusted(&error.to_string()),
    };
    match error {
        // Said already.
        CertificateError::NotValidForName
        | CertificateError::NotValidForNameContext { .. }
        | CertificateError::Expired
        | CertificateError::ExpiredContext { .. }
        | CertificateError::NotValidYet
        | CertificateError::NotValidYetContext { .. } => vouched(),
        CertificateError::UnknownIssuer if intermediates.is_empty() => failed(
            "Webbläsare litar inte på certifikatet: utfärdaren är okänd, och filen har ingen mer än certifikatet. Ta med mellanliggande certifikat (ofta fullchain.pem); är utfärdaren kommunens egen måste varje enhet lita på den.",
            "Browsers do not trust the certificate: its issuer is unknown, and the file has nothing but the certificate. Include the intermediate certificates (often fullchain.pem); if the issuer is the municipality's own, every device must trust it.",
        ),
        CertificateError::UnknownIssuer => warning(
            "Utfärdaren är okänd för den här maskinen. Är den kommunens egen måste varje deltagares enhet lita på den, också privata; annars: kontrollera ordningen i filen.",
            "The issuer is unknown to this machine. If it is the municipality's own, every delegate's device must trust it, private ones too; otherwise check the order in the file.",
        ),
        other => not_trusted(&other.to_string()),
    }
}

fn self_signed() -> Finding {
    failed(
        "Certifikatet är självsignerat: ingen webbläsare litar på det utan att användaren godtar en varning. Beställ ett av en offentlig utfärdare före ett riktigt sammanträde.",
        "The certificate is self-signed: no browser trusts it unless its user accepts a warning. Order one of a public issuer before a real meeting.",
    )
}

fn vouched() -> Finding {
    good(
        "Utfärdaren är betrodd och kedjan är hel.",
        "The issuer is trusted and the chain is whole.",
    )
}

fn not_trusted(error: &str) -> Finding {
    failed(
        format!("Webbläsare litar inte på certifikatet: {error}. Beställ ett nytt av en offentlig utfärdare."),
        format!("Browsers do not trust the certificate: {error}. Order a new one of a public issuer."),
    )
}

fn belongs(chain: Chain, key: PrivateKeyDer<'static>) -> Finding {
    let signing = match aws_lc_rs::default_provider().key_provider.load_private_key(key) {
        Ok(signing) => signing,
        Err(error) => return unreadable(Path::new("server.tls.key_file"), &error.to_string()),
    };
    match CertifiedKey::new(chain, signing).keys_match() {
        Ok(()) => good("Nyckeln hör till certifikatet.", "The key belongs to the certificate."),
        Err(_) => failed(
            "Nyckeln hör inte till certifikatet: lika startar inte. Sätt server.tls.key_file till nyckeln som certifikatet beställdes med.",
            "The key does not belong to the certificate: lika does not start. Set server.tls.key_file to the key that the certificate was ordered with.",
        ),
    }
}

fn system_roots() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    roots
}

#[cfg(test)]
mod tests {
    use super::{check, examine, of_authority, of_files, time};
    use crate::config::{Acme, Config};
    use lika_auth::oidc::Outcome;
    use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
    use rustls::crypto::aws_lc_rs;
    use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
    use rustls::{RootCertStore, ServerConfig, ServerConnection};
    use std::net::{Ipv4Addr, SocketAddr, TcpListener};
    use std::path::Path;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::thread;

    const DAY_S: i64 = 86_400;
    static AUTHORITIES: AtomicU32 = AtomicU32::new(1);

    /// A made-up authority, an intermediate one, and what that has issued for a name.
    struct Issued {
        roots: RootCertStore,
        intermediate: CertificateDer<'static>,
        leaf: CertificateDer<'static>,
        key: KeyPair,
    }

    fn issued(name: &str) -> Issued {
        let authority = |issuer: Option<&CertifiedIssuer<'_, KeyPair>>| {
            let mut params = CertificateParams::new(Vec::new()).unwrap();
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            // No two have one name: another's key under a known name is a forgery, not a stranger.
            let called = format!("Utfärdare {}", AUTHORITIES.fetch_add(1, Ordering::Relaxed));
            params.distinguished_name.push(rcgen::DnType::CommonName, called);
            let key = KeyPair::generate().unwrap();
            match issuer {
                Some(issuer) => CertifiedIssuer::signed_by(params, key, issuer).unwrap(),
                None => CertifiedIssuer::self_signed(params, key).unwrap(),
            }
        };
        let root = authority(None);
        let intermediate = authority(Some(&root));
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        let leaf = params.signed_by(&key, &intermediate).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(root.der().clone()).unwrap();
        Issued {
            roots,
            intermediate: intermediate.der().clone(),
            leaf: leaf.der().clone(),
            key,
        }
    }

    fn outcomes(chain: &[CertificateDer<'_>], host: &str, roots: &RootCertStore) -> [Outcome; 3] {
        let found = examine(chain, host, roots);
        [0, 1, 2].map(|at| found[at].outcome)
    }

    #[test]
    fn time_name_and_issuer_are_told_apart() {
        use Outcome::{Failed, Ok, Warning};
        let Issued {
            roots,
            intermediate,
            leaf,
            ..
        } = issued("lika.example.se");
        let whole = [leaf.clone(), intermediate.clone()];
        assert_eq!(outcomes(&whole, "lika.example.se", &roots), [Ok, Ok, Ok]);
        assert_eq!(outcomes(&whole, "other.example.se", &roots), [Ok, Failed, Ok]);
        assert_eq!(
            outcomes(&[leaf], "lika.example.se", &roots),
            [Ok, Ok, Failed],
            "half a chain"
        );
        let others = issued("lika.example.se");
        assert_eq!(outcomes(&whole, "lika.example.se", &others.roots), [Ok, Ok, Warning]);
    }

    #[test]
    fn a_certificate_ends() {
        let outcome = |begins, ends| time(begins, ends, 1000 * DAY_S).outcome;
        assert_eq!(outcome(900 * DAY_S, 1060 * DAY_S), Outcome::Ok);
        assert_eq!(outcome(900 * DAY_S, 1010 * DAY_S), Outcome::Warning);
        assert_eq!(outcome(900 * DAY_S, 999 * DAY_S), Outcome::Failed);
        assert_eq!(outcome(1001 * DAY_S, 1060 * DAY_S), Outcome::Failed, "not yet");
    }

    fn with_files(certificate: &Path, key: &Path) -> Config {
        let mut config = Config::default();
        config.server.public_url = "https://lika.example.se".into();
        config.server.tls.cert_file = Some(certificate.into());
        config.server.tls.key_file = Some(key.into());
        config
    }

    #[test]
    fn the_key_must_be_the_certificates() {
        let directory = tempfile::tempdir().unwrap();
        let (certificate, key) = (directory.path().join("cert.pem"), directory.path().join("key.pem"));
        let made = crate::http::tls::self_signed("lika.example.se").unwrap();
        let config = with_files(&certificate, &key);
        let last = |config: &Config| check(config).pop().unwrap();
        assert!(last(&config).text.sv.contains("cert.pem"), "no file");
        std::fs::write(&certificate, made.cert.pem()).unwrap();
        assert!(last(&config).text.sv.contains("key.pem"), "no key");
        std::fs::write(&key, issued("x").key.serialize_pem()).unwrap();
        assert_eq!(last(&config).outcome, Outcome::Failed, "another's");
        std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
        assert_eq!(last(&config).outcome, Outcome::Ok);
    }

    /// A server of another program's that shows this chain to everybody who asks, until the test is over.
    fn showing(chain: Vec<CertificateDer<'static>>, key: &KeyPair) -> SocketAddr {
        let key = PrivatePkcs8KeyDer::from(key.serialize_der()).into();
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        let (config, listener) = (Arc::new(config), TcpListener::bind("127.0.0.1:0").unwrap());
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            for mut visitor in listener.incoming().flatten() {
                let mut tls = ServerConnection::new(Arc::clone(&config)).unwrap();
                // Whoever has seen the certificate goes, in the middle of what would be said.
                while tls.is_handshaking() && tls.complete_io(&mut visitor).is_ok() {}
            }
        });
        address
    }

    #[test]
    fn an_authoritys_certificate_is_looked_at_where_it_is_shown() {
        let issued = issued("lika.example.se");
        let mut config = Config::default();
        config.server.public_url = "https://lika.example.se".into();
        config.server.tls.acme = Some(Acme::default());
        let chain = vec![issued.leaf.clone(), issued.intermediate.clone()];
        config.server.listen = showing(chain, &issued.key);
        let found = of_authority(&config.server, &issued.roots);
        assert!(
            found.iter().all(|one| one.outcome == Outcome::Ok) && found.len() == 3,
            "{found:?}"
        );
        config.server.public_url = "https://other.example.se".into();
        assert_eq!(of_authority(&config.server, &issued.roots)[1].outcome, Outcome::Failed);

        config.server.listen = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let silent = check(&config);
        assert!(
            silent[0].outcome == Outcome::Warning && silent[0].text.sv.contains("Starta lika"),
            "{silent:?}"
        );
        let mute = TcpListener::bind("127.0.0.1:0").unwrap();
        config.server.listen = mute.local_addr().unwrap();
        thread::spawn(move || drop(mute.accept()));
        let nothing = check(&config);
        assert!(
            nothing[0].outcome == Outcome::Failed && nothing[0].text.en.contains("journalctl"),
            "{nothing:?}"
        );
    }

    #[test]
    fn behind_a_proxy_its_certificate_counts_and_the_file_is_between_the_two() {
        use Outcome::{Failed, Ok, Warning};
        let directory = tempfile::tempdir().unwrap();
        let (certificate, key) = (directory.path().join("cert.pem"), directory.path().join("key.pem"));
        let between = crate::http::tls::self_signed("localhost").unwrap();
        std::fs::write(&certificate, between.cert.pem()).unwrap();
        std::fs::write(&key, between.signing_key.serialize_pem()).unwrap();
        let mut config = with_files(&certificate, &key);
        config.server.trusted_proxies = vec![Ipv4Addr::LOCALHOST.into()];
        let issued = issued("localhost");
        let proxy = showing(vec![issued.leaf.clone(), issued.intermediate.clone()], &issued.key);
        config.server.public_url = format!("https://localhost:{}", proxy.port());
        let outcomes = |config: &Config| {
            let found = of_files(&config.server, &certificate, &key, &issued.roots);
            found.iter().map(|one| one.outcome).collect::<Vec<_>>()
        };
        assert_eq!(
            outcomes(&config),
            [Ok, Ok, Ok, Ok, Ok],
            "the file's time and key; the proxy's time, name and issuer"
        );
        let wrong = showing(vec![between.cert.der().clone()], &between.signing_key);
        config.server.public_url = format!("https://localhost:{}", wrong.port());
        assert_eq!(outcomes(&config), [Ok, Ok, Ok, Ok, Failed], "nobody trusts it");
        let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        config.server.public_url = format!("https://localhost:{}", nobody.port());
        assert_eq!(outcomes(&config), [Ok, Ok, Warning]);
    }
}
