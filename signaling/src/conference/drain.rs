//! Ending gracefully: no meeting is opened any more, those in session finish, and then, or at the deadline, the server may
//! stop. What stops at the deadline goes on with the next start, as after any stop.

use super::measuring::watches;
use super::{Conference, Hall, Input, Mailbox};
use crate::meeting::{MeetingId, Phase};
use crate::protocol::ServerMessage;
use futures_util::future::join_all;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep, sleep_until, timeout};

/// How often is looked whether the last meeting has ended.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How long a meeting may take to say whether it is in session. One that waits, as for a hanging disk, may well be.
const SAYS_WITHIN: Duration = Duration::from_secs(2);
/// How long a meeting that has been opened may be empty before it counts as left: everybody may have lost their connection
/// at once, or be on their way back after a restart, or have closed their computers for a short adjournment.
const DESERTED_AFTER: Duration = Duration::from_mins(10);

/// Until when meetings may go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadline {
    /// By the machine's monotonic clock.
    pub at: Instant,
    /// The same in milliseconds since 1970-01-01 UTC, to be told.
    pub at_ms: i64,
}

impl Hall {
    /// Opens no meeting any more; another call moves the deadline.
    pub fn drain(&self, until: Deadline) {
        tracing::info!(
            until_ms = until.at_ms,
            "draining: no meeting is opened, those in session finish"
        );
        self.draining.send_replace(Some(until));
    }

    /// Opens meetings again.
    pub fn stop_draining(&self) {
        if self.draining.send_replace(None).is_some() {
            tracing::info!("draining is cancelled: meetings can be opened again");
        }
    }

    /// Until when, if the hall drains.
    #[must_use]
    pub fn draining(&self) -> Option<Deadline> {
        *self.draining.borrow()
    }

    /// The meetings that have been opened, are not closed, and have, or just had, somebody in them.
    pub async fn in_session(&self) -> Vec<MeetingId> {
        let ask = async |mailbox: Mailbox| {
            let (reply, answer) = oneshot::channel();
            // A meeting that ends meanwhile is in session no longer.
            mailbox.send(Input::InSession { reply }).await.is_ok() && answer.await.unwrap_or(false)
        };
        let asked = self.loaded().await.into_iter().map(async |(meeting, mailbox)| {
            let in_session = timeout(SAYS_WITHIN, ask(mailbox)).await.unwrap_or(true);
            in_session.then_some(meeting)
        });
        let mut in_session: Vec<MeetingId> = join_all(asked).await.into_iter().flatten().collect();
        in_session.sort_unstable();
        in_session
    }

    /// Waits until the hall drains and its last meeting has ended, or the deadline has come.
    pub async fn drained(&self) {
        let mut draining = self.draining.subscribe();
        loop {
            let until = *draining.borrow_and_update();
            let Some(until) = until else {
                // The hall itself keeps the other end.
                let _ = draining.changed().await;
                continue;
            };
            tokio::select! {
                _ = draining.changed() => {}
                () = sleep_until(until.at) => return tracing::warn!("drained: the deadline ends the meetings for now"),
                () = self.all_ended() => return tracing::info!("drained: no meeting is in session"),
            }
        }
    }

    async fn all_ended(&self) {
        while !self.in_session().await.is_empty() {
            sleep(LOOK_EVERY).await;
        }
    }
}

impl Conference {
    /// Whether the meeting would be missed.
    pub(super) fn is_in_session(&self, now: Instant) -> bool {
        is_in_session(self.meeting.phase(), self.deserted_at(), now)
    }

    /// Tells chair and secretary until when the meeting may go on, if they do not know.
    pub(super) fn tell_of_draining(&mut self, now: Instant) {
        let deadline = *self.draining.borrow();
        for endpoint in self.endpoints.values_mut() {
            let to_tell = deadline.filter(|_| watches(&self.meeting, endpoint.participant));
            let until_ms = to_tell.map(|deadline| deadline.at_ms);
            if endpoint.draining_until_ms != until_ms {
                endpoint.draining_until_ms = until_ms;
                endpoint.tell(&ServerMessage::Draining { until_ms }, now);
            }
        }
    }

    /// From when the meeting counts as left by everybody, if nobody is connected.
    pub(super) fn deserted_at(&self) -> Option<Instant> {
        let empty = self.endpoints.is_empty();
        empty.then(|| self.occupied_at + DESERTED_AFTER)
    }
}

fn is_in_session(phase: &Phase, deserted_at: Option<Instant>, now: Instant) -> bool {
    matches!(phase, Phase::Open | Phase::Adjourned { .. }) && !is_deserted(deserted_at, now)
}

pub(super) fn is_deserted(deserted_at: Option<Instant>, now: Instant) -> bool {
    deserted_at.is_some_and(|at| at <= now)
}

#[cfg(test)]
mod tests {
    use super::{DESERTED_AFTER, is_in_session};
    use crate::conference::RECONNECT_GRACE;
    use crate::meeting::Phase;
    use tokio::time::Instant;

    #[test]
    fn a_meeting_whose_pages_all_lost_their_connection_is_still_in_session() {
        let left = Instant::now();
        let deserted_at = Some(left + DESERTED_AFTER);
        assert!(is_in_session(&Phase::Open, None, left));
        assert!(is_in_session(&Phase::Open, deserted_at, left + 4 * RECONNECT_GRACE));
        assert!(
            !is_in_session(&Phase::Open, deserted_at, left + DESERTED_AFTER),
            "everybody has left it open"
        );
        assert!(!is_in_session(&Phase::Planned, None, left));
        assert!(!is_in_session(&Phase::Closed, None, left));
    }
}
