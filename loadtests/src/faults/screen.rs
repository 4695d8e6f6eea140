//! The chair's screen as a page keeps it: who is where, who has the floor, and the red alerts with the moment each came.

use lika::equal_terms::{Cause, Direction, Level};
use lika::meeting::{AlertId, Attendance, ParticipantId, Phase};
use lika::protocol::{AlertView, Change, ServerMessage};
use std::collections::BTreeMap;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// A red alert that came to the screen.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Seen {
    pub(super) id: AlertId,
    /// About whom; `None`: the relay or its network.
    pub(super) about: Option<ParticipantId>,
    pub(super) direction: Direction,
    pub(super) cause: Cause,
    pub(super) figure: Option<f64>,
    pub(super) arrived: Instant,
    pub(super) cleared: Option<Instant>,
}

/// The screen.
#[derive(Debug, Default)]
pub(super) struct Screen {
    pub(super) attendance: BTreeMap<ParticipantId, Attendance>,
    pub(super) phase: Phase,
    pub(super) floor: Option<ParticipantId>,
    /// Every red alert that ever came.
    pub(super) alerts: Vec<Seen>,
    /// From a verdict to its alert on the screen, in milliseconds.
    pub(super) verdict_to_screen_ms: Vec<f64>,
    /// Alerts whose verdict's second is not known yet: when each came and since when it is said to hold.
    undated: Vec<(f64, i64)>,
}

/// A second's quality message comes right after its alerts.
const SAME_SECOND_MS: f64 = 900.0;

impl Screen {
    /// Takes in what the server said at `at`, which was `clock` on the wall.
    pub(super) fn hear(&mut self, at: Instant, clock: SystemTime, message: &ServerMessage) {
        let clock_ms = clock.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64() * 1e3;
        match message {
            ServerMessage::Welcome { meeting, .. } => {
                self.phase = meeting.phase.clone();
                self.floor = meeting.floor;
                self.attendance = meeting
                    .participants
                    .iter()
                    .map(|one| (one.id, one.attendance))
                    .collect();
                let listed: Vec<AlertId> = meeting.alerts.iter().map(|alert| alert.id).collect();
                self.clear(at, |alert| !listed.contains(&alert.id));
                meeting.alerts.iter().for_each(|alert| self.alert(at, clock_ms, alert));
            }
            ServerMessage::Event { change, .. } => self.change(at, clock_ms, change),
            ServerMessage::Quality { at_ms, .. } => self.date(*at_ms),
            _ => {}
        }
    }

    /// Red alerts that are not over.
    pub(super) fn open(&self) -> impl Iterator<Item = &Seen> {
        self.alerts.iter().filter(|alert| alert.cleared.is_none())
    }

    /// How many are in this place.
    pub(super) fn count(&self, place: Attendance) -> usize {
        self.attendance.values().filter(|one| **one == place).count()
    }

    fn change(&mut self, at: Instant, clock_ms: f64, change: &Change) {
        match change {
            Change::Phase { phase } => self.phase = phase.clone(),
            Change::Floor { floor, .. } => self.floor = *floor,
            Change::Participant { participant } => {
                self.attendance.insert(participant.id, participant.attendance);
            }
            Change::ParticipantGone { participant } => {
                self.attendance.remove(participant);
            }
            Change::Alert { alert } => self.alert(at, clock_ms, alert),
            Change::AlertCleared { alert: over } => self.clear(at, |alert| alert.id == *over),
            _ => {}
        }
    }

    fn alert(&mut self, at: Instant, clock_ms: f64, alert: &AlertView) {
        if alert.level != Level::Red {
            self.clear(at, |seen| seen.id == alert.id);
        } else if !self.open().any(|seen| seen.id == alert.id) {
            self.undated.push((clock_ms, alert.since_ms));
            self.alerts.push(Seen {
                id: alert.id,
                about: alert.about,
                direction: alert.direction,
                cause: alert.cause,
                figure: alert.figure,
                arrived: at,
                cleared: None,
            });
        }
    }

