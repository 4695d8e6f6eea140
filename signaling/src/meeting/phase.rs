//! Opening, adjourning, resuming and closing.

use super::{Event, Meeting, ParticipantId, floor, vote};
use crate::protocol::Refusal;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The longest reason for an adjournment, in characters: a few sentences of the minutes.
pub const MAX_REASON_CHARS: usize = 500;

/// Where the meeting stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "phase", rename_all = "snake_case")]
pub enum Phase {
    /// Not opened yet; the lobby fills.
    #[default]
    Planned,
    /// In session.
    Open,
    /// Adjourned (ajournerat).
    Adjourned {
        /// The chair's reason.
        reason: String,
        /// Since when, in milliseconds since 1970-01-01 UTC.
        #[ts(type = "number")]
        since_ms: i64,
    },
    /// Over.
    Closed,
}

pub(super) fn open(actor: ParticipantId) -> Result<Vec<Event>, Refusal> {
    Ok(vec![Event::Opened { by: actor }])
}

/// The floor ends with the adjournment; the speaker list stays for the resumption.
pub(super) fn adjourn(
    meeting: &Meeting,
    actor: ParticipantId,
    reason: &str,
    now_ms: i64,
) -> Result<Vec<Event>, Refusal> {
    let reason = plain_text(reason, MAX_REASON_CHARS).ok_or(Refusal::BadText)?.to_owned();
    let mut events = meeting.floor.ended(floor::Ending::Adjourned);
    events.push(Event::Adjourned {
        by: actor,
        reason,
        since_ms: now_ms,
    });
    Ok(events)
}

pub(super) fn resume(actor: ParticipantId) -> Result<Vec<Event>, Refusal> {
    Ok(vec![Event::Resumed { by: actor }])
}

/// What is left is dealt with another day (requirement R6).
pub(super) fn postpone(meeting: &Meeting, actor: ParticipantId, reason: &str) -> Result<Vec<Event>, Refusal> {
    let reason = plain_text(reason, MAX_REASON_CHARS).ok_or(Refusal::BadText)?.to_owned();
    let postponed = Event::Postponed { by: actor, reason };
    Ok([vec![postponed], close(meeting, actor)?].concat())
}

pub(super) fn close(meeting: &Meeting, actor: ParticipantId) -> Result<Vec<Event>, Refusal> {
    let mut events = vote::broken_off(meeting, None);
    events.extend(meeting.floor.ended(floor::Ending::Closed));
    events.push(Event::Closed { by: actor });
    Ok(events)
}

/// The text without space around it; `None` if it is then empty, longer than `max_chars`, or has control characters
/// other than line breaks.
pub(super) fn plain_text(text: &str, max_chars: usize) -> Option<&str> {
    let text = text.trim();
    let fits = !text.is_empty() && text.chars().take(max_chars + 1).count() <= max_chars;
    let plain = !text.chars().any(|c| c.is_control() && c != '\n');
    (fits && plain).then_some(text)
}
