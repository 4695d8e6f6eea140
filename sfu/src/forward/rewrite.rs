//! Makes streams that follow one another (layers, sources, an opened microphone) one stream to the receiver: sequence
//! numbers and media time go on, holes stay holes, what is left out on purpose leaves none. A stretch may begin with the past, which is hurried through.

use super::omitted::Omitted;
use crate::rtp::picture::Descriptor;
use crate::rtp::vp8;
use std::time::Instant;

/// How much faster than real time the past passes: the frames of 5 s become due within 20 ms, so that the receiver
/// decodes them at once and shows the newest.
const HURRY: u32 = 256;

/// One outgoing stream's numbering.
#[derive(Debug)]
pub struct Rewriter {
    clock_rate: u32,
    /// Highest numbers sent.
    last: Option<Last>,
    /// The incoming stream now shown, and the one before it for late retransmission requests.
    current: Option<Anchor>,
    previous: Option<Anchor>,
    next_sequence: u64,
}

#[derive(Clone, Copy, Debug)]
struct Last {
    at: Instant,
    timestamp: u32,
    picture_id: u16,
    base_index: u8,
}

/// How one incoming stream's numbers become the outgoing one's.
#[derive(Debug)]
struct Anchor {
    stream: u32,
    first_in: u64,
    first_timestamp: u32,
    /// The newest packet sent or left out.
    newest_in: u64,
    omitted: Omitted,
    first_out: u64,
    last_out: u64,
    clock: Clock,
    vp8: vp8::Offset,
}

/// How media time of one stretch becomes the outgoing one's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    /// What is added.
    offset: u32,
    /// The past at the beginning of the stretch.
    past: Option<Past>,
}

/// Media time up to `until`, which passes [`HURRY`] times faster; the present follows on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Past {
    from: u32,
    until: u32,
    sent_from: u32,
    is_over: bool,
}

const fn is_newer(timestamp: u32, than: u32) -> bool {
    timestamp.wrapping_sub(than).cast_signed() > 0
}

impl Clock {
    /// The outgoing media time of a packet of the stretch.
    #[must_use]
    pub const fn at(&self, timestamp: u32) -> u32 {
        match self.past {
            Some(past) if !is_newer(timestamp, past.until) => {
                past.sent_from.wrapping_add(timestamp.wrapping_sub(past.from) / HURRY)
            }
            _ => timestamp.wrapping_add(self.offset),
        }
    }
}

/// The numbers of one outgoing packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Numbers {
    /// Extended; the low 16 bits go on the wire.
    pub sequence: u64,
    /// Media time.
    pub timestamp: u32,
    /// What to add to the VP8 descriptor's numbers.
    pub vp8: vp8::Offset,
}

/// An incoming packet, as far as numbering goes.
#[derive(Clone, Copy, Debug)]
pub struct Incoming {
    /// SSRC of the incoming stream; a different one starts a new stretch.
    pub stream: u32,
    /// Extended sequence number.
    pub sequence: u64,
    /// Media time.
    pub timestamp: u32,
    /// VP8 picture number and base index, if it is a picture that has them.
    pub vp8: Option<Descriptor>,
}

/// The packet an outgoing number stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// SSRC of the incoming stream.
    pub stream: u32,
    /// Its extended sequence number there.
    pub sequence: u64,
    /// Gives the media time it was sent under.
    pub clock: Clock,
    /// What was added to its VP8 descriptor's numbers.
    pub vp8: vp8::Offset,
}

impl Rewriter {
    /// Starts at the given random numbers (RFC 3550 section 5.1).
    #[must_use]
    pub fn new(clock_rate: u32, first_sequence: u16) -> Self {
        // One cycle above zero, so that a packet older than the first has a number.
        Self {
            clock_rate,
            last: None,
            current: None,
            previous: None,
            next_sequence: (1 << 16) + u64::from(first_sequence),
        }
    }

