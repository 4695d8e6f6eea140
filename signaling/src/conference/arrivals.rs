//! Pages come, come back, are replaced, and go.

use super::endpoint::{Endpoint, Page, ResumeToken};
use super::{Conference, ConnectionId, Entrance, Farewell, Hello, Input, RECONNECT_GRACE};
use crate::keeper::NoAnswer;
use crate::meeting::{EndpointId, Observation, ParticipantId, Proof, Role, roster::MAX_ENDPOINTS, view};
use crate::protocol::{PROTOCOL, Refusal, ServerMessage};
use lika_auth::{Assurance, BearerId, IdentityStore, Session, SessionId, StoreError};
use std::collections::BTreeSet;
use tokio::time::Instant;

impl Conference {
    pub(super) fn endpoint_of(&self, connection: ConnectionId) -> Option<EndpointId> {
        self.endpoints
            .iter()
            .find(|(_, one)| one.is_on(connection))
            .map(|(&id, _)| id)
    }

    pub(super) async fn connect(&mut self, hello: Hello) {
        let Ok(token) = ResumeToken::random() else {
            return hello.outbox.part(Farewell::Refused(Refusal::SignedOut));
        };
        match self.resumed_by(&hello) {
            Some(endpoint) => self.come_back(endpoint, token, hello).await,
            None if !hello.take_over && self.is_here_elsewhere(hello.participant()) => {
                hello.outbox.part(Farewell::Refused(Refusal::AlreadyHere));
            }
            None => self.arrive(token, hello).await,
        }
    }

    /// The endpoint whose token the page has: its own, not somebody else's whose link the same browser opened.
    fn resumed_by(&self, hello: &Hello) -> Option<EndpointId> {
        let token = ResumeToken::parse(hello.resume.as_deref()?)?;
        let own = |one: &Endpoint| one.has_page() && one.session == Some(hello.session.id) && one.resume == token;
        self.endpoints.iter().find(|(_, one)| own(one)).map(|(&id, _)| id)
    }

    /// Another device would have to go for this one.
    fn is_here_elsewhere(&self, participant: ParticipantId) -> bool {
        let here = |one: &&Endpoint| one.participant == participant && matches!(one.page, Page::Here { .. });
        let devices = self.endpoints.values().filter(here).count();
        devices
            >= if self.may_have_two(participant) {
                MAX_ENDPOINTS
            } else {
                1
            }
    }

    async fn come_back(&mut self, id: EndpointId, token: ResumeToken, hello: Hello) {
        let session = hello.session;
        if let Some(endpoint) = self.endpoints.get_mut(&id) {
            // The page has noticed the break before we have.
            endpoint.lose_page(Farewell::Stopping, Instant::now());
            endpoint.resume = token;
            endpoint.session = Some(session.id);
            endpoint.page = Page::Here {
                connection: hello.connection,
                outbox: hello.outbox,
            };
            tracing::info!(
                meeting = self.id.0,
                participant = session.whom.participant,
                endpoint = id.0,
                "page is back"
            );
        }
        // What was proved while it was away comes before anything is shown. A page that only comes back, as one does that
        // the tablet has put aside while its person signs, ends no pause.
        if self.differs(&session) {
            self.identity_shown(&session).await;
        }
        self.welcome(id);
    }

    async fn arrive(&mut self, token: ResumeToken, hello: Hello) {
        let (participant, session) = (hello.participant(), hello.session.id);
        let (id, replaced) = match self.record_arrival(participant, hello.proof()).await {
            Ok(arrived) => arrived,
            Err(reason) => return hello.outbox.part(Farewell::Refused(reason)),
        };
        let (connection, outbox) = (hello.connection, hello.outbox);
        let mut endpoint = Endpoint::new(participant, token, Page::Here { connection, outbox });
        endpoint.session = Some(session);
        self.endpoints.insert(id, endpoint);
        self.welcome(id);
        self.replace(participant, replaced).await;
    }

