//! Who sits in the chamber without a device of their own.

use super::super::{Attendance, Event, Meeting, Participant, ParticipantId, Role};
use crate::protocol::Refusal;

/// Notes where somebody is who has no device of their own. Whoever is noted there has come. Nobody who has a device
/// connected is: what is measured of it would no longer count.
pub(in crate::meeting) fn note_in_chamber(
    meeting: &Meeting,
    actor: ParticipantId,
    whom: ParticipantId,
    there: bool,
) -> Result<Vec<Event>, Refusal> {
    let participant = meeting.roster.find(whom).ok_or(Refusal::NoSuchParticipant)?;
    if participant.role() == Role::Chamber || participant.attendance() == Attendance::Dismissed {
        return Err(Refusal::WrongPlace);
    }
    if meeting.is_in_chamber(whom) == there {
        return Err(Refusal::AlreadySo);
    }
    if there && participant.is_connected() {
        return Err(Refusal::HasDevice);
    }
    Ok(vec![Event::NotedInChamber {
        participant: whom,
        there,
        by: actor,
    }])
}

impl Meeting {
    /// Whether somebody should be taking part with a device: inside, or inside until the connection was lost. Whoever sits
    /// in the chamber without one is heard and seen through the chamber's.
    #[must_use]
    pub fn is_measured(&self, whom: ParticipantId) -> bool {
        match self.attendance(whom) {
            Some(Attendance::Inside) => true,
            Some(Attendance::Lost) => !self.is_in_chamber(whom),
            _ => false,
        }
    }
}

impl Meeting {
    /// The device through which those in the chamber are heard and seen: one that is inside.
    #[must_use]
    pub fn chamber_device(&self) -> Option<ParticipantId> {
        let mut inside = self.roster.at(Attendance::Inside);
        let device = inside.find(|one| one.role() == Role::Chamber);
        device.map(Participant::id)
    }

    /// What is cut off while somebody serves in the chamber, somebody with a device of their own, and no device of the
    /// chamber is inside: neither hears or sees the other (the Luleå ruling of 2021). The chamber's device; where the
    /// roster has none, those who serve there.
    pub(in crate::meeting) fn cut_off_in_chamber(&self) -> Vec<ParticipantId> {
        let serving = self.serving();
        let with_device = serving.iter().any(|&one| self.is_inside(one));
        if !with_device || self.chamber_device().is_some() {
            return Vec::new();
        }
        let there: Vec<_> = serving
            .into_iter()
            .filter(|&one| self.is_in_chamber(one) && !self.is_inside(one))
            .collect();
        let device = self.roster.iter().find(|one| one.role() == Role::Chamber);
        match device {
            Some(device) if !there.is_empty() => vec![device.id()],
            _ => there,
        }
    }
}

/// Whoever comes in with a device is measured, and no longer noted.
pub(super) fn came_with_a_device(meeting: &Meeting) -> Option<Event> {
    let mut inside = meeting.roster.at(Attendance::Inside).map(Participant::id);
    let came = inside.find(|&one| meeting.is_in_chamber(one))?;
    Some(Event::NotedInChamber {
        participant: came,
        there: false,
        by: came,
    })
}