    fn clear(&mut self, at: Instant, over: impl Fn(&Seen) -> bool) {
        let open = self.alerts.iter_mut().filter(|alert| alert.cleared.is_none());
        open.filter(|alert| over(alert))
            .for_each(|alert| alert.cleared = Some(at));
    }

    /// The quality message of a second tells when the verdict was made whose alerts came just before it. An alert between
    /// two seconds (a silence) says itself when it was raised; if it was raised before and is red only now, nothing says.
    fn date(&mut self, at_ms: i64) {
        for (came_ms, since_ms) in std::mem::take(&mut self.undated) {
            let [of_second, of_alert] = [at_ms, since_ms].map(|ms| came_ms - ms as f64);
            let taken = [of_second, of_alert]
                .into_iter()
                .find(|ms| (0.0..SAME_SECOND_MS).contains(ms));
            self.verdict_to_screen_ms.extend(taken);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const NOW_MS: i64 = 1_700_000_000_000;

    fn alert(id: u32, level: Level, since_ms: i64) -> Change {
        Change::Alert {
            alert: AlertView {
                id: AlertId(id),
                about: Some(ParticipantId(3)),
                direction: Direction::Seen,
                level,
                cause: Cause::CameraCovered,
                figure: None,
                affected: 2,
                since_ms,
                acknowledged: false,
                unstable: false,
            },
        }
    }

    fn hear(screen: &mut Screen, ms_later: u64, message: &ServerMessage) {
        let clock = UNIX_EPOCH + Duration::from_millis(NOW_MS as u64 + ms_later);
        screen.hear(Instant::now(), clock, message);
    }

    fn event(change: Change) -> ServerMessage {
        ServerMessage::Event { seq: 1, change }
    }

    fn quality(at_ms: i64) -> ServerMessage {
        ServerMessage::Quality {
            at_ms,
            participants: Vec::new(),
            matrix: None,
            devices: Vec::new(),
        }
    }

    #[test]
    fn a_red_alert_stands_until_it_is_cleared_or_amber() {
        let mut screen = Screen::default();
        hear(&mut screen, 0, &event(alert(1, Level::Amber, NOW_MS)));
        assert_eq!(screen.open().count(), 0);
        hear(&mut screen, 0, &event(alert(1, Level::Red, NOW_MS)));
        hear(&mut screen, 0, &event(alert(1, Level::Red, NOW_MS)));
        assert_eq!((screen.open().count(), screen.alerts.len()), (1, 1));
        hear(&mut screen, 0, &event(alert(2, Level::Red, NOW_MS)));
        hear(&mut screen, 0, &event(Change::AlertCleared { alert: AlertId(2) }));
        hear(&mut screen, 0, &event(alert(1, Level::Amber, NOW_MS)));
        assert_eq!((screen.open().count(), screen.alerts.len()), (0, 2));
    }

    #[test]
    fn the_way_to_the_screen_begins_at_the_verdict_of_the_alerts_second() {
        let mut screen = Screen::default();
        hear(&mut screen, 30, &event(alert(1, Level::Red, NOW_MS + 5)));
        hear(&mut screen, 31, &quality(NOW_MS));
        assert_eq!(screen.verdict_to_screen_ms, [30.0]);
        hear(&mut screen, 540, &event(alert(2, Level::Red, NOW_MS + 500)));
        hear(&mut screen, 1005, &quality(NOW_MS + 1000));
        assert_eq!(screen.verdict_to_screen_ms, [30.0, 40.0], "between two seconds");
        hear(&mut screen, 1540, &event(alert(3, Level::Red, NOW_MS - 3000)));
        hear(&mut screen, 2005, &quality(NOW_MS + 2000));
        assert_eq!(
            screen.verdict_to_screen_ms.len(),
            2,
            "raised before, nobody says when it became red"
        );
    }
}
