//! Which meetings are in session, as far as a watcher is concerned. A meeting that is adjourned for the night, or that
//! everybody has left and nobody closed, keeps its lost and its alerts; nobody can help there.

use super::label::Stage;
use crate::conference::Overview;
use crate::meeting::MeetingId;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// After everybody has gone at the same time, as when the line is cut, a meeting is in session for so long.
const AFTERWARDS: Duration = Duration::from_secs(10 * 60);

/// When somebody was last seen inside, of each meeting that is loaded.
#[derive(Default)]
pub(super) struct Presence {
    last_inside: BTreeMap<MeetingId, Instant>,
}

impl Presence {
    /// What is asked for at this moment: of those of the meetings that are not in session neither lost nor alerts.
    pub(super) fn as_watched(&mut self, meetings: &[(MeetingId, Overview)], now: Instant) -> Vec<Overview> {
        self.last_inside
            .retain(|id, _| meetings.iter().any(|(one, _)| one == id));
        meetings
            .iter()
            .map(|(id, one)| self.one_as_watched(*id, one, now))
            .collect()
    }

    fn one_as_watched(&mut self, id: MeetingId, one: &Overview, now: Instant) -> Overview {
        if one.inside > 0 {
            self.last_inside.insert(id, now);
        }
        let last_inside = self.last_inside.get(&id);
        let somebody_is_there = last_inside.is_some_and(|last| now.saturating_duration_since(*last) <= AFTERWARDS);
        let watched = one.clone();
        if one.stage == Stage::Open && somebody_is_there {
            return watched;
        }
        Overview {
            lost: 0,
            alerts: Vec::new(),
            ..watched
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{AFTERWARDS, Presence};
    use crate::conference::Overview;
    use crate::equal_terms::{Cause, Level};
    use crate::meeting::{Meeting, MeetingId};
    use crate::metrics::label::Stage;
    use std::time::{Duration, Instant};

    const SECOND: Duration = Duration::from_secs(1);

    fn meeting(stage: Stage, inside: u64, lost: u64) -> Overview {
        Overview {
            stage,
            inside,
            lost,
            alerts: vec![((Level::Red, Cause::LinkLost), lost)],
            ..Overview::of(&Meeting::replay(&[]))
        }
    }

    /// Lost people and alerts as they are watched.
    fn watched(presence: &mut Presence, one: Overview, now: Instant) -> (u64, u64) {
        let found = presence.as_watched(&[(MeetingId(1), one)], now);
        (found[0].lost, found[0].alerts_of(Level::Red))
    }

    #[test]
    fn the_lost_count_while_the_meeting_is_in_session() {
        let (mut presence, now) = (Presence::default(), Instant::now());
        assert_eq!(watched(&mut presence, meeting(Stage::Open, 3, 4), now), (4, 4));
        assert_eq!(watched(&mut presence, meeting(Stage::Adjourned, 3, 4), now), (0, 0));
        assert_eq!(watched(&mut presence, meeting(Stage::Closed, 3, 4), now), (0, 0));
    }

    #[test]
    fn a_line_that_is_cut_is_watched_and_a_meeting_that_nobody_closed_is_not() {
        let (mut presence, now) = (Presence::default(), Instant::now());
        assert_eq!(
            watched(&mut presence, meeting(Stage::Open, 0, 7), now),
            (0, 0),
            "nobody seen yet"
        );
        watched(&mut presence, meeting(Stage::Open, 7, 0), now);
        let empty = || meeting(Stage::Open, 0, 7);
        assert_eq!(watched(&mut presence, empty(), now + AFTERWARDS), (7, 7));
        assert_eq!(watched(&mut presence, empty(), now + AFTERWARDS + SECOND), (0, 0));
        presence.as_watched(&[], now);
        assert!(presence.last_inside.is_empty(), "what is not loaded is forgotten");
    }
}
