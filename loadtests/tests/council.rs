//! Load tests in the small, from end to end: a real server, real sockets, and the verdict.

#![allow(clippy::unwrap_used, reason = "a test stops where it fails")]

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Output, Stdio};

fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_lika-loadtests"))
}

fn run(arguments: &str) -> Output {
    program().args(arguments.split(' ')).output().unwrap()
}

/// The findings, and what was said meanwhile.
fn findings(output: &Output) -> (Value, String) {
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let told = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{said}"));
    (told, said)
}

/// On a machine that had nothing left nobody can promise equal terms; then the verdict must say so.
fn approved_unless_overloaded(told: &Value, said: &str) {
    let verdict = told["verdict"].as_str().unwrap();
    if told["load"]["busy_mean"].as_f64().unwrap() > 0.9 {
        let of_overload = ["red", "server_red", "not_heard", "unmeasured", "hindered"].map(Value::from);
        for one in told["objections"].as_array().unwrap() {
            assert!(of_overload.contains(&one["objection"]), "{one}: {verdict}\n{said}");
        }
    } else {
        assert_eq!(told["approved"], true, "{verdict}\n{said}");
    }
}

#[test]
fn a_council_of_six_is_approved_and_tells_every_figure() {
    let directory = tempfile::tempdir().unwrap();
    let report = directory.path().join("report.html");
    let output = run(&format!(
        "council --local --light-pictures --delegates 6 --minutes 1.5 --json --html {}",
        report.display()
    ));
    let (told, said) = findings(&output);
    approved_unless_overloaded(&told, &said);
    let approved = told["approved"] == true;
    assert_eq!(output.status.code(), Some(i32::from(!approved)));
    let verdict = told["verdict"].as_str().unwrap();
    let passed = if approved { "godkänt" } else { "inte godkänt" };
    assert!(
        verdict.starts_with(&format!("6 distansdeltagare: {passed}.")),
        "{verdict}"
    );
    let number = |value: &Value| value.as_f64().unwrap_or_else(|| panic!("{told}"));
    for one in told["participants"].as_array().unwrap() {
        let heard = &one["directions"]["heard"];
        let sum: f64 = ["green", "amber", "red", "unknown", "suspended"]
            .map(|level| number(&heard[level]))
            .iter()
            .sum();
        assert!((sum - 1.0).abs() < 1e-6 && (heard["red"] == 0.0 || !approved), "{one}");
        assert!(
            number(&one["up_kbit_s"]) > 0.0 && number(&one["down_kbit_s"]) > 0.0,
            "{one}"
        );
    }
    assert_eq!(told["server"]["source"], "process");
    for figure in [
        &told["server"]["cpu_cores_mean"],
        &told["server"]["memory_mb_max"],
        &told["bandwidth"]["from_server_mbit_s_mean"],
        &told["load"]["delegates_cores_mean"],
    ] {
        assert!(number(figure) > 0.0, "{told}");
    }
    let done = &told["procedure"];
    if approved {
        assert_eq!((&done["answers"], &done["returns"]), (&json!(6), &json!(1)), "{done}");
        assert!(
            number(&done["decisions"]) >= 1.0 && number(&done["votes"]) >= 1.0,
            "{done}"
        );
    }
    let html = std::fs::read_to_string(report).unwrap();
    assert!(html.contains(verdict.split(": ").next().unwrap()) && html.ends_with("</html>\n"));
    assert!(!html.contains("http:") && !html.contains("https:") && !html.contains("<script"));
}

