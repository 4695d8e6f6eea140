//! What a decoder would have shown of a received picture: frames are put together from packets, in order, and one that
//! follows a hole is of no use until the next key frame.

use super::freeze::Freezes;
use super::sequence::Unwrapper;
use super::vp8::Head;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// How long a hole is waited for to be filled by retransmission: a few round trips.
const REPAIR_WAIT: Duration = Duration::from_millis(400);
/// Between two requests for a key frame.
const KEY_FRAME_REQUEST_INTERVAL: Duration = Duration::from_secs(1);
/// Of a starved decoder's frames one in so many is shown.
const STARVED_SHOWS_ONE_IN: u32 = 6;
/// Packets kept behind a hole, a second of the highest layer and more; beyond, all of them are given up.
const MAX_WAITING: usize = 512;

/// Follows one received picture.
#[derive(Debug, Default)]
pub struct PictureMeter {
    unwrapper: Unwrapper,
    waiting: BTreeMap<u64, Waiting>,
    /// The next packet to use.
    next: Option<u64>,
    needs_key_frame: bool,
    key_frame_requested: Option<Instant>,
    freezes: Freezes,
    decoded: u32,
    size: (u16, u16),
    starved: bool,
    /// Frames that a starved decoder has not got to since the last that it showed.
    passed_over: u32,
}

#[derive(Clone, Copy, Debug)]
struct Waiting {
    came: Instant,
    last_of_frame: bool,
    /// `None`: padding, without payload.
    head: Option<Head>,
}

/// One second of a picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PictureSecond {
    /// Frames shown.
    pub decoded: u32,
    /// Time frozen.
    pub frozen: Duration,
    /// The longest gap between two frames that ended in the second or goes on; all of it, also what was before.
    pub longest_gap: Duration,
    /// Size of the newest key frame.
    pub size: (u16, u16),
}

impl PictureMeter {
    /// A packet came.
    pub fn packet(&mut self, now: Instant, sequence: u16, last_of_frame: bool, payload: &[u8]) {
        let number = self.unwrapper.extend(sequence);
        if self.next.is_some_and(|next| number < next) {
            return; // Too late, or twice.
        }
        if self.next.is_none() {
            // Without the frames before there is nothing to build on.
            self.needs_key_frame = true;
            self.next = Some(number);
        }
        self.waiting.insert(
            number,
            Waiting {
                came: now,
                last_of_frame,
                head: Head::parse(payload),
            },
        );
        self.advance(now);
    }

    /// Gives up holes that were not filled in time. Returns whether a key frame should be asked for now.
    pub fn tick(&mut self, now: Instant) -> bool {
        self.advance(now);
        let due = self
            .key_frame_requested
            .is_none_or(|at| now.duration_since(at) >= KEY_FRAME_REQUEST_INTERVAL);
        let ask = self.needs_key_frame && due;
        if ask {
            self.key_frame_requested = Some(now);
        }
        ask
    }

    /// Whether the decoder gets to few of the frames.
    pub fn starve(&mut self, starved: bool) {
        self.starved = starved;
    }

    /// What was shown since the last call.
    pub fn take(&mut self, now: Instant) -> PictureSecond {
        PictureSecond {
            decoded: std::mem::take(&mut self.decoded),
            frozen: self.freezes.take(now),
            longest_gap: self.freezes.take_longest(now),
            size: self.size,
        }
    }

    fn advance(&mut self, now: Instant) {
        while let Some(next) = self.next {
            if let Some(end) = self.whole_frame(next) {
                self.show(now, next);
                self.skip_to(end + 1);
            } else if let Some(later) = self.key_frame_beyond(next).or_else(|| self.hole_given_up(now, next)) {
                self.skip_to(later);
                self.needs_key_frame = true;
            } else {
                return;
            }
        }
    }

    /// The last packet of the frame that begins at `first`, if all of it is here.
    fn whole_frame(&self, first: u64) -> Option<u64> {
        for ((&number, packet), expected) in self.waiting.range(first..).zip(first..) {
            if number != expected {
                return None;
            }
            let padding = number == first && packet.head.is_none();
            if packet.last_of_frame || padding {
                return Some(number);
            }
        }
        None
    }

    fn show(&mut self, now: Instant, first: u64) {
        let Some(head) = self.waiting.get(&first).and_then(|packet| packet.head) else {
            return;
        };
        if let Some(size) = head.key_frame {
            self.size = size;
            self.needs_key_frame = false;
            self.key_frame_requested = None;
        }
        if head.starts_frame && !self.needs_key_frame {
            self.passed_over += 1;
            if !self.starved || self.passed_over >= STARVED_SHOWS_ONE_IN {
                self.passed_over = 0;
                self.decoded += 1;
                self.freezes.shown(now);
            }
        } else {
            self.needs_key_frame = true;
        }
    }

    /// A whole key frame behind a hole makes the hole harmless.
    fn key_frame_beyond(&self, next: u64) -> Option<u64> {
        let starts = self
            .waiting
            .range(next + 1..)
            .filter(|(_, p)| p.head.is_some_and(|head| head.key_frame.is_some()));
        starts
            .map(|(&number, _)| number)
            .find(|&number| self.whole_frame(number).is_some())
    }

