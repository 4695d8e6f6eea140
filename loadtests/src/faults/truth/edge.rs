//! One sender at one receiver: how far what was really shown and played is beyond the red limits.

use super::limits::{
    AREA_LARGE, CONCEALED_PERCENT, DELAY_MS, FRAMES, FRAMES_LARGE, FROZEN_PERCENT, STANDSTILL_S, UNHEARD_S, WINDOW_S,
};
use crate::delegate::report::SlotSecond;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Seconds remembered: longer than any trial.
const HISTORY: usize = 300;
/// What is older says nothing of a moment.
const STALE: Duration = Duration::from_millis(2500);
/// Seconds from which a rate or a share of the window says something.
const LEAST_SECONDS: usize = 8;
/// Seconds of speech, and of delays, from which they say something.
const LEAST_OF_SPEECH: usize = 3;
/// No limit is exceeded by more than this: a rate of nothing would be endless.
const MOST: f64 = 10.0;
/// Encoding, packetising, sound cards at both ends, in milliseconds.
const CODEC_MS: f64 = 60.0;

/// How a second stood: each figure divided by its red limit (or the limit by the figure, where less is worse). 1 is at the
/// limit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Standing {
    pub(super) at: Instant,
    pub(super) sound: f64,
    pub(super) picture: f64,
    pub(super) delay: f64,
    /// Seconds in which neither sound nor picture came.
    pub(super) nothing_s: u32,
}

/// An edge's seconds.
#[derive(Debug, Default)]
pub(super) struct Edge {
    window: VecDeque<Shown>,
    standings: VecDeque<Standing>,
    unheard_s: u32,
    still_s: u32,
    nothing_s: u32,
}

#[derive(Clone, Copy, Debug)]
struct Shown {
    at: Instant,
    frames: f64,
    frozen_s: f64,
    standstill_s: f64,
    area: f64,
    large: bool,
    /// Samples while the sender spoke.
    samples: f64,
    concealed: f64,
    delay_ms: Option<f64>,
}

impl Edge {
    /// Takes in a second that ended at `at`. `large`: the sender has the floor. `speaks`: they spoke all through it.
    pub(super) fn observe(&mut self, at: Instant, second: &SlotSecond, large: bool, speaks: bool) {
        let (picture, sound) = (second.picture, second.sound);
        let none = picture.decoded == 0;
        self.still_s = if none { self.still_s + 1 } else { 0 };
        let played = sound.energy > 0.0 && sound.concealed < sound.samples;
        self.unheard_s = if speaks && !played { self.unheard_s + 1 } else { 0 };
        self.nothing_s = if none && sound.samples == 0 {
            self.nothing_s + 1
        } else {
            0
        };
        let audible = f64::from(sound.concealed.saturating_sub(sound.silent_concealed));
        let frozen_s = if none {
            1.0
        } else {
            picture.frozen.as_secs_f64().min(1.0)
        };
        let gap_s = if frozen_s > 0.0 {
            picture.longest_gap.as_secs_f64()
        } else {
            0.0
        };
        self.window.push_back(Shown {
            at,
            frames: picture.decoded.into(),
            frozen_s,
            standstill_s: gap_s.max(self.still_s.into()),
            area: f64::from(picture.size.0) * f64::from(picture.size.1),
            large,
            samples: if speaks { sound.samples.into() } else { 0.0 },
            concealed: if speaks { audible } else { 0.0 },
            delay_ms: second
                .under_way_ms
                .map(|ms| ms + sound.jitter_buffer_ms.unwrap_or(0.0) + CODEC_MS),
        });
        let oldest = Duration::from_secs(WINDOW_S as u64) - Duration::from_millis(500);
        self.window.retain(|shown| at.duration_since(shown.at) <= oldest);
        if self.standings.len() == HISTORY {
            self.standings.pop_front();
        }
        self.standings.push_back(Standing {
            at,
            sound: self.sound(),
            picture: self.picture(),
            delay: self.delay(),
            nothing_s: self.nothing_s,
        });
    }

    /// How it stood at a moment; `None`: nothing is known of it.
    pub(super) fn standing(&self, at: Instant) -> Option<&Standing> {
        let later = self.standings.partition_point(|standing| standing.at <= at);
        let standing = self.standings.get(later.checked_sub(1)?)?;
        (at.duration_since(standing.at) <= STALE).then_some(standing)
    }

    fn sum(&self, figure: impl Fn(&Shown) -> f64) -> f64 {
        self.window.iter().map(figure).sum()
    }

    fn sound(&self) -> f64 {
        let spoken = self.window.iter().filter(|shown| shown.samples > 0.0).count();
        let concealed = if spoken >= LEAST_OF_SPEECH {
            100.0 * self.sum(|shown| shown.concealed) / self.sum(|shown| shown.samples)
        } else {
            0.0
        };
        (concealed / CONCEALED_PERCENT).max(f64::from(self.unheard_s) / UNHEARD_S)
    }

