//! docs/security.md names the tests that carry out each attack; this fails when one of them is not there.

#![allow(clippy::unwrap_used, reason = "a test: a file that cannot be read is its failure")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

#[test]
fn every_attack_names_tests_that_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut tests = BTreeSet::new();
    for folder in ["auth/src", "auth/tests", "signaling/src", "signaling/tests"] {
        collect(&root.join(folder), &mut tests);
    }
    let document = fs::read_to_string(root.join("docs/security.md")).unwrap();
    let is_row = |line: &&str| line.starts_with("| ") && !line.starts_with("| ---") && !line.starts_with("| attack |");
    let rows = document.lines().filter(is_row);
    let mut named = 0;
    for row in rows {
        let cells: Vec<_> = row.trim_matches('|').split(" | ").collect();
        let [_, _, proofs, _] = cells[..] else {
            panic!("not four cells: {row}")
        };
        let names: Vec<_> = proofs.split('`').skip(1).step_by(2).collect();
        assert!(!names.is_empty(), "no test: {row}");
        for name in names {
            assert!(tests.contains(name), "there is no test {name}");
            named += 1;
        }
    }
    assert!(named > 50, "{named} tests are named");
}

/// The names of the functions below a `#[test]` or `#[tokio::test]`.
fn collect(folder: &Path, tests: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, tests);
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let mut marked = false;
            for line in text.lines().map(str::trim) {
                match line.strip_prefix("fn ").or_else(|| line.strip_prefix("async fn ")) {
                    Some(rest) if marked => {
                        tests.insert(rest.split('(').next().unwrap_or_default().to_owned());
                        marked = false;
                    }
                    Some(_) => {}
                    None => marked |= line.starts_with("#[test]") || line.starts_with("#[tokio::test"),
                }
            }
        }
    }
}
