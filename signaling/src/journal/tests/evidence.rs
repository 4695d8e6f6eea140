//! Checkpoints, samples and secret items: what an export holds, and what a version-1 journal becomes.

use super::super::chain::{Body, Link};
use super::super::checkpoint::{Checkpoint, Last};
use super::super::hex::Hex;
use super::super::key::EvidenceKey;
use super::super::verify::verify_export;
use super::super::{
    FILE, Flaw, Head, Journal, JournalError, Parts, Place, Reader, Synchronised, TimeSource, VerifyError, schema,
    verify_file,
};
use super::story::{SAMPLES, SECRET, Story, sample};
use super::{EVERYTHING, Kept, adjourned, created, lines_of};
use crate::meeting::{Event, MeetingId, ParticipantId};
use crate::samples::tests::LONGEST_SECOND;
use crate::samples::{Chain, Line as SampleLine, MAX_LINE_BYTES};
use crate::sha256::Sha256;
use rusqlite::{Connection, params};

const PUBLIC: Parts = Parts {
    secret: false,
    samples: true,
};

fn text_of(story: &Story, parts: Parts) -> String {
    String::from_utf8(lines_of(story.path(), story.meeting, parts)).unwrap()
}

/// The example of docs/evidence.md.
#[test]
fn the_documented_example_has_these_numbers() {
    let key = EvidenceKey::of_seed([1; 32]);
    let body = Body::Salted {
        salt: Hex([2; 16]),
        text: r#"{"v":3,"event":{"type":"opened","by":1}}"#.into(),
    };
    let link = Link::after(&Head::START, MeetingId(1), 1_800_000_000_000, body);
    let time = TimeSource {
        synchronised: Synchronised::Yes,
        max_error_ms: Some(12),
    };
    let checkpoint = Checkpoint::sign(&key, MeetingId(1), &Last::NONE, &link.head(), 1_800_000_000_001, time);
    let Some(Body::Withheld(digest)) = link.body.withheld() else {
        panic!("{:?}", link.body)
    };
    let document = include_str!("../../../../docs/evidence.md");
    for (what, number) in [
        (
            "public key",
            key.public().bytes().map(|byte| format!("{byte:02x}")).concat(),
        ),
        ("body's digest", digest.to_string()),
        ("event's hash", link.hash.to_string()),
        ("signature", checkpoint.signature.to_string()[..64].into()),
        ("rest of it", checkpoint.signature.to_string()[64..].into()),
        ("checkpoint's digest", checkpoint.digest(MeetingId(1)).to_string()),
    ] {
        assert!(document.contains(&number), "{what}: {number}");
    }
}

#[test]
fn what_must_stand_is_signed_at_once_and_the_rest_every_minute() {
    let kept = Kept::with(1);
    let mut journal = kept.journal();
    let restarted = [Event::ServerRestarted {}];
    journal.append(kept.meeting, 1, &restarted, 2_000).unwrap();
    let count = |journal: &Journal| journal.reader.checkpoints(kept.meeting).unwrap().len();
    assert_eq!(count(&journal), 0);
    assert!(journal.checkpoint(kept.meeting, 60_000).unwrap());
    assert!(!journal.checkpoint(kept.meeting, 120_000).unwrap(), "nothing new");
    journal.append(kept.meeting, 2, &[adjourned(2)], 121_000).unwrap();
    assert_eq!(count(&journal), 2);
    assert!(!journal.checkpoint(kept.meeting, 180_000).unwrap(), "signed already");
    let [first, second] = journal.reader.checkpoints(kept.meeting).unwrap()[..] else {
        panic!("not two")
    };
    assert_eq!((first.events, first.at_ms, first.previous), (2, 60_000, Sha256::ZERO));
    assert_eq!((second.events, second.previous), (3, first.digest(kept.meeting)));
    assert!(matches!(
        journal.checkpoint(MeetingId(9), 0),
        Err(JournalError::NoSuchMeeting(_))
    ));
}

