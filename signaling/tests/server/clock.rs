//! The machine's clock is set while the server runs, as a time server does after a machine has started or been moved.

use crate::stage::{GUEST, Stage};
use lika::clock::Clock;
use lika::journal::FILE;
use lika::meeting::Command;
use reqwest::header::{ACCEPT, AUTHORIZATION};
use rusqlite::Connection;
use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tokio::time::{sleep, timeout};

const FIVE_MINUTES_MS: i64 = 300_000;
/// Far more than a second on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// A server on a machine whose clock can be set, its administrator's token, and how far it has been set ahead.
async fn set() -> (Stage, String, Arc<AtomicI64>) {
    let (mut stage, token) = Stage::with_administrators().await;
    stage.stop().await;
    let ahead = Arc::new(AtomicI64::new(0));
    let (read, machine) = (Arc::clone(&ahead), Clock::wall());
    stage
        .start_by(Clock::even(move || machine.now_ms() + read.load(Ordering::Relaxed)))
        .await;
    (stage, token, ahead)
}

async fn status(stage: &Stage, token: &str) -> Value {
    let request = stage
        .http()
        .get(stage.url("/status"))
        .header(ACCEPT, "application/json");
    let request = request.header(AUTHORIZATION, format!("Bearer {token}"));
    request.send().await.unwrap().json().await.unwrap()
}

fn warns(status: &Value) -> bool {
    let warnings = status["warnings"].as_array().unwrap();
    warnings.iter().any(|one| one["kind"] == "clock_off")
}

#[tokio::test]
async fn a_meeting_in_session_keeps_its_time_and_says_that_it_is_off() {
    let (stage, token, ahead) = set().await;
    let (mut chair, _member, _other) = stage.in_session().await;
    let before = status(&stage, &token).await;
    assert!(!warns(&before), "{before}");
    ahead.store(FIVE_MINUTES_MS, Ordering::Relaxed);
    // The clock would have been set by then.
    sleep(Duration::from_secs(3)).await;
    let during = status(&stage, &token).await;
    assert!(warns(&during), "{during}");
    let gone_s = during["at_s"].as_i64().unwrap() - before["at_s"].as_i64().unwrap();
    assert!((0..FIVE_MINUTES_MS / 2000).contains(&gone_s), "{gone_s}");
    let behind_ms = -during["clock_ahead_ms"].as_i64().unwrap();
    assert!((behind_ms - FIVE_MINUTES_MS).abs() < 1000, "{behind_ms}");

    let mut browser = stage.browser();
    let login = browser.logs_in(GUEST.0, 3).await;
    assert_eq!(
        login.location.as_deref(),
        Some("/meeting"),
        "the provider's time is the machine's"
    );

    let reason = "Paus".to_owned();
    chair.command(Command::Adjourn { reason }).await.unwrap();
    let journal = Connection::open(stage.config.storage.data_dir.join(FILE)).unwrap();
    let last = "SELECT synchronised, max_error_ms FROM checkpoint ORDER BY number DESC LIMIT 1";
    let signed: (Option<bool>, Option<u64>) = journal
        .query_row(last, [], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap();
    assert_eq!(signed, (Some(false), None));
}

#[tokio::test]
async fn it_is_right_within_seconds_while_nobody_is_connected() {
    let (stage, token, ahead) = set().await;
    for set_ms in [FIVE_MINUTES_MS, -FIVE_MINUTES_MS] {
        ahead.store(set_ms, Ordering::Relaxed);
        let becomes_right = async {
            while warns(&status(&stage, &token).await) {
                sleep(Duration::from_millis(100)).await;
            }
        };
        timeout(PATIENCE, becomes_right).await.expect("it stays wrong");
        let now_s = (Clock::wall().now_ms() + set_ms) / 1000;
        let at_s = status(&stage, &token).await["at_s"].as_i64().unwrap();
        assert!((at_s - now_s).abs() < 60, "{at_s} is not {now_s}");
    }
}
