//! Who has proved who they are, how well, and whom that keeps out (requirements R28, R15).
//!
//! What is proved belongs to the device on which it was proved, not to the name: somebody else's device with the same
//! person's invitation proves nothing. A person with several devices has proved what the weakest of them has.

use super::item::{Item, ItemId};
use super::{Attendance, EndpointId, Event, Meeting, Participant, ParticipantId, Role, lobby, pause};
use crate::protocol::Refusal;
use lika_auth::{Assurance, Session};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// For how long a login is fresh enough for an item of its own level, unless the notice says otherwise: a meeting day.
pub const FRESH_WITHIN_MS: i64 = 12 * 60 * 60 * 1000;

/// What a device has shown of who uses it. The order is from worst to best.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Proof {
    /// The identity shown is not the one that the roster has for this person.
    Mismatched {
        /// When, in milliseconds since 1970-01-01 UTC.
        at_ms: i64,
    },
    /// The personal invitation alone.
    #[default]
    Invited,
    /// A login whose identity is the roster's.
    Proven {
        /// How well.
        assurance: Assurance,
        /// When the person proved it, in milliseconds since 1970-01-01 UTC.
        at_ms: i64,
    },
}

impl Proof {
    /// How sure we are.
    #[must_use]
    pub const fn assurance(self) -> Assurance {
        match self {
            Self::Mismatched { .. } | Self::Invited => Assurance::Open,
            Self::Proven { assurance, .. } => assurance,
        }
    }

    /// Worse than, as good as or better than an invitation, and how much: the time does not count.
    pub(super) fn rank(self) -> Option<Assurance> {
        (!matches!(self, Self::Mismatched { .. })).then(|| self.assurance())
    }
}

impl From<&Session> for Proof {
    fn from(session: &Session) -> Self {
        match session.authenticated_ms {
            Some(at_ms) if session.mismatched => Self::Mismatched { at_ms },
            Some(at_ms) => Self::Proven {
                assurance: session.assurance,
                at_ms,
            },
            None => Self::Invited,
        }
    }
}

/// What keeps somebody who has been admitted out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "obstacle", rename_all = "snake_case")]
pub enum Obstacle {
    /// The identity shown is another's.
    Mismatched {},
    /// Does not take part in the item being dealt with (jäv).
    Disqualified {},
    /// Invited to another item than the one being dealt with.
    OtherItem {},
    /// A login of at least this level is needed.
    Level {
        /// Which.
        needs: Assurance,
    },
    /// The login is too old: a new one of at least this level is needed.
    Stale {
        /// Which.
        needs: Assurance,
    },
}

/// What must be shown to be there now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    item: Option<ItemId>,
    needs: Assurance,
    /// No login older than this; `None`: none is too old.
    not_before_ms: Option<i64>,
    /// Whether somebody disqualified may stay and follow as the public may.
    public: bool,
}

impl Place {
    /// Between two items.
    pub(super) const fn of_meeting(meeting: &Meeting) -> Self {
        Self {
            item: None,
            needs: meeting.requires,
            not_before_ms: None,
            public: true,
        }
    }

    /// At an item that begins, or began, at `since_ms`: freshness is asked at its beginning, so that no clock moves
    /// anybody out in the middle of it.
    pub(super) fn of_item(meeting: &Meeting, id: ItemId, item: &Item, since_ms: i64) -> Self {
        let own_level = item.requires > Assurance::Open;
        Self {
            item: Some(id),
            needs: meeting.requires.max(item.requires),
            not_before_ms: own_level.then(|| since_ms.saturating_sub(meeting.fresh_within_ms)),
            public: meeting.rulebook.council && !item.secret,
        }
    }

    /// Where the meeting is.
    pub(super) fn now(meeting: &Meeting) -> Self {
        let current = meeting.agenda.current();
        match current.and_then(|current| Some((current, meeting.agenda.find(current.item)?))) {
            Some((current, item)) => Self::of_item(meeting, current.item, item, current.since_ms),
            None => Self::of_meeting(meeting),
        }
    }

