//! One simulated person: follows the invitation, speaks the signaling protocol, sends and receives media, reports, and
//! comes back by itself when something breaks, as the page does.

pub mod conduct;
pub mod connection;
pub mod conversation;
pub mod departures;
mod incoming;
mod key_frame_requests;
pub mod media;
pub mod report;
mod retransmissions;
pub mod server;
mod slots;
mod socket;
pub mod witness;

use crate::impair::Link;
use crate::media::Wardrobe;
use conduct::Conduct;
use connection::Plan;
use conversation::{Action, Conversation};
use lika::meeting::{Attendance, Command, ParticipantId};
use lika::protocol::{Change, ClientMessage, Refusal, ServerMessage};
use media::{Media, Message, Order, Progress};
use server::{Invitation, Server, SessionCookie};
use socket::Socket;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};
use tokio::sync::{mpsc, watch};
use witness::{Beside, Witnessed};

/// Between attempts to reach the server; a page waits about as long.
const RETRY: Duration = Duration::from_secs(1);
/// Messages between the conversation and the media; a few seconds of reports.
const MAILBOX: usize = 16;
/// Slots beyond those needed, so that newcomers need no new connection.
const SPARE_SLOTS: u16 = 4;

/// Who comes, and to where.
pub struct Delegate {
    /// From 1 on; chooses figure and voice.
    pub number: usize,
    /// The server.
    pub server: Server,
    /// How the peer connection is made; `slots` is the least.
    pub plan: Plan,
    /// Pictures and voices.
    pub wardrobe: Arc<Wardrobe>,
    /// What the devices do.
    pub conduct: watch::Receiver<Conduct>,
    /// The path.
    pub link: Link,
    /// Where changes of state are told, with the number.
    pub news: mpsc::Sender<(usize, News)>,
    /// Who stands beside.
    pub beside: Beside,
}

/// A change of state worth telling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// Signaling is up.
    SignedIn,
    /// The server cannot be reached; tried again.
    Waiting(String),
    /// Where in the meeting.
    Attendance(Attendance),
    /// Media are up.
    MediaUp,
    /// Media broke or were refused; made anew.
    MediaDown(String),
    /// The microphone opened or closed.
    Microphone(bool),
    /// The delegate is done: why.
    Left(String),
}

/// How one connection to the server ended.
enum Ended {
    Lost(String),
    Over(String),
}

/// The media as the conversation sees them.
struct MediaHandle {
    orders: mpsc::Sender<Order>,
    messages: mpsc::Receiver<Message>,
    state: MediaState,
    /// The newest attempt to connect.
    attempt: u32,
    /// The attempt whose offer was sent last.
    offered: u32,
    slots: u16,
}

/// How far the media are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum MediaState {
    /// No connection, and no offer under way.
    Idle,
    /// Being made.
    Connecting,
    /// Sound and picture flow.
    Up,
}

impl Delegate {
    /// Attends until the meeting is over, the delegate leaves or the personal invitation is refused.
    pub async fn attend(mut self, invitation: Invitation) {
        let reason = match self.sign_in(&invitation).await {
            Ok(cookie) => self.meet(&cookie).await,
            Err(reason) => reason,
        };
        self.tell(News::Left(reason)).await;
    }

    /// The same with a session that was opened before. Returns why it ended.
    pub async fn attend_signed_in(mut self, cookie: SessionCookie) -> String {
        let reason = self.meet(&cookie).await;
        self.tell(News::Left(reason.clone())).await;
        reason
    }

    async fn sign_in(&mut self, invitation: &Invitation) -> Result<SessionCookie, String> {
        loop {
            let followed = tokio::select! {
                followed = self.server.follow(invitation) => followed,
                () = leaves(&mut self.conduct) => return Err("left".into()),
            };
            match followed {
                Ok(cookie) => return Ok(cookie),
                Err(error) if !error.is_passing() => return Err(error.to_string()),
                Err(error) => self.wait(error.to_string()).await,
            }
        }
    }

