//! The second verifier, docs/verify_export.py, agrees with ours.

use super::super::verify::verify_export;
use super::super::{Flaw, Flawed, PublicKey, VerifyError, public_key};
use super::evidence::with_a_sample_of;
use super::forged::{of_first_version, with_a_stolen_key};
use super::mutations::{EXPORTS, MUTATIONS, mutations, packed_mutations};
use super::story::Story;
use super::{EVERYTHING, lines_of};
use crate::samples::tests::LONGEST_SECOND;
use flate2::{Compression, write::GzEncoder};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

#[path = "../../../tests/life/lacking.rs"]
mod lacking;

use lacking::not_tested;

const NO_PYTHON: &str = "there is no python3 here";

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
        not_tested(NO_PYTHON);
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
        not_tested(NO_PYTHON);
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
    let key = format!("Base64: {}\n{}", story.key.base64(), story.key.pem());
    let (stolen, [old, new]) = with_a_stolen_key();
    let packed = packed(&export);
    let long = with_a_sample_of(LONGEST_SECOND);
    let long = (long.export(), public_key(long.path()).unwrap().pem());
    for (what, bytes, key, code) in [
        ("whole", &export[..], &key, 0),
        ("cut", &export[..export.len() - 1], &key, 1),
        ("no export", b"{}\n", &key, 2),
        ("no key", &export, &"Base64: none".to_owned(), 2),
        ("another's key", &export, &PublicKey::from([9; 32]).pem(), 1),
        ("of the first version", &of_first_version(), &key, 2),
        ("stolen key, old known", &stolen, &old.pem(), 1),
        ("stolen key, new known", &stolen, &new.pem(), 1),
        ("compressed", &packed, &key, 0),
        ("zeros after it", &[&packed[..], &[0; 8]].concat(), &key, 1),
        (
            "two members",
            &[packed_part(&export, 0), packed_part(&export, 1)].concat(),
            &key,
            1,
        ),
        (
            "an empty member after it",
            &[&packed[..], &self::packed(b"")].concat(),
            &key,
            1,
        ),
        ("broken off", &packed[..packed.len() - 1], &key, 1),
        ("a long line", &long.0, &long.1, 0),
    ] {
        let Some(ended) = ends(story.path(), bytes, key) else {
            not_tested(NO_PYTHON);
            return;
        };
        assert_eq!(ended, code, "{what}");
        let keys = PublicKey::all_in(key).unwrap_or_default();
        assert_eq!(
            verify_export(bytes, &keys).is_ok() && !keys.is_empty(),
            code == 0,
            "{what}"
        );
    }
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

/// The first or second half as a member of its own.
fn packed_part(bytes: &[u8], part: usize) -> Vec<u8> {
    let (first, second) = bytes.split_at(bytes.len() / 2);
    packed([first, second][part])
}

/// How the program ends; `None` where there is no Python.
fn ends(directory: &Path, bytes: &[u8], key: &str) -> Option<i32> {
    let (file, key_file) = (directory.join("export"), directory.join("key.pem"));
    fs::write(&file, bytes).unwrap();
    fs::write(&key_file, key).unwrap();
    let mut python = Command::new("python3");
    python.arg("-B").arg(documents().join("verify_export.py"));
    python.arg(file).arg(key_file).output().ok()?.status.code()
}