    /// What keeps this participant out. A device of the chamber is no person: whoever is in the room is the chair's to
    /// see.
    pub(super) fn obstacle(&self, participant: &Participant) -> Option<Obstacle> {
        let vouched = self.item.is_some() && participant.vouched_for() == self.item;
        let disqualified = self.item.is_some_and(|item| participant.is_disqualified_from(item));
        if disqualified && !self.public {
            return Some(Obstacle::Disqualified {});
        }
        if participant.role() == Role::Chamber || vouched {
            return None;
        }
        if participant.only_item().is_some_and(|item| self.item != Some(item)) {
            return Some(Obstacle::OtherItem {});
        }
        // The devices of a person may have shown it at different times.
        participant.proofs().iter().find_map(|&proof| self.obstacle_of(proof))
    }

    fn obstacle_of(&self, proof: Proof) -> Option<Obstacle> {
        let needs = self.needs;
        match proof {
            Proof::Mismatched { .. } => Some(Obstacle::Mismatched {}),
            proof if proof.assurance() < needs => Some(Obstacle::Level { needs }),
            Proof::Proven { at_ms, .. } if self.not_before_ms.is_some_and(|earliest| at_ms < earliest) => {
                Some(Obstacle::Stale { needs })
            }
            Proof::Proven { .. } | Proof::Invited => None,
        }
    }
}

impl Meeting {
    /// Whether somebody disqualified at what is dealt with now may stay, as the public may.
    pub(super) fn disqualified_may_stay(&self) -> bool {
        Place::now(self).public
    }
}

/// A device has shown who uses it. The person who left for it (step-up) is back. Of a person's devices those that have
/// shown less than another go: somebody beside them with their link neither keeps them out nor stays.
pub(super) fn shown(
    meeting: &Meeting,
    whom: ParticipantId,
    endpoint: EndpointId,
    proof: Proof,
    now_ms: i64,
) -> Result<Vec<Event>, Refusal> {
    let participant = meeting.roster.find(whom).ok_or(Refusal::NoSuchParticipant)?;
    let mut events = Vec::new();
    match participant.proof_of(endpoint) {
        Some(before) if before != proof => {
            let gone = |endpoint| Event::Disconnected {
                participant: whom,
                endpoint,
                at_ms: now_ms,
            };
            let is_weaker = participant.is_weaker_elsewhere(proof, endpoint);
            let mismatched = matches!(proof, Proof::Mismatched { .. });
            if mismatched && !is_weaker && participant.attendance() == Attendance::Inside {
                events.extend(lobby::leave_taking(meeting, whom));
            }
            events.push(Event::IdentityShown {
                participant: whom,
                endpoint,
                proof,
            });
            if is_weaker {
                events.push(gone(endpoint));
            }
            events.extend(participant.weaker_than(proof, endpoint).map(gone));
        }
        // The same again, or a device that has gone meanwhile.
        _ => {}
    }
    if participant.pause() == Some(pause::Reason::Identify) {
        events.push(Event::PauseEnded { participant: whom });
    }
    Ok(events)
}

/// The chair vouches for somebody without a sufficient login, whose face they know, for the item being dealt with.
pub(super) fn vouch(meeting: &Meeting, actor: ParticipantId, whom: ParticipantId) -> Result<Vec<Event>, Refusal> {
    let participant = meeting.roster.find(whom).ok_or(Refusal::NoSuchParticipant)?;
    let item = meeting.agenda.current().ok_or(Refusal::NoSuchItem)?.item;
    if whom == actor {
        return Err(Refusal::NotAllowed);
    }
    match participant.obstacle() {
        None => return Err(Refusal::AlreadySo),
        // The chair knows the face of whom the roster has, and somebody else has logged in.
        Some(Obstacle::Mismatched {}) => return Err(Refusal::IdentityNeeded),
        Some(Obstacle::OtherItem {}) => return Err(Refusal::WrongPlace),
        Some(Obstacle::Disqualified {}) => return Err(Refusal::Disqualified),
        Some(Obstacle::Level { .. } | Obstacle::Stale { .. }) => {}
    }
    Ok(vec![Event::Vouched {
        participant: whom,
        item,
        by: actor,
    }])
}
