//! Whoever changes the journal is found out, and the first bad event is named.

use super::super::chain::{Body, Link};
use super::super::verify::verify_export;
use super::super::{Flaw, Flawed, Head, Place, Reader, Stored, Verified, VerifyError, verify_file};
use super::{EVERYTHING, Kept, lines_of};
use crate::meeting::MeetingId;
use proptest::prelude::*;
use proptest::sample::Index;
use rusqlite::Connection;
use std::fs;
use std::sync::LazyLock;

/// What the verifier says about these bytes as a file.
fn verify(bytes: &[u8]) -> Result<Verified, VerifyError> {
    verify_export(bytes, &[])
}

#[track_caller]
fn names(found: &Result<Verified, VerifyError>, seq: u64, flaw: Flaw) {
    names_at(found, Place::Event(seq), flaw);
}

#[track_caller]
fn names_at(found: &Result<Verified, VerifyError>, place: Place, flaw: Flaw) {
    let Err(VerifyError::Flawed(flawed)) = found else {
        panic!("{found:?}")
    };
    assert_eq!((flawed.place, flawed.flaw), (place, flaw));
}

/// The lines of an export. Line 0 is the header, line 1 the creation; each adjournment after it is signed at once, so
/// that event n is line 2 n - 2.
fn lines(export: &[u8]) -> Vec<String> {
    String::from_utf8(export.to_vec())
        .unwrap()
        .lines()
        .map(|line| format!("{line}\n"))
        .collect()
}

#[test]
fn a_whole_export_verifies_and_says_so_in_both_languages() {
    let kept = Kept::with(5);
    let verified = verify(&kept.export()).unwrap();
    assert_eq!(verified.meetings, kept.journal().meetings().unwrap());
    assert_eq!(verified.checkpoints, 4);
    assert_eq!(verified, verify_file(&kept.file()).unwrap());
    let text = verified.to_string();
    assert!(
        text.contains("Journalen är hel") && text.contains("The journal is whole"),
        "{text}"
    );
    assert!(text.contains("5 händelser") && text.contains("5 events"), "{text}");
    assert!(text.contains("OBS") && text.contains("NOTE"), "{text}");
}

/// An export of the first version, as an older lika wrote it; the hash was computed with another program.
#[test]
fn an_export_of_the_first_version_verifies() {
    let body = r#"{"v":1,"event":{"type":"opened","by":1}}"#.to_owned();
    let link = Link::after(&Head::START, MeetingId(1), 1_800_000_000_000, Body::Plain(body.clone()));
    let hash = "66d6ef4bef6fc809a792b108a633b5aee6b95ee8324fab0312b81ef6d090c506";
    assert_eq!(link.hash.to_string(), hash);
    let zero = "0".repeat(64);
    let body = serde_json::to_string(&body).unwrap();
    let file = format!(
        r#"{{"lika_journal":1,"meeting":1,"events":1,"head":"{hash}"}}
{{"seq":1,"at_ms":1800000000000,"prev":"{zero}","hash":"{hash}","body":{body}}}
"#
    );
    let verified = verify(file.as_bytes()).unwrap();
    assert_eq!((verified.meetings[0].1.events, verified.checkpoints), (1, 0));
    names(&verify(file.replace("opened", "closed").as_bytes()), 1, Flaw::Changed);
}