    async fn meet(&mut self, cookie: &SessionCookie) -> String {
        let (orders, from_us) = mpsc::channel(MAILBOX);
        let (to_us, messages) = mpsc::channel(MAILBOX);
        let media = Media::new(
            self.number,
            self.plan.clone(),
            Arc::clone(&self.wardrobe),
            self.conduct.clone(),
            to_us,
        )
        .witnessed(self.beside.witness.clone(), self.beside.departures.clone());
        let running = tokio::spawn(media.run(from_us));
        let mut media = MediaHandle {
            orders,
            messages,
            state: MediaState::Idle,
            attempt: 0,
            offered: 0,
            slots: self.plan.slots,
        };
        let mut conversation = Conversation::default();
        let reason = loop {
            self.link.clone().joined().await;
            let hello = conversation.hello();
            let opened = tokio::select! {
                opened = Socket::open(&self.server, cookie, &hello) => opened,
                () = leaves(&mut self.conduct) => break "left".into(),
            };
            let ended = match opened {
                Ok(socket) => self.converse(socket, &mut conversation, &mut media).await,
                Err(error) if error.is_final() => Ended::Over(error.to_string()),
                Err(error) => Ended::Lost(error.to_string()),
            };
            match ended {
                Ended::Over(reason) => break reason,
                Ended::Lost(reason) => self.wait(reason).await,
            }
        };
        drop(media);
        let _ = running.await;
        reason
    }

    /// Talks over one connection until it ends.
    async fn converse(
        &mut self,
        mut socket: Socket,
        conversation: &mut Conversation,
        media: &mut MediaHandle,
    ) -> Ended {
        self.tell(News::SignedIn).await;
        media.forget_unsent();
        let mut link = self.link.clone();
        let mut commands = 0;
        loop {
            let done = tokio::select! {
                received = socket.receive() => match received {
                    Ok(message) => {
                        self.show_witness(&message).await;
                        let large = floor_in(&message).filter(|_| self.beside.enlarges_speaker);
                        let acted = self.act(conversation.receive(message), conversation, media).await;
                        match large {
                            Some(participant) if acted.is_ok() => {
                                let sent = socket.send(&ClientMessage::Enlarge { participant }).await;
                                sent.map_err(|error| Ended::Lost(error.to_string()))
                            }
                            _ => acted,
                        }
                    }
                    Err(error) => Err(Ended::Lost(error.to_string())),
                },
                Some(message) = media.messages.recv() => {
                    self.pass_on(message, &mut socket, conversation, media).await
                }
                command = next_command(&mut self.beside.commands) => {
                    commands += 1;
                    let sent = socket.send(&ClientMessage::Command { id: commands, command }).await;
                    sent.map_err(|error| Ended::Lost(error.to_string()))
                }
                () = link.cut() => {
                    self.sit_out(media).await;
                    if media.state == MediaState::Idle {
                        media.connect(conversation).await;
                    }
                    Ok(())
                }
                () = leaves(&mut self.conduct) => Err(Ended::Over("left".into())),
            };
            if let Err(ended) = done {
                socket.close().await;
                return ended;
            }
        }
    }

    async fn act(
        &self,
        actions: Vec<Action>,
        conversation: &Conversation,
        media: &mut MediaHandle,
    ) -> Result<(), Ended> {
        for action in actions {
            match action {
                Action::Welcomed { media_alive } if media_alive && media.state != MediaState::Idle => {}
                Action::Welcomed { .. } | Action::Connect => media.connect(conversation).await,
                Action::Answer(sdp) => {
                    let attempt = media.offered;
                    media.order(Order::Answer { attempt, sdp }).await;
                }
                Action::Occupied(slots) => media.order(Order::Occupied(slots)).await,
                Action::Publish { highest, lowest_bps } => media.order(Order::Publish { highest, lowest_bps }).await,
                Action::Speak(open) => {
                    media.order(Order::Speak(open)).await;
                    self.tell(News::Microphone(open)).await;
                }
                Action::Attendance(attendance) => self.tell(News::Attendance(attendance)).await,
                Action::Resynchronize => return Err(Ended::Lost("an event was missed".into())),
                Action::OfferRefused(reason) => {
                    self.tell(News::MediaDown(format!("the offer was refused: {}", word(reason))))
                        .await;
                    tokio::time::sleep(RETRY).await;
                    media.connect(conversation).await;
                }
                Action::End(reason) => return Err(Ended::Over(word(reason))),
            }
        }
        if media.state == MediaState::Up && usize::from(media.slots) < conversation.others() {
            media.connect(conversation).await;
        }
        Ok(())
    }

