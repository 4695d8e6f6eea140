//! The report a page sends once a second, from what was sent and what came.

use crate::receive::{PictureSecond, SoundSecond};
use lika::protocol::{CameraState, MicrophoneState, Report, SlotReport};
use std::time::Duration;

/// A page believes a microphone dead that has given nothing for so long (`DEAD_AFTER` in
/// signaling/web/src/media/silence.ts).
const DEAD_AFTER: Duration = Duration::from_secs(1);

/// One second of what the delegate sent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OwnSecond {
    /// What the page finds by looking at its camera.
    pub camera: CameraState,
    /// How long the camera has been covered; zero: it is not.
    pub covered: Duration,
    /// How long the microphone has given digital silence although it is open; zero: it does not.
    pub silent: Duration,
    /// Loudest level the microphone gave, -dBov.
    pub loudest: u8,
    /// Frames sent of the layer that had most.
    pub frames: u32,
    /// Round trip of the path in use, in milliseconds.
    pub round_trip_ms: Option<f64>,
}

/// One second of a receive slot with somebody in it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SlotSecond {
    /// Which slot.
    pub slot: u16,
    /// Its picture.
    pub picture: PictureSecond,
    /// Its sound.
    pub sound: SoundSecond,
    /// How long its speech was under way in the mean, in milliseconds; `None`: no speech came, or nobody notes it.
    pub under_way_ms: Option<f64>,
}

/// Puts the report together.
#[must_use]
pub fn report(own: OwnSecond, slots: &[SlotSecond]) -> Report {
    let is_dead = own.silent >= DEAD_AFTER;
    Report {
        camera: own.camera,
        covered_ms: millis(own.covered),
        microphone: if is_dead {
            MicrophoneState::Dead
        } else {
            MicrophoneState::On
        },
        dead_ms: if is_dead { millis(own.silent) } else { 0 },
        microphone_level: own.loudest,
        frames_encoded: own.frames,
        round_trip_ms: own.round_trip_ms.map(|ms| ms as f32),
        hidden: false,
        slots: slots.iter().map(slot_report).collect(),
        battery: None,
        network: None,
    }
}

/// What a page that lies says of a slot: everything arrives.
#[must_use]
pub fn flattered(second: SlotSecond) -> SlotSecond {
    let SlotSecond { picture, sound, .. } = second;
    SlotSecond {
        picture: PictureSecond {
            decoded: 25,
            frozen: Duration::ZERO,
            longest_gap: Duration::from_millis(40),
            size: picture.size,
        },
        sound: SoundSecond {
            samples: 48_000,
            concealed: 0,
            silent_concealed: 0,
            energy: sound.energy.max(0.01),
            jitter_buffer_ms: Some(40.0),
        },
        ..second
    }
}

fn slot_report(second: &SlotSecond) -> SlotReport {
    let (picture, sound) = (second.picture, second.sound);
    SlotReport {
        slot: second.slot,
        frames_decoded: picture.decoded,
        frozen_ms: millis(picture.frozen),
        // Nothing is decoded here, so nobody can say; the pages in browsers look.
        black: false,
        width: picture.size.0.into(),
        height: picture.size.1.into(),
        samples: sound.samples,
        concealed: sound.concealed,
        silent_concealed: sound.silent_concealed,
        energy: sound.energy as f32,
        jitter_buffer_ms: sound.jitter_buffer_ms.map(|ms| ms as f32),
        playing: true,
        still: false,
        lip_sync_ms: None,
    }
}

fn millis(time: Duration) -> u32 {
    u32::try_from(time.as_millis()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_was_measured_and_no_more() {
        let own = OwnSecond {
            camera: CameraState::Covered,
            covered: Duration::from_millis(700),
            silent: Duration::from_millis(999),
            loudest: 31,
            frames: 15,
            round_trip_ms: Some(12.5),
        };
        let second = SlotSecond {
            slot: 4,
            picture: PictureSecond {
                decoded: 9,
                frozen: Duration::from_millis(420),
                longest_gap: Duration::from_millis(420),
                size: (160, 90),
            },
            sound: SoundSecond {
                samples: 48_000,
                concealed: 960,
                silent_concealed: 0,
                energy: 0.25,
                jitter_buffer_ms: Some(24.0),
            },
            under_way_ms: None,
        };
        let report = report(own, &[second]);
        assert_eq!(
            (report.camera, report.microphone_level, report.frames_encoded),
            (CameraState::Covered, 31, 15)
        );
        assert_eq!(report.round_trip_ms, Some(12.5));
        assert_eq!(
            (report.covered_ms, report.dead_ms, report.microphone),
            (700, 0, MicrophoneState::On)
        );
        let expected = SlotReport {
            slot: 4,
            frames_decoded: 9,
            frozen_ms: 420,
            black: false,
            width: 160,
            height: 90,
            samples: 48_000,
            concealed: 960,
            silent_concealed: 0,
            energy: 0.25,
            jitter_buffer_ms: Some(24.0),
            playing: true,
            still: false,
            lip_sync_ms: None,
        };
        assert_eq!(report.slots, [expected]);
    }

    #[test]
    fn an_occupied_slot_without_packets_is_reported_empty_not_left_out() {
        let own = OwnSecond {
            camera: CameraState::On,
            covered: Duration::ZERO,
            silent: Duration::from_secs(4),
            loudest: 127,
            frames: 0,
            round_trip_ms: None,
        };
        let report = report(
            own,
            &[SlotSecond {
                slot: 2,
                ..SlotSecond::default()
            }],
        );
        assert_eq!(report.slots.len(), 1);
        assert_eq!((report.slots[0].frames_decoded, report.slots[0].samples), (0, 0));
        assert_eq!((report.microphone, report.dead_ms), (MicrophoneState::Dead, 4000));
    }
}
