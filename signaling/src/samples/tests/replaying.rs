//! Judging again.

use super::{BEGAN_MS, Council, likvardig};
use crate::equal_terms::{Cause, Input, Profile, Transition};
use crate::meeting::{MeetingId, ParticipantId};
use crate::samples::replay::judge_again;
use crate::samples::{Lines, Recorder, ReplayError, Samples, directory_of, replay};
use proptest::prelude::*;
use std::path::{Path, PathBuf};

const MEETING: MeetingId = MeetingId(1);

fn samples(directory: &Path) -> Samples {
    let mut samples = Recorder::of(directory.to_owned()).open(MEETING);
    samples.begin(&likvardig(), BEGAN_MS);
    samples
}

/// A meeting of a minute in which the picture of participant 3 stands still from its twentieth second.
async fn recorded(directory: &Path) -> PathBuf {
    let mut samples = samples(directory);
    let mut council = Council::of(4);
    for second in 0..60 {
        council.frozen = (second >= 20).then_some(3);
        council.goes_on(&mut samples);
        samples.mark().await.unwrap();
    }
    samples.close().await;
    directory_of(directory, MEETING)
}

#[tokio::test]
async fn a_recorded_meeting_gives_the_same_verdicts() {
    let directory = tempfile::tempdir().unwrap();
    let place = recorded(directory.path()).await;
    let judged = replay(&mut Lines::open(&place).unwrap(), None).unwrap();
    assert_eq!((judged.compared.equal, judged.compared.differing.len()), (60, 0));
    let frozen = |transition: &Transition| {
        matches!(transition, Transition::Raised { alert }
            if alert.key.about == Some(ParticipantId(3)) && alert.cause == Cause::PictureFrozen)
    };
    assert!(judged.transitions.iter().any(|(_, one)| frozen(one)), "{judged:?}");
    assert_eq!(judged.begun[0].profile, likvardig().text());
}

#[tokio::test]
async fn another_profile_gives_other_verdicts() {
    let directory = tempfile::tempdir().unwrap();
    let place = recorded(directory.path()).await;
    let patient = likvardig()
        .text()
        .replace("red = 3.0", "red = 300.0")
        .replace("red = 3\n", "red = 300\n");
    let patient = Profile::parse(&patient).unwrap();
    let judged = replay(&mut Lines::open(&place).unwrap(), Some(&patient)).unwrap();
    let as_recorded = replay(&mut Lines::open(&place).unwrap(), None).unwrap();
    assert_ne!(judged.transitions, as_recorded.transitions);
}

#[tokio::test]
async fn a_forged_verdict_is_found() {
    let directory = tempfile::tempdir().unwrap();
    let place = recorded(directory.path()).await;
    let plain = directory.path().join("plain.jsonl");
    let mut text = Vec::new();
    let mut forged = 0;
    for (_, line) in super::lines(&place) {
        let line = String::from_utf8(line).unwrap();
        let better = if line.starts_with("{\"verdict\"") {
            line.replace('r', "g")
        } else {
            line.clone()
        };
        let better = better
            .replace("vegdict", "verdict")
            .replace("tgansitions", "transitions");
        forged += usize::from(better != line);
        text.extend(better.bytes());
        text.push(b'\n');
    }
    std::fs::write(&plain, text).unwrap();
    assert!(forged > 0);
    let judged = replay(&mut Lines::open(&plain).unwrap(), None).unwrap();
    assert_eq!(judged.compared.differing.len(), forged);
}

#[tokio::test]
async fn an_export_s_sample_lines_are_found_among_the_others() {
    let directory = tempfile::tempdir().unwrap();
    let place = recorded(directory.path()).await;
    let mut text = String::from("{\"lika_journal\":2,\"meeting\":1,\"events\":0}\n");
    for (_, line) in super::lines(&place) {
        let sample = serde_json::json!({ "sample": String::from_utf8(line).unwrap() });
        text += &format!("{{\"seq\":1,\"body\":\"{{}}\"}}\n{sample}\n");
    }
    let export = directory.path().join("export.jsonl");
    std::fs::write(&export, text).unwrap();
    let judged = replay(&mut Lines::open(&export).unwrap(), None).unwrap();
    assert_eq!(judged.compared.equal, 60);
}

