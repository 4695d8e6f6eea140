//! What comes to a conference.

use super::Outbox;
use super::told::Told;
use crate::meeting::{Command, EndpointId, ParticipantId, Proof};
use crate::protocol::{ClientMessage, IceServer, Refusal};
use lika_auth::{Assurance, BearerId, Session, SessionId};
use lika_sfu::{Answer, JoinError, PeerId};
use tokio::sync::{mpsc, oneshot};

/// Inputs waiting for one conference: some seconds of a full council's messages. A page that finds it full waits. What is
/// told without waiting has a way of its own, which pages cannot crowd.
pub(super) const MAILBOX: usize = 4096;

/// One WebSocket, for as long as it lasts. No number is used twice while the server runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnectionId(pub u64);

/// A page has come and said who it is.
pub struct Hello {
    /// Its connection.
    pub connection: ConnectionId,
    /// The session it has.
    pub session: Session,
    /// The token of the connection that broke.
    pub resume: Option<String>,
    /// Whether to go on here although the person is here on another device.
    pub take_over: bool,
    /// The way to the page.
    pub outbox: Outbox,
}

impl Hello {
    pub(super) const fn participant(&self) -> ParticipantId {
        ParticipantId(self.session.whom.participant)
    }

    pub(super) fn proof(&self) -> Proof {
        Proof::from(&self.session)
    }
}

/// Whose offer the relay answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asker {
    /// A page's.
    Page {
        /// Its endpoint.
        endpoint: EndpointId,
        /// The offer's number.
        negotiation: u32,
    },
    /// A device's without a page.
    Device,
}

/// What a device without a page does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// Sends sound and picture as this participant (WHIP).
    Publish(ParticipantId),
    /// Receives the meeting's programme (WHEP).
    Watch,
}

/// A device without a page is in.
pub struct Entered {
    /// The secret that ends the session.
    pub session: String,
    /// The SDP answer.
    pub sdp: String,
    /// TURN servers with the device's own credentials.
    pub ice_servers: Vec<IceServer>,
}

/// What a meeting asks of those who come in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entrance {
    /// Its title, which the person sees while signing.
    pub title: String,
    /// The highest level that it or one of its items requires.
    pub highest: Assurance,
    /// How old a login may be, in milliseconds.
    pub fresh_within_ms: i64,
}

/// One thing that happened.
pub enum Input {
    /// A page connects.
    Connect(Hello),
    /// A page says something.
    Message {
        /// On which connection.
        connection: ConnectionId,
        /// What.
        message: ClientMessage,
    },
    /// A connection is over.
    Gone {
        /// Which.
        connection: ConnectionId,
    },
    /// The relay answers an offer.
    Answered {
        /// For which peer.
        peer: PeerId,
        /// Whose offer it was.
        asker: Asker,
        /// The answer.
        answer: Result<Answer, JoinError>,
    },
    /// A device without a page offers.
    Offer {
        /// What it wants to do.
        door: Door,
        /// By which token.
        bearer: BearerId,
        /// The SDP.
        offer: String,
        /// Gets the answer.
        reply: oneshot::Sender<Result<Entered, Refusal>>,
    },
    /// A device without a page ends its session.
    Withdraw {
        /// The session's secret.
        session: String,
        /// Gets whether there was such a session.
        reply: oneshot::Sender<bool>,
    },
    /// A login has changed what a session proves.
    IdentityShown {
        /// As it is now.
        session: Session,
        /// Gets whether a page with that session is connected.
        reply: oneshot::Sender<bool>,
    },
    /// Whether people are in session here.
    InSession {
        /// Gets the answer.
        reply: oneshot::Sender<bool>,
    },
    /// Somebody is about to log in: what the meeting asks for.
    Entrance {
        /// Gets the answer.
        reply: oneshot::Sender<Entrance>,
    },
    /// A session has ended: so do its devices' media.
    SignedOut(SessionId),
    /// How the sessions and tokens of those who are here stand.
    LookedAfter {
        /// As they are now; `None`: no longer in force.
        sessions: Vec<(SessionId, Option<Session>)>,
        /// No longer in force.
        ended: Vec<BearerId>,
    },
    /// The relay tells something.
    Relay(lika_sfu::Event),
    /// The server itself acts for somebody, as the demonstration does.
    Act {
        /// For whom.
        participant: ParticipantId,
        /// What.
        command: Command,
        /// Gets the outcome.
        reply: oneshot::Sender<Result<(), Refusal>>,
    },
    /// The server stops.
    Stop,
}

/// The way to a conference.
#[derive(Clone)]
pub struct Mailbox {
    inputs: mpsc::Sender<Input>,
    told: Told<Input>,
}

/// What waits in it.
pub(super) struct Inputs {
    sent: mpsc::Receiver<Input>,
    told: Told<Input>,
}

impl Inputs {
    /// The next; `None` when nobody can send any more.
    pub(super) async fn next(&mut self) -> Option<Input> {
        tokio::select! {
            sent = self.sent.recv() => sent,
            told = self.told.next() => Some(told),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.sent.is_empty() && self.told.is_empty()
    }
}

impl Mailbox {
    pub(super) fn open() -> (Self, Inputs) {
        let (inputs, sent) = mpsc::channel(MAILBOX);
        let told = Told::nothing();
        let mailbox = Self {
            inputs,
            told: told.clone(),
        };
        (mailbox, Inputs { sent, told })
    }

    /// Waits for room and puts it in.
    ///
    /// # Errors
    /// `MeetingOver` when the conference has ended.
    pub async fn send(&self, input: Input) -> Result<(), Refusal> {
        self.inputs.send(input).await.map_err(|_| Refusal::MeetingOver)
    }

    /// Puts it in without waiting; see [`Told`].
    pub(super) fn tell(&self, input: Input) {
        self.told.tell(input);
    }

    pub(super) fn is_closed(&self) -> bool {
        self.inputs.is_closed()
    }
}
