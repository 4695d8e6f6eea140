//! Numbers and times stay whole whatever is left out.

use super::*;
use proptest::prelude::*;
use std::collections::{HashMap, HashSet};
use std::time::Duration;

/// A publisher's packets: two layers, lost, reordered and wrapping, with switches between them.
#[derive(Clone, Debug)]
enum Step {
    Packets { count: u64, lose_every: u64 },
    Late { back: u64 },
    Switch,
    Interrupt,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (1u64..400, 2u64..20).prop_map(|(count, lose_every)| Step::Packets { count, lose_every }),
        2 => (1u64..30).prop_map(|back| Step::Late { back }),
        1 => Just(Step::Switch),
        1 => Just(Step::Interrupt),
    ]
}

fn packet(stream: u32, sequence: u64) -> Incoming {
    Incoming {
        stream,
        sequence,
        timestamp: (sequence as u32).wrapping_mul(3000).wrapping_add(stream << 30),
        vp8: None,
    }
}

proptest! {
    #[test]
    fn no_number_twice_no_gap_at_switches_and_every_number_found_again(
        first_out: u16, starts in prop::array::uniform2(0u64..1 << 33), steps in prop::collection::vec(step(), 1..40)
    ) {
        let mut rewriter = Rewriter::new(90_000, first_out);
        let mut now = Instant::now();
        let mut next = starts;
        let mut stream = 0usize;
        let mut sent: HashMap<u64, (u32, u64)> = HashMap::new();
        let mut seen: HashSet<(u32, u64)> = HashSet::new();
        let mut shown = None;
        let mut highest: Option<u64> = None;
        for step in steps {
            match step {
                Step::Packets { count, lose_every } => for n in 0..count {
                    now += Duration::from_millis(33);
                    next[stream] += 1;
                    if n % lose_every == 1 { continue }
                    let incoming = packet(stream as u32, next[stream]);
                    let numbers = rewriter.rewrite(now, &incoming).expect("newest is always forwarded");
                    if let (true, Some(highest)) = (shown != Some(stream), highest) {
                        prop_assert_eq!(numbers.sequence, highest + 1, "a switch leaves no hole");
                    }
                    shown = Some(stream);
                    highest = highest.max(Some(numbers.sequence));
                    seen.insert((stream as u32, next[stream]));
                    prop_assert_eq!(sent.insert(numbers.sequence, (stream as u32, next[stream])), None);
                    let origin = rewriter.origin(numbers.sequence as u16).expect("found");
                    prop_assert_eq!((origin.stream, origin.sequence), (stream as u32, next[stream]));
                    prop_assert_eq!(origin.clock.at(incoming.timestamp), numbers.timestamp);
                },
                Step::Late { back } => {
                    let sequence = next[stream].saturating_sub(back);
                    if shown != Some(stream) || !seen.insert((stream as u32, sequence)) { continue }
                    if let Some(numbers) = rewriter.rewrite(now, &packet(stream as u32, sequence)) {
                        prop_assert_eq!(sent.insert(numbers.sequence, (stream as u32, sequence)), None);
                    }
                }
                Step::Switch => stream = 1 - stream,
                Step::Interrupt => { rewriter.interrupt(); shown = None; }
            }
        }
    }

    #[test]
    fn the_past_is_hurried_through_into_the_present(
        shown_before: bool, past in 1u64..200, packets_a_frame in 1u64..4, lose_every in 2u64..20, idle in 0u64..5000
    ) {
        let frame_of = |sequence: u64| Incoming {
            stream: 1,
            sequence,
            timestamp: ((sequence / packets_a_frame) as u32).wrapping_mul(3000).wrapping_sub(70_000),
            vp8: None,
        };
        let mut rewriter = Rewriter::new(90_000, 0);
        let mut now = Instant::now();
        let first = 3 * packets_a_frame;
        let mut sent: HashMap<u64, Numbers> = HashMap::new();
        let mut before = None;
        if shown_before {
            before = rewriter.rewrite(now, &packet(0, 7));
            now += Duration::from_millis(idle);
        }
        rewriter.begin_past(now, &frame_of(first));
        let late = first + past / 3;
        for sequence in (first..first + past).filter(|n| *n == first || *n != late) {
            sent.insert(sequence, rewriter.rewrite(now, &frame_of(sequence)).expect("sent"));
        }
        prop_assert_eq!(rewriter.timestamp_offset(), None, "no sender report tells the past's time");
        rewriter.past_is_over();
        let end = first + past + 300;
        for sequence in first + past..end {
            now += Duration::from_millis(33) / packets_a_frame as u32;
            if sequence % lose_every != 1 {
                sent.insert(sequence, rewriter.rewrite(now, &frame_of(sequence)).expect("sent"));
            }
        }
        for sequence in first..end {
            sent.entry(sequence)
                .or_insert_with(|| rewriter.rewrite(now, &frame_of(sequence)).expect("repaired"));
        }
        let start = sent[&first];
        prop_assert_eq!(before.map_or(start.sequence, |before| before.sequence + 1), start.sequence);
        prop_assert!(before.is_none_or(|before| is_newer(start.timestamp, before.timestamp)));
        for sequence in first..end {
            let numbers = sent[&sequence];
            prop_assert_eq!(numbers.sequence - start.sequence, sequence - first, "holes stay holes");
            if sequence > first {
                let last = sent[&(sequence - 1)];
                let same_frame = frame_of(sequence).timestamp == frame_of(sequence - 1).timestamp;
                prop_assert_eq!(is_newer(numbers.timestamp, last.timestamp), !same_frame);
                prop_assert_eq!(numbers.timestamp == last.timestamp, same_frame);
            }
            let origin = rewriter.origin(numbers.sequence as u16).expect("found");
            prop_assert_eq!((origin.stream, origin.sequence), (1, sequence));
            prop_assert_eq!(origin.clock.at(frame_of(sequence).timestamp), numbers.timestamp);
        }
        let head = sent[&(first + past - 1)].timestamp;
        prop_assert!(head.wrapping_sub(start.timestamp) <= past as u32 * 3000 / HURRY + 1, "at once");
        let live = sent[&(end - 1)].timestamp.wrapping_sub(sent[&(end - 1 - 99 * packets_a_frame)].timestamp);
        prop_assert_eq!(live, 99 * 3000, "the present passes as it is");
    }

    #[test]
    fn what_is_left_out_on_purpose_leaves_no_hole_and_what_is_lost_does(
        first in 0u64..1 << 33, packets in 1u64..4, frames in prop::collection::vec((any::<bool>(), 0u8..12), 2..60),
    ) {
        let mut rewriter = Rewriter::new(90_000, 0);
        let now = Instant::now();
        let frame_of = |sequence: u64| ((sequence - first) / packets) as usize;
        let incoming = |sequence: u64| {
            let [high, low] = (frame_of(sequence) as u16).to_be_bytes();
            Incoming {
                stream: 1,
                sequence,
                timestamp: frame_of(sequence) as u32 * 3000,
                vp8: vp8::parse(&[0x90, 0x80, 0x80 | high, low, 1]),
            }
        };
        let is_sent = |sequence: u64| frame_of(sequence) == 0 || frames[frame_of(sequence)].0;
        let is_late = |sequence: u64| {
            frame_of(sequence) > 0 && u64::from(frames[frame_of(sequence)].1) == (sequence - first) % packets
        };
        let end = first + packets * frames.len() as u64;
        let late = (first..end).filter(|sequence| is_late(*sequence));
        let mut sent: HashMap<u64, u64> = HashMap::new();
        for sequence in (first..end).filter(|sequence| !is_late(*sequence)).chain(late) {
            let numbers = if is_sent(sequence) {
                rewriter.rewrite(now, &incoming(sequence))
            } else {
                rewriter.omit(&incoming(sequence))
            };
            let Some(numbers) = numbers else { continue };
            prop_assert_eq!(sent.insert(numbers.sequence, sequence), None, "no number twice");
            let origin = rewriter.origin(numbers.sequence as u16).expect("found");
            prop_assert_eq!((origin.stream, origin.sequence, origin.vp8), (1, sequence, numbers.vp8));
        }
        let start = sent.keys().min().copied().expect("the first frame");
        let in_order = |sequence: &u64| is_sent(*sequence) && !is_late(*sequence);
        let newest = (first..end).rev().find(in_order).expect("the first frame");
        let numbered = (first..=newest).filter(|sequence| is_sent(*sequence) || is_late(*sequence));
        for (n, sequence) in numbered.enumerate() {
            prop_assert_eq!(sent.get(&(start + n as u64)), Some(&sequence), "what came in time or late, in order");
        }
    }

    #[test]
    fn picture_numbers_follow_one_another_when_frames_are_left_out(
        packets in 1u64..4, frames in prop::collection::vec(any::<bool>(), 1..200)
    ) {
        let mut rewriter = Rewriter::new(90_000, 0);
        let (mut expected, mut sequence) = (None, 100);
        for (frame, is_sent) in frames.iter().enumerate() {
            let [high, low] = (frame as u16).to_be_bytes();
            let descriptor = vp8::parse(&[0x90, 0x80, 0x80 | high, low, 1]);
            let incoming = |sequence| Incoming { stream: 1, sequence, timestamp: frame as u32 * 3000, vp8: descriptor };
            for packet in 0..packets {
                sequence += 1;
                if !is_sent && frame > 0 {
                    prop_assert_eq!(rewriter.omit(&incoming(sequence)), None);
                    continue;
                }
                let numbers = rewriter.rewrite(Instant::now(), &incoming(sequence)).expect("sent");
                let shown = (frame as u16).wrapping_add(numbers.vp8.picture_id);
                let before = expected.replace(shown);
                prop_assert!(before.is_none_or(|before: u16| shown == before + u16::from(packet == 0)));
            }
        }
    }

    #[test]
    fn media_time_never_runs_backwards_across_switches(steps in prop::collection::vec((any::<bool>(), 1u64..200), 1..50)) {
        let mut rewriter = Rewriter::new(90_000, 0);
        let (mut now, mut next, mut last) = (Instant::now(), [0u64, 1 << 20], None::<u32>);
        for (which, count) in steps {
            for _ in 0..count {
                now += Duration::from_millis(33);
                next[usize::from(which)] += 1;
                let numbers = rewriter.rewrite(now, &packet(u32::from(which), next[usize::from(which)])).expect("sent");
                if let Some(last) = last {
                    prop_assert!(numbers.timestamp.wrapping_sub(last).cast_signed() > 0);
                }
                last = Some(numbers.timestamp);
            }
        }
    }
}

#[test]
fn picture_numbers_go_on_after_a_switch_of_layer() {
    let mut rewriter = Rewriter::new(90_000, 0);
    let now = Instant::now();
    let vp8 = |picture_id: u8, base_index: u8| vp8::parse(&[0x90, 0xc0, picture_id, base_index, 0, 0]);
    let low = Incoming {
        stream: 1,
        sequence: 10,
        timestamp: 0,
        vp8: vp8(40, 9),
    };
    assert_eq!(rewriter.rewrite(now, &low).expect("sent").vp8, vp8::Offset::default());
    let high = Incoming {
        stream: 2,
        sequence: 900,
        timestamp: 77,
        vp8: vp8(3, 250),
    };
    let offset = rewriter.rewrite(now, &high).expect("sent").vp8;
    assert_eq!(3u16.wrapping_add(offset.picture_id), 41);
    assert_eq!(250u8.wrapping_add(offset.base_index), 10);
}
