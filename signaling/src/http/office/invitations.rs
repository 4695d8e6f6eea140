//! Invitations to a meeting that has been convened.

use super::{Full, Refused};
use crate::convene::{calendar, devices, invitation_expires_ms, invite, link};
use crate::http::Doors;
use crate::http::admin::Caller;
use crate::meeting::{MeetingId, ParticipantId, Role};
use lika_auth::{Identity, IdentityStore, InvitationToken, Occasion, StoreError};

/// An invitation that has just been made, and what is told with it.
pub(in crate::http) struct Invited {
    pub(in crate::http) meeting: MeetingId,
    pub(in crate::http) participant: ParticipantId,
    pub(in crate::http) role: Role,
    pub(in crate::http) name: Option<String>,
    pub(in crate::http) title: String,
    pub(in crate::http) body: String,
    pub(in crate::http) occasion: Occasion,
    pub(in crate::http) token: InvitationToken,
    pub(in crate::http) expires_ms: i64,
}

impl Invited {
    /// The link.
    pub(in crate::http) fn link(&self, doors: &Doors) -> String {
        link(&doors.origin, &self.token)
    }

    /// The calendar file with the link; `None`: it is not known when the meeting is.
    pub(in crate::http) fn calendar(&self, doors: &Doors) -> Option<String> {
        let entry = calendar::Entry {
            meeting: self.meeting,
            title: &self.title,
            body: &self.body,
            occasion: &self.occasion,
            public_url: &doors.origin,
            link: Some(&self.link(doors)),
        };
        entry.write(doors.clock.now_ms())
    }
}

impl Doors {
    /// Makes a new invitation for somebody in the roster. Those before it stay good.
    pub(in crate::http) async fn invite(
        &self,
        by: &Caller,
        meeting: MeetingId,
        participant: ParticipantId,
    ) -> Result<Invited, Refused> {
        let mut full = self.meeting(meeting).await?;
        full.participants.retain(|line| line.participant == participant);
        let mut invited = self.invite_those(by, full, |_, _| Ok(Vec::new())).await?;
        invited.pop().ok_or(Refused::NoSuchParticipant)
    }

    /// Makes a new invitation for everybody in the roster, but for those whose invitations were revoked or whose names were
    /// erased. Those before them stay good.
    pub(in crate::http) async fn invite_all(&self, by: &Caller, meeting: MeetingId) -> Result<Vec<Invited>, Refused> {
        let mut full = self.meeting(meeting).await?;
        full.participants.retain(|line| line.name.is_some());
        self.invite_those(by, full, |store, meeting| store.revoked(meeting.0))
            .await
    }

    /// Makes invitations for everybody in `full` but those whom `but` names.
    async fn invite_those(
        &self,
        by: &Caller,
        full: Full,
        but: impl FnOnce(&IdentityStore, MeetingId) -> Result<Vec<u32>, StoreError> + Send + 'static,
    ) -> Result<Vec<Invited>, Refused> {
        let Full {
            summary, participants, ..
        } = full;
        let meeting = summary.meeting;
        let expires_ms = invitation_expires_ms(self.clock.now_ms(), self.invitation_days, &summary.occasion);
        let whom = participants.iter().map(|line| (line.participant, devices(line.role)));
        let whom: Vec<_> = whom.collect();
        // At once, so that nobody is taken back in between.
        let making = self.identities.ask(move |store| {
            let left_out = but(store, meeting)?;
            let whom = whom.into_iter().filter(|(one, _)| !left_out.contains(&one.0));
            invite(store, meeting, whom.collect::<Vec<_>>(), expires_ms)
        });
        let made = making.await??;
        let lines = |whom| participants.iter().find(|line| line.participant == whom).cloned();
        let invited = made.into_iter().filter_map(|(participant, token)| {
            let line = lines(participant)?;
            let number = participant.0;
            tracing::info!(
                meeting = meeting.0,
                participant = number,
                by = by.name(),
                "an invitation was made"
            );
            Some(Invited {
                meeting,
                participant,
                role: line.role,
                name: line.name,
                title: summary.title.clone(),
                body: summary.body.clone(),
                occasion: summary.occasion.clone(),
                token,
                expires_ms,
            })
        });
        Ok(invited.collect())
    }

    /// Takes back somebody's invitations, sessions and tokens; their media end within a second.
    pub(in crate::http) async fn revoke(
        &self,
        by: &Caller,
        meeting: MeetingId,
        participant: ParticipantId,
    ) -> Result<(), Refused> {
        let full = self.meeting(meeting).await?;
        if !full.participants.iter().any(|line| line.participant == participant) {
            return Err(Refused::NoSuchParticipant);
        }
        let whom = Identity {
            meeting: meeting.0,
            participant: participant.0,
        };
        self.identities.ask(move |store| store.revoke(whom)).await??;
        let number = participant.0;
        tracing::info!(
            meeting = meeting.0,
            participant = number,
            by = by.name(),
            "invitations were revoked"
        );
        Ok(())
    }

    /// The invitations to a meeting that these are the secret parts of; those that cannot be used are left out.
    pub(in crate::http) async fn invited(
        &self,
        meeting: MeetingId,
        tokens: Vec<InvitationToken>,
    ) -> Result<Vec<Invited>, Refused> {
        let now_ms = self.clock.now_ms();
        let looking = self.identities.ask(move |store| {
            let known = tokens
                .into_iter()
                .map(|token| Ok((store.invitation(&token, now_ms)?, token)));
            known.collect::<Result<Vec<_>, StoreError>>()
        });
        let known = looking.await??;
        let Full {
            summary, participants, ..
        } = self.meeting(meeting).await?;
        let invited = known.into_iter().filter_map(|(found, token)| {
            let (whom, expires_ms) = found.filter(|(whom, _)| whom.meeting == meeting.0)?;
            let line = participants
                .iter()
                .find(|line| line.participant.0 == whom.participant)?;
            Some(Invited {
                meeting,
                participant: line.participant,
                role: line.role,
                name: line.name.clone(),
                title: summary.title.clone(),
                body: summary.body.clone(),
                occasion: summary.occasion.clone(),
                token,
                expires_ms,
            })
        });
        Ok(invited.collect())
    }

    /// The calendar file of a meeting, without anybody's link.
    pub(in crate::http) async fn calendar(&self, meeting: MeetingId) -> Result<String, Refused> {
        let Full { summary, .. } = self.meeting(meeting).await?;
        let entry = calendar::Entry {
            meeting,
            title: &summary.title,
            body: &summary.body,
            occasion: &summary.occasion,
            public_url: &self.origin,
            link: None,
        };
        entry.write(self.clock.now_ms()).ok_or(Refused::NoTime)
    }
}
