//! A meeting in progress: one task that alone owns the meeting's state, its place in the journal, the judge, and who is
//! connected with what.
//!
//! Whatever happens comes through one mailbox or the one-second tick. What follows from it is first journaled,
//! then applied, and only then seen: by the relay (audiences, layers, programme) and by the pages (changes of their
//! view). If the journal cannot be written, nothing is decided, what the system noticed waits, and media go on.

mod arrivals;
mod devices;
mod drain;
mod endpoint;
mod evidence;
mod hall;
mod mailbox;
mod measuring;
mod media;
mod outbox;
mod overview;
mod relay;
mod rest;
mod screens;
mod timekeeping;
mod told;

pub use drain::Deadline;
pub use hall::{Hall, Stores, relay_events};
pub use mailbox::{Asker, ConnectionId, Door, Entered, Entrance, Hello, Input, Mailbox};
pub use outbox::{Farewell, Outbox, Receiving, outbox};
pub use overview::Overview;
pub use relay::Relay;
pub use timekeeping::keep_time;
pub use told::{Telling, Told};

use crate::clock::Clock;
use crate::equal_terms::{Judge, Profile};
use crate::journal::Journal;
use crate::keeper::Keeper;
use crate::meeting::{
    self, Command, EndpointId, Event, Identities, Meeting, MeetingId, Observation, Participant, ParticipantId, Phase,
};
use crate::metrics::Metrics;
use crate::protocol::{ClientMessage, Refusal, ServerMessage};
use crate::samples::Samples;
use crate::turn::TurnServers;
use devices::{Viewer, Waiting};
use endpoint::Endpoint;
use lika_auth::{Identity, IdentityStore};
use mailbox::Inputs;
use measuring::Measuring;
use overview::Posted;
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval};

/// How long a page that lost its connection is waited for before it counts as gone: its media, slots and place stay as
/// they are. Long enough to move from Wi-Fi to mobile, shorter than anybody would go on speaking to an empty chair.
pub const RECONNECT_GRACE: Duration = Duration::from_secs(15);
/// Things noticed that wait for the journal. Each person has a handful of directions and devices; a full council fits.
const MAX_UNRECORDED: usize = 2048;
/// How long an event may wait to be signed, where nothing is decided.
const CHECKPOINT_EVERY: Duration = Duration::from_mins(1);
/// The pace of the judge.
const SECOND: Duration = Duration::from_secs(1);

/// The task's state.
pub(crate) struct Conference {
    id: MeetingId,
    meeting: Meeting,
    identities: Identities,
    journal: Keeper<Journal>,
    sessions: Keeper<IdentityStore>,
    relay: Relay,
    clock: Clock,
    turn: TurnServers,
    mailbox: Mailbox,
    /// What new meetings are judged by; this one is new until somebody has come.
    profile: watch::Receiver<Profile>,
    draining: watch::Receiver<Option<Deadline>>,
    endpoints: BTreeMap<EndpointId, Endpoint>,
    /// When somebody was last connected; before that, when the task began.
    occupied_at: Instant,
    last_endpoint: u64,
    last_peer: u32,
    programme: Option<lika_sfu::PeerId>,
    viewers: Vec<Viewer>,
    waiting_devices: Vec<Waiting>,
    measuring: Measuring,
    metrics: Metrics,
    overview: Posted,
    /// Noticed while the journal could not be written, oldest first.
    unrecorded: VecDeque<Observation>,
    next_checkpoint: Instant,
}

/// What a conference is started with.
pub(crate) struct Setting {
    pub(crate) id: MeetingId,
    pub(crate) meeting: Meeting,
    pub(crate) identities: Identities,
    pub(crate) journal: Keeper<Journal>,
    pub(crate) sessions: Keeper<IdentityStore>,
    pub(crate) relay: Relay,
    pub(crate) clock: Clock,
    pub(crate) profile: watch::Receiver<Profile>,
    pub(crate) draining: watch::Receiver<Option<Deadline>>,
    pub(crate) samples: Samples,
    pub(crate) turn: TurnServers,
    pub(crate) metrics: Metrics,
    overview: Posted,
}

impl Conference {
    pub(crate) fn new(setting: Setting, mailbox: Mailbox) -> Self {
        let Setting {
            id,
            meeting,
            identities,
            journal,
            sessions,
            relay,
            clock,
            mut profile,
            draining,
            samples,
            turn,
            metrics,
            overview,
        } = setting;
        let judge = Judge::new(profile.borrow_and_update().clone());
        let measuring = Measuring::new(judge, samples, clock.now_ms());
        Self {
            id,
            meeting,
            identities,
            journal,
            sessions,
            relay,
            clock,
            turn,
            mailbox,
            profile,
            draining,
            endpoints: BTreeMap::new(),
            occupied_at: Instant::now(),
            last_endpoint: 0,
            last_peer: 0,
            programme: None,
            viewers: Vec::new(),
            waiting_devices: Vec::new(),
            measuring,
            metrics,
            overview,
            unrecorded: VecDeque::new(),
            next_checkpoint: Instant::now(),
        }
    }