#[test]
fn how_good_the_clock_is_that_times_come_from_is_signed() {
    let kept = Kept::with(1);
    let known = |synchronised, max_error_ms| TimeSource {
        synchronised,
        max_error_ms,
    };
    for (number, time) in [known(Synchronised::Yes, Some(12)), known(Synchronised::No, None)]
        .into_iter()
        .enumerate()
    {
        let mut journal = kept.journal().timed_by(move || time);
        let events = 1 + number as u64;
        journal
            .append(kept.meeting, events, &[adjourned(events)], 2_000)
            .unwrap();
        let signed = *journal.reader.checkpoints(kept.meeting).unwrap().last().unwrap();
        assert_eq!(
            (signed.synchronised, signed.max_error_ms),
            (time.synchronised, time.max_error_ms)
        );
    }
}

#[test]
fn a_checkpoint_is_stored_with_its_event_or_neither_is() {
    let kept = Kept::with(2);
    let mut journal = kept.journal();
    let refuse = "CREATE TRIGGER full BEFORE INSERT ON checkpoint BEGIN SELECT RAISE(ABORT, 'full'); END";
    journal.reader.db.execute_batch(refuse).unwrap();
    journal.append(kept.meeting, 2, &[adjourned(2)], 0).unwrap_err();
    assert_eq!(journal.read(kept.meeting).unwrap().len(), 2);
}

#[test]
fn a_story_verifies_with_all_its_parts_and_with_fewer() {
    let story = Story::told();
    for (secret, samples) in [(true, true), (false, true), (true, false), (false, false)] {
        let parts = Parts { secret, samples };
        let mut packed = Vec::new();
        let reader = Reader::open(story.path()).unwrap();
        reader
            .export(story.meeting, story.path(), parts, 0, &mut packed)
            .unwrap();
        let verified = verify_export(&packed[..], &[story.key]).unwrap();
        assert_eq!(verified.meetings, reader.meetings().unwrap());
        assert_eq!(verified.samples, samples.then_some(SAMPLES));
        assert_eq!(verified.withheld, if secret { 0 } else { 3 });
        assert_eq!((verified.checkpoints, verified.keys.len()), (6, 2));
    }
    assert_eq!(verify_file(&story.path().join(FILE)).unwrap().checkpoints, 6);
}

#[test]
fn an_export_for_the_public_has_nothing_of_a_secret_item() {
    let story = Story::told();
    let (secret, public) = (text_of(&story, EVERYTHING), text_of(&story, PUBLIC));
    for said in ["Hemligheten.", "Hemligheten, rättad."] {
        assert!(secret.contains(said) && !public.contains(said), "{said}");
    }
    for said in ["Enligt förslaget.", "Bild saknas.", "item_ended", "Ett enskilt ärende"] {
        assert!(public.contains(said), "{said}");
    }
    for second in 0..SAMPLES {
        let line = serde_json::to_string(&sample(second)).unwrap();
        assert_eq!(!public.contains(&line), SECRET.contains(&second), "{second}");
    }
    assert_eq!(public.matches("{\"samples_withheld\":").count(), 1);
}

#[test]
fn samples_that_are_not_those_the_decision_was_made_on_are_named() {
    let story = Story::told();
    let whole = text_of(&story, EVERYTHING);
    let flaw = |text: &str| match verify_export(text.as_bytes(), &[]) {
        Err(VerifyError::Flawed(flawed)) => (flawed.place, flawed.flaw),
        other => panic!("{other:?}"),
    };
    let changed = whole.replacen("{\\\"at_ms\\\":3000,", "{\\\"at_ms\\\":3001,", 1);
    assert_eq!(flaw(&changed), (Place::Sample(5), Flaw::NotAsMarked { event: 4 }));
    let last = serde_json::to_string(&sample(37)).unwrap();
    let cut = &whole[..whole.find(&last).unwrap()];
    let end = &whole[whole.find("{\"end\":").unwrap()..];
    let cut = format!("{}{end}", &cut[..=cut.rfind('\n').unwrap()]);
    assert_eq!(flaw(&cut), (Place::Sample(38), Flaw::CutOff { said: 38 }));
}

#[test]
fn no_samples_are_no_hindrance() {
    let story = Story::told();
    std::fs::remove_dir_all(story.path().join("samples")).unwrap();
    let export = lines_of(story.path(), story.meeting, EVERYTHING);
    assert_eq!(verify_export(&export[..], &[story.key]).unwrap().samples, None);
}