    /// Records that a device of the participant is here: its number, and the devices that it takes the place of.
    pub(super) async fn record_arrival(
        &mut self,
        participant: ParticipantId,
        proof: Proof,
    ) -> Result<(EndpointId, Vec<EndpointId>), Refusal> {
        self.record_what_waits().await?;
        self.last_endpoint += 1;
        let endpoint = EndpointId(self.last_endpoint);
        let replaced = self.replaced_by(participant);
        let connected = Observation::Connected {
            participant,
            endpoint,
            proof,
        };
        let events = crate::meeting::observe(&self.meeting, &connected, self.clock.now_ms())?;
        self.commit(events).await?;
        tracing::info!(
            meeting = self.id.0,
            participant = participant.0,
            endpoint = endpoint.0,
            "connected"
        );
        Ok((endpoint, replaced))
    }

    pub(super) async fn replace(&mut self, participant: ParticipantId, replaced: Vec<EndpointId>) {
        for endpoint in replaced {
            self.notice(Observation::Disconnected { participant, endpoint }).await;
        }
    }

    /// A person is present once: what they open last is where they are. The secretary may use two computers
    /// (requirement R32); a third replaces the one there longest, which the meeting itself decides.
    fn replaced_by(&self, participant: ParticipantId) -> Vec<EndpointId> {
        if self.may_have_two(participant) {
            return Vec::new();
        }
        self.endpoints
            .iter()
            .filter(|(_, one)| one.participant == participant)
            .map(|(&id, _)| id)
            .collect()
    }

    fn may_have_two(&self, participant: ParticipantId) -> bool {
        let found = self.meeting.roster().find(participant);
        found.is_some_and(|one| one.role() == Role::Secretary)
    }

    /// A login has changed what a session proves: so have the devices that have the session.
    pub(super) async fn identity_shown(&mut self, session: &Session) {
        let with_session = |one: &Endpoint| one.session == Some(session.id);
        let devices = self.endpoints.iter().filter(|(_, one)| with_session(one));
        let shown: Vec<_> = devices
            .map(|(&endpoint, one)| Observation::IdentityShown {
                participant: one.participant,
                endpoint,
                proof: Proof::from(session),
            })
            .collect();
        for observation in shown {
            self.notice(observation).await;
        }
    }

    pub(super) fn has_page_of(&self, session: SessionId) -> bool {
        let here = |one: &Endpoint| one.session == Some(session) && matches!(one.page, Page::Here { .. });
        self.endpoints.values().any(here)
    }

    pub(super) fn entrance(&self) -> Entrance {
        let items = self.meeting.agenda().iter().map(|(_, item)| item.requires);
        Entrance {
            title: self.meeting.title().to_owned(),
            highest: items.fold(self.meeting.requires(), Assurance::max),
            fresh_within_ms: self.meeting.fresh_within_ms(),
        }
    }

    /// Asks how the sessions and tokens of those who are here stand, whatever changed them: a login in another tab, a
    /// revocation beside the running server, their time. The answer comes through the mailbox, so that a slow disk holds
    /// nobody up.
    pub(super) fn look_after_sessions(&self) {
        let sessions: BTreeSet<SessionId> = self.endpoints.values().filter_map(|one| one.session).collect();
        let (sessions, bearers) = (Vec::from_iter(sessions), self.bearers());
        if sessions.is_empty() && bearers.is_empty() {
            return;
        }
        let (store, mailbox, meeting) = (self.sessions.clone(), self.mailbox.clone(), self.id);
        let now_ms = self.clock.now_ms();
        tokio::spawn(async move {
            let looking = move |store: &mut IdentityStore| {
                let sessions = store.look_after(&sessions, now_ms)?;
                let ended = store.ended_bearers(&bearers, now_ms)?;
                Ok::<_, StoreError>((sessions, ended))
            };
            match store.ask(looking).await {
                Ok(Ok((sessions, ended))) => mailbox.tell(Input::LookedAfter { sessions, ended }),
                Ok(Err(error)) => tracing::error!(meeting = meeting.0, %error, "the sessions cannot be looked after"),
                // The server stops.
                Err(NoAnswer) => {}
            }
        });
    }

    pub(super) async fn looked_after(&mut self, sessions: Vec<(SessionId, Option<Session>)>, ended: &[BearerId]) {
        for (id, session) in sessions {
            match session {
                None => self.signed_out(id).await,
                Some(session) if self.differs(&session) => self.identity_shown(&session).await,
                Some(_) => {}
            }
        }
        self.end_bearers(ended).await;
    }