    /// The next packet starts a new stretch even if it is of the same stream (an opened microphone, a returned source).
    pub fn interrupt(&mut self) {
        if let Some(anchor) = self.current.take() {
            self.previous = Some(anchor);
        }
    }

    /// The next packet starts a new stretch with the past: it and those after it have come a while ago and are sent
    /// faster than real time, until [`Rewriter::past_is_over`].
    pub fn begin_past(&mut self, now: Instant, packet: &Incoming) {
        self.begin(now, packet);
        if let Some(anchor) = &mut self.current {
            anchor.clock.past = Some(Past {
                from: packet.timestamp,
                until: packet.timestamp,
                sent_from: anchor.clock.at(packet.timestamp),
                is_over: false,
            });
        }
    }

    /// Frames newer than those sent so far are the present.
    pub fn past_is_over(&mut self) {
        if let Some(clock) = self.current.as_mut().map(|anchor| &mut anchor.clock)
            && let Some(past) = clock.past.as_mut().filter(|past| !past.is_over)
        {
            past.is_over = true;
            let until = past.until;
            clock.offset = clock.at(until).wrapping_sub(until);
        }
    }

    /// Numbers for an incoming packet; `None` when it is older than the stretch it belongs to.
    pub fn rewrite(&mut self, now: Instant, packet: &Incoming) -> Option<Numbers> {
        if self
            .current
            .as_ref()
            .is_none_or(|anchor| anchor.stream != packet.stream)
        {
            self.begin(now, packet);
        }
        let anchor = self.current.as_mut()?;
        if let Some(past) = anchor.clock.past.as_mut()
            && !past.is_over
            && is_newer(packet.timestamp, past.until)
        {
            past.until = packet.timestamp;
        }
        let numbers = anchor.numbers(packet.sequence, packet.timestamp)?;
        anchor.newest_in = anchor.newest_in.max(packet.sequence);
        anchor.last_out = anchor.last_out.max(numbers.sequence);
        self.next_sequence = self.next_sequence.max(numbers.sequence + 1);
        self.remember(now, packet, numbers);
        Some(numbers)
    }

    /// Leaves a packet out on purpose: later numbers close up. A late one's number has been kept free for it; that is
    /// returned, to be used without a payload, so that the receiver does not take it for lost.
    pub fn omit(&mut self, packet: &Incoming) -> Option<Numbers> {
        let anchor = self.current.as_mut().filter(|anchor| anchor.stream == packet.stream)?;
        if packet.sequence > anchor.newest_in {
            anchor.newest_in = packet.sequence;
            let picture = packet.vp8.and_then(|descriptor| descriptor.picture_id);
            anchor.omitted.add(packet.sequence, picture.map(|id| id.value));
            return None;
        }
        let numbers = anchor.numbers(packet.sequence, packet.timestamp)?;
        anchor.last_out = anchor.last_out.max(numbers.sequence);
        self.next_sequence = self.next_sequence.max(numbers.sequence + 1);
        Some(numbers)
    }

    fn begin(&mut self, now: Instant, packet: &Incoming) {
        self.interrupt();
        let offset = self.last.map_or(0, |last| {
            let passed = now.saturating_duration_since(last.at).as_secs_f64() * f64::from(self.clock_rate);
            last.timestamp
                .wrapping_add((passed as u32).max(1))
                .wrapping_sub(packet.timestamp)
        });
        let vp8 = match (packet.vp8, self.last) {
            (Some(descriptor), Some(last)) => vp8::Offset {
                picture_id: descriptor
                    .picture_id
                    .map_or(0, |id| (last.picture_id + 1).wrapping_sub(id.value)),
                base_index: descriptor
                    .base_index
                    .map_or(0, |index| last.base_index.wrapping_add(1).wrapping_sub(index)),
            },
            _ => vp8::Offset::default(),
        };
        self.current = Some(Anchor {
            stream: packet.stream,
            first_in: packet.sequence,
            first_timestamp: packet.timestamp,
            newest_in: packet.sequence,
            omitted: Omitted::default(),
            first_out: self.next_sequence,
            last_out: self.next_sequence,
            clock: Clock { offset, past: None },
            vp8,
        });
    }