    /// Runs until the server stops, or the meeting is over and everybody has left.
    async fn run(mut self, mut inputs: Inputs) {
        self.post_overview();
        self.notice(Observation::ServerRestarted {}).await;
        let mut ticks = interval(SECOND);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        while !self.is_finished() {
            tokio::select! {
                input = inputs.next() => match input {
                    Some(Input::Stop) | None => break,
                    Some(input) => {
                        self.take(input).await;
                        if inputs.is_empty() {
                            self.show_slots();
                        }
                    }
                },
                _ = ticks.tick() => self.tick(Instant::now()).await,
            }
        }
        self.part_from_everybody();
        self.measuring.samples.close().await;
    }

    async fn take(&mut self, input: Input) {
        match input {
            Input::Connect(hello) => {
                self.take_current_profile();
                self.connect(hello).await;
            }
            Input::Message { connection, message } => {
                if let Some(endpoint) = self.endpoint_of(connection) {
                    self.answer(endpoint, message).await;
                }
            }
            Input::Gone { connection } => self.connection_gone(connection),
            Input::Answered { peer, asker, answer } => match asker {
                Asker::Page { endpoint, negotiation } => self.page_answered(endpoint, peer, negotiation, answer),
                Asker::Device => self.device_answered(peer, answer).await,
            },
            Input::Offer {
                door,
                bearer,
                offer,
                reply,
            } => {
                self.take_current_profile();
                self.device_offers(door, bearer, offer, reply).await;
            }
            Input::Withdraw { session, reply } => {
                let _ = reply.send(self.withdraw(&session).await);
            }
            Input::IdentityShown { session, reply } => {
                self.identity_shown(&session).await;
                // Whoever asked may have gone.
                let _ = reply.send(self.has_page_of(session.id));
            }
            Input::InSession { reply } => {
                // Whoever asked may have stopped waiting.
                let _ = reply.send(self.is_in_session(Instant::now()));
            }
            Input::Entrance { reply } => drop(reply.send(self.entrance())),
            Input::SignedOut(session) => self.signed_out(session).await,
            Input::LookedAfter { sessions, ended } => self.looked_after(sessions, &ended).await,
            Input::Relay(event) => self.relay_says(event).await,
            Input::Act {
                participant,
                command,
                reply,
            } => {
                // Whoever asked may have stopped waiting.
                let _ = reply.send(self.carry_out(participant, &command).await);
            }
            Input::Stop => {}
        }
    }

    /// A meeting that nobody has come to yet is judged by the profile of now; one under way keeps its own.
    fn take_current_profile(&mut self) {
        let is_new = *self.meeting.phase() == Phase::Planned && self.endpoints.is_empty();
        if is_new && self.profile.has_changed().unwrap_or(false) {
            let profile = self.profile.borrow_and_update().clone();
            self.measuring.judge_by(profile, self.clock.now_ms());
        }
    }

    async fn answer(&mut self, endpoint: EndpointId, message: ClientMessage) {
        match message {
            ClientMessage::Hello { .. } => self.tell(
                endpoint,
                &ServerMessage::Error {
                    reason: Refusal::OutOfOrder,
                },
            ),
            ClientMessage::Offer {
                negotiation,
                fresh,
                sdp,
            } => self.offered(endpoint, negotiation, fresh, sdp),
            ClientMessage::Command { id, command } => {
                let Some(participant) = self.endpoints.get(&endpoint).map(|one| one.participant) else {
                    return;
                };
                let answer = match self.carry_out(participant, &command).await {
                    Ok(()) => ServerMessage::Accepted { id },
                    Err(reason) => ServerMessage::Refused { id, reason },
                };
                self.tell(endpoint, &answer);
            }
            ClientMessage::Enlarge { participant } => {
                if let Some(one) = self.endpoints.get_mut(&endpoint) {
                    one.enlarges = participant;
                }
                self.steer_media();
            }
            ClientMessage::Report(report) => {
                let came_ms = self.clock.now_ms();
                self.measuring.reported(endpoint, came_ms, report);
            }
        }
    }

    async fn carry_out(&mut self, actor: ParticipantId, command: &Command) -> Result<(), Refusal> {
        self.record_what_waits().await?;
        let events = meeting::decide(&self.meeting, actor, command, self.clock.now_ms())?;
        if self.draining.borrow().is_some() && events.iter().any(|event| matches!(event, Event::Opened { .. })) {
            return Err(Refusal::Draining);
        }
        let confirmed = evidence::confirmed_by(&events);
        self.commit(events).await?;
        if let Some(confirmed) = confirmed {
            self.tell_the_judge(confirmed).await;
        }
        Ok(())
    }

    /// Records what the system noticed; what the journal cannot take now waits.
    async fn notice(&mut self, observation: Observation) {
        if self.unrecorded.len() >= MAX_UNRECORDED {
            self.unrecorded.pop_front();
            tracing::error!(
                meeting = self.id.0,
                "too much waits for the journal; the oldest is not recorded"
            );
        }
        self.unrecorded.push_back(observation);
        // A failure is logged where it happens, and tried again with the next observation, command or second.
        let _ = self.record_what_waits().await;
    }

