//! What Prometheus reads.

use crate::stage::{HOUR_MS, MEMBER, SECRETARY, Stage};
use lika::backup::note;
use lika::clock::Clock;
use lika::equal_terms::{Cause, Level};
use lika::meeting::Attendance;
use lika::metrics::WORKER;
use lika::metrics::label::{Class, DroppedFor, Kept, Label, RefusedFor, SignIn, Stage as Standing, Whereabouts};
use lika_sfu::worker::MAX_WORKERS;
use std::collections::{BTreeMap, BTreeSet};

const DASHBOARD: &str = include_str!("../../../deploy/grafana/lika.json");
const RULES: &str = include_str!("../../../deploy/prometheus/lika.rules.yml");
const BACKED_UP_MS: i64 = 1_800_000_000_000;

impl Stage {
    async fn scrape(&self) -> String {
        let address = self.metrics.unwrap();
        let answer = self
            .http()
            .get(format!("http://{address}/metrics"))
            .send()
            .await
            .unwrap();
        assert_eq!(
            answer.headers()["content-type"],
            "text/plain; version=0.0.4; charset=utf-8"
        );
        answer.text().await.unwrap()
    }
}

/// Every series of the text: name, labels and value.
fn series(text: &str) -> Vec<(&str, BTreeMap<&str, &str>, f64)> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.map(one_series).collect()
}

fn one_series(line: &str) -> (&str, BTreeMap<&str, &str>, f64) {
    let (what, value) = line.rsplit_once(' ').unwrap();
    let (name, labels) = what.split_once('{').unwrap_or((what, "}"));
    let pairs = labels.trim_end_matches('}').split(',').filter(|pair| !pair.is_empty());
    let labels = pairs.map(|pair| {
        let (label, value) = pair.split_once('=').unwrap();
        (label, value.trim_matches('"'))
    });
    (name, labels.collect(), value.parse().unwrap())
}

fn value(text: &str, line: &str) -> f64 {
    let found = text.lines().find_map(|one| one.strip_prefix(line)?.strip_prefix(' '));
    found
        .unwrap_or_else(|| panic!("{line} is missing in:\n{text}"))
        .parse()
        .unwrap()
}

#[tokio::test]
async fn a_meeting_is_counted() {
    let stage = Stage::set().await;
    let (_chair, _member, _other) = stage.in_session().await;
    let mut secretary = stage.page(SECRETARY).await;
    secretary.until(|view| view.is(SECRETARY, Attendance::Inside)).await;
    let text = stage.scrape().await;
    for (line, expected) in [
        ("lika_meetings{phase=\"open\"}", 1.0),
        ("lika_meetings{phase=\"planned\"}", 0.0),
        ("lika_participants{place=\"inside\"}", 4.0),
        ("lika_participants{place=\"lost\"}", 0.0),
        ("lika_connections_limit", 2000.0),
        ("lika_draining", 0.0),
        ("lika_relay_worker_up{worker=\"0\"}", 1.0),
        ("lika_tls_certificate_expiry_timestamp_seconds", 67_090_118_400.0),
        ("lika_http_requests_total{class=\"1xx\"}", 4.0),
        ("lika_journal_write_failures_total", 0.0),
    ] {
        assert_eq!(value(&text, line), expected, "{line}");
    }
    for line in [
        "lika_connections",
        "lika_disk_free_bytes",
        "lika_journal_write_seconds_count",
        "lika_samples_lines_total{outcome=\"queued\"}",
        "process_open_fds",
        "process_resident_memory_bytes",
    ] {
        assert!(value(&text, line) > 0.0, "{line}");
    }
}

#[tokio::test]
async fn whoever_asks_whether_the_server_lives_is_not_counted() {
    let stage = Stage::set().await;
    let good = "lika_http_requests_total{class=\"2xx\"}";
    let before = value(&stage.scrape().await, good);
    for path in ["/healthz", "/readyz"] {
        assert!(stage.get(path).await.status().is_success());
    }
    assert_eq!(value(&stage.scrape().await, good), before);
    assert!(stage.get("/status.css").await.status().is_success());
    assert_eq!(value(&stage.scrape().await, good), before + 1.0);
}

