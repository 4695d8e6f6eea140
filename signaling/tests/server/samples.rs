//! What a running server keeps of the measurements, and what the program makes of it.

use crate::stage::{CHAIR, MEMBER, Stage};
use lika::meeting::{Attendance, Command as Ask, MeetingId};
use lika::samples::{Line, Lines, directory_of};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const MEETING: MeetingId = MeetingId(1);

fn lika(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lika"));
    command.args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A meeting of a few seconds with two people whose pages have no media, in two runs of the server.
async fn held(stage: &mut Stage) -> PathBuf {
    let cookies = [stage.sign_in(CHAIR).await, stage.sign_in(MEMBER).await];
    let mut chair = stage.page_with(&cookies[0]).await;
    let _member = stage.page_with(&cookies[1]).await;
    chair.until(|view| view.is(MEMBER, Attendance::Lobby)).await;
    chair.command(Ask::AdmitAll {}).await.unwrap();
    chair.command(Ask::Open {}).await.unwrap();
    chair.until(|view| !view.meeting.alerts.is_empty()).await;
    stage.stop().await;
    stage.start().await;
    let mut chair = stage.page_with(&cookies[0]).await;
    let reason = "Prov 1".to_owned();
    chair.command(Ask::Adjourn { reason }).await.unwrap();
    stage.stop().await;
    directory_of(stage.directory.path(), MEETING)
}

fn configuration(stage: &Stage) -> PathBuf {
    let path = stage.directory.path().join("lika.toml");
    std::fs::write(&path, toml::to_string(&stage.config).unwrap()).unwrap();
    path
}

fn begun(samples: &Path) -> usize {
    let mut lines = Lines::open(samples).unwrap();
    let lines = std::iter::from_fn(|| lines.next_line().unwrap());
    lines.filter(|(line, _)| matches!(line, Line::Begun(_))).count()
}

#[tokio::test]
async fn a_meeting_is_judged_again_told_and_weeded() {
    let mut stage = Stage::set().await;
    let samples = held(&mut stage).await;
    assert_eq!(begun(&samples), 2, "each run of the server begins a judge");

    let replayed = lika(&["quality", "replay", samples.to_str().unwrap()]);
    let told = text(&replayed.stdout);
    assert!(replayed.status.success(), "{}{told}", text(&replayed.stderr));
    assert!(told.contains("raised") && told.contains(" 0 skiljer sig"), "{told}");
    let replayed = lika(&["quality", "replay", "--json", samples.to_str().unwrap()]);
    let json: serde_json::Value = serde_json::from_slice(&replayed.stdout).unwrap();
    assert!(json["compared"]["equal"].as_u64().unwrap() > 0);
    assert!(!json["transitions"].as_array().unwrap().is_empty());

    let config = configuration(&stage);
    let config = config.to_str().unwrap();
    let report = stage.directory.path().join("report.html");
    let written = lika(&[
        "meeting",
        "report",
        "1",
        "--config",
        config,
        "--out",
        report.to_str().unwrap(),
    ]);
    assert!(written.status.success(), "{}", text(&written.stderr));
    let html = std::fs::read_to_string(&report).unwrap();
    assert!(html.contains("Skäl: Prov 1") && html.contains("<figure>") && html.contains("likvardig-1"));
    assert!(!html.contains("<script"));

    let weeded = lika(&["meeting", "weed-samples", "1", "--config", config]);
    assert!(weeded.status.success(), "{}", text(&weeded.stderr));
    assert_eq!(
        begun(&samples),
        0,
        "how far they had come is all that is left, since the meeting is not over"
    );
    let again = text(&lika(&["meeting", "weed-samples", "1", "--config", config]).stdout);
    assert!(again.contains("there are no samples"), "{again}");
    let written = lika(&["meeting", "report", "1", "--config", config, "--language", "en"]);
    let html = text(&written.stdout);
    assert!(
        html.contains("have been weeded") && html.contains("<html lang=\"en\">"),
        "{html}"
    );

    let export = stage.directory.path().join("export.jsonl");
    let export = export.to_str().unwrap();
    assert!(
        lika(&["meeting", "export", "1", "--config", config, "--out", export])
            .status
            .success()
    );
    let public = lika(&["journal", "public-key", "--config", config]);
    let key = stage.directory.path().join("public.pem");
    std::fs::write(&key, public.stdout).unwrap();
    let key = key.to_str().unwrap();
    for file in [export, stage.directory.path().join("journal.sqlite").to_str().unwrap()] {
        let verified = lika(&["journal", "verify", "--key", key, file]);
        assert!(
            verified.status.success(),
            "weeding looks like no forgery: {}",
            text(&verified.stderr)
        );
    }
    let written = lika(&["meeting", "report", export]);
    let html = text(&written.stdout);
    assert!(html.contains("Skäl: Prov 1"), "{}", text(&written.stderr));
    assert!(html.contains("inte prövad mot någon nyckel"));
    let html = text(&lika(&["meeting", "report", export, "--key", key]).stdout);
    assert!(html.contains("prövad mot nyckeln med fingeravtryck"), "{html}");
    let mode = std::fs::metadata(export).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "it may be secret");
    let replayed = lika(&["quality", "replay", export]);
    assert!(replayed.status.success(), "{}", text(&replayed.stderr));
    assert!(text(&replayed.stdout).contains("lines are not in the export"));

    assert!(
        lika(&[
            "meeting",
            "export",
            "1",
            "--config",
            config,
            "--out",
            export,
            "--without-samples"
        ])
        .status
        .success()
    );
    let replayed = lika(&["quality", "replay", export]);
    let error = text(&replayed.stderr);
    assert!(
        error.contains("inga mätvärden") && error.contains("no samples"),
        "{error}"
    );
}

