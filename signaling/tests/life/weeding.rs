//! The unit that weeds every night: deploy/systemd/lika-weed.service.

use crate::house::{House, text};
use std::collections::BTreeSet;

const WEED: &str = include_str!("../../../deploy/systemd/lika-weed.service");
const BACKUP: &str = include_str!("../../../deploy/systemd/lika-backup.service");

/// What it carries out, with this in the place of every number of days; systemd puts nothing where none is set.
fn commands(days: &'static str) -> Vec<Vec<&'static str>> {
    let lines = WEED
        .lines()
        .filter_map(|line| line.strip_prefix("ExecStart=/usr/bin/lika "));
    let word = |word: &'static str| if word.starts_with("${") { days } else { word };
    lines.map(|line| line.split(' ').map(word).collect()).collect()
}

#[test]
fn it_weeds_when_days_are_set_and_nothing_before() {
    let house = House::built();
    let samples = house.data_dir().join("samples/1");
    std::fs::create_dir_all(&samples).unwrap();
    assert_eq!(commands("").len(), 2);
    for command in commands("") {
        let said = house.lika(&command);
        assert!(!said.status.success(), "{command:?} says {}", text(&said.stdout));
        assert!(text(&said.stderr).contains("--older-than"), "{}", text(&said.stderr));
    }
    for command in commands("90") {
        house.says(&command);
    }
    assert!(samples.exists(), "of a meeting that is yet to be held");
}

#[test]
fn it_may_do_no_more_than_the_backup() {
    let may = |unit: &'static str| -> BTreeSet<&str> {
        let (_, may) = unit.split_once("User=lika").unwrap();
        let lines = may.lines().filter(|line| !line.starts_with('#'));
        lines.filter(|line| !line.starts_with("ReadWritePaths=")).collect()
    };
    assert_eq!(may(WEED), may(BACKUP));
    assert!(WEED.contains("\nReadWritePaths=/var/lib/lika\n"));
}