#[tokio::test]
async fn what_never_was_a_login_wakes_nobody() {
    let stage = Stage::set().await;
    for path in ["/sign-in/nobody", "/sign-in/nobody/callback?state=x"] {
        assert_eq!(stage.get(path).await.status().as_u16(), 404);
    }
    let text = stage.scrape().await;
    let logins = series(&text)
        .into_iter()
        .filter(|(name, ..)| *name == "lika_sign_in_total");
    assert_eq!(logins.map(|(.., count)| count).sum::<f64>(), 0.0, "{text}");
}

#[tokio::test]
async fn datagrams_to_the_relay_are_counted_with_their_bytes_and_why_they_were_refused() {
    let stage = Stage::set().await;
    let sender = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let relay = stage.udp.unwrap();
    let strange = "lika_relay_refused_packets_total{reason=\"strange\"}";
    sender.send_to(&[0xff; 100], relay).unwrap();
    let mut text = stage.scrape().await;
    // The worker takes it in its own time; whoever asks it for its totals wakes it.
    while value(&text, strange) < 1.0 {
        text = stage.scrape().await;
    }
    assert_eq!(value(&text, "lika_relay_received_packets_total"), 1.0);
    assert_eq!(value(&text, "lika_relay_received_bytes_total"), 100.0);
}

/// The values that a label may have; `None`: it is a bound of a histogram or our version.
fn allowed() -> BTreeMap<(&'static str, &'static str), BTreeSet<String>> {
    fn of<L: Label>() -> BTreeSet<String> {
        L::ALL.iter().map(|one| one.value().to_owned()).collect()
    }
    let numbers = (0..MAX_WORKERS)
        .map(|number| number.to_string())
        .collect::<BTreeSet<_>>();
    BTreeMap::from([
        (("lika_meetings", Standing::NAME), of::<Standing>()),
        (("lika_participants", Whereabouts::NAME), of::<Whereabouts>()),
        (("lika_alerts", Level::NAME), of::<Level>()),
        (("lika_alerts", Cause::NAME), of::<Cause>()),
        (("lika_alerts_raised_total", Level::NAME), of::<Level>()),
        (("lika_alerts_raised_total", Cause::NAME), of::<Cause>()),
        (("lika_samples_lines_total", Kept::NAME), of::<Kept>()),
        (("lika_http_requests_total", Class::NAME), of::<Class>()),
        (("lika_sign_in_total", SignIn::NAME), of::<SignIn>()),
        (
            ("lika_relay_refused_packets_total", RefusedFor::NAME),
            of::<RefusedFor>(),
        ),
        (
            ("lika_relay_dropped_packets_total", DroppedFor::NAME),
            of::<DroppedFor>(),
        ),
        (("lika_relay_worker_busy_ratio", WORKER), numbers.clone()),
        (("lika_relay_worker_peers", WORKER), numbers.clone()),
        (("lika_relay_worker_up", WORKER), numbers),
        (
            ("lika_build_info", "version"),
            BTreeSet::from([env!("CARGO_PKG_VERSION").to_owned()]),
        ),
    ])
}

#[tokio::test]
async fn every_value_of_every_label_is_known_beforehand_and_nobody_is_named() {
    let (stage, _) = Stage::with_administrators().await;
    let mut browser = stage.browser();
    browser.logs_in(MEMBER.0, 3).await;
    stage.page_with(&browser.session()).await;
    let text = stage.scrape().await;
    let allowed = allowed();
    for (name, labels, _) in series(&text) {
        for (label, value) in labels {
            let is_bound = label == "le" && (value == "+Inf" || value.parse::<f64>().is_ok());
            let values = allowed.get(&(name, label));
            assert!(
                is_bound || values.is_some_and(|values| values.contains(value)),
                "{name}: {label}={value}"
            );
        }
    }
    assert!(value(&text, "lika_sign_in_total{outcome=\"done\"}") > 0.0);
    for personal in ["Ledamot", "Sammanträde", "Kommunfullmäktige", "19900"] {
        assert!(!text.contains(personal), "{personal}");
    }
}