    /// Whether a device of this session is counted as having shown something else.
    fn differs(&self, session: &Session) -> bool {
        let proof = Proof::from(session);
        self.endpoints
            .iter()
            .filter(|(_, one)| one.session == Some(session.id))
            .any(|(&id, one)| {
                let found = self.meeting.roster().find(one.participant);
                found
                    .and_then(|person| person.proof_of(id))
                    .is_some_and(|shown| shown != proof)
            })
    }

    /// The session is over, and with it what its devices send and receive.
    pub(super) async fn signed_out(&mut self, session: SessionId) {
        let with_session = |one: &Endpoint| one.session == Some(session);
        let devices = self.endpoints.iter().filter(|(_, one)| with_session(one));
        let ended: Vec<_> = devices.map(|(&id, _)| id).collect();
        for id in ended {
            if let Some(endpoint) = self.endpoints.get_mut(&id) {
                endpoint.lose_page(Farewell::Refused(Refusal::SignedOut), Instant::now());
            }
            self.remove(id).await;
        }
    }

    /// A snapshot. Events go on from its number.
    fn welcome(&mut self, id: EndpointId) {
        let Some(endpoint) = self.endpoints.get_mut(&id) else {
            return;
        };
        endpoint.shown = view(&self.meeting, &self.identities, endpoint.participant);
        // A page that is welcomed knows of no end.
        endpoint.draining_until_ms = None;
        let welcome = ServerMessage::Welcome {
            protocol: PROTOCOL,
            you: endpoint.participant,
            resume: endpoint.resume.reveal().to_string(),
            media_alive: endpoint.media.is_some(),
            seq: endpoint.seq,
            meeting: Box::new(endpoint.shown.clone()),
            slots: endpoint.slot_views(),
            ice_servers: self.turn.for_page(self.id, endpoint.participant, self.clock.now_ms()),
        };
        endpoint.tell(&welcome, Instant::now());
        endpoint.tell_publishing(Instant::now());
    }

    pub(super) fn connection_gone(&mut self, connection: ConnectionId) {
        let gone = self.endpoint_of(connection).and_then(|id| self.endpoints.get_mut(&id));
        if let Some(endpoint) = gone {
            tracing::info!(
                meeting = self.id.0,
                participant = endpoint.participant.0,
                "page lost; it is waited for"
            );
            endpoint.lose_page(Farewell::Stopping, Instant::now());
        }
    }

    /// Those waited for long enough are gone.
    pub(super) async fn give_up_lost(&mut self, now: Instant) {
        let given_up = |page: &Page| matches!(page, Page::Lost { since } if now - *since >= RECONNECT_GRACE);
        let gone: Vec<_> = self
            .endpoints
            .iter()
            .filter(|(_, one)| given_up(&one.page))
            .map(|(&id, _)| id)
            .collect();
        for id in gone {
            self.remove(id).await;
        }
    }

    /// An endpoint is gone for good.
    pub(super) async fn remove(&mut self, id: EndpointId) {
        let Some(endpoint) = self.endpoints.remove(&id) else {
            return;
        };
        let participant = endpoint.participant;
        tracing::info!(
            meeting = self.id.0,
            participant = participant.0,
            endpoint = id.0,
            "gone"
        );
        self.leave_relay(&endpoint);
        self.notice(Observation::Disconnected {
            participant,
            endpoint: id,
        })
        .await;
    }

    /// Whom the meeting no longer counts among the connected has been replaced by another device.
    pub(super) fn part_from_replaced(&mut self) {
        let counted = |id: &EndpointId, one: &Endpoint| {
            self.meeting
                .roster()
                .find(one.participant)
                .is_some_and(|person| person.endpoints().contains(id))
        };
        let replaced: Vec<_> = self
            .endpoints
            .iter()
            .filter(|(id, one)| !counted(id, one))
            .map(|(&id, _)| id)
            .collect();
        for id in replaced {
            if let Some(mut endpoint) = self.endpoints.remove(&id) {
                tracing::info!(
                    meeting = self.id.0,
                    participant = endpoint.participant.0,
                    endpoint = id.0,
                    "replaced"
                );
                self.leave_relay(&endpoint);
                endpoint.lose_page(Farewell::Refused(Refusal::TakenOver), Instant::now());
            }
        }
    }

    pub(super) fn part_from_everybody(&mut self) {
        let now = Instant::now();
        self.endpoints
            .values_mut()
            .for_each(|endpoint| endpoint.lose_page(Farewell::Stopping, now));
    }
}