#[test]
fn a_line_that_is_too_bad_is_not_approved_and_names_whose_it_is() {
    let output = run("council --local --light-pictures --delegates 4 --minutes 0.5 --spoil 3 --json --language en");
    let (told, said) = findings(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert_eq!(told["approved"], false);
    let red = |direction: &str| {
        told["participants"][2]["directions"][direction]["red"]
            .as_f64()
            .unwrap()
    };
    assert!(red("heard") + red("seen") > 0.2, "{}\n{said}", told["participants"][2]);
    let verdict = told["verdict"].as_str().unwrap();
    assert!(verdict.starts_with("4 remote participants: not approved."), "{verdict}");
    if told["load"]["busy_mean"].as_f64().unwrap() <= 0.9 {
        assert!(
            verdict.contains("Member 3,") && told["worst_participant"] == "Member 3",
            "{verdict}\n{said}"
        );
    }
}

#[test]
fn behind_a_firewall_that_blocks_udp_it_goes_over_tcp() {
    let output = run("council --local --light-pictures --delegates 4 --minutes 0.5 --impair office-udp-blocked --json");
    let (told, said) = findings(&output);
    approved_unless_overloaded(&told, &said);
    assert_eq!(told["behind_network"], 3);
    assert!(told["participants"][3]["down_kbit_s"].as_f64().unwrap() > 0.0, "{told}");
}

/// An agent that ends with the test.
struct Agent(Child);

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn another_machine_lends_its_delegates_to_whoever_has_the_token() {
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = directory.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let right = file("right", "the-secret-of-this-test");
    let wrong = file("wrong", "the-secret-of-another-test");
    let mut agent = program()
        .args([
            "agent",
            "--listen",
            "127.0.0.1:0",
            "--any-server",
            "--insecure",
            "--token-file",
            &right,
        ])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(agent.stderr.take().unwrap()).lines();
    let agent = Agent(agent);
    let first = said.next().unwrap().unwrap();
    let address = first.rsplit(' ').next().unwrap().to_owned();
    // Whatever else it says must not fill the pipe.
    std::thread::spawn(move || said.map_while(Result::ok).for_each(drop));
    let council = |token: &str| {
        run(&format!(
            "council --local --light-pictures --delegates 4 --minutes 0.5 --json --agents {address} --agent-token-file {token}"
        ))
    };
    let stranger = council(&wrong);
    assert_eq!(stranger.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&stranger.stderr).contains("same token"));
    let (told, said) = findings(&council(&right));
    approved_unless_overloaded(&told, &said);
    assert_eq!(
        (&told["machines"], told["participants"].as_array().unwrap().len()),
        (&2.into(), 4)
    );
    drop(agent);
}

#[test]
fn what_cannot_be_tested_is_said_with_what_would_help() {
    let directory = tempfile::tempdir().unwrap();
    let token = directory.path().join("token");
    std::fs::File::create(&token)
        .unwrap()
        .write_all(b"no-token-of-theirs")
        .unwrap();
    let token = token.display();
    for (arguments, words) in [
        ("council --delegates 4".to_owned(), "--server"),
        ("council --server https://127.0.0.1:9".to_owned(), "--token-file"),
        (
            format!("council --server https://127.0.0.1:9 --insecure --token-file {token}"),
            "Servern kan inte nås",
        ),
        (
            format!("council --language en --server https://127.0.0.1:9 --insecure --token-file {token}"),
            "The server cannot be reached",
        ),
        (
            "council --server https://127.0.0.1:9 --token-file /no/such".to_owned(),
            "/no/such",
        ),
        (
            format!("council --server 127.0.0.1 --token-file {token}"),
            "https://host:port",
        ),
        (
            "council --local --server-binary /no/such".to_owned(),
            "cargo build -p lika",
        ),
        ("council --local --delegates 2".to_owned(), "--delegates"),
        ("council --local --minutes 0".to_owned(), "--minutes"),
        ("council --local --impair pigeons".to_owned(), "home-wifi"),
        ("council --local --agents 127.0.0.1:9".to_owned(), "--agent-token-file"),
        ("capacity --local --seconds 1".to_owned(), "--seconds"),
        (
            "council --local --delegates 40 --spoil 41".to_owned(),
            "--spoil must be 1 to 40",
        ),
        (
            "council --local --delegates 40 --spoil 0".to_owned(),
            "--spoil must be 1 to 40",
        ),
        (
            "council --local --delegates 4 --impair mobile --impaired 5".to_owned(),
            "--impaired must be 1 to 4",
        ),
        (
            "capacity --local --most 20 --impair mobile --impaired 500".to_owned(),
            "--impaired must be 1 to 20",
        ),
        (
            "council --local --html /no/such/report.html".to_owned(),
            "Rapporten kunde inte skrivas",
        ),
        (
            format!(
                "council --server https://127.0.0.1:9 --insecure --token-file {token} --metrics-url http://127.0.0.1:9/metrics"
            ),
            "mätvärden kan inte läsas",
        ),
    ] {
        let output = run(&arguments);
        let text = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments}: {text}");
        assert!(text.contains(words), "{arguments}: {text}");
    }
}

#[test]
fn a_search_tells_how_many_and_that_more_were_not_tried() {
    let output = run("capacity --local --light-pictures --from 4 --most 4 --seconds 15 --json");
    let (told, said) = findings(&output);
    let tried = &told["tried"][0];
    if tried["approved"] == true {
        assert_eq!(
            (&told["carried"], &told["limit"]),
            (&json!(4), &Value::Null),
            "{told}\n{said}"
        );
        assert!(
            told["verdict"].as_str().unwrap().contains("fler prövades inte"),
            "{told}"
        );
    } else {
        assert!(tried["machine_busy"].as_f64().unwrap() > 0.9, "{told}\n{said}");
        assert!(!told["limit"].is_null(), "{told}");
    }
}
