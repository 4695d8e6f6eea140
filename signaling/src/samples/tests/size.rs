//! How much room and work a meeting of forty is. The figures in docs/samples.md:
//! `cargo nextest run --release --locked --workspace -E 'test(samples::tests::size)' --no-capture --run-ignored all`

use super::{Council, LONGEST_SECOND};
use crate::equal_terms::Input;
use crate::meeting::roster::MAX_ROSTER;
use crate::samples::writer::Writer;
use crate::samples::{Line, MAX_LINE_BYTES, Spoken};
use std::time::{Duration, Instant};

#[test]
fn the_longest_second_is_as_long_as_is_said() {
    let second = Input::Second(Council::of(u32::try_from(MAX_ROSTER).unwrap()).second());
    let line = String::from_utf8(Line::Input(second).encode().unwrap()).unwrap();
    assert!(
        (LONGEST_SECOND / 2..LONGEST_SECOND).contains(&line.len()),
        "{}",
        line.len()
    );
    let exported = serde_json::to_string(&line).unwrap().len();
    assert!(
        3 * exported < 2 * usize::try_from(MAX_LINE_BYTES).unwrap(),
        "{exported}"
    );
}

#[test]
#[ignore = "measures"]
fn forty_people() {
    const SECONDS: u32 = 120;
    let directory = tempfile::tempdir().unwrap();
    let mut writer = Writer::open(directory.path()).unwrap();
    let mut council = Council::of(40);
    let mut worked = Duration::ZERO;
    let mut raw = 0;
    for _ in 0..SECONDS {
        let second = council.second();
        let at_ms = second.at_ms;
        let input = Input::Second(second);
        let said = Spoken::of(&input, &council.judge.take(&input));
        let input = Line::Input(input);
        raw += input.encode().unwrap().len();
        let began = Instant::now();
        writer.write(&input, at_ms).unwrap();
        writer.write(&Line::Verdict(said), at_ms).unwrap();
        worked += began.elapsed();
    }
    writer.flush().unwrap();
    let files = std::fs::read_dir(directory.path()).unwrap();
    let bytes: u64 = files.map(|file| file.unwrap().metadata().unwrap().len()).sum();
    eprintln!(
        "{} kB a second as JSON, {} MB an hour compressed, {} µs a second",
        raw / 1000 / SECONDS as usize,
        bytes * 3600 / u64::from(SECONDS) / 1_000_000,
        worked.as_micros() / u128::from(SECONDS)
    );
}
