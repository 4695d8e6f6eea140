//! What is known of every meeting at a glance, without asking its task: also while one waits for the journal.

use super::drain::is_deserted;
use crate::equal_terms::{Cause, Level};
use crate::meeting::{Attendance, Meeting, MeetingId, Phase};
use crate::metrics::label::{Stage, Whereabouts};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::time::Instant;

/// One meeting at a glance: numbers, no names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overview {
    /// Where it stands.
    pub stage: Stage,
    /// People inside.
    pub inside: u64,
    /// People who were inside until their connection was lost.
    pub lost: u64,
    /// People in the lobby.
    pub lobby: u64,
    /// People in the roster.
    pub invited: u64,
    /// The standing alerts, counted.
    pub alerts: Vec<((Level, Cause), u64)>,
    /// From when it counts as left by everybody; `None`: somebody is connected.
    pub deserted_at: Option<Instant>,
}

impl Overview {
    /// Of a meeting as it is.
    #[must_use]
    pub fn of(meeting: &Meeting, deserted_at: Option<Instant>) -> Self {
        let count = |whereabouts| {
            let there = meeting.roster().iter().filter(|one| one.attendance() == whereabouts);
            there.count() as u64
        };
        let mut alerts = BTreeMap::new();
        for alert in meeting.alerts() {
            *alerts.entry((alert.reading.level, alert.subject.cause)).or_default() += 1;
        }
        Self {
            stage: match meeting.phase() {
                Phase::Planned => Stage::Planned,
                Phase::Open => Stage::Open,
                Phase::Adjourned { .. } => Stage::Adjourned,
                Phase::Closed => Stage::Closed,
            },
            inside: count(Attendance::Inside),
            lost: count(Attendance::Lost),
            lobby: count(Attendance::Lobby),
            invited: meeting.roster().iter().count() as u64,
            alerts: alerts.into_iter().collect(),
            deserted_at,
        }
    }

    /// What is there for somebody to act on: of a meeting that is adjourned for the night, or that everybody has left and
    /// nobody closed, neither the lost nor the alerts, which it keeps.
    #[must_use]
    pub fn watched(&self, now: Instant) -> Self {
        let watched = self.clone();
        if self.stage == Stage::Open && !is_deserted(self.deserted_at, now) {
            return watched;
        }
        Self {
            lost: 0,
            alerts: Vec::new(),
            ..watched
        }
    }

    /// How many people are where.
    pub fn people(&self) -> impl Iterator<Item = ((Whereabouts,), u64)> + use<> {
        let places = [
            (Whereabouts::Inside, self.inside),
            (Whereabouts::Lost, self.lost),
            (Whereabouts::Lobby, self.lobby),
        ];
        places.into_iter().map(|(place, count)| ((place,), count))
    }

    /// How many alerts of this level stand.
    #[must_use]
    pub fn alerts_of(&self, level: Level) -> u64 {
        let these = self.alerts.iter().filter(|((one, _), _)| *one == level);
        these.map(|(_, count)| count).sum()
    }
}

/// The overviews of the meetings that are loaded.
#[derive(Clone, Default)]
pub(super) struct Overviews(Arc<Mutex<BTreeMap<MeetingId, Overview>>>);

impl Overviews {
    pub(super) fn all(&self) -> Vec<(MeetingId, Overview)> {
        self.list().iter().map(|(id, one)| (*id, one.clone())).collect()
    }

    /// A place for a meeting's; what is posted there goes when the place does.
    pub(super) fn place(&self, meeting: MeetingId) -> Posted {
        Posted {
            overviews: self.clone(),
            meeting,
        }
    }

    fn list(&self) -> MutexGuard<'_, BTreeMap<MeetingId, Overview>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A meeting's place among the overviews.
pub(super) struct Posted {
    overviews: Overviews,
    meeting: MeetingId,
}

impl Posted {
    pub(super) fn post(&self, overview: Overview) {
        self.overviews.list().insert(self.meeting, overview);
    }
}

impl Drop for Posted {
    fn drop(&mut self) {
        self.overviews.list().remove(&self.meeting);
    }
}

#[cfg(test)]
mod tests {
    use super::Overview;
    use crate::equal_terms::{Cause, Level};
    use crate::meeting::Meeting;
    use crate::metrics::label::Stage;
    use std::time::Duration;
    use tokio::time::Instant;

    /// Lost people and red alerts that somebody is to act on.
    fn watched(stage: Stage, deserted_at: Option<Instant>, now: Instant) -> (u64, u64) {
        let one = Overview {
            stage,
            lost: 4,
            alerts: vec![((Level::Red, Cause::LinkLost), 4)],
            ..Overview::of(&Meeting::replay(&[]), deserted_at)
        };
        let watched = one.watched(now);
        (watched.lost, watched.alerts_of(Level::Red))
    }

    #[test]
    fn the_lost_count_while_the_meeting_is_in_session() {
        let now = Instant::now();
        assert_eq!(watched(Stage::Open, None, now), (4, 4));
        assert_eq!(watched(Stage::Adjourned, None, now), (0, 0));
        assert_eq!(watched(Stage::Closed, None, now), (0, 0));
    }

    #[test]
    fn a_line_that_is_cut_is_watched_and_a_meeting_that_nobody_closed_is_not() {
        let now = Instant::now();
        let soon = now + Duration::from_secs(1);
        assert_eq!(watched(Stage::Open, Some(soon), now), (4, 4));
        assert_eq!(watched(Stage::Open, Some(soon), soon), (0, 0));
    }
}
