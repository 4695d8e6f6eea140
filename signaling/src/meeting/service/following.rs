//! What follows by itself from what has just happened: who has come serves between items, who is disqualified does not,
//! and the number of those there is watched.

use super::super::{Event, Meeting, Phase};
use super::{Beginning, chamber, disqualification, own_mandate};

/// The next consequence. `opening`: the meeting has just been opened.
pub(in crate::meeting) fn consequence(meeting: &Meeting, opening: bool, now_ms: i64) -> Option<Event> {
    let device = chamber::came_with_a_device(meeting);
    if device.is_some() || !matches!(meeting.phase, Phase::Open | Phase::Adjourned { .. }) {
        return device;
    }
    disqualification::ending(meeting, now_ms)
        .or_else(|| disqualification::returning(meeting, now_ms))
        .or_else(|| beginning(meeting, opening, now_ms))
        .or_else(|| quorum_event(meeting))
}

fn beginning(meeting: &Meeting, opening: bool, now_ms: i64) -> Option<Event> {
    if meeting.phase != Phase::Open || meeting.is_at_an_item() {
        return None;
    }
    let service = &meeting.service;
    meeting.roster.iter().find_map(|one| {
        let mandate = own_mandate(one)?;
        let free = !service.holders.contains_key(&mandate);
        let barred = service.served_out.contains_key(&one.id()) || service.interrupted.contains_key(&one.id());
        (free && !barred && meeting.is_there_to_serve(one.id())).then_some(Event::ServiceBegan {
            participant: one.id(),
            mandate,
            why: if opening {
                Beginning::Opening
            } else {
                Beginning::Arrival
            },
            by: None,
            reason: None,
            at_ms: now_ms,
        })
    })
}

fn quorum_event(meeting: &Meeting) -> Option<Event> {
    if meeting.phase != Phase::Open {
        return None;
    }
    let quorum = meeting.quorum();
    let (there, needed) = (quorum.there, quorum.needed);
    match (meeting.service.inquorate, there < needed) {
        (false, true) => Some(Event::QuorumLost { there, needed }),
        (true, false) => Some(Event::QuorumRegained { there }),
        _ => None,
    }
}