/// A journal as the first version wrote it: no salts, no checkpoints.
fn first_version() -> (Kept, Vec<Event>) {
    let directory = tempfile::tempdir().unwrap();
    let mut db = Connection::open(directory.path().join(FILE)).unwrap();
    schema::bring_forward(&mut db, schema::first_steps()).unwrap();
    let (meeting, mut head) = (MeetingId(1), Head::START);
    let events = vec![created(), adjourned(1)];
    db.execute("INSERT INTO meeting (events, head) VALUES (0, zeroblob(32))", [])
        .unwrap();
    for event in &events {
        let link = Link::after(&head, meeting, 5, Body::Plain(event.encode().unwrap()));
        db.execute(
            "INSERT INTO event (meeting, seq, at_ms, prev, hash, body) VALUES (1, ?1, 5, ?2, ?3, ?4)",
            params![link.seq, link.prev.as_bytes(), link.hash.as_bytes(), link.body.text()],
        )
        .unwrap();
        head = link.head();
        db.execute(
            "UPDATE meeting SET events = ?1, head = ?2",
            params![head.events, head.hash.as_bytes()],
        )
        .unwrap();
    }
    (Kept { directory, meeting }, events)
}

#[test]
fn a_journal_of_the_first_version_is_read_as_it_is_and_goes_on() {
    let (kept, mut events) = first_version();
    let verified = verify_file(&kept.file()).unwrap();
    assert_eq!((verified.meetings[0].1.events, verified.checkpoints), (2, 0));
    assert!(verified.to_string().contains("Inga underskrifter"));

    let mut journal = kept.journal();
    journal.append(kept.meeting, 2, &[adjourned(2)], 6).unwrap();
    events.push(adjourned(2));
    let read: Vec<_> = journal
        .read(kept.meeting)
        .unwrap()
        .into_iter()
        .map(|one| one.event)
        .collect();
    assert_eq!(read, events);
    drop(journal);
    assert_eq!(verify_file(&kept.file()).unwrap().checkpoints, 1);
    let verified = verify_export(&kept.export()[..], &[]).unwrap();
    assert_eq!((verified.meetings[0].1.events, verified.checkpoints), (3, 1));
}

#[test]
fn what_an_older_lika_wrote_at_a_secret_item_is_not_let_out_unseen() {
    let story = Story::told();
    let db = Connection::open(story.path().join(FILE)).unwrap();
    db.execute_batch("DROP TRIGGER event_is_never_changed").unwrap();
    // The chain of such a journal holds; here it only matters that the event has no salt.
    let reader = Reader::open(story.path()).unwrap();
    let mut head = Head::START;
    reader
        .walk(story.meeting, |link| {
            let text = link.body.text().unwrap().to_owned();
            let anew = Link::after(&head, story.meeting, link.at_ms, Body::Plain(text));
            head = anew.head();
            db.execute(
                "UPDATE event SET salt = NULL, prev = ?2, hash = ?3 WHERE seq = ?1",
                params![link.seq, anew.prev.as_bytes(), anew.hash.as_bytes()],
            )?;
            Ok(())
        })
        .unwrap();
    db.execute("UPDATE meeting SET head = ?1", [head.hash.as_bytes()])
        .unwrap();
    let export = |parts| reader.export(story.meeting, story.path(), parts, 0, &mut Vec::new());
    assert!(matches!(export(PUBLIC), Err(JournalError::CannotWithhold { seq: 11 })));
    export(EVERYTHING).unwrap();
}

#[test]
fn an_event_that_breaks_off_in_a_secret_item_ends_the_secrecy_with_the_meeting() {
    let mut secrecy = super::super::secrecy::Secrecy::default();
    let chair = ParticipantId(1);
    let story = Story::told();
    let stored = Reader::open(story.path()).unwrap().read(story.meeting).unwrap();
    let begun = stored
        .iter()
        .position(|one| matches!(one.event, Event::ItemBegun { item, .. } if item.0 == 2));
    for one in &stored[..=begun.unwrap()] {
        assert!(!secrecy.withholds(one.seq, one.at_ms, &one.event));
    }
    assert!(secrecy.withholds(90, 21_000, &Event::Resumed { by: chair }));
    assert!(secrecy.covers(Some(21_000)) && secrecy.covers(None) && !secrecy.covers(Some(1_000)));
    assert!(!secrecy.withholds(91, 22_000, &Event::Closed { by: chair }));
    assert!(!secrecy.covers(Some(22_001)));
}

