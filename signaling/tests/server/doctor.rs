//! `lika doctor`, the program itself.

use crate::command_line::{Process, lika, text, written};
use crate::stage::{config, http, trusting};
use crate::whip::OFFER;
use lika::config::Config;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Command, Stdio};

/// Whether it exits well, and what it finds: check, outcome, Swedish, English.
fn examine(config: &Path) -> (bool, Vec<[String; 4]>) {
    let output = lika(&["doctor", "--json", "--config", config.to_str().unwrap()]);
    let line = |line: &str| {
        let found: Value = serde_json::from_str(line).unwrap();
        ["check", "outcome", "sv", "en"].map(|key| found[key].as_str().unwrap().to_owned())
    };
    let findings = text(&output.stdout).lines().map(line).collect();
    (output.status.success(), findings)
}

fn outcomes<'a>(findings: &'a [[String; 4]], check: &str) -> Vec<&'a str> {
    let these = findings.iter().filter(|[one, ..]| one == check);
    these.map(|[_, outcome, ..]| outcome.as_str()).collect()
}

fn stopped(directory: &Path) -> Config {
    let mut config = config(directory);
    config.identity.test_identities = false;
    config
}

#[test]
fn everything_is_looked_at_and_worded_in_both_languages() {
    let directory = tempfile::tempdir().unwrap();
    let path = written(&stopped(directory.path()), directory.path());
    let (good, findings) = examine(&path);
    let checks: BTreeSet<&str> = findings.iter().map(|[check, ..]| check.as_str()).collect();
    let every = "addresses buffers certificate clock disk files name oidc ports processor secrets";
    assert_eq!(checks, every.split(' ').collect());
    for [check, _, sv, en] in &findings {
        assert!(!sv.is_empty() && !en.is_empty() && sv != en, "{check}: {sv} / {en}");
    }
    assert_eq!(outcomes(&findings, "ports"), ["ok", "ok", "ok"]);
    // Time and name are right, nobody vouches for it, and the key belongs to it.
    assert_eq!(outcomes(&findings, "certificate"), ["ok", "ok", "failed", "ok"]);
    assert!(!good, "what has failed shows in the exit status");
}

#[test]
fn the_output_is_in_one_language_if_one_is_asked_for_and_ends_with_a_verdict() {
    let directory = tempfile::tempdir().unwrap();
    let path = written(&stopped(directory.path()), directory.path());
    let said = |more: &[&str]| text(&lika(&[&["doctor", "--config", path.to_str().unwrap()], more].concat()).stdout);
    let (both, swedish, english) = (said(&[]), said(&["--language", "sv"]), said(&["--language", "en"]));
    assert!(swedish.contains("Certifikat\n") && swedish.contains("Fel: ") && !swedish.contains("FAILED"));
    assert!(english.contains("Certificate\n") && english.contains("Failed: ") && !english.contains("FEL"));
    assert!(both.contains("Certifikat / Certificate\n") && both.contains("FEL ") && both.contains("FAILED "));
}

#[test]
fn a_server_that_runs_has_its_ports_by_right() {
    let directory = tempfile::tempdir().unwrap();
    let mut config = stopped(directory.path());
    let process = Process::serve(&written(&config, directory.path()));
    config.server.listen = process.tcp;
    let (_, findings) = examine(&written(&config, directory.path()));
    let [_, outcome, said, _] = findings.iter().find(|[check, ..]| check == "ports").unwrap();
    assert!(outcome == "ok" && said.contains("används av lika"), "{said}");
    assert_eq!(
        outcomes(&findings, "secrets")[1],
        "ok",
        "the evidence key that it has made"
    );
}

#[test]
fn what_another_program_has_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut config = stopped(directory.path());
    config.server.listen = taken.local_addr().unwrap();
    let (good, findings) = examine(&written(&config, directory.path()));
    let [_, outcome, said, _] = &findings[0];
    assert!(!good && outcome == "failed", "{said}");
    assert!(said.contains(&format!("process {}", std::process::id())), "{said}");
}

/// `lika doctor reach` with the address that it shows.
struct Reaching {
    child: std::process::Child,
    out: BufReader<std::process::ChildStdout>,
    path: String,
}

fn reaching(config: &Config, directory: &Path) -> Reaching {
    let mut child = Command::new(env!("CARGO_BIN_EXE_lika"))
        .args(["doctor", "reach", "--language", "sv", "--config"])
        .arg(written(config, directory))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while !line.starts_with("https://") {
        line.clear();
        assert!(out.read_line(&mut line).unwrap() > 0, "it ended without an address");
    }
    let path = line.trim().rsplit_once("/reach/").unwrap().1.to_owned();
    Reaching { child, out, path }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_is_offered_both_ways_and_is_not_believed_that_it_came_through() {
    let directory = tempfile::tempdir().unwrap();
    let mut config = stopped(directory.path());
    let free = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    config.server.listen = free;
    config.server.public_url = format!("https://localhost:{}", free.port());
    let Reaching {
        mut child,
        mut out,
        path,
    } = reaching(&config, directory.path());
    let client = http(&trusting(&directory.path().join("certificate.pem")));
    let base = format!("{}/reach/{path}", config.server.public_url);

    let page = client.get(&base).send().await.unwrap();
    assert!(
        page.headers()["content-security-policy"]
            .to_str()
            .unwrap()
            .contains("script-src 'self'")
    );
    assert!(page.text().await.unwrap().contains("Når ljud och bild fram?"));
    let stranger = format!("{}/reach/{}", config.server.public_url, "x".repeat(path.len()));
    assert_eq!(client.get(stranger).send().await.unwrap().status(), 404);

    let answer = client
        .post(format!("{base}/offer"))
        .body(OFFER.replace("sendonly", "recvonly"))
        .send()
        .await
        .unwrap();
    let answer: Value = answer.json().await.unwrap();
    let sdp = answer["sdp"].as_str().unwrap();
    let candidates: Vec<&str> = sdp.lines().filter(|line| line.starts_with("a=candidate:")).collect();
    let by = |way: &str| candidates.iter().any(|line| line.to_ascii_lowercase().contains(way));
    assert!(by(" udp ") && by(" tcp "), "{candidates:?}");

    for way in ["udp", "tcp"] {
        let told = BTreeMap::from([
            ("peer", answer["peer"].clone()),
            ("way", way.into()),
            ("connected", true.into()),
            ("milliseconds", 5.into()),
        ]);
        let believed = client.post(format!("{base}/attempt")).json(&told).send().await.unwrap();
        assert!(!believed.json::<bool>().await.unwrap(), "the relay has seen nobody");
    }
    let mut said = String::new();
    out.read_to_string(&mut said).unwrap();
    assert!(
        said.contains("UDP når inte fram") && said.contains("TCP når inte fram"),
        "{said}"
    );
    assert!(!child.wait().unwrap().success());
}
