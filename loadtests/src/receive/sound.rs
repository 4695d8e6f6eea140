//! What a decoder would have played of a received sound, from packets and their levels (RFC 6464).

use super::sequence::Unwrapper;
use crate::media::ogg::FRAME_SAMPLES;
use rtc::rtp::Header;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// A packet later than this was concealed: a jitter buffer of ordinary depth.
const PLAYOUT_DELAY: Duration = Duration::from_millis(120);
/// At this level or quieter a frame counts as silence (RFC 6464: 127 is digital silence).
const SILENCE: u8 = 100;
/// Missing packets remembered; a longer hole is an outage, not concealment.
const MAX_MISSING: u64 = 250;
const CLOCK_RATE: f64 = 48_000.0;

/// Follows one received sound.
#[derive(Debug, Default)]
pub struct SoundMeter {
    unwrapper: Unwrapper,
    highest: Option<u64>,
    missing: BTreeMap<u64, Missing>,
    last_level: Option<u8>,
    second: SoundSecond,
    jitter: Jitter,
}

#[derive(Clone, Copy, Debug)]
struct Missing {
    since: Instant,
    silent: bool,
}

/// One second of a sound.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SoundSecond {
    /// Samples played, concealed ones with them.
    pub samples: u32,
    /// Samples made up for packets that did not come in time.
    pub concealed: u32,
    /// Those of them made up in silence.
    pub silent_concealed: u32,
    /// Sum of squared level times seconds, as `totalAudioEnergy` counts.
    pub energy: f64,
    /// How much sound waits before it is played, in milliseconds; `None`: nothing came.
    pub jitter_buffer_ms: Option<f64>,
}

impl SoundMeter {
    /// A packet came. `level` in -dBov, `None` when the packet does not say; `repeated`: of how many packets before it
    /// the frames are in it once more.
    pub fn packet(&mut self, now: Instant, header: &Header, level: Option<u8>, repeated: u32) {
        let number = self.unwrapper.extend(header.sequence_number);
        match self.highest {
            // Twice, or concealed already.
            Some(highest) if number <= highest && self.missing.remove(&number).is_none() => return,
            Some(highest) => self.note_missing(now, highest + 1..number),
            None => {}
        }
        let made_good = (1..=u64::from(repeated)).filter(|back| self.missing.remove(&(number - back)).is_some());
        self.second.samples += FRAME_SAMPLES * made_good.count() as u32;
        self.highest = Some(self.highest.map_or(number, |highest| highest.max(number)));
        self.last_level = level.or(self.last_level);
        self.jitter.packet(now, header.timestamp);
        self.second.samples += FRAME_SAMPLES;
        if let Some(level) = level.filter(|&level| level < 127) {
            self.second.energy += 10f64.powf(-f64::from(level) / 10.0) * f64::from(FRAME_SAMPLES) / CLOCK_RATE;
        }
    }

    /// What was played since the last call.
    pub fn take(&mut self, now: Instant) -> SoundSecond {
        self.missing.retain(|_, missing| {
            let concealed = now.duration_since(missing.since) >= PLAYOUT_DELAY;
            if concealed {
                self.second.samples += FRAME_SAMPLES;
                self.second.concealed += FRAME_SAMPLES;
                self.second.silent_concealed += if missing.silent { FRAME_SAMPLES } else { 0 };
            }
            !concealed
        });
        let mut second = std::mem::take(&mut self.second);
        second.jitter_buffer_ms = (second.samples > 0).then(|| self.jitter.buffer_ms());
        second
    }

    fn note_missing(&mut self, now: Instant, numbers: std::ops::Range<u64>) {
        if numbers.end.saturating_sub(numbers.start) <= MAX_MISSING {
            let silent = self.last_level.is_some_and(|level| level >= SILENCE);
            self.missing
                .extend(numbers.map(|number| (number, Missing { since: now, silent })));
        }
    }
}

/// Interarrival jitter (RFC 3550 section 6.4.1).
#[derive(Debug, Default)]
struct Jitter {
    last: Option<(Instant, u32)>,
    milliseconds: f64,
}

