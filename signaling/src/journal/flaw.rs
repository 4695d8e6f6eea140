//! What is wrong in a journal or an export, and where: the first thing that is.

use crate::meeting::MeetingId;
use std::fmt;
use thiserror::Error;

/// The first bad thing found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub struct Flawed {
    /// Of which meeting.
    pub meeting: MeetingId,
    /// Where.
    pub place: Place,
    /// What is wrong.
    pub flaw: Flaw,
}

/// One thing in a journal; all are numbered from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// An installation's signing key.
    Key(u64),
    /// An event.
    Event(u64),
    /// A checkpoint.
    Checkpoint(u64),
    /// A line of the samples.
    Sample(u64),
    /// The last line of an export.
    End,
}

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// Its text, time or hash is not as written.
    Changed,
    /// Another is in its place: it was taken out, moved or written twice.
    NotThere {
        /// The number of the one that is there.
        found: u64,
    },
    /// It is whole, but was written after another than the one before it here.
    WrongPrevious,
    /// It and those after it are gone: the record ends too early.
    CutOff {
        /// How many there should be.
        said: u64,
    },
    /// The record says of itself that it ends elsewhere.
    WrongEnd {
        /// How many it says there are.
        said: u64,
    },
    /// It is not written as the journal writes.
    Unreadable,
    /// The file's compression is broken off or damaged here.
    Torn,
    /// It is not there: the file is cut off before it.
    Missing,
    /// It stands where nothing of its kind may stand.
    OutOfPlace,
    /// Nothing signs it.
    Unsigned,
    /// The signature is not of this content by this key.
    BadSignature,
    /// The key is not one of those that are trusted.
    UnknownKey,
    /// An older key signed after a newer had.
    OldKey,
    /// It signs another event than the one it stands after.
    WrongHead,
    /// It has another hash than an event says that it had.
    NotAsMarked {
        /// The number of the event.
        event: u64,
    },
    /// It signs another content than what stands before it.
    WrongContent,
    /// Something stands after it.
    NotLast,
}

impl Flaw {
    pub(super) const fn at(self, meeting: MeetingId, place: Place) -> Flawed {
        Flawed {
            meeting,
            place,
            flaw: self,
        }
    }

    fn swedish(self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed => f.write_str("innehåll, tid eller kontrollsumma har ändrats."),
            Self::NotThere { found } => write!(f, "saknas eller är flyttad; på dess plats står nummer {found}."),
            Self::WrongPrevious => f.write_str("bygger på en annan än den som står före."),
            Self::CutOff { said } => write!(f, "saknas; det ska finnas {said}, men journalen slutar före denna."),
            Self::WrongEnd { said } => write!(f, "är den sista, men journalen uppger ett annat slut ({said})."),
            Self::Unreadable => f.write_str("går inte att läsa som en rad i en journal."),
            Self::Torn => f.write_str("går inte att läsa; den komprimerade filen är avhuggen eller skadad."),
            Self::Missing => f.write_str("saknas; filen är avhuggen."),
            Self::OutOfPlace => f.write_str("står där något annat skulle stå."),
            Self::Unsigned => f.write_str("är inte undertecknad."),
            Self::BadSignature => {
                f.write_str("underskriften stämmer inte: innehållet är ändrat eller signerat av någon annan.")
            }
            Self::UnknownKey => f.write_str("är undertecknad med en nyckel som inte är betrodd."),
            Self::OldKey => f.write_str("är undertecknad med en äldre nyckel fast en nyare hade tagits i bruk."),
            Self::WrongHead => f.write_str("undertecknar en annan händelse än den som står före."),
            Self::NotAsMarked { event } => write!(f, "är en annan än den som händelse {event} uppger."),
            Self::WrongContent => {
                f.write_str("undertecknar ett annat innehåll: något före den har ändrats, flyttats eller bytts.")
            }
            Self::NotLast => f.write_str("är inte sist; något har lagts till efter den."),
        }
    }

    fn english(self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed => f.write_str("its text, time or hash has been changed."),
            Self::NotThere { found } => write!(f, "is missing or moved; number {found} is in its place."),
            Self::WrongPrevious => f.write_str("builds on another than the one before it."),
            Self::CutOff { said } => write!(f, "is missing; there should be {said}, but the journal ends before it."),
            Self::WrongEnd { said } => write!(f, "is the last, but the journal names another end ({said})."),
            Self::Unreadable => f.write_str("cannot be read as a line of a journal."),
            Self::Torn => f.write_str("cannot be read; the compressed file is broken off or damaged."),
            Self::Missing => f.write_str("is missing; the file is cut off."),
            Self::OutOfPlace => f.write_str("stands where something else should."),
            Self::Unsigned => f.write_str("is not signed."),
            Self::BadSignature => {
                f.write_str("the signature does not hold: the content was changed, or signed by somebody else.")
            }
            Self::UnknownKey => f.write_str("is signed with a key that is not trusted."),
            Self::OldKey => f.write_str("is signed with an older key although a newer was in use."),
            Self::WrongHead => f.write_str("signs another event than the one before it."),
            Self::NotAsMarked { event } => write!(f, "is another than event {event} says."),
            Self::WrongContent => {
                f.write_str("signs another content: something before it was changed, moved or exchanged.")
            }
            Self::NotLast => f.write_str("is not the last; something was added after it."),
        }
    }
}

impl fmt::Display for Flawed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let MeetingId(meeting) = self.meeting;
        let ((sv, en), number) = match self.place {
            Place::Key(number) => (("nyckel", "key"), Some(number)),
            Place::Event(number) => (("händelse", "event"), Some(number)),
            Place::Checkpoint(number) => (("kontrollpunkt", "checkpoint"), Some(number)),
            Place::Sample(number) => (("mätrad", "sample line"), Some(number)),
            Place::End => (("slutraden", "the closing line"), None),
        };
        let number = number.map(|number| format!(" {number}")).unwrap_or_default();
        write!(f, "Sammanträde {meeting}, {sv}{number}: ")?;
        self.flaw.swedish(f)?;
        write!(f, "\nMeeting {meeting}, {en}{number}: ")?;
        self.flaw.english(f)
    }
}
