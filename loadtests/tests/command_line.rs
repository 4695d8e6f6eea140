//! The program as its users meet it: texts, exit codes, and a small benchmark from end to end.

#![allow(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::io::Write;
use std::process::{Command, Output, Stdio};

fn run(arguments: &[&str], input: &str) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_lika-loadtests"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that ended at once has closed its input.
    let _ = program.stdin.take().unwrap().write_all(input.as_bytes());
    program.wait_with_output().unwrap()
}

/// Fails with exit code `code` and a text that has `words`.
fn fails(arguments: &[&str], input: &str, code: i32, words: &str) {
    let output = run(arguments, input);
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {text}");
    assert!(text.contains(words), "{arguments:?}: {text}");
}

#[test]
fn what_cannot_work_is_said_with_what_would() {
    let join = ["join", "--server", "https://127.0.0.1:9"];
    fails(&join, "", 1, "--invitation LINK");
    fails(
        &[&join[..], &["--invitations-file", "-"]].concat(),
        "\ncut 1\n",
        1,
        "--invitation LINK",
    );
    fails(
        &[&join[..], &["--invitations-file", "/no/such"]].concat(),
        "",
        1,
        "/no/such",
    );
    fails(&[&join[..], &["--invitation", "a b"]].concat(), "", 1, "invitation 1");
    fails(
        &[&join[..], &["--invitation", "a", "--ca", "/no/such.pem"]].concat(),
        "",
        1,
        "/no/such.pem",
    );
    fails(&[&join[..], &["--layers", "4"]].concat(), "", 2, "--layers");
    fails(
        &["join", "--server", "127.0.0.1", "--invitation", "a"],
        "",
        1,
        "https://host:port",
    );
    fails(
        &["bench", "--participants", "3", "--microphones", "4"],
        "",
        1,
        "microphones",
    );
    fails(&["bench", "--participants", "1"], "", 2, "--participants");
    fails(&["bench", "--largest", "--junk", "9"], "", 2, "--junk");
    fails(&["faults", "--fault", "gremlins"], "", 1, "link_cut");
    fails(&["faults", "--server-binary", "/no/such"], "", 1, "cargo build -p lika");
    fails(&["faults", "--delegates", "3"], "", 2, "--delegates");
    fails(&["bench", "--publishers", "1", "--microphones", "2"], "", 1, "who send");
}

#[test]
fn lines_are_answered_while_the_server_is_away() {
    let join = [
        "join",
        "--server",
        "https://127.0.0.1:9",
        "--insecure",
        "--json",
        "--invitations-file",
        "-",
    ];
    let output = run(&join, "s3cret-token\n\nwhat\ncut 2\ncut 1\nquit\n");
    assert!(output.status.success());
    let told = String::from_utf8(output.stdout).unwrap();
    let complaints = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains(r#"{"delegate":1,"state":"cut"}"#), "{told}");
    assert!(
        told.contains(r#"{"delegate":1,"state":"left","detail":"left"}"#),
        "{told}"
    );
    assert!(
        complaints.contains("accepted: cut N") && complaints.contains("delegates 1 to 1, no 2"),
        "{complaints}"
    );
    assert!(!told.contains("s3cret") && !complaints.contains("s3cret"));
}

#[test]
fn a_small_benchmark_gives_every_figure() {
    let arguments = [
        "bench",
        "--participants",
        "4",
        "--microphones",
        "2",
        "--seconds",
        "1",
        "--json",
    ];
    let output = run(&arguments, "");
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{text}");
    let figures: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    for key in [
        "cpu_s_per_million",
        "floor_ratio",
        "rss_mb_per_participant",
        "first_media_ms",
        "all_pictures_ms",
    ] {
        assert!(figures[key].as_f64().unwrap() > 0.0, "{key}: {figures}");
    }
    let [p50, p99, p999] = ["p50", "p99", "p999"].map(|key| figures["latency_ms"][key].as_f64().unwrap());
    assert!(0.0 < p50 && p50 <= p99 && p99 <= p999, "{figures}");
    // 4 pictures of 20 packets and 2 sounds of 50, each to 3 others.
    let forwarded = figures["forwarded_per_s"].as_f64().unwrap();
    assert!((300.0..600.0).contains(&forwarded), "{figures}");
    assert!(figures["loss"].as_f64().unwrap() < 0.01, "{figures}");
}

#[test]
fn publishers_send_to_those_who_watch_also_while_junk_comes() {
    let arguments = "bench --publishers 2 --participants 3 --microphones 1 --junk 6400 --seconds 1 --json";
    let output = run(&arguments.split(' ').collect::<Vec<_>>(), "");
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{text}");
    let figures: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let number = |figure: &serde_json::Value| figure.as_f64().unwrap();
    // 2 pictures of 20 packets and a sound of 50, each to 3.
    let forwarded = number(&figures["forwarded_per_s"]);
    assert!((180.0..360.0).contains(&forwarded), "{figures}");
    let flooded = &figures["flooded"];
    let (junk, reached) = (number(&flooded["junk_per_s"]), number(&flooded["reached_per_s"]));
    assert!(junk > 0.0 && reached > 0.0, "{figures}");
    assert!(flooded["client"]["was_the_bottleneck"].is_boolean(), "{figures}");
}
