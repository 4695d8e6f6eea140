//! A campaign in the small, from end to end: a real server, real sockets, a link that is cut and a meeting left alone.

#![allow(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::process::Command;

#[test]
fn the_chair_is_told_of_a_cut_link_and_of_nothing_where_nothing_is_done() {
    let arguments = "faults --quick --json --delegates 4 --repeat 1 --fault link_cut --fault control";
    let program = env!("CARGO_BIN_EXE_lika-loadtests");
    let output = Command::new(program).args(arguments.split(' ')).output().unwrap();
    let progress = String::from_utf8(output.stderr).unwrap();
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{progress}"));
    let count = |fault: &str, figure: &str| told["faults"][fault][figure].as_u64();
    for figure in ["injected", "detected", "right_person", "right_direction", "cleared"] {
        assert_eq!(count("link_cut", figure), Some(1), "{figure}: {told}\n{progress}");
    }
    assert!(
        told["faults"]["link_cut"]["latency_s"]["p50"].as_f64().unwrap() > 4.0,
        "{told}"
    );
    for (figure, expected) in [("injected", 0), ("detected", 0), ("harmless", 1)] {
        assert_eq!(count("control", figure), Some(expected), "{figure}: {told}\n{progress}");
    }
    assert_eq!(told["total"]["false_alarms"], 0, "{told}\n{progress}");
}
