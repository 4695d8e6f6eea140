//! The sound: speech while the microphone is open, silence otherwise, without a gap in the stream (DTX off).

use super::Stream;
use super::cadence::Cadence;
use super::redundant::Redundancy;
use crate::media::{Sound, ogg::FRAME_SAMPLES};
use bytes::Bytes;
use rtc::rtp::Packet;
use rtc::shared::error::Result;
use std::sync::Arc;
use std::time::Instant;

/// Packets of 20 ms.
const RATE: u32 = 50;
/// At this level or louder a frame is called voice (RFC 6464's V bit).
pub(crate) const VOICE: u8 = 60;

/// Sends sound in a loop.
#[derive(Debug)]
pub struct SoundSender {
    stream: Stream,
    level_extension: Option<u8>,
    redundancy: Option<Redundancy>,
    cadence: Cadence,
    speech: Arc<Sound>,
    silence: Arc<Sound>,
    cursor: usize,
    speaking: bool,
    broken: bool,
    dead: bool,
    loudest: u8,
    voiced: u32,
}

impl SoundSender {
    /// Starts silent. `level_extension`: the negotiated number of the level extension (RFC 6464). `repeats`: the stream
    /// is of RED, and this is the number of what it repeats.
    #[must_use]
    pub fn new(
        stream: Stream,
        level_extension: Option<u8>,
        repeats: Option<u8>,
        speech: Arc<Sound>,
        silence: Arc<Sound>,
        start: Instant,
    ) -> Self {
        let cadence = Cadence::new(start, RATE);
        Self {
            stream,
            level_extension,
            redundancy: repeats.map(Redundancy::of),
            cadence,
            speech,
            silence,
            cursor: 0,
            speaking: false,
            broken: false,
            dead: false,
            loudest: 127,
            voiced: 0,
        }
    }

    /// When something is due next.
    #[must_use]
    pub fn next(&self) -> Instant {
        self.cadence.next()
    }

    /// Whether the delegate speaks (the microphone is open) or is silent.
    pub fn speak(&mut self, speaking: bool) {
        if speaking && !self.speaking {
            self.cursor = 0;
        }
        self.speaking = speaking;
    }

    /// Whether nothing leaves the microphone, although the delegate may believe so.
    pub fn break_off(&mut self, broken: bool) {
        self.broken = broken;
    }

    /// Whether the microphone gives digital silence, although the delegate may speak.
    pub fn go_dead(&mut self, dead: bool) {
        self.dead = dead;
    }

    /// Puts the packets due into `out`.
    ///
    /// # Errors
    /// When an extension does not fit its header.
    pub fn send(&mut self, now: Instant, out: &mut Vec<Packet>) -> Result<()> {
        while let Some(beat) = self.cadence.beat(now) {
            let said = at(&self.speech, self.cursor).filter(|_| self.speaking);
            self.voiced += u32::from(said.is_some_and(|(_, level)| level <= VOICE));
            let captured = said.filter(|_| !self.dead).or_else(|| at(&self.silence, self.cursor));
            let Some((frame, level)) = captured else {
                continue;
            };
            self.cursor += 1;
            self.loudest = self.loudest.min(level);
            if self.broken {
                self.redundancy.iter_mut().for_each(Redundancy::forget);
                continue;
            }
            let elapsed = (beat.wrapping_mul(u64::from(FRAME_SAMPLES)) & 0xffff_ffff) as u32;
            let payload = match &mut self.redundancy {
                Some(redundancy) => redundancy.payload(frame, elapsed),
                None => frame.clone(),
            };
            let mut packet = self.stream.packet(elapsed, false, payload)?;
            if let Some(id) = self.level_extension {
                let voice = if level <= VOICE { 0x80 } else { 0 };
                packet
                    .header
                    .set_extension(id, Bytes::copy_from_slice(&[voice | level]))?;
            }
            out.push(packet);
        }
        Ok(())
    }

    /// How many frames of voice the delegate spoke since the last call, whatever the microphone made of them.
    pub fn take_voiced(&mut self) -> u32 {
        std::mem::take(&mut self.voiced)
    }

    /// The loudest level that the microphone gave since the last call, -dBov.
    pub fn take_loudest(&mut self) -> u8 {
        std::mem::replace(&mut self.loudest, 127)
    }
}

/// The frame at a place of the loop, and its level.
fn at(sound: &Sound, cursor: usize) -> Option<(&Bytes, u8)> {
    let index = cursor % sound.frames.len().max(1);
    Some((sound.frames.get(index)?, *sound.levels.get(index)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delegate::connection::{OPUS, RED};
    use crate::media::Wardrobe;
    use crate::receive::{SoundMeter, SoundSecond, frames};
    use std::time::Duration;

    fn sender(start: Instant) -> SoundSender {
        let wardrobe = Wardrobe::open().unwrap();
        SoundSender::new(
            Stream::new(9, RED, vec![]),
            Some(3),
            Some(OPUS),
            wardrobe.speech(1),
            wardrobe.silence,
            start,
        )
    }

    /// What a receiver plays of the sender's packets in the second from `from` on.
    fn heard(sender: &mut SoundSender, meter: &mut SoundMeter, from: Instant) -> SoundSecond {
        let mut out = Vec::new();
        for millisecond in 0..1000 {
            let now = from + Duration::from_millis(millisecond);
            sender.send(now, &mut out).unwrap();
            for packet in out.drain(..) {
                let level = packet.header.get_extension(3).map(|level| level[0] & 127);
                meter.packet(now, &packet.header, level, frames(&packet).1);
            }
        }
        meter.take(from + Duration::from_secs(1))
    }

    #[test]
    fn silence_flows_on_and_speech_is_heard() {
        let start = Instant::now();
        let (mut sender, mut meter) = (sender(start), SoundMeter::default());
        let silent = heard(&mut sender, &mut meter, start);
        assert_eq!((silent.samples, silent.energy), (48_000, 0.0));
        assert_eq!(sender.take_loudest(), 127);
        sender.speak(true);
        let spoken = heard(&mut sender, &mut meter, start + Duration::from_secs(1));
        assert_eq!((spoken.samples, spoken.concealed), (48_000, 0));
        assert!(spoken.energy > 0.0005, "{}", spoken.energy);
        assert!(sender.take_loudest() < 30);
    }

    #[test]
    fn a_dead_microphone_sends_silence_while_its_owner_speaks() {
        let start = Instant::now();
        let (mut sender, mut meter) = (sender(start), SoundMeter::default());
        sender.speak(true);
        sender.go_dead(true);
        let second = heard(&mut sender, &mut meter, start);
        assert_eq!((second.samples, second.energy), (48_000, 0.0));
        assert_eq!(sender.take_loudest(), 127);
        assert!(sender.take_voiced() > 10);
    }

    #[test]
    fn a_broken_microphone_sends_nothing_but_still_shows_a_level() {
        let start = Instant::now();
        let (mut sender, mut meter) = (sender(start), SoundMeter::default());
        sender.speak(true);
        sender.break_off(true);
        assert_eq!(heard(&mut sender, &mut meter, start).samples, 0);
        assert!(sender.take_loudest() < 30);
    }
}
