//! What goes to one page. It never blocks the conference: a page that does not keep up is cut off, and comes back for a
//! snapshot.

use crate::protocol::{Refusal, ServerMessage};
use axum::extract::ws::Utf8Bytes;
use tokio::sync::{mpsc, oneshot};

/// Messages waiting for one page. Letting in a whole roster of 300 at once is an event for each; a page that is more than
/// three such moments behind is better served by a snapshot.
const OUTBOX: usize = 1024;

/// Why a conversation ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Farewell {
    /// The page is told why.
    Refused(Refusal),
    /// The server stops, or this meeting's task has ended; the page comes back by itself.
    Stopping,
    /// The page did not keep up; there is no room to tell it so.
    TooSlow,
}

/// The conference's end.
pub struct Outbox {
    texts: mpsc::Sender<Utf8Bytes>,
    farewell: oneshot::Sender<Farewell>,
}

/// The socket's end.
pub struct Receiving {
    /// Messages as JSON.
    pub texts: mpsc::Receiver<Utf8Bytes>,
    /// Comes once, last.
    pub farewell: oneshot::Receiver<Farewell>,
}

/// Both ends.
#[must_use]
pub fn outbox() -> (Outbox, Receiving) {
    let (texts, receiving_texts) = mpsc::channel(OUTBOX);
    let (farewell, receiving_farewell) = oneshot::channel();
    (
        Outbox { texts, farewell },
        Receiving {
            texts: receiving_texts,
            farewell: receiving_farewell,
        },
    )
}

/// The page does not keep up, or is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Behind;

impl Outbox {
    pub(super) fn send(&self, message: &ServerMessage) -> Result<(), Behind> {
        match serde_json::to_string(message) {
            Ok(text) => self.texts.try_send(text.into()).map_err(|_| Behind),
            Err(error) => {
                tracing::error!(%error, "a message could not be written as JSON");
                Ok(())
            }
        }
    }

    pub(super) fn part(self, farewell: Farewell) {
        // The page may be gone already; then there is nobody to tell.
        let _ = self.farewell.send(farewell);
    }
}
