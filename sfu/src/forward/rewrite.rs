//! Makes streams that follow one another (layers, sources, an opened microphone) one stream to the receiver: sequence
//! numbers and media time go on, holes stay holes.

use crate::rtp::vp8;
use std::time::Instant;

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
#[derive(Clone, Copy, Debug)]
struct Anchor {
    stream: u32,
    first_in: u64,
    first_out: u64,
    last_out: u64,
    timestamp: u32,
    vp8: vp8::Offset,
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
    /// VP8 picture number and base index, if it is a picture.
    pub vp8: Option<vp8::Descriptor>,
}

/// The packet an outgoing number stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// SSRC of the incoming stream.
    pub stream: u32,
    /// Its extended sequence number there.
    pub sequence: u64,
    /// The numbers it was sent under.
    pub numbers: Numbers,
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

    /// Numbers for an incoming packet; `None` when it is older than the stretch it belongs to.
    pub fn rewrite(&mut self, now: Instant, packet: &Incoming) -> Option<Numbers> {
        if self.current.is_none_or(|anchor| anchor.stream != packet.stream) {
            self.begin(now, packet);
        }
        let anchor = self.current.as_mut()?;
        let numbers = anchor.numbers(packet.sequence, packet.timestamp)?;
        anchor.last_out = anchor.last_out.max(numbers.sequence);
        self.next_sequence = self.next_sequence.max(numbers.sequence + 1);
        self.remember(now, packet, numbers);
        Some(numbers)
    }

    fn begin(&mut self, now: Instant, packet: &Incoming) {
        self.interrupt();
        let timestamp = self.last.map_or(0, |last| {
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
            first_out: self.next_sequence,
            last_out: self.next_sequence,
            timestamp,
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

    /// Which packet a receiver means that asks for `sequence` again; the numbers' time stamp is an offset to the
    /// kept packet's own.
    #[must_use]
    pub fn origin(&self, sequence: u16) -> Option<Origin> {
        let highest = self.next_sequence.checked_sub(1)?;
        let step = sequence.wrapping_sub(highest as u16).cast_signed();
        let sequence = highest.checked_add_signed(i64::from(step))?;
        [self.current, self.previous]
            .into_iter()
            .flatten()
            .find(|anchor| anchor.sent(sequence))
            .map(|anchor| Origin {
                stream: anchor.stream,
                sequence: sequence - anchor.first_out + anchor.first_in,
                numbers: Numbers {
                    sequence,
                    timestamp: anchor.timestamp,
                    vp8: anchor.vp8,
                },
            })
    }

    /// The highest number sent of the stream now shown.
    #[must_use]
    pub fn newest(&self) -> Option<u16> {
        self.current.map(|anchor| anchor.last_out as u16)
    }

    /// What is added to the media time of the stream now shown.
    #[must_use]
    pub fn timestamp_offset(&self) -> Option<(u32, u32)> {
        self.current.map(|anchor| (anchor.stream, anchor.timestamp))
    }
}

impl Anchor {
    fn numbers(&self, sequence: u64, timestamp: u32) -> Option<Numbers> {
        Some(Numbers {
            sequence: sequence.checked_sub(self.first_in)? + self.first_out,
            timestamp: timestamp.wrapping_add(self.timestamp),
            vp8: self.vp8,
        })
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
                        prop_assert_eq!(incoming.timestamp.wrapping_add(origin.numbers.timestamp), numbers.timestamp);
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
        let vp8 = |picture_id: u8, base_index: u8| vp8::Descriptor::parse(&[0x90, 0xc0, picture_id, base_index, 0, 0]);
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
