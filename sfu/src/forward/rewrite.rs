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
mod tests;