impl Jitter {
    fn packet(&mut self, now: Instant, timestamp: u32) {
        if let Some((came, sent)) = self.last {
            let between = now.duration_since(came).as_secs_f64() * 1e3;
            let meant = f64::from(timestamp.wrapping_sub(sent).cast_signed()) / CLOCK_RATE * 1e3;
            let difference = (between - meant).abs();
            // A source that changed or paused starts a new clock.
            if difference < 1000.0 {
                self.milliseconds += (difference - self.milliseconds) / 16.0;
            }
        }
        self.last = Some((now, timestamp));
    }

    /// A frame and room for twice the jitter: what a player has to hold back.
    fn buffer_ms(&self) -> f64 {
        20.0 + 2.0 * self.milliseconds
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(sequence: u16) -> Header {
        Header {
            sequence_number: sequence,
            timestamp: u32::from(sequence) * FRAME_SAMPLES,
            ..Header::default()
        }
    }

    /// Fifty packets a second from `start`, without those for which `lost` holds; then a second passes.
    fn listen(level: u8, lost: impl Fn(u16) -> bool) -> (SoundMeter, Instant) {
        listen_to(level, 0, lost)
    }

    /// The same, with so many frames before it once more in each.
    fn listen_to(level: u8, repeated: u32, lost: impl Fn(u16) -> bool) -> (SoundMeter, Instant) {
        let (mut meter, start) = (SoundMeter::default(), Instant::now());
        for i in (0..50u16).filter(|&i| !lost(i)) {
            let now = start + Duration::from_millis(20) * u32::from(i);
            meter.packet(now, &header(i.wrapping_sub(10)), Some(level), repeated);
        }
        (meter, start + Duration::from_millis(1200))
    }

    #[test]
    fn speech_has_energy_and_no_concealment() {
        let (mut meter, end) = listen(20, |_| false);
        let second = meter.take(end);
        assert_eq!((second.samples, second.concealed), (48_000, 0));
        assert!((second.energy - 0.01).abs() < 1e-6, "{}", second.energy);
        assert!((second.jitter_buffer_ms.unwrap() - 20.0).abs() < 0.1);
    }

    #[test]
    fn silence_has_no_energy() {
        let (mut meter, end) = listen(127, |_| false);
        assert_eq!(meter.take(end).energy, 0.0);
    }

    #[test]
    fn loss_in_speech_is_heard_and_loss_in_silence_is_not() {
        let (mut speech, end) = listen(20, |i| i % 10 == 5);
        let second = speech.take(end);
        assert_eq!(
            (second.samples, second.concealed, second.silent_concealed),
            (48_000, 4800, 0)
        );
        let (mut silence, end) = listen(127, |i| i % 10 == 5);
        assert_eq!(silence.take(end).silent_concealed, 4800);
    }

    #[test]
    fn what_the_next_packet_says_once_more_is_not_concealed_and_two_lost_in_a_row_are_one() {
        let heard = |lost: fn(u16) -> bool| {
            let (mut meter, end) = listen_to(20, 1, lost);
            let second = meter.take(end);
            (second.samples, second.concealed)
        };
        assert_eq!(heard(|i| i % 10 == 5), (48_000, 0));
        assert_eq!(heard(|i| i % 10 == 5 || i % 10 == 6), (48_000, 4800));
    }

    #[test]
    fn a_packet_in_time_is_not_concealed_and_a_late_one_stays_so() {
        let (mut meter, end) = listen(20, |i| i == 20 || i == 49 - 1);
        meter.packet(end, &header(10), Some(20), 0);
        let second = meter.take(end);
        assert_eq!((second.samples, second.concealed), (48_000, 960));
        meter.packet(end, &header(38), Some(20), 0);
        assert_eq!(meter.take(end).samples, 0, "counted already");
    }

    #[test]
    fn nothing_came_is_nothing_played() {
        assert_eq!(SoundMeter::default().take(Instant::now()), SoundSecond::default());
    }

    #[test]
    fn a_long_outage_is_not_concealment() {
        let (mut meter, end) = listen(20, |_| false);
        meter.take(end);
        meter.packet(end, &header(2000), Some(20), 0);
        assert_eq!(meter.take(end + PLAYOUT_DELAY).concealed, 0);
    }
}