#[tokio::test]
async fn a_damaged_line_is_named_with_its_number() {
    let directory = tempfile::tempdir().unwrap();
    let place = recorded(directory.path()).await;
    let mut text: Vec<String> = super::lines(&place)
        .into_iter()
        .map(|(_, line)| String::from_utf8(line).unwrap())
        .collect();
    text[4].truncate(40);
    let path = directory.path().join("damaged.jsonl");
    std::fs::write(&path, text.join("\n") + "\n").unwrap();
    let error = replay(&mut Lines::open(&path).unwrap(), None).unwrap_err().to_string();
    assert!(error.contains("rad 5") && error.contains("line 5"), "{error}");
}

#[test]
fn a_file_without_samples_says_so() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("empty.jsonl");
    std::fs::write(&path, "{\"lika_journal\":1}\n").unwrap();
    let error = replay(&mut Lines::open(&path).unwrap(), None).unwrap_err();
    assert!(matches!(error, ReplayError::Read(_)), "{error}");
    assert!(Lines::open(&directory.path().join("none")).is_err());
    assert!(Lines::open(directory.path()).is_err(), "a directory without segments");
}

#[tokio::test]
async fn what_differs_after_a_gap_proves_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let place = recorded(directory.path()).await;
    let mut text: Vec<String> = super::lines(&place)
        .into_iter()
        .map(|(_, line)| String::from_utf8(line).unwrap())
        .collect();
    // The seconds in which the fault began.
    text.splice(40..60, ["{\"gap\":{\"at_ms\":1,\"lost\":20}}".to_owned()]);
    let path = directory.path().join("gap.jsonl");
    std::fs::write(&path, text.join("\n") + "\n").unwrap();
    let judged = replay(&mut Lines::open(&path).unwrap(), None).unwrap();
    assert!(judged.compared.differing.is_empty(), "{:?}", judged.compared);
    assert!(judged.compared.differing_after_gap > 0);
    assert_eq!(judged.gaps, [(1, 20)]);
}

#[tokio::test]
async fn what_an_export_leaves_out_accuses_nobody() {
    let directory = tempfile::tempdir().unwrap();
    let place = recorded(directory.path()).await;
    let found = super::lines(&place);
    let mut text: Vec<String> = found
        .iter()
        .map(|(_, line)| serde_json::json!({ "sample": String::from_utf8(line.clone()).unwrap() }).to_string())
        .collect();
    let zero = crate::sha256::Sha256::ZERO;
    // The seconds in which the fault began.
    text.splice(
        40..60,
        [format!(
            "{{\"samples_withheld\":{{\"lines\":60,\"digest\":\"{zero}\"}}}}"
        )],
    );
    let path = directory.path().join("public.jsonl");
    std::fs::write(&path, text.join("\n") + "\n").unwrap();
    let judged = replay(&mut Lines::open(&path).unwrap(), None).unwrap();
    assert!(judged.compared.differing.is_empty(), "{:?}", judged.compared);
    assert!(judged.compared.differing_after_gap > 0);
    assert!(
        matches!(judged.withheld[..], [(Some(after_ms), 20)] if after_ms > BEGAN_MS),
        "{:?}",
        judged.withheld
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    /// Whatever floating-point figures there are: the judge of the text says what the judge of the values said.
    #[test]
    fn replay_equals_live(
        figures in proptest::collection::vec((0.0f32..1.0, 0.0f32..2000.0, any::<bool>(), 0u32..4), 20..80)
    ) {
        let mut council = Council::of(3);
        let mut again = super::Judge::new(likvardig());
        for (lost, delay, frozen, silence) in figures {
            council.frozen = frozen.then_some(2);
            let mut second = council.second();
            second.edges[0].sound_lost = Some(lost);
            second.legs[1].round_trip_ms = Some(delay);
            second.reports[2].round_trip_ms = Some(delay * 1.1);
            second.reports[1].received[0].jitter_buffer_ms = Some(delay / 3.0);
            let at_ms = second.at_ms + 300;
            let silence = Input::Silences { at_ms, silent_ms: vec![(ParticipantId(1), silence * 2500)] };
            for input in [Input::Second(second), silence] {
                let live = judge_again(&mut council.judge, &input);
                let text = serde_json::to_vec(&input).unwrap();
                let read: Input = serde_json::from_slice(&text).unwrap();
                prop_assert_eq!(&read, &input);
                prop_assert_eq!(judge_again(&mut again, &read), live);
            }
        }
    }
}
