//! Who is heard and seen by whom: one table, which the relay enforces (requirement R10).

use super::{Meeting, Participant, ParticipantId, Phase, Role};
use lika_sfu::{Audience, Circles};

/// Those who are at a secret item: a circle of their own, so that the relay forgets what it kept of it (key frames for
/// newcomers) before anybody who was not there is shown them again.
const SECRET: Option<Circles> = Circles::one(1);

/// What a participant inside is to the sound of the meeting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Voice {
    /// Has the chair's rights.
    ActingChair,
    /// Sound of the room.
    Chamber,
    /// Has the floor.
    Speaker,
    /// Is called in the roll call.
    Called,
    /// Everybody else.
    Listener,
}

/// The table.
const fn place(phase: &Phase, voice: Voice) -> Audience {
    match (phase, voice) {
        // Before the opening: people inside see each other, and the chair can speak to them and be answered by the
        // chamber; nobody's kitchen is heard while they settle.
        // The roll call is held before or after the opening, and anew after an adjournment; who is called answers (R17).
        (Phase::Planned, Voice::ActingChair | Voice::Chamber | Voice::Called) => Audience::SPEAKING,
        // In session: the microphone is off except with the floor (R10). The chair leads the meeting, and the
        // chamber's sound goes to every remote member throughout (R1).
        (Phase::Open, Voice::ActingChair | Voice::Chamber | Voice::Speaker | Voice::Called) => Audience::SPEAKING,
        // Adjourned: the chamber is closed, since remote members would overhear those who stay in it (R26); the chair
        // can still tell everybody when it goes on.
        (Phase::Adjourned { .. }, Voice::ActingChair | Voice::Called) => Audience::SPEAKING,
        // Inside with a closed microphone: seen by all and sees and hears all (R1).
        (Phase::Planned | Phase::Open | Phase::Adjourned { .. }, _) => Audience::LISTENING,
        // Over: nobody is heard or seen by anybody.
        (Phase::Closed, _) => Audience::LOBBY,
    }
}

/// The participant's place among the relay's circles. Anybody who is not inside, and anybody unknown, is in the lobby:
/// heard and seen by nobody, hearing and seeing nobody.
#[must_use]
pub fn audience(meeting: &Meeting, participant: ParticipantId) -> Audience {
    match meeting.roster.find(participant) {
        Some(one) if meeting.is_inside(participant) => {
            let open = match meeting.is_in_chamber(participant) {
                true => in_chamber(meeting, one),
                false => place(&meeting.phase, voice(meeting, one)),
            };
            SECRET
                .filter(|_| meeting.agenda.is_secret_now())
                .map_or(open, |secret| among(secret, open))
        }
        _ => Audience::LOBBY,
    }
}

/// The place of a device in the chamber: its microphone and loudspeaker would be heard there. Chair and secretary see the
/// others; for the rest there is the chamber's screen.
fn in_chamber(meeting: &Meeting, participant: &Participant) -> Audience {
    let leads = meeting.acting_chair == Some(participant.id()) || participant.role() == Role::Secretary;
    if leads && meeting.phase != Phase::Closed {
        Audience {
            sees: Circles::MEETING,
            ..Audience::LOBBY
        }
    } else {
        Audience::LOBBY
    }
}

/// The place of those who watch the programme (WHEP): a webcast's encoder, a town hall's screen. It runs while the meeting
/// is in session: not before the opening, nor in an adjournment, nor at a secret item (requirements R28, R30).
#[must_use]
pub fn programme(meeting: &Meeting) -> Audience {
    if meeting.phase == Phase::Open && !meeting.agenda.is_secret_now() {
        Audience {
            hears: Circles::MEETING,
            sees: Circles::MEETING,
            ..Audience::LOBBY
        }
    } else {
        Audience::LOBBY
    }
}

/// The same place, in a circle of its own. Whoever is there goes on seeing those whom the relay has not been told of yet.
fn among(circle: Circles, place: Audience) -> Audience {
    let sends = |to: Circles| if to == Circles::NONE { to } else { circle };
    let receives = |from: Circles| if from == Circles::NONE { from } else { from.and(circle) };
    Audience {
        sound_to: sends(place.sound_to),
        picture_to: sends(place.picture_to),
        hears: receives(place.hears),
        sees: receives(place.sees),
    }
}

fn voice(meeting: &Meeting, participant: &Participant) -> Voice {
    if meeting.acting_chair == Some(participant.id()) {
        Voice::ActingChair
    } else if meeting.called() == Some(participant.id()) {
        Voice::Called
    } else if meeting.floor() == Some(participant.id()) {
        Voice::Speaker
    } else if participant.role() == Role::Chamber {
        Voice::Chamber
    } else {
        Voice::Listener
    }
}

impl Meeting {
    /// Whether the relay lets this participant's sound through.
    #[must_use]
    pub fn microphone_open(&self, participant: ParticipantId) -> bool {
        audience(self, participant).sound_to != lika_sfu::Circles::NONE
    }

    /// Whether this participant hears and sees the meeting.
    #[must_use]
    pub fn may_hear_and_see(&self, participant: ParticipantId) -> bool {
        audience(self, participant).sees != lika_sfu::Circles::NONE
    }
}
