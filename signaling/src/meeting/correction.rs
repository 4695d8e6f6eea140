//! Corrections (requirement R31b): appended, never overwritten.

use super::phase::plain_text;
use super::{Event, Meeting, ParticipantId};
use crate::protocol::Refusal;

/// The longest correction, in characters.
pub const MAX_CORRECTION_CHARS: usize = 2000;

/// Says how an earlier event should be read. The event stays as it is.
pub(super) fn correct(meeting: &Meeting, actor: ParticipantId, event: u64, text: &str) -> Result<Vec<Event>, Refusal> {
    let text = plain_text(text, MAX_CORRECTION_CHARS)
        .ok_or(Refusal::BadText)?
        .to_owned();
    if !(1..=meeting.events()).contains(&event) {
        return Err(Refusal::NoSuchEvent);
    }
    Ok(vec![Event::Corrected { event, text, by: actor }])
}