    async fn pass_on(
        &self,
        message: Message,
        socket: &mut Socket,
        conversation: &mut Conversation,
        media: &mut MediaHandle,
    ) -> Result<(), Ended> {
        let sent = match message {
            Message::Report(report) => socket.send(&ClientMessage::Report(*report)).await,
            Message::Attempt(attempt, _) if attempt != media.attempt => Ok(()),
            Message::Attempt(attempt, Progress::Offered(sdp)) => {
                media.offered = attempt;
                socket.send(&conversation.offer(sdp)).await
            }
            Message::Attempt(_, Progress::Up) => {
                media.state = MediaState::Up;
                self.tell(News::MediaUp).await;
                Ok(())
            }
            Message::Attempt(_, Progress::Down(reason)) => {
                self.tell(News::MediaDown(reason)).await;
                tokio::time::sleep(RETRY).await;
                media.connect(conversation).await;
                Ok(())
            }
        };
        sent.map_err(|error| Ended::Lost(error.to_string()))
    }

    /// The cable is out: nothing is read or written until it is in again. TCP itself lives on, as it does for real.
    async fn sit_out(&self, media: &mut MediaHandle) {
        let mut link = self.link.clone();
        loop {
            tokio::select! {
                () = link.joined() => return,
                Some(message) = media.messages.recv() => media.lost(&message),
            }
        }
    }

    async fn wait(&mut self, reason: String) {
        self.tell(News::Waiting(reason)).await;
        tokio::select! {
            () = tokio::time::sleep(RETRY) => {}
            () = leaves(&mut self.conduct) => {}
        }
    }

    async fn show_witness(&self, message: &ServerMessage) {
        if let Some(witness) = &self.beside.witness {
            let (at, clock) = (Instant::now(), SystemTime::now());
            let message = Box::new(message.clone());
            // A witness who has gone needs nothing more.
            let _ = witness
                .send((self.number, Witnessed::Said { at, clock, message }))
                .await;
        }
    }

    async fn tell(&self, news: News) {
        // Nobody listening means that the program ends.
        let _ = self.news.send((self.number, news)).await;
    }
}

impl MediaHandle {
    async fn connect(&mut self, conversation: &Conversation) {
        let wanted = u16::try_from(conversation.others())
            .unwrap_or(u16::MAX)
            .saturating_add(SPARE_SLOTS);
        self.slots = self.slots.max(wanted).min(lika_sfu::limits::MAX_SLOTS as u16);
        self.state = MediaState::Connecting;
        self.attempt += 1;
        self.order(Order::Connect {
            attempt: self.attempt,
            slots: self.slots,
        })
        .await;
    }

    async fn order(&self, order: Order) {
        // The media task ends only after this handle.
        let _ = self.orders.send(order).await;
    }

    /// A message that came while there was nobody to send it to.
    fn lost(&mut self, message: &Message) {
        if let Message::Attempt(attempt, progress) = message
            && *attempt == self.attempt
        {
            self.state = match progress {
                // An unsent offer is never answered.
                Progress::Offered(_) | Progress::Down(_) => MediaState::Idle,
                Progress::Up => MediaState::Up,
            };
        }
    }

    fn forget_unsent(&mut self) {
        while let Ok(message) = self.messages.try_recv() {
            self.lost(&message);
        }
    }
}

/// Who has the floor now, if a message is about that.
fn floor_in(message: &ServerMessage) -> Option<Option<ParticipantId>> {
    match message {
        ServerMessage::Welcome { meeting, .. } => Some(meeting.floor),
        ServerMessage::Event {
            change: Change::Floor { floor, .. },
            ..
        } => Some(*floor),
        _ => None,
    }
}

/// What the person at the page presses next; never, if nobody does.
async fn next_command(commands: &mut Option<mpsc::Receiver<Command>>) -> Command {
    if let Some(pressed) = commands
        && let Some(command) = pressed.recv().await
    {
        return command;
    }
    std::future::pending().await
}

async fn leaves(conduct: &mut watch::Receiver<Conduct>) {
    if conduct.wait_for(|conduct| conduct.leaves).await.is_err() {
        std::future::pending::<()>().await;
    }
}

fn word(reason: Refusal) -> String {
    serde_json::to_value(reason)
        .ok()
        .and_then(|value| value.as_str().map(str::to_owned))
        .unwrap_or_default()
}