#[test]
fn a_decision_of_a_secret_item_is_as_secret_when_it_is_entered_later() {
    let mut secrecy = super::super::secrecy::Secrecy::default();
    let story = Story::told();
    let stored = Reader::open(story.path()).unwrap().read(story.meeting).unwrap();
    for one in &stored {
        secrecy.withholds(one.seq, one.at_ms, &one.event);
    }
    let decided = |item| Event::Decided {
        number: 9,
        item: Some(crate::meeting::ItemId(item)),
        decision: "Anbudet antas.".into(),
        by: ParticipantId(1),
        at_ms: 0,
        despite: None,
        afterwards: true,
    };
    assert!(!secrecy.withholds(90, 40_000, &decided(1)));
    assert!(secrecy.withholds(91, 41_000, &decided(2)));
}

#[test]
fn a_clock_set_back_during_a_secret_item_lets_nothing_out() {
    let mut secrecy = super::super::secrecy::Secrecy::default();
    let story = Story::told();
    let stored = Reader::open(story.path()).unwrap().read(story.meeting).unwrap();
    for one in &stored {
        let is_secret = matches!(one.event, Event::ItemBegun { item, .. } if item.0 == 2);
        assert!(!secrecy.withholds(one.seq, one.at_ms, &one.event));
        if is_secret {
            break;
        }
    }
    // It began at 20 s; the server came back with a clock that said 12 s, and the item ended at 14 s.
    assert!(secrecy.withholds(90, 12_000, &Event::ServerRestarted {}));
    let ended = Event::ItemEnded {
        item: crate::meeting::ItemId(2),
        by: ParticipantId(1),
        at_ms: 0,
    };
    assert!(!secrecy.withholds(91, 14_000, &ended));
    for at_ms in [12_000, 14_000, 20_000, 29_000] {
        assert!(secrecy.covers(Some(at_ms)), "{at_ms}");
    }
    assert!(!secrecy.covers(Some(11_999)));
}

/// What `lika meeting weed-samples` leaves of a meeting that is not over, and what is measured after it.
#[test]
fn what_was_weeded_before_the_end_is_withheld_and_the_export_is_whole() {
    let story = Story::told();
    let folder = story.path().join("samples").join(story.meeting.0.to_string());
    std::fs::remove_dir_all(&folder).unwrap();
    std::fs::create_dir(&folder).unwrap();
    let chain = (0..SAMPLES).fold(Chain::START, |chain, second| chain.with(sample(second).as_bytes()));
    let segment = SampleLine::Segment(chain.mark()).encode().unwrap();
    let text = [&segment[..], sample(SAMPLES).as_bytes(), b""].join(&b'\n');
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut packed, &text).unwrap();
    std::fs::write(folder.join("000003.jsonl.gz"), packed.finish().unwrap()).unwrap();
    let export = text_of(&story, EVERYTHING);
    let withheld = format!("{{\"samples_withheld\":{{\"lines\":{SAMPLES},");
    assert!(export.contains(&withheld), "{export}");
    let verified = verify_export(export.as_bytes(), &[story.key]).unwrap();
    assert_eq!(verified.samples, Some(SAMPLES + 2));
}

/// A line of so many bytes, every fourth of which becomes two in an export.
pub(super) fn with_a_sample_of(bytes: usize) -> Kept {
    let kept = Kept::with(2);
    let folder = kept.path().join("samples/1");
    std::fs::create_dir_all(&folder).unwrap();
    let mut line = b"\"abc".repeat(bytes / 4);
    line.push(b'\n');
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
    std::io::Write::write_all(&mut packed, &line).unwrap();
    std::fs::write(folder.join("000001.jsonl.gz"), packed.finish().unwrap()).unwrap();
    kept
}

#[test]
fn a_long_line_is_exported_and_one_that_verifiers_would_not_read_is_refused() {
    // The longest second there can be is shorter: samples::tests::size.
    let kept = with_a_sample_of(LONGEST_SECOND);
    assert_eq!(verify_export(&kept.export()[..], &[]).unwrap().samples, Some(1));
    let kept = with_a_sample_of(usize::try_from(MAX_LINE_BYTES).unwrap() / 8 * 7);
    let reader = Reader::open(kept.path()).unwrap();
    let refused = reader.export(kept.meeting, kept.path(), EVERYTHING, 0, &mut std::io::sink());
    assert!(matches!(refused, Err(JournalError::LineTooLong(_))), "{refused:?}");
}
