//! How many bits the lowest layer of everybody's picture has: as many as a meeting of this size and the thinnest of its
//! receivers' lines carry, within bounds. It falls when somebody would otherwise not see everybody, or not see the
//! speaker large enough, and grows again slowly when every line has room. A pure function of what the lines tell and of
//! time; the rules stand in `docs/allocation.md`.

use std::time::{Duration, Instant};

/// A thumbnail that looks good, bits a second as the encoder counts them.
pub const MOST_BPS: u32 = 120_000;
/// The least that still moves: 10 frames a second of 160x90. Below this it is an alarm, not a compromise.
pub const LEAST_BPS: u32 = 40_000;
/// What all thumbnails together may take of a good line, so that a full council of 101 does not ask for 15 Mbit/s.
const MEETING_BPS: u32 = 6_000_000;
/// Headers of a thumbnail's packets on the line (IP, UDP, RTP with extensions, authentication): 10 to 15 a second.
const HEADERS_BPS: u32 = 8_000;
/// Of an estimate, so much is planned with: it breathes, and repair takes its part.
const PLANNED: f64 = 0.85;
/// To grow, a line must carry so much more than what it would then be sent.
const TO_SPARE: f64 = 1.1;
/// Somebody must have gone short for so long: a larger picture gives way first, and an estimate recovers.
const SHORT_FOR: Duration = Duration::from_millis(600);
/// Between two falls: encoders follow, and queues drain.
const FALLS_EVERY: Duration = Duration::from_secs(1);
/// Nobody must have gone short for so long before it grows.
const GROWS_AFTER: Duration = Duration::from_secs(8);
/// Between two steps of growth, and how large they are.
const GROWS_EVERY: Duration = Duration::from_secs(2);
const GROWTH: f64 = 1.25;

/// What one receiver's line carries, and what it is to carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receiver {
    /// Bits a second that the line carries, as estimated.
    pub estimate: u64,
    /// Bits a second of the sound.
    pub sound_bps: u64,
    /// Bits a second of the pictures that are to be large (the middle layer of the speaker, the presentation, the
    /// enlarged).
    pub large_bps: u64,
    /// How many pictures are to be small.
    pub small: u32,
    /// Whether something of that is withheld for lack of room.
    pub goes_short: bool,
}

/// The rate of one room's lowest layer.
#[derive(Debug)]
pub struct Lowest {
    bps: u32,
    most: u32,
    short_since: Option<Instant>,
    /// When somebody went short last, or the rate changed.
    calm_since: Option<Instant>,
    fell: Option<Instant>,
}

impl Default for Lowest {
    fn default() -> Self {
        Self {
            bps: MOST_BPS,
            most: MOST_BPS,
            short_since: None,
            calm_since: None,
            fell: None,
        }
    }
}

impl Lowest {
    /// Takes up how things stand, with `pictures` publishers of pictures in the room.
    pub fn update(&mut self, now: Instant, pictures: usize, receivers: &[Receiver]) {
        self.most = most(pictures);
        self.bps = self.bps.min(self.most);
        let short: Vec<&Receiver> = receivers.iter().filter(|one| one.goes_short).collect();
        if short.is_empty() {
            self.short_since = None;
            self.grow(now, receivers);
        } else {
            self.calm_since = Some(now);
            self.fall(now, &short);
        }
    }

    /// Bits a second, without headers.
    #[must_use]
    pub const fn bps(&self) -> u32 {
        self.bps
    }

    /// Bits a second that each thumbnail would take more, if every line carried it.
    #[must_use]
    pub const fn missing_bps(&self) -> u32 {
        self.most - self.bps
    }

    fn fall(&mut self, now: Instant, short: &[&Receiver]) {
        let since = *self.short_since.get_or_insert(now);
        let passed = |at: Instant, wait| now.saturating_duration_since(at) >= wait;
        if !passed(since, SHORT_FOR) || self.fell.is_some_and(|at| !passed(at, FALLS_EVERY)) {
            return;
        }
        let carried = short.iter().map(|one| one.carries()).min();
        if let Some(bps) = carried.filter(|bps| *bps < self.bps) {
            self.bps = bps;
            self.fell = Some(now);
        }
    }

    fn grow(&mut self, now: Instant, receivers: &[Receiver]) {
        let since = *self.calm_since.get_or_insert(now);
        if now.saturating_duration_since(since) < GROWS_AFTER || self.bps >= self.most {
            return;
        }
        let next = self.most.min((f64::from(self.bps) * GROWTH) as u32);
        if receivers.iter().all(|one| one.has_room_for(next)) {
            self.bps = next;
            self.calm_since = now.checked_sub(GROWS_AFTER - GROWS_EVERY);
        }
    }
}

/// The most for a meeting of so many pictures.
fn most(pictures: usize) -> u32 {
    let others = u32::try_from(pictures.saturating_sub(1)).unwrap_or(u32::MAX).max(1);
    (MEETING_BPS / others)
        .saturating_sub(HEADERS_BPS)
        .clamp(LEAST_BPS, MOST_BPS)
}