#[tokio::test]
async fn names_follow_the_conventions_and_everything_is_explained() {
    let stage = Stage::set().await;
    let text = stage.scrape().await;
    let types = text.lines().filter_map(|line| line.strip_prefix("# TYPE "));
    for (name, kind) in types.map(|line| line.split_once(' ').unwrap()) {
        assert_eq!(name.ends_with("_total"), kind == "counter", "{name} is a {kind}");
        assert!(text.contains(&format!("# HELP {name} ")), "{name}");
        for unit in ["_ms", "_milliseconds", "_kbps", "_percent", "_mb", "_minutes"] {
            assert!(!name.contains(unit), "{name} is not in a base unit");
        }
    }
}

/// The metrics named in queries.
fn named(text: &str) -> BTreeSet<&str> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let words = words.filter(|word| word.starts_with("lika_") || word.starts_with("process_"));
    words.collect()
}

#[tokio::test]
async fn what_dashboard_and_alert_rules_ask_for_is_there() {
    let stage = Stage::set_until(|config| note(&config.storage.data_dir, BACKED_UP_MS).unwrap(), HOUR_MS).await;
    let (_chair, _member, _other) = stage.in_session().await;
    let text = stage.scrape().await;
    let backed_up = value(&text, "lika_backup_last_success_timestamp_seconds");
    assert_eq!(backed_up, BACKED_UP_MS as f64 / 1000.0);
    let convened_s = value(&text, "lika_journal_begin_timestamp_seconds");
    assert!((Clock::system().now_ms() as f64 / 1000.0 - convened_s).abs() < 3600.0);
    let there: BTreeSet<&str> = series(&text).into_iter().map(|(name, ..)| name).collect();
    let dashboard: serde_json::Value = serde_json::from_str(DASHBOARD).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    let targets = panels.iter().filter_map(|panel| panel["targets"].as_array()).flatten();
    let queries: Vec<&str> = targets.map(|target| target["expr"].as_str().unwrap()).collect();
    assert!(queries.len() > 30);
    // The kernel of a container may say nothing of its clock.
    let may_be_unknown = |name: &str| name == "lika_clock_synchronised";
    for name in queries.iter().flat_map(|query| named(query)).chain(named(RULES)) {
        assert!(there.contains(name) || may_be_unknown(name), "{name}");
    }
    // And the other way round: what is counted is shown.
    let shown: BTreeSet<&str> = queries.iter().flat_map(|query| named(query)).collect();
    let hidden = there
        .iter()
        .filter(|name| name.starts_with("lika_") && !name.ends_with("_sum") && !name.ends_with("_count"));
    for name in hidden {
        assert!(shown.contains(name), "{name} is on no panel");
    }
}

#[tokio::test]
async fn a_port_that_is_taken_stops_no_meeting_and_none_is_opened_that_is_switched_off() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let stage = Stage::set_until(|config| config.metrics.listen = address, HOUR_MS).await;
    assert_eq!(stage.metrics, None);
    assert!(stage.get("/readyz").await.status().is_success());
    let stage = Stage::set_until(|config| config.metrics.enabled = false, HOUR_MS).await;
    assert_eq!(stage.metrics, None);
}

#[tokio::test]
async fn the_port_is_free_when_the_server_has_stopped() {
    let mut stage = Stage::set().await;
    let address = stage.metrics.unwrap();
    stage.stop().await;
    std::net::TcpListener::bind(address).unwrap();
}

#[tokio::test]
async fn metrics_are_not_on_the_port_that_everybody_reaches() {
    let stage = Stage::set().await;
    assert_eq!(stage.get("/metrics").await.status().as_u16(), 404);
}