    fn picture(&self) -> f64 {
        let standstill = self.window.iter().map(|shown| shown.standstill_s).fold(0.0, f64::max);
        let mut worst = (10.0 * self.sum(|shown| shown.frozen_s) / FROZEN_PERCENT).max(standstill / STANDSTILL_S);
        let seconds = self.window.len();
        if seconds >= LEAST_SECONDS {
            let rate = self.sum(|shown| shown.frames) / seconds as f64;
            worst = worst.max(too_little(rate, FRAMES));
            if self.window.iter().all(|shown| shown.large) {
                let area = self.window.iter().map(|shown| shown.area).fold(0.0, f64::max);
                worst = worst
                    .max(too_little(rate, FRAMES_LARGE))
                    .max(too_little(area, AREA_LARGE));
            }
        }
        worst.min(MOST)
    }

    fn delay(&self) -> f64 {
        let delays: Vec<f64> = self.window.iter().filter_map(|shown| shown.delay_ms).collect();
        if delays.len() < LEAST_OF_SPEECH {
            return 0.0;
        }
        delays.iter().sum::<f64>() / delays.len() as f64 / DELAY_MS
    }
}

fn too_little(figure: f64, limit: f64) -> f64 {
    (limit / figure.max(limit / MOST)).min(MOST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receive::{PictureSecond, SoundSecond};

    /// A second of 10 frames and whole sound.
    fn well() -> SlotSecond {
        SlotSecond {
            slot: 0,
            picture: PictureSecond {
                decoded: 10,
                frozen: Duration::ZERO,
                longest_gap: Duration::from_millis(100),
                size: (160, 90),
            },
            sound: SoundSecond {
                samples: 48_000,
                energy: 0.01,
                jitter_buffer_ms: Some(30.0),
                ..SoundSecond::default()
            },
            under_way_ms: Some(10.0),
        }
    }

    /// How it stands after so many of these seconds.
    fn after(seconds: &[(usize, SlotSecond)], large: bool, speaks: bool) -> Standing {
        let (mut edge, mut at) = (Edge::default(), Instant::now());
        for second in seconds
            .iter()
            .flat_map(|(count, second)| std::iter::repeat_n(second, *count))
        {
            edge.observe(at, second, large, speaks);
            at += Duration::from_secs(1);
        }
        *edge.standings.back().unwrap()
    }

    fn near(figure: f64, expected: f64) {
        assert!((figure - expected).abs() < 0.01, "{figure}, not {expected}");
    }

    #[test]
    fn a_good_second_is_far_from_every_limit() {
        let standing = after(&[(20, well())], false, true);
        near(standing.sound, 0.0);
        near(standing.picture, 0.5);
        near(standing.delay, 0.25);
        assert_eq!(standing.nothing_s, 0);
    }

    #[test]
    fn concealment_counts_while_somebody_speaks_and_not_in_silence() {
        let mut bad = well();
        bad.sound.concealed = 4800;
        near(after(&[(12, bad)], false, true).sound, 10.0 / 7.0);
        near(after(&[(12, bad)], false, false).sound, 0.0);
        bad.sound.silent_concealed = 4800;
        near(after(&[(12, bad)], false, true).sound, 0.0);
        bad.sound.silent_concealed = 0;
        near(after(&[(10, well()), (5, bad)], false, true).sound, 5.0 / 7.0);
    }

    #[test]
    fn what_is_not_played_at_all_counts_by_its_length() {
        let mut nothing = well();
        nothing.sound = SoundSecond::default();
        near(after(&[(10, well()), (3, nothing)], false, true).sound, 1.5);
        let mut silence = well();
        silence.sound.energy = 0.0;
        near(after(&[(10, well()), (4, silence)], false, true).sound, 2.0);
    }

    #[test]
    fn a_standstill_and_many_short_ones_count() {
        let mut still = well();
        still.picture.decoded = 0;
        near(after(&[(10, well()), (3, still)], false, false).picture, 1.5);
        near(after(&[(10, well()), (6, still)], false, false).picture, 3.0);
        let mut jerky = well();
        (jerky.picture.frozen, jerky.picture.longest_gap) = (Duration::from_millis(400), Duration::from_millis(400));
        near(after(&[(12, jerky)], false, false).picture, 2.0);
        let mut ended = well();
        (ended.picture.frozen, ended.picture.longest_gap) = (Duration::from_millis(200), Duration::from_millis(6000));
        near(after(&[(10, well()), (1, ended)], false, false).picture, 2.0);
    }

    #[test]
    fn whoever_has_the_floor_is_held_to_more() {
        let mut slow = well();
        slow.picture.size = (640, 360);
        near(after(&[(12, slow)], true, false).picture, 1.2);
        slow.picture.decoded = 2;
        near(after(&[(12, slow)], false, false).picture, 2.5);
        let mut small = well();
        small.picture.decoded = 20;
        near(after(&[(12, small)], true, false).picture, 76_800.0 / 14_400.0);
    }

    #[test]
    fn delay_is_the_real_way_with_buffer_and_codec() {
        let mut far = well();
        far.under_way_ms = Some(510.0);
        near(after(&[(12, far)], false, false).delay, 1.5);
    }

    #[test]
    fn what_was_long_ago_says_nothing() {
        let (mut edge, at) = (Edge::default(), Instant::now());
        edge.observe(at, &well(), false, false);
        assert!(edge.standing(at + Duration::from_secs(2)).is_some());
        assert!(edge.standing(at + Duration::from_secs(3)).is_none());
        assert!(edge.standing(at - Duration::from_millis(1)).is_none());
    }
}
