//! Every meeting in progress, and the way to each. One task owns the list.

use super::overview::Overviews;
use super::relay::{addressee, room};
use super::told::Told;
use super::{Conference, ConnectionId, Deadline, Input, Mailbox, Overview, Relay, Setting};
use crate::clock::Clock;
use crate::equal_terms::Profile;
use crate::journal::{Journal, JournalError};
use crate::keeper::{Keeper, NoAnswer};
use crate::meeting::{Identities, Meeting, MeetingId, ParticipantId, Phase};
use crate::metrics::Metrics;
use crate::protocol::Refusal;
use crate::samples::Recorder;
use crate::turn::TurnServers;
use futures_util::future::join_all;
use lika_auth::{IdentityStore, PeopleStore, StoreError};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use thiserror::Error;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::{MissedTickBehavior, interval, timeout};
use tracing::Instrument as _;

/// Requests waiting for the hall: everybody of a full council who reconnects at once.
const REQUESTS: usize = 512;
const SECOND: Duration = Duration::from_secs(1);
/// How long the meetings may take to say goodbye when the server stops.
const FAREWELL: Duration = Duration::from_secs(3);

/// What the meetings are made of and kept in.
#[derive(Clone)]
pub struct Stores {
    /// What has happened.
    pub journal: Keeper<Journal>,
    /// Names.
    pub people: Keeper<PeopleStore>,
    /// Invitations, sessions and bearer tokens.
    pub identities: Keeper<IdentityStore>,
    /// What was measured.
    pub samples: Recorder,
    /// Whether the identities are for tests only; every page says so.
    pub for_tests: bool,
    /// Where what happens is counted.
    pub metrics: Metrics,
}

/// The way to the meetings.
#[derive(Clone)]
pub struct Hall {
    requests: mpsc::Sender<Request>,
    connections: Arc<AtomicU64>,
    open: watch::Receiver<bool>,
    overviews: Overviews,
    pub(super) draining: watch::Sender<Option<Deadline>>,
}

enum Request {
    Find {
        meeting: MeetingId,
        reply: oneshot::Sender<Result<Mailbox, Refusal>>,
    },
    Loaded {
        reply: oneshot::Sender<Vec<(MeetingId, Mailbox)>>,
    },
    Close {
        done: oneshot::Sender<()>,
    },
}

