//! The program itself.

use crate::stage::{CHAIR, Page, config, http, session_cookie, trusting};
use lika::config::{Config, EXAMPLE};
use lika::meeting::{Command as Ask, Phase};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

const ROSTER: &str = "
    title = 'Sammanträde 1'
    body = 'Nämnd'
    participant = [{ role = 'chair', name = 'Ordförande' }, { role = 'member', name = 'Ledamot 1' }]
";

fn lika(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_lika"))
        .args(arguments)
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn written(config: &Config, directory: &Path) -> PathBuf {
    let path = directory.join("lika.toml");
    std::fs::write(&path, toml::to_string(config).unwrap()).unwrap();
    path
}

/// A server in a process of its own; killed when dropped.
struct Process {
    child: Child,
    tcp: SocketAddr,
}

impl Process {
    fn serve(config: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_lika"))
            .args(["serve", "--config"])
            .arg(config)
            .env("LIKA_LOG_FORMAT", "json")
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap()).lines();
        let tcp = log
            .by_ref()
            .map(Result::unwrap)
            .find_map(|line| address(&line))
            .expect("it did not start");
        // The log must be read on, or the server would wait for its reader.
        std::thread::spawn(move || log.for_each(drop));
        Self { child, tcp }
    }

    /// As `kill -9` does.
    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn address(line: &str) -> Option<SocketAddr> {
    let entry: serde_json::Value = serde_json::from_str(line).ok()?;
    entry.get("fields")?.get("tcp")?.as_str()?.parse().ok()
}

#[test]
fn the_example_is_printed_and_good_but_for_its_certificate() {
    let printed = lika(&["config", "example"]);
    assert_eq!(text(&printed.stdout), EXAMPLE);
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("lika.toml");
    std::fs::write(&path, EXAMPLE).unwrap();
    let checked = lika(&["config", "check", "--config", path.to_str().unwrap()]);
    assert!(!checked.status.success());
    assert!(
        text(&checked.stderr).contains("server.tls has no certificate"),
        "{}",
        text(&checked.stderr)
    );
}

#[test]
fn a_wrong_key_is_named_with_the_nearest_one() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("lika.toml");
    std::fs::write(&path, "[media]\npublic_ip = ['192.0.2.1']\n").unwrap();
    for arguments in [["config", "check", "--config"].as_slice(), &["serve", "--config"]] {
        let refused = lika(&[arguments, &[path.to_str().unwrap()]].concat());
        assert!(!refused.status.success());
        let error = text(&refused.stderr);
        assert!(
            error.contains("unknown key `public_ip`, did you mean `public_ips`?"),
            "{error}"
        );
    }
}

#[test]
fn the_check_reads_the_turn_servers_secret_and_does_not_show_it() {
    let directory = tempfile::tempdir().unwrap();
    let secret = directory.path().join("turn.secret");
    let mut config = config(directory.path());
    config.turn.urls = vec!["turns:turn.example.se:443?transport=tcp".into()];
    config.turn.secret_file = Some(secret.clone());
    let path = written(&config, directory.path());
    let check = || lika(&["config", "check", "--config", path.to_str().unwrap()]);
    let missing = text(&check().stderr);
    assert!(missing.contains("turn.secret_file"), "{missing}");
    std::fs::write(&secret, "hemligt").unwrap();
    let short = text(&check().stderr);
    assert!(
        short.contains("fewer than 22 characters") && !short.contains("hemligt"),
        "{short}"
    );
    std::fs::write(&secret, "0123456789abcdef0123456789abcdef").unwrap();
    assert!(check().status.success());
}

#[test]
fn a_meeting_is_created_listed_exported_and_verified() {
    let directory = tempfile::tempdir().unwrap();
    let config = written(&config(directory.path()), directory.path());
    let config = config.to_str().unwrap();
    let roster = directory.path().join("roster.toml");
    std::fs::write(&roster, ROSTER).unwrap();
    let created = lika(&[
        "meeting",
        "create",
        "--config",
        config,
        "--roster",
        roster.to_str().unwrap(),
    ]);
    assert!(created.status.success(), "{}", text(&created.stderr));
    assert_eq!(text(&created.stdout).matches("https://localhost/i/").count(), 2);
    assert!(text(&lika(&["meeting", "list", "--config", config]).stdout).contains("1\tplanned"));
    let export = directory.path().join("meeting.jsonl");
    let exported = lika(&[
        "meeting",
        "export",
        "--config",
        config,
        "1",
        "--out",
        export.to_str().unwrap(),
    ]);
    assert!(exported.status.success(), "{}", text(&exported.stderr));
    for file in [export, directory.path().join("journal.sqlite")] {
        let verified = lika(&["journal", "verify", file.to_str().unwrap()]);
        assert!(
            text(&verified.stdout).contains("the chain holds"),
            "{}",
            text(&verified.stderr)
        );
    }
}

#[tokio::test]
async fn a_killed_server_loses_nothing_it_has_accepted() {
    let directory = tempfile::tempdir().unwrap();
    let config = written(&config(directory.path()), directory.path());
    let roster = directory.path().join("roster.toml");
    std::fs::write(&roster, ROSTER).unwrap();
    let arguments = [
        "meeting",
        "create",
        "--config",
        config.to_str().unwrap(),
        "--roster",
        roster.to_str().unwrap(),
    ];
    let created = text(&lika(&arguments).stdout);
    let link = created.split_whitespace().find(|word| word.contains("/i/")).unwrap();
    let tls = trusting(&directory.path().join("certificate.pem"));

    let server = Process::serve(&config);
    let entry = format!(
        "https://localhost:{}/i/{}",
        server.tcp.port(),
        link.rsplit('/').next().unwrap()
    );
    let cookie = session_cookie(&http(&tls).get(entry).send().await.unwrap());
    let mut chair = Page::open(server.tcp, &tls, &cookie).await;
    assert_eq!(chair.you, CHAIR);
    chair.command(Ask::Open {}).await.unwrap();
    server.kill();

    let server = Process::serve(&config);
    let chair = Page::open(server.tcp, &tls, &cookie).await;
    assert_eq!(chair.meeting.phase, Phase::Open);
    server.kill();
    let journal = directory.path().join("journal.sqlite");
    assert!(lika(&["journal", "verify", journal.to_str().unwrap()]).status.success());
}
