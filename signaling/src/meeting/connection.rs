//! Devices come and go. Somebody admitted whose connection is lost is *not present* (SKR: a broken link means that the
//! member is not there), and is inside again by themselves as soon as they are connected: the admission stands.

use super::roster::MAX_ENDPOINTS;
use super::{EndpointId, Event, Meeting, ParticipantId, Proof, identity, lobby};
use crate::protocol::Refusal;

/// A device that has shown less of who uses it neither joins nor replaces one that has shown more: a stolen invitation
/// does not drive its owner out. And those that have shown less go as it comes.
pub(super) fn connected(
    meeting: &Meeting,
    whom: ParticipantId,
    endpoint: EndpointId,
    proof: Proof,
    now_ms: i64,
) -> Result<Vec<Event>, Refusal> {
    let participant = meeting.roster.find(whom).ok_or(Refusal::NoSuchParticipant)?;
    if participant.endpoints().contains(&endpoint) {
        return Ok(Vec::new());
    }
    if participant.is_connected() && proof.rank() < participant.proof().rank() {
        return Err(Refusal::IdentityNeeded);
    }
    let mut events = vec![Event::Connected {
        participant: whom,
        endpoint,
        proof,
    }];
    let gone = |endpoint| Event::Disconnected {
        participant: whom,
        endpoint,
        at_ms: now_ms,
    };
    let weaker: Vec<_> = participant.weaker_than(proof, endpoint).collect();
    if weaker.is_empty() && participant.endpoints().len() >= MAX_ENDPOINTS {
        events.extend(participant.endpoints().first().copied().map(gone));
    }
    events.extend(weaker.into_iter().map(gone));
    if lobby::enters_unasked(participant) {
        events.push(Event::Admitted {
            participant: whom,
            by: whom,
        });
    }
    let may_be_there = identity::Place::now(meeting)
        .obstacle(&participant.with(endpoint, proof))
        .is_none();
    if may_be_there && meeting.floor.is_kept_for(whom, now_ms) {
        events.push(Event::FloorReturned { participant: whom });
    }
    Ok(events)
}

pub(super) fn disconnected(
    meeting: &Meeting,
    whom: ParticipantId,
    endpoint: EndpointId,
    now_ms: i64,
) -> Result<Vec<Event>, Refusal> {
    let participant = meeting.roster.find(whom).ok_or(Refusal::NoSuchParticipant)?;
    if !participant.endpoints().contains(&endpoint) {
        return Ok(Vec::new());
    }
    let mut events = Vec::new();
    if participant.endpoints().len() == 1 && meeting.floor() == Some(whom) {
        events.push(Event::FloorInterrupted {
            participant: whom,
            since_ms: now_ms,
        });
    }
    events.push(Event::Disconnected {
        participant: whom,
        endpoint,
        at_ms: now_ms,
    });
    Ok(events)
}

/// A restart that nobody was there to notice is no event of the meeting.
pub(super) fn server_restarted(meeting: &Meeting, now_ms: i64) -> Vec<Event> {
    let somebody_was_there = meeting.roster.iter().any(super::Participant::is_connected);
    if !somebody_was_there && !meeting.alerts.any_measured() {
        return Vec::new();
    }
    let speaker = meeting.floor();
    let interrupted = speaker.map(|participant| Event::FloorInterrupted {
        participant,
        since_ms: now_ms,
    });
    interrupted.into_iter().chain([Event::ServerRestarted {}]).collect()
}