    /// Where to go on if the packet at `next`, or one of its frame, is missing for too long.
    fn hole_given_up(&self, now: Instant, next: u64) -> Option<u64> {
        if self.waiting.len() > MAX_WAITING {
            return self.waiting.keys().next_back().map(|last| last + 1);
        }
        let mut contiguous = self.waiting.range(next..).zip(next..);
        let ((&behind, packet), _) = contiguous.find(|((number, _), expected)| *number != expected)?;
        (now.duration_since(packet.came) >= REPAIR_WAIT).then_some(behind)
    }

    fn skip_to(&mut self, next: u64) {
        self.waiting = self.waiting.split_off(&next);
        self.next = Some(next);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u8; 11] = [0x10, 0x10, 0, 0, 0x9d, 0x01, 0x2a, 0xa0, 0, 0x5a, 0];
    const INTER: [u8; 3] = [0x10, 0x11, 0];
    const REST: [u8; 3] = [0x00, 1, 2];

    struct Story {
        meter: PictureMeter,
        now: Instant,
    }

    impl Story {
        fn new() -> Self {
            Self {
                meter: PictureMeter::default(),
                now: Instant::now(),
            }
        }

        /// A frame of two packets from `first` on, without those in `lost`; 100 ms pass.
        fn frame(&mut self, first: u16, head: &[u8], lost: &[u16]) {
            for (number, last, payload) in [(first, false, head), (first.wrapping_add(1), true, &REST[..])] {
                if !lost.contains(&number) {
                    self.meter.packet(self.now, number, last, payload);
                }
            }
            self.now += Duration::from_millis(100);
        }

        fn decoded(&mut self) -> u32 {
            self.meter.take(self.now).decoded
        }
    }

    #[test]
    fn whole_frames_from_a_key_frame_on_are_shown() {
        let mut story = Story::new();
        story.frame(65_534, &KEY, &[]);
        story.frame(0, &INTER, &[]);
        let second = story.meter.take(story.now);
        assert_eq!((second.decoded, second.size), (2, (160, 90)));
    }

    #[test]
    fn nothing_is_shown_before_a_key_frame_and_one_is_asked_for() {
        let mut story = Story::new();
        story.frame(10, &INTER, &[]);
        assert!(story.meter.tick(story.now));
        assert!(!story.meter.tick(story.now), "once a second");
        assert_eq!(story.decoded(), 0);
        story.frame(12, &KEY, &[]);
        assert_eq!(story.decoded(), 1);
        story.now += KEY_FRAME_REQUEST_INTERVAL;
        assert!(!story.meter.tick(story.now));
    }

    #[test]
    fn a_hole_filled_in_time_loses_nothing() {
        let mut story = Story::new();
        story.frame(0, &KEY, &[]);
        story.frame(2, &INTER, &[3]);
        story.frame(4, &INTER, &[]);
        assert_eq!(story.decoded(), 1);
        story.meter.packet(story.now, 3, true, &REST);
        assert_eq!(story.decoded(), 2);
        assert!(!story.meter.tick(story.now));
    }

    #[test]
    fn a_hole_never_filled_freezes_until_the_next_key_frame() {
        let mut story = Story::new();
        story.frame(0, &KEY, &[]);
        story.frame(2, &INTER, &[2]);
        (2..8).for_each(|i| story.frame(2 * i, &INTER, &[]));
        assert!(story.meter.tick(story.now), "asks for a key frame");
        assert_eq!(story.decoded(), 1);
        story.frame(16, &KEY, &[]);
        story.frame(18, &INTER, &[]);
        let second = story.meter.take(story.now);
        assert_eq!(second.decoded, 2);
    }

    #[test]
    fn a_whole_key_frame_behind_a_hole_is_shown_at_once() {
        let mut story = Story::new();
        story.frame(0, &KEY, &[]);
        story.frame(2, &INTER, &[3]);
        story.frame(4, &KEY, &[]);
        assert!(!story.meter.tick(story.now));
        assert_eq!(story.decoded(), 2);
    }

    #[test]
    fn padding_between_frames_does_no_harm() {
        let mut story = Story::new();
        story.frame(0, &KEY, &[]);
        story.meter.packet(story.now, 2, false, &[]);
        story.frame(3, &INTER, &[]);
        assert_eq!(story.decoded(), 2);
    }

    #[test]
    fn a_starved_decoder_shows_one_frame_in_six() {
        let mut story = Story::new();
        story.meter.starve(true);
        story.frame(0, &KEY, &[]);
        (1..24).for_each(|i| story.frame(2 * i, &INTER, &[]));
        assert_eq!(story.decoded(), 4);
    }

    #[test]
    fn what_waits_behind_a_hole_is_bounded() {
        let mut story = Story::new();
        story.frame(0, &KEY, &[]);
        for number in 3..3000 {
            story.meter.packet(story.now, number, false, &REST);
            assert!(story.meter.waiting.len() <= MAX_WAITING + 1);
        }
    }
}
