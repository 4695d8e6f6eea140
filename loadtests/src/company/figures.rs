//! How one delegate fared in one second, put together from what was shown and played.

use crate::delegate::report::SlotSecond;
use crate::delegate::witness::MediaSecond;
use crate::machine::Busy;
use serde::{Deserialize, Serialize};

/// One second of one delegate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonSecond {
    /// Who, from 1.
    pub number: usize,
    /// Whether sound and picture flow: the figures but those of bytes are known.
    pub measured: bool,
    /// Bytes sent, headers included.
    pub up_bytes: u64,
    /// Bytes that came.
    pub down_bytes: u64,
    /// Round trip to the server, in milliseconds.
    pub round_trip_ms: Option<f64>,
    /// How long speech was under way from a delegate of the same machine, in milliseconds.
    pub speech_ms: Option<f64>,
    /// Share of the sound played that was made up since packets were missing or late, 0 to 1.
    pub sound_lost: f64,
    /// Share of the second that pictures stood still, mean of all received, 0 to 1.
    pub frozen: f64,
}

/// One second of all delegates of a machine.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompanySecond {
    /// How each fared.
    pub people: Vec<PersonSecond>,
    /// How busy the machine was.
    pub machine: Busy,
    /// How long it was, in seconds: a busy machine is late, and the bytes are those of the whole time.
    pub lasted_s: f64,
}

/// Puts it together; bytes are counted elsewhere.
pub(super) fn figures(number: usize, second: &MediaSecond) -> PersonSecond {
    let sum = |figure: fn(&SlotSecond) -> f64| second.slots.iter().map(figure).sum::<f64>();
    let played = sum(|slot| f64::from(slot.sound.samples));
    let made_up = sum(|slot| f64::from(slot.sound.concealed.saturating_sub(slot.sound.silent_concealed)));
    let frozen = sum(|slot| slot.picture.frozen.as_secs_f64().min(1.0));
    let speech: Vec<f64> = second.slots.iter().filter_map(|slot| slot.under_way_ms).collect();
    PersonSecond {
        number,
        measured: true,
        round_trip_ms: second.round_trip_ms,
        speech_ms: mean(&speech),
        sound_lost: if played > 0.0 { made_up / played } else { 0.0 },
        frozen: if second.slots.is_empty() {
            0.0
        } else {
            frozen / second.slots.len() as f64
        },
        ..PersonSecond::default()
    }
}

fn mean(figures: &[f64]) -> Option<f64> {
    (!figures.is_empty()).then(|| figures.iter().sum::<f64>() / figures.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receive::{PictureSecond, SoundSecond};
    use std::time::Duration;

    #[test]
    fn shares_are_of_what_was_played_and_of_all_pictures() {
        let slot = |concealed, frozen_ms, under_way_ms| SlotSecond {
            picture: PictureSecond {
                frozen: Duration::from_millis(frozen_ms),
                ..PictureSecond::default()
            },
            sound: SoundSecond {
                samples: 48_000,
                concealed,
                ..SoundSecond::default()
            },
            under_way_ms,
            ..SlotSecond::default()
        };
        let second = MediaSecond {
            round_trip_ms: Some(12.0),
            slots: vec![slot(4800, 500, Some(40.0)), slot(0, 0, None)],
            ..MediaSecond::default()
        };
        let told = figures(7, &second);
        assert_eq!(
            (told.number, told.round_trip_ms, told.speech_ms),
            (7, Some(12.0), Some(40.0))
        );
        assert!((told.sound_lost - 0.05).abs() < 1e-9 && (told.frozen - 0.25).abs() < 1e-9);
        assert_eq!(figures(1, &MediaSecond::default()).frozen, 0.0);
    }
}
