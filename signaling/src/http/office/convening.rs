//! Convening a meeting, once even if it is asked twice.

use super::{Invited, Refused, unavailable};
use crate::convene::{Convened, Notice, invitation_expires_ms};
use crate::http::Doors;
use crate::http::admin::Caller;
use crate::meeting::MeetingId;
use lika_auth::{Known, RequestKey};

/// A request that its sender may send again, under the name that they have given it.
pub(in crate::http) struct Asked {
    pub(in crate::http) key: RequestKey,
    /// All of it: the same key with another body is another request.
    pub(in crate::http) body: Vec<u8>,
}

/// What became of it.
pub(in crate::http) enum Outcome {
    /// The invitations are told here and never again.
    Convened {
        meeting: MeetingId,
        invitations: Vec<Invited>,
    },
    /// The same request has convened this meeting before.
    Before(MeetingId),
}

impl Doors {
    /// Convenes a meeting. It is carried out to its end also when whoever asked does not wait for it.
    pub(in crate::http) async fn convene(
        &self,
        by: &Caller,
        notice: Notice,
        asked: Option<Asked>,
    ) -> Result<Outcome, Refused> {
        let (doors, by) = (self.clone(), by.clone());
        let carried_out = tokio::spawn(async move { doors.convene_once(&by, notice, asked).await });
        carried_out.await.unwrap_or_else(|error| Err(unavailable(&error)))
    }

    async fn convene_once(&self, by: &Caller, notice: Notice, asked: Option<Asked>) -> Result<Outcome, Refused> {
        let Some(Asked { key, body }) = asked else {
            return self.convene_now(by, notice).await;
        };
        let now_ms = self.clock.now_ms();
        let known = self
            .identities
            .ask(move |store| store.begin_request(&key, &body, now_ms));
        match known.await?? {
            Known::New => {}
            Known::Underway => return Err(Refused::Underway),
            Known::Done(meeting) => return Ok(Outcome::Before(MeetingId(meeting))),
            Known::Different => return Err(Refused::OtherRequest),
        }
        let outcome = self.convene_now(by, notice).await;
        let meeting = match &outcome {
            Ok(Outcome::Convened { meeting, .. } | Outcome::Before(meeting)) => Some(meeting.0),
            Err(_) => None,
        };
        let ended = self.identities.ask(move |store| store.end_request(&key, meeting)).await;
        // What has been done is told all the same; the key then answers that it is being carried out.
        if let Err(error) = ended
            .map_err(Refused::from)
            .and_then(|ended| ended.map_err(Refused::from))
        {
            tracing::error!(?error, "a request could not be noted as ended");
        }
        outcome
    }

    async fn convene_now(&self, by: &Caller, mut notice: Notice) -> Result<Outcome, Refused> {
        if self.stores.for_tests {
            notice = notice.with_test_identities();
        }
        let now_ms = self.clock.now_ms();
        let expires_ms = invitation_expires_ms(now_ms, self.invitation_days, &notice.occasion());
        let keys = self.providers.keys();
        let Convened { meeting, invitations } = notice.convene_in(&self.stores, keys, now_ms, expires_ms).await?;
        tracing::info!(
            meeting = meeting.0,
            test = notice.test,
            by = by.name(),
            "a meeting was convened"
        );
        let (title, occasion) = (notice.full_title(), notice.occasion());
        let invited = invitations.into_iter().zip(&notice.participants);
        let invitations = invited
            .map(|((participant, token), one)| Invited {
                meeting,
                participant,
                role: one.role,
                name: Some(one.name.clone()),
                title: title.clone(),
                body: notice.body.clone(),
                occasion: occasion.clone(),
                token,
                expires_ms,
            })
            .collect();
        Ok(Outcome::Convened { meeting, invitations })
    }
}
