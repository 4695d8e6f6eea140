//! A declared pause (requirement R25): somebody is away for a moment without having left, and is not alarmed about.

use super::{Event, Meeting, ParticipantId, Step, floor};
use crate::protocol::Refusal;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What somebody is away for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(rename = "PauseReason")]
pub enum Reason {
    /// Proves who they are in another tab or app, which on a tablet stops camera and microphone.
    Identify,
    /// A short pause.
    Short,
}

/// Whoever has the floor gives it back with it.
pub(super) fn begin(
    meeting: &Meeting,
    actor: ParticipantId,
    reason: Reason,
    now_ms: i64,
) -> Result<Vec<Event>, Refusal> {
    let participant = meeting.roster.find(actor).ok_or(Refusal::NoSuchParticipant)?;
    if participant.pause().is_some() {
        return Err(Refusal::AlreadySo);
    }
    // R25: not during a decision.
    if reason == Reason::Short && meeting.step() != Step::Deliberation && meeting.serves(actor).is_some() {
        return Err(Refusal::OutOfStep);
    }
    let mut events = Vec::new();
    if meeting.floor() == Some(actor) {
        events.extend(meeting.floor.ended(floor::Ending::Yielded));
    }
    events.push(Event::PauseBegan {
        participant: actor,
        reason,
        since_ms: now_ms,
    });
    Ok(events)
}

/// One's own; the chair ends anybody's, so that nobody's absence holds the meeting up.
pub(super) fn end(meeting: &Meeting, actor: ParticipantId, whom: ParticipantId) -> Result<Vec<Event>, Refusal> {
    let participant = meeting.roster.find(whom).ok_or(Refusal::NoSuchParticipant)?;
    if whom != actor && meeting.acting_chair != Some(actor) {
        return Err(Refusal::NotAllowed);
    }
    if participant.pause().is_none() {
        return Err(Refusal::AlreadySo);
    }
    Ok(vec![Event::PauseEnded { participant: whom }])
}
