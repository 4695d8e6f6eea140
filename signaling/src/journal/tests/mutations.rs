//! Ten thousand ways to tamper with an export, all found: by this program here, by the other one in `python`.

use super::super::checkpoint::Checkpoint;
use super::super::key::EvidenceKey;
use super::super::verify::verify_export;
use super::super::{Journal, PublicKey, VerifyError};
use super::story::Story;
use super::{EVERYTHING, adjourned, created, lines_of};
use crate::meeting::{Event, MeetingId, ParticipantId};
use flate2::{Compression, write::GzEncoder};
use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::sync::LazyLock;

/// What is tried at each test; the seed makes it the same every time.
pub(super) const MUTATIONS: usize = 10_000;
const PACKED_MUTATIONS: usize = 400;
const SEED: u64 = 0x006c_696b_6100;

/// What is tampered with, and what it is spliced with.
pub(super) struct Exports {
    pub(super) key: PublicKey,
    pub(super) whole: Vec<u8>,
    /// Another meeting of the same installation.
    sister: Vec<u8>,
    /// The same meeting of another installation.
    foreign: Vec<u8>,
}

pub(super) static EXPORTS: LazyLock<Exports> = LazyLock::new(|| {
    let (story, other) = (Story::told(), Story::told());
    let mut journal = Journal::open(story.path()).unwrap();
    let (sister, _) = journal.create(&created(), 0).unwrap();
    let opened = Event::Opened { by: ParticipantId(1) };
    journal.append(sister, 1, &[opened, adjourned(1)], 2_000).unwrap();
    journal.append(sister, 3, &[adjourned(2)], 3_000).unwrap();
    drop(journal);
    Exports {
        key: story.key,
        whole: lines_of(story.path(), story.meeting, EVERYTHING),
        sister: lines_of(story.path(), sister, EVERYTHING),
        foreign: lines_of(other.path(), other.meeting, EVERYTHING),
    }
});

/// SplitMix64: the same numbers everywhere.
pub(super) struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.roll() % bound as u64).unwrap()
    }
}

/// Every mutation with the name of its kind; none is one of the whole exports again.
pub(super) fn mutations() -> impl Iterator<Item = (&'static str, Vec<u8>)> {
    let mut dice = Dice(SEED);
    let mut made = (0..).map(move |number: usize| mutate(number, &mut dice));
    std::iter::from_fn(move || made.find(|(_, bytes)| *bytes != EXPORTS.whole && *bytes != EXPORTS.sister))
        .take(MUTATIONS)
}

fn mutate(number: usize, dice: &mut Dice) -> (&'static str, Vec<u8>) {
    let whole = &EXPORTS.whole;
    let mut bytes = whole.clone();
    let at = dice.below(bytes.len());
    let byte = u8::try_from(dice.below(256)).unwrap();
    match number % 16 {
        0 => bytes[at] = byte,
        1 => bytes[at] ^= 1 << dice.below(8),
        2 => bytes.insert(at, byte),
        3 => drop(bytes.remove(at)),
        4 => bytes.truncate(at),
        5 => {
            let end = (at + 1 + dice.below(200)).min(bytes.len());
            drop(bytes.drain(at..end));
        }
        6 => blank_added(&mut bytes, at),
        7 => digit_changed(&mut bytes, at),
        _ => return lines_changed(number, dice),
    }
    ("bytes", bytes)
}

/// A space where JSON allows one.
fn blank_added(bytes: &mut Vec<u8>, at: usize) {
    let allowed = |&byte: &u8| matches!(byte, b',' | b'{' | b'}' | b'[' | b'\n');
    let at = at + bytes[at..].iter().position(allowed).unwrap_or(0);
    bytes.insert(at, b' ');
}

fn digit_changed(bytes: &mut [u8], at: usize) {
    if let Some(digit) = bytes[at..].iter_mut().find(|byte| byte.is_ascii_digit()) {
        *digit = if *digit == b'9' { b'0' } else { *digit + 1 };
    }
}

