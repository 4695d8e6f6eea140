//! The page's TypeScript types are generated from the Rust messages; this fails when they are stale.
//! To write them anew: `LIKA_WRITE_TYPES=1 cargo test -p lika --test typescript`.

#![allow(clippy::unwrap_used, reason = "a test: a file that cannot be read is its failure")]

use lika::protocol::{ClientMessage, PROTOCOL, ServerMessage};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use ts_rs::{Config, TS};

type Files = BTreeMap<String, String>;

#[test]
fn the_pages_types_are_those_of_the_protocol() {
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("web/src/protocol");
    let generated = generate();
    if std::env::var_os("LIKA_WRITE_TYPES").is_some() {
        write(&committed, &generated);
    }
    let found = read(&committed);
    let names = |files: &Files| files.keys().cloned().collect::<Vec<_>>();
    let how = "stale; run: LIKA_WRITE_TYPES=1 cargo test -p lika --test typescript";
    assert_eq!(names(&generated), names(&found), "{how}");
    for (name, text) in &generated {
        assert_eq!(Some(text), found.get(name), "{name} is {how}");
    }
}

fn generate() -> Files {
    let dir = tempfile::tempdir().unwrap();
    let config = Config::new().with_out_dir(dir.path());
    ClientMessage::export_all(&config).unwrap();
    ServerMessage::export_all(&config).unwrap();
    let mut files = read(dir.path());
    let index = files
        .keys()
        .map(|file| format!("export type * from \"./{}\";\n", file.trim_end_matches(".ts")));
    let index = format!(
        "// Generated from signaling/src/protocol. Do not edit.\n{}\n/** The protocol's version. */\nexport const PROTOCOL = {PROTOCOL};\n",
        index.collect::<String>()
    );
    files.insert("index.ts".into(), index);
    files
}

fn read(dir: &Path) -> Files {
    let mut files = Files::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path: PathBuf = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        files.insert(name, fs::read_to_string(&path).unwrap());
    }
    files
}

fn write(dir: &Path, files: &Files) {
    for stale in read(dir).keys().filter(|name| !files.contains_key(*name)) {
        fs::remove_file(dir.join(stale)).unwrap();
    }
    for (name, text) in files {
        fs::write(dir.join(name), text).unwrap();
    }
}
