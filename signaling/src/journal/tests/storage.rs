//! What is stored is read back, by one writer, in a format that is known.

use super::super::{FILE, Head, Journal, JournalError, Reader, verify_file};
use super::{Kept, adjourned, created};
use crate::meeting::{Event, Meeting, MeetingId};
use rusqlite::Connection;

#[test]
fn a_meeting_goes_on_where_it_was_after_the_program_ended() {
    let kept = Kept::with(3);
    let mut journal = kept.journal();
    let stored = journal
        .append(kept.meeting, 3, &[adjourned(3), adjourned(4)], 7)
        .unwrap();
    drop(journal);

    let journal = kept.journal();
    let events = journal.read(kept.meeting).unwrap();
    assert_eq!(events[3..], stored);
    assert_eq!(events.iter().map(|one| one.seq).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    assert_eq!(events[1].at_ms, 1_001);
    assert_eq!(Meeting::replay(events.iter().map(|one| &one.event)).events(), 5);
    assert_eq!(
        journal.meetings().unwrap(),
        [(
            kept.meeting,
            Head {
                events: 5,
                hash: stored[1].hash
            }
        )]
    );
}

#[test]
fn meetings_are_numbered_and_apart() {
    let kept = Kept::with(2);
    let mut journal = kept.journal();
    let (second, first_event) = journal.create(&created(), 1_000).unwrap();
    assert_eq!((kept.meeting, second, first_event.seq), (MeetingId(1), MeetingId(2), 1));
    assert_ne!(
        first_event.hash,
        journal.read(kept.meeting).unwrap()[0].hash,
        "the same event in another chain"
    );
    assert!(matches!(
        journal.read(MeetingId(3)),
        Err(JournalError::NoSuchMeeting(MeetingId(3)))
    ));
    assert!(matches!(
        journal.append(MeetingId(3), 0, &[], 0),
        Err(JournalError::NoSuchMeeting(_))
    ));
}

#[test]
fn who_does_not_know_the_last_event_cannot_write() {
    let kept = Kept::with(3);
    let mut journal = kept.journal();
    for expected in [0, 2, 4] {
        let refused = journal.append(kept.meeting, expected, &[adjourned(9)], 0);
        assert!(
            matches!(refused, Err(JournalError::Moved { found: 3, .. })),
            "{expected}: {refused:?}"
        );
    }
    assert_eq!(journal.read(kept.meeting).unwrap().len(), 3);
}

#[test]
fn events_are_stored_together_or_not_at_all() {
    let kept = Kept::with(1);
    let mut journal = kept.journal();
    let long = Event::Adjourned {
        by: crate::meeting::ParticipantId(1),
        reason: "x".repeat(super::super::MAX_EVENT_BYTES),
        since_ms: 0,
    };
    let refused = journal.append(kept.meeting, 1, &[adjourned(1), long], 0);
    assert!(matches!(refused, Err(JournalError::EventTooLong(_))));
    assert_eq!(journal.read(kept.meeting).unwrap().len(), 1);
    journal.append(kept.meeting, 1, &[adjourned(1)], 0).unwrap();
}

#[test]
fn one_process_for_each_data_directory() {
    let kept = Kept::with(1);
    let journal = kept.journal();
    let Err(refused) = Journal::open(kept.path()) else {
        panic!("two writers")
    };
    assert!(matches!(refused, JournalError::InUse { .. }));
    let text = refused.to_string();
    assert!(
        text.contains("används redan") && text.contains("already used"),
        "{text}"
    );
    drop(journal);
    kept.journal();

    let nowhere = kept.path().join("saknas");
    assert!(matches!(Journal::open(&nowhere), Err(JournalError::Directory { .. })));
}

#[test]
fn a_commit_is_on_the_disk() {
    let kept = Kept::with(1);
    let journal = kept.journal();
    let pragma = |name| {
        journal
            .reader
            .db
            .pragma_query_value(None, name, |row| row.get::<_, String>(0))
    };
    assert_eq!(pragma("journal_mode").unwrap(), "wal");
    let synchronous: i64 = journal
        .reader
        .db
        .pragma_query_value(None, "synchronous", |row| row.get(0))
        .unwrap();
    assert_eq!(synchronous, 2, "FULL");
}

#[test]
fn not_even_the_program_changes_what_is_written() {
    let kept = Kept::with(2);
    let db = Connection::open(kept.file()).unwrap();
    for sql in [
        "UPDATE event SET body = '{}'",
        "DELETE FROM event",
        "UPDATE event SET seq = 9 WHERE seq = 2",
        "UPDATE event SET salt = NULL",
        "UPDATE checkpoint SET at_ms = 1",
        "DELETE FROM checkpoint",
        "UPDATE signing_key SET at_ms = 1",
        "DELETE FROM signing_key",
    ] {
        let refused = db.execute(sql, []).unwrap_err();
        assert!(refused.to_string().contains("append-only"), "{sql}: {refused}");
    }
}

#[test]
fn a_newer_format_is_refused_and_left_alone() {
    let kept = Kept::with(2);
    let db = Connection::open(kept.file()).unwrap();
    db.pragma_update(None, "user_version", 99).unwrap();
    drop(db);
    let before = std::fs::read(kept.file()).unwrap();
    assert!(matches!(
        Journal::open(kept.path()),
        Err(JournalError::Newer { found: 99 })
    ));
    assert!(matches!(
        Reader::open(kept.path()),
        Err(JournalError::Newer { found: 99 })
    ));
    assert!(verify_file(&kept.file()).unwrap_err().to_string().contains("99"));
    assert_eq!(std::fs::read(kept.file()).unwrap(), before);
}

#[test]
fn somebody_else_s_file_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join(FILE);
    Connection::open(&file)
        .unwrap()
        .execute_batch("CREATE TABLE theirs (x)")
        .unwrap();
    assert!(matches!(
        Journal::open(directory.path()),
        Err(JournalError::NotAJournal)
    ));
    std::fs::write(
        &file,
        "not a database, and long enough to have a header of one hundred bytes. ".repeat(9),
    )
    .unwrap();
    assert!(matches!(
        Journal::open(directory.path()),
        Err(JournalError::NotAJournal)
    ));
}

