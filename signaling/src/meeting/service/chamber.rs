//! Who sits in the chamber, heard and seen through its devices: without a device of their own, or with a tablet for the
//! speaker list and votes.

use super::super::{Attendance, Event, Meeting, Participant, ParticipantId, Role};
use crate::protocol::Refusal;

/// Notes who sits in the chamber. Whoever is noted there has come. A device of their own that is connected then carries
/// neither sound nor picture from there on, and nothing is measured of it.
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
    Ok(vec![Event::NotedInChamber {
        participant: whom,
        there,
        by: actor,
        with_device: there && participant.is_connected(),
    }])
}

/// They say themselves that they sit elsewhere: nobody is kept from being measured by a note about them.
pub(in crate::meeting) fn leave_chamber(meeting: &Meeting, actor: ParticipantId) -> Result<Vec<Event>, Refusal> {
    note_in_chamber(meeting, actor, actor, false)
}

impl Meeting {
    /// Whether somebody should be taking part with sound and picture of their own: inside, or inside until the connection
    /// was lost. Whoever sits in the chamber is heard and seen through its devices.
    #[must_use]
    pub fn is_measured(&self, whom: ParticipantId) -> bool {
        let expected = matches!(self.attendance(whom), Some(Attendance::Inside | Attendance::Lost));
        expected && !self.is_in_chamber(whom)
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

    /// What is cut off while somebody serves in the chamber, somebody elsewhere, and no device of the chamber is
    /// inside: neither hears or sees the other (the Luleå ruling of 2021). The chamber's device; where the
    /// roster has none, those who serve there.
    pub(in crate::meeting) fn cut_off_in_chamber(&self) -> Vec<ParticipantId> {
        let serving = self.serving();
        let (there, elsewhere): (Vec<_>, Vec<_>) = serving.into_iter().partition(|&one| self.is_in_chamber(one));
        if elsewhere.is_empty() || self.chamber_device().is_some() {
            return Vec::new();
        }
        let device = self.roster.iter().find(|one| one.role() == Role::Chamber);
        match device {
            Some(device) if !there.is_empty() => vec![device.id()],
            _ => there,
        }
    }
}

/// Whoever was noted without a device and comes in with one is measured, and no longer noted: they may be anywhere.
pub(super) fn came_with_a_device(meeting: &Meeting) -> Option<Event> {
    let mut inside = meeting.roster.at(Attendance::Inside).map(Participant::id);
    let came = inside.find(|one| meeting.service.in_chamber.get(one) == Some(&false))?;
    Some(Event::NotedInChamber {
        participant: came,
        there: false,
        by: came,
        with_device: false,
    })
}
