//! A certificate from an authority: Pebble, the test server of Let's Encrypt (RFC 8555), where it is installed
//! (deploy/setup/debian authority).

use crate::house::{House, Running, free_port};
use crate::lacking::not_tested;
use crate::stage::{http, trusting};
use lika::clock::Clock;
use lika::config::{Acme, Tls};
use reqwest::StatusCode;
use rustls::ClientConfig;
use std::net::{TcpStream, UdpSocket};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Pebble and its name server, ended when dropped.
struct Authority {
    processes: Vec<Child>,
    directory: String,
    roots: String,
}

impl Drop for Authority {
    fn drop(&mut self) {
        for process in &mut self.processes {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

fn free_udp_port() -> u16 {
    UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

impl Authority {
    /// One that looks at this port of each name; every name is this machine.
    fn open(directory: &Path, looks_at: u16) -> Self {
        let (acme, management, dns) = (free_port(), free_port(), free_udp_port());
        let config = serde_json::json!({ "pebble": {
            "listenAddress": format!("127.0.0.1:{acme}"),
            "managementListenAddress": format!("127.0.0.1:{management}"),
            "certificate": directory.join("certificate.pem"),
            "privateKey": directory.join("key.pem"),
            "httpPort": free_port(),
            "tlsPort": looks_at,
            "ocspResponderURL": "",
            "externalAccountBindingRequired": false,
        }});
        let path = directory.join("pebble.json");
        std::fs::write(&path, config.to_string()).unwrap();
        let quiet = |command: &mut Command| command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let names = quiet(Command::new("pebble-challtestsrv").args([
            "-dns01",
            &format!("127.0.0.1:{dns}"),
            "-defaultIPv4",
            "127.0.0.1",
            "-defaultIPv6",
            "",
            "-management",
            &format!("127.0.0.1:{}", free_port()),
            "-http01",
            "",
            "-https01",
            "",
            "-tlsalpn01",
            "",
        ]));
        let mut pebble = quiet(
            Command::new("pebble")
                .arg("-config")
                .arg(&path)
                .arg("-dnsserver")
                .arg(format!("127.0.0.1:{dns}"))
                .env("PEBBLE_VA_NOSLEEP", "1"),
        );
        // Another program: there is nothing to wait for but its port.
        while TcpStream::connect(("127.0.0.1", acme)).is_err() {
            assert!(pebble.try_wait().unwrap().is_none(), "the authority ended by itself");
            std::thread::sleep(Duration::from_millis(20));
        }
        Self {
            processes: vec![names, pebble],
            directory: format!("https://localhost:{acme}/dir"),
            roots: format!("https://localhost:{management}/roots/0"),
        }
    }
}

fn is_installed(program: &str) -> bool {
    Command::new(program)
        .arg("-h")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok()
}

#[tokio::test]
async fn an_authority_makes_the_certificate_and_a_restart_asks_for_none() {
    if !is_installed("pebble") || !is_installed("pebble-challtestsrv") {
        return not_tested("pebble is not installed (deploy/setup/debian authority)");
    }
    let mut house = House::built();
    let directory = house.directory.path().to_owned();
    let port = free_port();
    let authority = Authority::open(&directory, port);
    house.config.identity.test_identities = false;
    house.config.server.listen.set_port(port);
    house.config.metrics.listen.set_port(free_port());
    house.config.server.public_url = format!("https://lika.example.se:{port}");
    house.config.server.tls = Tls {
        acme: Some(Acme {
            contact: Some("it@example.se".into()),
            directory: authority.directory.clone(),
            ca_file: Some(directory.join("certificate.pem")),
            ..Acme::default()
        }),
        ..Tls::default()
    };
    house.write_config();
    let mut server = house.start();
    server.logged("the authority has made a certificate");

    // Pebble makes its root anew at each start, and shows it.
    let root = http(&house.tls).get(&authority.roots).send().await.unwrap();
    let root_file = directory.join("root.pem");
    std::fs::write(&root_file, root.text().await.unwrap()).unwrap();
    assert_eq!(visit(&root_file, &server).await, StatusCode::OK);
    assert!(lasts_s(&house).await > 0, "whoever watches knows when it ends");

    // The authority is gone, and not missed: the certificate is kept.
    assert!(server.stop().success());
    drop(authority);
    let mut server = house.start();
    server.has_logged("the authority's certificate is in use");
    assert_eq!(visit(&root_file, &server).await, StatusCode::OK);
}

/// How much longer the certificate lasts, by the metrics port.
async fn lasts_s(house: &House) -> i64 {
    let url = format!("http://{}/metrics", house.config.metrics.listen);
    let text = http(&house.tls).get(url).send().await.unwrap().text().await.unwrap();
    let gauge = |line: &str| {
        Some(
            line.strip_prefix("lika_tls_certificate_expiry_timestamp_seconds ")?
                .to_owned(),
        )
    };
    let ends_s = text.lines().find_map(gauge).expect("the certificate's end");
    ends_s.parse::<f64>().unwrap() as i64 - Clock::system().now_ms() / 1000
}

/// A browser that trusts the authority's root opens a page at the name.
async fn visit(root: &Path, server: &Running) -> StatusCode {
    let client = reqwest::Client::builder()
        .use_preconfigured_tls(ClientConfig::clone(&trusting(root)))
        .resolve("lika.example.se", server.tcp)
        .build()
        .unwrap();
    let url = format!("https://lika.example.se:{}/healthz", server.tcp.port());
    client.get(url).send().await.unwrap().status()
}