#[test]
fn each_way_to_tamper_with_an_export_is_named() {
    let whole = lines(&Kept::with(6).export());
    let edited = |edit: &dyn Fn(&mut Vec<String>)| {
        let mut lines = whole.clone();
        edit(&mut lines);
        verify(lines.concat().as_bytes())
    };
    let event = |n: usize| if n == 1 { 1 } else { 2 * n - 2 };
    let third = event(3);
    names(
        &edited(&|lines| lines[third] = lines[third].replace("skäl", "skal")),
        3,
        Flaw::Changed,
    );
    names(
        &edited(&|lines| lines[third] = lines[third].replace("\"at_ms\":1002", "\"at_ms\":1003")),
        3,
        Flaw::Changed,
    );
    names(
        &edited(&|lines| drop(lines.drain(4..6))),
        3,
        Flaw::NotThere { found: 4 },
    );
    names(
        &edited(&|lines| lines.swap(event(2), event(4))),
        2,
        Flaw::NotThere { found: 4 },
    );
    names(
        &edited(&|lines| lines.insert(event(4), lines[third].clone())),
        4,
        Flaw::NotThere { found: 3 },
    );
    names(&edited(&|lines| lines.truncate(event(5))), 5, Flaw::CutOff { said: 6 });
    names(&edited(&|lines| lines[2].insert(1, ' ')), 2, Flaw::Unreadable);
    names(
        &edited(&|lines| lines[0] = lines[0].replace("\"events\":6", "\"events\":5")),
        6,
        Flaw::WrongEnd { said: 5 },
    );
    names(
        &edited(&|lines| lines[0] = lines[0].replace("\"meeting\":1", "\"meeting\":2")),
        1,
        Flaw::Changed,
    );
    assert!(matches!(
        edited(&|lines| drop(lines.remove(0))),
        Err(VerifyError::NotAJournal)
    ));
    let newer = edited(&|lines| lines[0] = lines[0].replace("\"lika_journal\":2", "\"lika_journal\":3"));
    assert!(matches!(newer, Err(VerifyError::Newer { found: 3 })));
}

#[test]
fn each_way_to_tamper_with_checkpoints_and_the_end_is_named() {
    let whole = lines(&Kept::with(4).export());
    let edited = |edit: &dyn Fn(&mut Vec<String>)| {
        let mut lines = whole.clone();
        edit(&mut lines);
        verify(lines.concat().as_bytes())
    };
    let checkpoint = Place::Checkpoint;
    names_at(
        &edited(&|lines| drop(lines.remove(3))),
        checkpoint(1),
        Flaw::NotThere { found: 2 },
    );
    names_at(
        &edited(&|lines| drop(lines.remove(7))),
        checkpoint(3),
        Flaw::CutOff { said: 3 },
    );
    names_at(
        &edited(&|lines| lines.truncate(7)),
        checkpoint(3),
        Flaw::CutOff { said: 3 },
    );
    names_at(&edited(&|lines| lines.truncate(8)), Place::End, Flaw::Missing);
    names_at(
        &edited(&|lines| lines[5] = lines[5].replace("\"at_ms\":", "\"at_ms\":1")),
        checkpoint(2),
        Flaw::BadSignature,
    );
    names_at(&edited(&|lines| lines.swap(5, 6)), checkpoint(2), Flaw::WrongHead);
    names_at(
        &edited(&|lines| lines[0] = lines[0].replace("\"program\":\"", "\"program\":\"1")),
        Place::End,
        Flaw::WrongContent,
    );
    names_at(
        &edited(&|lines| lines[8] = lines[8].replace("\"at_ms\":9000", "\"at_ms\":9001")),
        Place::End,
        Flaw::BadSignature,
    );
    names_at(&edited(&|lines| lines.push("\n".into())), Place::End, Flaw::NotLast);
}

#[test]
fn an_event_of_another_chain_does_not_fit() {
    let (one, other) = (Kept::with(3), Kept::with(3));
    let (one, other) = (lines(&one.export()), lines(&other.export()));
    let mut mixed = one;
    mixed[4] = other[4].clone();
    names(&verify(mixed.concat().as_bytes()), 3, Flaw::WrongPrevious);
}

#[test]
fn what_is_no_journal_is_said_to_be_none() {
    for bytes in [&b""[..], b"\n", b"{}", b"hej", b"\xff\xfe", b"SQLite format 3\0"] {
        assert!(
            matches!(verify(bytes), Err(VerifyError::NotAJournal)),
            "{bytes:?}: {:?}",
            verify(bytes)
        );
    }
    let nowhere = tempfile::tempdir().unwrap().path().join("saknas");
    assert!(matches!(verify_file(&nowhere), Err(VerifyError::Unreadable(_))));
}