#[test]
fn others_read_beside_the_writer_and_leave_nothing_behind() {
    let kept = Kept::with(3);
    let mut journal = kept.journal();
    journal.append(kept.meeting, 3, &[adjourned(3)], 0).unwrap();
    let reader = Reader::open(kept.path()).unwrap();
    assert_eq!(reader.read(kept.meeting).unwrap().len(), 4);
    journal.append(kept.meeting, 4, &[adjourned(4)], 0).unwrap();
    assert_eq!(reader.read(kept.meeting).unwrap().len(), 5);
    assert_eq!(verify_file(&kept.file()).unwrap().meetings[0].1.events, 5);
    drop(reader);
    drop(journal);

    let names = || {
        let entries = std::fs::read_dir(kept.path()).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    let before = names();
    verify_file(&kept.file()).unwrap();
    assert_eq!(names(), before);
}

#[test]
fn a_reader_sees_whole_chains_while_the_writer_goes_on() {
    let kept = Kept::with(1);
    let mut journal = kept.journal();
    let reader = Reader::open(kept.path()).unwrap();
    let writing = std::thread::spawn(move || {
        (1..150).for_each(|seq| drop(journal.append(MeetingId(1), seq, &[adjourned(seq)], 0).unwrap()));
        journal
    });
    let mut seen = 0;
    while !writing.is_finished() {
        let now = reader.read(kept.meeting).unwrap().len();
        assert!(now >= seen);
        seen = now;
    }
    let _journal = writing.join().unwrap();
    assert_eq!(reader.read(kept.meeting).unwrap().len(), 150);
}
