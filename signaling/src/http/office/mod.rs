//! The secretary's office (kansli): what is done with meetings from outside them while the server runs, whoever asks: a
//! program by the API, or a person on the secretary's page.

mod convening;
mod invitations;
mod meetings;
mod reading;
mod records;
mod sending;

pub(super) use convening::{Asked, Outcome};
pub(super) use invitations::Invited;
pub(super) use meetings::{Full, Line, Page, Summary};
pub(super) use reading::MAX_READINGS;
pub(super) use records::MAX_RECORDS;

use crate::convene::ConveneError;
use crate::journal::JournalError;
use crate::keeper::NoAnswer;
use lika_auth::StoreError;

/// Why something is not done.
#[derive(Debug)]
pub(super) enum Refused {
    NoSuchMeeting,
    NoSuchParticipant,
    /// It is not known when the meeting is.
    NoTime,
    /// A text of a secret item cannot be left out of the chain.
    CannotWithhold,
    /// As many records as may be are being written.
    Busy,
    /// The request is being carried out already.
    Underway,
    /// Its key was another request's.
    OtherRequest,
    /// The meeting cannot be as it is described.
    Meeting(ConveneError),
    /// The data directory; the log says more.
    Unavailable,
}

impl From<JournalError> for Refused {
    fn from(error: JournalError) -> Self {
        match error {
            JournalError::NoSuchMeeting(_) => Self::NoSuchMeeting,
            JournalError::CannotWithhold { .. } => Self::CannotWithhold,
            other => unavailable(&other),
        }
    }
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        unavailable(&error)
    }
}

impl From<NoAnswer> for Refused {
    fn from(error: NoAnswer) -> Self {
        unavailable(&error)
    }
}

impl From<ConveneError> for Refused {
    fn from(error: ConveneError) -> Self {
        match error {
            ConveneError::Journal(error) => error.into(),
            ConveneError::Store(error) => error.into(),
            ConveneError::NoAnswer(error) => error.into(),
            ConveneError::Roster { .. }
            | ConveneError::Nameless(_)
            | ConveneError::NoMandateLeft(_)
            | ConveneError::Identity { .. }
            | ConveneError::Occasion(_)
            | ConveneError::Plan(_) => Self::Meeting(error),
        }
    }
}

fn unavailable(error: &dyn std::error::Error) -> Refused {
    tracing::error!(%error, "the data directory could not be used");
    Refused::Unavailable
}
