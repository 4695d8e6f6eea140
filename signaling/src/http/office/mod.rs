//! The secretary's office (kansli): what is done with meetings from outside them while the server runs, whoever asks: a
//! program by the API, or a person on the secretary's page.

mod convening;
mod invitations;
mod meetings;
mod records;
mod sending;

pub(super) use convening::{Asked, Outcome};
pub(super) use invitations::Invited;
pub(super) use meetings::{Full, Line, Page, Summary};
pub(super) use records::MAX_RECORDS;

use super::Doors;
use crate::convene::ConveneError;
use crate::journal::{JournalError, Reader};
use crate::keeper::NoAnswer;
use lika_auth::StoreError;
use std::path::Path;
use std::sync::Arc;
use tokio::sync::OwnedSemaphorePermit;

/// Meetings read at once beside those in session. Records that are fetched have a bound of their own ([`MAX_RECORDS`]),
/// since they go on as long as whoever fetches them takes.
pub(super) const MAX_READINGS: usize = 2;

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

/// Reads beside the journal's own thread, which meetings in session wait for. Whoever waits for their turn may leave.
async fn beside<T: Send + 'static>(
    doors: &Doors,
    what: impl FnOnce(&Path, &Reader) -> Result<T, Refused> + Send + 'static,
) -> Result<T, Refused> {
    let turn = Arc::clone(&doors.readings).acquire_owned().await;
    let turn = turn.map_err(|closed| unavailable(&closed))?;
    let (read, _) = reading(&doors.data_dir, turn, what).await?;
    Ok(read)
}

/// The same with a permit of the caller's, which comes back with what was read. A reading that has begun goes on to its
/// end, also when nobody waits for it any longer: it keeps the permit so long.
async fn reading<T: Send + 'static>(
    directory: &Arc<Path>,
    permit: OwnedSemaphorePermit,
    what: impl FnOnce(&Path, &Reader) -> Result<T, Refused> + Send + 'static,
) -> Result<(T, OwnedSemaphorePermit), Refused> {
    let directory = Arc::clone(directory);
    let reading = tokio::task::spawn_blocking(move || {
        let read = what(&directory, &Reader::open(&directory)?)?;
        Ok((read, permit))
    });
    reading.await.unwrap_or_else(|error| Err(unavailable(&error)))
}

#[cfg(test)]
mod tests {
    use super::reading;
    use crate::journal::Journal;
    use std::sync::{Arc, mpsc};
    use tokio::sync::{Semaphore, oneshot};

    #[tokio::test]
    async fn a_reading_that_nobody_waits_for_any_longer_keeps_its_permit_to_its_end() {
        let directory = tempfile::tempdir().unwrap();
        drop(Journal::open(directory.path()).unwrap());
        let permits = Arc::new(Semaphore::new(1));
        let permit = Arc::clone(&permits).acquire_owned().await.unwrap();
        let (begun, has_begun) = oneshot::channel();
        let (finish, finishing) = mpsc::channel::<()>();
        let data_dir = directory.path().into();
        let asking = tokio::spawn(async move {
            let what = move |_: &_, _: &_| {
                begun.send(()).unwrap();
                finishing.recv().unwrap();
                Ok(())
            };
            reading(&data_dir, permit, what).await.map(|_| ())
        });
        has_begun.await.unwrap();
        asking.abort();
        assert!(asking.await.unwrap_err().is_cancelled());
        assert_eq!(permits.available_permits(), 0);
        finish.send(()).unwrap();
        assert!(permits.acquire().await.is_ok());
    }
}
