//! The chair's page: the view as the page keeps it, changed by what the server says.

use lika::equal_terms::Level;
use lika::meeting::{Attendance, ParticipantId};
use lika::protocol::{Change, MeetingView, ParticipantView, QualityView, ServerMessage};

/// What the chair sees.
#[derive(Debug, Default)]
pub(super) struct Page {
    /// The meeting; `None`: the page is not in yet.
    pub(super) view: Option<MeetingView>,
    /// The newest second's verdicts, and its time on the server's clock.
    pub(super) quality: Option<(i64, Vec<QualityView>)>,
}

impl Page {
    /// A page that shows this.
    #[cfg(test)]
    pub(super) fn seeing(view: MeetingView) -> Self {
        Self {
            view: Some(view),
            ..Self::default()
        }
    }

    /// Takes in what the server said. Returns whether it was a second's verdicts.
    pub(super) fn hear(&mut self, message: ServerMessage) -> bool {
        match message {
            // A page that missed an event connects anew by itself, and is welcomed with everything.
            ServerMessage::Welcome { meeting, .. } => self.view = Some(*meeting),
            ServerMessage::Event { change, .. } => {
                if let Some(view) = &mut self.view {
                    apply(view, change);
                }
            }
            ServerMessage::Quality {
                at_ms, participants, ..
            } => {
                self.quality = Some((at_ms, participants));
                return true;
            }
            _ => {}
        }
        false
    }

    pub(super) fn participant(&self, who: ParticipantId) -> Option<&ParticipantView> {
        let view = self.view.as_ref()?;
        view.participants.iter().find(|one| one.id == who)
    }

    /// Whether somebody is in the meeting and connected.
    pub(super) fn is_inside(&self, who: ParticipantId) -> bool {
        self.participant(who)
            .is_some_and(|one| one.attendance == Attendance::Inside)
    }

    /// How many are in this place.
    pub(super) fn count(&self, place: Attendance) -> usize {
        let view = self.view.iter().flat_map(|view| &view.participants);
        view.filter(|one| one.attendance == place).count()
    }

    /// Whether a red alert about the relay stands.
    pub(super) fn relay_is_red(&self) -> bool {
        let mut alerts = self.view.iter().flat_map(|view| &view.alerts);
        alerts.any(|alert| alert.about.is_none() && alert.level == Level::Red)
    }

    /// Whether something keeps the gavel from falling.
    pub(super) fn is_broken(&self) -> bool {
        self.view
            .as_ref()
            .is_some_and(|view| !view.procedure.breaches.is_empty())
    }
}

fn apply(view: &mut MeetingView, change: Change) {
    match change {
        Change::Phase { phase } => view.phase = phase,
        Change::Item { item, items } => (view.item, view.items) = (item, items),
        Change::Participant { participant } => {
            replace(&mut view.participants, participant, |one| one.id);
        }
        Change::ParticipantGone { participant } => view.participants.retain(|one| one.id != participant),
        Change::Floor {
            floor,
            requests,
            acting_chair,
        } => {
            (view.floor, view.requests, view.acting_chair) = (floor, requests, acting_chair);
        }
        Change::Alert { alert } => replace(&mut view.alerts, alert, |one| one.id),
        Change::AlertCleared { alert } => view.alerts.retain(|one| one.id != alert),
        Change::Service {
            quorum,
            clocks,
            proposals,
        } => {
            (view.quorum, view.clocks, view.proposals) = (quorum, clocks, proposals);
        }
        Change::Procedure { procedure, decisions } => (view.procedure, view.decisions) = (*procedure, decisions),
        Change::RollCall { roll_call, shown } => (view.roll_call, view.shown) = (roll_call, shown),
    }
}

/// Replaces by number, or inserts in the order of numbers.
fn replace<T, K: Ord>(list: &mut Vec<T>, new: T, key: impl Fn(&T) -> K) {
    match list.binary_search_by_key(&key(&new), &key) {
        Ok(at) => list[at] = new,
        Err(at) => list.insert(at, new),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lika::meeting::Phase;

    #[test]
    fn changes_are_replaced_by_number_or_put_in_their_order() {
        let mut list = vec![(1, 'a'), (3, 'c')];
        replace(&mut list, (2, 'b'), |one| one.0);
        replace(&mut list, (3, 'd'), |one| one.0);
        assert_eq!(list, [(1, 'a'), (2, 'b'), (3, 'd')]);
    }

    #[test]
    fn nothing_is_seen_before_the_page_is_in() {
        let mut page = Page::default();
        let event = |phase| ServerMessage::Event {
            seq: 1,
            change: Change::Phase { phase },
        };
        assert!(!page.hear(event(Phase::Open)));
        assert!(page.view.is_none() && !page.is_broken() && !page.relay_is_red());
        page.view = Some(MeetingView::default());
        page.hear(event(Phase::Open));
        assert_eq!(page.view.as_ref().unwrap().phase, Phase::Open);
    }
}
