//! The signing key: where it is kept, that it takes over from the one before, and what happens when it is lost.

use super::super::verify::verify_export;
use super::super::{
    Flaw, Journal, JournalError, KEY_FILE, KeyError, Place, PublicKey, VerifyError, lose_key, public_key,
};
use super::{Kept, adjourned};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

#[test]
fn a_key_is_made_at_the_first_start_for_its_owner_alone() {
    let kept = Kept::with(2);
    let path = kept.path().join(KEY_FILE);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let key = public_key(kept.path()).unwrap();
    kept.journal();
    assert_eq!(public_key(kept.path()).unwrap(), key, "and kept from then on");

    fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
    let Err(JournalError::Key(exposed)) = Journal::open(kept.path()) else {
        panic!("a key that others read was used")
    };
    assert!(matches!(exposed, KeyError::Exposed { mode: 0o640, .. }));
    let text = exposed.to_string();
    assert!(
        text.contains("kan läsas av andra") && text.contains("chmod 600"),
        "{text}"
    );

    fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    fs::write(&path, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n").unwrap();
    let opened = Journal::open(kept.path());
    assert!(matches!(opened, Err(JournalError::Key(KeyError::Malformed(_)))));
}

#[test]
fn other_programs_read_both_halves_of_the_key() {
    let kept = Kept::with(1);
    let openssl = |arguments: &[&str]| Command::new("openssl").args(arguments).output();
    let private = kept.path().join(KEY_FILE);
    let Ok(derived) = openssl(&["pkey", "-in", private.to_str().unwrap(), "-pubout"]) else {
        println!("not run: there is no openssl here");
        return;
    };
    let public = public_key(kept.path()).unwrap();
    assert_eq!(String::from_utf8(derived.stdout).unwrap(), public.pem());
}

#[test]
fn a_public_key_is_read_from_what_was_printed() {
    let key = PublicKey::from([7; 32]);
    let printed = format!("Fingeravtryck: {}\n{}", key.fingerprint(), key.pem());
    assert_eq!(PublicKey::all_in(&printed), Some(vec![key]));
    assert_eq!(PublicKey::all_in(""), None);
    assert_eq!(PublicKey::all_in(&printed.replace("MCow", "MCox")), None);
    assert_eq!(PublicKey::all_in(&printed.replace("-----END", "----END")), None);
}

#[test]
fn a_new_key_is_introduced_by_the_old_one() {
    let kept = Kept::with(2);
    let old = public_key(kept.path()).unwrap();
    let mut journal = kept.journal();
    let new = journal.rotate_key(2_000).unwrap();
    journal.append(kept.meeting, 2, &[adjourned(2)], 2_001).unwrap();
    drop(journal);
    assert_ne!(old, new);
    assert_eq!(public_key(kept.path()).unwrap(), new);
    let export = kept.export();
    for known in [old, new] {
        let verified = verify_export(&export[..], &[known]).unwrap();
        assert_eq!((verified.checkpoints, &verified.keys[..]), (2, &[old, new][..]));
    }
    let text = String::from_utf8(export).unwrap();
    let forged = text.replacen("\"at_ms\":2000", "\"at_ms\":2009", 1);
    let Err(VerifyError::Flawed(flawed)) = verify_export(forged.as_bytes(), &[]) else {
        panic!("a takeover that nobody signed")
    };
    assert_eq!((flawed.place, flawed.flaw), (Place::Key(2), Flaw::BadSignature));
}

#[test]
fn a_takeover_that_was_broken_off_is_finished() {
    let kept = Kept::with(2);
    let old = fs::read(kept.path().join(KEY_FILE)).unwrap();
    let new = kept.journal().rotate_key(2_000).unwrap();
    // As if the program had ended before the new key replaced the old.
    fs::rename(kept.path().join(KEY_FILE), kept.path().join("evidence.key.next")).unwrap();
    fs::write(kept.path().join(KEY_FILE), old).unwrap();
    fs::set_permissions(kept.path().join(KEY_FILE), Permissions::from_mode(0o600)).unwrap();
    kept.journal();
    assert_eq!(public_key(kept.path()).unwrap(), new);
}

#[test]
fn a_lost_key_stops_the_journal_until_a_new_one_is_asked_for_and_trust_does_not_pass() {
    let kept = Kept::with(2);
    let old = public_key(kept.path()).unwrap();
    fs::remove_file(kept.path().join(KEY_FILE)).unwrap();
    let opened = Journal::open(kept.path());
    assert!(matches!(opened, Err(JournalError::Key(KeyError::Lost(_)))));
    assert!(matches!(public_key(kept.path()), Err(KeyError::NotThere(_))));

    let new = lose_key(kept.path(), 2_000).unwrap();
    let mut journal = kept.journal();
    journal.append(kept.meeting, 2, &[adjourned(2)], 2_001).unwrap();
    drop(journal);
    let export = kept.export();
    let flaw = |known: &[PublicKey]| match verify_export(&export[..], known) {
        Ok(_) => None,
        Err(VerifyError::Flawed(flawed)) => Some((flawed.place, flawed.flaw)),
        Err(other) => panic!("{other}"),
    };
    assert_eq!(flaw(&[old]), Some((Place::Checkpoint(2), Flaw::UnknownKey)));
    assert_eq!(flaw(&[new]), Some((Place::Checkpoint(1), Flaw::UnknownKey)));
    assert_eq!(flaw(&[old, new]), None);
    assert_eq!(
        flaw(&[PublicKey::from([9; 32])]),
        Some((Place::Key(1), Flaw::UnknownKey))
    );
}
