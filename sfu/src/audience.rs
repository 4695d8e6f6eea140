//! Who may be heard and seen by whom: enforced by the relay, decided elsewhere.

/// A set of circles. A circle is a group of people who share sound or picture: the meeting itself, a party's room, an
/// item's inner circle. A room has at most 64 of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Circles(u64);

impl Circles {
    /// Nobody.
    pub const NONE: Self = Self(0);

    /// The circle numbered `index`; `None` from 64 on.
    #[must_use]
    pub const fn one(index: u8) -> Option<Self> {
        if index < 64 { Some(Self(1 << index)) } else { None }
    }

    /// Circle 0: the meeting.
    pub const MEETING: Self = Self(1);

    /// Everyone who is in either set.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether the two sets share a circle.
    #[must_use]
    pub const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

/// One peer's place among the circles. Sound goes from `s` to `r` exactly when `s.sound_to` meets `r.hears`, picture
/// when `s.picture_to` meets `r.sees`. A closed microphone has `sound_to` = `Circles::NONE`; its packets are measured
/// and withheld.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Audience {
    /// The circles that may hear this peer.
    pub sound_to: Circles,
    /// The circles that may see this peer.
    pub picture_to: Circles,
    /// The circles this peer may hear.
    pub hears: Circles,
    /// The circles this peer may see.
    pub sees: Circles,
}

impl Audience {
    /// In the lobby: connected and measured, heard and seen by nobody, hearing and seeing nobody.
    pub const LOBBY: Self = Self {
        sound_to: Circles::NONE,
        picture_to: Circles::NONE,
        hears: Circles::NONE,
        sees: Circles::NONE,
    };

    /// In the meeting with a closed microphone.
    pub const LISTENING: Self = Self {
        sound_to: Circles::NONE,
        picture_to: Circles::MEETING,
        hears: Circles::MEETING,
        sees: Circles::MEETING,
    };

    /// In the meeting with an open microphone.
    pub const SPEAKING: Self = Self {
        sound_to: Circles::MEETING,
        ..Self::LISTENING
    };
}