impl Receiver {
    /// The rate at which everybody small, and if possible the large ones too, fit into the line.
    fn carries(&self) -> u32 {
        let planned = (self.estimate as f64 * PLANNED) as u64;
        let each = |large: u64, small: u32| {
            let left = planned.saturating_sub(self.sound_bps + large);
            let each = left / u64::from(small.max(1));
            u32::try_from(each).unwrap_or(u32::MAX).saturating_sub(HEADERS_BPS)
        };
        // Who cannot be large is small.
        let beside_large = each(self.large_bps, self.small);
        let all_small = each(0, self.small + u32::from(self.large_bps > 0));
        let best = if beside_large >= LEAST_BPS {
            beside_large
        } else {
            all_small
        };
        best.max(LEAST_BPS)
    }

    fn has_room_for(&self, bps: u32) -> bool {
        let small = u64::from(self.small) * u64::from(bps + HEADERS_BPS);
        (self.sound_bps + self.large_bps + small) as f64 * TO_SPARE <= self.estimate as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SOUND: u64 = 64_000;

    const fn line(estimate: u64, small: u32, large_bps: u64, goes_short: bool) -> Receiver {
        Receiver {
            estimate,
            sound_bps: SOUND,
            large_bps,
            small,
            goes_short,
        }
    }

    /// The rate after the lines have been so for `seconds`.
    fn after(lowest: &mut Lowest, now: &mut Instant, seconds: u64, pictures: usize, lines: &[Receiver]) -> u32 {
        for _ in 0..seconds * 10 {
            lowest.update(*now, pictures, lines);
            *now += Duration::from_millis(100);
        }
        lowest.bps()
    }

    fn soon(pictures: usize, lines: &[Receiver]) -> u32 {
        after(&mut Lowest::default(), &mut Instant::now(), 2, pictures, lines)
    }

    #[test]
    fn a_large_meeting_has_smaller_thumbnails_whatever_the_lines_carry() {
        assert_eq!([2, 12, 40].map(|people| soon(people, &[])), [MOST_BPS; 3]);
        assert_eq!(soon(101, &[]), 52_000);
        assert_eq!(soon(256, &[]), LEAST_BPS);
    }

    #[test]
    fn whoever_goes_short_makes_everybody_smaller_so_that_all_fit() {
        let bps = soon(9, &[line(600_000, 8, 0, true), line(9_000_000, 8, 0, false)]);
        assert!((40_000..60_000).contains(&bps), "{bps}");
        let on_the_line = SOUND + 8 * u64::from(bps + HEADERS_BPS);
        assert!(on_the_line <= 600_000, "{on_the_line}");
    }

    #[test]
    fn the_speaker_is_large_before_the_others_look_good() {
        let bps = soon(9, &[line(1_400_000, 7, 550_000, true)]);
        assert!((LEAST_BPS..MOST_BPS).contains(&bps), "{bps}");
        assert!(SOUND + 550_000 + 7 * u64::from(bps + HEADERS_BPS) <= 1_400_000);
    }

    #[test]
    fn below_the_least_it_does_not_go() {
        assert_eq!(soon(9, &[line(100_000, 8, 550_000, true)]), LEAST_BPS);
    }

    #[test]
    fn a_breath_of_an_estimate_changes_nothing() {
        let (mut lowest, mut now) = (Lowest::default(), Instant::now());
        let short = [line(400_000, 8, 0, true)];
        for _ in 0..5 {
            lowest.update(now, 9, &short);
            now += Duration::from_millis(100);
        }
        assert_eq!(
            after(&mut lowest, &mut now, 1, 9, &[line(400_000, 8, 0, false)]),
            MOST_BPS
        );
    }

    #[test]
    fn it_grows_again_in_steps_when_every_line_has_room() {
        let (mut lowest, mut now) = (Lowest::default(), Instant::now());
        let least = after(&mut lowest, &mut now, 2, 9, &[line(500_000, 8, 0, true)]);
        assert_eq!(
            after(&mut lowest, &mut now, 7, 9, &[line(2_000_000, 8, 0, false)]),
            least,
            "not at once"
        );
        assert!(after(&mut lowest, &mut now, 2, 9, &[line(2_000_000, 8, 0, false)]) > least);
        assert_eq!(
            after(&mut lowest, &mut now, 20, 9, &[line(2_000_000, 8, 0, false)]),
            MOST_BPS
        );
        let other = [line(2_000_000, 8, 0, false), line(500_000, 8, 0, false)];
        let least = after(&mut lowest, &mut now, 2, 9, &[line(500_000, 8, 0, true)]);
        assert_eq!(
            after(&mut lowest, &mut now, 60, 9, &other),
            least,
            "one line has no room"
        );
    }

    fn any_line() -> impl Strategy<Value = Receiver> {
        (
            50_000u64..20_000_000,
            0u32..100,
            prop::option::of(300_000u64..700_000),
            any::<bool>(),
        )
            .prop_map(|(estimate, small, large, short)| line(estimate, small, large.unwrap_or(0), short))
    }

    proptest! {
        #[test]
        fn it_stays_within_its_bounds_and_only_falls_for_somebody(
            seconds in prop::collection::vec(prop::collection::vec(any_line(), 0..6), 1..20),
            pictures in 0usize..300,
        ) {
            let (mut lowest, mut now) = (Lowest::default(), Instant::now());
            after(&mut lowest, &mut now, 1, pictures, &[]);
            for lines in seconds {
                let before = lowest.bps();
                let bps = after(&mut lowest, &mut now, 1, pictures, &lines);
                prop_assert!((LEAST_BPS..=most(pictures)).contains(&bps));
                prop_assert!(bps >= before || lines.iter().any(|line| line.goes_short));
            }
        }
    }
}
