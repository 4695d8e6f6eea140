//! One incoming stream: its order, holes, jitter, sender clock and the figures of the running second.

use super::bitrate::Bitrate;
use super::cache::Cache;
use super::jitter::Jitter;
use super::missing::Missing;
use crate::rtcp::ReceptionBlock;
use crate::rtp::{ExtendedSequence, Header};
use std::time::{Duration, Instant};

/// A stream older than this without packets is not active: its layer was stopped by the sender.
const ACTIVE_FOR: Duration = Duration::from_secs(1);

/// IPv4 and UDP headers.
const IP_UDP: usize = 28;

/// One SSRC: a sound, or one layer of a picture.
#[derive(Debug)]
pub struct Stream {
    /// Its SSRC.
    pub ssrc: u32,
    /// Packets kept for retransmission (pictures only).
    pub cache: Cache,
    /// Holes to be asked for (pictures only).
    pub missing: Missing,
    /// The sender's wall clock against its media clock.
    pub sender_clock: Option<SenderClock>,
    /// What it takes on a line.
    pub bitrate: Bitrate,
    clock_rate: u32,
    repairable: bool,
    sequence: ExtendedSequence,
    first: u64,
    received: u64,
    jitter: Jitter,
    last_arrival: Option<Instant>,
    last_frame: Option<(Instant, u32)>,
    reported: Reported,
    sampled: Sampled,
    second: Second,
}

/// What the last receiver report covered (RFC 3550 appendix A.3).
#[derive(Clone, Copy, Debug, Default)]
struct Reported {
    expected: u64,
    received: u64,
}

/// What the last sample covered.
#[derive(Clone, Copy, Debug, Default)]
struct Sampled {
    expected: u64,
    missing: u64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Second {
    received: u32,
    bytes: u32,
    frames: u32,
}

/// The figures of one second of a stream; see [`crate::sample`].
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Figures {
    /// Packets that should have come.
    pub expected: u32,
    /// Packets missing after repair.
    pub lost: u32,
    /// Packets that came.
    pub received: u32,
    /// Bytes that came.
    pub bytes: u32,
    /// Distinct, newer RTP time stamps.
    pub frames: u32,
    /// Time since the newest frame.
    pub since_last_frame: Duration,
    /// Jitter.
    pub jitter: Duration,
}

/// A sender report's pairing of wall clock and media clock (RFC 3550 section 6.4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SenderClock {
    /// The sender's wall clock, NTP format.
    pub ntp: u64,
    /// Its media clock then.
    pub rtp: u32,
    /// When the report came.
    pub at: Instant,
}

impl SenderClock {
    /// Both clocks carried on to `now`.
    #[must_use]
    pub fn at(&self, now: Instant, clock_rate: u32) -> (u64, u32) {
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        let ntp = self.ntp.wrapping_add((passed * 4_294_967_296.0) as u64);
        (ntp, self.rtp.wrapping_add((passed * f64::from(clock_rate)) as u32))
    }
}

/// How a packet stands among those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// Its extended sequence number.
    pub sequence: u64,
    /// Whether packets were passed over beyond what can be repaired one by one.
    pub needs_key_frame: bool,
}

impl Stream {
    /// A stream that has not begun, of a media clock of `clock_rate` hertz; `repairable` if its holes are asked for.
    #[must_use]
    pub fn new(ssrc: u32, clock_rate: u32, repairable: bool) -> Self {
        Self {
            ssrc,
            cache: Cache::default(),
            missing: Missing::default(),
            sender_clock: None,
            bitrate: Bitrate::default(),
            clock_rate,
            repairable,
            sequence: ExtendedSequence::default(),
            first: 0,
            received: 0,
            jitter: Jitter::new(clock_rate),
            last_arrival: None,
            last_frame: None,
            reported: Reported::default(),
            sampled: Sampled::default(),
            second: Second::default(),
        }
    }

    /// Takes a packet as it came on the wire; `bytes` is its size.
    pub fn arrived(&mut self, now: Instant, header: &Header, bytes: usize) -> Arrival {
        let highest = self.sequence.highest();
        let sequence = self.sequence.extend(header.sequence);
        let mut needs_key_frame = false;
        match highest {
            None => self.first = sequence,
            Some(highest) if sequence > highest + 1 && self.repairable => {
                needs_key_frame = self.missing.skipped(now, highest + 1, sequence).is_err();
            }
            Some(highest) if sequence < highest => {
                self.missing.filled(sequence);
            }
            Some(_) => {}
        }
        self.jitter.arrived(now, header.timestamp);
        self.last_arrival = Some(now);
        self.count(now, header.timestamp, bytes);
        Arrival {
            sequence,
            needs_key_frame,
        }
    }

    /// Takes a packet that came as a retransmission of `sequence`; `None` when it was not missing any more.
    pub fn repaired(&mut self, now: Instant, sequence: u16, timestamp: u32, bytes: usize) -> Option<u64> {
        let sequence = self.sequence.peek(sequence);
        if self.sequence.highest().is_none_or(|highest| sequence > highest)
            || sequence < self.first
            || self.cache.find(sequence).is_some()
            || !self.missing.filled(sequence)
        {
            return None;
        }
        self.count(now, timestamp, bytes);
        Some(sequence)
    }

