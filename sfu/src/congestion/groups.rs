//! Packets that left together, as one: how the time between two groups changed on the way
//! (draft-ietf-rmcat-gcc-02 section 5.2).

use std::time::{Duration, Instant};

/// Packets sent within this time are one group.
const BURST: Duration = Duration::from_millis(5);
/// A group that arrives in one piece is not longer than this.
const MAX_BURST: Duration = Duration::from_millis(100);
/// A receiver's clock that jumps by more starts anew.
const CLOCK_JUMP_MS: f64 = 3000.0;

/// The group being gathered and the one before it.
#[derive(Debug, Default)]
pub(super) struct Groups {
    current: Option<Group>,
    previous: Option<Group>,
}

#[derive(Clone, Copy, Debug)]
struct Group {
    first_sent: Instant,
    last_sent: Instant,
    first_arrived: Duration,
    last_arrived: Duration,
}

/// From one group to the next, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Spacing {
    pub(super) sent_ms: f64,
    pub(super) arrived_ms: f64,
    /// When the later group had arrived.
    pub(super) at_ms: f64,
}

impl Groups {
    /// Takes a packet that arrived; when it begins a new group, tells the spacing of the two before.
    pub(super) fn add(&mut self, sent: Instant, arrived: Duration) -> Option<Spacing> {
        let Some(group) = &mut self.current else {
            self.current = Some(Group::of(sent, arrived));
            return None;
        };
        if sent < group.first_sent {
            return None;
        }
        if group.takes(sent, arrived) {
            group.last_sent = group.last_sent.max(sent);
            group.last_arrived = group.last_arrived.max(arrived);
            return None;
        }
        let complete = *group;
        let before = self.previous.replace(complete);
        self.current = Some(Group::of(sent, arrived));
        let spacing = before?.to(&complete);
        if spacing.arrived_ms < 0.0 || spacing.arrived_ms > spacing.sent_ms + CLOCK_JUMP_MS {
            self.previous = None;
            return None;
        }
        Some(spacing)
    }
}

impl Group {
    const fn of(sent: Instant, arrived: Duration) -> Self {
        Self {
            first_sent: sent,
            last_sent: sent,
            first_arrived: arrived,
            last_arrived: arrived,
        }
    }

    /// Whether a packet left with this group, or waited with it in a queue that then let all of it through at once.
    fn takes(&self, sent: Instant, arrived: Duration) -> bool {
        if sent.saturating_duration_since(self.first_sent) <= BURST {
            return true;
        }
        let since_last = arrived.saturating_sub(self.last_arrived);
        let caught_up = ms(since_last) < ms(sent.saturating_duration_since(self.last_sent));
        caught_up && since_last <= BURST && arrived.saturating_sub(self.first_arrived) < MAX_BURST
    }

    fn to(&self, next: &Self) -> Spacing {
        Spacing {
            sent_ms: ms(next.last_sent.saturating_duration_since(self.last_sent)),
            arrived_ms: ms(next.last_arrived) - ms(self.last_arrived),
            at_ms: ms(next.last_arrived),
        }
    }
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_that_leave_together_are_one_group() {
        let start = Instant::now();
        let mut groups = Groups::default();
        let mut add = |sent: u64, arrived: u64| {
            groups.add(
                start + Duration::from_millis(sent),
                Duration::from_millis(1000 + arrived),
            )
        };
        assert_eq!(add(0, 10), None);
        assert_eq!(add(2, 12), None);
        assert_eq!(add(20, 30), None, "the second group begins");
        assert_eq!(add(21, 35), None);
        let spacing = add(40, 60).expect("the first two are complete");
        assert_eq!((spacing.sent_ms, spacing.arrived_ms), (19.0, 23.0));
        assert_eq!(add(10, 61), None, "late ones say nothing");
    }

    #[test]
    fn what_was_held_up_and_let_through_at_once_is_one_group() {
        let start = Instant::now();
        let mut groups = Groups::default();
        let mut spacings = Vec::new();
        for n in 0..10u64 {
            let sent = n * 10;
            let arrived = if (3..6).contains(&n) { 80 } else { sent + 20 };
            spacings.extend(groups.add(
                start + Duration::from_millis(sent),
                Duration::from_millis(1000 + arrived),
            ));
        }
        assert!(spacings.iter().all(|s| s.arrived_ms >= 0.0));
        assert!(spacings.len() < 8, "{spacings:?}");
    }
}
