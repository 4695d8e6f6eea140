//! Whether packets stand in a queue on the path, and not merely come unevenly: the least delay of a while, over the
//! least ever. A receiver whose processor stalls, or a radio that pauses, lets some packet through fast; a full line
//! lets none.

use std::time::{Duration, Instant};

/// The while whose least delay counts.
const WHILE: Duration = Duration::from_millis(300);
/// Whiles with a standing queue before the path is called full.
const WHILES: u32 = 2;
/// A queue of so much stands; below so much it is gone.
const STANDS_MS: (f64, f64) = (100.0, 50.0);
/// What still stands after so long, though less is sent, is no queue of ours: the path's own delay has grown.
const DRAINS_WITHIN: Duration = Duration::from_secs(6);
/// The path's own delay is the least of the last one to two such times: routes and clocks change.
const AGES: Duration = Duration::from_secs(30);

/// One-way delays, on two clocks whose difference does not matter.
#[derive(Debug, Default)]
pub(super) struct Queue {
    /// Least delay of this while, in milliseconds.
    least: Option<f64>,
    since: Option<Instant>,
    /// Least delays of the present and the past age.
    own: [Option<f64>; 2],
    age: Option<Instant>,
    standing: u32,
    stands_since: Option<Instant>,
}

impl Queue {
    /// A packet arrived; `delay_ms` is its arrival on the receiver's clock less its sending on ours.
    pub(super) fn add(&mut self, delay_ms: f64) {
        self.least = Some(self.least.map_or(delay_ms, |least| least.min(delay_ms)));
        self.own[0] = Some(self.own[0].map_or(delay_ms, |own| own.min(delay_ms)));
    }

    /// Judges a while when one is over.
    pub(super) fn update(&mut self, now: Instant) {
        let age = *self.age.get_or_insert(now);
        // While a queue stands, its delay must not become the path's own.
        if self.standing == 0 && now.saturating_duration_since(age) >= AGES {
            self.own = [None, self.own[0]];
            self.age = Some(now);
        }
        let since = *self.since.get_or_insert(now);
        if now.saturating_duration_since(since) < WHILE {
            return;
        }
        self.since = Some(now);
        let own = self.own.into_iter().flatten().reduce(f64::min);
        let Some((least, own)) = self.least.take().zip(own) else {
            return;
        };
        let queue = least - own;
        if queue > STANDS_MS.0 {
            self.standing = (self.standing + 1).min(WHILES);
        } else if queue < STANDS_MS.1 {
            self.standing = 0;
            self.stands_since = None;
        }
        if self.stands() && now.saturating_duration_since(*self.stands_since.get_or_insert(now)) >= DRAINS_WITHIN {
            self.own = [Some(least), None];
            self.standing = 0;
            self.stands_since = None;
        }
    }

    /// Whether the path is full.
    pub(super) const fn stands(&self) -> bool {
        self.standing >= WHILES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(delays: impl Fn(u64) -> f64) -> bool {
        after_packets(500, delays)
    }

    /// Whether a queue stands after so many packets, ten milliseconds apart.
    fn after_packets(packets: u64, delays: impl Fn(u64) -> f64) -> bool {
        let start = Instant::now();
        let mut queue = Queue::default();
        for n in 0..packets {
            queue.add(delays(n) + 9000.0);
            queue.update(start + Duration::from_millis(10 * n));
        }
        queue.stands()
    }

    #[test]
    fn a_queue_that_stands_is_found_and_stalls_are_not() {
        assert!(!after(|_| 30.0));
        assert!(after(|n| if n < 200 { 30.0 } else { 250.0 }));
        assert!(
            !after(|n| if n % 20 == 0 { 30.0 } else { 400.0 }),
            "every fifth of a second something is fast"
        );
        assert!(
            !after(|n| if (200..300).contains(&n) { 250.0 } else { 30.0 }),
            "it drains"
        );
    }

    #[test]
    fn a_path_that_has_become_longer_is_not_full_for_ever() {
        let longer = |n| if n < 100 { 30.0 } else { 250.0 };
        assert!(after_packets(300, longer));
        assert!(!after_packets(1000, longer));
    }
}
