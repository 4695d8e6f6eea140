//! The second verifier, docs/verify_export.py, agrees with ours.

use super::super::verify::verify_export;
use super::super::{Flaw, Flawed, VerifyError};
use super::mutations::{EXPORTS, MUTATIONS, mutations, packed_mutations};
use super::story::Story;
use super::{EVERYTHING, lines_of};
use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;

/// Reads exports, each with its length before it, and says of each on a line what the verifier says.
const DRIVER: &str = "
import io, sys
sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
import verify_export
while length := sys.stdin.buffer.read(8):
    file = io.BufferedReader(io.BytesIO(sys.stdin.buffer.read(int.from_bytes(length, 'big'))))
    try:
        verify_export.verify(file, [bytes.fromhex(sys.argv[2])])
        print('whole')
    except verify_export.Flawed as flaw:
        print(flaw)
    except ValueError:
        print('unreadable')
";

fn documents() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "..", "docs"].iter().collect()
}

/// What the other verifier says of each; `None` where there is no Python.
fn said(exports: impl Iterator<Item = Vec<u8>> + Send + 'static) -> Option<Vec<String>> {
    let key: String = EXPORTS.key.bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    let mut python = Command::new("python3")
        .args(["-c", DRIVER])
        .arg(documents())
        .arg(key)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    let mut input = python.stdin.take()?;
    let writing = thread::spawn(move || {
        for export in exports {
            input.write_all(&(export.len() as u64).to_be_bytes()).unwrap();
            input.write_all(&export).unwrap();
        }
    });
    let output = python.wait_with_output().unwrap();
    writing.join().unwrap();
    assert!(output.status.success());
    Some(
        String::from_utf8(output.stdout)
            .unwrap()
            .lines()
            .map(Into::into)
            .collect(),
    )
}

/// "event 3", as both write it.
fn place(flawed: &Flawed) -> String {
    let text = flawed.to_string();
    let english = text.lines().last().unwrap();
    english.split(", ").nth(1).unwrap().split(": ").next().unwrap().into()
}

#[test]
fn the_second_verifier_finds_ten_thousand_mutations_and_names_the_same_place() {
    let whole = std::iter::once(EXPORTS.whole.clone());
    let exports = whole.chain(mutations().map(|(_, bytes)| bytes));
    let Some(said) = said(exports) else {
        println!("not run: there is no python3 here");
        return;
    };
    assert_eq!(said[0], "whole");
    for (number, (said, (kind, bytes))) in said[1..].iter().zip(mutations()).enumerate() {
        assert_ne!(said, "whole", "{number}: {kind} passes");
        let ours = verify_export(&bytes[..], &[EXPORTS.key]);
        if let ("bytes", _)
        | (
            _,
            Err(VerifyError::Flawed(Flawed {
                flaw: Flaw::Unreadable, ..
            })),
        ) = (kind, &ours)
        {
            continue;
        }
        // Of lines that can be read but are wrong, both say which is the first.
        if let Err(VerifyError::Flawed(flawed)) = ours {
            assert!(said.starts_with(&place(&flawed)), "{number}: {kind}: {said}\n{flawed}");
        }
    }
    assert_eq!(said.len(), 1 + MUTATIONS);
}

#[test]
fn the_second_verifier_reads_the_compressed_file() {
    let Some(said) = said(packed_mutations().map(|(bytes, _)| bytes)) else {
        println!("not run: there is no python3 here");
        return;
    };
    for (said, (_, content)) in said.iter().zip(packed_mutations()) {
        // Of the fields of a gzip header that mean nothing, the two decompressors do not refuse the same.
        let same = content.is_none_or(|content| content == EXPORTS.whole);
        assert!(said != "whole" || same, "{said}");
    }
}

#[test]
fn the_second_verifier_is_short_and_ends_as_it_says() {
    let program = documents().join("verify_export.py");
    assert!(fs::read_to_string(&program).unwrap().lines().count() < 200);
    let story = Story::told();
    let export = lines_of(story.path(), story.meeting, EVERYTHING);
    let (file, key) = (story.path().join("export"), story.path().join("key.pem"));
    fs::write(&key, format!("Base64: {}\n{}", story.key.base64(), story.key.pem())).unwrap();
    let ends = |bytes: &[u8], key: &PathBuf| {
        fs::write(&file, bytes).unwrap();
        let ran = Command::new("python3")
            .arg("-B")
            .arg(&program)
            .arg(&file)
            .arg(key)
            .output();
        ran.ok().and_then(|ran| ran.status.code())
    };
    let Some(code) = ends(&export, &key) else {
        println!("not run: there is no python3 here");
        return;
    };
    assert_eq!(code, 0);
    assert_eq!(ends(&export[..export.len() - 1], &key), Some(1));
    assert_eq!(ends(b"{}\n", &key), Some(2));
    assert_eq!(ends(&export, &file), Some(2), "a key file without a key");
    fs::write(&key, super::super::PublicKey::from([9; 32]).pem()).unwrap();
    assert_eq!(ends(&export, &key), Some(1), "another's key");
}
