//! One direction of a path: which datagrams are lost, and when the others come out. Pure: time and luck are passed in.

use super::Kind;
use std::time::{Duration, Instant};

/// What a line holds back at most before it drops, in time: what an ordinary home router's queue is worth.
const QUEUE: Duration = Duration::from_millis(300);

/// What is wrong with one direction.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Way {
    /// Which datagrams are lost.
    pub loss: Loss,
    /// How long each takes.
    pub delay: Duration,
    /// By how much some take longer, evenly spread. None overtakes another, as in a queue.
    pub jitter: Duration,
    /// Bits a second that pass; a queue of 300 ms stands before it. `None`: no limit.
    pub rate: Option<u32>,
    /// What does not come through at all.
    pub drops: Option<Kind>,
}

/// Which datagrams are lost.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Loss {
    /// None.
    #[default]
    None,
    /// Each with this chance, in percent.
    Even(f64),
    /// In bursts (Gilbert's model): everything is lost in the bad state and nothing in the good one.
    Bursts {
        /// Share lost in the long run, in percent.
        percent: f64,
        /// Datagrams that a burst takes in the mean.
        length: f64,
    },
}

/// Where one direction stands.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Lane {
    /// In a burst.
    bad: bool,
    /// When the limited line has sent everything that it has taken.
    free_at: Option<Instant>,
    /// When the newest datagram comes out.
    last_out: Option<Instant>,
}

impl Lane {
    /// When a datagram that goes in now comes out; `None`: never. `luck` gives even numbers from 0 up to 1.
    pub(super) fn admit(
        &mut self,
        way: &Way,
        now: Instant,
        kind: Kind,
        bytes: usize,
        mut luck: impl FnMut() -> f64,
    ) -> Option<Instant> {
        if way.drops == Some(kind) || self.loses(way.loss, &mut luck) {
            return None;
        }
        let mut out = now;
        if let Some(rate) = way.rate {
            let begins = self.free_at.map_or(now, |free| free.max(now));
            if begins.duration_since(now) > QUEUE {
                return None;
            }
            out = begins + Duration::from_secs_f64(8.0 * bytes as f64 / f64::from(rate.max(1)));
            self.free_at = Some(out);
        }
        out += way.delay;
        if !way.jitter.is_zero() {
            out += way.jitter.mul_f64(luck());
        }
        out = self.last_out.map_or(out, |last| last.max(out));
        self.last_out = Some(out);
        Some(out)
    }

    fn loses(&mut self, loss: Loss, luck: &mut impl FnMut() -> f64) -> bool {
        match loss {
            Loss::None => false,
            Loss::Even(percent) => luck() * 100.0 < percent,
            Loss::Bursts { percent, length } => {
                let share = (percent / 100.0).clamp(0.0, 0.99);
                let ends = 1.0 / length.max(1.0);
                let begins = ends * share / (1.0 - share);
                self.bad = luck() < if self.bad { 1.0 - ends } else { begins };
                self.bad
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand::rngs::StdRng;
    use rand::{RngExt, SeedableRng};

    const NEVER: fn() -> f64 = || 0.999;

    fn luck(seed: u64) -> impl FnMut() -> f64 {
        let mut luck = StdRng::seed_from_u64(seed);
        move || luck.random_range(0.0..1.0)
    }

    /// What comes out of 20,000 datagrams.
    fn lost(loss: Loss) -> (f64, f64) {
        let (mut lane, now, mut luck) = (Lane::default(), Instant::now(), luck(1));
        let way = Way { loss, ..Way::default() };
        let lost: Vec<bool> = (0..20_000)
            .map(|_| lane.admit(&way, now, Kind::Sound, 100, &mut luck).is_none())
            .collect();
        let bursts = lost.windows(2).filter(|pair| !pair[0] && pair[1]).count();
        let count = lost.iter().filter(|&&lost| lost).count() as f64;
        (count / 200.0, count / bursts as f64)
    }

    #[test]
    fn even_loss_loses_its_share() {
        let (percent, burst) = lost(Loss::Even(15.0));
        assert!((14.0..16.0).contains(&percent), "{percent} %");
        assert!(burst < 1.3, "{burst} at a time");
    }

    #[test]
    fn bursts_lose_the_same_share_together() {
        let (percent, burst) = lost(Loss::Bursts {
            percent: 10.0,
            length: 8.0,
        });
        assert!((8.0..12.0).contains(&percent), "{percent} %");
        assert!((6.5..9.5).contains(&burst), "{burst} at a time");
    }

    #[test]
    fn one_kind_alone_can_be_dropped() {
        let way = Way {
            drops: Some(Kind::Sound),
            ..Way::default()
        };
        let (mut lane, now) = (Lane::default(), Instant::now());
        assert_eq!(lane.admit(&way, now, Kind::Sound, 100, NEVER), None);
        assert_eq!(lane.admit(&way, now, Kind::Picture, 100, NEVER), Some(now));
    }

    #[test]
    fn a_limit_lets_its_rate_through_and_drops_what_waits_too_long() {
        let way = Way {
            rate: Some(80_000),
            ..Way::default()
        };
        let (mut lane, start) = (Lane::default(), Instant::now());
        // 160 kbit/s into 80: ten seconds of 20 datagrams of 1000 bytes.
        let sent = (0..200u32).map(|n| start + Duration::from_millis(50) * n);
        let out: Vec<(Instant, Instant)> = sent
            .filter_map(|now| Some((now, lane.admit(&way, now, Kind::Picture, 1000, NEVER)?)))
            .collect();
        assert!((98..=106).contains(&out.len()), "{} of 200", out.len());
        assert!(
            out.iter()
                .all(|(sent, came)| *came - *sent <= QUEUE + Duration::from_millis(100))
        );
    }

    proptest! {
        #[test]
        fn nothing_overtakes_or_comes_too_early(steps in prop::collection::vec((0u64..40, 0u64..300, 0u64..100), 1..200)) {
            let (mut lane, mut now, mut luck) = (Lane::default(), Instant::now(), luck(2));
            let mut last = now;
            for (pause, delay, jitter) in steps {
                now += Duration::from_millis(pause);
                let way = Way { delay: Duration::from_millis(delay), jitter: Duration::from_millis(jitter), ..Way::default() };
                let out = lane.admit(&way, now, Kind::Sound, 100, &mut luck).unwrap();
                prop_assert!(out >= now + way.delay && out >= last);
                last = out;
            }
        }
    }
}
