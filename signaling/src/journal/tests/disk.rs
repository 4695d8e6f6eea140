//! The disk is full, or fails: nothing is half stored, and the journal goes on when it can.

use super::super::{FILE, Journal, JournalError, KEY_FILE, verify_file};
use super::{Kept, adjourned, created};
use crate::meeting::{Event, MeetingId, ParticipantId};
use std::path::Path;
use std::process::Command;

/// About what a page of the file holds.
fn long(number: u64) -> Event {
    reasoned(format!("{number:05}").repeat(800))
}

fn of_length(bytes: usize) -> Event {
    reasoned("x".repeat(bytes))
}

fn reasoned(reason: String) -> Event {
    Event::Adjourned {
        by: ParticipantId(1),
        reason,
        since_ms: 5,
    }
}

/// Appends until it is refused; how many events there are then, and why.
fn fill(journal: &mut Journal, meeting: MeetingId, mut seq: u64) -> (u64, JournalError) {
    loop {
        match journal.append(meeting, seq, &[long(seq)], 0) {
            Ok(_) => seq += 1,
            Err(why) => return (seq, why),
        }
        assert!(seq < 10_000, "it never fills");
    }
}

#[test]
fn a_full_database_refuses_and_goes_on_when_there_is_space() {
    let kept = Kept::with(1);
    let mut journal = kept.journal();
    let limit = |journal: &Journal, pages: i64| {
        journal
            .reader
            .db
            .pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))
            .unwrap();
    };
    limit(&journal, 30);
    let (stored, why) = fill(&mut journal, kept.meeting, 1);
    assert!(matches!(why, JournalError::Full), "{why}");
    assert_eq!(journal.read(kept.meeting).unwrap().len() as u64, stored);
    assert!(matches!(
        journal.append(kept.meeting, stored, &[long(0)], 0),
        Err(JournalError::Full)
    ));

    limit(&journal, 1_000_000);
    journal.append(kept.meeting, stored, &[adjourned(0)], 0).unwrap();
    assert_eq!(verify_file(&kept.file()).unwrap().meetings[0].1.events, stored + 1);
}

/// A file system in memory, of so many kilobytes; gone when dropped.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    /// `None` where this user may not mount.
    fn of(kilobytes: u32) -> Option<Self> {
        let directory = tempfile::tempdir().unwrap();
        let size = format!("size={kilobytes}k");
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &size, "lika-test"])
            .arg(directory.path())
            .output();
        mount.is_ok_and(|done| done.status.success()).then(|| Self(directory))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn remount(&self, option: &str) {
        let done = Command::new("mount")
            .args(["-o", &format!("remount,{option}")])
            .arg(self.path())
            .status()
            .unwrap();
        assert!(done.success());
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        Command::new("umount").arg("--lazy").arg(self.path()).status().unwrap();
    }
}

#[test]
fn a_full_disk_refuses_and_the_journal_goes_on_when_there_is_space() {
    let Some(disk) = SmallDisk::of(512) else {
        println!("not run: this user may not mount a small disk; the full database above is tested instead");
        return;
    };
    let mut journal = Journal::open(disk.path()).unwrap();
    let (meeting, _) = journal.create(&created(), 0).unwrap();
    let ballast = disk.path().join("ballast");
    std::fs::write(&ballast, vec![0; 64 * 1024]).unwrap();
    let (stored, why) = fill(&mut journal, meeting, 1);
    assert!(matches!(why, JournalError::Full), "{why:?}");
    assert!(stored > 10);
    assert!(matches!(
        journal.create(&of_length(100_000), 0),
        Err(JournalError::Full)
    ));
    assert_eq!(
        journal.read(meeting).unwrap().len() as u64,
        stored,
        "what was acknowledged is there"
    );

    std::fs::remove_file(ballast).unwrap();
    journal.append(meeting, stored, &[adjourned(0)], 0).unwrap();
    assert_eq!(
        verify_file(&disk.path().join(FILE)).unwrap().meetings[0].1.events,
        stored + 1
    );

    drop(journal);
    let journal = Journal::open(disk.path()).unwrap();
    assert_eq!(journal.read(meeting).unwrap().len() as u64, stored + 1);
}

#[test]
fn a_program_killed_on_a_full_disk_finds_everything_acknowledged() {
    let Some(disk) = SmallDisk::of(512) else {
        println!("not run: this user may not mount a small disk");
        return;
    };
    let mut journal = Journal::open(disk.path()).unwrap();
    let (meeting, _) = journal.create(&created(), 0).unwrap();
    let (stored, _) = fill(&mut journal, meeting, 1);
    // As after kill -9: nothing is closed, so the write-ahead log is as it was.
    let left = tempfile::tempdir().unwrap();
    for name in [FILE.to_owned(), format!("{FILE}-wal"), KEY_FILE.to_owned()] {
        std::fs::copy(disk.path().join(&name), left.path().join(&name)).unwrap();
    }
    drop(journal);
    let mut journal = Journal::open(left.path()).unwrap();
    journal.append(meeting, stored, &[adjourned(0)], 0).unwrap();
    assert_eq!(journal.read(meeting).unwrap().len() as u64, stored + 1);
}

#[test]
fn a_read_only_disk_is_an_error_of_its_own() {
    let Some(disk) = SmallDisk::of(512) else {
        println!("not run: this user may not mount a small disk");
        return;
    };
    let mut journal = Journal::open(disk.path()).unwrap();
    let (meeting, _) = journal.create(&created(), 0).unwrap();
    drop(journal);
    disk.remount("ro");
    assert!(matches!(
        Journal::open(disk.path()),
        Err(JournalError::Directory { .. })
    ));
    verify_file(&disk.path().join(FILE)).expect("verifying needs no place to write");

    disk.remount("rw");
    let mut journal = Journal::open(disk.path()).unwrap();
    journal.append(meeting, 1, &[adjourned(1)], 0).unwrap();
}
