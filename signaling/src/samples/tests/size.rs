//! How much room and work a meeting of forty is. The figures in docs/samples.md:
//! `cargo nextest run --release --locked --workspace -E 'test(samples::tests::size)' --no-capture --run-ignored all`

use super::Council;
use crate::equal_terms::Input;
use crate::samples::writer::Writer;
use crate::samples::{Line, Spoken};
use std::time::{Duration, Instant};

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
