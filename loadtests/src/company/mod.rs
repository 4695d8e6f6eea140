//! The delegates of one machine: told to come, press, leave and return, and telling how they fare. The coordinator has such a
//! company in its own process; with `--agents`, others on other machines, over a wire. Both are spoken to in the same words.

mod figures;
mod newest;
mod wire;

pub use figures::{CompanySecond, PersonSecond};
pub(crate) use wire::read_bytes;
pub use wire::{MAX_LINE, MOST_PEOPLE, Setting, SettingError, encode, read_line};

use crate::delegate::conduct::Conduct;
use crate::delegate::connection::Plan;
use crate::delegate::departures::Departures;
use crate::delegate::server::{Invitation, Server, ServerError, SessionCookie};
use crate::delegate::witness::{Beside, Sight, Witnessed};
use crate::delegate::{Delegate, News};
use crate::impair::{Bytes, Impairment, Link, Loss, Way};
use crate::machine::{Busy, Meter};
use crate::media::{MediaError, Wardrobe};
use figures::figures;
use lika::meeting::Command;
use lika::protocol::{Refusal, ServerMessage};
use lika_sfu::Layer;
use newest::Newest;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use thiserror::Error;
use tokio::sync::{mpsc, watch};
use tokio::time::MissedTickBehavior;

/// What is seen and not taken in yet: some seconds of a hundred delegates.
const SIGHTS: usize = 4096;
/// Presses of one delegate not sent yet.
const PRESSES: usize = 64;
/// News not taken in yet.
const NEWS: usize = 1024;
/// Orders and happenings on their way.
pub const MAILBOX: usize = 1024;
/// Between attempts to sign in where the server is busy or lets in only so many a minute.
const SIGN_IN_AGAIN: Duration = Duration::from_secs(1);
/// What the line of somebody loses who is to fare badly. RED (RFC 2198) mends what is not lost twice in a row: a quarter
/// of the sound stays lost, well above any limit, while of 30 % only 9 % would.
const SPOILT_PERCENT: f64 = 50.0;

/// What a company is told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "order", rename_all = "snake_case", deny_unknown_fields)]
pub enum Order {
    /// Somebody signs in and comes.
    Come {
        /// Which delegate, from 1.
        number: usize,
        /// Their invitation.
        invitation: String,
    },
    /// Somebody's line becomes too bad to take part: to see that the test finds it.
    Spoil {
        /// Who.
        number: usize,
    },
    /// Somebody presses something on their page.
    Press {
        /// Who.
        number: usize,
        /// What.
        command: Command,
    },
    /// Somebody closes their page.
    Leave {
        /// Who.
        number: usize,
    },
    /// Somebody who left opens it again.
    Return {
        /// Who.
        number: usize,
    },
}

impl Order {
    /// Whom it concerns.
    #[must_use]
    pub const fn number(&self) -> usize {
        match self {
            Self::Come { number, .. }
            | Self::Spoil { number }
            | Self::Press { number, .. }
            | Self::Leave { number }
            | Self::Return { number } => *number,
        }
    }
}

/// What a company tells.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "told", rename_all = "snake_case", deny_unknown_fields)]
pub enum Told {
    /// Somebody waits to be let in by the server, which is busy or lets in only so many a minute.
    Waits {
        /// Who.
        number: usize,
        /// Why.
        reason: String,
        /// Whether it is since the server lets in only so many a minute: then it is a matter of time.
        for_turn: bool,
    },
    /// Sound and picture of somebody flow.
    MediaUp {
        /// Who.
        number: usize,
    },
    /// They broke; made anew.
    MediaDown {
        /// Who.
        number: usize,
        /// Why.
        reason: String,
    },
    /// What somebody pressed was refused.
    Refused {
        /// Who.
        number: usize,
        /// Why.
        reason: Refusal,
    },
    /// Somebody has left, or could not come.
    Left {
        /// Who.
        number: usize,
        /// Why.
        reason: String,
        /// Whether they were told to.
        asked: bool,
    },
    /// A second has passed.
    Second(CompanySecond),
}