#[tokio::test]
async fn a_forged_recording_fails_and_recent_meetings_are_not_weeded() {
    let mut stage = Stage::set().await;
    let samples = held(&mut stage).await;
    let mut lines = Lines::open(&samples).unwrap();
    let mut forged = Vec::new();
    while let Some((line, text)) = lines.next_line().unwrap() {
        let line = match line {
            Line::Verdict(mut spoken) => {
                for (_, letters) in &mut spoken.people {
                    *letters = "gggggg".into();
                }
                serde_json::to_vec(&Line::Verdict(spoken)).unwrap()
            }
            _ => text,
        };
        forged.extend(line);
        forged.push(b'\n');
    }
    let file = stage.directory.path().join("forged.jsonl");
    std::fs::write(&file, forged).unwrap();
    let replayed = lika(&["quality", "replay", file.to_str().unwrap()]);
    assert!(!replayed.status.success());
    assert!(text(&replayed.stderr).contains("verdicts are not the recorded ones"));

    let config = configuration(&stage);
    let config = config.to_str().unwrap();
    let weeded = lika(&["meeting", "weed-samples", "--older-than", "1", "--config", config]);
    assert!(weeded.status.success() && samples.exists(), "{}", text(&weeded.stderr));
    // Samples of a meeting that the journal does not know are told of, and keep no other from being weeded.
    std::fs::create_dir(samples.with_file_name("9")).unwrap();
    let weeded = lika(&["meeting", "weed-samples", "--older-than", "1", "--config", config]);
    assert_eq!(weeded.status.code(), Some(1));
    let error = text(&weeded.stderr);
    assert!(
        error.contains("meeting 9:") && error.contains("could not be weeded"),
        "{error}"
    );
}

#[tokio::test]
async fn nothing_is_kept_unless_it_should_be_and_a_running_meeting_keeps_its_samples() {
    let mut stage = Stage::set_until(|config| config.storage.keep_samples = false, 3_600_000).await;
    let samples = held(&mut stage).await;
    assert!(!samples.exists());
    stage.config.storage.keep_samples = true;
    stage.start().await;
    let config = configuration(&stage);
    let weeded = lika(&["meeting", "weed-samples", "1", "--config", config.to_str().unwrap()]);
    assert!(!weeded.status.success());
    assert!(text(&weeded.stderr).contains("pågår"), "{}", text(&weeded.stderr));
    stage.stop().await;
}
