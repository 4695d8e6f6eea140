//! The floor (ordet) and the speaker list (talarlista): who speaks, who has asked to.

use super::{Event, Meeting, ParticipantId};
use crate::protocol::Refusal;
use serde::{Deserialize, Serialize};

/// How long the floor is kept for a speaker whose connection is lost, in milliseconds. The floor goes with presence, so
/// it is interrupted at once; but moving from Wi-Fi to mobile, or a restart of the server, must cost seconds and not
/// the speech. After half a minute a microphone that opens by itself would surprise its owner: then the chair gives the
/// floor anew.
pub const KEPT_MS: i64 = 30_000;

/// Who has the floor and who has asked for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Floor {
    holder: Option<ParticipantId>,
    interrupted: Option<Interrupted>,
    requests: Vec<ParticipantId>,
}

/// A speaker whose connection is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Interrupted {
    participant: ParticipantId,
    since_ms: i64,
}

/// Why somebody no longer has the floor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// The speaker ended it.
    Yielded,
    /// The chair took it back.
    TakenBack,
    /// The chair gave it to somebody else.
    GivenOn,
    /// The meeting was adjourned.
    Adjourned,
    /// The meeting was closed.
    Closed,
    /// The speaker was moved out of the meeting.
    Dismissed,
    /// An item of the agenda began or ended.
    Item,
}

/// Whoever is disqualified follows as the public may, which does not speak (requirement R24).
pub(super) fn request(meeting: &Meeting, actor: ParticipantId) -> Result<Vec<Event>, Refusal> {
    if meeting.is_disqualified(actor) {
        return Err(Refusal::Disqualified);
    }
    if meeting.requests().contains(&actor) || meeting.floor() == Some(actor) {
        return Err(Refusal::AlreadySo);
    }
    Ok(vec![Event::FloorRequested { participant: actor }])
}

pub(super) fn withdraw(meeting: &Meeting, actor: ParticipantId) -> Result<Vec<Event>, Refusal> {
    if !meeting.requests().contains(&actor) {
        return Err(Refusal::AlreadySo);
    }
    Ok(vec![Event::RequestWithdrawn { participant: actor }])
}

/// To anybody inside, whether they have asked for it or not; the chair decides the order.
pub(super) fn give(meeting: &Meeting, actor: ParticipantId, whom: ParticipantId) -> Result<Vec<Event>, Refusal> {
    meeting.roster.find(whom).ok_or(Refusal::NoSuchParticipant)?;
    if !meeting.is_inside(whom) {
        return Err(Refusal::WrongPlace);
    }
    if meeting.is_disqualified(whom) {
        return Err(Refusal::Disqualified);
    }
    if meeting.floor() == Some(whom) {
        return Err(Refusal::AlreadySo);
    }
    let mut events = Vec::new();
    if meeting.floor.held_or_kept() != Some(whom) {
        events.extend(meeting.floor.ended(Ending::GivenOn));
    }
    events.push(Event::FloorGiven {
        participant: whom,
        by: actor,
    });
    Ok(events)
}

/// The chair also ends what is kept for somebody whose connection is lost.
pub(super) fn end(meeting: &Meeting, actor: ParticipantId) -> Result<Vec<Event>, Refusal> {
    let why = if meeting.floor() == Some(actor) {
        Ending::Yielded
    } else {
        Ending::TakenBack
    };
    let events = meeting.floor.ended(why);
    if events.is_empty() {
        Err(Refusal::AlreadySo)
    } else {
        Ok(events)
    }
}

impl Floor {
    pub(super) const fn holder(&self) -> Option<ParticipantId> {
        self.holder
    }

    pub(super) fn requests(&self) -> &[ParticipantId] {
        &self.requests
    }

    /// Who has the floor, or would have it if they were connected.
    pub(super) fn held_or_kept(&self) -> Option<ParticipantId> {
        self.holder
            .or(self.interrupted.map(|interrupted| interrupted.participant))
    }

    /// Whether this speaker gets the floor back by coming back now.
    pub(super) fn is_kept_for(&self, whom: ParticipantId, now_ms: i64) -> bool {
        self.interrupted.is_some_and(|interrupted| {
            interrupted.participant == whom && now_ms.saturating_sub(interrupted.since_ms) <= KEPT_MS
        })
    }

    /// The event that ends it, if anybody has it or it is kept for somebody.
    pub(super) fn ended(&self, why: Ending) -> Vec<Event> {
        self.held_or_kept()
            .map(|participant| Event::FloorEnded { participant, why })
            .into_iter()
            .collect()
    }

    pub(super) fn forget_request(&mut self, whom: ParticipantId) {
        self.requests.retain(|&one| one != whom);
    }

    pub(super) fn apply(&mut self, event: &Event) {
        match *event {
            Event::FloorRequested { participant } => self.requests.push(participant),
            Event::RequestWithdrawn { participant } => self.forget_request(participant),
            Event::FloorGiven { participant, .. } => {
                self.forget_request(participant);
                self.hold(Some(participant));
            }
            Event::FloorReturned { participant } => self.hold(Some(participant)),
            Event::FloorEnded { .. } => self.hold(None),
            Event::ItemBegun { .. } | Event::ItemEnded { .. } => self.requests.clear(),
            Event::FloorInterrupted { participant, since_ms } => {
                self.hold(None);
                self.interrupted = Some(Interrupted { participant, since_ms });
            }
            _ => {}
        }
    }

    fn hold(&mut self, holder: Option<ParticipantId>) {
        self.holder = holder;
        self.interrupted = None;
    }
}
