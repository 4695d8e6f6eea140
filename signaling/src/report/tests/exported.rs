//! A report of an exported file.

use super::honesty::with_secret_item;
use super::written;
use crate::journal::{Journal, Parts, PublicKey, Reader, public_key};
use crate::report::source::Signature;
use crate::report::{Account, Language, Source};
use std::path::PathBuf;
use tempfile::TempDir;

/// A meeting with a secret item in a data directory, and its export.
struct Exported {
    directory: TempDir,
    file: PathBuf,
    key: PublicKey,
}

fn exported(secret: bool) -> Exported {
    let directory = tempfile::tempdir().unwrap();
    let mut journal = Journal::open(directory.path()).unwrap();
    let tale = with_secret_item();
    let (first, rest) = tale.events.split_first().unwrap();
    let (meeting, _) = journal.create(&first.event, first.at_ms).unwrap();
    for stored in rest {
        journal
            .append(
                meeting,
                stored.seq - 1,
                std::slice::from_ref(&stored.event),
                stored.at_ms,
            )
            .unwrap();
    }
    let file = directory.path().join("export");
    let parts = Parts { secret, samples: true };
    let mut out = std::fs::File::create(&file).unwrap();
    let reader = Reader::open(directory.path()).unwrap();
    reader.export(meeting, directory.path(), parts, 0, &mut out).unwrap();
    let key = public_key(directory.path()).unwrap();
    Exported { directory, file, key }
}

#[test]
fn the_report_of_a_public_export_is_the_public_report_of_the_journal() {
    let Exported { directory, file, .. } = exported(false);
    let reader = Reader::open(directory.path()).unwrap();
    let (meeting, _) = reader.meetings().unwrap()[0];
    let own = Source::of_journal(reader.read(meeting).unwrap(), &directory.path().join("none"), false).unwrap();
    let mut of_export = Source::of_export(&file, &[], true).unwrap();
    assert_eq!(of_export.origin.withheld.iter().map(|one| one.events).sum::<u64>(), 11);
    of_export.origin.signature = Signature::Own;
    assert_eq!(of_export, own);
    // An export that has everything is told to the public no further.
    let mut of_all = Source::of_export(&exported(true).file, &[], false).unwrap();
    of_all.origin.signature = Signature::Own;
    assert_eq!(of_all.origin.withheld, own.origin.withheld);
    assert_eq!(of_all.events.len(), own.events.len());
}

#[test]
fn a_report_says_which_key_its_file_was_checked_with_or_that_it_was_with_none() {
    let Exported { directory, file, key } = exported(false);
    let report = |keys: &[PublicKey], language| {
        let account = Account::of(&Source::of_export(&file, keys, false).unwrap());
        written(&account, None, language, false)
    };
    let fingerprint = key.fingerprint().to_string();
    for (language, checked, unchecked) in [
        (
            Language::Sv,
            "prövad mot nyckeln med fingeravtryck",
            "inte prövad mot någon nyckel",
        ),
        (
            Language::En,
            "by the key with the fingerprint",
            "not checked against any key",
        ),
    ] {
        let html = report(&[key], language);
        assert!(
            html.contains(checked) && html.contains(&fingerprint) && !html.contains(unchecked),
            "{html}"
        );
        let html = report(&[], language);
        assert!(html.contains(unchecked) && !html.contains(&fingerprint), "{html}");
    }
    assert!(Source::of_export(&file, &[PublicKey::from([9; 32])], false).is_err());
    drop(directory);
}
