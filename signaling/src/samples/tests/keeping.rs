//! The files.

use super::{BEGAN_MS, Council, likvardig, lines};
use crate::meeting::{MeetingId, SamplesMark};
use crate::samples::segments::segments;
use crate::samples::{Chain, Gap, Line, Recorder, Samples, directory_of, kept, weed, weed_unfinished};
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::PathBuf;

const MEETING: MeetingId = MeetingId(7);

struct Disk {
    directory: tempfile::TempDir,
    recorder: Recorder,
}

impl Disk {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let recorder = Recorder::of(directory.path().to_owned());
        Self { directory, recorder }
    }

    fn samples(&self) -> Samples {
        let mut samples = self.recorder.open(MEETING);
        samples.begin(&likvardig(), BEGAN_MS);
        samples
    }

    fn place(&self) -> PathBuf {
        directory_of(self.directory.path(), MEETING)
    }

    fn last_segment(&self) -> PathBuf {
        segments(&self.place()).unwrap().pop().unwrap()
    }
}

/// What somebody else computes of the lines.
fn chained(lines: &[(Line, Vec<u8>)], until: u64) -> SamplesMark {
    let known = lines.iter().take(usize::try_from(until).unwrap());
    known.fold(Chain::START, |chain, (_, text)| chain.with(text)).mark()
}

#[tokio::test]
async fn a_mark_is_the_hash_of_every_line_so_far_and_they_are_on_the_disk() {
    let disk = Disk::new();
    let mut samples = disk.samples();
    let mut council = Council::of(3);
    for _ in 0..3 {
        council.goes_on(&mut samples);
    }
    let mark = samples.mark().await.unwrap();
    // Nothing is closed: what is read now is what a crash leaves.
    let found = lines(&disk.place());
    assert_eq!(mark, chained(&found, mark.lines));
    assert_eq!(
        mark.lines,
        2 + 2 * 3,
        "segment, begun, and input and verdict of three seconds"
    );
    council.goes_on(&mut samples);
    let later = samples.mark().await.unwrap();
    assert_eq!(later, chained(&lines(&disk.place()), mark.lines + 2));
}

#[tokio::test]
async fn the_chain_goes_on_after_a_restart() {
    let disk = Disk::new();
    for _ in 0..3 {
        let mut samples = disk.samples();
        Council::of(2).goes_on(&mut samples);
        samples.close().await;
    }
    let samples = disk.samples();
    let mark = samples.mark().await.unwrap();
    let found = lines(&disk.place());
    assert_eq!(mark, chained(&found, found.len() as u64));
    let begun = found.iter().filter(|(line, _)| matches!(line, Line::Begun(_)));
    assert_eq!(begun.count(), 4);
    assert!(!found.iter().any(|(line, _)| matches!(line, Line::Gap(_))));
}

#[tokio::test]
async fn a_torn_end_is_cut_off_and_told_of() {
    let disk = Disk::new();
    let mut samples = disk.samples();
    let mut council = Council::of(2);
    council.goes_on(&mut samples);
    let whole = samples.mark().await.unwrap();
    council.goes_on(&mut samples);
    samples.close().await;
    let last = OpenOptions::new().write(true).open(disk.last_segment()).unwrap();
    last.set_len(last.metadata().unwrap().len() - 5).unwrap();

    let samples = disk.samples();
    let mark = samples.mark().await.unwrap();
    let found = lines(&disk.place());
    assert_eq!(whole, chained(&found, whole.lines), "what was marked is still there");
    assert_eq!(mark, chained(&found, found.len() as u64));
    let after = &found[usize::try_from(whole.lines).unwrap()..];
    let gap = Gap {
        at_ms: BEGAN_MS,
        lost: 0,
    };
    assert!(
        matches!(after, [(Line::Gap(found), _), (Line::Begun(_), _)] if *found == gap),
        "{after:?}"
    );
}

#[tokio::test]
async fn a_disk_that_takes_nothing_stops_no_meeting_and_leaves_a_gap() {
    let disk = Disk::new();
    // A file where the directory should be.
    std::fs::write(disk.directory.path().join("samples"), "").unwrap();
    let mut samples = disk.samples();
    let mut council = Council::of(2);
    council.goes_on(&mut samples);
    assert_eq!(samples.mark().await, None, "nothing is durable");
    std::fs::remove_file(disk.directory.path().join("samples")).unwrap();
    council.goes_on(&mut samples);
    let mark = samples.mark().await.unwrap();
    let found = lines(&disk.place());
    assert_eq!(mark, chained(&found, found.len() as u64));
    assert!(
        matches!(found[1].0, Line::Gap(Gap { lost: 3, .. })),
        "begun, input and verdict are lost: {:?}",
        found[1].0
    );
}