fn lines_changed(number: usize, dice: &mut Dice) -> (&'static str, Vec<u8>) {
    let split = |bytes: &'static [u8]| bytes.split_inclusive(|&byte| byte == b'\n').collect::<Vec<_>>();
    let mut lines = split(&EXPORTS.whole);
    let other = split(if dice.below(2) == 0 {
        &EXPORTS.sister
    } else {
        &EXPORTS.foreign
    });
    let (one, two) = (dice.below(lines.len()), dice.below(lines.len()));
    let kind = match number % 16 {
        8 => {
            lines.remove(one);
            "dropped"
        }
        9 => {
            lines.insert(two, lines[one]);
            "doubled"
        }
        10 => {
            lines.swap(one, two);
            "swapped"
        }
        11 => {
            let line = lines.remove(one);
            lines.insert(two.min(lines.len()), line);
            "moved"
        }
        12 => {
            lines.truncate(one);
            "cut"
        }
        13 => {
            lines.truncate(one);
            lines.extend(&other[dice.below(other.len())..]);
            "spliced"
        }
        14 => {
            lines[one] = other[dice.below(other.len())];
            "exchanged"
        }
        _ => return ("re-signed", resigned(&lines, dice)),
    };
    (kind, lines.concat())
}

/// A checkpoint, or all from one on, signed by another key, which is named or not.
fn resigned(lines: &[&[u8]], dice: &mut Dice) -> Vec<u8> {
    let thief = EvidenceKey::of_seed([u8::try_from(dice.below(256)).unwrap(); 32]);
    let (first, names_itself, goes_on) = (dice.below(6), dice.below(2) == 0, dice.below(2) == 0);
    let (mut count, mut last) = (0, super::super::checkpoint::Last::NONE);
    let mut out = Vec::new();
    for line in lines {
        let text = std::str::from_utf8(line).unwrap();
        let Some(text) = text.strip_prefix("{\"checkpoint\":") else {
            out.extend_from_slice(line);
            continue;
        };
        let was: Checkpoint = serde_json::from_str(text.trim_end().strip_suffix('}').unwrap()).unwrap();
        let stolen = count == first || (goes_on && count > first);
        let now = if stolen {
            stolen_from(&was, &thief, &last, names_itself)
        } else {
            was
        };
        writeln!(out, "{{\"checkpoint\":{}}}", serde_json::to_string(&now).unwrap()).unwrap();
        (count, last) = (count + 1, now.last(MeetingId(1)));
    }
    out
}

fn stolen_from(
    was: &Checkpoint,
    thief: &EvidenceKey,
    last: &super::super::checkpoint::Last,
    names_itself: bool,
) -> Checkpoint {
    let head = super::super::Head {
        events: was.events,
        hash: was.head,
    };
    let time = super::super::TimeSource {
        synchronised: was.synchronised,
        max_error_ms: was.max_error_ms,
    };
    let mut now = Checkpoint::sign(thief, MeetingId(1), last, &head, was.at_ms, time);
    if !names_itself {
        now.key = was.key;
    }
    now
}

#[test]
fn ten_thousand_mutations_are_all_found() {
    let Exports {
        key, whole, foreign, ..
    } = &*EXPORTS;
    verify_export(&whole[..], &[*key]).unwrap();
    assert!(matches!(
        verify_export(&foreign[..], &[*key]),
        Err(VerifyError::Flawed(_))
    ));
    let mut kinds = BTreeSet::new();
    for (number, (kind, bytes)) in mutations().enumerate() {
        kinds.insert(kind);
        let found = verify_export(&bytes[..], &[*key]);
        assert!(found.is_err(), "{number}: {kind} passes");
    }
    assert_eq!(kinds.len(), 9, "{kinds:?}");
}

/// The compressed file, tampered with; what each holds, if it holds anything.
pub(super) fn packed_mutations() -> impl Iterator<Item = (Vec<u8>, Option<Vec<u8>>)> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(&EXPORTS.whole).unwrap();
    let packed = packed.finish().unwrap();
    let mut dice = Dice(SEED + 1);
    (0..PACKED_MUTATIONS).map(move |number| {
        let mut bytes = packed.clone();
        let at = dice.below(bytes.len());
        match number % 4 {
            0 => bytes[at] ^= 1 << dice.below(8),
            1 => bytes.truncate(at),
            2 => bytes.push(u8::try_from(at % 256).unwrap()),
            _ => drop(bytes.remove(at)),
        }
        let mut content = Vec::new();
        let read = flate2::read::GzDecoder::new(&bytes[..]).read_to_end(&mut content);
        (bytes, read.ok().map(|_| content))
    })
}

/// Some bits of a compressed file carry nothing (its time, padding). What it holds is what counts.
#[test]
fn a_compressed_file_that_was_changed_fails_or_holds_the_same() {
    for (bytes, content) in packed_mutations() {
        if verify_export(&bytes[..], &[EXPORTS.key]).is_ok() {
            assert_eq!(content.as_ref(), Some(&EXPORTS.whole));
        }
    }
}
