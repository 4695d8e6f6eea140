//! When the server's clock is set by the machine's: only while no meeting notices. Time that leaps in a meeting would
//! run its clocks out and empty the judge's windows; docs/decisions/0011-the-servers-clock.md has the choice.

use super::drain::is_deserted;
use super::{Hall, Overview};
use crate::clock::Clock;
use crate::meeting::MeetingId;
use crate::metrics::label::Stage;
use std::time::Duration;
use tokio::time::{Instant, MissedTickBehavior, interval};

const EVERY: Duration = Duration::from_secs(1);

/// Sets the clock by the machine's whenever it is off and no meeting notices, as long as the server runs.
pub async fn keep_time(clock: Clock, hall: Hall) {
    let (mut seconds, mut timekeeping) = (interval(EVERY), Timekeeping::default());
    seconds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        seconds.tick().await;
        timekeeping.keep(&clock, &hall.overviews());
    }
}

#[derive(Default)]
struct Timekeeping {
    /// The log has it that the clock cannot be set now.
    waits: bool,
}

impl Timekeeping {
    fn keep(&mut self, clock: &Clock, meetings: &[(MeetingId, Overview)]) {
        if !clock.is_off() {
            self.waits = false;
            return;
        }
        let (ahead_ms, now) = (clock.ahead_ms(), Instant::now());
        let noticed_in = meetings.iter().find(|(_, one)| notices(one, now));
        match noticed_in {
            None => {
                clock.set();
                tracing::info!(
                    ahead_ms,
                    "the server's clock was off the machine's and has been set by it"
                );
            }
            Some((meeting, _)) if !self.waits => tracing::warn!(
                ahead_ms,
                meeting = meeting.0,
                "the machine's clock has been set; the server's is off until nobody is connected, and the journal says so"
            ),
            Some(_) => {}
        }
        self.waits = noticed_in.is_some();
    }
}

/// Somebody is connected; or the meeting has been opened, and they may be on their way back.
fn notices(one: &Overview, now: Instant) -> bool {
    match one.stage {
        Stage::Open | Stage::Adjourned => !is_deserted(one.deserted_at, now),
        Stage::Planned | Stage::Closed => one.deserted_at.is_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::meeting::Meeting;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicI64, Ordering};
    use std::time::Duration;

    const FIVE_MINUTES_MS: i64 = 300_000;

    fn meeting(stage: Stage, deserted_at: Option<Instant>) -> (MeetingId, Overview) {
        let overview = Overview::of(&Meeting::replay(&[]), deserted_at);
        (MeetingId(1), Overview { stage, ..overview })
    }

    #[test]
    fn the_clock_is_set_as_soon_as_no_meeting_notices() {
        let wall = Arc::new(AtomicI64::new(FIVE_MINUTES_MS));
        let read = Arc::clone(&wall);
        let clock = Clock::even(move || read.load(Ordering::Relaxed));
        let mut timekeeping = Timekeeping::default();
        let (now, later) = (Instant::now(), Instant::now() + Duration::from_mins(10));
        for set_ms in [2 * FIVE_MINUTES_MS, 0] {
            wall.store(set_ms, Ordering::Relaxed);
            for noticing in [
                meeting(Stage::Planned, None),
                meeting(Stage::Open, None),
                meeting(Stage::Open, Some(later)),
                meeting(Stage::Adjourned, Some(later)),
                meeting(Stage::Closed, None),
            ] {
                timekeeping.keep(&clock, &[meeting(Stage::Planned, Some(later)), noticing]);
                assert!(clock.is_off() && timekeeping.waits, "{set_ms}");
            }
            let rests = [
                meeting(Stage::Planned, Some(later)),
                meeting(Stage::Adjourned, Some(now)),
            ];
            timekeeping.keep(&clock, &rests);
            assert!(!clock.is_off() && !timekeeping.waits, "{set_ms}");
        }
    }

    #[test]
    fn a_clock_that_is_right_is_left_alone() {
        let clock = Clock::even(|| FIVE_MINUTES_MS);
        Timekeeping::default().keep(&clock, &[]);
        assert!((FIVE_MINUTES_MS..FIVE_MINUTES_MS + 1000).contains(&clock.now_ms()));
    }
}