/// A meeting cannot be loaded.
#[derive(Debug, Error)]
enum LoadError {
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error(transparent)]
    People(#[from] StoreError),
    #[error(transparent)]
    NoAnswer(#[from] NoAnswer),
}

struct Keeping {
    stores: Stores,
    relay: Relay,
    clock: Clock,
    profile: watch::Receiver<Profile>,
    draining: watch::Receiver<Option<Deadline>>,
    turn: TurnServers,
    meetings: HashMap<MeetingId, Mailbox>,
    running: JoinSet<()>,
    names: HashMap<Id, MeetingId>,
    /// Closed for good: nobody reads their journals again to find that out.
    over: HashSet<MeetingId>,
    overviews: Overviews,
}

/// The relay's end: takes its events on its own threads, without waiting; and what it has taken.
pub fn relay_events() -> (
    impl FnMut(lika_sfu::Event) + Clone + Send + 'static,
    Told<lika_sfu::Event>,
) {
    let events = Told::nothing();
    let told = events.clone();
    (move |event| told.tell(event), events)
}

impl Hall {
    /// Opens the hall: every unfinished meeting of the journal goes on. A meeting is judged by the profile of the moment
    /// when the first one comes to it.
    pub async fn open(
        stores: Stores,
        relay: Relay,
        relay_events: Told<lika_sfu::Event>,
        clock: Clock,
        profile: watch::Receiver<Profile>,
        turn: TurnServers,
    ) -> Self {
        let (requests, waiting) = mpsc::channel(REQUESTS);
        let (opened, open) = watch::channel(true);
        let (meetings, overviews) = (HashMap::new(), Overviews::default());
        let (draining, is_draining) = watch::channel(None);
        let mut keeping = Keeping {
            stores,
            relay,
            clock,
            profile,
            draining: is_draining,
            turn,
            meetings,
            running: JoinSet::new(),
            names: HashMap::new(),
            over: HashSet::new(),
            overviews: overviews.clone(),
        };
        keeping.load_unfinished().await;
        tokio::spawn(keeping.run(waiting, relay_events, opened));
        Self {
            requests,
            connections: Arc::new(AtomicU64::new(1)),
            open,
            overviews,
            draining,
        }
    }

    /// The way to a meeting, which is loaded if need be.
    ///
    /// # Errors
    /// `NoSuchMeeting`, `JournalUnavailable`, or `MeetingOver`.
    pub async fn find(&self, meeting: MeetingId) -> Result<Mailbox, Refusal> {
        let (reply, answer) = oneshot::channel();
        let request = Request::Find { meeting, reply };
        self.requests.send(request).await.map_err(|_| Refusal::NoSuchMeeting)?;
        answer.await.map_err(|_| Refusal::NoSuchMeeting)?
    }

    /// The meetings that have a task. None when the hall is closed.
    pub(super) async fn loaded(&self) -> Vec<(MeetingId, Mailbox)> {
        let (reply, answer) = oneshot::channel();
        match self.requests.send(Request::Loaded { reply }).await {
            Ok(()) => answer.await.unwrap_or_default(),
            Err(_) => Vec::new(),
        }
    }

    /// A number for a new connection.
    #[must_use]
    pub fn next_connection(&self) -> ConnectionId {
        ConnectionId(self.connections.fetch_add(1, Ordering::Relaxed))
    }

    /// Whether meetings can be entered.
    #[must_use]
    pub fn is_open(&self) -> bool {
        *self.open.borrow()
    }

    /// Every meeting that is loaded, at a glance.
    #[must_use]
    pub fn overviews(&self) -> Vec<(MeetingId, Overview)> {
        self.overviews.all()
    }

    /// Says goodbye to every page and ends every meeting's task. The meetings themselves go on with the next start.
    pub async fn close(&self) {
        let (done, closed) = oneshot::channel();
        if self.requests.send(Request::Close { done }).await.is_ok() && closed.await.is_err() {
            tracing::error!("the hall ended before it was closed");
        }
    }
}

impl Keeping {
    async fn run(
        mut self,
        mut requests: mpsc::Receiver<Request>,
        relay_events: Told<lika_sfu::Event>,
        open: watch::Sender<bool>,
    ) {
        let mut seconds = interval(SECOND);
        // Seconds in which nothing was owed are not made up for.
        seconds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                request = requests.recv() => match request {
                    Some(Request::Find { meeting, reply }) => {
                        // Whoever asked may have gone.
                        let _ = reply.send(self.find(meeting).await);
                    }
                    Some(Request::Loaded { reply }) => {
                        let loaded = self.meetings.iter().map(|(id, mailbox)| (*id, mailbox.clone()));
                        let _ = reply.send(loaded.collect());
                    }
                    Some(Request::Close { done }) => {
                        open.send_replace(false);
                        self.close().await;
                        // With the last way to the relay its port becomes free.
                        drop(self);
                        let _ = done.send(());
                        return;
                    }
                    None => return self.close().await,
                },
                event = relay_events.next() => self.pass_on(event),
                Some(ended) = self.running.join_next_with_id() => self.ended(&ended),
                // What the relay had no room for is ordered again.
                _ = seconds.tick(), if self.relay.is_owed() => self.relay.settle(),
            }
        }
    }

    fn pass_on(&self, event: lika_sfu::Event) {
        if let Some(mailbox) = self.meetings.get(&addressee(&event)) {
            mailbox.tell(Input::Relay(event));
        }
    }

    async fn load_unfinished(&mut self) {
        let listed = self.stores.journal.ask(|journal| journal.meetings()).await;
        let meetings = match listed.map_err(LoadError::from).and_then(|listed| Ok(listed?)) {
            Ok(meetings) => meetings,
            Err(error) => return tracing::error!(%error, "the meetings cannot be listed"),
        };
        for (meeting, _) in meetings {
            // Why one cannot be loaded is logged; the others go on.
            let _ = self.find(meeting).await;
        }
    }

    async fn find(&mut self, id: MeetingId) -> Result<Mailbox, Refusal> {
        if let Some(mailbox) = self.meetings.get(&id).filter(|mailbox| !mailbox.is_closed()) {
            return Ok(mailbox.clone());
        }
        if self.over.contains(&id) {
            return Err(Refusal::MeetingOver);
        }
        let (meeting, identities) = match self.load(id).await {
            Ok(loaded) => loaded,
            Err(LoadError::Journal(JournalError::NoSuchMeeting(_))) => return Err(Refusal::NoSuchMeeting),
            Err(error) => {
                tracing::error!(meeting = id.0, %error, "the meeting cannot be loaded");
                return Err(Refusal::JournalUnavailable);
            }
        };
        if *meeting.phase() == Phase::Closed {
            self.over.insert(id);
            return Err(Refusal::MeetingOver);
        }
        Ok(self.start(id, meeting, identities))
    }

    async fn load(&self, id: MeetingId) -> Result<(Meeting, Identities), LoadError> {
        let events = self.stores.journal.ask(move |journal| journal.read(id)).await??;
        let people = self.stores.people.ask(move |people| people.of(id.0)).await??;
        let names = people
            .into_iter()
            .map(|person| (ParticipantId(person.whom.participant), person.name))
            .collect();
        let meeting = Meeting::replay(events.iter().map(|stored| &stored.event));
        Ok((
            meeting,
            Identities {
                names,
                for_tests: self.stores.for_tests,
            },
        ))
    }

    fn start(&mut self, id: MeetingId, meeting: Meeting, identities: Identities) -> Mailbox {
        let (mailbox, inputs) = Mailbox::open();
        let setting = Setting {
            id,
            meeting,
            identities,
            journal: self.stores.journal.clone(),
            sessions: self.stores.identities.clone(),
            relay: self.relay.for_meeting(),
            clock: self.clock.clone(),
            profile: self.profile.clone(),
            draining: self.draining.clone(),
            samples: self.stores.samples.open(id),
            turn: self.turn.clone(),
            metrics: self.stores.metrics.clone(),
            overview: self.overviews.place(id),
        };
        // Whatever is logged there is about this meeting.
        let span = tracing::info_span!("conference", meeting = id.0);
        let task = self
            .running
            .spawn(Conference::new(setting, mailbox.clone()).run(inputs).instrument(span));
        self.names.insert(task.id(), id);
        self.meetings.insert(id, mailbox.clone());
        tracing::info!(meeting = id.0, "meeting loaded");
        mailbox
    }

    /// A meeting's task has ended, by itself or by a bug; either way the others go on, and a page that comes back has it
    /// loaded anew from the journal.
    fn ended(&mut self, ended: &Result<(Id, ()), JoinError>) {
        let task = match ended {
            Ok((task, ())) => *task,
            Err(error) => error.id(),
        };
        let Some(meeting) = self.names.remove(&task) else {
            return;
        };
        if self.meetings.get(&meeting).is_some_and(Mailbox::is_closed) {
            self.meetings.remove(&meeting);
            self.relay.close(room(meeting));
        }
        match ended {
            Ok(_) => tracing::info!(meeting = meeting.0, "meeting unloaded"),
            Err(_) => tracing::error!(
                meeting = meeting.0,
                "the meeting's task failed; it is loaded anew from the journal"
            ),
        }
    }

    async fn close(&mut self) {
        let meetings = std::mem::take(&mut self.meetings);
        let all_ended = async {
            // After what the pages have said already. A meeting that has ended by itself needs no stop.
            let _ = join_all(meetings.values().map(|mailbox| mailbox.send(Input::Stop))).await;
            while self.running.join_next().await.is_some() {}
        };
        if timeout(FAREWELL, all_ended).await.is_err() {
            tracing::warn!("a meeting still ran when the server stopped");
        }
    }
}