    /// Whether this packet of a picture has come already, perhaps as a retransmission.
    #[must_use]
    pub fn has(&self, sequence: u16) -> bool {
        self.cache.find(self.sequence.peek(sequence)).is_some()
    }

    fn count(&mut self, now: Instant, timestamp: u32, bytes: usize) {
        self.received += 1;
        self.second.received += 1;
        self.second.bytes += bytes as u32;
        self.bitrate.add(now, bytes + IP_UDP);
        let newer = |(_, last): (Instant, u32)| timestamp.wrapping_sub(last).cast_signed() > 0;
        if self.last_frame.is_none_or(newer) {
            self.last_frame = Some((now, timestamp));
            self.second.frames += 1;
        }
    }

    /// The media clock's rate in hertz.
    #[must_use]
    pub const fn clock_rate(&self) -> u32 {
        self.clock_rate
    }

    /// Whether packets come.
    #[must_use]
    pub fn active(&self, now: Instant) -> bool {
        self.came_within(now, ACTIVE_FOR)
    }

    /// Whether a packet came in the last `time`.
    #[must_use]
    pub fn came_within(&self, now: Instant, time: Duration) -> bool {
        self.last_arrival
            .is_some_and(|at| now.saturating_duration_since(at) < time)
    }

    fn expected(&self) -> u64 {
        self.sequence.highest().map_or(0, |highest| highest - self.first + 1)
    }

    /// The block about this stream for the next receiver report (RFC 3550 section 6.4.1).
    pub fn report(&mut self, now: Instant) -> Option<ReceptionBlock> {
        let highest = self.sequence.highest()?;
        let expected = self.expected();
        let expected_now = expected - self.reported.expected;
        let received_now = self.received - self.reported.received;
        self.reported = Reported {
            expected,
            received: self.received,
        };
        let lost_now = expected_now.saturating_sub(received_now);
        let fraction_lost = (lost_now * 256).checked_div(expected_now).unwrap_or(0).min(255) as u8;
        let (last_sender_report, delay) = self.sender_clock.map_or((0, 0), |clock| {
            let passed = now.saturating_duration_since(clock.at).as_secs_f64();
            ((clock.ntp >> 16) as u32, (passed * 65536.0) as u32)
        });
        Some(ReceptionBlock {
            ssrc: self.ssrc,
            fraction_lost,
            // 24 bits, signed.
            total_lost: expected.saturating_sub(self.received).min(0x7f_ffff) as u32,
            highest: highest as u32,
            jitter: self.jitter.units(),
            last_sender_report,
            delay,
        })
    }

    /// The figures since the last call.
    pub fn sample(&mut self, now: Instant) -> Figures {
        let expected = self.expected();
        let missing = expected.saturating_sub(self.received);
        let second = std::mem::take(&mut self.second);
        let figures = Figures {
            expected: (expected - self.sampled.expected) as u32,
            lost: missing.saturating_sub(self.sampled.missing) as u32,
            received: second.received,
            bytes: second.bytes,
            frames: second.frames,
            since_last_frame: self
                .last_frame
                .map_or(Duration::MAX, |(at, _)| now.saturating_duration_since(at)),
            jitter: self.jitter.duration(),
        };
        self.sampled = Sampled { expected, missing };
        figures
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(sequence: u16, timestamp: u32) -> Header {
        let mut bytes = vec![0x80, 96];
        bytes.extend_from_slice(&sequence.to_be_bytes());
        bytes.extend_from_slice(&timestamp.to_be_bytes());
        bytes.extend_from_slice(&[0, 0, 0, 1]);
        Header::parse(&bytes).expect("valid")
    }

    #[test]
    fn loss_is_counted_after_repair_and_across_the_wrap() {
        let now = Instant::now();
        let mut stream = Stream::new(1, 90_000, true);
        for n in 0..100u16 {
            if n % 10 != 5 {
                stream.arrived(now, &header(65_500u16.wrapping_add(n), u32::from(n)), 100);
            }
        }
        assert!(stream.repaired(now, 65_505, 5, 100).is_some());
        assert!(stream.repaired(now, 65_505, 5, 100).is_none(), "once only");
        let figures = stream.sample(now);
        assert_eq!((figures.expected, figures.lost, figures.received), (100, 9, 91));
        let report = stream.report(now).expect("begun");
        assert_eq!(report.total_lost, 9);
        assert_eq!(report.highest as u16, 65_500u16.wrapping_add(99));
    }

    #[test]
    fn a_frame_is_a_newer_time_stamp() {
        let now = Instant::now();
        let mut stream = Stream::new(1, 90_000, true);
        for (n, timestamp) in [(1, 0), (2, 0), (3, 3000), (4, 3000), (6, 6000), (5, 3000)] {
            stream.arrived(now, &header(n, timestamp), 100);
        }
        assert_eq!(stream.sample(now).frames, 3);
        let later = stream.sample(now + Duration::from_secs(2));
        assert_eq!((later.frames, later.since_last_frame), (0, Duration::from_secs(2)));
    }
}