    async fn record_what_waits(&mut self) -> Result<(), Refusal> {
        while let Some(observation) = self.unrecorded.front().copied() {
            match meeting::observe(&self.meeting, &observation, self.clock.now_ms()) {
                Ok(events) => self.commit(events).await?,
                // Nothing more happens in a meeting that is over, or to somebody who is not in it.
                Err(reason) => tracing::debug!(meeting = self.id.0, ?reason, "not recorded"),
            }
            self.unrecorded.pop_front();
        }
        Ok(())
    }

    /// Journals events, applies them, and lets relay and pages see what follows.
    async fn commit(&mut self, events: Vec<Event>) -> Result<(), Refusal> {
        if events.is_empty() {
            return Ok(());
        }
        let events = self.with_what_is_measured(events).await;
        let (id, expected, at_ms) = (self.id, self.meeting.events(), self.clock.now_ms());
        let metrics = self.metrics.clone();
        let store = move |journal: &mut Journal| {
            let began = Instant::now();
            let stored = journal.append(id, expected, &events, at_ms).map(|_| events);
            metrics.journal_written(began.elapsed());
            stored
        };
        let stored = match self.journal.ask(store).await {
            Ok(Ok(events)) => events,
            Ok(Err(error)) => {
                self.metrics.journal_failed();
                tracing::error!(meeting = id.0, %error, "the journal cannot be written; nothing is decided until it can");
                return Err(Refusal::JournalUnavailable);
            }
            Err(error) => {
                self.metrics.journal_failed();
                tracing::error!(meeting = id.0, %error, "the journal cannot be written; nothing is decided until it can");
                return Err(Refusal::JournalUnavailable);
            }
        };
        stored.iter().for_each(|event| self.meeting.apply(event));
        self.count_alerts(&stored);
        self.post_overview();
        self.part_from_replaced();
        self.steer_media();
        self.refresh_screens();
        self.revoke_guests(&stored);
        Ok(())
    }

    fn count_alerts(&self, events: &[Event]) {
        for event in events {
            if let Event::AlertRaised { subject, reading, .. } = event {
                self.metrics.alert_raised(reading.level, subject.cause);
            }
        }
    }

    /// Whoever was invited to an item that has ended cannot come back with the same link (requirement R15). They are
    /// dismissed already; their links and sessions follow.
    fn revoke_guests(&self, events: &[Event]) {
        let ended = events.iter().filter_map(|event| match event {
            Event::ItemEnded { item, .. } => Some(*item),
            _ => None,
        });
        let items: Vec<_> = ended.collect();
        let invited = |one: &&Participant| one.only_item().is_some_and(|item| items.contains(&item));
        let guests: Vec<_> = self
            .meeting
            .roster()
            .iter()
            .filter(invited)
            .map(|one| one.id())
            .collect();
        if guests.is_empty() {
            return;
        }
        let (store, meeting) = (self.sessions.clone(), self.id.0);
        let whom = move |participant: ParticipantId| Identity {
            meeting,
            participant: participant.0,
        };
        tokio::spawn(async move {
            let revoking = move |store: &mut IdentityStore| guests.iter().try_for_each(|&one| store.revoke(whom(one)));
            let failed = match store.ask(revoking).await {
                Ok(Ok(())) => return,
                Ok(Err(error)) => error.to_string(),
                Err(error) => error.to_string(),
            };
            tracing::error!(
                meeting,
                error = failed,
                "an item's guests keep their invitations; revoke them by hand"
            );
        });
    }

    /// Signs where the journal has come to. What fails is tried again in a minute.
    async fn sign_checkpoint(&mut self, now: Instant) {
        if now < self.next_checkpoint {
            return;
        }
        self.next_checkpoint = now + CHECKPOINT_EVERY;
        let (id, at_ms) = (self.id, self.clock.now_ms());
        let signed = self.journal.ask(move |journal| journal.checkpoint(id, at_ms)).await;
        let error = match signed {
            Ok(Ok(_)) => return,
            Ok(Err(error)) => error.to_string(),
            Err(error) => error.to_string(),
        };
        tracing::error!(
            meeting = id.0,
            error,
            "the journal cannot be signed; the next minute will be"
        );
    }

    fn post_overview(&self) {
        self.overview.post(Overview::of(&self.meeting, self.deserted_at()));
    }

    async fn tick(&mut self, now: Instant) {
        if !self.endpoints.is_empty() {
            self.occupied_at = now;
        }
        self.post_overview();
        self.give_up_lost(now).await;
        self.look_after_sessions();
        self.tell_of_draining(now);
        let _ = self.record_what_waits().await;
        self.sign_checkpoint(now).await;
        // What the relay had no room for is ordered again.
        self.relay.settle();
        self.steer_media();
        self.show_slots();
        if self.measuring.is_overdue(now) {
            self.judge(None, now).await;
        }
    }

    fn is_finished(&self) -> bool {
        *self.meeting.phase() == Phase::Closed && self.endpoints.is_empty()
    }
}