/// Carries out `sql` on a journal of six events, past the triggers, as somebody with the file in hands can.
fn after(sql: &str) -> Result<Verified, VerifyError> {
    let kept = Kept::with(6);
    let db = Connection::open(kept.file()).unwrap();
    db.execute_batch(
        "DROP TRIGGER event_is_never_changed; DROP TRIGGER event_is_never_deleted;
         DROP TRIGGER checkpoint_is_never_changed; DROP TRIGGER checkpoint_is_never_deleted;
         DROP TRIGGER signing_key_is_never_changed; PRAGMA foreign_keys = 0",
    )
    .unwrap();
    db.execute_batch(sql).unwrap();
    drop(db);
    verify_file(&kept.file())
}

#[test]
fn each_way_to_tamper_with_the_database_is_named() {
    names(
        &after("UPDATE event SET body = replace(body, 'skäl', 'skal') WHERE seq = 4"),
        4,
        Flaw::Changed,
    );
    names(&after("UPDATE event SET at_ms = 1 WHERE seq = 2"), 2, Flaw::Changed);
    names(
        &after("UPDATE event SET hash = zeroblob(32) WHERE seq = 2"),
        2,
        Flaw::Changed,
    );
    names(
        &after("UPDATE event SET prev = zeroblob(32) WHERE seq = 2"),
        2,
        Flaw::Changed,
    );
    names(
        &after("UPDATE event SET body = CAST(x'ff' AS TEXT) WHERE seq = 5"),
        5,
        Flaw::Unreadable,
    );
    names(
        &after("DELETE FROM event WHERE seq = 3"),
        3,
        Flaw::NotThere { found: 4 },
    );
    names(&after("DELETE FROM event WHERE seq > 4"), 5, Flaw::CutOff { said: 6 });
    let swap = "UPDATE event SET seq = 99 WHERE seq = 2; UPDATE event SET seq = 2 WHERE seq = 3;
                UPDATE event SET seq = 3 WHERE seq = 99";
    names(&after(swap), 2, Flaw::Changed);
    names(&after("UPDATE meeting SET events = 5"), 6, Flaw::WrongEnd { said: 5 });
    names(
        &after("UPDATE meeting SET head = zeroblob(32)"),
        6,
        Flaw::WrongEnd { said: 6 },
    );
    names(&after("DELETE FROM meeting"), 1, Flaw::WrongEnd { said: 0 });
    names(
        &after("UPDATE event SET salt = zeroblob(16) WHERE seq = 3"),
        3,
        Flaw::Changed,
    );
    let at = Place::Checkpoint;
    names_at(
        &after("UPDATE checkpoint SET at_ms = 1 WHERE number = 2"),
        at(2),
        Flaw::BadSignature,
    );
    names_at(
        &after("UPDATE checkpoint SET synchronised = 1 - ifnull(synchronised, 0)"),
        at(1),
        Flaw::BadSignature,
    );
    let gone = after("DELETE FROM checkpoint WHERE number = 2");
    names_at(&gone, at(2), Flaw::NotThere { found: 3 });
    names_at(
        &after("UPDATE signing_key SET key = zeroblob(32)"),
        at(1),
        Flaw::UnknownKey,
    );
}

/// Not only the text but its hash is forged: then what was signed gives it away.
#[test]
fn a_forged_hash_is_found_at_its_checkpoint() {
    let kept = Kept::with(6);
    let forged = {
        let before = &kept.journal().read(kept.meeting).unwrap()[1];
        let head = Head {
            events: 2,
            hash: before.hash,
        };
        let body = Body::Plain(super::adjourned(77).encode().unwrap());
        Link::after(&head, kept.meeting, 1_002, body)
    };
    let db = Connection::open(kept.file()).unwrap();
    db.execute_batch("DROP TRIGGER event_is_never_changed").unwrap();
    db.execute(
        "UPDATE event SET body = ?1, hash = ?2, salt = NULL WHERE seq = 3",
        (forged.body.text(), forged.hash.as_bytes()),
    )
    .unwrap();
    drop(db);
    names_at(&verify_file(&kept.file()), Place::Checkpoint(2), Flaw::WrongHead);
}

