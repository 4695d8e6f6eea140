//! Whole files that somebody without the key has made: each fits together, and none is the installation's.

use super::super::chain::{Body, Link};
use super::super::export::End;
use super::super::key::EvidenceKey;
use super::super::verify::verify_export;
use super::super::{
    Flaw, Head, Journal, KEY_FILE, Place, PublicKey, Reader, Verified, VerifyError, public_key, verify_file,
    verify_file_by,
};
use super::{EVERYTHING, Kept, adjourned, created, lines_of};
use crate::meeting::MeetingId;
use crate::sha256::Sha256;
use rusqlite::{Connection, params};

#[track_caller]
fn is_flawed(found: &Result<Verified, VerifyError>, place: Place, flaw: Flaw) {
    let Err(VerifyError::Flawed(flawed)) = found else {
        panic!("{found:?}")
    };
    assert_eq!((flawed.place, flawed.flaw), (place, flaw));
}

/// An export of the first version, which anybody can write.
pub(super) fn of_first_version() -> Vec<u8> {
    let body = Body::Plain(adjourned(1).encode().unwrap());
    let link = Link::after(&Head::START, MeetingId(1), 1_000, body);
    let text = serde_json::to_string(link.body.text().unwrap()).unwrap();
    format!(
        "{{\"lika_journal\":1,\"meeting\":1,\"events\":1,\"head\":\"{hash}\"}}\n\
         {{\"seq\":1,\"at_ms\":1000,\"prev\":\"{zero}\",\"hash\":\"{hash}\",\"body\":{text}}}\n",
        hash = link.hash,
        zero = Sha256::ZERO,
    )
    .into_bytes()
}

#[test]
fn an_export_without_signatures_is_nobodys_to_whoever_has_the_key() {
    let forged = of_first_version();
    assert_eq!(verify_export(&forged[..], &[]).unwrap().checkpoints, 0);
    let key = public_key(Kept::with(1).path()).unwrap();
    is_flawed(&verify_export(&forged[..], &[key]), Place::Event(1), Flaw::Unsigned);
}

/// A journal of four events after somebody has had the file.
fn after(sql: &str) -> (Kept, PublicKey) {
    let kept = Kept::with(4);
    let key = public_key(kept.path()).unwrap();
    let db = Connection::open(kept.file()).unwrap();
    db.execute_batch(
        "DROP TRIGGER event_is_never_changed; DROP TRIGGER checkpoint_is_never_deleted;
         DROP TRIGGER signing_key_is_never_deleted; PRAGMA foreign_keys = 0",
    )
    .unwrap();
    db.execute_batch(sql).unwrap();
    (kept, key)
}

#[test]
fn a_journal_whose_signatures_are_taken_out_is_found_out() {
    let (kept, key) = after("DELETE FROM checkpoint; DELETE FROM signing_key");
    is_flawed(&verify_file_by(&kept.file(), &[key]), Place::Event(1), Flaw::Unsigned);
    is_flawed(&verify_file(&kept.file()), Place::Event(2), Flaw::Unsigned);
    let (kept, key) = after("DELETE FROM checkpoint WHERE number > 2");
    for keys in [&[][..], &[key]] {
        is_flawed(&verify_file_by(&kept.file(), keys), Place::Event(4), Flaw::Unsigned);
    }
}

#[test]
fn a_meeting_rewritten_as_if_of_the_first_version_is_not_signed() {
    let (kept, key) = after("DELETE FROM checkpoint");
    let db = Connection::open(kept.file()).unwrap();
    let mut head = Head::START;
    for stored in Reader::open(kept.path()).unwrap().read(kept.meeting).unwrap() {
        let text = stored.event.encode().unwrap().replace("skäl", "skal");
        let link = Link::after(&head, kept.meeting, stored.at_ms, Body::Plain(text));
        head = link.head();
        db.execute(
            "UPDATE event SET salt = NULL, prev = ?2, hash = ?3, body = ?4 WHERE seq = ?1",
            params![link.seq, link.prev.as_bytes(), link.hash.as_bytes(), link.body.text()],
        )
        .unwrap();
    }
    db.execute("UPDATE meeting SET head = ?1", [head.hash.as_bytes()])
        .unwrap();
    drop(db);
    is_flawed(&verify_file_by(&kept.file(), &[key]), Place::Event(2), Flaw::Unsigned);
    let told = verify_file(&kept.file()).unwrap().to_string();
    assert!(
        told.contains("Sammanträde 1: från händelse 1 är inget undertecknat"),
        "{told}"
    );
}

#[test]
fn what_is_not_signed_yet_is_told_and_no_fault() {
    let kept = Kept::with(2);
    let mut journal = kept.journal();
    journal.create(&created(), 3_000).unwrap();
    let restarted = [crate::meeting::Event::ServerRestarted {}];
    journal.append(kept.meeting, 2, &restarted, 4_000).unwrap();
    drop(journal);
    let key = public_key(kept.path()).unwrap();
    let verified = verify_file_by(&kept.file(), &[key]).unwrap();
    assert_eq!(verified.unsigned, [(MeetingId(1), 3), (MeetingId(2), 1)]);
    assert!(
        verified
            .to_string()
            .contains("Meeting 2: from event 1 on nothing is signed")
    );
}

/// Whoever stole the first key knows the public record of the second, and signs the whole file with the first.
pub(super) fn with_a_stolen_key() -> (Vec<u8>, [PublicKey; 2]) {
    let kept = Kept::with(2);
    let stolen = EvidenceKey::read(&kept.path().join(KEY_FILE)).unwrap().unwrap();
    let new = Journal::open(kept.path()).unwrap().rotate_key(2_000).unwrap();
    let export = String::from_utf8(lines_of(kept.path(), kept.meeting, EVERYTHING)).unwrap();
    let (content, end) = export.split_at(export.find("{\"end\":").unwrap());
    let end = end
        .trim_end()
        .strip_prefix("{\"end\":")
        .unwrap()
        .strip_suffix('}')
        .unwrap();
    let mut end: End = serde_json::from_str(end).unwrap();
    end.key = stolen.public();
    end.signature = stolen.sign(&end.message(kept.meeting));
    let end = serde_json::to_string(&end).unwrap();
    let forged = format!("{content}{{\"end\":{end}}}\n").into_bytes();
    (forged, [stolen.public(), new])
}

#[test]
fn a_key_that_is_out_of_use_signs_no_export() {
    let (forged, [stolen, new]) = with_a_stolen_key();
    for keys in [&[][..], &[stolen], &[new]] {
        is_flawed(&verify_export(&forged[..], keys), Place::End, Flaw::OldKey);
    }
}

#[test]
fn more_sample_lines_than_can_be_counted_are_refused() {
    let story = super::story::Story::told();
    let whole = String::from_utf8(lines_of(story.path(), story.meeting, EVERYTHING)).unwrap();
    let first = whole.find("{\"sample\":").unwrap();
    let last = whole.rfind("{\"sample\":").unwrap();
    let zero = Sha256::ZERO;
    for lines in [u64::MAX, u64::MAX - 1] {
        let withheld = format!("{{\"samples_withheld\":{{\"lines\":{lines},\"digest\":\"{zero}\"}}}}\n");
        let sample = &whole[last..=last + whole[last..].find('\n').unwrap()];
        for rest in [withheld.as_str(), sample, "", "{}"] {
            let forged = format!("{}{withheld}{sample}{sample}{rest}", &whole[..first]);
            let found = verify_export(forged.as_bytes(), &[]);
            assert!(matches!(found, Err(VerifyError::Flawed(_))), "{found:?}");
        }
    }
}