    fn remember(&mut self, now: Instant, packet: &Incoming, numbers: Numbers) {
        let newer = |last: Last| numbers.timestamp.wrapping_sub(last.timestamp).cast_signed() >= 0;
        if !self.last.is_none_or(newer) {
            return;
        }
        let before = self.last.unwrap_or(Last {
            at: now,
            timestamp: 0,
            picture_id: 0,
            base_index: 0,
        });
        let descriptor = packet.vp8.unwrap_or_default();
        self.last = Some(Last {
            at: now,
            timestamp: numbers.timestamp,
            picture_id: descriptor.picture_id.map_or(before.picture_id, |id| {
                id.value.wrapping_add(numbers.vp8.picture_id) & 0x7fff
            }),
            base_index: descriptor
                .base_index
                .map_or(before.base_index, |index| index.wrapping_add(numbers.vp8.base_index)),
        });
    }

    /// Which packet a receiver means that asks for `sequence` again.
    #[must_use]
    pub fn origin(&self, sequence: u16) -> Option<Origin> {
        let highest = self.next_sequence.checked_sub(1)?;
        let step = sequence.wrapping_sub(highest as u16).cast_signed();
        let sequence = highest.checked_add_signed(i64::from(step))?;
        let anchors = [&self.current, &self.previous];
        let anchor = anchors.into_iter().flatten().find(|anchor| anchor.sent(sequence))?;
        let place = sequence - anchor.first_out + anchor.first_in;
        let (sequence, omitted) = anchor.omitted.at(place)?;
        Some(Origin {
            stream: anchor.stream,
            sequence,
            clock: anchor.clock,
            vp8: anchor.vp8_after(omitted.pictures),
        })
    }

    /// Whether a packet comes after all that were sent or left out of its stream.
    #[must_use]
    pub fn is_newer(&self, stream: u32, sequence: u64) -> bool {
        let shown = self.current.as_ref().filter(|anchor| anchor.stream == stream);
        shown.is_none_or(|anchor| sequence > anchor.newest_in)
    }

    /// The highest number sent of the stream now shown.
    #[must_use]
    pub fn newest(&self) -> Option<u16> {
        self.current.as_ref().map(|anchor| anchor.last_out as u16)
    }

    /// The media time from the beginning of the stretch now shown to `timestamp`.
    #[must_use]
    pub fn shown_for(&self, timestamp: u32) -> u32 {
        self.current
            .as_ref()
            .map_or(0, |anchor| timestamp.wrapping_sub(anchor.first_timestamp))
    }

    /// What is added to the media time of the stream now shown; `None` while that is the past.
    #[must_use]
    pub fn timestamp_offset(&self) -> Option<(u32, u32)> {
        self.current
            .as_ref()
            .filter(|anchor| anchor.clock.past.is_none_or(|past| past.is_over))
            .map(|anchor| (anchor.stream, anchor.clock.offset))
    }
}

impl Anchor {
    fn numbers(&self, sequence: u64, timestamp: u32) -> Option<Numbers> {
        let omitted = self.omitted.before(sequence)?;
        Some(Numbers {
            sequence: sequence.checked_sub(self.first_in)? - omitted.packets + self.first_out,
            timestamp: self.clock.at(timestamp),
            vp8: self.vp8_after(omitted.pictures),
        })
    }

    const fn vp8_after(&self, omitted: u16) -> vp8::Offset {
        vp8::Offset {
            picture_id: self.vp8.picture_id.wrapping_sub(omitted),
            ..self.vp8
        }
    }

    fn sent(&self, sequence: u64) -> bool {
        (self.first_out..=self.last_out).contains(&sequence)
    }
}

#[cfg(test)]
mod tests {
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
}