#[tokio::test]
async fn a_full_queue_drops_lines_and_says_how_many() {
    let disk = Disk::new();
    std::fs::create_dir_all(disk.place()).unwrap();
    // The thread waits for a lock that this test has.
    let lock = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(disk.place().join("lock"))
        .unwrap();
    lock.lock().unwrap();
    let mut samples = disk.samples();
    let mut council = Council::of(2);
    let seconds = 100;
    for _ in 0..seconds {
        council.goes_on(&mut samples);
    }
    assert_eq!(samples.mark().await, None, "lines are lost of which nobody knows yet");
    lock.unlock().unwrap();
    // The queue empties; then there is room for a line, and the one before it.
    let mark = loop {
        council.goes_on(&mut samples);
        if let Some(mark) = samples.mark().await {
            break mark;
        }
    };
    let found = lines(&disk.place());
    assert_eq!(mark, chained(&found, found.len() as u64));
    let lost = found
        .iter()
        .map(|(line, _)| if let Line::Gap(gap) = line { gap.lost } else { 0 });
    let inputs_and_verdicts = found
        .iter()
        .filter(|(line, _)| matches!(line, Line::Input(_) | Line::Verdict(_)));
    let judged = u64::try_from((council.at_ms - BEGAN_MS) / 1000).unwrap();
    assert_eq!(lost.sum::<u64>() + inputs_and_verdicts.count() as u64, 2 * judged);
}

#[tokio::test]
async fn a_changed_line_gives_another_mark() {
    let disk = Disk::new();
    let mut samples = disk.samples();
    Council::of(2).goes_on(&mut samples);
    let mark = samples.mark().await.unwrap();
    let mut found = lines(&disk.place());
    for at in 0..found.len() {
        let kept = found[at].1.clone();
        found[at].1[10] ^= 1;
        assert_ne!(mark, chained(&found, mark.lines));
        found[at].1 = kept;
    }
    assert_eq!(mark, chained(&found, mark.lines));
}

#[tokio::test]
async fn weeding_takes_one_meeting_s_samples() {
    let disk = Disk::new();
    disk.samples().close().await;
    disk.recorder.open(MeetingId(8)).close().await;
    let data = disk.directory.path();
    assert_eq!(kept(data).unwrap(), [MEETING]);
    assert!(weed(data, MEETING).unwrap());
    assert_eq!(kept(data).unwrap(), []);
    assert!(!weed(data, MEETING).unwrap(), "there are none any more");
}

#[tokio::test]
async fn a_meeting_weeded_before_its_end_goes_on_from_where_it_was() {
    let disk = Disk::new();
    let mut samples = disk.samples();
    let mut council = Council::of(3);
    council.goes_on(&mut samples);
    let before = samples.mark().await.unwrap();
    samples.close().await;
    std::fs::write(disk.place().join("000001.jsonl.damaged-from-7"), "old").unwrap();
    let data = disk.directory.path();
    assert!(weed_unfinished(data, MEETING).unwrap());
    let left = lines(&disk.place());
    assert!(
        matches!(&left[..], [(Line::Segment(mark), _)] if *mark == before),
        "{left:?}"
    );
    assert_eq!(std::fs::read_dir(disk.place()).unwrap().count(), 2, "it and the lock");
    assert!(!weed_unfinished(data, MEETING).unwrap(), "there is nothing more");

    let mut samples = disk.samples();
    council.goes_on(&mut samples);
    let after = samples.mark().await.unwrap();
    samples.close().await;
    let found = lines(&disk.place());
    let chain = found
        .iter()
        .fold(Chain::at(before), |chain, (_, text)| chain.with(text));
    assert_eq!(after, chain.mark());
    assert_eq!(after.lines, before.lines + 4, "segment, begun, input and verdict");
}

#[tokio::test]
async fn one_bad_byte_takes_no_whole_member_with_it() {
    let disk = Disk::new();
    let mut samples = disk.samples();
    let mut council = Council::of(2);
    let mut ends = Vec::new();
    for _ in 0..3 {
        council.goes_on(&mut samples);
        samples.mark().await.unwrap();
        ends.push(usize::try_from(disk.last_segment().metadata().unwrap().len()).unwrap());
    }
    samples.close().await;
    let mut bytes = std::fs::read(disk.last_segment()).unwrap();
    bytes[ends[0] + 20] ^= 0xff;
    std::fs::write(disk.last_segment(), &bytes).unwrap();
    disk.samples().close().await;
    let aside = disk.place().join(format!("000001.jsonl.damaged-from-{}", ends[0]));
    assert_eq!(
        std::fs::read(aside).unwrap(),
        bytes[ends[0]..],
        "every byte is still there"
    );
    let found = lines(&disk.place());
    assert!(found.iter().any(|(line, _)| matches!(line, Line::Gap(_))));
}

#[tokio::test]
async fn nothing_is_kept_where_nothing_should_be() {
    let mut samples = Recorder::off().open(MEETING);
    Council::of(2).goes_on(&mut samples);
    assert_eq!(samples.mark().await, None);
    samples.close().await;
}

#[test]
fn a_torn_file_may_be_read_to_where_it_is_whole() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("000001.jsonl.gz");
    let mut writer = crate::samples::writer::Writer::open(directory.path()).unwrap();
    let gap = Line::Gap(Gap { at_ms: 1, lost: 1 });
    writer.write(&gap, 1).unwrap();
    writer.flush().unwrap();
    let mut file = OpenOptions::new().append(true).open(&path).unwrap();
    file.write_all(&[0x1f, 0x8b, 8, 0]).unwrap();
    let mut lines = crate::samples::Lines::open(&path).unwrap();
    assert!(matches!(lines.next_line().unwrap(), Some((Line::Segment(_), _))));
    assert!(matches!(lines.next_line().unwrap(), Some((Line::Gap(_), _))));
    assert!(lines.next_line().unwrap().is_none());
    assert!(lines.torn());
}
