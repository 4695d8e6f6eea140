//! Who was invited, who was there, and who served.

use super::Text;
use crate::meeting::{Attendance, Event, Meeting, ParticipantId, Role, service};
use std::collections::{BTreeMap, BTreeSet};

/// Somebody who is invited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Who.
    pub id: ParticipantId,
    /// What they are.
    pub role: Role,
    /// The party of their seat.
    pub party: Option<String>,
    /// When they were inside, and where.
    pub stays: Vec<Stay>,
}

/// A time inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stay {
    /// Where.
    pub place: Place,
    /// From when.
    pub from_ms: i64,
    /// Until when; `None`: still, when the journal ends.
    pub to_ms: Option<i64>,
}

/// Where somebody takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// By a device of their own.
    Remote,
    /// In the chamber.
    Chamber,
}

/// A time of service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Served {
    /// Who.
    pub participant: ParticipantId,
    /// Which mandate.
    pub mandate: u16,
    /// From when.
    pub from_ms: i64,
    /// Why they began.
    pub began: service::Beginning,
    /// Reasons given, at its beginning and end.
    pub reasons: Vec<Text>,
    /// Until when, and why they ended.
    pub ended: Option<(i64, service::Ending)>,
}

/// Who is there and who serves, as the events go on.
#[derive(Default)]
pub(super) struct Following {
    stays: BTreeMap<ParticipantId, Vec<Stay>>,
    pub(super) in_chamber: BTreeSet<ParticipantId>,
    service: Vec<Served>,
}

impl Following {
    /// An event, which the meeting has been told of.
    pub(super) fn take(&mut self, event: &Event, at_ms: i64, secret: bool, meeting: &Meeting, over: bool) {
        if let Event::NotedInChamber { participant, there, .. } = event {
            if *there {
                self.in_chamber.insert(*participant);
            } else {
                self.in_chamber.remove(participant);
            }
        }
        self.serve(event, secret);
        self.follow_stays(at_ms, meeting, over);
    }

    /// Who serves now.
    pub(super) fn serving(&self) -> BTreeSet<ParticipantId> {
        let serving = self.service.iter().filter(|served| served.ended.is_none());
        serving.map(|served| served.participant).collect()
    }

    /// Everybody, and everybody's service.
    pub(super) fn end(mut self, meeting: &Meeting) -> (Vec<Person>, Vec<Served>) {
        let people = meeting.roster().iter().map(|one| Person {
            id: one.id(),
            role: one.role(),
            party: one.seat().and_then(|seat| seat.party.clone()),
            stays: self.stays.remove(&one.id()).unwrap_or_default(),
        });
        (people.collect(), self.service)
    }

    fn serve(&mut self, event: &Event, secret: bool) {
        let written = |reason: &Option<String>| reason.clone().map(|text| Text { text, secret });
        match event {
            Event::ServiceBegan {
                participant,
                mandate,
                why,
                reason,
                at_ms,
                ..
            } => self.service.push(Served {
                participant: *participant,
                mandate: *mandate,
                from_ms: *at_ms,
                began: *why,
                reasons: written(reason).into_iter().collect(),
                ended: None,
            }),
            Event::ServiceEnded {
                participant,
                mandate,
                why,
                reason,
                at_ms,
                ..
            } => {
                let mut serving = self.service.iter_mut().rev().filter(|served| served.ended.is_none());
                let served = serving.find(|served| served.participant == *participant && served.mandate == *mandate);
                if let Some(served) = served {
                    served.ended = Some((*at_ms, *why));
                    served.reasons.extend(written(reason));
                }
            }
            _ => {}
        }
    }

    fn follow_stays(&mut self, at_ms: i64, meeting: &Meeting, over: bool) {
        for one in meeting.roster().iter() {
            let place = if over {
                None
            } else if self.in_chamber.contains(&one.id()) {
                Some(Place::Chamber)
            } else if one.attendance() == Attendance::Inside {
                Some(if one.role() == Role::Chamber {
                    Place::Chamber
                } else {
                    Place::Remote
                })
            } else {
                None
            };
            let stays = self.stays.entry(one.id()).or_default();
            let now = stays.last_mut().filter(|stay| stay.to_ms.is_none());
            if now.as_ref().map(|stay| stay.place) == place {
                continue;
            }
            match now {
                // Both in the same breath: they were never there.
                Some(stay) if stay.from_ms == at_ms => drop(stays.pop()),
                Some(stay) => stay.to_ms = Some(at_ms),
                None => {}
            }
            stays.extend(place.map(|place| Stay {
                place,
                from_ms: at_ms,
                to_ms: None,
            }));
        }
    }
}