/// Why a company cannot be.
#[derive(Debug, Error)]
pub enum CompanyError {
    /// The server's address or certificate.
    #[error(transparent)]
    Server(#[from] ServerError),
    /// The pictures and voices.
    #[error(transparent)]
    Media(#[from] MediaError),
    /// No address for the media.
    #[error("no way to {0} is known; check the address and the network")]
    NoWay(String),
}

/// The delegates of one machine.
pub struct Company {
    setting: Setting,
    server: Server,
    bind: IpAddr,
    wardrobe: Arc<Wardrobe>,
    departures: Departures,
    /// Who was told to come: nobody comes twice.
    came: BTreeSet<usize>,
    people: BTreeMap<usize, Person>,
    /// Pages opened so far.
    attendances: u64,
    told: mpsc::Sender<Told>,
    chair: Option<mpsc::Sender<ServerMessage>>,
    witness: mpsc::Sender<Sight>,
    sights: mpsc::Receiver<Sight>,
    news: mpsc::Sender<(usize, News)>,
    heard: mpsc::Receiver<(usize, News)>,
    signed_in: mpsc::Sender<(usize, Result<SessionCookie, String>)>,
    signing_in: mpsc::Receiver<(usize, Result<SessionCookie, String>)>,
    closed: mpsc::Sender<Closed>,
    closing: mpsc::Receiver<Closed>,
}

/// A page that was closed.
struct Closed {
    number: usize,
    /// Which of the person's pages: an old one may take its time when the next is open already.
    attendance: u64,
    reason: String,
}

/// One of them.
struct Person {
    attendance: u64,
    path: watch::Sender<Impairment>,
    conduct: watch::Sender<Conduct>,
    link: Link,
    cookie: Option<SessionCookie>,
    presses: mpsc::Sender<Command>,
    counted: Bytes,
    second: Newest,
}

impl Company {
    /// Prepares; nobody is there yet. What the server says to the chair's page, delegate 1's, goes to `chair`.
    ///
    /// # Errors
    /// When server or media cannot be used.
    pub fn new(
        setting: Setting,
        server: Server,
        told: mpsc::Sender<Told>,
        chair: Option<mpsc::Sender<ServerMessage>>,
    ) -> Result<Self, CompanyError> {
        let no_way = || CompanyError::NoWay(server.origin());
        let bind = server.local_address().ok_or_else(no_way)?;
        let (witness, sights) = mpsc::channel(SIGHTS);
        let (news, heard) = mpsc::channel(NEWS);
        let (signed_in, signing_in) = mpsc::channel(NEWS);
        let (closed, closing) = mpsc::channel(NEWS);
        Ok(Self {
            setting,
            server,
            bind,
            wardrobe: Arc::new(Wardrobe::open()?),
            departures: Departures::default(),
            came: BTreeSet::new(),
            people: BTreeMap::new(),
            attendances: 0,
            told,
            chair,
            witness,
            sights,
            news,
            heard,
            signed_in,
            signing_in,
            closed,
            closing,
        })
    }

    /// Works until nobody gives orders any more; then everybody leaves.
    pub async fn run(mut self, mut orders: mpsc::Receiver<Order>) {
        let mut seconds = tokio::time::interval(Duration::from_secs(1));
        seconds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut meter, mut since) = (Meter::default(), Instant::now());
        loop {
            tokio::select! {
                order = orders.recv() => match order {
                    Some(order) => self.obey(order).await,
                    None => break,
                },
                Some((number, sight)) = self.sights.recv() => self.see(number, sight).await,
                Some((number, news)) = self.heard.recv() => self.hear(number, news).await,
                Some((number, signed_in)) = self.signing_in.recv() => self.signed_in(number, signed_in).await,
                Some(closed) = self.closing.recv() => self.page_closed(closed).await,
                _ = seconds.tick() => {
                    let lasted = std::mem::replace(&mut since, Instant::now()).elapsed();
                    self.second(meter.take(), lasted).await;
                }
            }
        }
        for person in self.people.values() {
            person.conduct.send_modify(|conduct| conduct.leaves = true);
        }
    }

    async fn obey(&mut self, order: Order) {
        if !self.setting.has(order.number()) {
            tracing::warn!(number = order.number(), "there is no such delegate");
            return;
        }
        match order {
            Order::Come { number, invitation } => self.come(number, &invitation).await,
            Order::Return { number } => {
                if let Some(cookie) = self.people.get(&number).and_then(|person| person.cookie.clone()) {
                    self.attend(number, cookie);
                }
            }
            Order::Press { number, command } => {
                if let Some(person) = self.people.get(&number)
                    && person.presses.try_send(command).is_err()
                {
                    tracing::warn!(number, "the delegate's page does not take what is pressed");
                }
            }
            Order::Spoil { number } => {
                if let Some(person) = self.people.get(&number) {
                    person.path.send_replace(spoilt());
                }
            }
            Order::Leave { number } => {
                if let Some(person) = self.people.get(&number) {
                    person.conduct.send_modify(|conduct| conduct.leaves = true);
                }
            }
        }
    }

    async fn come(&mut self, number: usize, invitation: &str) {
        if !self.came.insert(number) {
            return;
        }
        match Invitation::parse(invitation) {
            Ok(invitation) => {
                let sign_in = sign_in(self.server.clone(), invitation, number, self.told.clone());
                let signed_in = self.signed_in.clone();
                tokio::spawn(async move { signed_in.send((number, sign_in.await)).await });
            }
            Err(error) => self.left(number, error.to_string()).await,
        }
    }

    async fn signed_in(&mut self, number: usize, signed_in: Result<SessionCookie, String>) {
        match signed_in {
            Ok(cookie) => self.attend(number, cookie),
            Err(reason) => self.left(number, reason).await,
        }
    }

    /// Opens the page: at first, or again.
    fn attend(&mut self, number: usize, cookie: SessionCookie) {
        let impairment = self.setting.impairment(number);
        let (path, seen) = watch::channel(impairment);
        let mut link = Link::new(seen);
        if self.setting.blocks_udp(number) {
            link = link.with_udp_blocked();
        }
        // The chair listens: only whoever has the floor speaks.
        let listens = number == 1;
        let (conduct, conduct_seen) = watch::channel(Conduct {
            listens,
            ..Conduct::WELL
        });
        let (presses, commands) = mpsc::channel(PRESSES);
        let delegate = Delegate {
            number,
            server: self.server.clone(),
            plan: Plan {
                layers: vec![Layer::Low, Layer::Mid, Layer::High],
                slots: self.setting.people.saturating_sub(1),
                bind: self.bind,
                link: link.clone(),
                full_pictures: self.setting.full_pictures,
            },
            wardrobe: Arc::clone(&self.wardrobe),
            conduct: conduct_seen,
            link: link.clone(),
            news: self.news.clone(),
            beside: Beside {
                witness: Some(self.witness.clone()),
                commands: Some(commands),
                enlarges_speaker: true,
                departures: self.departures.clone(),
            },
        };
        let counted = Bytes::default();
        self.attendances += 1;
        let attendance = self.attendances;
        let (attends, closed) = (delegate.attend_signed_in(cookie.clone()), self.closed.clone());
        tokio::spawn(async move {
            let reason = attends.await;
            let page = Closed {
                number,
                attendance,
                reason,
            };
            // Nobody listening means that the test is over.
            let _ = closed.send(page).await;
        });
        self.people.insert(
            number,
            Person {
                attendance,
                path,
                conduct,
                link,
                cookie: Some(cookie),
                presses,
                counted,
                second: Newest::default(),
            },
        );
    }

    async fn see(&mut self, number: usize, sight: Witnessed) {
        match sight {
            Witnessed::Said { message, .. } => {
                if let ServerMessage::Refused { reason, .. } = *message {
                    self.tell(Told::Refused { number, reason }).await;
                }
                if let Some(chair) = self.chair.as_ref().filter(|_| number == 1) {
                    // Nobody listening means that the test is over.
                    let _ = chair.send(*message).await;
                }
            }
            Witnessed::Second(second) => {
                if let Some(person) = self.people.get_mut(&number) {
                    person.second.put(figures(number, &second));
                }
            }
        }
    }

    async fn hear(&mut self, number: usize, news: News) {
        let told = match news {
            News::MediaUp => Told::MediaUp { number },
            News::MediaDown(reason) => Told::MediaDown { number, reason },
            News::Waiting(reason) => Told::Waits {
                number,
                reason,
                for_turn: false,
            },
            // Their page tells that it is closed by itself.
            News::Left(_) | News::SignedIn | News::Attendance(_) | News::Microphone(_) => return,
        };
        self.tell(told).await;
    }

    /// The page that somebody has open now was closed. One that was closed before they came back is of no interest.
    async fn page_closed(&mut self, closed: Closed) {
        let Closed {
            number,
            attendance,
            reason,
        } = closed;
        let Some(person) = self.people.get_mut(&number) else {
            return;
        };
        if person.attendance != attendance {
            return;
        }
        person.second = Newest::default();
        let asked = person.conduct.borrow().leaves;
        self.tell(Told::Left { number, reason, asked }).await;
    }

    /// Somebody could not come.
    async fn left(&mut self, number: usize, reason: String) {
        let asked = false;
        self.tell(Told::Left { number, reason, asked }).await;
    }

    async fn second(&mut self, machine: Busy, lasted: Duration) {
        let mut people = Vec::with_capacity(self.people.len());
        for (&number, person) in &mut self.people {
            let so_far = person.link.traffic().so_far();
            let before = std::mem::replace(&mut person.counted, so_far);
            let unmeasured = PersonSecond {
                number,
                ..PersonSecond::default()
            };
            people.push(PersonSecond {
                up_bytes: so_far.up.saturating_sub(before.up),
                down_bytes: so_far.down.saturating_sub(before.down),
                ..person.second.take().unwrap_or(unmeasured)
            });
        }
        let lasted_s = lasted.as_secs_f64();
        self.tell(Told::Second(CompanySecond {
            people,
            machine,
            lasted_s,
        }))
        .await;
    }

    async fn tell(&self, told: Told) {
        // Nobody listening means that the test is over.
        let _ = self.told.send(told).await;
    }
}

/// Follows the invitation until the server accepts or refuses it for good.
async fn sign_in(
    server: Server,
    invitation: Invitation,
    number: usize,
    told: mpsc::Sender<Told>,
) -> Result<SessionCookie, String> {
    loop {
        match server.follow(&invitation).await {
            Ok(cookie) => return Ok(cookie),
            Err(error) if error.is_passing() => {
                let waits = Told::Waits {
                    number,
                    reason: error.to_string(),
                    for_turn: error.is_for_turn(),
                };
                if told.send(waits).await.is_err() {
                    return Err("the test is over".into());
                }
                tokio::time::sleep(SIGN_IN_AGAIN).await;
            }
            Err(error) => return Err(error.to_string()),
        }
    }
}

/// A line on which nobody is heard or seen well.
fn spoilt() -> Impairment {
    let up = Way {
        loss: Loss::Even(SPOILT_PERCENT),
        ..Way::default()
    };
    Impairment::Ways {
        up,
        down: Way::default(),
    }
}
