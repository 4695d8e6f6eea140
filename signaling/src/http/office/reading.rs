//! Reading the journal beside the meetings in session: on threads of their own, after everything else of this machine.

use super::{Refused, unavailable};
use crate::http::Doors;
use crate::journal::Reader;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use tokio::sync::{OwnedSemaphorePermit, oneshot};

/// Meetings read at once beside those in session. Records that are fetched have a bound of their own
/// ([`super::MAX_RECORDS`]), since they go on as long as whoever fetches them takes.
pub(in crate::http) const MAX_READINGS: usize = 2;
/// The highest there is (`setpriority(2)`): sound and picture of a meeting come first.
const NICENESS: libc::c_int = 19;

/// Reads beside the journal's own thread, which meetings in session wait for. Whoever waits for their turn may leave.
pub(super) async fn beside<T: Send + 'static>(
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
pub(super) async fn reading<T: Send + 'static>(
    directory: &Arc<Path>,
    permit: OwnedSemaphorePermit,
    what: impl FnOnce(&Path, &Reader) -> Result<T, Refused> + Send + 'static,
) -> Result<(T, OwnedSemaphorePermit), Refused> {
    let directory = Arc::clone(directory);
    let (reply, answer) = oneshot::channel();
    let read = move || {
        give_way();
        let read = Reader::open(&directory).map_err(Refused::from);
        let read = read.and_then(|journal| what(&directory, &journal));
        // Whoever asked may have left.
        let _ = reply.send(read.map(|read| (read, permit)));
    };
    let thread = thread::Builder::new().name("reading".into()).spawn(read);
    thread.map_err(|error| unavailable(&error))?;
    answer.await.unwrap_or_else(|error| Err(unavailable(&error)))
}

/// The calling thread runs when no other wants to. Where the system does not let it, it runs as the others do.
fn give_way() {
    // SAFETY: takes plain numbers; 0 names the calling thread on Linux.
    #[allow(unsafe_code)]
    let result = unsafe { libc::setpriority(libc::PRIO_PROCESS, 0, NICENESS) };
    if result != 0 {
        let error = std::io::Error::last_os_error();
        tracing::debug!(%error, "records are written at the priority of meetings");
    }
}

#[cfg(test)]
mod tests {
    use super::{NICENESS, reading};
    use crate::journal::Journal;
    use std::sync::{Arc, mpsc};
    use tokio::sync::{Semaphore, oneshot};

    /// Of the calling thread.
    fn niceness() -> i32 {
        // SAFETY: takes plain numbers.
        #[allow(unsafe_code)]
        unsafe {
            libc::getpriority(libc::PRIO_PROCESS, 0)
        }
    }

    #[tokio::test]
    async fn a_reading_that_nobody_waits_for_any_longer_keeps_its_permit_to_its_end() {
        let directory = tempfile::tempdir().unwrap();
        drop(Journal::open(directory.path()).unwrap());
        let permits = Arc::new(Semaphore::new(1));
        let permit = Arc::clone(&permits).acquire_owned().await.unwrap();
        let (begun, has_begun) = oneshot::channel();
        let (finish, finishing) = mpsc::channel::<()>();
        let data_dir = directory.path().into();
        let own = niceness();
        let asking = tokio::spawn(async move {
            let what = move |_: &_, _: &_| {
                begun.send(niceness()).unwrap();
                finishing.recv().unwrap();
                Ok(())
            };
            reading(&data_dir, permit, what).await.map(|_| ())
        });
        assert_eq!(has_begun.await.unwrap(), NICENESS, "the relay does not come first");
        asking.abort();
        assert!(asking.await.unwrap_err().is_cancelled());
        assert_eq!(permits.available_permits(), 0);
        finish.send(()).unwrap();
        assert!(permits.acquire().await.is_ok());
        assert_eq!(niceness(), own);
    }
}