#[test]
fn a_damaged_journal_is_not_read_as_if_it_were_whole() {
    let kept = Kept::with(3);
    let db = Connection::open(kept.file()).unwrap();
    db.execute_batch("DROP TRIGGER event_is_never_changed; UPDATE event SET at_ms = 1 WHERE seq = 2")
        .unwrap();
    drop(db);
    let read = kept.journal().read(kept.meeting);
    let flawed = Flawed {
        meeting: kept.meeting,
        place: Place::Event(2),
        flaw: Flaw::Changed,
    };
    assert!(matches!(read, Err(super::super::JournalError::Damaged(found)) if found == flawed));
    let text = flawed.to_string();
    assert!(
        text.contains("Sammanträde 1, händelse 2") && text.contains("Meeting 1, event 2"),
        "{text}"
    );
}

/// A change that keeps the file a file of bytes: one byte other, one more, one less, two stretches exchanged.
#[derive(Clone, Debug)]
enum Change {
    Replace(Index, u8),
    Insert(Index, u8),
    Remove(Index),
    Exchange(Index, Index),
    CutAt(Index),
}

fn change() -> impl Strategy<Value = Change> {
    let (at, byte) = (any::<Index>, any::<u8>());
    prop_oneof![
        (at(), byte).prop_map(|(at, byte)| Change::Replace(at, byte)),
        (at(), byte).prop_map(|(at, byte)| Change::Insert(at, byte)),
        at().prop_map(Change::Remove),
        (at(), at()).prop_map(|(one, other)| Change::Exchange(one, other)),
        at().prop_map(Change::CutAt),
    ]
}

impl Change {
    fn make(&self, bytes: &mut Vec<u8>) {
        let length = bytes.len();
        if length == 0 {
            return;
        }
        match self {
            Self::Replace(at, byte) => bytes[at.index(length)] = *byte,
            Self::Insert(at, byte) => bytes.insert(at.index(length + 1), *byte),
            Self::Remove(at) => drop(bytes.remove(at.index(length))),
            Self::Exchange(one, other) => bytes.swap(one.index(length), other.index(length)),
            Self::CutAt(at) => bytes.truncate(at.index(length)),
        }
    }
}

/// A journal of thirty events, whole, as database and as export: made once, changed in copies.
static WHOLE: LazyLock<(Vec<u8>, Vec<u8>, Vec<Stored>)> = LazyLock::new(|| {
    let kept = Kept::with(30);
    let events = Reader::open(kept.path()).unwrap().read(kept.meeting).unwrap();
    let export = lines_of(kept.path(), kept.meeting, EVERYTHING);
    (fs::read(kept.file()).unwrap(), export, events)
});

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_byte_of_an_export_changes_unseen(changes in proptest::collection::vec(change(), 1..4)) {
        let (_, export, _) = &*WHOLE;
        let mut changed = export.clone();
        changes.iter().for_each(|change| change.make(&mut changed));
        prop_assert_eq!(verify(&changed).is_ok(), changed == *export);
    }

    /// Some bytes of a database carry nothing. But what verifies says the same as before.
    #[test]
    fn a_database_with_changed_bytes_fails_or_says_the_same(
        changes in proptest::collection::vec((any::<Index>(), any::<u8>()), 1..20)
    ) {
        let (database, _, whole) = &*WHOLE;
        let mut changed = database.clone();
        for (at, byte) in changes {
            changed[at.index(database.len())] = byte;
        }
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("copy.sqlite");
        fs::write(&file, changed).unwrap();
        if verify_file(&file).is_ok() {
            let events = Reader::open_file(&file).unwrap().read(MeetingId(1)).unwrap();
            prop_assert_eq!(&events, whole);
        }
    }
}
